#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_OPERATION_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_OPERATION_H

/*
 * Writes that answer 201 and are asked after: their work is done already, and --async-delay says how long that is not
 * to be seen. Source: fixtures/sources.md#registry-operations
 */

#include "common/model/operation.h"
#include "vaultd/arm/arm.h"

/* Stores the operation, answers 201 with where to ask, and with the registry as it was. former NULL: a new one. */
enum fault registry_operation_begin(struct arm_op *op, const struct registry *r,
				    const struct registry *former) MUST_USE;
/* The registry as it is to be seen now. */
enum fault registry_operation_write(struct arm_op *op, const struct registry *r) MUST_USE;

#endif
