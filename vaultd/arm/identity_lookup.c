#include "vaultd/arm/identity_lookup.h"

#include "vaultd/arm/arm_scope.h"

enum fault identity_of_path(const struct arm_op *op, struct identity *ret, struct err *err)
{
	struct span name = arm_capture(op, "identity");
	enum fault f = identity_get(op->txn, span_cstr(op->d->world.subscription_id), arm_capture(op, "group"), name,
				    ret);

	return f == FAULT_NOT_FOUND ? arm_resource_not_found(op, IDENTITY_TYPE, name, err) : f;
}
