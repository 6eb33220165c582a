#include "vaultd/arm/compute_lookup.h"

#include "vaultd/arm/arm_scope.h"

enum fault host_of_path(const struct arm_op *op, const char *capture, struct host *ret, struct err *err)
{
	struct span name = arm_capture(op, capture);
	enum fault f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), ret);

	if (f == FAULT_NONE && (!span_eq_nocase(span_cstr(ret->name), name) ||
				!span_eq_nocase(span_cstr(ret->group), arm_capture(op, "group"))))
		f = FAULT_NOT_FOUND;
	if (f == FAULT_NOT_FOUND)
		return arm_resource_not_found(op, "Microsoft.Compute/virtualMachines", name, err);
	return f;
}
