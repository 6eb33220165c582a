#include "vaultd/keyvault/kv.h"

/* Roles are not evaluated yet, and no assignment can exist: in a vault that asks for one, nobody is allowed. */
enum fault kv_authorize(struct kv_op *op, struct err *err)
{
	const struct cached_vault *cv;
	struct access_policy_query q = { .tenant_id = span_cstr(op->caller.tenant_id),
					 .object_id = span_cstr(op->caller.object_id),
					 .app_id = span_cstr(op->caller.app_id),
					 .action = op->row->action };
	enum fault f = vault_cache_get(op->d->vaults, op->txn, op->host.vault, &cv);

	if (f != FAULT_NONE)
		return f;
	if (op->vault.is_rbac)
		op->verdict = (struct verdict){ VERDICT_DENY, REASON_NO_ROLE_ASSIGNMENT, VERDICT_NO_RULE };
	else
		op->verdict = access_policy_decide(cv->rules, cv->vault.n_policies, &q);
	return op->verdict.kind == VERDICT_ALLOW ? FAULT_NONE : kv_refuse_access(op, err);
}
