#include "vaultd/arm/role_find.h"

#include "common/model/rbac_world.h"
#include "policy/scope.h"
#include "vaultd/arm/role_path.h"

enum { SCOPES_MAX = 1 << 20 };

enum fault role_find(struct arm_op *op, struct span id, struct role_definition *ret)
{
	const struct role_builtins *b = rbac_cache_builtins(op->d->roles);

	for (size_t i = 0; i < b->n; i++)
		if (span_eq(b->definitions[i].id, id)) {
			*ret = b->definitions[i];
			return FAULT_NONE;
		}
	return role_definition_get(op->txn, id, ret);
}

enum fault role_say_missing(enum fault f, struct span id, struct err *err)
{
	char bare[GUID_BARE_SIZE];

	role_guid_bare(bare, id);
	return err_say(err, f, "RoleDefinitionDoesNotExist",
		       "The specified role definition with ID '%s' does not exist.", bare);
}

enum fault role_each(struct arm_op *op, enum fault (*each)(const struct role_definition *d, void *arg), void *arg)
{
	const struct role_builtins *b = rbac_cache_builtins(op->d->roles);
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < b->n; i++)
		f = each(&b->definitions[i], arg);
	return f == FAULT_NONE ? role_definition_each(op->txn, each, arg) : f;
}

enum fault role_is_assignable(const struct role_definition *d, struct span scope_folded, bool with_below, bool *ret)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct pool pool;
	bool is_assignable = false;
	enum fault f = json_parse(d->assignable_scopes, &doc, NULL);

	pool_init(&pool, SCOPES_MAX);
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(json_root(doc)); i++) {
		struct role_scope s;

		f = role_scope_read(&pool, json_string(json_array_at(json_root(doc), i)), &s);
		if (f == FAULT_NONE)
			is_assignable = is_assignable || scope_contains(s.folded, scope_folded) ||
					(with_below && scope_contains(scope_folded, s.folded));
	}
	pool_done(&pool);
	if (f == FAULT_NONE)
		*ret = is_assignable;
	return f == FAULT_INVALID ? FAULT_STORE : f;
}
