#include "vaultd/keyvault/kv.h"

#include <stdio.h>

#include "common/io/jobs.h"
#include "common/io/log.h"
#include "common/model/world_clock.h"
#include "vaultd/client_address.h"

enum { REPLY_MAX = 4 << 20, NAME_MAX_LEN = 127 };

/* A stage answers FAULT_NONE to go on. The order is the service's: who, then what is asked, then whether, then the
 * work. */
typedef enum fault stage_fn(struct kv_op *op, struct err *err);

static void copy_vault(struct kv_vault *out, const struct vault *v)
{
	memcpy(out->uid, v->uid, sizeof(out->uid));
	memcpy(out->name, v->name, sizeof(out->name));
	memcpy(out->location, v->location, sizeof(out->location));
	memcpy(out->subscription_id, v->subscription_id, sizeof(out->subscription_id));
	memcpy(out->group, v->group, sizeof(out->group));
	out->is_premium = v->is_premium;
	out->is_purge_protected = v->is_purge_protected;
	out->is_rbac = v->rbac == TRI_TRUE;
	out->retention_days = v->retention_days;
}

/* The real service has no answer here: the name does not resolve. Ours names the vault and how to have it. */
static enum fault say_no_vault(struct kv_op *op, struct err *err)
{
	bool is_deleted;
	enum fault f = kv_vault_is_deleted(op->txn, op->host.vault, op->now_s, &is_deleted);

	if (f != FAULT_NONE)
		return f;
	if (!is_deleted)
		return err_say(
			err, FAULT_NOT_FOUND, "VaultNotFound",
			"There is no vault '%.*s' in this sandbox. Create it with: az keyvault create --name %.*s "
			"--resource-group <group> --location <location>",
			SPAN_ARG(op->host.vault), SPAN_ARG(op->host.vault));
	kv_blame(op, REASON_VAULT_DELETED);
	return err_say(err, FAULT_NOT_FOUND, "VaultNotFound",
		       "The vault '%.*s' is deleted. Recover it with: az keyvault recover --name %.*s",
		       SPAN_ARG(op->host.vault), SPAN_ARG(op->host.vault));
}

static enum fault stage_find_vault(struct kv_op *op, struct err *err)
{
	const struct cached_vault *cv;
	enum fault f = vault_cache_get(op->d->vaults, op->txn, op->host.vault, &cv);

	if (f == FAULT_NOT_FOUND)
		return say_no_vault(op, err);
	if (f == FAULT_NONE)
		copy_vault(&op->vault, &cv->vault);
	return f;
}

static enum fault stage_authenticate(struct kv_op *op, struct err *err)
{
	const char *const audiences[] = { op->d->vault_audience, "https://vault.localhost", "https://vault.azure.net",
					  "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", NULL };
	struct authn_failure why;
	const struct caller *caller;
	enum fault f;

	f = authenticate(op->d->authn, op->txn, op->x, audiences, op->now_s, &caller, &why);
	if (f == FAULT_NONE)
		op->caller = *caller;
	if (f != FAULT_UNAUTHENTICATED)
		return f;
	op->authn_problem = why.problem;
	return kv_refuse_caller(op, &why, err);
}

static bool is_key_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'))
			return false;
	}
	return name.len > 0 && name.len <= NAME_MAX_LEN;
}

static enum fault say_unknown_route(const struct kv_op *op, const struct route_path *path, enum fault f,
				    struct err *err)
{
	struct span last = SPAN_EMPTY;

	for (size_t i = 0; i < path->n; i++)
		if (path->seg[i].len > 0)
			last = path->seg[i];
	if (f == FAULT_METHOD)
		return err_say(err, FAULT_INVALID, "BadParameter", "Method %s does not allow operation '%.*s'",
			       http_method_name(op->request->method), SPAN_ARG(last));
	return err_say(err, f, "ResourceNotFound", "There is nothing at %.*s.", SPAN_ARG(op->request->path));
}

static enum fault stage_route(struct kv_op *op, struct err *err)
{
	struct route_path path;
	enum fault f;

	op->api_text = http_query(op->request, "api-version");
	f = kv_api_parse(op->api_text, &op->api, err);
	if (f != FAULT_NONE)
		return f;
	if (route_split(op->request->path, &path) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadParameter", "The request URI has too many segments.");
	f = kv_route(op->request->method, &path, http_exchange_pool(op->x), &op->row, &op->match);
	if (f != FAULT_NONE)
		return say_unknown_route(op, &path, f, err);
	op->name = route_capture(&op->match, "key-name");
	op->version = route_capture(&op->match, "key-version");
	if (op->name.p != NULL && !is_key_name(op->name))
		return err_say(err, FAULT_INVALID, "BadParameter", "The request URI contains an invalid name: %.*s",
			       SPAN_ARG(op->name));
	return FAULT_NONE;
}

/* From here on the key's state has the last word; whose grant it was stays known. */
static enum fault stage_authorize(struct kv_op *op, struct err *err)
{
	enum fault f = kv_authorize(op, err);

	if (f == FAULT_NONE)
		op->grant = op->verdict;
	return f;
}

static enum fault stage_is_built(struct kv_op *op, struct err *err)
{
	if (op->row->handler != NULL)
		return FAULT_NONE;
	return err_say(err, FAULT_NOT_IMPLEMENTED, "NotImplemented",
		       "%s is not imitated yet. See vaultd --print-operations for what is.", op->row->name);
}

static stage_fn *const stages[] = {
	stage_find_vault, stage_authenticate, kv_firewall, stage_route, stage_authorize, stage_is_built,
};

static void log_request(const struct kv_op *op, enum fault f, const struct err *err)
{
	if (!log_wants(f == FAULT_NONE ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO))
		return;
	(f == FAULT_NONE ? log_debug : log_info)(
		"%s vault=%.*s key=%.*s caller=%s status=%d reason=%s%s%s", op->row == NULL ? "-" : op->row->name,
		SPAN_ARG(op->host.vault), SPAN_ARG(op->name.p == NULL ? SPAN_EMPTY : op->name),
		op->caller.object_id[0] == '\0' ? "-" : op->caller.object_id,
		f == FAULT_NONE ? op->status : kv_status(f), reason_name(op->verdict.reason),
		f == FAULT_NONE || err->code[0] == '\0' ? "" : " code=", f == FAULT_NONE ? "" : err->code);
}

static void answer(struct kv_op *op, enum fault f, const struct err *err)
{
	if (f == FAULT_NONE && buf_fault(&op->reply) != FAULT_NONE)
		f = buf_fault(&op->reply);
	log_request(op, f, err);
	kv_audit(op, f, err);
	json_doc_free(TAKE(op->body));
	if (op->job != NULL && op->job->done != NULL)
		op->job->done(op->job);
	op->job = NULL;
	kv_send(op, f, err);
}

/* Ends the transaction the way the outcome asks for; the reply is sent only after a commit succeeded. */
static enum fault end_txn(struct kv_op *op, enum txn_mode mode, enum fault f, struct err *err)
{
	struct txn *t = TAKE(op->txn);

	if (mode == TXN_WRITE && f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

static void job_finished(void *arg)
{
	struct kv_job *job = arg;
	struct kv_op *op = job->op;
	struct err err = job->err;
	enum fault f = job->fault;

	if (f == FAULT_NONE && job->finish != NULL) {
		f = txn_begin(op->d->world.store, job->finish_txn, &op->txn, &err);
		if (f == FAULT_NONE)
			f = end_txn(op, job->finish_txn, job->finish(job, &err), &err);
	}
	answer(op, f, &err);
}

static void job_work(void *arg)
{
	struct kv_job *job = arg;

	job->fault = job->work(job, &job->err);
}

/* Marked first: a job that a shutdown drops is completed without having run. */
static enum fault submit(struct kv_job *job)
{
	job->fault = FAULT_UNAVAILABLE;
	return jobs_submit(job->where, job_work, job_finished, job);
}

static void operate(struct kv_op *op)
{
	struct err err = ERR_INIT;
	enum txn_mode mode = op->row->txn;
	enum fault f = FAULT_NONE;

	if (mode == TXN_WRITE) {
		txn_abort(TAKE(op->txn));
		f = txn_begin(op->d->world.store, TXN_WRITE, &op->txn, &err);
	}
	if (f == FAULT_NONE)
		f = op->row->handler(op, &err);
	f = end_txn(op, mode, f, &err);
	if (f == FAULT_NONE && op->job != NULL) {
		f = submit(op->job);
		if (f == FAULT_NONE)
			return;
	}
	answer(op, f, &err);
}

void keyvault_handle(struct vaultd *d, struct http_exchange *x, const struct host_parts *host)
{
	struct kv_op *op = pool_alloc(http_exchange_pool(x), sizeof(*op));
	struct err err = ERR_INIT;
	enum fault f;

	if (op == NULL) {
		http_reply(x, 500, SPAN_EMPTY);
		return;
	}
	op->d = d;
	op->x = x;
	op->request = http_exchange_request(x);
	op->host = *host;
	op->client = client_address(d, x);
	op->started_ms = clock_mono_ms(&d->clock);
	/* It names the request in answers and logs, and nothing more: without random bytes it stays empty. */
	if (uuid_new(&d->world.rng, op->request_id) != FAULT_NONE)
		op->request_id[0] = '\0';
	op->status = 200;
	op->reply = BUF_INIT(REPLY_MAX);
	json_out_init(&op->out, &op->reply);
	f = txn_begin(d->world.store, TXN_READ, &op->txn, &err);
	if (f == FAULT_NONE)
		f = world_now_ms(op->txn, &d->clock, &op->now_ms);
	op->now_s = op->now_ms / 1000;
	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(stages); i++)
		f = stages[i](op, &err);
	if (f == FAULT_NONE) {
		operate(op);
		return;
	}
	txn_abort(TAKE(op->txn));
	answer(op, f, &err);
}

enum fault kv_body(struct kv_op *op, const struct json **ret, struct err *err)
{
	struct span text = op->request->body.len == 0 ? SPAN_LIT("{}") : op->request->body;
	struct err why = ERR_INIT;
	enum fault f = FAULT_NONE;

	if (op->body == NULL)
		f = json_parse(text, &op->body, &why);
	if (f == FAULT_INVALID)
		return err_say(err, f, "BadParameter", "The request body is not valid JSON: %s", why.message);
	if (f != FAULT_NONE)
		return f;
	if (json_type(json_root(op->body)) != JSON_OBJECT)
		return err_say(err, FAULT_INVALID, "BadParameter", "The request body must be a JSON object.");
	*ret = json_root(op->body);
	return FAULT_NONE;
}
