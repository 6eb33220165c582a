#include "policy/rbac.h"

#include <assert.h>

#include "common/plain/base.h"
#include "policy/rbac_reach.h"

/* Far above the few thousand assignments that a subscription may have. */
enum { WORLD_MAX = 256 << 20 };

/* The first failure sticks; later copies then do nothing. */
struct copier {
	struct pool *pool;
	bool failed;
};

static void *take(struct copier *c, size_t n, size_t size)
{
	size_t bytes;
	void *p = c->failed || __builtin_mul_overflow(n, size, &bytes) ? NULL : pool_alloc(c->pool, bytes);

	if (p == NULL)
		c->failed = true;
	return p;
}

static struct span copy_span(struct copier *c, struct span s)
{
	struct span copy = c->failed ? SPAN_EMPTY : pool_dup(c->pool, s);

	if (copy.p == NULL)
		c->failed = true;
	return copy;
}

static const struct span *copy_spans(struct copier *c, const struct span *from, size_t n)
{
	struct span *to = take(c, n, sizeof(*to));

	for (size_t i = 0; !c->failed && i < n; i++)
		to[i] = copy_span(c, from[i]);
	return to;
}

static struct rbac_patterns copy_patterns(struct copier *c, struct rbac_patterns from)
{
	return (struct rbac_patterns){ copy_spans(c, from.at, from.n), from.n };
}

static struct rbac_permissions copy_permissions(struct copier *c, struct rbac_permissions from)
{
	struct rbac_permission *to = take(c, from.n, sizeof(*to));

	for (size_t i = 0; !c->failed && i < from.n; i++) {
		const struct rbac_permission *f = &from.at[i];

		to[i] = (struct rbac_permission){
			.actions = copy_patterns(c, f->actions),
			.not_actions = copy_patterns(c, f->not_actions),
			.data_actions = copy_patterns(c, f->data_actions),
			.not_data_actions = copy_patterns(c, f->not_data_actions),
			.has_condition = f->has_condition,
		};
	}
	return (struct rbac_permissions){ to, from.n };
}

static void copy_roles(struct copier *c, const struct rbac_rules *from, struct rbac_rules *to)
{
	struct rbac_role *roles = take(c, from->n_roles, sizeof(*roles));

	for (size_t i = 0; !c->failed && i < from->n_roles; i++) {
		const struct rbac_role *r = &from->roles[i];

		roles[i].id = copy_span(c, r->id);
		roles[i].name = copy_span(c, r->name);
		roles[i].permissions = copy_permissions(c, r->permissions);
	}
	to->roles = roles;
	to->n_roles = from->n_roles;
}

static const struct rbac_role *copied_role(const struct rbac_role *role, const struct rbac_rules *from,
					   const struct rbac_rules *to)
{
	assert(role == NULL || (role >= from->roles && role < from->roles + from->n_roles));
	return role == NULL ? NULL : to->roles + (role - from->roles);
}

static void copy_assignments(struct copier *c, const struct rbac_rules *from, struct rbac_rules *to)
{
	struct rbac_assignment *as = take(c, from->n_assignments, sizeof(*as));

	for (size_t i = 0; !c->failed && i < from->n_assignments; i++) {
		const struct rbac_assignment *a = &from->assignments[i];

		as[i] = *a;
		as[i].id = copy_span(c, a->id);
		as[i].principal_id = copy_span(c, a->principal_id);
		as[i].scope = copy_span(c, a->scope);
		as[i].role = copied_role(a->role, from, to);
		as[i].former_role = copied_role(a->former_role, from, to);
	}
	to->assignments = as;
	to->n_assignments = from->n_assignments;
}

static void copy_denies(struct copier *c, const struct rbac_rules *from, struct rbac_rules *to)
{
	struct rbac_deny *ds = take(c, from->n_denies, sizeof(*ds));

	for (size_t i = 0; !c->failed && i < from->n_denies; i++) {
		const struct rbac_deny *d = &from->denies[i];

		ds[i] = *d;
		ds[i].id = copy_span(c, d->id);
		ds[i].principals = copy_spans(c, d->principals, d->n_principals);
		ds[i].excluded_principals = copy_spans(c, d->excluded_principals, d->n_excluded_principals);
		ds[i].scope = copy_span(c, d->scope);
		ds[i].permissions = copy_permissions(c, d->permissions);
	}
	to->denies = ds;
	to->n_denies = from->n_denies;
}

static struct rbac_reach reach_of(const struct rbac_permissions *p)
{
	struct rbac_reach reach = { 0, 0 };

	for (unsigned a = 0; a < ACTION_COUNT; a++) {
		enum rbac_grip grip = rbac_permissions_grip(p, span_cstr(action_rbac_string((enum action)a)), true);

		if (grip == RBAC_GRIP_FREE)
			reach.free |= ACTION_BIT(a);
		else if (grip == RBAC_GRIP_CONDITIONAL)
			reach.conditional |= ACTION_BIT(a);
	}
	return reach;
}

static void reach_all(struct copier *c, struct rbac_world *w)
{
	w->role_reach = take(c, w->rules.n_roles, sizeof(*w->role_reach));
	w->deny_reach = take(c, w->rules.n_denies, sizeof(*w->deny_reach));
	for (size_t i = 0; !c->failed && i < w->rules.n_roles; i++)
		w->role_reach[i] = reach_of(&w->rules.roles[i].permissions);
	for (size_t i = 0; !c->failed && i < w->rules.n_denies; i++)
		w->deny_reach[i] = reach_of(&w->rules.denies[i].permissions);
}

static size_t bucket_of(const struct rbac_assignment *a, size_t n_buckets)
{
	uint64_t h = rbac_hash_principal(a->principal_id);

	for (size_t i = 0; i < a->scope.len; i++)
		h = rbac_hash_step(h, a->scope.p[i]);
	return rbac_hash_bucket(h, n_buckets);
}

static void index_assignments(struct copier *c, struct rbac_world *w)
{
	size_t n = w->rules.n_assignments;

	w->n_buckets = 16;
	while (w->n_buckets < 2 * n)
		w->n_buckets *= 2;
	w->buckets = take(c, w->n_buckets, sizeof(*w->buckets));
	w->chain = take(c, n, sizeof(*w->chain));
	if (c->failed)
		return;
	for (size_t i = 0; i < w->n_buckets; i++)
		w->buckets[i] = VERDICT_NO_RULE;
	for (size_t i = 0; i < n; i++) {
		size_t *first = &w->buckets[bucket_of(&w->rules.assignments[i], w->n_buckets)];

		w->chain[i] = *first;
		*first = i;
	}
}

enum fault rbac_compile(const struct rbac_rules *rules, struct rbac_world *ret)
{
	struct rbac_world w = { .n_buckets = 0 };
	struct copier c = { &w.pool, false };

	pool_init(&w.pool, WORLD_MAX);
	copy_roles(&c, rules, &w.rules);
	copy_assignments(&c, rules, &w.rules);
	copy_denies(&c, rules, &w.rules);
	if (!c.failed) {
		reach_all(&c, &w);
		index_assignments(&c, &w);
	}
	if (c.failed) {
		rbac_done(&w);
		return FAULT_MEMORY;
	}
	*ret = w;
	return FAULT_NONE;
}

void rbac_done(struct rbac_world *w)
{
	pool_done(&w->pool);
	*w = (struct rbac_world){ .n_buckets = 0 };
}
