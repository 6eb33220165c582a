#include "common/model/role_builtin.h"

#include "common/io/json.h"
#include "common/model/role_rules.h"
#include "common/plain/text.h"

enum { BUILTINS_MAX = 16 << 20, LIST_TEXT_MAX = 1 << 20 };

/* When the roles were made is not in the file: one recorded date serves for all of them (2015-02-02T21:55:09Z). */
#define BUILTIN_SINCE_MS INT64_C(1422914109880)

static enum fault copy_text(struct pool *pool, const struct json *v, struct span *ret)
{
	*ret = pool_dup(pool, json_string(v));
	return ret->p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault read_lists(const struct json *role, struct pool *pool, struct role_definition *d, struct err *err)
{
	SCOPED_DONE(buf) struct buf permissions = BUF_INIT(LIST_TEXT_MAX);
	SCOPED_DONE(buf) struct buf scopes = BUF_INIT(LIST_TEXT_MAX);
	enum fault f = role_rules_canonical(json_get(role, "permissions"), &permissions, err);

	json_write(&scopes, json_get(role, "assignableScopes"));
	if (f == FAULT_NONE)
		f = buf_fault(&scopes);
	if (f != FAULT_NONE)
		return f;
	d->permissions = pool_dup(pool, buf_span(&permissions));
	d->assignable_scopes = pool_dup(pool, buf_span(&scopes));
	return d->permissions.p == NULL || d->assignable_scopes.p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault read_role(const struct json *role, struct pool *pool, struct role_definition *d,
			    struct rbac_role *rule, struct err *err)
{
	enum fault f;

	if (!uuid_is_valid(json_string(json_get(role, "name"))) || json_string(json_get(role, "roleName")).len == 0)
		return err_say(err, FAULT_INVALID, "", "a built-in role has no id or no name");
	f = copy_text(pool, json_get(role, "name"), &d->id);
	if (f == FAULT_NONE)
		f = copy_text(pool, json_get(role, "roleName"), &d->name);
	if (f == FAULT_NONE)
		f = copy_text(pool, json_get(role, "description"), &d->description);
	if (f == FAULT_NONE)
		f = read_lists(role, pool, d, err);
	if (f == FAULT_NONE)
		f = role_rules_permissions(d->permissions, pool, &rule->permissions);
	d->is_builtin = true;
	d->created_ms = d->updated_ms = BUILTIN_SINCE_MS;
	rule->id = d->id;
	rule->name = d->name;
	return f;
}

enum fault role_builtins_read(struct span text, struct role_builtins *ret, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct role_builtins b = { .n = 0 };
	struct role_definition *definitions;
	struct rbac_role *rules;
	const struct json *roles;
	enum fault f = json_parse(text, &doc, err);

	if (f != FAULT_NONE)
		return f;
	roles = json_get(json_root(doc), "roles");
	pool_init(&b.pool, BUILTINS_MAX);
	b.n = json_array_len(roles);
	definitions = pool_alloc(&b.pool, (b.n + 1) * sizeof(*definitions));
	rules = pool_alloc(&b.pool, (b.n + 1) * sizeof(*rules));
	if (definitions == NULL || rules == NULL)
		f = FAULT_MEMORY;
	for (size_t i = 0; f == FAULT_NONE && i < b.n; i++)
		f = read_role(json_array_at(roles, i), &b.pool, &definitions[i], &rules[i], err);
	b.definitions = definitions;
	b.rules = rules;
	if (f == FAULT_NONE && b.n == 0)
		f = err_say(err, FAULT_INVALID, "", "there are no built-in roles");
	if (f == FAULT_NONE)
		*ret = b;
	else
		pool_done(&b.pool);
	return f;
}

void role_builtins_done(struct role_builtins *b)
{
	pool_done(&b->pool);
	*b = (struct role_builtins){ .n = 0 };
}
