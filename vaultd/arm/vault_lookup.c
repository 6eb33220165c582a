#include "vaultd/arm/vault_lookup.h"

#include <stdio.h>

#include "vaultd/arm/arm_scope.h"

bool vault_is_in_path(const struct arm_op *op, const struct vault *v)
{
	return span_eq_nocase(span_cstr(v->group), arm_capture(op, "group"));
}

enum fault vault_of_path(const struct arm_op *op, struct vault *ret, struct err *err)
{
	struct span name = arm_capture(op, "vault");
	enum fault f = vault_get(op->txn, name, ret);

	if (f == FAULT_NONE && !vault_is_in_path(op, ret)) {
		vault_done(ret);
		f = FAULT_NOT_FOUND;
	}
	return f == FAULT_NOT_FOUND ? arm_resource_not_found(op, "Microsoft.KeyVault/vaults", name, err) : f;
}

void vault_stamp(const struct arm_op *op, struct vault *v)
{
	const char *type = op->caller->xms_mirid[0] == '\0' ? "Application" : "ManagedIdentity";

	snprintf(v->modified_by, sizeof(v->modified_by), "%s", op->caller->app_id);
	snprintf(v->modified_by_type, sizeof(v->modified_by_type), "%s", type);
	v->modified_ms = op->now_ms;
}
