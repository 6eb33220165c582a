#include "common/model/role_definition.h"

#include "common/model/role_record.h"
#include "common/model/tables.h"
#include "policy/propagation.h"

#define ROW(tag, type, member)                                                                                         \
	{                                                                                                              \
		(tag), (type), offsetof(struct role_definition, member)                                                \
	}

static const struct role_field rows[] = {
	ROW(1, ROLE_TEXT, id),
	ROW(2, ROLE_TEXT, name),
	ROW(3, ROLE_TEXT, description),
	ROW(4, ROLE_TEXT, permissions),
	ROW(5, ROLE_TEXT, assignable_scopes),
	ROW(6, ROLE_INT, created_ms),
	ROW(7, ROLE_INT, updated_ms),
	ROW(8, ROLE_TEXT, created_by),
	ROW(9, ROLE_TEXT, updated_by),
	ROW(10, ROLE_TEXT, former_permissions),
	ROW(11, ROLE_INT, effective_from_s),
	ROW(12, ROLE_INT, effective_until_s),
};
static const struct role_kind kind = { .rows = rows,
				       .n_rows = ARRAY_LEN(rows),
				       .size = sizeof(struct role_definition),
				       .table = TABLE_ROLE_DEFINITION,
				       .until = offsetof(struct role_definition, effective_until_s),
				       .folded = (size_t)ROLE_NO_SCOPE };

enum fault role_definition_get(struct txn *t, struct span id, struct role_definition *ret)
{
	struct role_definition d;
	enum fault f = role_record_get(t, &kind, id, &d);

	if (f != FAULT_NONE)
		return f;
	if (d.effective_until_s != 0)
		return FAULT_NOT_FOUND;
	*ret = d;
	return FAULT_NONE;
}

/* former may be one that was removed: its effect lasts, or nobody feels it any more. */
static void set_times(struct role_definition *d, const struct role_definition *former, int64_t now_s, int64_t delay_s)
{
	bool is_change_felt = now_s >= former->effective_from_s;

	if (former->effective_until_s != 0 && former->effective_until_s <= now_s)
		return;
	if (span_eq(d->permissions, former->permissions)) {
		d->former_permissions = former->former_permissions;
		d->effective_from_s = former->effective_from_s;
	} else if (delay_s != 0) {
		d->former_permissions = is_change_felt || former->former_permissions.p == NULL
						? former->permissions
						: former->former_permissions;
		d->effective_from_s = propagation_due(now_s, delay_s);
	}
}

enum fault role_definition_put(struct txn *t, struct role_definition *d, int64_t now_s, int64_t delay_s)
{
	struct role_definition former;
	enum fault f = role_record_get(t, &kind, d->id, &former);

	d->former_permissions = (struct span){ NULL, 0 };
	d->effective_from_s = d->effective_until_s = 0;
	if (f == FAULT_NONE)
		set_times(d, &former, now_s, delay_s);
	return f == FAULT_NONE || f == FAULT_NOT_FOUND ? role_record_put(t, &kind, d->id, d) : f;
}

enum fault role_definition_remove(struct txn *t, struct span id, int64_t now_s, int64_t until_s)
{
	struct role_definition d;
	enum fault f = role_definition_get(t, id, &d);

	if (f != FAULT_NONE)
		return f;
	if (until_s <= now_s)
		return role_record_del(t, &kind, id);
	d.effective_until_s = until_s;
	return role_record_put(t, &kind, id, &d);
}

struct visit {
	enum fault (*each)(const struct role_definition *d, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;

	return v->each(one, v->arg);
}

enum fault role_definition_each(struct txn *t, enum fault (*each)(const struct role_definition *d, void *arg),
				void *arg)
{
	struct visit v = { each, arg };
	struct role_definition scratch;

	return role_record_each(t, &kind, ROLE_THERE, &scratch, visit_one, &v);
}

enum fault role_definition_each_effective(struct txn *t, enum fault (*each)(const struct role_definition *d, void *arg),
					  void *arg)
{
	struct visit v = { each, arg };
	struct role_definition scratch;

	return role_record_each(t, &kind, ROLE_REMOVED_TOO, &scratch, visit_one, &v);
}

enum fault role_definition_sweep(struct txn *t, int64_t now_s)
{
	struct role_definition scratch;

	return role_record_sweep(t, &kind, &scratch, now_s);
}
