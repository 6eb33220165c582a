#include <stdio.h>

#include "common/io/json.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/deployment_reply.h"
#include "vaultd/deploy/deploy.h"

/* The one of the path, as it is now: one under way knows more than its record. */
static enum fault find(struct arm_op *op, struct deployment *ret, struct err *err)
{
	struct span group = arm_capture(op, "group"), name = arm_capture(op, "deployment");
	struct deploy *running = deploy_find(op->d, group, name);
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f != FAULT_NONE)
		return f;
	if (running != NULL) {
		deploy_describe(running, ret);
		return FAULT_NONE;
	}
	f = deployment_get(op->txn, span_cstr(op->d->world.subscription_id), group, name, ret);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "DeploymentNotFound", "Deployment '%.*s' could not be found.", SPAN_ARG(name));
	return f;
}

/* GET …/deployments/{deployment}, and HEAD. */
enum fault deployments_get(struct arm_op *op, struct err *err)
{
	struct deployment d;
	enum fault f = find(op, &d, err);

	if (f == FAULT_NONE)
		deployment_write(op, &d, NULL);
	return f;
}

/* HEAD …/deployments/{deployment} → 204, 404. */
enum fault deployments_head(struct arm_op *op, struct err *err)
{
	struct deployment d;
	enum fault f = find(op, &d, err);

	op->status = 204;
	return f;
}

/* DELETE …/deployments/{deployment} → 202; 204 when there is none. What it deployed stays. */
enum fault deployments_delete(struct arm_op *op, struct err *err)
{
	struct span group = arm_capture(op, "group"), name = arm_capture(op, "deployment");
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f != FAULT_NONE)
		return f;
	if (deploy_find(op->d, group, name) != NULL)
		return err_say(err, FAULT_CONFLICT, "DeploymentActive",
			       "The deployment '%.*s' is still active. Cancel it, or wait for its end.",
			       SPAN_ARG(name));
	f = deployment_del(op->txn, span_cstr(op->d->world.subscription_id), group, name);
	op->status = f == FAULT_NOT_FOUND ? 204 : 200;
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault list_one(const struct deployment *d, void *arg)
{
	struct arm_page *page = arg;

	if (arm_page_wants(page))
		deployment_write(page->op, d, NULL);
	return FAULT_NONE;
}

/* GET …/deployments */
enum fault deployments_list(struct arm_op *op, struct err *err)
{
	struct arm_page page;
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f == FAULT_NONE)
		f = arm_page_begin(op, &page, err);
	if (f == FAULT_NONE)
		f = deployment_each(op->txn, span_cstr(g.subscription_id), span_cstr(g.name), list_one, &page);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* POST …/deployments/{deployment}/cancel → 204. */
enum fault deployments_cancel(struct arm_op *op, struct err *err)
{
	struct span name = arm_capture(op, "deployment");
	struct deploy *running = deploy_find(op->d, arm_capture(op, "group"), name);
	struct deployment d;
	enum fault f = find(op, &d, err);

	if (f != FAULT_NONE)
		return f;
	if (running == NULL)
		return err_say(err, FAULT_CONFLICT, "DeploymentCannotBeCancelled",
			       "The deployment '%.*s' cannot be canceled because its provisioning state is '%s'.",
			       SPAN_ARG(name), deployment_state_word(d.state));
	deploy_cancel(running);
	op->status = 204;
	return FAULT_NONE;
}

/* POST …/deployments/{deployment}/exportTemplate → {"template":{…}} */
enum fault deployments_export(struct arm_op *op, struct err *err)
{
	struct deployment d;
	enum fault f = find(op, &d, err);

	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_raw(&op->out, "template", d.template);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* GET …/deployments/{deployment}/operationStatuses/{operation} → {"status":"Succeeded"} */
enum fault deployments_operation_status(struct arm_op *op, struct err *err)
{
	struct deployment d;
	enum fault f = find(op, &d, err);

	if (f == FAULT_NONE && !span_eq(d.operation_id, arm_capture(op, "operation")))
		f = err_say(err, FAULT_NOT_FOUND, "DeploymentOperationStatusNotFound",
			    "The operation '%.*s' of deployment '%.*s' could not be found.",
			    SPAN_ARG(arm_capture(op, "operation")), SPAN_ARG(d.name));
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "status", deployment_state_word(d.state));
	if (d.error.len > 0)
		json_out_raw(&op->out, "error", d.error);
	json_out_object_end(&op->out);
	if (d.state == DEPLOYMENT_ACCEPTED || d.state == DEPLOYMENT_RUNNING)
		deployment_add_status_url(op, &d);
	return FAULT_NONE;
}

/* GET …/deployments/{deployment}/operations */
enum fault deployment_operations_list(struct arm_op *op, struct err *err)
{
	struct deployment d;
	enum fault f = find(op, &d, err);

	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_raw(&op->out, "value", d.operations.len == 0 ? SPAN_LIT("[]") : d.operations);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* GET …/deployments/{deployment}/operations/{operation} */
enum fault deployment_operations_get(struct arm_op *op, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct span wanted = arm_capture(op, "operation");
	struct deployment d;
	enum fault f = find(op, &d, err);

	if (f == FAULT_NONE)
		f = json_parse(d.operations.len == 0 ? SPAN_LIT("[]") : d.operations, &doc, err);
	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < json_array_len(json_root(doc)); i++) {
		const struct json *one = json_array_at(json_root(doc), i);

		if (span_eq_nocase(json_string(json_get(one, "operationId")), wanted)) {
			json_write(&op->reply, one);
			return FAULT_NONE;
		}
	}
	return err_say(err, FAULT_NOT_FOUND, "DeploymentOperationNotFound",
		       "The operation '%.*s' of deployment '%.*s' could not be found.", SPAN_ARG(wanted),
		       SPAN_ARG(d.name));
}
