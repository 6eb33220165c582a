#include "policy/verdict.h"

#include "common/plain/base.h"

static const char *const names[] = {
	[REASON_NONE] = "none",
	[REASON_NO_CALLER] = "no-caller",
	[REASON_ACCESS_POLICY] = "access-policy",
	[REASON_ACCESS_POLICY_NO_ENTRY] = "access-policy-no-entry",
	[REASON_ACCESS_POLICY_NO_PERMISSION] = "access-policy-no-permission",
	[REASON_NO_ROLE_ASSIGNMENT] = "no-role-assignment",
	[REASON_KEY_USABLE] = "key-usable",
	[REASON_KEY_OPERATION_NOT_LISTED] = "key-operation-not-listed",
	[REASON_KEY_DISABLED] = "key-disabled",
	[REASON_KEY_NOT_YET_VALID] = "key-not-yet-valid",
	[REASON_KEY_EXPIRED] = "key-expired",
	[REASON_PURGE_PROTECTED] = "purge-protected",
	[REASON_RBAC_ASSIGNMENT] = "rbac-assignment",
	[REASON_RBAC_DENY_ASSIGNMENT] = "rbac-deny-assignment",
	[REASON_RBAC_CONDITION] = "rbac-condition",
	[REASON_RBAC_NOT_YET_EFFECTIVE] = "rbac-not-yet-effective",
	[REASON_RBAC_NO_PERMISSION] = "rbac-no-permission",
	[REASON_NET_OPEN] = "net-open",
	[REASON_NET_DEFAULT] = "net-default",
	[REASON_NET_IP_RULE] = "net-ip-rule",
	[REASON_NET_VNET_RULE] = "net-vnet-rule",
	[REASON_NET_TRUSTED_SERVICE] = "net-trusted-service",
	[REASON_NET_DISABLED] = "net-disabled",
	[REASON_NET_DISABLED_NO_BYPASS] = "net-disabled-no-bypass",
	[REASON_KEY_DELETED] = "key-deleted",
	[REASON_KEY_CHANGING] = "key-changing",
	[REASON_KEY_EXISTS] = "key-exists",
	[REASON_VAULT_DELETED] = "vault-deleted",
	[REASON_KEY_NOT_FOUND] = "key-not-found",
	[REASON_CONTROL_PLANE] = "control-plane",
	[REASON_REGISTRY_KEY_LOST] = "registry-key-lost",
	[REASON_TOKEN_SCOPE] = "token-scope",
};

const char *reason_name(enum reason r)
{
	return (size_t)r < ARRAY_LEN(names) && names[r] != NULL ? names[r] : "unknown";
}

const char *verdict_word(const struct verdict *v)
{
	if (v->reason == REASON_NONE)
		return "none";
	switch (v->kind) {
	case VERDICT_ALLOW:
		return "allow";
	case VERDICT_DENY:
		return "deny";
	case VERDICT_CANNOT_TELL:
		break;
	}
	return "cannot-tell";
}
