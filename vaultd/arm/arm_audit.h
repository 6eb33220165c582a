#ifndef SANDVAULT_VAULTD_ARM_ARM_AUDIT_H
#define SANDVAULT_VAULTD_ARM_ARM_AUDIT_H

/* The audit's line for a finished request to the control plane. */

#include "vaultd/arm/arm.h"

/* row NULL: no operation of ours. started_ms is monotonic. op->status is the answer's. */
void arm_audit(const struct arm_op *op, const struct arm_row *row, const char *request_id, int64_t started_ms,
	       enum fault f, const struct err *err);

/* What the audit calls an operation given by either of its names, in any case; NULL: none of the control plane's. */
const char *arm_audit_named(struct span name);

#endif
