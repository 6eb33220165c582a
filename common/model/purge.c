#include "common/model/purge.h"

#include "common/model/tables.h"

enum { LOOK_MAX = 2000, KEYS_MAX = 32, RECORDS_MAX = 256 };

/* Places in TABLE_DELETED_KEY: the vault's uid and the folded name. */
struct due_keys {
	struct {
		char place[STORE_KEY_MAX];
		size_t len;
	} items[KEYS_MAX];
	size_t n;
	bool is_end; /* of the table */
};

static bool is_due(struct txn *t, struct span place, int64_t now_s)
{
	struct key_head h;
	struct span name = span_from(place, VAULT_UID_LEN);

	/* Whatever its date: one that has passed counts as gone otherwise. */
	return key_get_deleted(t, (const uint8_t *)place.p, name, INT64_MIN, &h) == FAULT_NONE && h.purge_s <= now_s;
}

static enum fault find_keys(struct txn *t, int64_t now_s, struct purge_place *place, struct due_keys *ret)
{
	struct span key, value;
	struct walk w;
	char from[STORE_KEY_MAX + 1];
	enum fault f;

	/* The first place behind another is that and a NUL. */
	memcpy(from, place->after, place->len);
	from[place->len] = '\0';
	f = walk_begin(t, TABLE_DELETED_KEY, SPAN_EMPTY, place->len == 0 ? SPAN_EMPTY : span_of(from, place->len + 1),
		       &w);
	if (f != FAULT_NONE)
		return f;
	for (unsigned i = 0; i < LOOK_MAX && ret->n < KEYS_MAX; i++) {
		f = walk_next(&w, &key, &value);
		if (f != FAULT_NONE)
			break;
		memcpy(place->after, key.p, key.len);
		place->len = key.len;
		if (key.len > VAULT_UID_LEN && is_due(t, key, now_s)) {
			memcpy(ret->items[ret->n].place, key.p, key.len);
			ret->items[ret->n++].len = key.len;
		}
	}
	walk_done(&w);
	ret->is_end = f == FAULT_NOT_FOUND;
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault remove_keys(struct world *w, int64_t now_s, const struct due_keys *due, struct err *err)
{
	struct txn *t;
	enum fault f;

	if (due->n == 0)
		return FAULT_NONE;
	f = txn_begin(w->store, TXN_WRITE, &t, err);
	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < due->n && f == FAULT_NONE; i++) {
		struct span place = span_of(due->items[i].place, due->items[i].len);

		if (is_due(t, place, now_s))
			f = key_purge(t, (const uint8_t *)place.p, span_from(place, VAULT_UID_LEN));
	}
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

enum fault purge_keys_step(struct world *w, int64_t now_s, struct purge_place *place, bool *ret_more, struct err *err)
{
	struct due_keys due = { .n = 0 };
	struct txn *t;
	enum fault f = txn_begin(w->store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = find_keys(t, now_s, place, &due);
	txn_abort(t);
	if (f == FAULT_NONE)
		f = remove_keys(w, now_s, &due, err);
	*ret_more = f == FAULT_NONE && !due.is_end;
	return f;
}

/* The first deleted vault that is due: name and uid are enough to remove it. */
struct due_vault {
	int64_t now_s;
	bool is_found;
	struct vault vault;
};

static enum fault look_at_vault(const struct vault *v, void *arg)
{
	struct due_vault *due = arg;

	if (due->is_found || v->purge_s > due->now_s)
		return FAULT_NONE;
	due->is_found = true;
	memcpy(due->vault.uid, v->uid, sizeof(due->vault.uid));
	memcpy(due->vault.name, v->name, sizeof(due->vault.name));
	return FAULT_NONE;
}

/* Some records of a table that begin with the vault's uid; *left counts down. */
static enum fault remove_records(struct txn *t, unsigned table, const uint8_t *uid, unsigned *left)
{
	enum fault f = FAULT_NONE;

	while (f == FAULT_NONE && *left > 0) {
		char copy[STORE_KEY_MAX];
		struct span key = SPAN_EMPTY, value;
		struct walk w;

		/* A walk must not see its table written: each record is looked up anew. */
		f = walk_begin(t, table, span_of(uid, VAULT_UID_LEN), SPAN_EMPTY, &w);
		if (f != FAULT_NONE)
			return f;
		f = walk_next(&w, &key, &value);
		if (f == FAULT_NONE)
			memcpy(copy, key.p, key.len);
		walk_done(&w);
		if (f == FAULT_NONE) {
			f = txn_del(t, table, span_of(copy, key.len));
			--*left;
		}
	}
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* The vault's own record goes last: until then a later step finds it again. */
static enum fault remove_vault(struct txn *t, const struct vault *v)
{
	static const unsigned tables[] = { TABLE_KEY, TABLE_DELETED_KEY, TABLE_KEY_VERSION };
	unsigned left = RECORDS_MAX;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; i < ARRAY_LEN(tables) && f == FAULT_NONE; i++)
		f = remove_records(t, tables[i], v->uid, &left);
	return f == FAULT_NONE && left > 0 ? vault_purge(t, v) : f;
}

enum fault purge_vaults_step(struct world *w, int64_t now_s, bool *ret_more, struct err *err)
{
	struct due_vault due = { .now_s = now_s };
	struct txn *t;
	enum fault f = txn_begin(w->store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = vault_each_deleted(t, INT64_MIN, look_at_vault, &due);
	txn_abort(t);
	*ret_more = due.is_found;
	if (f != FAULT_NONE || !due.is_found)
		return f;
	f = txn_begin(w->store, TXN_WRITE, &t, err);
	if (f != FAULT_NONE)
		return f;
	f = remove_vault(t, &due.vault);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}
