#ifndef SANDVAULT_VAULTD_ARM_IDENTITY_REPLY_H
#define SANDVAULT_VAULTD_ARM_IDENTITY_REPLY_H

/* A user-assigned identity's shape in replies. */

#include "common/model/identity.h"
#include "vaultd/arm/arm.h"

void identity_write(struct arm_op *op, const struct identity *i);
/* The items of the generic list: no properties. */
void identity_write_generic(struct arm_op *op, const struct identity *i);

#endif
