#include <inttypes.h>
#include <stdio.h>

#include "vaultd/registry/reg_scope.h"
#include "vaultd/registry/reg_taking.h"

/* The text of an upload's id: a UUID's. */
static void print_id(char out[UUID_SIZE], const struct upload *u)
{
	char hex[2 * BLOB_CONTENT_LEN + 1];

	hex_encode(hex, span_of(u->content.id, sizeof(u->content.id)));
	snprintf(out, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static enum fault parse_id(struct span text, uint8_t out[BLOB_CONTENT_LEN])
{
	char hex[2 * BLOB_CONTENT_LEN];
	size_t n = 0;

	if (!uuid_is_valid(text))
		return FAULT_NOT_FOUND;
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != '-')
			hex[n++] = text.p[i];
	return hex_decode(out, BLOB_CONTENT_LEN, span_of(hex, n)) == FAULT_NONE ? FAULT_NONE : FAULT_NOT_FOUND;
}

static enum fault find(struct reg_op *op, struct upload *ret, struct err *err)
{
	uint8_t id[BLOB_CONTENT_LEN];
	enum fault f = parse_id(route_capture(&op->match, "upload"), id);

	if (f == FAULT_NONE)
		f = upload_get(op->txn, &op->registry, span_of(id, sizeof(id)), op->repository, op->now_s, ret);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
	return f;
}

static enum fault reply_upload(struct reg_op *op, const struct upload *u, int status)
{
	char id[UUID_SIZE], location[REPOSITORY_SIZE + 64], range[32];

	print_id(id, u);
	snprintf(location, sizeof(location), "/v2/%s/blobs/uploads/%s", u->repository, id);
	snprintf(range, sizeof(range), "0-%" PRId64, u->content.size > 0 ? u->content.size - 1 : 0);
	http_reply_header(op->x, "Location", location);
	http_reply_header(op->x, "Docker-Upload-UUID", id);
	http_reply_header(op->x, "Range", range);
	op->status = status;
	return FAULT_NONE;
}

static void reply_blob(struct reg_op *op, const uint8_t digest[SHA256_LEN])
{
	char text[DIGEST_TEXT_SIZE], location[REPOSITORY_SIZE + DIGEST_TEXT_SIZE + 16];

	reg_digest_print(text, digest);
	snprintf(location, sizeof(location), "/v2/%.*s/blobs/%s", SPAN_ARG(op->repository), text);
	http_reply_header(op->x, "Location", location);
	http_reply_header(op->x, "Docker-Content-Digest", text);
	op->status = 201;
}

/* The body is in: the upload as it is now in the store. */
static enum fault appended(struct reg_op *op, struct err *err UNUSED)
{
	return reply_upload(op, &reg_taking_of(op)->upload, 202);
}

static enum fault finished(struct reg_op *op, struct err *err)
{
	struct reg_taking *t = reg_taking_of(op);
	uint8_t digest[SHA256_LEN], found[SHA256_LEN];
	struct upload now;
	enum fault f = reg_digest_parse(http_query(op->request, "digest"), digest, err);

	if (f == FAULT_NONE)
		f = reg_taking_check(op, &now, err);
	if (f != FAULT_NONE)
		return f;
	sha256_end(&t->hash, found);
	if (memcmp(found, digest, sizeof(found)) != 0)
		return err_say(err, FAULT_INVALID, "DIGEST_INVALID", "provided digest did not match uploaded content");
	f = upload_finish(op->txn, &op->registry, &now, digest);
	if (f == FAULT_NONE)
		reply_blob(op, digest);
	return f;
}

/* Content-Range: "FIRST-LAST" of what is sent, which follows what is there. */
static enum fault check_range(struct reg_op *op, const struct upload *u, struct err *err)
{
	const char *header = http_exchange_header(op->x, "Content-Range");
	struct span first, last;
	int64_t a, b;

	if (header == NULL)
		return FAULT_NONE;
	last = span_cut(span_cstr(header), '-', &first);
	if (last.p == NULL || int_parse(first, &a) != FAULT_NONE || int_parse(last, &b) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BLOB_UPLOAD_INVALID", "The Content-Range is not FIRST-LAST.");
	if (a == u->content.size && b - a + 1 == (int64_t)op->request->body_len)
		return FAULT_NONE;
	(void)!reply_upload(op, u, 416);
	return FAULT_PRECONDITION;
}

/* PATCH: the body goes behind what is there → 202. */
enum fault reg_upload_append(struct reg_op *op, struct err *err)
{
	struct upload u;
	enum fault f = find(op, &u, err);

	if (f == FAULT_NONE)
		f = check_range(op, &u, err);
	return f == FAULT_NONE ? reg_take_body(op, &u, TXN_READ, appended, err) : f;
}

/* PUT ?digest: the rest of the body, if any; then the upload is the blob → 201. */
enum fault reg_upload_finish(struct reg_op *op, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct upload u;
	enum fault f = find(op, &u, err);

	if (f == FAULT_NONE)
		f = reg_digest_parse(http_query(op->request, "digest"), digest, err);
	if (f == FAULT_NONE)
		f = check_range(op, &u, err);
	return f == FAULT_NONE ? reg_take_body(op, &u, TXN_WRITE, finished, err) : f;
}

/* FAULT_NOT_FOUND: it cannot be had from there, so that it is to be uploaded. */
static enum fault mount(struct reg_op *op)
{
	struct span from = http_query(op->request, "from");
	struct blob_content there;
	uint8_t digest[SHA256_LEN];
	enum fault f;

	if (from.p == NULL || reg_digest_parse(http_query(op->request, "mount"), digest, NULL) != FAULT_NONE ||
	    !reg_scope_has(op->caller.scope, from, REG_PULL))
		return FAULT_NOT_FOUND;
	f = blob_get(op->txn, &op->registry, digest, from, &there);
	if (f == FAULT_NONE)
		f = blob_link(op->txn, &op->registry, digest, op->repository);
	if (f == FAULT_NONE)
		reply_blob(op, digest);
	return f;
}

/* POST ?mount&from: a blob of another repository → 201; ?digest: the body is the blob → 201; else an upload → 202. */
enum fault reg_upload_start(struct reg_op *op, struct err *err)
{
	struct span digest = http_query(op->request, "digest");
	uint8_t wanted[SHA256_LEN];
	struct upload u;
	enum fault f = mount(op);

	if (f != FAULT_NOT_FOUND)
		return f;
	f = digest.p == NULL ? FAULT_NONE : reg_digest_parse(digest, wanted, err);
	if (f == FAULT_NONE)
		f = upload_begin(op->txn, &op->registry, &op->d->world.rng, op->repository, op->now_s, &u);
	if (f != FAULT_NONE)
		return f;
	return digest.p == NULL ? reply_upload(op, &u, 202) : reg_take_body(op, &u, TXN_WRITE, finished, err);
}

/* GET: how far it is → 204. */
enum fault reg_upload_get(struct reg_op *op, struct err *err)
{
	struct upload u;
	enum fault f = find(op, &u, err);

	return f == FAULT_NONE ? reply_upload(op, &u, 204) : f;
}

enum fault reg_upload_cancel(struct reg_op *op, struct err *err)
{
	struct upload u;
	enum fault f = find(op, &u, err);

	if (f == FAULT_NONE)
		f = upload_drop(op->txn, &op->registry, &u);
	op->status = 204;
	return f;
}
