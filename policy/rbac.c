#include "policy/rbac.h"

#include "common/plain/base.h"
#include "policy/rbac_reach.h"
#include "policy/scope.h"

/* A query with its action as a bit, when it is one of ours; the texts of roles are then not looked at. */
struct question {
	struct rbac_query q;
	action_set bit; /* 0: by text */
};

static enum rbac_grip reach_grip(const struct rbac_reach *r, action_set bit)
{
	if ((r->free & bit) != 0)
		return RBAC_GRIP_FREE;
	return (r->conditional & bit) != 0 ? RBAC_GRIP_CONDITIONAL : RBAC_GRIP_NONE;
}

/* Of an assignment that names the caller and the scope. */
static enum rbac_bearing bearing(const struct rbac_assignment *a, enum rbac_grip grip, int64_t now_s)
{
	if (a->effective_until_s != 0 && now_s >= a->effective_until_s)
		return RBAC_ELSEWHERE;
	if (grip == RBAC_GRIP_NONE)
		return RBAC_LACKS_ACTION;
	if (now_s < a->effective_from_s)
		return RBAC_NOT_YET;
	return (a->has_condition && now_s >= a->condition_from_s) || grip == RBAC_GRIP_CONDITIONAL ? RBAC_CONDITIONAL
												   : RBAC_GRANTS;
}

static bool names_caller(const struct rbac_assignment *a, const struct rbac_query *q)
{
	return q->principal_id.len != 0 && span_eq(a->principal_id, q->principal_id);
}

/* What the role is at the time: a change of its definition propagates. */
static const struct rbac_role *role_felt(const struct rbac_assignment *a, int64_t now_s)
{
	return now_s < a->role_from_s ? a->former_role : a->role;
}

static enum rbac_grip role_grip(const struct rbac_role *role, const struct rbac_query *q)
{
	return role == NULL ? RBAC_GRIP_NONE : rbac_permissions_grip(&role->permissions, q->action, q->is_data);
}

enum rbac_bearing rbac_weigh(const struct rbac_assignment *a, const struct rbac_query *q)
{
	if (!names_caller(a, q) || !scope_contains(a->scope, q->scope))
		return RBAC_ELSEWHERE;
	return bearing(a, role_grip(role_felt(a, q->now_s), q), q->now_s);
}

static bool lists(const struct span *ids, size_t n, struct span id)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(ids[i], id) || span_eq(ids[i], RBAC_EVERYBODY))
			return true;
	return false;
}

static bool deny_concerns(const struct rbac_deny *d, const struct rbac_query *q)
{
	if (q->now_s < d->effective_from_s || (d->effective_until_s != 0 && q->now_s >= d->effective_until_s))
		return false;
	if (d->does_not_apply_to_children ? !span_eq(d->scope, q->scope) : !scope_contains(d->scope, q->scope))
		return false;
	return lists(d->principals, d->n_principals, q->principal_id) &&
	       !lists(d->excluded_principals, d->n_excluded_principals, q->principal_id);
}

bool rbac_deny_covers(const struct rbac_deny *d, const struct rbac_query *q)
{
	return q->principal_id.len != 0 && deny_concerns(d, q) &&
	       rbac_permissions_grip(&d->permissions, q->action, q->is_data) != RBAC_GRIP_NONE;
}

static size_t find_deny(const struct rbac_world *w, const struct question *qn)
{
	for (size_t i = 0; i < w->rules.n_denies; i++) {
		const struct rbac_deny *d = &w->rules.denies[i];

		if (qn->bit == 0 ? rbac_deny_covers(d, &qn->q)
				 : reach_grip(&w->deny_reach[i], qn->bit) != RBAC_GRIP_NONE && deny_concerns(d, &qn->q))
			return i;
	}
	return VERDICT_NO_RULE;
}

struct best {
	enum rbac_bearing bearing;
	size_t rule;
};

/* The assignments of the caller at one of the scopes above. */
static void weigh_bucket(const struct rbac_world *w, const struct question *qn, uint64_t h, struct span scope,
			 struct best *best)
{
	const struct rbac_rules *r = &w->rules;

	for (size_t i = w->buckets[rbac_hash_bucket(h, w->n_buckets)]; i != VERDICT_NO_RULE; i = w->chain[i]) {
		const struct rbac_assignment *a = &r->assignments[i];
		const struct rbac_role *role = role_felt(a, qn->q.now_s);
		enum rbac_bearing b;

		if (!names_caller(a, &qn->q) || !span_eq(a->scope, scope))
			continue;
		if (qn->bit == 0 || role == NULL)
			b = bearing(a, role_grip(role, &qn->q), qn->q.now_s);
		else
			b = bearing(a, reach_grip(&w->role_reach[role - r->roles], qn->bit), qn->q.now_s);
		if (b > best->bearing || (b == best->bearing && b != RBAC_ELSEWHERE && i < best->rule))
			*best = (struct best){ b, i };
	}
}

/* The query's scope and each one above it, "/" first: a handful of look-ups however many assignments there are. */
static struct best weigh_all(const struct rbac_world *w, const struct question *qn)
{
	struct best best = { RBAC_ELSEWHERE, VERDICT_NO_RULE };
	struct span scope = qn->q.scope;
	uint64_t h = rbac_hash_principal(qn->q.principal_id);

	if (w->n_buckets == 0 || scope.len == 0 || scope.p[0] != '/')
		return best;
	for (size_t i = 0; i < scope.len; i++) {
		h = rbac_hash_step(h, scope.p[i]);
		if (i == 0 || i + 1 == scope.len || scope.p[i + 1] == '/')
			weigh_bucket(w, qn, h, span_first(scope, i + 1), &best);
	}
	return best;
}

static struct verdict decide(const struct rbac_world *w, const struct question *qn)
{
	static const enum reason reasons[] = {
		[RBAC_ELSEWHERE] = REASON_NO_ROLE_ASSIGNMENT,	[RBAC_LACKS_ACTION] = REASON_RBAC_NO_PERMISSION,
		[RBAC_NOT_YET] = REASON_RBAC_NOT_YET_EFFECTIVE, [RBAC_CONDITIONAL] = REASON_RBAC_CONDITION,
		[RBAC_GRANTS] = REASON_RBAC_ASSIGNMENT,
	};
	size_t deny;
	struct best best;

	if (qn->q.principal_id.len == 0)
		return (struct verdict){ VERDICT_DENY, REASON_NO_CALLER, VERDICT_NO_RULE };
	deny = find_deny(w, qn);
	if (deny != VERDICT_NO_RULE)
		return (struct verdict){ VERDICT_DENY, REASON_RBAC_DENY_ASSIGNMENT, deny };
	best = weigh_all(w, qn);
	return (struct verdict){ best.bearing == RBAC_GRANTS ? VERDICT_ALLOW : VERDICT_DENY, reasons[best.bearing],
				 best.rule };
}

struct verdict rbac_decide(const struct rbac_world *w, const struct rbac_query *q)
{
	struct question qn = { *q, 0 };

	return decide(w, &qn);
}

struct verdict rbac_decide_data(const struct rbac_world *w, struct span principal_id, struct span scope,
				enum action action, int64_t now_s)
{
	struct question qn = { { principal_id, scope, span_cstr(action_rbac_string(action)), true, now_s },
			       ACTION_BIT(action) };

	return decide(w, &qn);
}
