#include "common/model/federated_credential.h"

#include "common/model/flat.h"
#include "common/model/place.h"
#include "common/model/tables.h"

static const struct flat_field rows[] = {
	FLAT_STR_ROW(1, struct federated_credential, principal_id),
	FLAT_STR_ROW(2, struct federated_credential, name),
	FLAT_STR_ROW(3, struct federated_credential, issuer),
	FLAT_STR_ROW(4, struct federated_credential, subject),
	FLAT_STR_ROW(5, struct federated_credential, audience),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct federated_credential),
				       TABLE_FEDERATED_CREDENTIAL };

static struct place credential_place(struct span principal_id, struct span name)
{
	struct place p;

	place_init(&p);
	place_add(&p, principal_id);
	place_add(&p, name);
	return p;
}

enum fault federated_credential_get(struct txn *t, struct span principal_id, struct span name,
				    struct federated_credential *ret)
{
	struct place at = credential_place(principal_id, name);

	return flat_get(t, &kind, place_span(&at), ret);
}

enum fault federated_credential_put(struct txn *t, const struct federated_credential *c)
{
	struct place at = credential_place(span_cstr(c->principal_id), span_cstr(c->name));

	return flat_put(t, &kind, place_span(&at), c);
}

enum fault federated_credential_del(struct txn *t, const struct federated_credential *c)
{
	struct place at = credential_place(span_cstr(c->principal_id), span_cstr(c->name));

	return txn_del(t, kind.table, place_span(&at));
}

struct visit {
	enum fault (*each)(const struct federated_credential *c, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;

	return v->each(one, v->arg);
}

enum fault federated_credential_each(struct txn *t, struct span principal_id,
				     enum fault (*each)(const struct federated_credential *c, void *arg), void *arg)
{
	struct visit v = { each, arg };
	struct federated_credential scratch;
	struct place at;

	place_init(&at);
	place_add(&at, principal_id);
	place_below(&at);
	if (place_span(&at).len == 0)
		return FAULT_NONE;
	return flat_walk(t, &kind, place_span(&at), &scratch, visit_one, &v);
}

/* A table is not written while it is walked. */
struct first {
	struct federated_credential c;
	bool is_found;
};

static enum fault take_first(const struct federated_credential *c, void *arg)
{
	struct first *first = arg;

	if (!first->is_found)
		first->c = *c;
	first->is_found = true;
	return FAULT_NONE;
}

enum fault federated_credential_drop(struct txn *t, struct span principal_id)
{
	struct first first;
	enum fault f;

	do {
		first.is_found = false;
		f = federated_credential_each(t, principal_id, take_first, &first);
		if (f == FAULT_NONE && first.is_found)
			f = federated_credential_del(t, &first.c);
	} while (f == FAULT_NONE && first.is_found);
	return f;
}
