#include <stdio.h>

#include "common/model/flat.h"
#include "common/model/registry_content.h"
#include "common/model/registry_key.h"
#include "common/model/tables.h"

enum { SWEPT_AT_ONCE = 8 };

static const struct flat_field rows[] = {
	FLAT_BYTES_ROW(1, struct upload, content.id, content.id_len),
	FLAT_ROW(2, FLAT_INT, struct upload, content.size),
	FLAT_ROW(3, FLAT_INT, struct upload, content.n_pieces),
	FLAT_STR_ROW(4, struct upload, repository),
	FLAT_ROW(5, FLAT_INT, struct upload, began_s),
	FLAT_BYTES_ROW(6, struct upload, sealed_state, sealed_state_len),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct upload), TABLE_REGISTRY_BLOB };

static void upload_key(struct registry_key *k, const struct registry *r, struct span id)
{
	registry_key_begin(k, r, 'u');
	registry_key_add(k, id);
}

static bool is_given_up(const struct upload *u, int64_t now_s)
{
	return now_s >= u->began_s + UPLOAD_KEPT_S;
}

/* The first ones: those given up are found sooner or later, since the others go. */
static enum fault find_given_up(struct txn *t, const struct registry *r, int64_t now_s, struct upload *found, size_t *n)
{
	struct span key, value;
	struct registry_key k;
	struct upload u;
	struct walk w;
	enum fault f;

	upload_key(&k, r, SPAN_EMPTY);
	f = walk_begin(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), SPAN_EMPTY, &w);
	if (f != FAULT_NONE)
		return f;
	for (size_t looks = 0; looks < 64 && *n < SWEPT_AT_ONCE; looks++) {
		f = walk_next(&w, &key, &value);
		if (f == FAULT_NONE)
			f = flat_decode(value, rows, ARRAY_LEN(rows), kind.version, &u, sizeof(u));
		if (f != FAULT_NONE)
			break;
		if (is_given_up(&u, now_s))
			found[(*n)++] = u;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault sweep(struct txn *t, const struct registry *r, int64_t now_s)
{
	struct upload found[SWEPT_AT_ONCE];
	size_t n = 0;
	enum fault f = find_given_up(t, r, now_s, found, &n);

	for (size_t i = 0; f == FAULT_NONE && i < n; i++)
		f = upload_drop(t, r, &found[i]);
	return f;
}

enum fault upload_begin(struct txn *t, const struct registry *r, const struct rng *rng, struct span repository,
			int64_t now_s, struct upload *ret)
{
	struct upload u = { .began_s = now_s };
	enum fault f = sweep(t, r, now_s);

	if (f == FAULT_NONE)
		f = rng_fill(rng, u.content.id, sizeof(u.content.id));
	u.content.id_len = sizeof(u.content.id);
	snprintf(u.repository, sizeof(u.repository), "%.*s", SPAN_ARG(repository));
	if (f == FAULT_NONE)
		f = upload_put(t, r, &u);
	if (f == FAULT_NONE)
		*ret = u;
	return f;
}

enum fault upload_get(struct txn *t, const struct registry *r, struct span id, struct span repository, int64_t now_s,
		      struct upload *ret)
{
	struct registry_key k;
	struct upload u;
	enum fault f;

	upload_key(&k, r, id);
	f = flat_get(t, &kind, registry_key_span(&k), &u);
	if (f == FAULT_NONE && (is_given_up(&u, now_s) || !span_eq_cstr(repository, u.repository)))
		f = FAULT_NOT_FOUND;
	if (f == FAULT_NONE)
		*ret = u;
	return f;
}

enum fault upload_put(struct txn *t, const struct registry *r, const struct upload *u)
{
	struct registry_key k;

	upload_key(&k, r, span_of(u->content.id, sizeof(u->content.id)));
	return flat_put(t, &kind, registry_key_span(&k), u);
}

static enum fault forget(struct txn *t, const struct registry *r, const struct upload *u)
{
	struct registry_key k;

	upload_key(&k, r, span_of(u->content.id, sizeof(u->content.id)));
	return txn_del(t, TABLE_REGISTRY_BLOB, registry_key_span(&k));
}

enum fault upload_drop(struct txn *t, const struct registry *r, const struct upload *u)
{
	enum fault f = blob_content_drop(t, r, &u->content);

	return f == FAULT_NONE ? forget(t, r, u) : f;
}

enum fault upload_finish(struct txn *t, const struct registry *r, const struct upload *u,
			 const uint8_t digest[SHA256_LEN])
{
	enum fault f = blob_adopt(t, r, &u->content, digest);

	if (f == FAULT_NONE)
		f = blob_link(t, r, digest, span_cstr(u->repository));
	return f == FAULT_NONE ? forget(t, r, u) : f;
}
