#include <stdio.h>

#include "common/model/rbac_world.h"
#include "policy/scope.h"
#include "vaultd/registry/reg_scope.h"

#define REGISTRIES "Microsoft.ContainerRegistry/registries"

/* Roles that read everything pull, too: the names are actions, not data actions. Source:
 * fixtures/sources.md#registry-door */
static const char *const actions[REG_ACCESS_COUNT] = {
	[REG_CATALOG] = REGISTRIES "/pull/read",       [REG_LIST] = REGISTRIES "/pull/read",
	[REG_PULL] = REGISTRIES "/pull/read",	       [REG_PUSH] = REGISTRIES "/push/write",
	[REG_DELETE] = REGISTRIES "/artifacts/delete",
};

/* Whoever comes without a name may pull where the registry says so. */
static struct verdict of_nobody(const struct reg_op *op, enum reg_access access)
{
	bool may = op->settings.anonymous_pull && (access == REG_PULL || access == REG_LIST);

	return (struct verdict){ may ? VERDICT_ALLOW : VERDICT_DENY, may ? REASON_NONE : REASON_NO_CALLER,
				 VERDICT_NO_RULE };
}

enum fault reg_may(struct reg_op *op, const char *object_id, enum reg_access access, struct verdict *ret,
		   char rule[RBAC_RULE_SIZE])
{
	char id[RESOURCE_ID_SIZE], text[RESOURCE_ID_SIZE];
	struct rbac_query q = { .principal_id = span_cstr(object_id),
				.action = span_cstr(actions[access]),
				.now_s = op->now_s };
	const struct rbac_world *w;
	enum fault f;

	rule[0] = '\0';
	if (object_id[0] == '\0') {
		*ret = of_nobody(op, access);
		return FAULT_NONE;
	}
	registry_resource_id(id, &op->registry);
	f = scope_fold(span_cstr(id), text, sizeof(text), &q.scope);
	if (f == FAULT_NONE)
		f = rbac_cache_get(op->d->roles, op->txn, &w);
	if (f != FAULT_NONE)
		return f;
	*ret = rbac_decide(w, &q);
	rbac_rule_text(w, ret, rule);
	return FAULT_NONE;
}

enum fault reg_authorize(struct reg_op *op, struct err *err)
{
	enum reg_access access = op->row->access;
	enum fault f;

	if (access <= REG_SIGNED)
		return FAULT_NONE;
	op->wanted = reg_scope_word(access);
	if (!reg_scope_has(op->caller.scope, op->repository, access)) {
		op->authn_reason = reason_name(REASON_TOKEN_SCOPE);
		return FAULT_UNAUTHENTICATED;
	}
	f = reg_may(op, op->caller.object_id, access, &op->verdict, op->rule);
	if (f != FAULT_NONE)
		return f;
	if (op->verdict.kind != VERDICT_ALLOW)
		return err_say(err, FAULT_DENIED, "DENIED", "requested access to the resource is denied");
	op->wanted = NULL;
	return FAULT_NONE;
}
