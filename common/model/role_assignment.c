#include "common/model/role_assignment.h"

#include <stdio.h>

#include "common/model/role_definition.h"
#include "common/model/role_record.h"
#include "common/model/tables.h"
#include "common/plain/text.h"
#include "policy/propagation.h"
#include "policy/scope.h"

#define ROW(tag, type, member)                                                                                         \
	{                                                                                                              \
		(tag), (type), offsetof(struct role_assignment, member)                                                \
	}

static const struct role_field rows[] = {
	ROW(1, ROLE_TEXT, id),
	ROW(2, ROLE_TEXT, scope),
	ROW(3, ROLE_TEXT, scope_folded),
	ROW(4, ROLE_TEXT, role_id),
	ROW(5, ROLE_TEXT, principal_id),
	ROW(6, ROLE_TEXT, principal_type),
	ROW(7, ROLE_TEXT, description),
	ROW(8, ROLE_TEXT, condition),
	ROW(9, ROLE_TEXT, condition_version),
	ROW(10, ROLE_TEXT, delegated_identity),
	ROW(11, ROLE_INT, created_ms),
	ROW(12, ROLE_INT, updated_ms),
	ROW(13, ROLE_TEXT, created_by),
	ROW(14, ROLE_TEXT, updated_by),
	ROW(15, ROLE_INT, effective_from_s),
	ROW(16, ROLE_INT, effective_until_s),
	ROW(17, ROLE_INT, condition_from_s),
};
static const struct role_kind kind = { .rows = rows,
				       .n_rows = ARRAY_LEN(rows),
				       .size = sizeof(struct role_assignment),
				       .table = TABLE_ROLE_ASSIGNMENT,
				       .until = offsetof(struct role_assignment, effective_until_s),
				       .folded = offsetof(struct role_assignment, scope_folded) };

enum fault role_assignment_get(struct txn *t, struct span id, struct role_assignment *ret)
{
	struct role_assignment a;
	enum fault f = role_record_get(t, &kind, id, &a);

	if (f != FAULT_NONE)
		return f;
	if (a.effective_until_s != 0)
		return FAULT_NOT_FOUND;
	*ret = a;
	return FAULT_NONE;
}

enum fault role_assignment_put(struct txn *t, const struct role_assignment *a)
{
	return role_record_put(t, &kind, a->id, a);
}

enum fault role_assignment_remove(struct txn *t, struct span id, int64_t now_s, int64_t until_s)
{
	struct role_assignment a;
	enum fault f = role_assignment_get(t, id, &a);

	if (f != FAULT_NONE)
		return f;
	/* A grant that never took effect has nothing to outlive. */
	if (until_s <= now_s || a.effective_from_s >= until_s)
		return role_record_del(t, &kind, id);
	a.effective_until_s = until_s;
	return role_assignment_put(t, &a);
}

bool role_assignment_is_same_grant(const struct role_assignment *a, const struct role_assignment *b)
{
	return span_eq(a->scope_folded, b->scope_folded) && span_eq(a->role_id, b->role_id) &&
	       span_eq(a->principal_id, b->principal_id);
}

static void set_times(struct role_assignment *a, const struct role_assignment *former, int64_t now_s, int64_t delay_s)
{
	struct propagation p = { false, 0, 0 };

	if (former != NULL)
		p = (struct propagation){ former->condition.len > 0, former->condition_from_s,
					  former->effective_from_s };
	p = propagation_of(a->condition.len > 0, former == NULL ? NULL : &p, now_s, delay_s);
	a->effective_from_s = p.effective_from_s;
	a->condition_from_s = p.condition_from_s;
	a->effective_until_s = 0;
}

enum fault role_assignment_change(struct txn *t, struct role_assignment *a, const struct role_assignment *former,
				  int64_t now_s, int64_t delay_s)
{
	set_times(a, former, now_s, delay_s);
	return role_assignment_put(t, a);
}

struct look {
	const struct role_assignment *like;
	int64_t now_s;
	struct role_assignment_peers *found;
};

static enum fault look_at(const struct role_assignment *a, void *arg)
{
	struct look *l = arg;

	if (role_record_is_over(&kind, a, l->now_s))
		l->found->has_ended = true;
	else if (!role_assignment_is_same_grant(a, l->like))
		return FAULT_NONE;
	else if (a->effective_until_s == 0)
		snprintf(l->found->twin, UUID_SIZE, "%.*s", SPAN_ARG(a->id));
	else if (a->effective_from_s <= l->now_s)
		snprintf(l->found->lingering, UUID_SIZE, "%.*s", SPAN_ARG(a->id));
	return FAULT_NONE;
}

enum fault role_assignment_look(struct txn *t, const struct role_assignment *a, int64_t now_s,
				struct role_assignment_peers *ret)
{
	struct look l = { a, now_s, ret };

	*ret = (struct role_assignment_peers){ .has_ended = false };
	return role_assignment_each_effective(t, look_at, &l);
}

/* The effect of what was removed from this id ends in its own time, under another id. */
static enum fault step_aside(const struct world *w, struct txn *t, struct span id)
{
	struct role_assignment a;
	char other[UUID_SIZE];
	enum fault f = role_record_get(t, &kind, id, &a);

	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	if (f == FAULT_NONE)
		f = uuid_new(&w->rng, other);
	if (f != FAULT_NONE)
		return f;
	a.id = span_cstr(other);
	return role_assignment_put(t, &a);
}

enum fault role_assignment_make(const struct world *w, struct txn *t, struct role_assignment *a,
				const struct role_assignment_peers *peers, int64_t now_s, int64_t delay_s)
{
	struct role_assignment former;
	enum fault f = FAULT_NONE;

	set_times(a, NULL, now_s, delay_s);
	if (peers->lingering[0] != '\0') {
		f = role_record_get(t, &kind, span_cstr(peers->lingering), &former);
		if (f == FAULT_NONE) {
			set_times(a, &former, now_s, delay_s);
			f = role_record_del(t, &kind, span_cstr(peers->lingering));
		}
	}
	if (f == FAULT_NONE)
		f = step_aside(w, t, a->id);
	return f == FAULT_NONE ? role_assignment_put(t, a) : f;
}

struct visit {
	enum fault (*each)(const struct role_assignment *a, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;

	return v->each(one, v->arg);
}

enum fault role_assignment_each(struct txn *t, enum fault (*each)(const struct role_assignment *a, void *arg),
				void *arg)
{
	struct visit v = { each, arg };
	struct role_assignment scratch;

	return role_record_each(t, &kind, ROLE_THERE, &scratch, visit_one, &v);
}

enum fault role_assignment_each_effective(struct txn *t, enum fault (*each)(const struct role_assignment *a, void *arg),
					  void *arg)
{
	struct visit v = { each, arg };
	struct role_assignment scratch;

	return role_record_each(t, &kind, ROLE_REMOVED_TOO, &scratch, visit_one, &v);
}

enum fault role_assignment_sweep(struct txn *t, int64_t now_s)
{
	struct role_assignment scratch;

	return role_record_sweep(t, &kind, &scratch, now_s);
}

enum fault role_assignment_drop_scope(struct txn *t, struct span scope_folded)
{
	struct role_assignment scratch;

	return role_record_drop_scope(t, &kind, &scratch, scope_folded);
}

enum fault role_assignment_is_seeded(struct txn *t, bool *ret)
{
	uint64_t mark = 0;
	enum fault f = role_mark_get(t, &mark);

	if (f == FAULT_NONE)
		*ret = mark != 0;
	return f;
}

enum fault role_assignment_seed(const struct world *w, struct txn *t, int64_t now_s)
{
	char id[UUID_SIZE], scope[SCOPE_SIZE], folded[SCOPE_SIZE];
	struct role_assignment a = {
		.role_id = ROLE_OWNER,
		.principal_id = span_cstr(w->admin_object_id),
		.principal_type = SPAN_LIT("ServicePrincipal"),
		.created_ms = now_s * 1000,
		.updated_ms = now_s * 1000,
		.created_by = span_cstr(w->admin_object_id),
		.updated_by = span_cstr(w->admin_object_id),
	};
	bool is_seeded = false;
	enum fault f = role_assignment_is_seeded(t, &is_seeded);

	if (f != FAULT_NONE || is_seeded)
		return f;
	snprintf(scope, sizeof(scope), "/subscriptions/%s", w->subscription_id);
	f = scope_fold(span_cstr(scope), folded, sizeof(folded), &a.scope_folded);
	if (f == FAULT_NONE)
		f = uuid_new(&w->rng, id);
	a.id = span_cstr(id);
	a.scope = span_cstr(scope);
	return f == FAULT_NONE ? role_assignment_put(t, &a) : f;
}
