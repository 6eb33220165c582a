#ifndef SANDVAULT_MODEL_ROLE_RULES_H
#define SANDVAULT_MODEL_ROLE_RULES_H

/*
 * Permissions between their JSON and the values that policy/ decides on:
 *
 *   [{"actions":[…],"notActions":[…],"dataActions":[…],"notDataActions":[…],"condition":…,"conditionVersion":…}]
 */

#include "common/io/json.h"
#include "common/plain/pool.h"
#include "policy/rbac.h"

/* Appends the compact form: the four lists always, the condition only when there is one. Members' names compare without
 * case. FAULT_INVALID with a sentence for another shape. */
enum fault role_rules_canonical(const struct json *permissions, struct buf *out, struct err *err) MUST_USE;

/* Whether any permission has an action or a data action. */
bool role_rules_have_actions(const struct json *permissions);

/* Back from it; everything lives in the pool. FAULT_STORE when the text is not what role_rules_canonical writes. */
enum fault role_rules_permissions(struct span text, struct pool *pool, struct rbac_permissions *ret) MUST_USE;
/* The ids of [{"id":…},…], lower-case. */
enum fault role_rules_ids(struct span text, struct pool *pool, const struct span **ret, size_t *ret_n) MUST_USE;

#endif
