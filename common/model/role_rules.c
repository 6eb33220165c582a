#include "common/model/role_rules.h"

#include "common/io/json_out.h"
#include "common/plain/text.h"

static const char *const lists[] = { "actions", "notActions", "dataActions", "notDataActions" };

static enum fault write_list(struct json_out *o, const struct json *permission, const char *name, struct err *err)
{
	const struct json *list = json_get_nocase(permission, name);

	if (json_type(list) != JSON_NULL && json_type(list) != JSON_ARRAY)
		return err_say(err, FAULT_INVALID, "", "'%s' must be an array of strings", name);
	json_out_array(o, name);
	for (size_t i = 0; i < json_array_len(list); i++) {
		struct span action = json_string(json_array_at(list, i));

		if (action.len == 0)
			return err_say(err, FAULT_INVALID, "", "'%s' must be an array of strings", name);
		json_out_str(o, NULL, action);
	}
	json_out_array_end(o);
	return FAULT_NONE;
}

static enum fault write_condition(struct json_out *o, const struct json *permission, struct err *err)
{
	static const char *const names[] = { "condition", "conditionVersion" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct json *v = json_get_nocase(permission, names[i]);

		if (json_type(v) != JSON_NULL && json_type(v) != JSON_STRING)
			return err_say(err, FAULT_INVALID, "", "'%s' must be a string", names[i]);
		if (json_string(v).len > 0)
			json_out_str(o, names[i], json_string(v));
	}
	return FAULT_NONE;
}

enum fault role_rules_canonical(const struct json *permissions, struct buf *out, struct err *err)
{
	struct json_out o;

	if (json_type(permissions) != JSON_ARRAY)
		return err_say(err, FAULT_INVALID, "", "'permissions' must be an array");
	json_out_init(&o, out);
	json_out_array(&o, NULL);
	for (size_t i = 0; i < json_array_len(permissions); i++) {
		const struct json *one = json_array_at(permissions, i);
		enum fault f = FAULT_NONE;

		if (json_type(one) != JSON_OBJECT)
			return err_say(err, FAULT_INVALID, "", "'permissions' must be an array of objects");
		json_out_object(&o, NULL);
		for (size_t l = 0; f == FAULT_NONE && l < ARRAY_LEN(lists); l++)
			f = write_list(&o, one, lists[l], err);
		if (f == FAULT_NONE)
			f = write_condition(&o, one, err);
		if (f != FAULT_NONE)
			return f;
		json_out_object_end(&o);
	}
	json_out_array_end(&o);
	return buf_fault(out);
}

bool role_rules_have_actions(const struct json *permissions)
{
	for (size_t i = 0; i < json_array_len(permissions); i++) {
		const struct json *one = json_array_at(permissions, i);

		if (json_array_len(json_get_nocase(one, "actions")) +
			    json_array_len(json_get_nocase(one, "dataActions")) >
		    0)
			return true;
	}
	return false;
}

static enum fault read_list(const struct json *list, struct pool *pool, struct rbac_patterns *ret)
{
	size_t n = json_array_len(list);
	struct span *at = pool_alloc(pool, (n + 1) * sizeof(*at));

	if (json_type(list) != JSON_ARRAY)
		return FAULT_STORE;
	if (at == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < n; i++) {
		at[i] = pool_dup(pool, json_string(json_array_at(list, i)));
		if (at[i].p == NULL)
			return FAULT_MEMORY;
	}
	*ret = (struct rbac_patterns){ at, n };
	return FAULT_NONE;
}

static enum fault read_permission(const struct json *one, struct pool *pool, struct rbac_permission *ret)
{
	struct rbac_patterns *const into[] = { &ret->actions, &ret->not_actions, &ret->data_actions,
					       &ret->not_data_actions };
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(into); i++)
		f = read_list(json_get(one, lists[i]), pool, into[i]);
	ret->has_condition = json_string(json_get(one, "condition")).len > 0;
	return f;
}

static enum fault parse_array(struct span text, struct json_doc **ret)
{
	enum fault f = json_parse(text, ret, NULL);

	if (f == FAULT_NONE && json_type(json_root(*ret)) == JSON_ARRAY)
		return FAULT_NONE;
	return f == FAULT_NONE || f == FAULT_INVALID ? FAULT_STORE : f;
}

enum fault role_rules_permissions(struct span text, struct pool *pool, struct rbac_permissions *ret)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct rbac_permission *at;
	enum fault f = parse_array(text, &doc);
	size_t n;

	if (f != FAULT_NONE)
		return f;
	n = json_array_len(json_root(doc));
	at = pool_alloc(pool, (n + 1) * sizeof(*at));
	if (at == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; f == FAULT_NONE && i < n; i++)
		f = read_permission(json_array_at(json_root(doc), i), pool, &at[i]);
	if (f == FAULT_NONE)
		*ret = (struct rbac_permissions){ at, n };
	return f;
}

enum fault role_rules_ids(struct span text, struct pool *pool, const struct span **ret, size_t *ret_n)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f = parse_array(text, &doc);
	struct span *at;
	size_t n;

	if (f != FAULT_NONE)
		return f;
	n = json_array_len(json_root(doc));
	at = pool_alloc(pool, (n + 1) * sizeof(*at));
	if (at == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < n; i++) {
		struct span id = json_string(json_get(json_array_at(json_root(doc), i), "id"));
		char *copy = pool_strndup(pool, id.p, id.len);

		if (copy == NULL)
			return FAULT_MEMORY;
		ascii_lower_str(copy);
		at[i] = span_of(copy, id.len);
	}
	*ret = at;
	*ret_n = n;
	return FAULT_NONE;
}
