#ifndef SANDVAULT_MODEL_ROLE_ASSIGNMENT_H
#define SANDVAULT_MODEL_ROLE_ASSIGNMENT_H

/*
 * Role assignments: who has which role at which scope. Spans live in the transaction when read (in a write transaction
 * until its next write), with the caller when written.
 */

#include "common/model/world.h"
#include "common/plain/text.h"

enum { SCOPE_SIZE = 1100 };

struct role_assignment {
	struct span id;		  /* lower-case; unique in the tenant */
	struct span scope;	  /* as Azure writes it; "/" is the top */
	struct span scope_folded; /* scope_fold of it */
	struct span role_id;	  /* lower-case */
	struct span principal_id; /* lower-case */
	struct span principal_type;
	struct span description, condition, condition_version, delegated_identity; /* p NULL: null */
	int64_t created_ms, updated_ms;
	struct span created_by, updated_by;
	int64_t effective_from_s;  /* propagation of the grant */
	int64_t effective_until_s; /* propagation of its removal; 0: it was not removed */
	int64_t condition_from_s;  /* propagation of the condition: it is felt from then on */
};

/* One that was removed is found by nobody, though its effect may last. */
enum fault role_assignment_get(struct txn *t, struct span id, struct role_assignment *ret) MUST_USE;
enum fault role_assignment_put(struct txn *t, const struct role_assignment *a) MUST_USE;
/* What there is of the same grant, in one look at all: ids, "" for none. */
struct role_assignment_peers {
	char twin[UUID_SIZE];	   /* that is there */
	char lingering[UUID_SIZE]; /* that was removed and is still felt */
	bool has_ended;		   /* something is there for role_assignment_sweep */
};
enum fault role_assignment_look(struct txn *t, const struct role_assignment *a, int64_t now_s,
				struct role_assignment_peers *ret) MUST_USE;
/* Puts one that was not there, and sets when it is felt; peers as just looked for. What is still felt of the same
 * grant, though it was removed, goes on in the new one; what is felt of another grant of this id stays until it ends.
 */
enum fault role_assignment_make(const struct world *w, struct txn *t, struct role_assignment *a,
				const struct role_assignment_peers *peers, int64_t now_s, int64_t delay_s) MUST_USE;
/* Puts it in the place of former, the one of its id, and sets when the difference is felt. */
enum fault role_assignment_change(struct txn *t, struct role_assignment *a, const struct role_assignment *former,
				  int64_t now_s, int64_t delay_s) MUST_USE;
/* The same role at the same scope for the same principal. */
bool role_assignment_is_same_grant(const struct role_assignment *a, const struct role_assignment *b);
/* Gone for readers at once, for decisions at until_s: at once when that is not later than now_s. */
enum fault role_assignment_remove(struct txn *t, struct span id, int64_t now_s, int64_t until_s) MUST_USE;
/* Ascending by id, until each returns a fault; without those that were removed. */
enum fault role_assignment_each(struct txn *t, enum fault (*each)(const struct role_assignment *a, void *arg),
				void *arg) MUST_USE;
/* With them: what decisions are made of. */
enum fault role_assignment_each_effective(struct txn *t, enum fault (*each)(const struct role_assignment *a, void *arg),
					  void *arg) MUST_USE;
/* Drops the records of removals that have propagated. */
enum fault role_assignment_sweep(struct txn *t, int64_t now_s) MUST_USE;
/* Drops every assignment at the folded scope and below. */
enum fault role_assignment_drop_scope(struct txn *t, struct span scope_folded) MUST_USE;

/* The administrator's Owner assignment at the subscription, once in the life of a world. */
enum fault role_assignment_seed(const struct world *w, struct txn *t, int64_t now_s) MUST_USE;
/* Whether that was done. */
enum fault role_assignment_is_seeded(struct txn *t, bool *ret) MUST_USE;

#endif
