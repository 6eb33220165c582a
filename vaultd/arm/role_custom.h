#ifndef SANDVAULT_VAULTD_ARM_ROLE_CUSTOM_H
#define SANDVAULT_VAULTD_ARM_ROLE_CUSTOM_H

/* Custom roles: reading their bodies, and who may change them. */

#include "common/model/role_definition.h"
#include "vaultd/arm/arm.h"

/* The body as a definition, id and history apart; texts live in the body and in the exchange's pool. */
enum fault role_custom_read(struct arm_op *op, struct role_definition *ret, struct err *err) MUST_USE;
/* A role may be changed by who may at every scope that it can be assigned at; a built-in one by nobody. */
enum fault role_custom_check_owner(struct arm_op *op, const struct role_definition *d, const char *action,
				   struct err *err) MUST_USE;

#endif
