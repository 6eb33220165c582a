#include "common/model/role_assignment.h"

#include <stdio.h>

#include "common/model/role_definition.h"
#include "common/model/role_record.h"
#include "common/model/tables.h"
#include "common/plain/text.h"
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
};
static const struct role_kind kind = { rows, ARRAY_LEN(rows), sizeof(struct role_assignment), TABLE_ROLE_ASSIGNMENT };

enum { GATHER_MAX = 64 << 20 };

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

struct visit {
	enum fault (*each)(const struct role_assignment *a, void *arg);
	void *arg;
	bool with_removed;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct role_assignment *a = one;
	const struct visit *v = arg;

	return v->with_removed || a->effective_until_s == 0 ? v->each(a, v->arg) : FAULT_NONE;
}

enum fault role_assignment_each(struct txn *t, enum fault (*each)(const struct role_assignment *a, void *arg),
				void *arg)
{
	struct visit v = { each, arg, false };
	struct role_assignment scratch;

	return role_record_each(t, &kind, &scratch, visit_one, &v);
}

enum fault role_assignment_each_effective(struct txn *t, enum fault (*each)(const struct role_assignment *a, void *arg),
					  void *arg)
{
	struct visit v = { each, arg, true };
	struct role_assignment scratch;

	return role_record_each(t, &kind, &scratch, visit_one, &v);
}

/* A table must not be written while it is walked: ids are gathered first, one after the other. */
struct gathering {
	struct buf ids;
	struct span scope; /* p NULL: removals that are over at now_s */
	int64_t now_s;
};

static enum fault gather(const struct role_assignment *a, void *arg)
{
	struct gathering *g = arg;
	bool is_over = a->effective_until_s != 0 && a->effective_until_s <= g->now_s;

	if (g->scope.p == NULL ? !is_over : !scope_contains(g->scope, a->scope_folded))
		return FAULT_NONE;
	if (a->id.len != UUID_LEN)
		return FAULT_STORE;
	buf_put_span(&g->ids, a->id);
	return buf_fault(&g->ids);
}

static enum fault drop_gathered(struct txn *t, struct gathering *g)
{
	enum fault f = role_assignment_each_effective(t, gather, g);

	for (size_t at = 0; f == FAULT_NONE && at < g->ids.len; at += UUID_LEN)
		f = role_record_del(t, &kind, span_of(g->ids.data + at, UUID_LEN));
	buf_done(&g->ids);
	return f;
}

enum fault role_assignment_sweep(struct txn *t, int64_t now_s)
{
	struct gathering g = { BUF_INIT(GATHER_MAX), { NULL, 0 }, now_s };

	return drop_gathered(t, &g);
}

enum fault role_assignment_drop_scope(struct txn *t, struct span scope_folded)
{
	struct gathering g = { BUF_INIT(GATHER_MAX), scope_folded, 0 };

	return drop_gathered(t, &g);
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
