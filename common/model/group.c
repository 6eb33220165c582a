#include "common/model/group.h"

#include <stdio.h>

#include "common/model/flat.h"
#include "common/model/place.h"
#include "common/model/role_scope.h"
#include "common/model/tables.h"

enum { SCOPE_MAX = 512 };

static const struct flat_field rows[] = {
	FLAT_STR_ROW(1, struct group, subscription_id),
	FLAT_STR_ROW(2, struct group, name),
	FLAT_STR_ROW(3, struct group, location),
	FLAT_STR_ROW(4, struct group, managed_by),
	FLAT_STR_ROW(5, struct group, tags),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct group), TABLE_GROUP };

static struct place group_place(struct span subscription, struct span name)
{
	struct place p;

	place_init(&p);
	place_add(&p, subscription);
	place_add(&p, name);
	return p;
}

enum fault group_get(struct txn *t, struct span subscription, struct span name, struct group *ret)
{
	struct place at = group_place(subscription, name);

	return flat_get(t, &kind, place_span(&at), ret);
}

enum fault group_put(struct txn *t, const struct group *g)
{
	struct place at = group_place(span_cstr(g->subscription_id), span_cstr(g->name));

	return flat_put(t, &kind, place_span(&at), g);
}

enum fault group_del(struct txn *t, struct span subscription, struct span name)
{
	struct place at = group_place(subscription, name);
	char id[SCOPE_MAX];
	enum fault f = txn_del(t, TABLE_GROUP, place_span(&at));

	snprintf(id, sizeof(id), "/subscriptions/%.*s/resourceGroups/%.*s", SPAN_ARG(subscription), SPAN_ARG(name));
	return f == FAULT_NONE ? role_scope_drop(t, id) : f;
}

struct visit {
	enum fault (*each)(const struct group *g, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;

	return v->each(one, v->arg);
}

enum fault group_each(struct txn *t, struct span subscription, enum fault (*each)(const struct group *g, void *arg),
		      void *arg)
{
	struct visit v = { each, arg };
	struct group scratch;
	struct place at;

	place_init(&at);
	place_add(&at, subscription);
	place_below(&at);
	if (place_span(&at).len == 0)
		return FAULT_NONE;
	return flat_walk(t, &kind, place_span(&at), &scratch, visit_one, &v);
}
