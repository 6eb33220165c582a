#ifndef SANDVAULT_MODEL_RBAC_WORLD_H
#define SANDVAULT_MODEL_RBAC_WORLD_H

/*
 * The compiled rules of role-based access, kept between requests and compiled anew only when a role, an assignment or a
 * deny assignment changed.
 */

#include "common/model/role_builtin.h"

struct rbac_cache;

/* FAULT_MEMORY; FAULT_INVALID with a sentence when the built-in roles do not read. */
enum fault rbac_cache_new(struct rbac_cache **ret, struct err *err) MUST_USE;
void rbac_cache_free(struct rbac_cache *c);
const struct role_builtins *rbac_cache_builtins(const struct rbac_cache *c);

/* The rules as t sees them; borrowed until the next call. A read transaction only. */
enum fault rbac_cache_get(struct rbac_cache *c, struct txn *t, const struct rbac_world **ret) MUST_USE;

/* The id of the assignment or deny assignment that decided; the empty span when none did. Lives in w. */
struct span rbac_rule_id(const struct rbac_world *w, const struct verdict *v);
/* The same for the audit: "roleAssignments/ID", "denyAssignments/ID", or "". */
enum { RBAC_RULE_SIZE = 56 };
void rbac_rule_text(const struct rbac_world *w, const struct verdict *v, char out[RBAC_RULE_SIZE]);

#endif
