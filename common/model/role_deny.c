#include "common/model/role_deny.h"

#include "common/model/role_record.h"
#include "common/model/tables.h"
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
	ROW(15, ROLE_INT, effective_from_s),
	ROW(16, ROLE_INT, effective_until_s),
};
static const struct role_kind kind = { .rows = rows,
				       .n_rows = ARRAY_LEN(rows),
				       .size = sizeof(struct deny_assignment),
				       .table = TABLE_DENY_ASSIGNMENT,
				       .until = offsetof(struct deny_assignment, effective_until_s),
				       .folded = offsetof(struct deny_assignment, scope_folded) };

enum fault deny_assignment_get_effective(struct txn *t, struct span id, struct deny_assignment *ret)
{
	return role_record_get(t, &kind, id, ret);
}

enum fault deny_assignment_get(struct txn *t, struct span id, struct deny_assignment *ret)
{
	struct deny_assignment d;
	enum fault f = role_record_get(t, &kind, id, &d);

	if (f != FAULT_NONE)
		return f;
	if (d.effective_until_s != 0)
		return FAULT_NOT_FOUND;
	*ret = d;
	return FAULT_NONE;
}

enum fault deny_assignment_put(struct txn *t, const struct deny_assignment *d)
{
	return role_record_put(t, &kind, d->id, d);
}

enum fault deny_assignment_remove(struct txn *t, struct span id, int64_t now_s, int64_t until_s)
{
	struct deny_assignment d;
	enum fault f = deny_assignment_get(t, id, &d);

	if (f != FAULT_NONE)
		return f;
	/* One that never took effect has nothing to outlive. */
	if (until_s <= now_s || d.effective_from_s >= until_s)
		return role_record_del(t, &kind, id);
	d.effective_until_s = until_s;
	return role_record_put(t, &kind, id, &d);
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

	return role_record_each(t, &kind, ROLE_THERE, &scratch, visit_one, &v);
}

enum fault deny_assignment_each_effective(struct txn *t, enum fault (*each)(const struct deny_assignment *d, void *arg),
					  void *arg)
{
	struct visit v = { each, arg };
	struct deny_assignment scratch;

	return role_record_each(t, &kind, ROLE_REMOVED_TOO, &scratch, visit_one, &v);
}

enum fault deny_assignment_sweep(struct txn *t, int64_t now_s)
{
	struct deny_assignment scratch;

	return role_record_sweep(t, &kind, &scratch, now_s);
}

enum fault deny_assignment_drop_scope(struct txn *t, struct span scope_folded)
{
	struct deny_assignment scratch;

	return role_record_drop_scope(t, &kind, &scratch, scope_folded);
}
