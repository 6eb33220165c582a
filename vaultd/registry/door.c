#include "common/io/jobs.h"
#include "common/io/log.h"
#include "common/model/world_clock.h"
#include "vaultd/client_address.h"
#include "vaultd/cmk/registry_key.h"
#include "vaultd/registry/reg.h"

enum { REPLY_MAX = MANIFEST_MAX + (64 << 10) };

/* A fault ends the request; the next stage does not run. Strangers learn whether there is such a registry, as DNS would
 * tell them, and which paths there are, as the documentation does. */
typedef enum fault stage_fn(struct reg_op *op, struct err *err);

/* The real service has no answer here: the name does not resolve. */
static enum fault stage_find(struct reg_op *op, struct err *err)
{
	enum fault f = registry_get(op->txn, op->host.registry, &op->registry);

	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "NAME_UNKNOWN",
			       "There is no registry '%.*s' in this sandbox. Create it with: az acr create --name %.*s "
			       "--resource-group <group> --sku Premium",
			       SPAN_ARG(op->host.registry), SPAN_ARG(op->host.registry));
	if (f == FAULT_NONE)
		f = json_parse(span_cstr(op->registry.properties), &op->properties, NULL);
	if (f == FAULT_NONE)
		f = registry_settings_load(json_root(op->properties), &op->settings);
	return f == FAULT_INVALID ? FAULT_STORE : f;
}

static enum fault stage_route(struct reg_op *op, struct err *err)
{
	enum fault f = reg_route(op->request, http_exchange_pool(op->x), &op->row, &op->match);
	struct span name;

	if (f == FAULT_METHOD)
		return err_say(err, f, "UNSUPPORTED", "The operation is unsupported.");
	if (f != FAULT_NONE)
		return err_say(err, f, "NOT_FOUND", "There is nothing at %.*s.", SPAN_ARG(op->request->path));
	name = route_capture(&op->match, "name");
	if (name.p != NULL && !reg_name_is_valid(name))
		return err_say(err, FAULT_INVALID, "NAME_INVALID", "invalid repository name");
	op->repository = name.p == NULL ? SPAN_EMPTY : name;
	if (op->request->body_len > HTTP_BODY_MAX && (op->row->traits & REG_LARGE_BODY) == 0)
		return FAULT_TOO_LARGE;
	return FAULT_NONE;
}

static enum fault stage_is_built(struct reg_op *op, struct err *err)
{
	if (op->row->handler != NULL)
		return FAULT_NONE;
	return err_say(err, FAULT_NOT_IMPLEMENTED, "UNSUPPORTED",
		       "Sandvault does not imitate the operation %s yet. Azure has it; this sandbox answers 501.",
		       op->row->name);
}

static stage_fn *const stages[] = {
	stage_find, reg_network, stage_route, reg_authenticate, reg_authorize, stage_is_built,
};

static void log_request(const struct reg_op *op, enum fault f, const struct err *err)
{
	if (!log_wants(f == FAULT_NONE ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO))
		return;
	(f == FAULT_NONE ? log_debug : log_info)(
		"registry %s %s repository=%.*s caller=%s status=%d%s%s",
		op->registry.name[0] == '\0' ? "-" : op->registry.name, op->row == NULL ? "-" : op->row->name,
		SPAN_ARG(op->repository), op->caller.object_id[0] == '\0' ? "-" : op->caller.object_id, op->status,
		f == FAULT_NONE ? "" : " code=", f == FAULT_NONE ? "" : reg_code(f, err));
	if (reg_status(f) >= 500 && f != FAULT_NOT_IMPLEMENTED)
		log_error("registry %s id=%s: %s: %s", op->row == NULL ? "-" : op->row->name, op->request_id,
			  fault_name(f), err->message);
}

void reg_answer(struct reg_op *op, enum fault f, const struct err *err)
{
	struct http_exchange *x = op->x;
	bool is_started = op->is_started;
	struct buf body;
	int status;

	if (f == FAULT_NONE)
		f = buf_fault(&op->reply);
	if (f != FAULT_NONE && !is_started) {
		op->status = reg_status(f);
		op->content_type = NULL;
		buf_clear(&op->reply);
		reg_write_error(op, &op->reply, f, err);
	}
	log_request(op, f, err);
	reg_audit(op, f, err);
	if (!is_started)
		reg_add_headers(op, f);
	if (op->done != NULL)
		op->done(op);
	sealer_done(&op->data_key);
	json_doc_free(TAKE(op->properties));
	body = op->reply; /* outlives the exchange's memory, where op is */
	status = op->status;
	if (is_started)
		http_reply_end(x);
	else
		http_reply(x, status, buf_span(&body));
	buf_done(&body);
}

/* What is written for a registry that was deleted meanwhile would stay for ever. */
static enum fault check_still_there(struct reg_op *op, struct err *err)
{
	struct registry now;
	enum fault f = registry_get(op->txn, span_cstr(op->registry.name), &now);

	if (f == FAULT_NONE && memcmp(now.uid, op->registry.uid, sizeof(now.uid)) != 0)
		f = FAULT_NOT_FOUND;
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "NAME_UNKNOWN", "The registry was deleted.");
	return f;
}

static enum fault run(struct reg_op *op, enum txn_mode mode, reg_handler *handler, struct err *err)
{
	enum fault f = txn_begin(op->d->world.store, mode, &op->txn, err);

	if (f == FAULT_NONE && mode == TXN_WRITE)
		f = check_still_there(op, err);
	if (f == FAULT_NONE)
		f = handler(op, err);
	if (f == FAULT_NONE)
		f = buf_fault(&op->reply);
	if (f == FAULT_NONE && mode == TXN_WRITE)
		f = txn_commit(TAKE(op->txn), err);
	txn_abort(TAKE(op->txn));
	return f;
}

void reg_operate(struct reg_op *op, enum txn_mode mode, reg_handler *handler)
{
	struct err err = ERR_INIT;
	void (*wait)(struct reg_op * op);
	enum fault f;

	op->wait = NULL;
	f = run(op, mode, handler, &err);
	wait = TAKE(op->wait);
	if (f == FAULT_NONE && wait != NULL)
		wait(op);
	else
		reg_answer(op, f, &err);
}

static void job_work(void *arg)
{
	struct reg_op *op = arg;

	op->work_fault = op->work(op);
}

static void job_done(void *arg)
{
	struct reg_op *op = arg;

	op->worked(op, op->work_fault);
}

/* Marked first: a job that a shutdown drops is completed without having run. */
void reg_compute(struct reg_op *op, enum fault (*work)(struct reg_op *op),
		 void (*worked)(struct reg_op *op, enum fault f))
{
	enum fault f;

	op->work = work;
	op->worked = worked;
	op->work_fault = FAULT_UNAVAILABLE;
	f = jobs_submit(op->d->operations, job_work, job_done, op);
	if (f != FAULT_NONE)
		worked(op, f);
}

static void refuse_key(struct reg_op *op, enum fault f, const struct err *why)
{
	struct err err = *why;

	if (f == FAULT_DENIED) {
		op->verdict = (struct verdict){ VERDICT_DENY, REASON_REGISTRY_KEY_LOST, VERDICT_NO_RULE };
		op->rule[0] = '\0';
		err_say(&err, f, "DENIED", "%s", why->message);
	}
	reg_answer(op, f, &err);
}

static void on_key(void *arg, enum fault f, const struct err *err, struct span data_key)
{
	struct reg_op *op = arg;

	if (f == FAULT_NONE)
		f = secret_set(&op->data_key.key, data_key.p, data_key.len);
	if (f == FAULT_NONE)
		reg_operate(op, op->row->txn, op->row->handler);
	else
		refuse_key(op, f, err);
}

static void open_key(struct reg_op *op)
{
	struct err err = ERR_INIT;
	enum fault f = registry_key_open(op->d, &op->registry, on_key, op, &err);

	if (f != FAULT_NONE)
		refuse_key(op, f, &err);
}

static void init(struct reg_op *op, struct vaultd *d, struct http_exchange *x, const struct host_parts *host)
{
	op->d = d;
	op->x = x;
	op->request = http_exchange_request(x);
	op->host = *host;
	op->client = client_address(d, x);
	op->started_ms = clock_mono_ms(&d->clock);
	/* It names the request in answers and logs, and nothing more: without random bytes it stays empty. */
	if (uuid_new(&d->world.rng, op->request_id) != FAULT_NONE)
		op->request_id[0] = '\0';
	op->repository = SPAN_EMPTY;
	op->status = 200;
	op->reply = BUF_INIT(REPLY_MAX);
	json_out_init(&op->out, &op->reply);
}

void registry_handle(struct vaultd *d, struct http_exchange *x, const struct host_parts *host)
{
	struct reg_op *op = pool_alloc(http_exchange_pool(x), sizeof(*op));
	struct err err = ERR_INIT;
	enum fault f;

	if (op == NULL) {
		http_reply(x, 500, SPAN_EMPTY);
		return;
	}
	init(op, d, x, host);
	f = txn_begin(d->world.store, TXN_READ, &op->txn, &err);
	if (f == FAULT_NONE)
		f = world_now_ms(op->txn, &d->clock, &op->now_ms);
	op->now_s = op->now_ms / 1000;
	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(stages); i++)
		f = stages[i](op, &err);
	txn_abort(TAKE(op->txn));
	if (f != FAULT_NONE)
		reg_answer(op, f, &err);
	else if (op->row->access >= REG_CATALOG)
		open_key(op);
	else
		reg_operate(op, op->row->txn, op->row->handler);
}
