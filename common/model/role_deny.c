#include "common/model/role_deny.h"

#include "common/model/role_record.h"
#include "common/model/tables.h"
#include "common/plain/text.h"
#include "policy/scope.h"

#define ROW(tag, type, member)                                                                                         \
	{                                                                                                              \
		(tag), (type), offsetof(struct deny_assignment, member)                                                \
	}

static const struct role_field rows[] = {
	ROW(1, ROLE_TEXT, id),
	ROW(2, ROLE_TEXT, name),
	ROW(3, ROLE_TEXT, description),
	ROW(4, ROLE_TEXT, permissions),
	ROW(5, ROLE_TEXT, scope),
	ROW(6, ROLE_TEXT, scope_folded),
	ROW(7, ROLE_TEXT, principals),
	ROW(8, ROLE_TEXT, exclude_principals),
	ROW(9, ROLE_BOOL, does_not_apply_to_children),
	ROW(10, ROLE_BOOL, is_system_protected),
	ROW(11, ROLE_INT, created_ms),
	ROW(12, ROLE_INT, updated_ms),
	ROW(13, ROLE_TEXT, created_by),
	ROW(14, ROLE_TEXT, updated_by),
};
static const struct role_kind kind = { rows, ARRAY_LEN(rows), sizeof(struct deny_assignment), TABLE_DENY_ASSIGNMENT };

enum { GATHER_MAX = 64 << 20 };

enum fault deny_assignment_get(struct txn *t, struct span id, struct deny_assignment *ret)
{
	return role_record_get(t, &kind, id, ret);
}

enum fault deny_assignment_put(struct txn *t, const struct deny_assignment *d)
{
	return role_record_put(t, &kind, d->id, d);
}

enum fault deny_assignment_del(struct txn *t, struct span id)
{
	return role_record_del(t, &kind, id);
}

struct visit {
	enum fault (*each)(const struct deny_assignment *d, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;

	return v->each(one, v->arg);
}

enum fault deny_assignment_each(struct txn *t, enum fault (*each)(const struct deny_assignment *d, void *arg),
				void *arg)
{
	struct visit v = { each, arg };
	struct deny_assignment scratch;

	return role_record_each(t, &kind, &scratch, visit_one, &v);
}

struct gathering {
	struct buf ids;
	struct span scope;
};

static enum fault gather(const struct deny_assignment *d, void *arg)
{
	struct gathering *g = arg;

	if (!scope_contains(g->scope, d->scope_folded))
		return FAULT_NONE;
	if (d->id.len != UUID_LEN)
		return FAULT_STORE;
	buf_put_span(&g->ids, d->id);
	return buf_fault(&g->ids);
}

enum fault deny_assignment_drop_scope(struct txn *t, struct span scope_folded)
{
	struct gathering g = { BUF_INIT(GATHER_MAX), scope_folded };
	enum fault f = deny_assignment_each(t, gather, &g);

	for (size_t at = 0; f == FAULT_NONE && at < g.ids.len; at += UUID_LEN)
		f = deny_assignment_del(t, span_of(g.ids.data + at, UUID_LEN));
	buf_done(&g.ids);
	return f;
}
