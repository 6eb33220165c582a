#include "common/io/http.h"
#include "common/model/world_clock.h"
#include "vaultd/arm/deployment_reply.h"
#include "vaultd/deploy/deploy_state.h"

enum { STATUS_WORD_SIZE = 40 };

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

/* "Not Found" as NotFound; of what never got an answer only whether it went well is known. */
static void write_status(struct json_out *o, const struct deploy_item *item)
{
	const char *phrase = http_status_phrase(item->status != 0	    ? item->status
						: item->step == STEP_FAILED ? 400
									    : 200);
	char word[STATUS_WORD_SIZE];
	size_t n = 0;

	for (; *phrase != '\0' && n + 1 < sizeof(word); phrase++)
		if (*phrase != ' ')
			word[n++] = *phrase;
	word[n] = '\0';
	json_out_cstr(o, "statusCode", word);
}

static void write_operation(struct deploy *p, const struct deploy_item *item, struct json_out *o)
{
	const struct planned_resource *r = plan_resource(p->plan, item->index);
	int64_t end_ms = item->ended_ms == 0 ? item->started_ms : item->ended_ms;

	json_out_object(o, NULL);
	json_out_fmt(o, "id",
		     "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Resources/deployments/%.*s/operations/%s",
		     p->group.subscription_id, p->group.name, SPAN_ARG(p->name), item->operation_id);
	json_out_cstr(o, "operationId", item->operation_id);
	json_out_object(o, "properties");
	json_out_cstr(o, "provisioningOperation", "Create");
	json_out_cstr(o, "provisioningState", word(item));
	deployment_write_time(o, "timestamp", end_ms);
	deployment_write_duration(o, "duration", end_ms - item->started_ms);
	json_out_cstr(o, "trackingId", p->correlation_id);
	write_status(o, item);
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

static bool is_deployed(const struct planned_resource *r)
{
	return !r->is_existing && !r->is_left_out;
}

static void write_id(struct json_out *o, struct span id)
{
	json_out_object(o, NULL);
	json_out_str(o, "id", id);
	json_out_object_end(o);
}

void deploy_write_resources(const struct deploy *p, struct json_out *o, const char *key)
{
	json_out_array(o, key);
	for (size_t i = 0; i < p->n_items; i++)
		if (is_deployed(plan_resource(p->plan, i)))
			write_id(o, plan_resource(p->plan, i)->id);
	json_out_array_end(o);
}

struct span deploy_operations(struct deploy *p)
{
	struct json_out o;

	buf_clear(&p->operations_text);
	json_out_init(&o, &p->operations_text);
	json_out_array(&o, NULL);
	/* One that was never begun has no operation. */
	for (size_t i = 0; i < p->n_items; i++)
		if (p->items[i].started_ms != 0 && is_deployed(plan_resource(p->plan, i)))
			write_operation(p, &p->items[i], &o);
	json_out_array_end(&o);
	return buf_fault(&p->operations_text) == FAULT_NONE ? buf_span(&p->operations_text) : SPAN_EMPTY;
}

bool deploy_made_it(const struct deploy *p, size_t i)
{
	const struct planned_resource *r = plan_resource(p->plan, i);

	return is_deployed(r) && p->items[i].step == STEP_DONE && !deploy_is_nested(r);
}

/* What the nested deployments made stands there, they themselves do not. */
static struct span resources_text(struct deploy *p)
{
	struct json_out o;

	buf_clear(&p->resources_text);
	json_out_init(&o, &p->resources_text);
	json_out_array(&o, NULL);
	for (size_t i = 0; i < p->n_items; i++)
		if (deploy_made_it(p, i))
			write_id(&o, plan_resource(p->plan, i)->id);
	for (const struct deploy_made *m = p->made; m != NULL; m = m->next)
		write_id(&o, m->id);
	json_out_array_end(&o);
	return buf_fault(&p->resources_text) == FAULT_NONE ? buf_span(&p->resources_text) : SPAN_EMPTY;
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
		.template_hash = p->said.template_hash,
		.template = p->said.template,
		.parameters = p->said.parameters,
		.outputs = p->said.outputs.p == NULL ? SPAN_EMPTY : p->said.outputs,
		.providers = p->said.providers,
		.dependencies = p->said.dependencies,
		.resources = is_over(p) ? resources_text(p) : SPAN_EMPTY,
		.operations = SPAN_EMPTY,
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
	d.operations = deploy_operations(p);
	f = txn_begin(p->d->world.store, TXN_WRITE, &t, err);
	if (f != FAULT_NONE)
		return f;
	f = deployment_put(t, &d);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}
