#include "common/model/registry_content.h"

#include "common/model/flat.h"
#include "common/model/registry_key.h"
#include "common/model/tables.h"

static const struct flat_field blob_rows[] = {
	FLAT_BYTES_ROW(1, struct blob_content, id, id_len),
	FLAT_ROW(2, FLAT_INT, struct blob_content, size),
	FLAT_ROW(3, FLAT_INT, struct blob_content, n_pieces),
};
static const struct flat_kind blob_kind = { blob_rows, ARRAY_LEN(blob_rows), 1, sizeof(struct blob_content),
					    TABLE_REGISTRY_BLOB };

static struct span digest_span(const uint8_t digest[SHA256_LEN])
{
	return span_of(digest, SHA256_LEN);
}

static void content_key(struct registry_key *k, const struct registry *r, const struct blob_content *c)
{
	registry_key_begin(k, r, 'c');
	registry_key_add(k, span_of(c->id, sizeof(c->id)));
}

static void piece_key(struct registry_key *k, const struct registry *r, const struct blob_content *c, int64_t piece)
{
	const uint8_t n[4] = { (uint8_t)(piece >> 24), (uint8_t)(piece >> 16), (uint8_t)(piece >> 8), (uint8_t)piece };

	content_key(k, r, c);
	registry_key_add(k, span_of(n, sizeof(n)));
}

void blob_piece_context(struct buf *out, const struct registry *r, const struct blob_content *c, int64_t piece)
{
	struct registry_key k;

	piece_key(&k, r, c, piece);
	buf_put_cstr(out, "registry-blob/");
	buf_put_span(out, registry_key_span(&k));
}

enum fault blob_piece_put(struct txn *t, const struct registry *r, const struct blob_content *c, int64_t piece,
			  struct span sealed)
{
	struct registry_key k;

	piece_key(&k, r, c, piece);
	return txn_put(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), sealed);
}

enum fault blob_piece_get(struct txn *t, const struct registry *r, const struct blob_content *c, int64_t piece,
			  struct span *ret)
{
	struct registry_key k;

	piece_key(&k, r, c, piece);
	return txn_get(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), ret);
}

enum fault blob_content_drop(struct txn *t, const struct registry *r, const struct blob_content *c)
{
	struct registry_key k;

	content_key(&k, r, c);
	return txn_drop(t, TABLE_REGISTRY_BLOB, registry_key_span(&k));
}

static void link_key(struct registry_key *k, const struct registry *r, const uint8_t digest[SHA256_LEN],
		     struct span repository)
{
	registry_key_begin(k, r, 'l');
	registry_key_add(k, digest_span(digest));
	registry_key_add(k, repository);
}

static void blob_key(struct registry_key *k, const struct registry *r, const uint8_t digest[SHA256_LEN])
{
	registry_key_begin(k, r, 'b');
	registry_key_add(k, digest_span(digest));
}

enum fault blob_get(struct txn *t, const struct registry *r, const uint8_t digest[SHA256_LEN], struct span repository,
		    struct blob_content *ret)
{
	struct registry_key k;
	struct span any;
	enum fault f;

	link_key(&k, r, digest, repository);
	f = txn_get(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), &any);
	blob_key(&k, r, digest);
	return f == FAULT_NONE ? flat_get(t, &blob_kind, registry_key_span(&k), ret) : f;
}

enum fault blob_link(struct txn *t, const struct registry *r, const uint8_t digest[SHA256_LEN], struct span repository)
{
	struct registry_key k;

	link_key(&k, r, digest, repository);
	return txn_put(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), SPAN_LIT("\1"));
}

static enum fault drop_blob(struct txn *t, const struct registry *r, const uint8_t digest[SHA256_LEN])
{
	struct blob_content c;
	struct registry_key k;
	enum fault f;

	blob_key(&k, r, digest);
	f = flat_get(t, &blob_kind, registry_key_span(&k), &c);
	if (f == FAULT_NONE)
		f = blob_content_drop(t, r, &c);
	return f == FAULT_NONE ? txn_del(t, TABLE_REGISTRY_BLOB, registry_key_span(&k)) : f;
}

enum fault blob_unlink(struct txn *t, const struct registry *r, const uint8_t digest[SHA256_LEN],
		       struct span repository)
{
	struct span key, value;
	struct registry_key k;
	struct walk w;
	enum fault f;

	link_key(&k, r, digest, repository);
	f = txn_del(t, TABLE_REGISTRY_BLOB, registry_key_span(&k));
	if (f != FAULT_NONE)
		return f;
	link_key(&k, r, digest, SPAN_EMPTY);
	f = walk_begin(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), SPAN_EMPTY, &w);
	if (f != FAULT_NONE)
		return f;
	f = walk_next(&w, &key, &value);
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? drop_blob(t, r, digest) : f;
}

enum fault blob_adopt(struct txn *t, const struct registry *r, const struct blob_content *c,
		      const uint8_t digest[SHA256_LEN])
{
	struct registry_key k;
	struct span there;
	enum fault f;

	blob_key(&k, r, digest);
	f = txn_get(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), &there);
	if (f == FAULT_NONE)
		return blob_content_drop(t, r, c);
	return f == FAULT_NOT_FOUND ? flat_put(t, &blob_kind, registry_key_span(&k), c) : f;
}
