#include <stdio.h>

#include "common/io/json.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/deployment_reply.h"
#include "vaultd/arm/operation_result.h"
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
	if (f == FAULT_NONE)
		deploy_settle(op->d, ret);
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

/* DELETE …/deployments/{deployment} → 202 and where to ask, though it is done; 204 when there is none. What it deployed
 * stays. */
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
	if (f == FAULT_NOT_FOUND) {
		op->status = 204;
		return FAULT_NONE;
	}
	op->status = 202;
	return f == FAULT_NONE ? operation_result_add(op, "DEPLOYMENTDELETION", name) : f;
}

struct listing {
	struct arm_page page;
	struct span state; /* p NULL: any */
};

static enum fault list_one(const struct deployment *d, void *arg)
{
	struct listing *l = arg;
	struct deployment now = *d;

	deploy_settle(l->page.op->d, &now);
	if (l->state.p != NULL && !span_eq_nocase(span_cstr(deployment_state_word(now.state)), l->state))
		return FAULT_NONE;
	if (arm_page_wants(&l->page))
		deployment_write(l->page.op, &now, NULL);
	return FAULT_NONE;
}

/* "provisioningState eq 'Failed'": the one filter that there is. */
static enum fault read_filter(const struct arm_op *op, struct span *ret_state, struct err *err)
{
	struct span filter = http_query(op->request, "$filter"), value;
	static const char begin[] = "provisioningState eq '";

	*ret_state = (struct span){ NULL, 0 };
	if (filter.len == 0)
		return FAULT_NONE;
	value = span_from(filter, sizeof(begin) - 1);
	if (!span_starts_nocase(filter, SPAN_LIT(begin)) || value.len < 2 || value.p[value.len - 1] != '\'')
		return err_say(err, FAULT_INVALID, "InvalidFilterInQueryString",
			       "Invalid $filter '%.*s' specified in the query string.", SPAN_ARG(filter));
	*ret_state = span_first(value, value.len - 1);
	return FAULT_NONE;
}

/* GET …/deployments[?$filter=provisioningState eq '…'][&$top=…] */
enum fault deployments_list(struct arm_op *op, struct err *err)
{
	struct listing l;
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f == FAULT_NONE)
		f = read_filter(op, &l.state, err);
	if (f == FAULT_NONE)
		f = arm_page_begin(op, &l.page, err);
	if (f == FAULT_NONE)
		f = deployment_each(op->txn, span_cstr(g.subscription_id), span_cstr(g.name), list_one, &l);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&l.page);
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

static enum fault find_operations(struct arm_op *op, struct deployment *ret, struct err *err)
{
	struct deploy *running = deploy_find(op->d, arm_capture(op, "group"), arm_capture(op, "deployment"));
	enum fault f = find(op, ret, err);

	if (f == FAULT_NONE && running != NULL)
		ret->operations = deploy_operations(running);
	return f;
}

/* GET …/deployments/{deployment}/operations */
enum fault deployment_operations_list(struct arm_op *op, struct err *err)
{
	struct deployment d;
	enum fault f = find_operations(op, &d, err);

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
	enum fault f = find_operations(op, &d, err);

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
