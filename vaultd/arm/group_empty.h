#ifndef SANDVAULT_VAULTD_ARM_GROUP_EMPTY_H
#define SANDVAULT_VAULTD_ARM_GROUP_EMPTY_H

/* What happens to the resources of a group that is deleted. */

#include "common/model/group.h"
#include "vaultd/arm/arm.h"

/* Vaults are soft-deleted, identities go for good. The default host cannot be deleted, and holds its group. */
enum fault group_empty(struct arm_op *op, const struct group *g, struct err *err) MUST_USE;

#endif
