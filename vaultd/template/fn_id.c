#include "vaultd/template/fn.h"

#include "common/plain/text.h"

enum { ID_MAX = 4096 };

/* How many arguments stand before the resource type: the one that has slashes. */
static enum fault find_type(struct call *c, size_t from, size_t *ret)
{
	size_t found = c->n, n_found = 0;

	for (size_t i = from; i < c->n; i++) {
		struct span text;

		if (call_text(c, i, &text) != FAULT_NONE)
			return err_say(
				c->err, FAULT_INVALID, "",
				"Unable to evaluate template language function '%s': all function arguments must be "
				"string literals. Please see https://aka.ms/arm-functions#%s for usage details.",
				c->name, c->name);
		if (memchr(text.p, '/', text.len) == NULL)
			continue;
		if (n_found++ == 0)
			found = i;
	}
	if (n_found != 1)
		return call_refuse(c,
				   "function requires exactly one multi-segmented argument which must be resource type "
				   "including resource provider namespace");
	*ret = found;
	return FAULT_NONE;
}

static struct span without_last_slash(struct span type)
{
	return type.len > 0 && type.p[type.len - 1] == '/' ? span_first(type, type.len - 1) : type;
}

static size_t count_segments(struct span type)
{
	size_t n = 0;

	for (size_t i = 0; i < type.len; i++)
		n += type.p[i] == '/' ? 1 : 0;
	return n;
}

/* "/providers/Microsoft.X/a/NAME/b/NAME" */
static enum fault put_resource(struct call *c, struct buf *out, size_t at)
{
	struct span type = without_last_slash(c->args[at]->text), rest, segment;
	size_t n = count_segments(type);

	if (c->n - at - 1 != n)
		return call_refuse(c, "the type '%.*s' requires '%zu' resource name argument(s)",
				   SPAN_ARG(span_first(type, 200)), n);
	rest = span_cut(type, '/', &segment);
	buf_put_cstr(out, "/providers/");
	buf_put_span(out, segment);
	for (size_t i = at + 1; i < c->n; i++) {
		rest = span_cut(rest, '/', &segment);
		buf_put_char(out, '/');
		buf_put_span(out, segment);
		buf_put_char(out, '/');
		buf_put_span(out, c->args[i]->text);
	}
	return FAULT_NONE;
}

static void put_subscription(struct buf *out, struct span id)
{
	buf_put_cstr(out, "/subscriptions/");
	buf_put_span(out, id);
}

static enum fault finish(struct call *c, struct buf *out, enum fault f, const struct tv **ret)
{
	return f == FAULT_NONE ? call_give_buf(c, out, ret) : f;
}

/* [subscription, ][group, ]type, names: a single one in front is a subscription when it looks like its id. */
static enum fault fn_resource_id(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(ID_MAX);
	struct span subscription = c->env->facts->subscription_id, group = c->env->facts->group;
	size_t at = 0;
	enum fault f = find_type(c, 0, &at);

	if (f == FAULT_NONE && at > 2)
		f = call_refuse(c, "only a subscription and a resource group may stand before the resource type");
	if (f != FAULT_NONE)
		return f;
	if (at == 2 || (at == 1 && uuid_is_valid(c->args[0]->text)))
		subscription = c->args[0]->text;
	if (at == 2 || (at == 1 && !uuid_is_valid(c->args[0]->text)))
		group = c->args[at - 1]->text;
	put_subscription(&out, subscription);
	if (group.len > 0) {
		buf_put_cstr(&out, "/resourceGroups/");
		buf_put_span(&out, group);
	}
	return finish(c, &out, put_resource(c, &out, at), ret);
}

static enum fault fn_subscription_resource_id(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(ID_MAX);
	size_t at = 0;
	enum fault f = find_type(c, 0, &at);

	if (f == FAULT_NONE && at > 1)
		f = call_refuse(c, "only a subscription may stand before the resource type");
	if (f != FAULT_NONE)
		return f;
	put_subscription(&out, at == 0 ? c->env->facts->subscription_id : c->args[0]->text);
	return finish(c, &out, put_resource(c, &out, at), ret);
}

static enum fault fn_tenant_resource_id(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(ID_MAX);
	size_t at = 0;
	enum fault f = find_type(c, 0, &at);

	if (f == FAULT_NONE && at > 0)
		f = call_refuse(c, "the first argument must be the resource type");
	return f == FAULT_NONE ? finish(c, &out, put_resource(c, &out, at), ret) : f;
}

static enum fault fn_extension_resource_id(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(ID_MAX);
	struct span scope;
	size_t at = 0;
	enum fault f = call_text(c, 0, &scope);

	if (f == FAULT_NONE)
		f = find_type(c, 1, &at);
	if (f == FAULT_NONE && at != 1)
		f = call_refuse(c, "the second argument must be the resource type");
	if (f != FAULT_NONE)
		return f;
	buf_put_span(&out, span_eq_cstr(scope, "/") ? SPAN_EMPTY : without_last_slash(scope));
	return finish(c, &out, put_resource(c, &out, at), ret);
}

static const struct fn rows[] = {
	{ "resourceId", 2, FN_ANY, fn_resource_id, NULL, ARITY_COUNT },
	{ "subscriptionResourceId", 2, FN_ANY, fn_subscription_resource_id, NULL, ARITY_COUNT },
	{ "tenantResourceId", 2, FN_ANY, fn_tenant_resource_id, NULL, ARITY_COUNT },
	{ "extensionResourceId", 3, FN_ANY, fn_extension_resource_id, NULL, ARITY_COUNT },
};

const struct fn_table fn_ids = { rows, ARRAY_LEN(rows) };
