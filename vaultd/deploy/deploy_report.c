#include <stdio.h>

#include "common/io/json.h"
#include "common/model/world_clock.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/deploy/deploy_state.h"

static void write_target(struct json_out *o, const struct planned_resource *r)
{
	json_out_object(o, "targetResource");
	json_out_str(o, "id", r->id);
	json_out_str(o, "resourceType", r->type);
	json_out_str(o, "resourceName", r->name);
	json_out_object_end(o);
}

static const char *word(const struct deploy_item *item)
{
	switch (item->step) {
	case STEP_DONE:
		return "Succeeded";
	case STEP_FAILED:
		return "Failed";
	case STEP_SKIPPED:
		return "Canceled";
	case STEP_WAITING:
	case STEP_ACTIVE:
		break;
	}
	return "Running";
}

static const char *status_word(const struct deploy_item *item)
{
	static const struct {
		int status;
		const char *word;
	} words[] = { { 200, "OK" },	    { 201, "Created" },	 { 202, "Accepted" }, { 400, "BadRequest" },
		      { 403, "Forbidden" }, { 404, "NotFound" }, { 409, "Conflict" }, { 501, "NotImplemented" } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].status == item->status)
			return words[i].word;
	return item->step == STEP_FAILED ? "BadRequest" : "OK";
}

static void write_operation(struct deploy *p, const struct deploy_item *item, struct json_out *o)
{
	const struct planned_resource *r = plan_resource(p->plan, item->index);
	char time[TIME_MS_SIZE];
	int64_t end_ms = item->ended_ms == 0 ? item->started_ms : item->ended_ms;

	arm_time_format(time, end_ms);
	json_out_object(o, NULL);
	json_out_fmt(o, "id",
		     "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Resources/deployments/%.*s/operations/%s",
		     p->group.subscription_id, p->group.name, SPAN_ARG(p->name), item->operation_id);
	json_out_cstr(o, "operationId", item->operation_id);
	json_out_object(o, "properties");
	json_out_cstr(o, "provisioningOperation", "Create");
	json_out_cstr(o, "provisioningState", word(item));
	json_out_cstr(o, "timestamp", time);
	json_out_fmt(o, "duration", "PT%.3fS", (double)(end_ms - item->started_ms) / 1000);
	json_out_cstr(o, "trackingId", p->correlation_id);
	json_out_cstr(o, "statusCode", status_word(item));
	if (item->error.len > 0) {
		json_out_object(o, "statusMessage");
		json_out_cstr(o, "status", "Failed");
		json_out_raw(o, "error", item->error);
		json_out_object_end(o);
	}
	write_target(o, r);
	json_out_object_end(o);
	json_out_object_end(o);
}

void deploy_write_operations(struct deploy *p, struct json_out *o)
{
	for (size_t i = 0; i < p->n_items; i++) {
		const struct planned_resource *r = plan_resource(p->plan, i);

		if (p->items[i].step != STEP_WAITING && !r->is_existing && !r->is_left_out)
			write_operation(p, &p->items[i], o);
	}
}

static bool counts(const struct deploy *p, size_t i, bool only_done)
{
	const struct planned_resource *r = plan_resource(p->plan, i);

	return !r->is_existing && !r->is_left_out && (!only_done || p->items[i].step == STEP_DONE);
}

static void write_ids(const struct deploy *p, struct json_out *o, const char *key, bool only_done)
{
	json_out_array(o, key);
	for (size_t i = 0; i < p->n_items; i++) {
		if (!counts(p, i, only_done))
			continue;
		json_out_object(o, NULL);
		json_out_str(o, "id", plan_resource(p->plan, i)->id);
		json_out_object_end(o);
	}
	json_out_array_end(o);
}

void deploy_write_resources(const struct deploy *p, struct json_out *o, const char *key)
{
	write_ids(p, o, key, false);
}

static struct span kept(struct deploy *p, struct buf *b)
{
	struct span text = buf_fault(b) == FAULT_NONE ? pool_dup(&p->pool, buf_span(b)) : SPAN_EMPTY;

	return text.p == NULL ? SPAN_EMPTY : text;
}

static struct span operations_text(struct deploy *p)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(DEPLOY_TEXT_MAX);
	struct json_out o;

	json_out_init(&o, &b);
	json_out_array(&o, NULL);
	deploy_write_operations(p, &o);
	json_out_array_end(&o);
	return kept(p, &b);
}

static struct span resources_text(struct deploy *p)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(DEPLOY_TEXT_MAX);
	struct json_out o;

	json_out_init(&o, &b);
	write_ids(p, &o, NULL, true);
	return kept(p, &b);
}

static bool is_over(const struct deploy *p)
{
	return p->state != DEPLOYMENT_ACCEPTED && p->state != DEPLOYMENT_RUNNING;
}

void deploy_describe(struct deploy *p, struct deployment *ret)
{
	*ret = (struct deployment){
		.subscription_id = span_cstr(p->group.subscription_id),
		.group = span_cstr(p->group.name),
		.name = p->name,
		.state = p->state,
		.is_complete = p->is_complete,
		.started_ms = p->started_ms,
		.changed_ms = p->started_ms,
		.operation_id = span_cstr(p->operation_id),
		.correlation_id = span_cstr(p->correlation_id),
		.template_hash = template_hash(&p->pool, p->template),
		.template = deploy_text(p, p->template),
		.parameters = deploy_text(p, plan_parameters(p->plan)),
		.outputs = deploy_text(p, p->outputs),
		.providers = deploy_text(p, plan_providers(p->plan)),
		.dependencies = deploy_text(p, plan_dependencies(p->plan)),
		.resources = is_over(p) ? resources_text(p) : SPAN_EMPTY,
		.operations = operations_text(p),
		.error = p->error.p == NULL ? SPAN_EMPTY : p->error,
	};
	if (world_now_read(&p->d->world, &p->d->clock, &ret->changed_ms, NULL) != FAULT_NONE)
		ret->changed_ms = p->started_ms;
}

enum fault deploy_store(struct deploy *p, struct err *err)
{
	struct deployment d;
	struct txn *t;
	enum fault f;

	deploy_describe(p, &d);
	f = txn_begin(p->d->world.store, TXN_WRITE, &t, err);
	if (f != FAULT_NONE)
		return f;
	f = deployment_put(t, &d);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

void deploy_first_error(struct deploy *p, struct err *ret)
{
	SCOPED_DONE(buf) struct buf wrapped = BUF_INIT(DEPLOY_TEXT_MAX);
	struct span error = p->error.p == NULL ? SPAN_EMPTY : p->error;

	for (size_t i = 0; i < p->n_items; i++)
		if (p->items[i].error.len > 0) {
			error = p->items[i].error;
			break;
		}
	buf_put_cstr(&wrapped, "{\"error\":");
	buf_put_span(&wrapped, error);
	buf_put_char(&wrapped, '}');
	inner_error(buf_span(&wrapped), ret);
	ret->fault = FAULT_INVALID;
}
