#ifndef SANDVAULT_VAULTD_ARM_VAULT_LOOKUP_H
#define SANDVAULT_VAULTD_ARM_VAULT_LOOKUP_H

/* The vault a path names, and the mark of who changed it. */

#include "common/model/vault.h"
#include "vaultd/arm/arm.h"

/* Whether v is in the group the path names. */
bool vault_is_in_path(const struct arm_op *op, const struct vault *v);
/* Into an initialised *ret. ResourceNotFound also for a vault of that name in another group. */
enum fault vault_of_path(const struct arm_op *op, struct vault *ret, struct err *err) MUST_USE;
/* lastModifiedBy and its kin. */
void vault_stamp(const struct arm_op *op, struct vault *v);

#endif
