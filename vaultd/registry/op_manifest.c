#include <inttypes.h>
#include <stdio.h>

#include "vaultd/registry/reg_manifest_check.h"

/* What goes through the pool: bytes to be hashed, read and sealed, or to be opened. */
struct work {
	struct manifest manifest;
	bool has_tag;
	struct buf plain, sealed;
	struct json_doc *doc;
	struct err err; /* of reading it */
	struct secret opened;
};

static struct work *work_of(const struct reg_op *op)
{
	return op->state;
}

static void done(struct reg_op *op)
{
	struct work *w = work_of(op);

	buf_done(&w->plain);
	buf_done(&w->sealed);
	json_doc_free(TAKE(w->doc));
	secret_done(&w->opened);
}

static struct work *begin(struct reg_op *op)
{
	struct work *w = pool_alloc(http_exchange_pool(op->x), sizeof(*w));

	if (w == NULL)
		return NULL;
	w->plain = BUF_INIT(MANIFEST_MAX);
	w->sealed = BUF_INIT(MANIFEST_MAX + SEAL_OVERHEAD);
	op->state = w;
	op->done = done;
	return w;
}

static struct span reference_of(const struct reg_op *op)
{
	return route_capture(&op->match, "reference");
}

static bool is_digest(struct span reference)
{
	return reference.len > 0 && memchr(reference.p, ':', reference.len) != NULL;
}

static enum fault say_unknown(const struct reg_op *op, struct err *err)
{
	struct span reference = reference_of(op);

	if (is_digest(reference))
		return err_say(err, FAULT_NOT_FOUND, "MANIFEST_UNKNOWN", "manifest %.*s is not found",
			       SPAN_ARG(reference));
	return err_say(err, FAULT_NOT_FOUND, "MANIFEST_UNKNOWN", "manifest tagged by \"%.*s\" is not found",
		       SPAN_ARG(reference));
}

/* By digest or by tag. */
static enum fault find(struct reg_op *op, struct manifest *ret, struct err *err)
{
	struct span reference = reference_of(op);
	uint8_t digest[SHA256_LEN];
	enum fault f;

	if (is_digest(reference))
		f = reg_digest_parse(reference, digest, err);
	else
		f = tag_get(op->txn, &op->registry, op->repository, reference, digest);
	if (f == FAULT_NONE)
		f = manifest_get(op->txn, &op->registry, op->repository, digest, ret);
	return f == FAULT_NOT_FOUND ? say_unknown(op, err) : f;
}

static void add_digest(struct reg_op *op, const struct manifest *m)
{
	char text[DIGEST_TEXT_SIZE], etag[DIGEST_TEXT_SIZE + 2];

	reg_digest_print(text, m->digest);
	snprintf(etag, sizeof(etag), "\"%s\"", text);
	http_reply_header(op->x, "Docker-Content-Digest", text);
	http_reply_header(op->x, "Etag", etag);
}

/* On a worker. */
static enum fault open_manifest(struct reg_op *op)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX + 64);
	struct work *w = work_of(op);

	manifest_context(&context, &op->registry, op->repository, w->manifest.digest);
	return unseal(&op->data_key, buf_span(&context), buf_span(&w->sealed), &w->opened);
}

static void on_opened(struct reg_op *op, enum fault f)
{
	struct err err = ERR_INIT;

	if (f == FAULT_NONE)
		buf_put_span(&op->reply, secret_span(&work_of(op)->opened));
	reg_answer(op, f, &err);
}

static void start_opening(struct reg_op *op)
{
	reg_compute(op, open_manifest, on_opened);
}

/* GET and HEAD. */
enum fault reg_manifest_get(struct reg_op *op, struct err *err)
{
	struct manifest m;
	struct work *w;
	char length[24];
	enum fault f = find(op, &m, err);

	if (f != FAULT_NONE)
		return f;
	w = begin(op);
	if (w == NULL)
		return FAULT_MEMORY;
	w->manifest = m;
	op->content_type = w->manifest.media_type;
	add_digest(op, &m);
	if (op->request->method == HTTP_HEAD) {
		snprintf(length, sizeof(length), "%" PRId64, m.size);
		http_reply_header(op->x, "Content-Length", length);
		return FAULT_NONE;
	}
	buf_put_span(&w->sealed, m.sealed);
	op->wait = start_opening;
	return buf_fault(&w->sealed);
}

/* On a worker. */
static enum fault seal_manifest(struct reg_op *op)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX + 64);
	struct work *w = work_of(op);
	struct err why = ERR_INIT;
	enum fault f;

	sha256(buf_span(&w->plain), w->manifest.digest);
	f = json_parse(buf_span(&w->plain), &w->doc, &why);
	if (f == FAULT_INVALID)
		return err_say(&w->err, f, "MANIFEST_INVALID", "manifest invalid: %s", why.message);
	manifest_context(&context, &op->registry, op->repository, w->manifest.digest);
	if (f == FAULT_NONE)
		f = seal(&op->data_key, buf_span(&context), buf_span(&w->plain), &op->d->world.rng, &w->sealed);
	return f;
}

static void reply_stored(struct reg_op *op, const struct manifest *m)
{
	char text[DIGEST_TEXT_SIZE], location[REPOSITORY_SIZE + DIGEST_TEXT_SIZE + 32];

	reg_digest_print(text, m->digest);
	snprintf(location, sizeof(location), "/v2/%.*s/manifests/%s", SPAN_ARG(op->repository), text);
	http_reply_header(op->x, "Location", location);
	http_reply_header(op->x, "Docker-Content-Digest", text);
	op->status = 201;
}

/* In a write transaction. */
static enum fault store(struct reg_op *op, struct err *err)
{
	struct work *w = work_of(op);
	struct manifest *m = &w->manifest;
	struct span reference = reference_of(op);
	uint8_t wanted[SHA256_LEN];
	enum fault f = FAULT_NONE;

	if (!w->has_tag)
		f = reg_digest_parse(reference, wanted, err);
	if (f == FAULT_NONE && !w->has_tag && memcmp(wanted, m->digest, sizeof(wanted)) != 0)
		f = err_say(err, FAULT_INVALID, "DIGEST_INVALID", "provided digest did not match uploaded content");
	if (f == FAULT_NONE)
		f = reg_manifest_check(op, json_root(w->doc), http_exchange_header(op->x, "Content-Type"),
				       m->media_type, err);
	if (f != FAULT_NONE)
		return f;
	m->size = (int64_t)w->plain.len;
	m->sealed = buf_span(&w->sealed);
	f = manifest_put(op->txn, &op->registry, op->repository, m);
	if (f == FAULT_NONE && w->has_tag)
		f = tag_put(op->txn, &op->registry, op->repository, reference, m->digest);
	if (f == FAULT_NONE)
		reply_stored(op, m);
	return f;
}

static void on_sealed(struct reg_op *op, enum fault f)
{
	if (f == FAULT_NONE)
		reg_operate(op, TXN_WRITE, store);
	else
		reg_answer(op, f, &work_of(op)->err);
}

static void start_sealing(struct reg_op *op)
{
	reg_compute(op, seal_manifest, on_sealed);
}

/* PUT by tag or digest → 201. */
enum fault reg_manifest_put(struct reg_op *op, struct err *err)
{
	size_t n = op->request->body_len;
	struct work *w;
	void *at;

	if (!is_digest(reference_of(op)) && !reg_tag_is_valid(reference_of(op)))
		return err_say(err, FAULT_INVALID, "TAG_INVALID", "manifest tag did not match URI");
	if (n > MANIFEST_MAX)
		return err_say(err, FAULT_TOO_LARGE, "MANIFEST_INVALID", "A manifest has at most 4 MiB.");
	w = begin(op);
	if (w == NULL)
		return FAULT_MEMORY;
	w->has_tag = !is_digest(reference_of(op));
	at = n == 0 ? NULL : buf_reserve(&w->plain, n);
	if (n > 0 && at == NULL)
		return buf_fault(&w->plain);
	if (n > 0 && http_exchange_take_body(op->x, at, n) != n)
		return FAULT_IO;
	op->wait = start_sealing;
	return FAULT_NONE;
}

/* DELETE: by digest with its tags, by tag the tag alone → 202. */
enum fault reg_manifest_delete(struct reg_op *op, struct err *err)
{
	struct manifest m;
	enum fault f = find(op, &m, err);

	if (f != FAULT_NONE)
		return f;
	op->status = 202;
	if (is_digest(reference_of(op)))
		return manifest_del(op->txn, &op->registry, op->repository, m.digest);
	return tag_del(op->txn, &op->registry, op->repository, reference_of(op));
}
