#ifndef SANDVAULT_VAULTD_ARM_ROLE_REPLY_H
#define SANDVAULT_VAULTD_ARM_ROLE_REPLY_H

/*
 * Shapes of role definitions, assignments and deny assignments in replies. Nulls are said.
 * Source: fixtures/sources.md#roles
 */

#include "common/model/role_assignment.h"
#include "common/model/role_definition.h"
#include "common/model/role_deny.h"
#include "vaultd/arm/arm.h"

void role_definition_write(struct arm_op *op, const struct role_definition *d);
/* is_create: the creator is not said yet. */
void role_assignment_write(struct arm_op *op, const struct role_assignment *a, bool is_create);
/* Into any reply: the control API shows them too. */
void deny_assignment_write(struct json_out *o, const struct deny_assignment *d);

#endif
