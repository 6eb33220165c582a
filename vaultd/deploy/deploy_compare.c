#include <stdlib.h>

#include "vaultd/deploy/deploy_state.h"

/* One what-if on its way: asks for one resource after the other. */
struct comparison {
	struct deploy *p;
	size_t at;
	struct buf changes;
	struct json_out out;
	void (*done)(void *arg, enum fault f, const struct err *err, struct span changes);
	void *arg;
};

static void end(struct comparison *c, enum fault f)
{
	struct err err = ERR_INIT;

	json_out_array_end(&c->out);
	if (f == FAULT_NONE)
		f = buf_fault(&c->changes);
	c->done(c->arg, f, &err, f == FAULT_NONE ? buf_span(&c->changes) : SPAN_EMPTY);
	buf_done(&c->changes);
	deploy_free(c->p);
	free(c);
}

/* What the properties would be is not worked out: only whether there is one already. */
static void write_change(struct comparison *c, const struct planned_resource *r, struct span there)
{
	struct json_out *o = &c->out;

	json_out_object(o, NULL);
	json_out_str(o, "resourceId", r->id);
	json_out_cstr(o, "changeType", there.len > 0 ? "Deploy" : "Create");
	if (there.len > 0)
		json_out_raw(o, "before", there);
	json_out_object(o, "after");
	json_out_str(o, "apiVersion", r->api_version);
	json_out_str(o, "id", r->id);
	json_out_str(o, "name", r->name);
	json_out_str(o, "resourceGroup", span_cstr(c->p->group.name));
	json_out_str(o, "type", r->type);
	json_out_object_end(o);
	json_out_object_end(o);
}

static void ask_next(struct comparison *c);

static void on_asked(void *arg, int status, struct span body)
{
	struct comparison *c = arg;

	write_change(c, plan_resource(c->p->plan, c->at++), status == 200 ? body : SPAN_EMPTY);
	ask_next(c);
}

static void ask_next(struct comparison *c)
{
	const struct planned_resource *r;
	enum fault f;

	while (c->at < c->p->n_items &&
	       (plan_resource(c->p->plan, c->at)->is_existing || plan_resource(c->p->plan, c->at)->is_left_out))
		c->at++;
	if (c->at == c->p->n_items) {
		end(c, FAULT_NONE);
		return;
	}
	r = plan_resource(c->p->plan, c->at);
	f = deploy_send(c->p, HTTP_GET, r->id, r->api_version, SPAN_EMPTY, on_asked, c);
	if (f != FAULT_NONE)
		end(c, f);
}

void deploy_compare(struct deploy *p, void (*done)(void *arg, enum fault f, const struct err *err, struct span changes),
		    void *arg)
{
	struct comparison *c = calloc(1, sizeof(*c));
	struct err err = ERR_INIT;

	if (c == NULL) {
		deploy_free(p);
		done(arg, FAULT_MEMORY, &err, SPAN_EMPTY);
		return;
	}
	c->p = p;
	c->done = done;
	c->arg = arg;
	c->changes = BUF_INIT(DEPLOY_TEXT_MAX);
	json_out_init(&c->out, &c->changes);
	json_out_array(&c->out, NULL);
	ask_next(c);
}
