/* Errors of a deployment, as JSON: what its parts said, and where the template is at fault. */

#include <stdio.h>

#include "common/io/json.h"
#include "vaultd/deploy/deploy_state.h"

#define FULL_ERROR "{\"code\":\"DeploymentFailed\",\"message\":\"The deployment needs more memory than one may have.\"}"

/* Azure counts the path from the request's body; what has no place has none there either. */
static void write_path(struct json_out *o, struct span path)
{
	if (path.len == 0)
		json_out_cstr(o, "path", "");
	else
		json_out_fmt(o, "path", "properties.template%s%.*s", path.p[0] == '[' ? "" : ".", SPAN_ARG(path));
}

void deploy_place(const struct template_place *at, struct deploy_fault *ret)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(sizeof(ret->info) - 1);
	struct json_out o;

	json_out_init(&o, &b);
	json_out_array(&o, NULL);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "type", "TemplateViolation");
	json_out_object(&o, "info");
	json_out_int(&o, "lineNumber", at->line);
	json_out_int(&o, "linePosition", at->column);
	write_path(&o, at->path.p == NULL ? SPAN_EMPTY : at->path);
	json_out_object_end(&o);
	json_out_object_end(&o);
	json_out_array_end(&o);
	snprintf(ret->info, sizeof(ret->info), "%s", buf_fault(&b) == FAULT_NONE ? buf_cstr(&b) : "");
}

static struct span keep(struct deploy *p, const struct buf *b)
{
	struct span text = buf_fault(b) == FAULT_NONE ? pool_dup(&p->pool, buf_span(b)) : SPAN_EMPTY;

	return text.p == NULL ? SPAN_EMPTY : text;
}

struct span deploy_error(struct deploy *p, const char *code, struct span target, const char *message, struct span info,
			 struct span details)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(DEPLOY_TEXT_MAX);
	struct json_out o;
	struct span text;

	json_out_init(&o, &b);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "code", code);
	if (target.len > 0)
		json_out_str(&o, "target", target);
	json_out_cstr(&o, "message", message);
	if (info.len > 0)
		json_out_raw(&o, "additionalInfo", info);
	if (details.len > 0)
		json_out_raw(&o, "details", details);
	json_out_object_end(&o);
	text = keep(p, &b);
	/* Where there is no room left for words, one sentence is better than none. */
	return text.len > 0 ? text : SPAN_LIT(FULL_ERROR);
}

struct span deploy_json(struct deploy *p, const struct json *v)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(DEPLOY_TEXT_MAX);

	if (v == NULL)
		return SPAN_EMPTY;
	json_write(&b, v);
	return keep(p, &b);
}

struct span deploy_reply_error(struct deploy *p, struct span id, int status, struct span body)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *error = NULL;
	struct err why = ERR_INIT;

	if (json_parse(body, &doc, NULL) == FAULT_NONE)
		error = json_get(json_root(doc), "error");
	inner_error(body, &why);
	if (why.code[0] == '\0')
		err_say(&why, FAULT_IO, "InternalServerError", "The resource provider answered %d.", status);
	return deploy_error(p, why.code, id, why.message, deploy_json(p, json_get(error, "additionalInfo")),
			    deploy_json(p, json_get(error, "details")));
}

/* Down to what began it: a nested deployment's error has its own details. */
static const struct json *innermost(const struct json *error)
{
	while (json_array_len(json_get(error, "details")) > 0)
		error = json_array_at(json_get(error, "details"), 0);
	return error;
}

void deploy_first_error(struct deploy *p, struct err *ret)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *error;
	struct span code, message, target;

	*ret = (struct err)ERR_INIT;
	if (p->error.len == 0 || json_parse(p->error, &doc, NULL) != FAULT_NONE)
		return;
	error = innermost(json_root(doc));
	code = json_string(json_get(error, "code"));
	message = json_string(json_get(error, "message"));
	target = json_string(json_get(error, "target"));
	snprintf(ret->code, sizeof(ret->code), "%.*s", SPAN_ARG(code));
	snprintf(ret->message, sizeof(ret->message), "%.*s%s%.*s: %.*s", SPAN_ARG(target), target.len > 0 ? ": " : "",
		 SPAN_ARG(code), SPAN_ARG(message));
	ret->fault = FAULT_INVALID;
}
