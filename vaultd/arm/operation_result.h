#ifndef SANDVAULT_VAULTD_ARM_OPERATION_RESULT_H
#define SANDVAULT_VAULTD_ARM_OPERATION_RESULT_H

/*
 * Where to ask after what was answered with 202 and is done already: the address names the job, and that is all there
 * is to know of it. Nothing is kept.
 */

#include "vaultd/arm/arm.h"

/* The header Location. kind: "GROUPDELETION"; what: of which thing. */
enum fault operation_result_add(struct arm_op *op, const char *kind, struct span what) MUST_USE;

#endif
