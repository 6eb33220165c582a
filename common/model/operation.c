#include "common/model/operation.h"

#include "common/model/flat.h"
#include "common/model/place.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

#define PREFIX "registries-"
enum { SWEPT_AT_ONCE = 16, KEPT_MS = 24 * 60 * 60 * 1000 };

static const struct flat_field rows[] = {
	FLAT_STR_ROW(1, struct operation, id),
	FLAT_STR_ROW(2, struct operation, registry),
	FLAT_ROW(3, FLAT_BOOL, struct operation, is_creation),
	FLAT_ROW(4, FLAT_INT, struct operation, ends_ms),
	FLAT_STR_ROW(5, struct operation, before.system_object_id),
	{ 6, FLAT_STRS, offsetof(struct operation, before.identities), RESOURCE_ID_SIZE,
	  offsetof(struct operation, before.n_identities), REGISTRY_IDENTITIES_MAX },
	FLAT_STR_ROW(7, struct operation, before.key_identifier),
	FLAT_STR_ROW(8, struct operation, before.versioned_key_identifier),
	FLAT_STR_ROW(9, struct operation, before.key_identity),
	FLAT_ROW(10, FLAT_INT, struct operation, before.key_rotated_ms),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct operation), TABLE_OPERATION };

void registry_state_of(struct registry_state *out, const struct registry *r)
{
	memcpy(out->system_object_id, r->system_object_id, sizeof(out->system_object_id));
	out->n_identities = r->n_identities;
	memcpy(out->identities, r->identities, sizeof(out->identities));
	memcpy(out->key_identifier, r->key_identifier, sizeof(out->key_identifier));
	memcpy(out->versioned_key_identifier, r->versioned_key_identifier, sizeof(out->versioned_key_identifier));
	memcpy(out->key_identity, r->key_identity, sizeof(out->key_identity));
	out->key_rotated_ms = r->key_rotated_ms;
}

static struct place operation_place(struct span id)
{
	struct place p;

	place_init(&p);
	place_add(&p, id);
	return p;
}

/* "registries-" and the uid without dashes: no id looks so, and it is swept like one. */
static struct place registry_place(const struct registry *r)
{
	char id[OPERATION_ID_SIZE] = PREFIX;

	hex_encode(id + strlen(PREFIX), span_of(r->uid, sizeof(r->uid)));
	return operation_place(span_cstr(id));
}

enum fault operation_get(struct txn *t, struct span id, struct operation *ret)
{
	struct place at = operation_place(id);

	return flat_get(t, &kind, place_span(&at), ret);
}

enum fault operation_of_registry(struct txn *t, const struct registry *r, struct operation *ret)
{
	struct place at = registry_place(r);

	return flat_get(t, &kind, place_span(&at), ret);
}

enum fault operation_put_of_registry(struct txn *t, const struct registry *r, const struct operation *o)
{
	struct place at = registry_place(r);

	return flat_put(t, &kind, place_span(&at), o);
}

/* Keys are gathered first: a walk ends where its table is written. */
struct swept {
	size_t n;
	size_t len[SWEPT_AT_ONCE];
	char keys[SWEPT_AT_ONCE][STORE_KEY_MAX];
};

static enum fault look(struct walk *w, int64_t now_ms, struct swept *s)
{
	struct operation o;
	struct span key, value;
	enum fault f = walk_next(w, &key, &value);

	if (f == FAULT_NONE)
		f = flat_decode(value, rows, ARRAY_LEN(rows), kind.version, &o, sizeof(o));
	if (f == FAULT_NONE && o.ends_ms + KEPT_MS < now_ms) {
		memcpy(s->keys[s->n], key.p, key.len);
		s->len[s->n++] = key.len;
	}
	return f;
}

/* The neighbours of a new id, which is drawn at random: so the whole table is swept in time. */
static enum fault sweep(struct txn *t, struct span from, int64_t now_ms)
{
	struct swept s = { .n = 0 };
	struct walk w;
	enum fault f = walk_begin(t, TABLE_OPERATION, SPAN_LIT(PREFIX), from, &w);

	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; f == FAULT_NONE && i < SWEPT_AT_ONCE; i++)
		f = look(&w, now_ms, &s);
	walk_done(&w);
	if (f == FAULT_NOT_FOUND)
		f = FAULT_NONE;
	for (size_t i = 0; f == FAULT_NONE && i < s.n; i++)
		f = txn_del(t, TABLE_OPERATION, span_of(s.keys[i], s.len[i]));
	return f;
}

enum fault operation_put(struct txn *t, const struct operation *o, int64_t now_ms)
{
	struct place at = operation_place(span_cstr(o->id));
	enum fault f = sweep(t, place_span(&at), now_ms);

	return f == FAULT_NONE ? flat_put(t, &kind, place_span(&at), o) : f;
}
