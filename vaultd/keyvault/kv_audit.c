#include <stdio.h>

#include "common/io/audit.h"
#include "vaultd/keyvault/kv.h"
#include "vaultd/keyvault/kv_explain.h"

enum { RESOURCE_MAX = 512, ID_MAX = 2048 };

/* Source: fixtures/sources.md#audit */
static const struct {
	const char *rest, *audit;
} names[] = {
	{ "CreateKey", "KeyCreate" },
	{ "Encrypt", "KeyEncrypt" },
	{ "Decrypt", "KeyDecrypt" },
	{ "Sign", "KeySign" },
	{ "Verify", "KeyVerify" },
	{ "WrapKey", "KeyWrap" },
	{ "UnwrapKey", "KeyUnwrap" },
	{ "GetKeys", "KeyList" },
	{ "GetKeyVersions", "KeyListVersions" },
	{ "RestoreKey", "KeyRestore" },
	{ "BackupKey", "KeyBackup" },
	{ "RotateKey", "KeyRotate" },
	{ "GetKeyRotationPolicy", "KeyRotationPolicyGet" },
	{ "UpdateKeyRotationPolicy", "KeyRotationPolicySet" },
	{ "Release", "KeyRelease" },
	{ "GetKey", "KeyGet" },
	{ "UpdateKey", "KeyUpdate" },
	{ "ImportKey", "KeyImport" },
	{ "DeleteKey", "KeyDelete" },
	{ "GetDeletedKeys", "KeyListDeleted" },
	{ "GetDeletedKey", "KeyGetDeleted" },
	{ "RecoverDeletedKey", "KeyRecover" },
	{ "PurgeDeletedKey", "KeyPurge" },
	{ "GetRandomBytes", "RandomBytesGet" },
};

const char *kv_audit_name(const char *rest_name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].rest, rest_name) == 0)
			return names[i].audit;
	return rest_name;
}

/* A request that was refused before its path was looked at still has an operation. */
static const struct kv_row *row_of(const struct kv_op *op)
{
	const struct kv_row *row = op->row;
	struct route_path path;
	struct route_match match;

	if (row == NULL &&
	    (route_split(op->request->path, &path) != FAULT_NONE ||
	     kv_route(op->request->method, &path, http_exchange_pool(op->x), &row, &match) != FAULT_NONE))
		return NULL;
	return row;
}

/* Azure logs a request without a good token as the attempt to sign in that it is. */
static const char *operation_of(const struct kv_op *op, enum fault f)
{
	const struct kv_row *row = f == FAULT_UNAUTHENTICATED ? NULL : row_of(op);

	if (f == FAULT_UNAUTHENTICATED)
		return "Authentication";
	return row == NULL ? "Unknown" : kv_audit_name(row->name);
}

static void print_resource(const struct kv_op *op, char out[RESOURCE_MAX])
{
	out[0] = '\0';
	if (op->vault.name[0] != '\0')
		snprintf(out, RESOURCE_MAX,
			 "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/%s",
			 op->vault.subscription_id, op->vault.group, op->vault.name);
}

static void print_id(const struct kv_op *op, struct buf *out)
{
	if (op->name.p != NULL)
		kv_print_kid(op, op->name, op->version, out);
	else
		buf_printf(out, "https://%.*s/", SPAN_ARG(op->request->host));
}

void kv_rule_text(const struct verdict *v, char *out, size_t cap)
{
	const char *list = v->reason == REASON_NET_IP_RULE     ? "networkAcls/ipRules"
			   : v->reason == REASON_NET_VNET_RULE ? "networkAcls/virtualNetworkRules"
			   : v->reason == REASON_ACCESS_POLICY || v->reason == REASON_ACCESS_POLICY_NO_PERMISSION
				   ? "accessPolicies"
				   : NULL;

	out[0] = '\0';
	if (list != NULL && v->rule != VERDICT_NO_RULE)
		snprintf(out, cap, "%s/%zu", list, v->rule);
}

/* A refusal is explained by what refused, a success by what granted. */
static void put_decision(const struct kv_op *op, struct audit_record *r, char rule[KV_RULE_SIZE])
{
	bool is_grant = op->verdict.kind == VERDICT_ALLOW && op->grant.kind == VERDICT_ALLOW;
	const struct verdict *v = is_grant ? &op->grant : &op->verdict;

	if (op->authn_problem != AUTHN_OK) {
		r->verdict = "deny";
		r->reason = authn_problem_name(op->authn_problem);
		return;
	}
	/* Let in by the network, and refused before anybody asked for a grant: nothing was decided. */
	if (v->kind == VERDICT_ALLOW && !is_grant) {
		r->verdict = r->reason = r->rule = "";
		return;
	}
	r->verdict = verdict_word(v);
	r->reason = reason_name(v->reason);
	kv_rule_text(v, rule, KV_RULE_SIZE);
	/* What the stage said about its rule is about the grant, unless the grant was refused. */
	if (rule[0] == '\0' && (is_grant || op->grant.kind != VERDICT_ALLOW))
		memcpy(rule, op->rule, KV_RULE_SIZE);
	r->rule = rule;
}

void kv_audit(const struct kv_op *op, enum fault f, const struct err *err)
{
	SCOPED_DONE(buf) struct buf id = BUF_INIT(ID_MAX + HTTP_HEADERS_MAX);
	const char *correlation = http_exchange_header(op->x, "x-ms-client-request-id");
	char resource[RESOURCE_MAX], rule[KV_RULE_SIZE] = "";
	struct span query = span_cut(op->request->target, '?', &(struct span){ NULL, 0 });
	struct audit_record r = {
		.at_ms = op->now_ms,
		.operation = span_cstr(operation_of(op, f)),
		.api_version = op->api_text.p == NULL ? SPAN_EMPTY : op->api_text,
		.status = f == FAULT_NONE ? op->status : kv_status(f),
		.description = f == FAULT_NONE ? "" : err->message,
		.duration_ms = clock_mono_ms(&op->d->clock) - op->started_ms,
		.caller_ip = &op->client,
		.correlation_id = correlation != NULL && uuid_is_valid(span_cstr(correlation)) ? correlation
											       : op->request_id,
		.object_id = op->caller.object_id,
		.app_id = op->caller.app_id,
		.mirid = op->caller.xms_mirid,
		.az_rid = op->caller.xms_az_rid,
		.client_info = span_cstr(http_exchange_header(op->x, "User-Agent")),
		.host = op->request->host,
		.path = op->request->path,
		.query = query.p == NULL ? SPAN_EMPTY : query,
		.is_tls = op->request->is_tls,
		.rule = "",
	};

	print_resource(op, resource);
	r.resource_id = span_cstr(resource);
	print_id(op, &id);
	r.id = buf_span(&id);
	put_decision(op, &r, rule);
	audit_write(op->d->audit, &r);
}
