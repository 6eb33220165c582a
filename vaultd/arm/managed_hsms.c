#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"

/* The sandbox has no managed HSMs, living or deleted; clients list them beside the vaults. */
enum fault managed_hsms_list(struct arm_op *op, struct err *err)
{
	struct span group;
	enum fault f = arm_list_group(op, &group, err);

	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "value");
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
