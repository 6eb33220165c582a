#include "vaultd/arm/access_policies.h"

#include <stdlib.h>

#include "common/plain/text.h"
#include "vaultd/arm/access_policy_words.h"
#include "vaultd/arm/arm_text.h"

enum { PERMISSIONS_TEXT_MAX = 32 << 10 };

static enum fault bad(struct err *err, size_t at, const char *what)
{
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "An invalid value was provided for 'accessPolicies'. Entry %zu: %s.", at, what);
}

void access_policy_list_done(struct access_policy_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->entries[i].permissions);
	free(l->entries);
	*l = (struct access_policy_list){ NULL, 0 };
}

static enum fault read_id(const struct json *entry, const char *name, bool is_needed, char out[ID_SIZE], size_t at,
			  struct err *err)
{
	const struct json *v = json_get_nocase(entry, name);
	struct span id = json_string(v);

	out[0] = '\0';
	if (v == NULL && !is_needed)
		return FAULT_NONE;
	if (!uuid_is_valid(id))
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "An invalid value was provided for 'accessPolicies'. Entry %zu: '%s' must be a GUID.",
			       at, name);
	memcpy(out, id.p, id.len);
	out[id.len] = '\0';
	ascii_lower_str(out);
	return FAULT_NONE;
}

static enum fault read_words(const struct json *list, const struct permission_category *c, struct json_out *o,
			     size_t at, struct err *err)
{
	if (json_type(list) != JSON_ARRAY)
		return bad(err, at, "a list of permissions must be an array");
	json_out_array(o, c->name);
	for (size_t i = 0; i < json_array_len(list); i++) {
		struct span word = json_string(json_array_at(list, i));

		if (!permission_is_known(c, word))
			return err_say(err, FAULT_INVALID, "BadRequest",
				       "An invalid value was provided for 'accessPolicies'. Entry %zu: '%.*s' is no "
				       "permission for %s.",
				       at, SPAN_ARG(word), c->name);
		json_out_str(o, NULL, word);
	}
	json_out_array_end(o);
	return FAULT_NONE;
}

/* Lists that are absent stay absent. */
static enum fault read_permissions(const struct json *permissions, struct access_policy_entry *e, size_t at,
				   struct err *err)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(PERMISSIONS_TEXT_MAX);
	struct json_out o;
	enum fault f = FAULT_NONE;

	if (json_type(permissions) != JSON_OBJECT)
		return bad(err, at, "'permissions' must be an object");
	json_out_init(&o, &b);
	json_out_object(&o, NULL);
	for (size_t i = 0; f == FAULT_NONE && i < n_permission_categories; i++) {
		const struct json *list = json_get_nocase(permissions, permission_categories[i].name);

		if (list != NULL)
			f = read_words(list, &permission_categories[i], &o, at, err);
	}
	json_out_object_end(&o);
	if (f != FAULT_NONE)
		return f;
	if (buf_fault(&b) == FAULT_TOO_LARGE)
		return bad(err, at, "too many permissions");
	e->keys = permission_key_actions(json_get_nocase(permissions, "keys"));
	return arm_take_text(&b, &e->permissions);
}

static enum fault read_entry(const struct json *v, struct access_policy_entry *e, size_t at, struct err *err)
{
	enum fault f;

	if (json_type(v) != JSON_OBJECT)
		return bad(err, at, "it must be an object");
	f = read_id(v, "tenantId", true, e->tenant_id, at, err);
	if (f == FAULT_NONE)
		f = read_id(v, "objectId", true, e->object_id, at, err);
	if (f == FAULT_NONE)
		f = read_id(v, "applicationId", false, e->application_id, at, err);
	if (f == FAULT_NONE)
		f = read_permissions(json_get_nocase(v, "permissions"), e, at, err);
	return f;
}

enum fault access_policies_read(const struct json *array, struct access_policy_list *ret, struct err *err)
{
	size_t n = json_array_len(array);
	enum fault f = FAULT_NONE;

	if (n > VAULT_POLICIES_MAX)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "An invalid value was provided for 'accessPolicies'. A vault has at most %d entries.",
			       VAULT_POLICIES_MAX);
	if (n == 0)
		return FAULT_NONE;
	ret->entries = calloc(n, sizeof(*ret->entries));
	if (ret->entries == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; f == FAULT_NONE && i < n; i++) {
		ret->n = i + 1;
		f = read_entry(json_array_at(array, i), &ret->entries[i], i, err);
	}
	if (f != FAULT_NONE)
		access_policy_list_done(ret);
	return f;
}

enum fault access_policies_check_tenant(const struct access_policy_list *l, const char *tenant_id, struct err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->entries[i].tenant_id, tenant_id) != 0)
			return bad(err, i, "its tenantId must be the vault's");
	return FAULT_NONE;
}

void access_policies_write(struct json_out *o, const char *key, const struct access_policy_entry *entries, size_t n)
{
	json_out_array(o, key);
	for (size_t i = 0; i < n; i++) {
		const struct access_policy_entry *e = &entries[i];

		json_out_object(o, NULL);
		json_out_cstr(o, "tenantId", e->tenant_id);
		json_out_cstr(o, "objectId", e->object_id);
		if (e->application_id[0] != '\0')
			json_out_cstr(o, "applicationId", e->application_id);
		json_out_raw(o, "permissions", span_cstr(e->permissions));
		json_out_object_end(o);
	}
	json_out_array_end(o);
}
