#ifndef SANDVAULT_MODEL_ROLE_BUILTIN_H
#define SANDVAULT_MODEL_ROLE_BUILTIN_H

/*
 * The built-in roles: fixtures/builtin-roles.json, part of the program.
 * Source: fixtures/sources.md#roles
 */

#include "common/model/role_definition.h"
#include "common/plain/pool.h"
#include "policy/rbac.h"

struct role_builtins {
	struct pool pool;
	const struct role_definition *definitions;
	const struct rbac_role *rules; /* the same roles in the same order, as policy sees them */
	size_t n;
};

/* Reads the file's text (fixture_builtin_roles) once. FAULT_MEMORY; FAULT_INVALID with a sentence when the file is not
 * what it should be. */
enum fault role_builtins_read(struct span text, struct role_builtins *ret, struct err *err) MUST_USE;
void role_builtins_done(struct role_builtins *b);

#endif
