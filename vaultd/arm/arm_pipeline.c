#include <inttypes.h>

#include "common/io/log.h"
#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_audit.h"
#include "vaultd/arm/arm_authn.h"
#include "vaultd/arm/arm_reply.h"
#include "vaultd/arm/arm_routes.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/arm_unknown.h"

enum { REPLY_MAX = 64 << 20, BASE_URL_MAX = 32 << 10 };

/* A request as it grows; each stage says what it fills. */
struct arm_request {
	struct arm_op op;
	const struct arm_row *row; /* route; NULL: no operation of ours */
	bool has_other_method;	   /* route */
	struct route_match match;  /* route */
	struct json_doc *doc;	   /* body */
	struct caller caller;	   /* once the answer waits */
	char id[UUID_SIZE];
	int64_t started_ms;
};

/* A fault ends the request; the next stage does not run. */
struct stage {
	const char *name;
	enum fault (*run)(struct arm_request *r, struct err *err);
};

static enum fault stage_route(struct arm_request *r, struct err *err UNUSED)
{
	struct arm_op *op = &r->op;

	r->row = arm_find_row(op->request, http_exchange_pool(op->x), &r->match, &r->has_other_method);
	return FAULT_NONE;
}

/* Before anything is said about the path: strangers learn nothing. A read transaction, so that they cannot hold up
 * writers. */
static enum fault stage_authenticate(struct arm_request *r, struct err *err)
{
	enum fault f = txn_begin(r->op.d->world.store, TXN_READ, &r->op.txn, err);

	if (f == FAULT_NONE)
		f = world_now_ms(r->op.txn, &r->op.d->clock, &r->op.now_ms);
	if (f != FAULT_NONE)
		return f;
	r->op.now_s = r->op.now_ms / 1000;
	if (r->row != NULL && r->row->action == NULL)
		return FAULT_NONE;
	return arm_authenticate(&r->op, err);
}

static enum fault stage_known(struct arm_request *r, struct err *err)
{
	enum fault f;

	if (r->row == NULL)
		return arm_say_unknown(r->op.request, r->has_other_method, err);
	f = arm_check_subscription(&r->op, err);
	if (f != FAULT_NONE)
		return f;
	if (r->row->handler == NULL)
		return err_say(
			err, FAULT_NOT_IMPLEMENTED, "NotImplemented",
			"Sandvault does not imitate the operation %s yet. Azure has it; this sandbox answers 501.",
			r->row->name);
	return FAULT_NONE;
}

/* Any version is understood: clients of every age come here. */
static enum fault stage_api_version(struct arm_request *r, struct err *err)
{
	struct span v = http_query(r->op.request, "api-version");

	r->op.api_version = v.p == NULL ? SPAN_EMPTY : v;
	if (r->row->action == NULL)
		return FAULT_NONE;
	if (v.len == 0)
		return err_say(err, FAULT_INVALID, "MissingApiVersionParameter",
			       "The api-version query parameter (?api-version=) is required for all requests.");
	if (!arm_version_is_valid(v))
		return err_say(
			err, FAULT_INVALID, "InvalidApiVersionParameter",
			"The api-version '%.*s' is invalid. It must have the form YYYY-MM-DD or YYYY-MM-DD-preview.",
			SPAN_ARG(v));
	return FAULT_NONE;
}

static enum fault stage_authorize(struct arm_request *r, struct err *err)
{
	return arm_authorize(&r->op, r->row, err);
}

static enum fault stage_body(struct arm_request *r, struct err *err)
{
	struct err why = ERR_INIT;
	enum fault f;

	if (r->op.request->body.len == 0 || (r->row->traits & ARM_RAW_BODY) != 0)
		return FAULT_NONE;
	f = json_parse(r->op.request->body, &r->doc, &why);
	if (f == FAULT_INVALID)
		return err_say(err, f, "InvalidRequestContent",
			       "The request content was invalid and could not be deserialized: '%s'.", why.message);
	if (f != FAULT_NONE)
		return f;
	r->op.body = json_root(r->doc);
	if (json_type(r->op.body) != JSON_OBJECT)
		return err_say(
			err, FAULT_INVALID, "InvalidRequestContent",
			"The request content was invalid and could not be deserialized: 'the body must be an object'.");
	return FAULT_NONE;
}

/* The reply is made inside the transaction; it counts only when the commit does. */
static enum fault operate(struct arm_op *op, enum txn_mode mode, arm_handler *handler, struct err *err)
{
	enum fault f = handler(op, err);

	if (f == FAULT_NONE)
		f = buf_fault(&op->reply);
	if (f == FAULT_NONE && mode == TXN_WRITE)
		f = txn_commit(TAKE(op->txn), err);
	txn_abort(TAKE(op->txn));
	return f;
}

static enum fault stage_operate(struct arm_request *r, struct err *err)
{
	struct arm_op *op = &r->op;
	enum fault f = FAULT_NONE;

	if (r->row->txn == TXN_WRITE) {
		txn_abort(TAKE(op->txn));
		f = txn_begin(op->d->world.store, TXN_WRITE, &op->txn, err);
	}
	return f == FAULT_NONE ? operate(op, r->row->txn, r->row->handler, err) : f;
}

static const struct stage stages[] = {
	{ "route", stage_route },	  { "authenticate", stage_authenticate },
	{ "known", stage_known },	  { "api-version", stage_api_version },
	{ "authorize", stage_authorize }, { "body", stage_body },
	{ "operate", stage_operate },
};

static const char *base_url(struct vaultd *d, struct http_exchange *x)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(BASE_URL_MAX);
	struct span host = http_exchange_request(x)->host;

	buf_put_cstr(&b, "https://");
	if (host.len > 0)
		buf_put_span(&b, host);
	else
		buf_printf(&b, "localhost:%u", d->tls_port);
	return pool_dup(http_exchange_pool(x), buf_span(&b)).p;
}

/* One line for each request, without anything it carried. */
static void log_request(const struct arm_request *r, const char *stage, enum fault f, const struct err *err)
{
	const char *operation = r->row == NULL ? "-" : r->row->name;
	const char *caller = r->op.caller == NULL ? "-" : r->op.caller->object_id;
	int64_t took_ms = clock_mono_ms(&r->op.d->clock) - r->started_ms;

	log_info("arm %s %s caller=%s status=%d reason=%s stage=%s id=%s ms=%" PRId64,
		 http_method_name(r->op.request->method), operation, caller, r->op.status,
		 f == FAULT_NONE ? "ok" : arm_code(f, err), stage, r->id, took_ms);
	if (arm_status(f) >= 500 && f != FAULT_NOT_IMPLEMENTED)
		log_error("arm %s id=%s: %s: %s", operation, r->id, fault_name(f), err->message);
}

static void answer(struct arm_request *r, const char *stage, enum fault f, const struct err *err)
{
	struct arm_op *op = &r->op;
	struct buf reply;

	if (f != FAULT_NONE) {
		op->status = arm_status(f);
		buf_clear(&op->reply);
		arm_write_error(&op->reply, f, err, op->error_info.p == NULL ? SPAN_EMPTY : op->error_info);
	}
	if (op->request->method == HTTP_HEAD)
		buf_clear(&op->reply);
	arm_add_headers(op, r->id, f == FAULT_NONE ? NULL : arm_code(f, err));
	log_request(r, stage, f, err);
	arm_audit(op, r->row, r->id, r->started_ms, f, err);
	reply = op->reply; /* outlives the exchange's memory, where op is */
	http_reply(op->x, op->status, buf_span(&reply));
	buf_done(&reply);
}

static void request_init(struct arm_request *r, struct vaultd *d, struct http_exchange *x)
{
	r->op.d = d;
	r->op.x = x;
	r->op.request = http_exchange_request(x);
	r->op.match = &r->match;
	r->op.base_url = base_url(d, x);
	r->op.status = 200;
	r->op.reply = BUF_INIT(REPLY_MAX);
	json_out_init(&r->op.out, &r->op.reply);
	r->started_ms = clock_mono_ms(&d->clock);
}

/* Answers, or leaves it to whoever the handler waits for. */
static void end(struct arm_request *r, const char *stage, enum fault f, const struct err *err)
{
	void (*wait)(struct arm_op * op) = TAKE(r->op.wait);
	struct json_doc *doc;

	txn_abort(TAKE(r->op.txn));
	if (f == FAULT_NONE && wait != NULL) {
		if (r->op.caller != NULL && r->op.caller != &r->caller) {
			r->caller = *r->op.caller; /* it was lent for this turn only */
			r->op.caller = &r->caller;
		}
		r->op.drop = NULL; /* what there is to free is the waiter's now */
		wait(&r->op);
		return;
	}
	if (r->op.drop != NULL)
		r->op.drop(&r->op);
	/* The request's memory goes with its answer. */
	doc = TAKE(r->doc);
	answer(r, stage, f, err);
	json_doc_free(doc);
}

void arm_resume(struct arm_op *op, enum fault f, const struct err *err, enum txn_mode mode, arm_handler *finish)
{
	struct arm_request *r = (struct arm_request *)op; /* its first member */
	struct err own = err == NULL ? (struct err)ERR_INIT : *err;

	if (f == FAULT_NONE)
		f = txn_begin(op->d->world.store, mode, &op->txn, &own);
	if (f == FAULT_NONE)
		f = world_now_ms(op->txn, &op->d->clock, &op->now_ms);
	op->now_s = op->now_ms / 1000;
	if (f == FAULT_NONE)
		f = operate(op, mode, finish, &own);
	end(r, "resume", f, &own);
}

void arm_handle(struct vaultd *d, struct http_exchange *x)
{
	struct arm_request *r = pool_alloc(http_exchange_pool(x), sizeof(*r));
	struct err err = ERR_INIT;
	const char *stage = "begin";
	enum fault f;

	if (r == NULL) {
		http_reply(x, 500, SPAN_EMPTY);
		return;
	}
	request_init(r, d, x);
	f = r->op.base_url == NULL ? FAULT_MEMORY : uuid_new(&d->world.rng, r->id);
	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(stages); i++) {
		stage = stages[i].name;
		f = stages[i].run(r, &err);
	}
	end(r, stage, f, &err);
}
