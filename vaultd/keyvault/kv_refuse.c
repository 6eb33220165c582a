#include "vaultd/keyvault/kv.h"

#include <stdio.h>

#include "common/model/azure_names.h"

/* Where to get a token, and for what: the resource is the vault's parent domain as the client named it. */
static void add_challenge(struct kv_op *op)
{
	char value[512], authority[AUTHORITY_SIZE];
	struct endpoints e = { 0 };
	bool is_azure = azure_name_is(op->request->host);

	(void)!endpoints_get(op->txn, &e);
	azure_authority(op->request->host, &e, authority);
	snprintf(value, sizeof(value), "Bearer authorization=\"%s/%s\", resource=\"https://%.*s\"", authority,
		 op->d->challenge_tenant, SPAN_ARG(is_azure ? SPAN_LIT(AZURE_VAULT_SUFFIX) : op->host.suffix));
	http_reply_header(op->x, "WWW-Authenticate", value);
}

enum fault kv_refuse_caller(struct kv_op *op, const struct authn_failure *why, struct err *err)
{
	const enum fault f = FAULT_UNAUTHENTICATED;
	const char *code = "Unauthorized";

	add_challenge(op);
	switch (why->problem) {
	case AUTHN_OK:
	case AUTHN_MISSING:
		return err_say(err, f, code, "AKV10000: Request is missing a Bearer or PoP token.");
	case AUTHN_MALFORMED:
		return err_say(err, f, code, "Error validating token: IDX12741");
	case AUTHN_BAD_ALGORITHM:
		return err_say(err, f, code, "Error validating token: IDX10696");
	case AUTHN_UNKNOWN_KEY:
		return err_say(
			err, f, code,
			"AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '%s'.",
			why->header_b64);
	case AUTHN_BAD_SIGNATURE:
		return err_say(err, f, code, "Error validating token: IDX10511");
	case AUTHN_BAD_ISSUER:
		return err_say(err, f, code,
			       "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/%s/, found %s.",
			       op->d->world.tenant_id, why->found);
	case AUTHN_BAD_AUDIENCE:
		return err_say(err, f, code, "AKV10022: Invalid audience. Expected https://%.*s, found: %s.",
			       SPAN_ARG(op->host.suffix), why->found);
	case AUTHN_EXPIRED:
		return err_say(err, f, code, "[TokenExpired] Error validating token: 'S2S12086'.");
	case AUTHN_NOT_YET_VALID:
		return err_say(err, f, code, "Error validating token: IDX10222");
	}
	return f;
}

/* "appid=…;oid=…;iss=…/" and, for managed identities, whose they are and who asked. */
static void print_caller(const struct kv_op *op, char *out, size_t cap)
{
	const struct caller *c = &op->caller;

	snprintf(out, cap, "appid=%s;oid=%s;iss=https://sts.windows.net/%s/%s%s%s%s", c->app_id, c->object_id,
		 c->tenant_id, c->xms_mirid[0] == '\0' ? "" : ";xms_mirid=", c->xms_mirid,
		 c->xms_az_rid[0] == '\0' ? "" : ";xms_az_rid=", c->xms_az_rid);
}

enum fault kv_refuse_network(const struct kv_op *op, struct err *err)
{
	char caller[2400], address[ADDR_TEXT_MAX];

	print_caller(op, caller, sizeof(caller));
	addr_format(address, &op->client);
	if (op->verdict.reason == REASON_NET_DISABLED)
		return err_say_inner(
			err, FAULT_DENIED, "Forbidden", "ForbiddenByConnection",
			"Public network access is disabled and request is not from a trusted service nor via "
			"an approved private link.\r\nCaller: %s\r\nVault: %s;location=%s",
			caller, op->vault.name, op->vault.location);
	if (op->verdict.reason == REASON_NET_DISABLED_NO_BYPASS)
		return err_say_inner(
			err, FAULT_DENIED, "Forbidden", "ForbiddenByConnection",
			"Connection is not an approved private link and caller was ignored because bypass is "
			"not set to 'AzureServices' and PublicNetworkAccess is set to 'Disabled'.\r\n"
			"Vault: %s;location=%s",
			op->vault.name, op->vault.location);
	return err_say_inner(err, FAULT_DENIED, "Forbidden", "ForbiddenByFirewall",
			     "Client address is not authorized and caller is not a trusted service.\r\n"
			     "Client address: %s\r\nCaller: %s\r\nVault: %s;location=%s",
			     address, caller, op->vault.name, op->vault.location);
}

enum fault kv_refuse_access(const struct kv_op *op, struct err *err)
{
	char caller[2400], resource[KV_RESOURCE_SIZE], deny[64] = "null";
	const char *why = "null";

	print_caller(op, caller, sizeof(caller));
	if (!op->vault.is_rbac)
		return err_say_inner(
			err, FAULT_DENIED, "Forbidden", "AccessDenied",
			"The user, group or application '%s' does not have keys %s permission on key vault "
			"'%s;location=%s'. For help resolving this issue, please see "
			"https://go.microsoft.com/fwlink/?linkid=2125287",
			caller, action_policy_word(op->row->action), op->vault.name, op->vault.location);
	if (op->verdict.reason == REASON_RBAC_DENY_ASSIGNMENT) {
		snprintf(deny, sizeof(deny), "'%s'", op->assignment_id);
		why = "'DeniedByDenyAssignment'";
	}
	kv_print_resource(op, resource);
	return err_say_inner(
		err, FAULT_DENIED, "Forbidden", "ForbiddenByRbac",
		"Caller is not authorized to perform action on resource.\r\n"
		"If role assignments, deny assignments or role definitions were changed recently, please observe "
		"propagation time.\r\nCaller: %s\r\nAction: '%s'\r\nResource: '%s'\r\nAssignment: (not found)\r\n"
		"DenyAssignmentId: %s\r\nDecisionReason: %s \r\nVault: %s;location=%s\r\n",
		caller, action_rbac_string(op->row->action), resource, deny, why, op->vault.name, op->vault.location);
}

enum fault kv_refuse_state(const struct kv_op *op, enum key_operation operation, struct err *err)
{
	const char *word = key_operation_word(operation);

	switch (op->verdict.reason) {
	case REASON_KEY_OPERATION_NOT_LISTED:
		return err_say_inner(err, FAULT_DENIED, "Forbidden", "KeyOperationForbidden",
				     "Operation %s is not permitted on this key.", word);
	case REASON_KEY_DISABLED:
		return err_say_inner(err, FAULT_DENIED, "Forbidden", "KeyDisabled",
				     "Operation %s is not allowed on a disabled key.", word);
	case REASON_KEY_NOT_YET_VALID:
		return err_say_inner(err, FAULT_DENIED, "Forbidden", "KeyNotYetValid",
				     "Operation %s is not allowed on a key that is not yet valid.", word);
	case REASON_KEY_EXPIRED:
		return err_say_inner(err, FAULT_DENIED, "Forbidden", "KeyExpired",
				     "Operation %s is not allowed on an expired key.", word);
	case REASON_PURGE_PROTECTED:
		return err_say(err, FAULT_DENIED, "Forbidden",
			       "Operation \"purge\" is not allowed because purge protection is enabled for this vault. "
			       "Key Vault "
			       "service will automatically purge it after the retention period has passed.\r\nVault: "
			       "%s;location=%s",
			       op->vault.name, op->vault.location);
	case REASON_NONE:
	case REASON_NO_CALLER:
	case REASON_ACCESS_POLICY:
	case REASON_ACCESS_POLICY_NO_ENTRY:
	case REASON_ACCESS_POLICY_NO_PERMISSION:
	case REASON_NO_ROLE_ASSIGNMENT:
	case REASON_KEY_USABLE:
	case REASON_RBAC_ASSIGNMENT:
	case REASON_RBAC_DENY_ASSIGNMENT:
	case REASON_RBAC_CONDITION:
	case REASON_RBAC_NOT_YET_EFFECTIVE:
	case REASON_RBAC_NO_PERMISSION:
	case REASON_NET_OPEN:
	case REASON_NET_DEFAULT:
	case REASON_NET_IP_RULE:
	case REASON_NET_VNET_RULE:
	case REASON_NET_TRUSTED_SERVICE:
	case REASON_NET_DISABLED:
	case REASON_NET_DISABLED_NO_BYPASS:
	case REASON_KEY_DELETED:
	case REASON_KEY_CHANGING:
	case REASON_KEY_EXISTS:
	case REASON_VAULT_DELETED:
	case REASON_REGISTRY_KEY_LOST:
	case REASON_TOKEN_SCOPE:
	case REASON_KEY_NOT_FOUND:
	case REASON_CONTROL_PLANE:
		break;
	}
	return FAULT_DENIED;
}
