#ifndef SANDVAULT_MODEL_ROLE_DEFINITION_H
#define SANDVAULT_MODEL_ROLE_DEFINITION_H

/*
 * Role definitions. Custom ones are records; the built-in ones come with the program (role_builtin.h).
 * Spans live in the transaction when read, with the caller when written.
 */

#include "common/io/store.h"

/* Built-in roles that code must name. */
#define ROLE_OWNER SPAN_LIT("8e3af657-a8ff-443c-a75c-2fe8c4bcb635")

struct role_definition {
	struct span id; /* lower-case */
	struct span name, description;
	struct span permissions;       /* compact JSON array, as role_rules_canonical writes it */
	struct span assignable_scopes; /* compact JSON array of strings, as sent */
	bool is_builtin;
	int64_t created_ms, updated_ms;
	struct span created_by, updated_by; /* object ids; p NULL: nobody */
};

/* Of custom roles. Ids are lower-case. FAULT_NOT_FOUND. */
enum fault role_definition_get(struct txn *t, struct span id, struct role_definition *ret) MUST_USE;
enum fault role_definition_put(struct txn *t, const struct role_definition *d) MUST_USE;
enum fault role_definition_del(struct txn *t, struct span id) MUST_USE;
/* Ascending by id, until each returns a fault. */
enum fault role_definition_each(struct txn *t, enum fault (*each)(const struct role_definition *d, void *arg),
				void *arg) MUST_USE;

#endif
