#ifndef SANDVAULT_VAULTD_ARM_ROLE_FIND_H
#define SANDVAULT_VAULTD_ARM_ROLE_FIND_H

/* Role definitions of both kinds: the built-in and the custom ones. */

#include "common/model/role_definition.h"
#include "vaultd/arm/arm.h"

/* Ids are lower-case. FAULT_NOT_FOUND. */
enum fault role_find(struct arm_op *op, struct span id, struct role_definition *ret) MUST_USE;
/* RoleDefinitionDoesNotExist, with the fault that its status comes from. */
enum fault role_say_missing(enum fault f, struct span id, struct err *err);
/* The built-in ones first, until each returns a fault. */
enum fault role_each(struct arm_op *op, enum fault (*each)(const struct role_definition *d, void *arg),
		     void *arg) MUST_USE;

/* Whether the role may be assigned at the folded scope; with_below: or anywhere below it. */
enum fault role_is_assignable(const struct role_definition *d, struct span scope_folded, bool with_below,
			      bool *ret) MUST_USE;

#endif
