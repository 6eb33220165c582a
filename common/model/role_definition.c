#include "common/model/role_definition.h"

#include "common/model/role_record.h"
#include "common/model/tables.h"

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
};
static const struct role_kind kind = { rows, ARRAY_LEN(rows), sizeof(struct role_definition), TABLE_ROLE_DEFINITION };

enum fault role_definition_get(struct txn *t, struct span id, struct role_definition *ret)
{
	return role_record_get(t, &kind, id, ret);
}

enum fault role_definition_put(struct txn *t, const struct role_definition *d)
{
	return role_record_put(t, &kind, d->id, d);
}

enum fault role_definition_del(struct txn *t, struct span id)
{
	return role_record_del(t, &kind, id);
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

	return role_record_each(t, &kind, &scratch, visit_one, &v);
}
