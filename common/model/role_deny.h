#ifndef SANDVAULT_MODEL_ROLE_DENY_H
#define SANDVAULT_MODEL_ROLE_DENY_H

/*
 * Deny assignments: what is taken from principals at a scope, whatever else grants it. Clients read them through the
 * control plane; templates and the sandbox's own controls make them.
 * Spans live in the transaction when read, with the caller when written.
 */

#include "common/io/store.h"

struct deny_assignment {
	struct span id; /* lower-case */
	struct span name, description;
	struct span permissions;		    /* compact JSON array, as role_rules_canonical writes it */
	struct span scope, scope_folded;	    /* as Azure writes it; scope_fold of it */
	struct span principals, exclude_principals; /* compact JSON arrays of {"id","type",…} */
	bool does_not_apply_to_children, is_system_protected;
	int64_t created_ms, updated_ms;
	struct span created_by, updated_by;
	int64_t effective_from_s;  /* propagation of what it takes away */
	int64_t effective_until_s; /* propagation of its removal; 0: it was not removed */
};

/* One that was removed is found by nobody, though its effect may last. */
enum fault deny_assignment_get(struct txn *t, struct span id, struct deny_assignment *ret) MUST_USE;
/* It too. */
enum fault deny_assignment_get_effective(struct txn *t, struct span id, struct deny_assignment *ret) MUST_USE;
/* New, or replacing the one of that id. */
enum fault deny_assignment_put(struct txn *t, const struct deny_assignment *d) MUST_USE;
/* Gone for readers at once, for decisions at until_s: at once when that is not later than now_s. */
enum fault deny_assignment_remove(struct txn *t, struct span id, int64_t now_s, int64_t until_s) MUST_USE;
/* Ascending by id, until each returns a fault; without those that were removed. */
enum fault deny_assignment_each(struct txn *t, enum fault (*each)(const struct deny_assignment *d, void *arg),
				void *arg) MUST_USE;
/* With them: what decisions are made of. */
enum fault deny_assignment_each_effective(struct txn *t, enum fault (*each)(const struct deny_assignment *d, void *arg),
					  void *arg) MUST_USE;
/* Drops the records of removals that have propagated. */
enum fault deny_assignment_sweep(struct txn *t, int64_t now_s) MUST_USE;
/* Drops every one at the folded scope and below. */
enum fault deny_assignment_drop_scope(struct txn *t, struct span scope_folded) MUST_USE;

#endif
