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
	struct span former_permissions;	    /* what is felt before effective_from_s; p NULL: permissions are */
	int64_t effective_from_s;	    /* propagation of a change of permissions */
	int64_t effective_until_s;	    /* propagation of its removal; 0: it was not removed */
};

/* Of custom roles. Ids are lower-case. FAULT_NOT_FOUND. One that was removed is found by nobody, though its effect may
 * last. */
enum fault role_definition_get(struct txn *t, struct span id, struct role_definition *ret) MUST_USE;
/* New, or in the place of the one of its id; when its permissions are felt is set, not asked. */
enum fault role_definition_put(struct txn *t, struct role_definition *d, int64_t now_s, int64_t delay_s) MUST_USE;
/* Gone for readers at once, for decisions at until_s: at once when that is not later than now_s. */
enum fault role_definition_remove(struct txn *t, struct span id, int64_t now_s, int64_t until_s) MUST_USE;
/* Ascending by id, until each returns a fault; without those that were removed. */
enum fault role_definition_each(struct txn *t, enum fault (*each)(const struct role_definition *d, void *arg),
				void *arg) MUST_USE;
/* With them: what decisions are made of. */
enum fault role_definition_each_effective(struct txn *t, enum fault (*each)(const struct role_definition *d, void *arg),
					  void *arg) MUST_USE;
/* Drops the records of removals that have propagated. */
enum fault role_definition_sweep(struct txn *t, int64_t now_s) MUST_USE;

#endif
