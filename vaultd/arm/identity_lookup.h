#ifndef SANDVAULT_VAULTD_ARM_IDENTITY_LOOKUP_H
#define SANDVAULT_VAULTD_ARM_IDENTITY_LOOKUP_H

/* The user-assigned identity that a path names. */

#include "common/model/identity.h"
#include "vaultd/arm/arm.h"

#define IDENTITY_TYPE "Microsoft.ManagedIdentity/userAssignedIdentities"

/* ResourceNotFound. */
enum fault identity_of_path(const struct arm_op *op, struct identity *ret, struct err *err) MUST_USE;

#endif
