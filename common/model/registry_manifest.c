#include "common/model/registry_manifest.h"

#include "common/io/record.h"
#include "common/model/registry_key.h"
#include "common/model/tables.h"

enum { RECORD_VERSION = 1, RECORD_MAX = MANIFEST_MAX + 4096, TAGS_AT_ONCE = 16 };
enum { TAG_MEDIA_TYPE = 1, TAG_PLAIN_SIZE = 2, TAG_SEALED = 3 };

static const struct span nul = { "", 1 };

/* "m" or "t" of a repository; rest empty: all of them. */
static void below_key(struct registry_key *k, const struct registry *r, char letter, struct span repository,
		      struct span rest)
{
	registry_key_begin(k, r, letter);
	registry_key_add(k, repository);
	registry_key_add(k, nul);
	registry_key_add(k, rest);
}

static void manifest_key(struct registry_key *k, const struct registry *r, struct span repository,
			 const uint8_t digest[SHA256_LEN])
{
	below_key(k, r, 'm', repository, span_of(digest, SHA256_LEN));
}

static void repository_key(struct registry_key *k, const struct registry *r, struct span repository)
{
	registry_key_begin(k, r, 'r');
	registry_key_add(k, repository);
}

void manifest_context(struct buf *out, const struct registry *r, struct span repository,
		      const uint8_t digest[SHA256_LEN])
{
	struct registry_key k;

	manifest_key(&k, r, repository, digest);
	buf_put_cstr(out, "registry-manifest/");
	buf_put_span(out, registry_key_span(&k));
}

static enum fault read_field(uint16_t tag, struct span value, void *into)
{
	struct manifest *m = into;

	switch (tag) {
	case TAG_MEDIA_TYPE:
		return record_str(value, m->media_type, sizeof(m->media_type));
	case TAG_PLAIN_SIZE:
		return record_int(value, &m->size);
	case TAG_SEALED:
		m->sealed = value;
		return FAULT_NONE;
	default:
		return FAULT_NONE;
	}
}

static enum fault decode(struct span bytes, struct manifest *m)
{
	return record_each(bytes, RECORD_VERSION, read_field, m);
}

enum fault manifest_get(struct txn *t, const struct registry *r, struct span repository,
			const uint8_t digest[SHA256_LEN], struct manifest *ret)
{
	struct manifest m = { .sealed = SPAN_EMPTY };
	struct registry_key k;
	struct span bytes;
	enum fault f;

	manifest_key(&k, r, repository, digest);
	memcpy(m.digest, digest, sizeof(m.digest));
	f = txn_get(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), &bytes);
	if (f == FAULT_NONE)
		f = decode(bytes, &m);
	if (f == FAULT_NONE)
		*ret = m;
	return f;
}

enum fault manifest_put(struct txn *t, const struct registry *r, struct span repository, const struct manifest *m)
{
	SCOPED_DONE(buf) struct buf bytes = BUF_INIT(RECORD_MAX);
	struct registry_key k;
	enum fault f;

	record_begin(&bytes, RECORD_VERSION, RECORD_VERSION);
	record_put_cstr(&bytes, TAG_MEDIA_TYPE, m->media_type);
	record_put_int(&bytes, TAG_PLAIN_SIZE, m->size);
	record_put(&bytes, TAG_SEALED, m->sealed);
	if (buf_fault(&bytes) != FAULT_NONE)
		return buf_fault(&bytes);
	manifest_key(&k, r, repository, m->digest);
	f = txn_put(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), buf_span(&bytes));
	repository_key(&k, r, repository);
	return f == FAULT_NONE ? txn_put(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), SPAN_LIT("\1")) : f;
}

/* Tags of one manifest, some at a time: a walk ends where its table is written. */
struct found_tags {
	const uint8_t *digest;
	char tags[TAGS_AT_ONCE][TAG_SIZE];
	size_t len[TAGS_AT_ONCE], n;
};

static enum fault find_tags(struct txn *t, const struct registry *r, struct span repository, struct found_tags *found)
{
	struct span key, value;
	struct registry_key k;
	struct walk w;
	enum fault f;

	found->n = 0;
	below_key(&k, r, 't', repository, SPAN_EMPTY);
	f = walk_begin(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), SPAN_EMPTY, &w);
	if (f != FAULT_NONE)
		return f;
	while (found->n < TAGS_AT_ONCE && (f = walk_next(&w, &key, &value)) == FAULT_NONE) {
		struct span tag = span_from(key, k.len);

		if (!span_eq(value, span_of(found->digest, SHA256_LEN)) || tag.len > TAG_SIZE)
			continue;
		memcpy(found->tags[found->n], tag.p, tag.len);
		found->len[found->n++] = tag.len;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault drop_tags(struct txn *t, const struct registry *r, struct span repository,
			    const uint8_t digest[SHA256_LEN])
{
	struct found_tags found = { .digest = digest };
	enum fault f;

	do {
		f = find_tags(t, r, repository, &found);
		for (size_t i = 0; f == FAULT_NONE && i < found.n; i++)
			f = tag_del(t, r, repository, span_of(found.tags[i], found.len[i]));
	} while (f == FAULT_NONE && found.n == TAGS_AT_ONCE);
	return f;
}

static enum fault has_manifest(struct txn *t, const struct registry *r, struct span repository)
{
	struct span key, value;
	struct registry_key k;
	struct walk w;
	enum fault f;

	below_key(&k, r, 'm', repository, SPAN_EMPTY);
	f = walk_begin(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), SPAN_EMPTY, &w);
	if (f != FAULT_NONE)
		return f;
	f = walk_next(&w, &key, &value);
	walk_done(&w);
	return f;
}

enum fault manifest_del(struct txn *t, const struct registry *r, struct span repository,
			const uint8_t digest[SHA256_LEN])
{
	struct registry_key k;
	enum fault f;

	manifest_key(&k, r, repository, digest);
	f = txn_del(t, TABLE_REGISTRY_BLOB, registry_key_span(&k));
	if (f == FAULT_NONE)
		f = drop_tags(t, r, repository, digest);
	if (f == FAULT_NONE)
		f = has_manifest(t, r, repository);
	if (f != FAULT_NOT_FOUND)
		return f;
	repository_key(&k, r, repository);
	return txn_del(t, TABLE_REGISTRY_BLOB, registry_key_span(&k));
}

enum fault tag_get(struct txn *t, const struct registry *r, struct span repository, struct span tag,
		   uint8_t ret_digest[SHA256_LEN])
{
	struct registry_key k;
	struct span value;
	enum fault f;

	below_key(&k, r, 't', repository, tag);
	f = txn_get(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), &value);
	if (f == FAULT_NONE && value.len != SHA256_LEN)
		f = FAULT_STORE;
	if (f == FAULT_NONE)
		memcpy(ret_digest, value.p, SHA256_LEN);
	return f;
}

enum fault tag_put(struct txn *t, const struct registry *r, struct span repository, struct span tag,
		   const uint8_t digest[SHA256_LEN])
{
	struct registry_key k;

	below_key(&k, r, 't', repository, tag);
	return txn_put(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), span_of(digest, SHA256_LEN));
}

enum fault tag_del(struct txn *t, const struct registry *r, struct span repository, struct span tag)
{
	struct registry_key k;

	below_key(&k, r, 't', repository, tag);
	return txn_del(t, TABLE_REGISTRY_BLOB, registry_key_span(&k));
}

enum fault repository_exists(struct txn *t, const struct registry *r, struct span repository)
{
	struct registry_key k;
	struct span value;

	repository_key(&k, r, repository);
	return txn_get(t, TABLE_REGISTRY_BLOB, registry_key_span(&k), &value);
}

/* from: the prefix and the name to go on behind. */
static enum fault each_name(struct txn *t, const struct registry_key *prefix, const struct registry_key *from,
			    registry_name_each *each, void *arg)
{
	struct span key, value;
	struct walk w;
	enum fault f = walk_begin(t, TABLE_REGISTRY_BLOB, registry_key_span(prefix), registry_key_span(from), &w);

	if (f != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &key, &value)) == FAULT_NONE) {
		f = each(span_from(key, prefix->len), arg);
		if (f != FAULT_NONE)
			break;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault repository_each(struct txn *t, const struct registry *r, struct span after, registry_name_each *each,
			   void *arg)
{
	struct registry_key prefix, from;

	repository_key(&prefix, r, SPAN_EMPTY);
	repository_key(&from, r, after);
	if (after.len > 0)
		registry_key_add(&from, nul);
	return each_name(t, &prefix, &from, each, arg);
}

enum fault tag_each(struct txn *t, const struct registry *r, struct span repository, struct span after,
		    registry_name_each *each, void *arg)
{
	struct registry_key prefix, from;

	below_key(&prefix, r, 't', repository, SPAN_EMPTY);
	below_key(&from, r, 't', repository, after);
	if (after.len > 0)
		registry_key_add(&from, nul);
	return each_name(t, &prefix, &from, each, arg);
}
