#include "vaultd/deploy/deploy_state.h"

#include "common/model/world_clock.h"

static int64_t now_ms(struct deploy *p)
{
	int64_t ms = p->started_ms;

	if (world_now_read(&p->d->world, &p->d->clock, &ms, NULL) != FAULT_NONE)
		ms = p->started_ms;
	return ms;
}

void deploy_item_end(struct deploy_item *item, enum step step, struct span error)
{
	struct deploy *p = item->p;

	item->step = step;
	item->error = error;
	item->ended_ms = now_ms(p);
	p->n_active--;
	p->n_fast_active -= item->is_slow ? 0 : 1;
	deploy_order_ended(item);
	deploy_advance(p);
}

static void on_put(void *arg, int status, struct span body)
{
	struct deploy_item *item = arg;
	const struct planned_resource *r = plan_resource(item->p->plan, item->index);

	item->status = status;
	if (status >= 300)
		deploy_item_end(item, STEP_FAILED, deploy_reply_error(item->p, r->id, status, body));
	else if (deploy_is_nested(r))
		deploy_await_nested(item, r);
	else
		deploy_item_end(item, STEP_DONE, SPAN_EMPTY);
}

static void put_item(void *arg);

/* A body that cannot be made: the template's fault, found while deploying. */
static void fail_body(struct deploy_item *item, enum fault f, const struct template_place *at, const struct err *why)
{
	struct deploy *p = item->p;
	const char *code = why->code[0] != '\0' ? why->code : "InvalidTemplate";
	struct deploy_fault place = { "" };

	if (f == FAULT_INVALID)
		deploy_place(at, &place);
	deploy_item_end(item, STEP_FAILED,
			deploy_error(p, code, plan_resource(p->plan, item->index)->id,
				     why->message[0] != '\0' ? why->message : fault_name(f), span_cstr(place.info),
				     SPAN_EMPTY));
}

/* Makes the body and sends it; what reference() lacks is fetched first, then all is done again. */
static void put_item(void *arg)
{
	struct deploy_item *item = arg;
	struct deploy *p = item->p;
	const struct planned_resource *r = plan_resource(p->plan, item->index);
	struct template_place at = { 0, 0, SPAN_EMPTY };
	struct err why = ERR_INIT;
	const struct tv *body = NULL;
	struct span text;
	enum fault f;

	if (p->is_stopped || p->is_canceled) {
		deploy_item_end(item, STEP_SKIPPED, SPAN_EMPTY);
		return;
	}
	f = plan_body(p->plan, item->index, &body, &at, &why);
	if (f == FAULT_UNAVAILABLE && p->wanted != NULL) {
		deploy_fetch(p, put_item, item);
		return;
	}
	text = f == FAULT_NONE ? deploy_text(p, body) : SPAN_EMPTY;
	if (f == FAULT_NONE && text.len == 0)
		f = FAULT_TOO_LARGE;
	if (f == FAULT_NONE)
		f = deploy_send(p, HTTP_PUT, r->id, r->api_version, text, on_put, item);
	if (f != FAULT_NONE)
		fail_body(item, f, &at, &why);
}

static void begin(struct deploy *p, struct deploy_item *item)
{
	item->step = STEP_ACTIVE;
	item->started_ms = now_ms(p);
	p->n_active++;
	p->n_fast_active += item->is_slow ? 0 : 1;
	put_item(item);
}

static bool begin_one(struct deploy *p)
{
	struct deploy_item *item = NULL;

	if (!p->is_stopped && !p->is_canceled && p->n_active < DEPLOY_ACTIVE_MAX)
		item = deploy_order_next(p);
	if (item == NULL)
		return false;
	begin(p, item);
	return true;
}

void deploy_advance(struct deploy *p)
{
	/* A failure that is known at once comes back here from within. */
	if (p->is_advancing)
		return;
	p->is_advancing = true;
	while (begin_one(p))
		continue;
	p->is_advancing = false;
	if (p->n_active == 0 && !p->is_ending) {
		p->is_ending = true;
		deploy_finish(p);
	}
}

static void link_in(struct deploy *p)
{
	p->next = p->d->deployments;
	p->d->deployments = p;
}

enum fault deploy_start(struct deploy *p, deploy_done *done, void *arg, struct err *err)
{
	enum fault f;

	p->done = done;
	p->arg = arg;
	p->state = DEPLOYMENT_RUNNING;
	f = deploy_store(p, err);
	if (f != FAULT_NONE) {
		deploy_free(p);
		return f;
	}
	link_in(p);
	deploy_advance(p);
	return FAULT_NONE;
}

struct deploy *deploy_find(const struct vaultd *d, struct span group, struct span name)
{
	for (struct deploy *p = d->deployments; p != NULL; p = p->next)
		if (span_eq_nocase(p->name, name) && span_eq_nocase(span_cstr(p->group.name), group))
			return p;
	return NULL;
}

void deploy_end(struct deploy *p)
{
	struct err err = ERR_INIT;

	for (struct deploy **at = &p->d->deployments; *at != NULL; at = &(*at)->next)
		if (*at == p) {
			*at = p->next;
			break;
		}
	if (p->state != DEPLOYMENT_SUCCEEDED)
		deploy_first_error(p, &err);
	if (p->parent != NULL)
		deploy_child_ended(p->parent, p);
	if (p->done != NULL)
		p->done(p->arg, p->state, &err);
	deploy_free(p);
}

void deploy_stop_all(struct vaultd *d)
{
	for (struct deploy *p = d->deployments; p != NULL; p = p->next)
		p->is_stopped = true;
}

void deploy_free_all(struct vaultd *d)
{
	while (d->deployments != NULL) {
		struct deploy *p = d->deployments;

		d->deployments = p->next;
		deploy_free(p);
	}
}
