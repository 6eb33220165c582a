#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_BODY_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_BODY_H

/* The body of a PUT or PATCH of a registry. */

#include "vaultd/arm/registry_encryption.h"

/* Reads all of it into c->next and the rest of c; refuses what can be refused before the vault is asked. */
enum fault registry_body_read(struct arm_op *op, struct registry_change *c, struct err *err) MUST_USE;

#endif
