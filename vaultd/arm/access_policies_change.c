#include "vaultd/arm/access_policies.h"

#include <stdlib.h>

#include "vaultd/arm/access_policy_words.h"
#include "vaultd/arm/arm_text.h"

enum { PERMISSIONS_TEXT_MAX = 64 << 10 };

static bool is_same_principal(const struct access_policy_entry *a, const struct access_policy_entry *b)
{
	return strcmp(a->tenant_id, b->tenant_id) == 0 && strcmp(a->object_id, b->object_id) == 0 &&
	       strcmp(a->application_id, b->application_id) == 0;
}

static struct access_policy_entry *find_entry(struct access_policy_list *l, const struct access_policy_entry *like)
{
	for (size_t i = 0; i < l->n; i++)
		if (is_same_principal(&l->entries[i], like))
			return &l->entries[i];
	return NULL;
}

static bool list_has(const struct json *list, struct span word)
{
	for (size_t i = 0; i < json_array_len(list); i++)
		if (span_eq_nocase(json_string(json_array_at(list, i)), word))
			return true;
	return false;
}

/* The words of list that are not in other. */
static void write_others(struct json_out *o, const struct json *list, const struct json *other)
{
	for (size_t i = 0; i < json_array_len(list); i++) {
		struct span word = json_string(json_array_at(list, i));

		if (!list_has(other, word))
			json_out_str(o, NULL, word);
	}
}

static bool has_others(const struct json *list, const struct json *other)
{
	for (size_t i = 0; i < json_array_len(list); i++)
		if (!list_has(other, json_string(json_array_at(list, i))))
			return true;
	return false;
}

/* One category of both objects as add or remove leaves it; a list that is emptied goes. */
static void write_category(struct json_out *o, const char *name, const struct json *has, const struct json *given,
			   bool is_removal)
{
	const struct json *a = json_get(has, name), *b = json_get(given, name);

	if (is_removal ? !has_others(a, b) : a == NULL && b == NULL)
		return;
	json_out_array(o, name);
	write_others(o, a, is_removal ? b : NULL);
	if (!is_removal)
		write_others(o, b, a);
	json_out_array_end(o);
}

/* Texts are our own, written by access_policies_read. */
static enum fault merge_permissions(struct access_policy_entry *e, const char *given_text, bool is_removal,
				    bool *ret_is_empty)
{
	SCOPED(json_doc) struct json_doc *has = NULL, *given = NULL;
	SCOPED_DONE(buf) struct buf b = BUF_INIT(PERMISSIONS_TEXT_MAX);
	SCOPED(json_doc) struct json_doc *merged = NULL;
	struct json_out o;
	enum fault f = json_parse(span_cstr(e->permissions), &has, NULL);

	if (f == FAULT_NONE)
		f = json_parse(span_cstr(given_text), &given, NULL);
	if (f != FAULT_NONE)
		return f;
	json_out_init(&o, &b);
	json_out_object(&o, NULL);
	for (size_t i = 0; i < n_permission_categories; i++)
		write_category(&o, permission_categories[i].name, json_root(has), json_root(given), is_removal);
	json_out_object_end(&o);
	f = json_parse(buf_span(&b), &merged, NULL);
	if (f != FAULT_NONE)
		return f;
	*ret_is_empty = json_object_len(json_root(merged)) == 0;
	e->keys = permission_key_actions(json_get(json_root(merged), "keys"));
	free(TAKE(e->permissions));
	return arm_take_text(&b, &e->permissions);
}

static void drop_entry(struct access_policy_list *l, struct access_policy_entry *e)
{
	size_t at = (size_t)(e - l->entries);

	free(e->permissions);
	memmove(e, e + 1, (l->n - at - 1) * sizeof(*e));
	l->n--;
}

static enum fault append_entry(struct access_policy_list *l, const struct access_policy_entry *e, struct err *err)
{
	struct access_policy_entry *bigger, copy = *e;

	if (l->n == VAULT_POLICIES_MAX)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "An invalid value was provided for 'accessPolicies'. A vault has at most %d entries.",
			       VAULT_POLICIES_MAX);
	bigger = realloc(l->entries, (l->n + 1) * sizeof(*bigger));
	if (bigger == NULL)
		return FAULT_MEMORY;
	l->entries = bigger;
	copy.permissions = strdup(e->permissions);
	if (copy.permissions == NULL)
		return FAULT_MEMORY;
	l->entries[l->n++] = copy;
	return FAULT_NONE;
}

static enum fault replace_entry(struct access_policy_entry *e, const struct access_policy_entry *given)
{
	char *permissions = strdup(given->permissions);

	if (permissions == NULL)
		return FAULT_MEMORY;
	free(e->permissions);
	e->permissions = permissions;
	e->keys = given->keys;
	return FAULT_NONE;
}

static enum fault change_one(struct access_policy_list *has, const struct access_policy_entry *given,
			     enum access_policy_change change, struct err *err)
{
	struct access_policy_entry *e = find_entry(has, given);
	bool is_empty = false;
	enum fault f;

	if (e == NULL)
		return change == ACCESS_POLICY_REMOVE ? FAULT_NONE : append_entry(has, given, err);
	if (change == ACCESS_POLICY_REPLACE)
		return replace_entry(e, given);
	f = merge_permissions(e, given->permissions, change == ACCESS_POLICY_REMOVE, &is_empty);
	if (f == FAULT_NONE && is_empty && change == ACCESS_POLICY_REMOVE)
		drop_entry(has, e);
	return f;
}

enum fault access_policies_change(struct access_policy_list *has, const struct access_policy_list *given,
				  enum access_policy_change change, struct err *err)
{
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < given->n; i++)
		f = change_one(has, &given->entries[i], change, err);
	return f;
}
