#include "common/io/store_lmdb.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* The check under the write lock counts: before it, the other process may have used what was free. */
static int begin_write(struct store *s, MDB_txn **ret)
{
	for (;;) {
		/* Readers of our own come first; the write may well fit, and the next one grows the map. */
		bool may_grow = s->n_reading == 0 && !s->is_broken;
		int rc = may_grow && !store_has_headroom(s) ? store_grow(s) : 0;

		if (rc == 0)
			rc = store_begin(s, TXN_WRITE, ret);
		if (rc != 0 || !may_grow || store_has_headroom(s))
			return rc;
		mdb_txn_abort(*ret);
	}
}

enum fault txn_begin(struct store *s, enum txn_mode mode, struct txn **ret, struct err *err)
{
	struct txn *t;
	int rc;

	/* A second one would wait for the first for ever. */
	assert(mode == TXN_READ || s->writer == NULL);
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return FAULT_MEMORY;
	t->store = s;
	t->mode = mode;
	rc = mode == TXN_WRITE ? begin_write(s, &t->mdb) : store_begin(s, mode, &t->mdb);
	if (rc != 0) {
		free(t);
		return store_say(s->dir, store_explain(s, rc), err);
	}
	if (mode == TXN_WRITE)
		s->writer = t;
	else
		s->n_reading++;
	*ret = t;
	return FAULT_NONE;
}

/* Gives t's place in the store back; t->mdb is the caller's to end. */
static void leave(struct txn *t)
{
	struct store *s = t->store;

	if (t->mode == TXN_READ)
		s->n_reading--;
	else
		s->writer = NULL;
	/* One transaction needed more than the headroom: whoever tries again finds twice as much. */
	if (t->rc == MDB_MAP_FULL && s->headroom < SIZE_MAX / 8)
		s->headroom *= 2;
}

static void end_read(struct store *s, MDB_txn *mdb)
{
	if (s->spare != NULL) {
		mdb_txn_abort(mdb);
		return;
	}
	mdb_txn_reset(mdb);
	s->spare = mdb;
}

void txn_abort(struct txn *take_t)
{
	if (take_t == NULL)
		return;
	leave(take_t);
	if (take_t->mode == TXN_READ)
		end_read(take_t->store, take_t->mdb);
	else
		mdb_txn_abort(take_t->mdb);
	free(take_t);
}

enum fault txn_commit(struct txn *take_t, struct err *err)
{
	struct store *s = take_t->store;
	int rc = take_t->rc;

	if (take_t->mode == TXN_READ || rc != 0) {
		txn_abort(take_t);
		return rc == 0 ? FAULT_NONE : store_say(s->dir, rc, err);
	}
	/* Frees the transaction also when it fails. */
	take_t->rc = store_explain(s, mdb_txn_commit(take_t->mdb));
	leave(take_t);
	rc = take_t->rc;
	free(take_t);
	return rc == 0 ? FAULT_NONE : store_say(s->dir, rc, err);
}

uint64_t txn_snapshot(const struct txn *t)
{
	if (t->own_state != 0)
		return t->own_state;
	/* LMDB gives a write transaction the number that its commit will have. */
	return mdb_txn_id(t->mdb) - (t->mode == TXN_WRITE ? 1 : 0);
}

/* Values seen from here on may be rolled back, and another transaction may then commit under the same number. */
static void note_change(struct txn *t)
{
	t->own_state = (UINT64_C(1) << 63) + ++t->store->n_changes;
}

/* Every result passes here, so that commit knows the first failure. */
static enum fault remember(struct txn *t, int rc)
{
	if (rc == 0 || rc == MDB_NOTFOUND)
		return store_fault(rc);
	if (t->rc == 0) {
		t->rc = store_explain(t->store, rc);
		t->fault = store_fault(t->rc);
	}
	return t->fault;
}

static MDB_val val_of(struct span s)
{
	return (MDB_val){ s.len, (void *)s.p };
}

static struct span span_of_val(MDB_val v)
{
	return span_of(v.mv_data, v.mv_size);
}

static bool can_be_key(struct span key)
{
	return key.len > 0 && key.len <= STORE_KEY_MAX;
}

enum fault txn_get(struct txn *t, unsigned table, struct span key, struct span *ret)
{
	MDB_val k = val_of(key), v;
	int rc;

	assert(table < t->store->n_tables);
	if (t->rc != 0)
		return t->fault;
	if (!can_be_key(key))
		return FAULT_NOT_FOUND;
	rc = mdb_get(t->mdb, t->store->tables[table], &k, &v);
	if (rc != 0)
		return remember(t, rc);
	*ret = span_of_val(v);
	return FAULT_NONE;
}

enum fault txn_put(struct txn *t, unsigned table, struct span key, struct span value)
{
	MDB_val k = val_of(key), v = val_of(value);

	assert(table < t->store->n_tables && t->mode == TXN_WRITE);
	if (t->rc != 0)
		return t->fault;
	if (!can_be_key(key))
		return remember(t, MDB_BAD_VALSIZE);
	note_change(t);
	return remember(t, mdb_put(t->mdb, t->store->tables[table], &k, &v, 0));
}

enum fault txn_del(struct txn *t, unsigned table, struct span key)
{
	MDB_val k = val_of(key);

	assert(table < t->store->n_tables && t->mode == TXN_WRITE);
	if (t->rc != 0)
		return t->fault;
	if (!can_be_key(key))
		return FAULT_NOT_FOUND;
	note_change(t);
	return remember(t, mdb_del(t->mdb, t->store->tables[table], &k, NULL));
}

/* A cursor knows LMDB's transaction only; a failure matters to commit when that one is our writer's. */
static enum fault remember_walk(MDB_cursor *cursor, int rc)
{
	MDB_txn *mdb = mdb_cursor_txn(cursor);
	struct store *s = mdb_env_get_userctx(mdb_txn_env(mdb));

	return s->writer != NULL && s->writer->mdb == mdb ? remember(s->writer, rc) : store_fault(rc);
}

enum fault walk_begin(struct txn *t, unsigned table, struct span prefix, struct span from, struct walk *ret)
{
	MDB_cursor *cursor;
	int rc;

	assert(table < t->store->n_tables);
	if (t->rc != 0)
		return t->fault;
	if (prefix.len > STORE_KEY_MAX || from.len > STORE_KEY_MAX)
		return FAULT_INVALID;
	rc = mdb_cursor_open(t->mdb, t->store->tables[table], &cursor);
	if (rc != 0)
		return remember(t, rc);
	*ret = (struct walk){ .cursor = cursor, .prefix = prefix, .from = from };
	return FAULT_NONE;
}

static int span_cmp(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int step(struct walk *w, MDB_val *k, MDB_val *v)
{
	struct span start = span_cmp(w->from, w->prefix) > 0 ? w->from : w->prefix;

	if (w->is_started)
		return mdb_cursor_get(w->cursor, k, v, MDB_NEXT);
	w->is_started = true;
	*k = val_of(start);
	return mdb_cursor_get(w->cursor, k, v, start.len == 0 ? MDB_FIRST : MDB_SET_RANGE);
}

enum fault walk_next(struct walk *w, struct span *ret_key, struct span *ret_value)
{
	MDB_val k, v;
	int rc = step(w, &k, &v);

	if (rc != 0)
		return remember_walk(w->cursor, rc);
	if (!span_eq(span_first(span_of_val(k), w->prefix.len), w->prefix))
		return FAULT_NOT_FOUND;
	*ret_key = span_of_val(k);
	*ret_value = span_of_val(v);
	return FAULT_NONE;
}

void walk_done(struct walk *w)
{
	if (w->cursor != NULL)
		mdb_cursor_close(w->cursor);
	w->cursor = NULL;
}

/* One line for each reader slot; an idle one has "-" in place of a snapshot's number. */
static int count_reader(const char *line, void *arg)
{
	unsigned *n = arg;
	size_t len = strlen(line);

	if (strspn(line, " ") < len && strchr("0123456789", line[strspn(line, " ")]) != NULL && len >= 2 &&
	    line[len - 2] != '-')
		(*n)++;
	return 0;
}

void store_stats(struct store *s, struct store_stats *ret)
{
	*ret = (struct store_stats){ 0 };
	if (s->is_broken)
		return;
	ret->map_bytes = store_map_bytes(s);
	ret->used_bytes = store_used_bytes(s);
	(void)mdb_reader_list(s->env, count_reader, &ret->readers);
}
