#include <inttypes.h>
#include <stdio.h>

#include "vaultd/registry/reg_sending.h"

static enum fault find(struct reg_op *op, uint8_t digest[SHA256_LEN], struct blob_content *ret, struct err *err)
{
	enum fault f = reg_digest_parse(route_capture(&op->match, "digest"), digest, err);

	if (f == FAULT_NONE)
		f = blob_get(op->txn, &op->registry, digest, op->repository, ret);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "BLOB_UNKNOWN", "blob unknown to registry");
	return f;
}

static void add_headers(struct reg_op *op, const uint8_t digest[SHA256_LEN])
{
	char text[DIGEST_TEXT_SIZE], etag[DIGEST_TEXT_SIZE + 2];

	reg_digest_print(text, digest);
	snprintf(etag, sizeof(etag), "\"%s\"", text);
	http_reply_header(op->x, "Docker-Content-Digest", text);
	http_reply_header(op->x, "Etag", etag);
	http_reply_header(op->x, "Accept-Ranges", "bytes");
	op->content_type = "application/octet-stream";
}

/* Range: bytes=FIRST-, FIRST-LAST or -N; one that is not understood is none. FAULT_PRECONDITION: nothing is there. */
static enum fault read_range(struct reg_op *op, int64_t size, int64_t *from, int64_t *n, struct err *err)
{
	struct span text = span_cstr(http_exchange_header(op->x, "Range")), first, last;
	int64_t a = 0, b = size - 1;

	*from = 0;
	*n = size;
	if (!span_starts_nocase(text, SPAN_LIT("bytes=")))
		return FAULT_NONE;
	last = span_cut(span_from(text, 6), '-', &first);
	if (last.p == NULL || (first.len > 0 && int_parse(first, &a) != FAULT_NONE) ||
	    (last.len > 0 && int_parse(last, &b) != FAULT_NONE) || a < 0 || b < 0)
		return FAULT_NONE;
	if (first.len == 0) {
		a = b < size ? size - b : 0;
		b = size - 1;
	}
	if (b > size - 1)
		b = size - 1;
	if (a > b)
		return err_say(err, FAULT_PRECONDITION, "RANGE_INVALID", "There is nothing in that range.");
	*from = a;
	*n = b - a + 1;
	return FAULT_NONE;
}

/* GET: 200 or 206. */
enum fault reg_blob_get(struct reg_op *op, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct blob_content c;
	int64_t from, n;
	char range[64];
	enum fault f = find(op, digest, &c, err);

	if (f == FAULT_NONE)
		f = read_range(op, c.size, &from, &n, err);
	if (f != FAULT_NONE)
		return f;
	add_headers(op, digest);
	if (n != c.size) {
		snprintf(range, sizeof(range), "bytes %" PRId64 "-%" PRId64 "/%" PRId64, from, from + n - 1, c.size);
		http_reply_header(op->x, "Content-Range", range);
		op->status = 206;
	}
	return reg_send_blob(op, &c, from, n);
}

enum fault reg_blob_head(struct reg_op *op, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct blob_content c;
	char length[24];
	enum fault f = find(op, digest, &c, err);

	if (f != FAULT_NONE)
		return f;
	add_headers(op, digest);
	snprintf(length, sizeof(length), "%" PRId64, c.size);
	http_reply_header(op->x, "Content-Length", length);
	return FAULT_NONE;
}

/* From this repository: another one that has it keeps it. */
enum fault reg_blob_delete(struct reg_op *op, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct blob_content c;
	enum fault f = find(op, digest, &c, err);

	if (f == FAULT_NONE)
		f = blob_unlink(op->txn, &op->registry, digest, op->repository);
	op->status = 202;
	return f;
}
