#include "common/plain/text.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/deployment_reply.h"
#include "vaultd/client_address.h"
#include "vaultd/deploy/deploy.h"
#include "vaultd/template/date_text.h"

#define DATE_FORMAT SPAN_LIT("M/d/yyyy h:mm:ss tt")
/* Azure gives a deployment a week. */
#define ACTIVE_MS (INT64_C(7) * 24 * 3600 * 1000)
enum { DATE_MAX = 64 };

static enum fault check_name(struct span name, struct err *err)
{
	bool is_good = name.len > 0 && name.len < DEPLOYMENT_NAME_SIZE;

	for (size_t i = 0; is_good && i < name.len; i++)
		is_good = deployment_name_has(name.p[i]);
	if (is_good)
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "InvalidDeploymentName",
		       "The deployment name '%.*s' is not valid. It must have 1 to %d letters, digits, '-', '_', '.', "
		       "'(' or ')'.",
		       SPAN_ARG(name), DEPLOYMENT_NAME_SIZE - 1);
}

static void drop_plan(struct arm_op *op)
{
	deploy_free(op->work);
}

/* The plan of what the body says; op->work holds it. */
static enum fault plan_body_of(struct arm_op *op, struct err *err)
{
	struct deploy_input in = { .d = op->d,
				   .caller = op->caller,
				   .host = span_from(span_cstr(op->base_url), sizeof("https://") - 1),
				   .from = client_address(op->d, op->x),
				   .name = arm_capture(op, "deployment"),
				   .body = op->request->body,
				   .now_ms = op->now_ms };
	struct deploy_fault at;
	struct deploy *p = NULL;
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f == FAULT_NONE)
		f = check_name(in.name, err);
	if (f != FAULT_NONE)
		return f;
	in.group = &g;
	f = deploy_new(&in, &p, &at, err);
	if (f != FAULT_NONE) {
		op->error_info = pool_dup(http_exchange_pool(op->x), span_cstr(at.info));
		return f;
	}
	op->work = p;
	op->drop = drop_plan;
	return FAULT_NONE;
}

/* POST …/deployments/{deployment}/validate → 200; 400 with what is wrong. */
enum fault deployments_validate(struct arm_op *op, struct err *err)
{
	struct deployment d;
	enum fault f = plan_body_of(op, err);

	if (f != FAULT_NONE)
		return f;
	deploy_describe(op->work, &d);
	d.state = DEPLOYMENT_SUCCEEDED;
	d.changed_ms = d.started_ms;
	deployment_write(op, &d, op->work);
	return FAULT_NONE;
}

static enum fault check_not_active(struct arm_op *op, struct err *err)
{
	struct span name = arm_capture(op, "deployment");
	struct deploy *running = deploy_find(op->d, arm_capture(op, "group"), name);
	SCOPED_DONE(buf) struct buf began = BUF_INIT(DATE_MAX);
	SCOPED_DONE(buf) struct buf expires = BUF_INIT(DATE_MAX);
	struct deployment d;
	enum fault f;

	if (running == NULL)
		return FAULT_NONE;
	deploy_describe(running, &d);
	f = date_format(&began, d.started_ms, DATE_FORMAT);
	if (f == FAULT_NONE)
		f = date_format(&expires, d.started_ms + ACTIVE_MS, DATE_FORMAT);
	if (f != FAULT_NONE)
		return f;
	return err_say(err, FAULT_CONFLICT, "DeploymentActive",
		       "Unable to edit or replace deployment '%.*s': previous deployment from '%s' is still active "
		       "(expiration time is '%s'). Please see https://aka.ms/arm-deploy for usage details.",
		       SPAN_ARG(name), buf_cstr(&began), buf_cstr(&expires));
}

static enum fault said_already(struct arm_op *op UNUSED, struct err *err UNUSED)
{
	return FAULT_NONE;
}

/* From here on it goes its own way; whoever asked hears that it was accepted. */
static void go(struct arm_op *op)
{
	struct err err = ERR_INIT;
	enum fault f = deploy_start(op->work, NULL, NULL, &err);

	arm_resume(op, f, &err, TXN_READ, said_already);
}

/* PUT …/deployments/{deployment} → 201, 200 when there was one of that name; its end is seen at Azure-AsyncOperation.
 */
enum fault deployments_put(struct arm_op *op, struct err *err)
{
	struct deployment d, former;
	enum fault f = check_not_active(op, err);

	if (f == FAULT_NONE)
		f = plan_body_of(op, err);
	if (f != FAULT_NONE)
		return f;
	deploy_describe(op->work, &d);
	f = deployment_get(op->txn, d.subscription_id, d.group, d.name, &former);
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	op->status = f == FAULT_NONE ? 200 : 201;
	deployment_write(op, &d, NULL);
	deployment_add_status_url(op, &d);
	op->wait = go;
	return FAULT_NONE;
}

static enum fault write_changes(struct arm_op *op, struct err *err UNUSED)
{
	struct json_out *o = &op->out;
	struct span *changes = op->work;

	json_out_object(o, NULL);
	json_out_cstr(o, "status", "Succeeded");
	json_out_object(o, "properties");
	json_out_raw(o, "changes", *changes);
	json_out_object_end(o);
	json_out_object_end(o);
	return FAULT_NONE;
}

static void on_compared(void *arg, enum fault f, const struct err *err, struct span changes)
{
	struct arm_op *op = arg;
	struct span *kept = pool_alloc(http_exchange_pool(op->x), sizeof(*kept));

	if (f == FAULT_NONE && kept != NULL)
		*kept = pool_dup(http_exchange_pool(op->x), changes);
	if (f == FAULT_NONE && (kept == NULL || kept->p == NULL))
		f = FAULT_MEMORY;
	op->work = kept;
	arm_resume(op, f, err, TXN_READ, write_changes);
}

static void compare(struct arm_op *op)
{
	deploy_compare(op->work, on_compared, op);
}

/* POST …/deployments/{deployment}/whatIf → 200 with what would be made and what is there already. */
enum fault deployments_what_if(struct arm_op *op, struct err *err)
{
	enum fault f = plan_body_of(op, err);

	if (f == FAULT_NONE)
		op->wait = compare;
	return f;
}
