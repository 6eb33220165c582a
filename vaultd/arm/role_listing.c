#include "vaultd/arm/role_listing.h"

enum fault role_listing_begin(struct arm_op *op, enum role_filter_kind kind, struct role_listing *ret, struct err *err)
{
	enum fault f = role_filter_read(http_query(op->request, "$filter"), kind, http_exchange_pool(op->x),
					&ret->filter, err);

	if (f == FAULT_NONE)
		f = role_scope_of_path(op, &ret->scope);
	return f == FAULT_NONE ? arm_page_begin(op, &ret->page, err) : f;
}

enum fault role_listing_end(struct role_listing *l)
{
	arm_page_end(&l->page);
	json_out_object_end(&l->page.op->out);
	return FAULT_NONE;
}
