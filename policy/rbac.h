#ifndef SANDVAULT_POLICY_RBAC_H
#define SANDVAULT_POLICY_RBAC_H

/*
 * Role-based access: what an assignment of a role at a scope allows its principal, and what deny assignments take away.
 *
 * Ids of principals and scopes come folded (lower-case, scope_fold); patterns and actions in any case. The rules are
 * compiled once when they change; a decision then costs the same in a small and in a large world.
 * Source: fixtures/sources.md#roles
 */

#include "common/plain/fault.h"
#include "common/plain/pool.h"
#include "policy/action.h"
#include "policy/verdict.h"

struct rbac_patterns {
	const struct span *at;
	size_t n;
};

/* Allows what (data) actions cover and not_(data_)actions do not; a role is the union of its permissions. */
struct rbac_permission {
	struct rbac_patterns actions, not_actions, data_actions, not_data_actions;
	bool has_condition; /* cannot be evaluated: it grants nothing, in a deny assignment it denies */
};

struct rbac_permissions {
	const struct rbac_permission *at;
	size_t n;
};

struct rbac_role {
	struct span id, name;
	struct rbac_permissions permissions;
};

struct rbac_assignment {
	struct span id, principal_id, scope;
	const struct rbac_role *role;	     /* among the rules' roles; NULL (the definition is gone) grants nothing */
	const struct rbac_role *former_role; /* what the role was before role_from_s, when its definition changed */
	int64_t role_from_s;
	bool has_condition;	   /* cannot be evaluated, whatever it says */
	int64_t condition_from_s;  /* propagation of the condition: without it before */
	int64_t effective_from_s;  /* propagation of the grant: nothing before */
	int64_t effective_until_s; /* propagation of its removal: nothing from then on; 0 when it is not removed */
};

/* The principal id that a deny assignment names when it means everybody. */
#define RBAC_EVERYBODY SPAN_LIT("00000000-0000-0000-0000-000000000000")

struct rbac_deny {
	struct span id;
	const struct span *principals, *excluded_principals;
	size_t n_principals, n_excluded_principals;
	struct span scope;
	bool does_not_apply_to_children; /* the scope alone, nothing below it */
	struct rbac_permissions permissions;
	int64_t effective_from_s, effective_until_s; /* as of an assignment */
};

struct rbac_rules {
	const struct rbac_role *roles;
	size_t n_roles;
	const struct rbac_assignment *assignments;
	size_t n_assignments;
	const struct rbac_deny *denies;
	size_t n_denies;
};

struct rbac_query {
	struct span principal_id; /* empty is nobody, who is denied */
	struct span scope;	  /* of what is acted upon */
	struct span action;	  /* "Microsoft.KeyVault/vaults/read" */
	bool is_data;
	int64_t now_s;
};

/* Compiled rules. All zero is the empty world, which denies everything. Fields but `rules` are rbac's own. */
struct rbac_world {
	struct rbac_rules rules; /* own copies, in the order given: what verdict.rule is an index of */
	struct pool pool;
	struct rbac_reach *role_reach; /* per role */
	struct rbac_reach *deny_reach; /* per deny assignment */
	size_t *buckets;	       /* by principal and scope: the first assignment, or VERDICT_NO_RULE */
	size_t *chain;		       /* per assignment: the next in its bucket */
	size_t n_buckets;	       /* a power of two, 0 in the empty world */
};

/* Copies the rules, so nothing given need outlive the call. FAULT_MEMORY; *ret is then untouched. */
enum fault rbac_compile(const struct rbac_rules *rules, struct rbac_world *ret) MUST_USE;
/* Leaves an empty world. */
void rbac_done(struct rbac_world *w);

/*
 * Whether the principal may perform the action at the scope. Deny assignments win; an assignment counts at its scope
 * and below. verdict.rule is the lowest index of the rules that decide: among the denies for RBAC_DENY_ASSIGNMENT,
 * among the assignments otherwise.
 *
 * Never fails, allocates nothing. Reasons: NO_CALLER, RBAC_ASSIGNMENT, RBAC_DENY_ASSIGNMENT, RBAC_CONDITION,
 * RBAC_NOT_YET_EFFECTIVE, RBAC_NO_PERMISSION, NO_ROLE_ASSIGNMENT.
 */
struct verdict rbac_decide(const struct rbac_world *w, const struct rbac_query *q);
/* The same for a data action on keys, without looking at any text of a role. */
struct verdict rbac_decide_data(const struct rbac_world *w, struct span principal_id, struct span scope,
				enum action action, int64_t now_s);

/* What one assignment contributes, from nothing to everything: for showing every rule that was looked at. */
enum rbac_bearing {
	RBAC_ELSEWHERE = 0, /* another principal, another scope, or removed */
	RBAC_LACKS_ACTION,  /* the role does not have it */
	RBAC_NOT_YET,	    /* would grant it once propagated */
	RBAC_CONDITIONAL,   /* would grant it if its condition could be evaluated */
	RBAC_GRANTS,
};
enum rbac_bearing rbac_weigh(const struct rbac_assignment *a, const struct rbac_query *q);
bool rbac_deny_covers(const struct rbac_deny *d, const struct rbac_query *q);

#endif
