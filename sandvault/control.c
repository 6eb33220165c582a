#include "sandvault/control.h"

#include <stdio.h>
#include <string.h>

#include "common/io/http_client.h"
#include "common/plain/text.h"
#include "sandvault/running.h"

/* Moving the clock waits for what falls due, keys to be rotated among it. */
enum {
	TIMEOUT_MS = 10 * 60 * 1000,
	REPLY_MAX = 16 << 20,
	URL_MAX = 32 << 10,
	HEADERS_MAX = 8 << 10,
	PLACE_MAX = 8 << 10
};

static enum fault say_refusal(int status, const struct json_doc *doc, struct err *err)
{
	struct span text = json_string(json_get(json_get(json_root(doc), "error"), "message"));

	if (text.len == 0)
		return err_say(err, FAULT_DENIED, "", "the sandbox answers with status %d", status);
	return err_say(err, FAULT_DENIED, "", "%.*s", SPAN_ARG(text));
}

static enum fault send_call(const struct front *front, const struct http_client_request *req, struct json_doc **ret,
			    struct err *err)
{
	SCOPED_DONE(http_client_reply) struct http_client_reply reply = HTTP_CLIENT_REPLY_INIT(REPLY_MAX);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f = http_client_send(req, &front->clock, &front->rng, &reply, err);

	if (f != FAULT_NONE || (req->on_body != NULL && reply.status == 200))
		return f;
	if (json_parse(buf_span(&reply.body), &doc, NULL) != FAULT_NONE)
		return err_say(err, FAULT_IO, "", "the sandbox's answer (status %d) is not JSON", reply.status);
	if (reply.status != 200)
		return say_refusal(reply.status, doc, err);
	*ret = TAKE(doc);
	return FAULT_NONE;
}

/* A path is the socket's; anything else is a URL, where the token has to be shown. */
static enum fault call_at(const struct front *front, const struct json_doc *endpoints, const struct control_call *call,
			  struct json_doc **ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf url = BUF_INIT(URL_MAX);
	SCOPED_DONE(buf) struct buf headers = BUF_SECRET_INIT(HEADERS_MAX);
	SCOPED_DONE(buf) struct buf place = BUF_INIT(PLACE_MAX);
	struct http_client_request req = {
		.method = call->method, .body = call->body, .on_body = call->on_body, .arg = call->arg
	};
	struct span where = endpoint(endpoints, "control");
	bool is_local = where.len > 0 && where.p[0] == '/';

	if (where.len == 0)
		return err_say(err, FAULT_INVALID, "", "endpoints.json names no control socket");
	buf_put_span(&place, where);
	buf_printf(&url, "%s%s", is_local ? "http://localhost" : buf_cstr(&place), call->path);
	buf_put_cstr(&headers, "Content-Type: application/json\r\n");
	if (!is_local)
		buf_printf(&headers, "Authorization: Bearer %.*s\r\n", SPAN_ARG(endpoint(endpoints, "control_token")));
	if (buf_fault(&place) != FAULT_NONE || buf_fault(&url) != FAULT_NONE || buf_fault(&headers) != FAULT_NONE)
		return err_say(err, FAULT_TOO_LARGE, "", "the call is too long");
	req.url = buf_cstr(&url);
	req.headers = buf_cstr(&headers);
	req.unix_path = is_local ? buf_cstr(&place) : NULL;
	req.timeout_ms = call->on_body == NULL ? TIMEOUT_MS : -1;
	return send_call(front, &req, ret, err);
}

enum fault control_call(const struct front *front, const char *data_dir, const struct control_call *call,
			struct json_doc **ret, struct err *err)
{
	SCOPED(json_doc) struct json_doc *endpoints = NULL;
	enum fault f = running_endpoints(data_dir, &endpoints, err);

	return f == FAULT_NONE ? call_at(front, endpoints, call, ret, err) : f;
}

void control_add_query(struct buf *url, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(url, "%s%s=", strchr(buf_cstr(url), '?') == NULL ? "?" : "&", name);
	percent_encode(url, span_cstr(value));
}
