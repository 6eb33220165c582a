#include "common/io/http_client.h"

#include "common/io/client_conn.h"
#include "common/io/http_url.h"
#include "common/plain/secret.h"
#include "common/plain/text.h"

enum { REQUEST_HEAD_MAX = 64 * 1024, REPLY_HEAD_MAX = 32 * 1024, READ_BLOCK = 8192 };
#define HEAD_END SPAN_LIT("\r\n\r\n")

/* What the head of a reply says about its body. */
struct reply_head {
	int status;
	bool has_length;
	size_t length;
};

void http_client_reply_done(struct http_client_reply *r)
{
	buf_done(&r->body);
}

static enum fault write_request(struct client_conn *c, const struct http_client_request *req,
				const struct http_url *url, struct err *err)
{
	SCOPED_DONE(buf) struct buf head = BUF_SECRET_INIT(REQUEST_HEAD_MAX);

	buf_printf(&head, "%s %s HTTP/1.%d\r\nHost: %.*s\r\nConnection: close\r\nContent-Length: %zu\r\n", req->method,
		   url->target, req->on_body == NULL ? 1 : 0, (int)url->authority_len, url->authority, req->body.len);
	buf_put_cstr(&head, req->headers == NULL ? "" : req->headers);
	buf_put_cstr(&head, "\r\n");
	if (buf_fault(&head) != FAULT_NONE)
		return err_say(err, head.fault, "", "the request is too long");
	enum fault f = client_conn_write(c, buf_span(&head), err);
	return f != FAULT_NONE ? f : client_conn_write(c, req->body, err);
}

/* Adds one block to out; *ret_end at the end of the connection. */
static enum fault read_block(struct client_conn *c, struct buf *out, bool *ret_end, struct err *err)
{
	char block[READ_BLOCK];
	size_t n = 0;
	enum fault f = client_conn_read(c, block, sizeof(block), &n, err);

	if (f != FAULT_NONE)
		return f;
	buf_put(out, block, n);
	wipe(block, n);
	*ret_end = n == 0;
	if (buf_fault(out) != FAULT_NONE)
		return err_say(err, out->fault, "", "the answer is too long");
	return FAULT_NONE;
}

/* The length of the head with its empty line; 0: it has not ended. */
static size_t head_length(struct span in)
{
	size_t n = HEAD_END.len;

	for (size_t i = 0; i + n <= in.len; i++) {
		if (memcmp(in.p + i, HEAD_END.p, n) == 0)
			return i + n;
	}
	return 0;
}

/* *ret_len counts the head with its empty line; whatever of the body came along stands behind it. */
static enum fault read_head(struct client_conn *c, struct buf *in, size_t *ret_len, struct err *err)
{
	bool is_end = false;

	while (!is_end) {
		enum fault f = read_block(c, in, &is_end, err);

		if (f != FAULT_NONE)
			return f;
		*ret_len = head_length(buf_span(in));
		if (*ret_len > 0)
			return FAULT_NONE;
	}
	return err_say(err, FAULT_IO, "", "the answer ended early");
}

static enum fault parse_status(struct span line, struct reply_head *ret)
{
	int64_t status;

	if (line.len < 12 || memcmp(line.p, "HTTP/1.", 7) != 0 || line.p[8] != ' ' ||
	    int_parse(span_of(line.p + 9, 3), &status) != FAULT_NONE || status < 100)
		return FAULT_IO;
	ret->status = (int)status;
	return FAULT_NONE;
}

static enum fault parse_header(struct span line, struct reply_head *ret)
{
	struct span name;
	struct span value = span_cut(line, ':', &name);
	int64_t n;

	while (value.len > 0 && value.p[0] == ' ')
		value = span_from(value, 1);
	if (span_eq_nocase(name, SPAN_LIT("Transfer-Encoding")))
		return FAULT_NOT_IMPLEMENTED;
	if (!span_eq_nocase(name, SPAN_LIT("Content-Length")))
		return FAULT_NONE;
	if (int_parse(value, &n) != FAULT_NONE || n < 0)
		return FAULT_IO;
	ret->has_length = true;
	ret->length = (size_t)n;
	return FAULT_NONE;
}

static enum fault parse_head(struct span head, struct reply_head *ret, struct err *err)
{
	struct span line, rest = span_cut(head, '\n', &line);
	enum fault f = parse_status(line, ret);

	while (f == FAULT_NONE && rest.p != NULL) {
		rest = span_cut(rest, '\n', &line);
		f = parse_header(line.len > 0 && line.p[line.len - 1] == '\r' ? span_first(line, line.len - 1) : line,
				 ret);
	}
	if (f == FAULT_NOT_IMPLEMENTED)
		return err_say(err, f, "", "the answer comes in a transfer coding that this client does not read");
	return f == FAULT_NONE ? f : err_say(err, f, "", "the answer is not HTTP");
}

static enum fault read_body(struct client_conn *c, const struct reply_head *head, struct buf *body, struct err *err)
{
	bool is_end = false;
	enum fault f = FAULT_NONE;

	while (f == FAULT_NONE && !is_end && !(head->has_length && body->len >= head->length))
		f = read_block(c, body, &is_end, err);
	if (f == FAULT_NONE && head->has_length && body->len != head->length)
		return err_say(err, FAULT_IO, "", "the answer's length is not what its head says");
	return f;
}

/* What came along with the head stands in first. */
static enum fault pass_body(struct client_conn *c, const struct http_client_request *req, struct span first,
			    struct err *err)
{
	char block[READ_BLOCK];
	size_t n = 1;
	enum fault f = FAULT_NONE;

	if (first.len > 0 && !req->on_body(first, req->arg))
		return FAULT_NONE;
	while (f == FAULT_NONE && n > 0) {
		f = client_conn_read(c, block, sizeof(block), &n, err);
		if (f == FAULT_NONE && n > 0 && !req->on_body(span_of(block, n), req->arg))
			break;
	}
	return f;
}

static enum fault read_reply(struct client_conn *c, const struct http_client_request *req,
			     struct http_client_reply *ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf in = BUF_SECRET_INIT(REPLY_HEAD_MAX + READ_BLOCK);
	struct reply_head head = { .status = 0 };
	size_t head_len = 0;
	enum fault f = read_head(c, &in, &head_len, err);

	if (f == FAULT_NONE)
		f = parse_head(span_first(buf_span(&in), head_len), &head, err);
	if (f != FAULT_NONE)
		return f;
	ret->status = head.status;
	if (req->on_body != NULL && head.status == 200)
		return pass_body(c, req, span_from(buf_span(&in), head_len), err);
	buf_put_span(&ret->body, span_from(buf_span(&in), head_len));
	return read_body(c, &head, &ret->body, err);
}

enum fault http_client_send(const struct http_client_request *req, const struct clock *clock, const struct rng *rng,
			    struct http_client_reply *ret, struct err *err)
{
	SCOPED(client_conn) struct client_conn *c = NULL;
	struct http_url url;

	if (http_url_parse(req->url, &url) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "", "\"%s\" is not a URL", req->url);
	if (url.is_tls && req->ca_path == NULL)
		return err_say(err, FAULT_INVALID, "", "no certificate authority for %s", req->url);
	struct client_conn_target target = {
		.host = url.host,
		.port = url.port,
		.ca_path = url.is_tls ? req->ca_path : NULL,
		.unix_path = req->unix_path,
		.timeout_ms = req->timeout_ms,
	};
	enum fault f = client_conn_open(&target, clock, rng, &c, err);
	if (f == FAULT_NONE)
		f = write_request(c, req, &url, err);
	return f != FAULT_NONE ? f : read_reply(c, req, ret, err);
}
