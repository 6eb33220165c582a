#include "common/io/audit.h"
#include "common/model/world_clock.h"
#include "identityd/entra/issue.h"
#include "identityd/operation.h"

/* Whoever asks for a token: one name for every dialect. */
static const char *name_of(const struct op *op)
{
	if (op->row == NULL)
		return "Unknown";
	return op->row->finish != NULL ? "TokenIssue" : op->row->name;
}

/* Refusals that are of no row in policy/refusal.h are faults of ours, or of the path. */
static void put_decision(const struct op *op, enum fault f, const struct err *err, struct audit_record *r)
{
	bool is_token = op->row != NULL && op->row->finish != NULL;
	enum refusal why = f == FAULT_NONE ? op->refusal : refusal_named(span_cstr(err->inner));

	r->verdict = r->reason = "";
	if (op->authn_problem != AUTHN_OK) {
		r->verdict = "deny";
		r->reason = authn_problem_name(op->authn_problem);
		return;
	}
	if (why != REFUSAL_NONE || (is_token && f != FAULT_NONE)) {
		r->verdict = "deny";
		r->reason = why != REFUSAL_NONE ? refusal_name(why) : fault_name(f);
	} else if (is_token) {
		r->verdict = "allow";
		r->reason = "token-issued";
	}
}

void op_audit(const struct op *op, enum fault f, const struct err *err)
{
	static const struct claims nobody = { .issued_s = 0 };
	const struct claims *c = op->order == NULL ? &nobody : &op->order->claims;
	struct span query = span_cut(op->request->target, '?', &(struct span){ NULL, 0 });
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
		.object_id = op->caller != NULL ? op->caller->object_id : c->object_id,
		.app_id = op->caller != NULL ? op->caller->app_id : c->app_id,
		.mirid = op->caller != NULL ? op->caller->xms_mirid : c->mirid,
		.az_rid = op->caller != NULL ? op->caller->xms_az_rid : c->az_rid,
		.id = span_cstr(c->audience),
		.client_info = span_cstr(http_exchange_header(op->x, "User-Agent")),
		.host = op->request->host,
		.path = op->request->path,
		.query = query.p == NULL ? SPAN_EMPTY : query,
		.is_tls = op->request->is_tls,
		.rule = "",
	};

	put_decision(op, f, err, &r);
	audit_write(op->d->audit, &r);
}

void refusal_audit(int status, const struct addr *peer, bool is_tls, void *arg)
{
	const struct identityd *d = arg;

	audit_write_refused(d->audit, world_now_or_wall_ms(&d->world, &d->clock), status, peer, is_tls);
}
