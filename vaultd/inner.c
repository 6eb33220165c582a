#include "vaultd/inner.h"

#include <stdio.h>

#include "common/io/json.h"

enum fault inner_send(struct vaultd *d, const struct inner_request *q, inner_done *done, void *arg)
{
	struct http_inner in = { .method = q->method,
				 .host = q->host,
				 .target = q->target,
				 .body = q->body,
				 .from = q->from,
				 .user_agent = q->user_agent,
				 .sender = q->caller,
				 .on_reply = done,
				 .arg = arg };

	return http_server_send_inner(d->http, &in);
}

static void copy(char *out, size_t size, const struct json *v)
{
	struct span text = json_string(v);

	snprintf(out, size, "%.*s", SPAN_ARG(text));
}

void inner_error(struct span body, struct err *ret)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *error;

	*ret = (struct err)ERR_INIT;
	if (json_parse(body, &doc, NULL) != FAULT_NONE)
		return;
	error = json_get(json_root(doc), "error");
	copy(ret->code, sizeof(ret->code), json_get(error, "code"));
	copy(ret->message, sizeof(ret->message), json_get(error, "message"));
	copy(ret->inner, sizeof(ret->inner), json_get(json_get(error, "innererror"), "code"));
}
