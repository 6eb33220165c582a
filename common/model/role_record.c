#include "common/model/role_record.h"

#include "common/model/tables.h"
#include "common/plain/text.h"
#include "policy/scope.h"

enum {
	ROLE_VERSION = 1,
	MARK_VERSION = 1,
	TAG_MARK = 1,
	ROLE_RECORD_MAX = 1 << 20,
	MARK_RECORD_MAX = 64,
	GATHER_MAX = 64 << 20
};
#define MARK_KEY SPAN_LIT("roles")

static void encode_field(struct buf *b, const struct role_field *row, const char *at)
{
	struct span text;
	int64_t number;

	switch (row->type) {
	case ROLE_TEXT:
		memcpy(&text, at, sizeof(text));
		if (text.p != NULL)
			record_put(b, row->tag, text);
		return;
	case ROLE_INT:
		memcpy(&number, at, sizeof(number));
		record_put_int(b, row->tag, number);
		return;
	case ROLE_BOOL:
		record_put_bool(b, row->tag, *(const bool *)at);
		return;
	}
}

static enum fault decode_field(const struct role_field *row, struct span value, char *at)
{
	int64_t number = 0;
	enum fault f;

	switch (row->type) {
	case ROLE_TEXT:
		memcpy(at, &value, sizeof(value));
		return FAULT_NONE;
	case ROLE_INT:
		f = record_int(value, &number);
		memcpy(at, &number, sizeof(number));
		return f;
	case ROLE_BOOL:
		return record_bool(value, (bool *)at);
	}
	return FAULT_STORE;
}

/* The row of a tag, looked for from `from` on: fields stand in the order of the rows. NULL: a newer writer's. */
static const struct role_field *row_of(const struct role_kind *k, size_t from, uint16_t tag)
{
	for (size_t i = from; i < k->n_rows; i++)
		if (k->rows[i].tag == tag)
			return &k->rows[i];
	for (size_t i = 0; i < from; i++)
		if (k->rows[i].tag == tag)
			return &k->rows[i];
	return NULL;
}

static enum fault decode(const struct role_kind *k, struct span bytes, void *into)
{
	struct record_reader r;
	struct span value;
	uint16_t tag;
	size_t next = 0;
	enum fault f = record_open(&r, bytes, ROLE_VERSION);

	memset(into, 0, k->size);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE) {
		const struct role_field *row = row_of(k, next, tag);

		if (row == NULL)
			continue;
		next = (size_t)(row - k->rows) + 1;
		f = decode_field(row, value, (char *)into + row->offset);
	}
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault role_mark_get(struct txn *t, uint64_t *ret)
{
	struct record_reader r;
	struct span bytes, value;
	int64_t number = 0;
	uint16_t tag;
	enum fault f = txn_get(t, TABLE_META, MARK_KEY, &bytes);

	if (f == FAULT_NONE)
		f = record_open(&r, bytes, MARK_VERSION);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		if (tag == TAG_MARK)
			f = record_int(value, &number);
	if (f == FAULT_NOT_FOUND)
		*ret = (uint64_t)number;
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static uint64_t mix(uint64_t h, struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return h * UINT64_C(0x100000001b3);
}

/* A digest of the whole history rather than a count: a count comes again when a write is given up or an older state of
 * the world is restored. */
static enum fault leave_mark(struct txn *t, unsigned table, struct span id, struct span value)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(MARK_RECORD_MAX);
	uint64_t mark = 0;
	enum fault f = role_mark_get(t, &mark);

	if (f != FAULT_NONE)
		return f;
	mark = mix(mix((mark ^ table) + UINT64_C(0xcbf29ce484222325), id), value);
	record_begin(&b, MARK_VERSION, MARK_VERSION);
	record_put_int(&b, TAG_MARK, (int64_t)(mark == 0 ? 1 : mark));
	return buf_fault(&b) != FAULT_NONE ? buf_fault(&b) : txn_put(t, TABLE_META, MARK_KEY, buf_span(&b));
}

enum fault role_record_get(struct txn *t, const struct role_kind *k, struct span id, void *ret)
{
	struct span bytes;
	enum fault f = txn_get(t, k->table, id, &bytes);

	return f != FAULT_NONE ? f : decode(k, bytes, ret);
}

enum fault role_record_put(struct txn *t, const struct role_kind *k, struct span id, const void *from)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(ROLE_RECORD_MAX);
	SCOPED_DONE(buf) struct buf key = BUF_INIT(STORE_KEY_MAX);
	enum fault f;

	/* id may live in the transaction, where the first write moves it. */
	buf_put_span(&key, id);
	record_begin(&b, ROLE_VERSION, ROLE_VERSION);
	for (size_t i = 0; i < k->n_rows; i++)
		encode_field(&b, &k->rows[i], (const char *)from + k->rows[i].offset);
	f = buf_fault(&b);
	if (f == FAULT_NONE)
		f = buf_fault(&key);
	if (f == FAULT_NONE)
		f = txn_put(t, k->table, buf_span(&key), buf_span(&b));
	return f == FAULT_NONE ? leave_mark(t, k->table, buf_span(&key), buf_span(&b)) : f;
}

enum fault role_record_del(struct txn *t, const struct role_kind *k, struct span id)
{
	SCOPED_DONE(buf) struct buf key = BUF_INIT(STORE_KEY_MAX);
	enum fault f;

	buf_put_span(&key, id);
	if (buf_fault(&key) != FAULT_NONE)
		return FAULT_NOT_FOUND;
	f = txn_del(t, k->table, buf_span(&key));
	return f == FAULT_NONE ? leave_mark(t, k->table, buf_span(&key), SPAN_EMPTY) : f;
}

static int64_t until_of(const struct role_kind *k, const void *one)
{
	int64_t until_s;

	memcpy(&until_s, (const char *)one + k->until, sizeof(until_s));
	return until_s;
}

bool role_record_is_over(const struct role_kind *k, const void *one, int64_t now_s)
{
	int64_t until_s = until_of(k, one);

	return until_s != 0 && until_s <= now_s;
}

enum fault role_record_each(struct txn *t, const struct role_kind *k, enum role_which which, void *scratch,
			    enum fault (*each)(const void *one, void *arg), void *arg)
{
	struct span key, value;
	struct walk w;
	bool is_end = false;
	enum fault f = walk_begin(t, k->table, SPAN_EMPTY, SPAN_EMPTY, &w);

	if (f != FAULT_NONE)
		return f;
	while (f == FAULT_NONE) {
		f = walk_next(&w, &key, &value);
		is_end = f == FAULT_NOT_FOUND;
		if (f == FAULT_NONE)
			f = decode(k, value, scratch);
		if (f == FAULT_NONE && (which == ROLE_REMOVED_TOO || until_of(k, scratch) == 0))
			f = each(scratch, arg);
	}
	walk_done(&w);
	return is_end ? FAULT_NONE : f;
}

typedef bool role_test(const struct role_kind *k, const void *one, const void *arg);

/* A table must not be written while it is walked: ids are gathered first, one after the other. */
static enum fault gather_over(struct txn *t, const struct role_kind *k, void *scratch, role_test *is_gone,
			      const void *arg, struct buf *ids)
{
	struct span key, value;
	struct walk w;
	enum fault f = walk_begin(t, k->table, SPAN_EMPTY, SPAN_EMPTY, &w);

	if (f != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &key, &value)) == FAULT_NONE) {
		f = key.len == UUID_LEN ? decode(k, value, scratch) : FAULT_STORE;
		if (f != FAULT_NONE)
			break;
		if (is_gone(k, scratch, arg))
			buf_put_span(ids, key);
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? buf_fault(ids) : f;
}

static enum fault drop(struct txn *t, const struct role_kind *k, void *scratch, role_test *is_gone, const void *arg)
{
	SCOPED_DONE(buf) struct buf ids = BUF_INIT(GATHER_MAX);
	enum fault f = gather_over(t, k, scratch, is_gone, arg, &ids);

	for (size_t at = 0; f == FAULT_NONE && at < ids.len; at += UUID_LEN)
		f = role_record_del(t, k, span_of(ids.data + at, UUID_LEN));
	return f;
}

static bool is_over(const struct role_kind *k, const void *one, const void *arg)
{
	const int64_t *now_s = arg;

	return role_record_is_over(k, one, *now_s);
}

enum fault role_record_sweep(struct txn *t, const struct role_kind *k, void *scratch, int64_t now_s)
{
	return drop(t, k, scratch, is_over, &now_s);
}

static bool is_below(const struct role_kind *k, const void *one, const void *arg)
{
	struct span folded;

	memcpy(&folded, (const char *)one + k->folded, sizeof(folded));
	return scope_contains(*(const struct span *)arg, folded);
}

enum fault role_record_drop_scope(struct txn *t, const struct role_kind *k, void *scratch, struct span scope_folded)
{
	return drop(t, k, scratch, is_below, &scope_folded);
}
