#include "common/io/audit.h"
#include "identityd/entra/issue.h"
#include "identityd/operation.h"

/* Whoever asks for a token: one name for every dialect. */
static const char *name_of(const struct op *op)
{
	if (op->row == NULL)
		return "Unknown";
	return op->row->finish != NULL ? "TokenIssue" : op->row->name;
}

void op_audit(const struct op *op, enum fault f, const struct err *err)
{
	static const struct claims nobody = { .issued_s = 0 };
	const struct claims *c = op->order == NULL ? &nobody : &op->order->claims;
	struct span query = span_cut(op->request->target, '?', &(struct span){ NULL, 0 });
	bool is_token = op->row != NULL && op->row->finish != NULL;
	struct audit_record r = {
		.at_ms = op->now_ms,
		.resource_id = span_cstr(c->az_rid[0] != '\0' ? c->az_rid : c->mirid),
		.operation = span_cstr(name_of(op)),
		.api_version = http_query(op->request, "api-version"),
		.status = f == FAULT_NONE ? op->status : op_status(f),
		.description = f == FAULT_NONE ? "" : err->message,
		.duration_ms = clock_mono_ms(&op->d->clock) - op->started_ms,
		.caller_ip = &op->request->peer,
		.correlation_id = op->correlation_id,
		.object_id = c->object_id,
		.app_id = c->app_id,
		.mirid = c->mirid,
		.az_rid = c->az_rid,
		.id = span_cstr(c->audience),
		.client_info = span_cstr(http_exchange_header(op->x, "User-Agent")),
		.host = op->request->host,
		.path = op->request->path,
		.query = query.p == NULL ? SPAN_EMPTY : query,
		.is_tls = op->request->is_tls,
		.verdict = !is_token				  ? ""
			   : f == FAULT_NONE && op->order != NULL ? "allow"
								  : "deny",
		.reason = !is_token || f == FAULT_NONE ? ""
			  : err->code[0] != '\0'       ? err->code
						       : fault_name(f),
		.rule = "",
	};

	audit_write(op->d->audit, &r);
}
