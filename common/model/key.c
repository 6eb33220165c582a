#include "common/model/key.h"

#include <stdlib.h>

#include "common/io/record.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

enum { KEY_RECORD_VERSION = 1, KEY_RECORD_MAX = 128 << 10, PLACE_MAX = 256, ROTATION_RECORD_MAX = 1024 };

enum head_tag {
	HEAD_NAME = 1,
	HEAD_CURRENT = 2,
	HEAD_DELETED_S = 3,
	HEAD_PURGE_S = 4,
	HEAD_ROTATION = 5,
	HEAD_NOTIFIED = 6,
	HEAD_RECOVERED_S = 7,
};

/* vault uid, then the folded name: lists ascend by upper-cased name. */
static void put_place(struct buf *b, const uint8_t *vault_uid, struct span name)
{
	buf_put(b, vault_uid, VAULT_UID_LEN);
	for (size_t i = 0; i < name.len; i++)
		buf_put_char(b, ascii_upper(name.p[i]));
}

void key_head_encode(struct buf *out, const struct key_head *h)
{
	SCOPED_DONE(buf) struct buf rotation = BUF_INIT(ROTATION_RECORD_MAX);

	record_begin(out, KEY_RECORD_VERSION, KEY_RECORD_VERSION);
	record_put_cstr(out, HEAD_NAME, h->name);
	record_put_cstr(out, HEAD_CURRENT, h->current);
	record_put_int(out, HEAD_DELETED_S, h->deleted_s);
	record_put_int(out, HEAD_PURGE_S, h->purge_s);
	if (h->recovered_s != 0)
		record_put_int(out, HEAD_RECOVERED_S, h->recovered_s);
	if (h->notified[0] != '\0')
		record_put_cstr(out, HEAD_NOTIFIED, h->notified);
	if (!h->rotation.is_set)
		return;
	key_rotation_encode(&rotation, &h->rotation);
	if (rotation.fault != FAULT_NONE)
		out->fault = rotation.fault;
	record_put(out, HEAD_ROTATION, buf_span(&rotation));
}

enum fault key_head_decode(struct span bytes, struct key_head *h)
{
	struct record_reader r;
	struct span v;
	uint16_t tag;
	enum fault f = record_open(&r, bytes, KEY_RECORD_VERSION);

	memset(h, 0, sizeof(*h));
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &v)) == FAULT_NONE) {
		switch ((enum head_tag)tag) {
		case HEAD_NAME:
			f = record_str(v, h->name, sizeof(h->name));
			break;
		case HEAD_CURRENT:
			f = record_str(v, h->current, sizeof(h->current));
			break;
		case HEAD_DELETED_S:
			f = record_int(v, &h->deleted_s);
			break;
		case HEAD_PURGE_S:
			f = record_int(v, &h->purge_s);
			break;
		case HEAD_ROTATION:
			f = key_rotation_decode(v, &h->rotation);
			break;
		case HEAD_NOTIFIED:
			f = record_str(v, h->notified, sizeof(h->notified));
			break;
		case HEAD_RECOVERED_S:
			f = record_int(v, &h->recovered_s);
			break;
		}
	}
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault head_get(struct txn *t, unsigned table, const uint8_t *uid, struct span name, struct key_head *ret)
{
	SCOPED_DONE(buf) struct buf place = BUF_INIT(PLACE_MAX);
	struct key_head h;
	struct span bytes;
	enum fault f;

	if (name.len == 0 || name.len >= KEY_NAME_SIZE)
		return FAULT_NOT_FOUND;
	put_place(&place, uid, name);
	f = buf_fault(&place);
	if (f == FAULT_NONE)
		f = txn_get(t, table, buf_span(&place), &bytes);
	if (f == FAULT_NONE)
		f = key_head_decode(bytes, &h);
	if (f == FAULT_NONE)
		*ret = h;
	return f;
}

static enum fault head_put(struct txn *t, unsigned table, const uint8_t *uid, const struct key_head *h)
{
	SCOPED_DONE(buf) struct buf place = BUF_INIT(PLACE_MAX);
	SCOPED_DONE(buf) struct buf b = BUF_INIT(KEY_RECORD_MAX);
	enum fault f;

	put_place(&place, uid, span_cstr(h->name));
	key_head_encode(&b, h);
	if ((f = buf_fault(&place)) != FAULT_NONE || (f = buf_fault(&b)) != FAULT_NONE)
		return f;
	return txn_put(t, table, buf_span(&place), buf_span(&b));
}

static enum fault head_del(struct txn *t, unsigned table, const uint8_t *uid, struct span name)
{
	SCOPED_DONE(buf) struct buf place = BUF_INIT(PLACE_MAX);
	enum fault f;

	put_place(&place, uid, name);
	f = buf_fault(&place);
	return f == FAULT_NONE ? txn_del(t, table, buf_span(&place)) : f;
}

enum fault key_get(struct txn *t, const uint8_t *vault_uid, struct span name, struct key_head *ret)
{
	return head_get(t, TABLE_KEY, vault_uid, name, ret);
}

enum fault key_get_deleted(struct txn *t, const uint8_t *vault_uid, struct span name, int64_t now_s,
			   struct key_head *ret)
{
	struct key_head h;
	enum fault f = head_get(t, TABLE_DELETED_KEY, vault_uid, name, &h);

	if (f == FAULT_NONE && h.purge_s <= now_s)
		return FAULT_NOT_FOUND;
	if (f == FAULT_NONE)
		*ret = h;
	return f;
}

enum fault key_put(struct txn *t, const uint8_t *vault_uid, const struct key_head *h)
{
	return head_put(t, TABLE_KEY, vault_uid, h);
}

enum fault key_soft_delete(struct txn *t, const uint8_t *vault_uid, const struct key_head *h)
{
	enum fault f = head_del(t, TABLE_KEY, vault_uid, span_cstr(h->name));

	return f == FAULT_NONE ? head_put(t, TABLE_DELETED_KEY, vault_uid, h) : f;
}

enum fault key_recover(struct txn *t, const uint8_t *vault_uid, const struct key_head *h)
{
	struct key_head living = *h;
	enum fault f = head_del(t, TABLE_DELETED_KEY, vault_uid, span_cstr(h->name));

	living.deleted_s = 0;
	living.purge_s = 0;
	return f == FAULT_NONE ? head_put(t, TABLE_KEY, vault_uid, &living) : f;
}

/* A walk must not see its table written: the next key is looked up anew after each removal. */
static enum fault delete_prefix(struct txn *t, unsigned table, struct span prefix)
{
	for (;;) {
		SCOPED_DONE(buf) struct buf copy = BUF_INIT(STORE_KEY_MAX);
		struct walk w;
		struct span key, value;
		enum fault f = walk_begin(t, table, prefix, SPAN_EMPTY, &w);

		if (f != FAULT_NONE)
			return f;
		f = walk_next(&w, &key, &value);
		if (f == FAULT_NONE)
			buf_put_span(&copy, key);
		walk_done(&w);
		if (f == FAULT_NOT_FOUND)
			return FAULT_NONE;
		if (f != FAULT_NONE || (f = buf_fault(&copy)) != FAULT_NONE ||
		    (f = txn_del(t, table, buf_span(&copy))) != FAULT_NONE)
			return f;
	}
}

enum fault key_purge(struct txn *t, const uint8_t *vault_uid, struct span name)
{
	SCOPED_DONE(buf) struct buf place = BUF_INIT(PLACE_MAX);
	enum fault f = head_del(t, TABLE_DELETED_KEY, vault_uid, name);

	put_place(&place, vault_uid, name);
	buf_put_u8(&place, 0);
	if (f == FAULT_NONE)
		f = buf_fault(&place);
	return f == FAULT_NONE ? delete_prefix(t, TABLE_KEY_VERSION, buf_span(&place)) : f;
}

enum fault key_purge_vault(struct txn *t, const uint8_t *vault_uid)
{
	static const unsigned tables[] = { TABLE_KEY, TABLE_DELETED_KEY, TABLE_KEY_VERSION };
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(tables); i++)
		f = delete_prefix(t, tables[i], span_of(vault_uid, VAULT_UID_LEN));
	return f;
}

struct head_filter {
	bool is_deleted;
	int64_t now_s;
};

/* The first place behind the marker is the marker and a NUL. */
static void put_after(struct buf *b, struct span prefix, struct span after)
{
	buf_put_span(b, prefix);
	for (size_t i = 0; i < after.len; i++)
		buf_put_char(b, ascii_upper(after.p[i]));
	buf_put_u8(b, 0);
}

static enum fault each_head(struct txn *t, unsigned table, const uint8_t *uid, struct span after,
			    struct head_filter filter, bool (*each)(const struct key_head *h, void *arg), void *arg)
{
	SCOPED_DONE(buf) struct buf from = BUF_INIT(STORE_KEY_MAX);
	struct span prefix = span_of(uid, VAULT_UID_LEN), key, bytes;
	struct walk w;
	enum fault f;

	if (after.len > 0)
		put_after(&from, prefix, after);
	if ((f = buf_fault(&from)) != FAULT_NONE ||
	    (f = walk_begin(t, table, prefix, buf_span(&from), &w)) != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &key, &bytes)) == FAULT_NONE) {
		struct key_head h;

		f = key_head_decode(bytes, &h);
		if (f != FAULT_NONE)
			break;
		if (filter.is_deleted && h.purge_s <= filter.now_s)
			continue;
		if (!each(&h, arg))
			break;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault key_each(struct txn *t, const uint8_t *vault_uid, struct span after,
		    bool (*each)(const struct key_head *h, void *arg), void *arg)
{
	return each_head(t, TABLE_KEY, vault_uid, after, (struct head_filter){ false, 0 }, each, arg);
}

enum fault key_each_deleted(struct txn *t, const uint8_t *vault_uid, struct span after, int64_t now_s,
			    bool (*each)(const struct key_head *h, void *arg), void *arg)
{
	return each_head(t, TABLE_DELETED_KEY, vault_uid, after, (struct head_filter){ true, now_s }, each, arg);
}

enum fault key_each_everywhere(struct txn *t, struct span after,
			       bool (*each)(struct span place, const struct key_head *h, void *arg), void *arg)
{
	SCOPED_DONE(buf) struct buf from = BUF_INIT(STORE_KEY_MAX + 1);
	struct span place, bytes;
	struct walk w;
	enum fault f;

	if (after.len > 0) {
		buf_put_span(&from, after);
		buf_put_u8(&from, 0);
	}
	if ((f = buf_fault(&from)) != FAULT_NONE ||
	    (f = walk_begin(t, TABLE_KEY, SPAN_EMPTY, buf_span(&from), &w)) != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &place, &bytes)) == FAULT_NONE) {
		struct key_head h;

		f = place.len <= VAULT_UID_LEN ? FAULT_STORE : key_head_decode(bytes, &h);
		if (f != FAULT_NONE || !each(place, &h, arg))
			break;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

void key_seal_context(struct buf *out, const uint8_t *vault_uid, struct span name, struct span version)
{
	buf_put_cstr(out, "key-version");
	buf_put_u8(out, 0);
	put_place(out, vault_uid, name);
	buf_put_u8(out, 0);
	buf_put_span(out, version);
}
