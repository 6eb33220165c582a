#include <stdio.h>

#include "common/io/audit.h"
#include "vaultd/registry/reg.h"

/* A request that was refused before its path was looked at still has an operation. */
static const char *operation_of(const struct reg_op *op)
{
	const struct reg_row *row = op->row;
	struct route_match match;

	if (row == NULL && reg_route(op->request, http_exchange_pool(op->x), &row, &match) != FAULT_NONE)
		return "Unknown";
	return row->name;
}

static void put_decision(const struct reg_op *op, struct audit_record *r)
{
	if (op->authn_reason != NULL) {
		r->verdict = "deny";
		r->reason = op->authn_reason;
		return;
	}
	if (op->verdict.reason == REASON_NONE)
		return;
	r->verdict = verdict_word(&op->verdict);
	r->reason = reason_name(op->verdict.reason);
	r->rule = op->rule;
}

void reg_audit(const struct reg_op *op, enum fault f, const struct err *err)
{
	SCOPED_DONE(buf) struct buf id = BUF_INIT(HTTP_HEADERS_MAX + 1024);
	char resource[RESOURCE_ID_SIZE] = "";
	struct span query = span_cut(op->request->target, '?', &(struct span){ NULL, 0 });
	struct audit_record r = {
		.at_ms = op->now_ms,
		.operation = span_cstr(operation_of(op)),
		.api_version = SPAN_EMPTY,
		.status = op->status,
		.description = f == FAULT_NONE ? "" : err->message,
		.duration_ms = clock_mono_ms(&op->d->clock) - op->started_ms,
		.caller_ip = &op->client,
		.correlation_id = op->request_id,
		.object_id = op->caller.object_id,
		.app_id = op->caller.app_id,
		.mirid = "",
		.az_rid = "",
		.client_info = span_cstr(http_exchange_header(op->x, "User-Agent")),
		.host = op->request->host,
		.path = op->request->path,
		.query = query.p == NULL ? SPAN_EMPTY : query,
		.is_tls = op->request->is_tls,
		.verdict = "",
		.reason = "",
		.rule = "",
	};

	if (op->registry.uid_len > 0)
		registry_resource_id(resource, &op->registry);
	r.resource_id = span_cstr(resource);
	buf_printf(&id, "https://%.*s/%.*s", SPAN_ARG(op->request->host), SPAN_ARG(op->repository));
	r.id = buf_span(&id);
	put_decision(op, &r);
	audit_write(op->d->audit, &r);
}
