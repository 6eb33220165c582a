#include "vaultd/keyvault/kv.h"

enum { TAGS_MAX = 15, TAG_TEXT_MAX = 256 };

struct body_parts {
	const struct json *attributes, *key_ops, *tags, *release_policy;
};

static const struct field body_fields[] = {
	{ "attributes", FIELD_OBJECT, offsetof(struct body_parts, attributes), FIELD_MAY },
	{ "key_ops", FIELD_ARRAY, offsetof(struct body_parts, key_ops), FIELD_MAY },
	{ "tags", FIELD_OBJECT, offsetof(struct body_parts, tags), FIELD_MAY },
	{ "release_policy", FIELD_OBJECT, offsetof(struct body_parts, release_policy), FIELD_MAY },
};

static const struct field attribute_fields[] = {
	{ "enabled", FIELD_BOOL, offsetof(struct kv_attributes, enabled), FIELD_MAY },
	{ "exportable", FIELD_BOOL, offsetof(struct kv_attributes, exportable), FIELD_MAY },
	{ "nbf", FIELD_INT, offsetof(struct kv_attributes, nbf), FIELD_MAY },
	{ "exp", FIELD_INT, offsetof(struct kv_attributes, exp), FIELD_MAY },
};

static enum fault read_key_ops(const struct json *list, struct kv_attributes *a, struct err *err)
{
	size_t n = json_array_len(list);

	a->has_key_ops = true;
	for (size_t i = 0; i < n; i++) {
		struct span word = json_string(json_array_at(list, i));
		bool is_known = false, is_new = true;

		for (size_t j = 0; j < a->n_key_ops; j++)
			is_new = is_new && !span_eq_nocase(word, span_cstr(key_operation_word(a->key_ops[j])));
		for (uint8_t op = 0; op < KEY_OP_COUNT; op++) {
			if (!span_eq_nocase(word, span_cstr(key_operation_word(op))))
				continue;
			is_known = true;
			if (is_new)
				a->key_ops[a->n_key_ops++] = op;
		}
		if (!is_known)
			return err_say(err, FAULT_INVALID, "BadParameter", "Property 'key_ops' has invalid value\r\n");
	}
	return FAULT_NONE;
}

struct tags_check {
	size_t n;
	bool is_ok;
};

static bool check_tag(struct span name, const struct json *value, void *arg)
{
	struct tags_check *c = arg;

	c->n++;
	c->is_ok = c->is_ok && name.len <= TAG_TEXT_MAX && json_type(value) == JSON_STRING &&
		   json_string(value).len <= TAG_TEXT_MAX;
	return c->is_ok;
}

static enum fault read_tags(struct kv_op *op, const struct json *tags, struct kv_attributes *a, struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(KEY_TAGS_SIZE);
	struct tags_check check = { 0, true };

	json_object_each(tags, check_tag, &check);
	if (!check.is_ok || check.n > TAGS_MAX)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Property 'tags' has invalid value: at most %d tags of at most %d characters each\r\n",
			       TAGS_MAX, TAG_TEXT_MAX);
	a->has_tags = true;
	a->tags = SPAN_EMPTY;
	if (check.n == 0)
		return FAULT_NONE;
	json_write(&text, tags);
	if (buf_fault(&text) != FAULT_NONE)
		return buf_fault(&text);
	a->tags = pool_dup(http_exchange_pool(op->x), buf_span(&text));
	return a->tags.p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

enum fault kv_read_attributes(struct kv_op *op, const struct json *body, struct kv_attributes *ret, struct err *err)
{
	struct body_parts parts = { .attributes = NULL };
	enum fault f = json_read(body, body_fields, ARRAY_LEN(body_fields), &parts, err);

	*ret = (struct kv_attributes){ .n_key_ops = 0 };
	if (f == FAULT_NONE && parts.attributes != NULL)
		f = json_read(parts.attributes, attribute_fields, ARRAY_LEN(attribute_fields), ret, err);
	if (f == FAULT_NONE && parts.key_ops != NULL)
		f = read_key_ops(parts.key_ops, ret, err);
	if (f == FAULT_NONE && parts.tags != NULL)
		f = read_tags(op, parts.tags, ret, err);
	if (f == FAULT_NONE && parts.release_policy != NULL)
		f = kv_read_release(op, parts.release_policy, ret, err);
	if (f != FAULT_NONE)
		return f;
	if (ret->nbf.is_set && ret->exp.is_set && ret->exp.v <= ret->nbf.v)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Property 'exp' must be later than property 'nbf'.\r\n");
	if (ret->nbf.v < 0 || ret->exp.v < 0)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property '%s' has invalid value\r\n",
			       ret->nbf.v < 0 ? "nbf" : "exp");
	return FAULT_NONE;
}

void kv_apply_attributes(struct key_version *v, const struct kv_attributes *a)
{
	if (a->enabled.is_set)
		v->enabled = a->enabled.v;
	if (a->nbf.is_set) {
		v->has_nbf = true;
		v->nbf_s = a->nbf.v;
	}
	if (a->exp.is_set) {
		v->has_exp = true;
		v->exp_s = a->exp.v;
	}
	if (a->has_key_ops) {
		memcpy(v->key_ops, a->key_ops, sizeof(v->key_ops));
		v->n_key_ops = a->n_key_ops;
	}
	if (a->has_tags)
		v->tags = a->tags;
	if (a->exportable.is_set)
		v->is_exportable = a->exportable.v;
	if (a->has_release) {
		v->release_data = a->release_data;
		v->release_type = a->release_type;
		v->release_immutable = a->release_immutable;
	}
}

enum fault kv_read_kty(const struct kv_op *op, struct span kty, enum key_kty *ret, bool *ret_is_hsm, struct err *err)
{
	static const struct {
		const char *name;
		enum key_kty kty;
		bool is_hsm;
	} types[] = { { "RSA", KTY_RSA, false },
		      { "RSA-HSM", KTY_RSA, true },
		      { "EC", KTY_EC, false },
		      { "EC-HSM", KTY_EC, true } };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!span_eq_cstr(kty, types[i].name))
			continue;
		if (types[i].is_hsm && !op->vault.is_premium)
			return err_say_inner(err, FAULT_INVALID, "BadParameter", "KeyTypeNotSupported",
					     "Key type %s needs a vault of the premium tier; vault '%s' is standard.",
					     types[i].name, op->vault.name);
		*ret = types[i].kty;
		*ret_is_hsm = types[i].is_hsm;
		return FAULT_NONE;
	}
	return err_say_inner(err, FAULT_INVALID, "BadParameter", "KeyTypeNotSupported", "Invalid kty value: %.*s",
			     SPAN_ARG(kty));
}
