#include "common/io/log.h"
#include "common/model/world_clock.h"
#include "identityd/entra/issue.h"
#include "identityd/entra/signing.h"
#include "identityd/graph/graph.h"
#include "identityd/operation.h"

enum { REPLY_MAX = 1 << 20 };

/* FAULT_NONE goes on; the first refusal is the answer. */
typedef enum fault stage_fn(struct op *op, struct err *err);

/* Inside op->txn. */
static enum fault take_time(struct op *op)
{
	enum fault f = world_now_ms(op->txn, &op->d->clock, &op->now_ms);

	op->now_s = op->now_ms / 1000;
	return f;
}

/* For refusals and for the age of signing keys: those come before the transaction that the answer is made in. */
static enum fault stage_take_time(struct op *op, struct err *err)
{
	enum fault f = txn_begin(op->d->world.store, TXN_READ, &op->txn, err);

	if (f == FAULT_NONE)
		f = take_time(op);
	txn_abort(TAKE(op->txn));
	return f;
}

static enum fault stage_route(struct op *op, struct err *err)
{
	enum fault f = op_route(op, err);

	if (f != FAULT_NONE || op->row->handler != NULL)
		return f;
	return err_say(err, FAULT_NOT_IMPLEMENTED, "",
		       "%s is not imitated yet. See identityd --print-operations for what is.", op->row->name);
}

/* Signing keys are rotated by whoever needs one, in a transaction of their own. */
static enum fault stage_tend_keys(struct op *op, struct err *err)
{
	return op->row->finish != NULL ? signing_tend(op->d->signing, op->now_s, err) : FAULT_NONE;
}

static enum fault stage_operate(struct op *op, struct err *err)
{
	enum fault f = txn_begin(op->d->world.store, TXN_READ, &op->txn, err);

	if (f == FAULT_NONE)
		f = take_time(op);
	if (f == FAULT_NONE && op->row->dialect == DIALECT_GRAPH)
		f = graph_authenticate(op, err);
	if (f == FAULT_NONE)
		f = op->row->handler(op, err);
	txn_abort(TAKE(op->txn));
	return f;
}

static stage_fn *const stages[] = { stage_take_time, stage_route, stage_tend_keys, stage_operate };

static void draw_ids(struct op *op)
{
	const char *wanted = http_exchange_header(op->x, "client-request-id");
	struct span query = http_query(op->request, "client-request-id");

	/* They name a request in logs and nothing more: without random bytes they stay empty. */
	if (uuid_new(&op->d->world.rng, op->request_id) != FAULT_NONE)
		op->request_id[0] = '\0';
	memcpy(op->correlation_id, op->request_id, sizeof(op->correlation_id));
	if (wanted != NULL)
		query = span_cstr(wanted);
	if (query.p != NULL && uuid_is_valid(query))
		memcpy(op->correlation_id, query.p, UUID_LEN);
}

static void log_request(const struct op *op, enum fault f, const struct err *err)
{
	const char *name = op->row == NULL ? "-" : op->row->name;

	if (f == FAULT_NONE)
		log_debug("%s request=%s status=%d", name, op->request_id, op->status);
	else if (f >= FAULT_NO_SPACE) /* ours, not the caller's */
		log_error("%s request=%s failed=%s %s", name, op->request_id, fault_name(f), err->message);
	else
		log_info("%s request=%s refused=%s%s%s", name, op->request_id, fault_name(f),
			 err->code[0] == '\0' ? "" : " code=", err->code);
}

static void answer(struct op *op, enum fault f, const struct err *err)
{
	if (f == FAULT_NONE)
		f = buf_fault(&op->reply);
	log_request(op, f, err);
	op_audit(op, f, err);
	order_free(TAKE(op->order));
	op_send(op, f, err);
}

static void on_token(struct op *op, enum fault f, struct err *err)
{
	if (f == FAULT_NONE)
		f = op->row->finish(op, err);
	answer(op, f, err);
}

void identityd_handle(struct http_exchange *x, void *arg)
{
	struct identityd *d = arg;
	struct op *op = pool_alloc(http_exchange_pool(x), sizeof(*op));
	struct err err = ERR_INIT;
	enum fault f = FAULT_NONE;

	if (op == NULL) {
		http_reply(x, 503, SPAN_EMPTY);
		return;
	}
	op->d = d;
	op->x = x;
	op->request = http_exchange_request(x);
	op->started_ms = clock_mono_ms(&d->clock);
	op->status = 200;
	op->reply = BUF_SECRET_INIT(REPLY_MAX);
	json_out_init(&op->out, &op->reply);
	draw_ids(op);
	for (size_t i = 0; i < ARRAY_LEN(stages) && f == FAULT_NONE; i++)
		f = stages[i](op, &err);
	if (f == FAULT_NONE && op->order != NULL)
		order_run(op, on_token);
	else
		answer(op, f, &err);
}
