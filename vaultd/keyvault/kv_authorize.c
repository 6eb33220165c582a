#include <stdio.h>

#include "common/model/rbac_world.h"
#include "vaultd/keyvault/kv.h"

void kv_print_resource(const struct kv_op *op, char out[KV_RESOURCE_SIZE])
{
	snprintf(out, KV_RESOURCE_SIZE,
		 "/subscriptions/%s/resourcegroups/%s/providers/microsoft.keyvault/vaults/%s%s%.*s",
		 op->vault.subscription_id, op->vault.group, op->vault.name, op->name.p == NULL ? "" : "/keys/",
		 SPAN_ARG(op->name.p == NULL ? SPAN_EMPTY : op->name));
	ascii_lower_str(out);
}

static enum fault ask_policies(struct kv_op *op)
{
	const struct cached_vault *cv;
	struct access_policy_query q = { .tenant_id = span_cstr(op->caller.tenant_id),
					 .object_id = span_cstr(op->caller.object_id),
					 .app_id = span_cstr(op->caller.app_id),
					 .action = op->row->action };
	enum fault f = vault_cache_get(op->d->vaults, op->txn, op->host.vault, &cv);

	if (f == FAULT_NONE)
		op->verdict = access_policy_decide_indexed(&cv->by_caller, &q);
	return f;
}

static enum fault ask_roles(struct kv_op *op)
{
	char scope[KV_RESOURCE_SIZE];
	const struct rbac_world *w;
	enum fault f = rbac_cache_get(op->d->roles, op->txn, &w);

	if (f != FAULT_NONE)
		return f;
	kv_print_resource(op, scope);
	op->verdict = rbac_decide_data(w, span_cstr(op->caller.object_id), span_cstr(scope), op->row->action,
				       op->now_s);
	snprintf(op->assignment_id, sizeof(op->assignment_id), "%.*s", SPAN_ARG(rbac_rule_id(w, &op->verdict)));
	if (op->verdict.rule != VERDICT_NO_RULE)
		rbac_rule_text(w, &op->verdict, op->rule);
	return FAULT_NONE;
}

/* One of the two permission models, never both. */
enum fault kv_authorize(struct kv_op *op, struct err *err)
{
	enum fault f;

	if (op->caller.is_control_plane) {
		op->verdict = (struct verdict){ VERDICT_ALLOW, REASON_CONTROL_PLANE, VERDICT_NO_RULE };
		return FAULT_NONE;
	}
	f = op->vault.is_rbac ? ask_roles(op) : ask_policies(op);
	if (f != FAULT_NONE)
		return f;
	return op->verdict.kind == VERDICT_ALLOW ? FAULT_NONE : kv_refuse_access(op, err);
}
