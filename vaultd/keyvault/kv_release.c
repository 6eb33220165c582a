#include "vaultd/keyvault/kv.h"

#include "common/plain/text.h"

/*
 * Release policies: who may take an exportable key out. Read, checked against the grammar that Azure documents, and
 * stored. Source: fixtures/sources.md#release
 */

#define TYPE_DEFAULT "application/json; charset=utf-8"

struct policy_body {
	struct span data, content_type;
	struct json_opt_bool immutable;
};

static const struct field fields[] = {
	{ "data", FIELD_STRING, offsetof(struct policy_body, data), FIELD_MUST },
	{ "contentType", FIELD_STRING, offsetof(struct policy_body, content_type), FIELD_MAY },
	{ "immutable", FIELD_BOOL, offsetof(struct policy_body, immutable), FIELD_MAY },
};

static enum fault say_bad(struct err *err, const char *what)
{
	return err_say(err, FAULT_INVALID, "BadParameter", "The release policy is not valid: %s", what);
}

/* The list of an "anyOf" or "allOf"; exactly one of them, and not empty. NULL otherwise. */
static const struct json *list_of(const struct json *v)
{
	const struct json *any = json_get(v, "anyOf"), *all = json_get(v, "allOf");
	const struct json *list = any != NULL ? any : all;

	if ((any != NULL && all != NULL) || json_type(list) != JSON_ARRAY || json_array_len(list) == 0)
		return NULL;
	return list;
}

/* A claim and what it is compared with, or a list of such. The parser bounds the depth. */
static bool is_condition(const struct json *v)
{
	const struct json *list;

	if (json_type(v) != JSON_OBJECT)
		return false;
	if (json_get(v, "claim") != NULL)
		return json_type(json_get(v, "claim")) == JSON_STRING && json_object_len(v) >= 2;
	list = list_of(v);
	for (size_t i = 0; i < json_array_len(list); i++)
		if (!is_condition(json_array_at(list, i)))
			return false;
	return list != NULL;
}

static enum fault check_authority(const struct json *v, struct err *err)
{
	struct span name = json_string(json_get(v, "authority"));

	if (!span_starts_nocase(name, SPAN_LIT("https://")) || name.len == sizeof("https://") - 1)
		return say_bad(err, "each of its authorities is an https address.");
	if (!is_condition(v))
		return say_bad(err, "each of its authorities has an anyOf or allOf list of claims.");
	return FAULT_NONE;
}

static enum fault check_policy(const struct json *root, struct err *err)
{
	const struct json *list = list_of(root);
	enum fault f = FAULT_NONE;

	if (json_type(root) != JSON_OBJECT)
		return say_bad(err, "its data is a JSON object.");
	if (json_type(json_get(root, "version")) != JSON_STRING)
		return say_bad(err, "its data has a version.");
	if (list == NULL)
		return say_bad(err, "its data has an anyOf or allOf list of authorities.");
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(list); i++)
		f = check_authority(json_array_at(list, i), err);
	return f;
}

static enum fault check_grammar(struct span data, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f = json_parse(data, &doc, NULL);

	if (f == FAULT_INVALID)
		return say_bad(err, "its data is no JSON.");
	return f == FAULT_NONE ? check_policy(json_root(doc), err) : f;
}

static enum fault take_data(struct kv_op *op, struct span text, struct kv_attributes *a, struct err *err)
{
	SCOPED_DONE(buf) struct buf data = BUF_INIT(KEY_RELEASE_DATA_MAX);
	enum fault f = base64url_decode(&data, text);

	if (f == FAULT_TOO_LARGE)
		return say_bad(err, "its data is larger than 32 KiB.");
	if (f == FAULT_INVALID)
		return err_say(err, f, "BadParameter", "Content of 'data' is not base64url.\r\n");
	if (f != FAULT_NONE)
		return f;
	a->release_data = pool_dup(http_exchange_pool(op->x), buf_span(&data));
	return a->release_data.p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

enum fault kv_read_release(struct kv_op *op, const struct json *policy, struct kv_attributes *a, struct err *err)
{
	struct policy_body in = { .data = { NULL, 0 } };
	enum fault f = json_read(policy, fields, ARRAY_LEN(fields), &in, err);

	if (f == FAULT_NONE)
		f = take_data(op, in.data, a, err);
	if (f != FAULT_NONE)
		return f;
	if (in.content_type.len > KEY_RELEASE_TYPE_MAX)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property 'contentType' has invalid value\r\n");
	a->has_release = true;
	a->release_type = SPAN_LIT(TYPE_DEFAULT);
	if (in.content_type.p != NULL && in.content_type.len > 0)
		a->release_type = pool_dup(http_exchange_pool(op->x), in.content_type);
	if (in.immutable.is_set)
		a->release_immutable = in.immutable.v ? TRI_TRUE : TRI_FALSE;
	return a->release_type.p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault say_needs_policy(struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadParameter", "AKV.SKR.1004: Exportable keys must have release policy.");
}

static enum fault say_needs_exportable(struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadParameter",
		       "AKV.SKR.1005: Non-exportable keys must not have release policy.");
}

enum fault kv_check_release_of_new(const struct kv_attributes *a, struct err *err)
{
	bool is_exportable = a->exportable.is_set && a->exportable.v;

	if (is_exportable && !a->has_release)
		return say_needs_policy(err);
	if (a->has_release && !is_exportable)
		return say_needs_exportable(err);
	return a->has_release ? check_grammar(a->release_data, err) : FAULT_NONE;
}

enum fault kv_check_release_of_changed(const struct key_version *v, const struct kv_attributes *a, struct err *err)
{
	if (a->exportable.is_set && a->exportable.v != v->is_exportable)
		return a->exportable.v && !a->has_release
			       ? say_needs_policy(err)
			       : err_say(err, FAULT_INVALID, "BadParameter",
					 "Property 'exportable' cannot be changed once the key is made.\r\n");
	if (!a->has_release)
		return FAULT_NONE;
	if (!v->is_exportable)
		return say_needs_exportable(err);
	if (v->release_immutable == TRI_TRUE)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "AKV.SKR.1020: Immutable Key Release Policy cannot be modified.");
	return check_grammar(a->release_data, err);
}
