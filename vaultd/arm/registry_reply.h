#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_REPLY_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_REPLY_H

/* A registry as the control plane shows it. Source: fixtures/sources.md#registries */

#include "common/model/operation.h"
#include "vaultd/arm/arm.h"

/* What every reply of this provider carries. */
void registry_reply_headers(struct arm_op *op);

/* under_way NULL: as it is. Else with the identities and the key of before, and "Creating" or "Updating". */
enum fault registry_write(struct arm_op *op, const struct registry *r, const struct operation *under_way) MUST_USE;
/* The items of the generic list. */
enum fault registry_write_generic(struct arm_op *op, const struct registry *r) MUST_USE;

#endif
