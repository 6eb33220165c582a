#include "common/model/rbac_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/model/fixture_data.h"
#include "common/model/role_assignment.h"
#include "common/model/role_deny.h"
#include "common/model/role_record.h"
#include "common/model/role_rules.h"

enum { SCRATCH_MAX = 256 << 20 };

struct rbac_cache {
	struct role_builtins builtins;
	struct rbac_world world;
	bool is_compiled;
	uint64_t snapshot, mark; /* what it was compiled from */
};

enum fault rbac_cache_new(struct rbac_cache **ret, struct err *err)
{
	struct rbac_cache *c = calloc(1, sizeof(*c));
	enum fault f;

	if (c == NULL)
		return FAULT_MEMORY;
	f = role_builtins_read(fixture_builtin_roles(), &c->builtins, err);
	if (f == FAULT_NONE)
		*ret = c;
	else
		free(c);
	return f;
}

void rbac_cache_free(struct rbac_cache *c)
{
	if (c == NULL)
		return;
	rbac_done(&c->world);
	role_builtins_done(&c->builtins);
	free(c);
}

const struct role_builtins *rbac_cache_builtins(const struct rbac_cache *c)
{
	return &c->builtins;
}

/* A role whose definition changed, and what it was, both among the roles. */
struct change {
	size_t role, former;
	int64_t from_s;
};

/* Arrays in the making; texts are borrowed from the transaction, what was parsed lives in the pool. */
struct gathering {
	struct pool pool;
	struct rbac_role *roles;
	struct change *changes;
	size_t n_changes;
	struct rbac_assignment *assignments;
	struct rbac_deny *denies;
	struct rbac_rules rules; /* the counts; the arrays once they are whole */
};

static void gathering_done(struct gathering *g)
{
	free(g->roles);
	free(g->changes);
	free(g->assignments);
	free(g->denies);
	pool_done(&g->pool);
}

/* Room for one more. Doubling at powers of two: the count itself says when. */
static enum fault grow(void *array, size_t n, size_t size)
{
	void *old, *bigger;

	memcpy(&old, array, sizeof(old));
	if ((n & (n - 1)) != 0)
		return FAULT_NONE;
	bigger = realloc(old, (n == 0 ? 1 : n * 2) * size);
	if (bigger == NULL)
		return FAULT_MEMORY;
	memcpy(array, &bigger, sizeof(bigger));
	return FAULT_NONE;
}

static enum fault add_role(struct gathering *g, const struct rbac_role *role)
{
	enum fault f = grow(&g->roles, g->rules.n_roles, sizeof(*g->roles));

	if (f == FAULT_NONE)
		g->roles[g->rules.n_roles++] = *role;
	return f;
}

/* What it was stands beside it, under no id: only assignments of the role lead there. */
static enum fault add_former_role(struct gathering *g, const struct role_definition *d)
{
	struct rbac_role former = { .id = SPAN_EMPTY, .name = d->name };
	enum fault f = role_rules_permissions(d->former_permissions, &g->pool, &former.permissions);

	if (f == FAULT_NONE)
		f = grow(&g->changes, g->n_changes, sizeof(*g->changes));
	if (f != FAULT_NONE)
		return f;
	g->changes[g->n_changes++] = (struct change){ g->rules.n_roles - 1, g->rules.n_roles, d->effective_from_s };
	return add_role(g, &former);
}

static enum fault gather_role(const struct role_definition *d, void *arg)
{
	struct gathering *g = arg;
	struct rbac_role role = { .id = d->id, .name = d->name };
	enum fault f = role_rules_permissions(d->permissions, &g->pool, &role.permissions);

	if (f == FAULT_NONE)
		f = add_role(g, &role);
	return f == FAULT_NONE && d->former_permissions.p != NULL ? add_former_role(g, d) : f;
}

static const struct rbac_role *find_role(const struct gathering *g, struct span id)
{
	for (size_t i = 0; i < g->rules.n_roles; i++)
		if (span_eq(g->roles[i].id, id))
			return &g->roles[i];
	return NULL;
}

static const struct change *find_change(const struct gathering *g, const struct rbac_role *role)
{
	for (size_t i = 0; i < g->n_changes; i++)
		if (role == &g->roles[g->changes[i].role])
			return &g->changes[i];
	return NULL;
}

static enum fault gather_assignment(const struct role_assignment *a, void *arg)
{
	struct gathering *g = arg;
	const struct rbac_role *role = find_role(g, a->role_id);
	const struct change *change = find_change(g, role);
	enum fault f = grow(&g->assignments, g->rules.n_assignments, sizeof(*g->assignments));

	if (f != FAULT_NONE)
		return f;
	g->assignments[g->rules.n_assignments++] = (struct rbac_assignment){
		.id = a->id,
		.principal_id = a->principal_id,
		.scope = a->scope_folded,
		.role = role,
		.former_role = change == NULL ? NULL : &g->roles[change->former],
		.role_from_s = change == NULL ? 0 : change->from_s,
		.has_condition = a->condition.len > 0,
		.condition_from_s = a->condition_from_s,
		.effective_from_s = a->effective_from_s,
		.effective_until_s = a->effective_until_s,
	};
	return FAULT_NONE;
}

static enum fault gather_deny(const struct deny_assignment *d, void *arg)
{
	struct gathering *g = arg;
	struct rbac_deny deny = { .id = d->id,
				  .scope = d->scope_folded,
				  .does_not_apply_to_children = d->does_not_apply_to_children,
				  .effective_from_s = d->effective_from_s,
				  .effective_until_s = d->effective_until_s };
	enum fault f = role_rules_permissions(d->permissions, &g->pool, &deny.permissions);

	if (f == FAULT_NONE)
		f = role_rules_ids(d->principals, &g->pool, &deny.principals, &deny.n_principals);
	if (f == FAULT_NONE)
		f = role_rules_ids(d->exclude_principals, &g->pool, &deny.excluded_principals,
				   &deny.n_excluded_principals);
	if (f == FAULT_NONE)
		f = grow(&g->denies, g->rules.n_denies, sizeof(*g->denies));
	if (f == FAULT_NONE)
		g->denies[g->rules.n_denies++] = deny;
	return f;
}

/* Roles first: assignments point at them, and adding one may move them all. */
static enum fault gather_all(struct gathering *g, const struct role_builtins *builtins, struct txn *t)
{
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < builtins->n; i++)
		f = add_role(g, &builtins->rules[i]);
	if (f == FAULT_NONE)
		f = role_definition_each_effective(t, gather_role, g);
	if (f == FAULT_NONE)
		f = role_assignment_each_effective(t, gather_assignment, g);
	if (f == FAULT_NONE)
		f = deny_assignment_each_effective(t, gather_deny, g);
	g->rules.roles = g->roles;
	g->rules.assignments = g->assignments;
	g->rules.denies = g->denies;
	return f;
}

static enum fault compile(struct rbac_cache *c, struct txn *t)
{
	struct gathering g = { .roles = NULL };
	struct rbac_world fresh;
	enum fault f;

	pool_init(&g.pool, SCRATCH_MAX);
	f = gather_all(&g, &c->builtins, t);
	if (f == FAULT_NONE)
		f = rbac_compile(&g.rules, &fresh);
	gathering_done(&g);
	if (f != FAULT_NONE)
		return f;
	rbac_done(&c->world);
	c->world = fresh;
	return FAULT_NONE;
}

/* A rule that does not read leaves no rules: what cannot be decided must not be decided by what was once true. */
enum fault rbac_cache_get(struct rbac_cache *c, struct txn *t, const struct rbac_world **ret)
{
	uint64_t mark = 0;
	enum fault f = FAULT_NONE;

	if (!c->is_compiled || c->snapshot != txn_snapshot(t)) {
		f = role_mark_get(t, &mark);
		if (f == FAULT_NONE && (!c->is_compiled || c->mark != mark))
			f = compile(c, t);
		c->is_compiled = f == FAULT_NONE;
		c->snapshot = txn_snapshot(t);
		c->mark = mark;
	}
	if (f == FAULT_NONE)
		*ret = &c->world;
	return f;
}

struct span rbac_rule_id(const struct rbac_world *w, const struct verdict *v)
{
	if (v->rule == VERDICT_NO_RULE)
		return SPAN_EMPTY;
	if (v->reason == REASON_RBAC_DENY_ASSIGNMENT)
		return v->rule < w->rules.n_denies ? w->rules.denies[v->rule].id : SPAN_EMPTY;
	return v->rule < w->rules.n_assignments ? w->rules.assignments[v->rule].id : SPAN_EMPTY;
}

void rbac_rule_text(const struct rbac_world *w, const struct verdict *v, char out[RBAC_RULE_SIZE])
{
	struct span id = rbac_rule_id(w, v);

	out[0] = '\0';
	if (id.len > 0)
		snprintf(out, RBAC_RULE_SIZE, "%s/%.*s",
			 v->reason == REASON_RBAC_DENY_ASSIGNMENT ? "denyAssignments" : "roleAssignments",
			 SPAN_ARG(id));
}
