#include "vaultd/arm/arm_audit.h"

#include "common/io/audit.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_routes.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/client_address.h"

/* Azure's names for what happens to a vault; the others keep their REST names. Source: fixtures/sources.md#audit */
static const struct {
	const char *rest, *audit;
} names[] = {
	{ "Vaults_CreateOrUpdate", "VaultPut" },
	{ "Vaults_Get", "VaultGet" },
	{ "Vaults_Update", "VaultPatch" },
	{ "Vaults_Delete", "VaultDelete" },
	{ "Vaults_ListByResourceGroup", "VaultList" },
	{ "Vaults_ListBySubscription", "VaultList" },
	{ "Vaults_UpdateAccessPolicy", "VaultPatch" },
	{ "Vaults_ListDeleted", "VaultListDeleted" },
	{ "Vaults_GetDeleted", "VaultGetDeleted" },
	{ "Vaults_PurgeDeleted", "VaultPurge" },
};

static const char *audit_name(const struct arm_row *row)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].rest, row->name) == 0)
			return names[i].audit;
	return row->name;
}

static const char *name_of(const struct arm_row *row, enum fault f)
{
	if (f == FAULT_UNAUTHENTICATED)
		return "Authentication";
	return row == NULL ? "Unknown" : audit_name(row);
}

const char *arm_audit_named(struct span name)
{
	const struct arm_row *row = arm_row_named(name);

	for (size_t i = 0; row == NULL && i < ARRAY_LEN(names); i++)
		if (span_eq_nocase(name, span_cstr(names[i].audit)))
			return names[i].audit;
	return row == NULL ? NULL : audit_name(row);
}

/* The path up to the vault that it names, else the whole of it. */
static struct span resource_of(const struct arm_op *op, const struct arm_row *row)
{
	struct span path = op->request->path, vault = SPAN_EMPTY, rest = path, one;

	if (row != NULL)
		vault = arm_capture(op, "vault");
	while (vault.p != NULL && vault.len > 0 && rest.p != NULL) {
		rest = span_cut(rest, '/', &one);
		if (span_eq_nocase(one, vault))
			return span_of(path.p, (size_t)(one.p + one.len - path.p));
	}
	return path;
}

static void put_decision(const struct arm_op *op, enum fault f, struct audit_record *r)
{
	if (op->authn_problem != AUTHN_OK) {
		r->verdict = "deny";
		r->reason = authn_problem_name(op->authn_problem);
		return;
	}
	if (op->verdict.reason == REASON_NONE) {
		r->verdict = f == FAULT_DENIED ? "deny" : "";
		return;
	}
	r->verdict = verdict_word(&op->verdict);
	r->reason = reason_name(op->verdict.reason);
}

void arm_audit(const struct arm_op *op, const struct arm_row *row, const char *request_id, int64_t started_ms,
	       enum fault f, const struct err *err)
{
	const char *correlation = http_exchange_header(op->x, "x-ms-correlation-request-id");
	struct span query = span_cut(op->request->target, '?', &(struct span){ NULL, 0 });
	struct addr client = client_address(op->d, op->x);
	struct audit_record r = {
		.at_ms = op->now_ms,
		.resource_id = resource_of(op, row),
		.operation = span_cstr(name_of(row, f)),
		.api_version = op->api_version.p == NULL ? SPAN_EMPTY : op->api_version,
		.status = op->status,
		.description = f == FAULT_NONE ? "" : err->message,
		.duration_ms = clock_mono_ms(&op->d->clock) - started_ms,
		.caller_ip = &client,
		.correlation_id = correlation != NULL && uuid_is_valid(span_cstr(correlation)) ? correlation
											       : request_id,
		.object_id = op->caller == NULL ? "" : op->caller->object_id,
		.app_id = op->caller == NULL ? "" : op->caller->app_id,
		.mirid = op->caller == NULL ? "" : op->caller->xms_mirid,
		.az_rid = op->caller == NULL ? "" : op->caller->xms_az_rid,
		.id = resource_of(op, row),
		.client_info = span_cstr(http_exchange_header(op->x, "User-Agent")),
		.host = op->request->host,
		.path = op->request->path,
		.query = query.p == NULL ? SPAN_EMPTY : query,
		.is_tls = op->request->is_tls,
		.verdict = "",
		.reason = "",
		.rule = op->rule,
	};

	put_decision(op, f, &r);
	audit_write(op->d->audit, &r);
}
