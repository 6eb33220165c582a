#include "vaultd/control/control_op.h"

struct check {
	const char *const *names;
	struct span unknown;
};

static bool is_known(struct span name, const struct json *value UNUSED, void *arg)
{
	struct check *c = arg;

	for (const char *const *n = c->names; *n != NULL; n++)
		if (span_eq_cstr(name, *n))
			return true;
	c->unknown = name;
	return false;
}

static enum fault say_unknown(const struct check *c, struct err *err)
{
	SCOPED_DONE(buf) struct buf list = BUF_INIT(1024);

	for (const char *const *n = c->names; *n != NULL; n++)
		buf_printf(&list, "%s\"%s\"", n == c->names ? "" : ", ", *n);
	return err_say(err, FAULT_INVALID, "BadRequest", "\"%.*s\" is no member of this call; there are %s.",
		       SPAN_ARG(span_first(c->unknown, 64)), buf_cstr(&list));
}

enum fault control_body(struct control_op *op, const char *const *names, const struct json **ret, struct err *err)
{
	struct check check = { names, { NULL, 0 } };
	struct err why = ERR_INIT;
	enum fault f = json_parse(op->request->body, &op->body, &why);

	if (f == FAULT_INVALID)
		return err_say(err, f, "BadRequest", "The body is not JSON: %s", why.message);
	if (f != FAULT_NONE)
		return f;
	if (json_type(json_root(op->body)) != JSON_OBJECT)
		return err_say(err, FAULT_INVALID, "BadRequest", "The body must be a JSON object.");
	json_object_each(json_root(op->body), is_known, &check);
	if (check.unknown.p != NULL)
		return say_unknown(&check, err);
	*ret = json_root(op->body);
	return FAULT_NONE;
}

enum fault control_text(const struct json *body, const char *name, struct span *ret, struct err *err)
{
	const struct json *v = json_get(body, name);

	if (v != NULL && json_type(v) != JSON_STRING)
		return err_say(err, FAULT_INVALID, "BadRequest", "\"%s\" must be a text.", name);
	*ret = v == NULL ? (struct span){ NULL, 0 } : json_string(v);
	return FAULT_NONE;
}
