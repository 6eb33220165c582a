#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_IDENTITY_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_IDENTITY_H

/* The identity block of a registry's body. Source: fixtures/sources.md#registry-identities */

#include "common/io/json.h"
#include "common/model/registry.h"
#include "vaultd/arm/arm.h"

/*
 * Changes r's list of user-assigned identities and says whether it shall have one of its own; that one is not switched
 * here. identity NULL: both stay. is_put: what the body names is all there is; else it is added, and null takes away.
 * Asked before the transaction's first write. InvalidParameter, MissingIdentityIds, FailedIdentityOperation,
 * AuthorizationFailed.
 */
enum fault registry_identity_read(struct arm_op *op, const struct json *identity, bool is_put, struct registry *r,
				  bool *ret_wants_system, struct err *err) MUST_USE;

/* Whether it has that identity: a client id, or "system". */
enum fault registry_has_identity(struct txn *t, const struct registry *r, const char *key_identity, bool *ret) MUST_USE;

#endif
