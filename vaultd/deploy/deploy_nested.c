/* Deployments within a deployment: they go on after their PUT was answered, and their end is their item's. */

#include "common/io/json.h"
#include "vaultd/deploy/deploy_state.h"

bool deploy_is_nested(const struct planned_resource *r)
{
	return span_eq_nocase(r->type, SPAN_LIT("Microsoft.Resources/deployments"));
}

/* What it made counts as made by the whole. A list that could not grow only shows less. */
static void add_made(struct deploy *p, struct span id)
{
	struct deploy_made *m = pool_alloc(&p->pool, sizeof(*m));

	if (m == NULL || (m->id = pool_dup(&p->pool, id)).p == NULL)
		return;
	*p->made_end = m;
	p->made_end = &m->next;
}

static void end(struct deploy_item *item, bool has_succeeded, struct span error)
{
	deploy_item_end(item, has_succeeded ? STEP_DONE : STEP_FAILED, error);
}

void deploy_child_ended(struct deploy_item *item, struct deploy *child)
{
	struct deploy *p = item->p;
	struct span error = child->error.p == NULL ? SPAN_EMPTY : pool_dup(&p->pool, child->error);

	for (size_t i = 0; i < child->n_items; i++)
		if (deploy_made_it(child, i))
			add_made(p, plan_resource(child->plan, i)->id);
	for (const struct deploy_made *m = child->made; m != NULL; m = m->next)
		add_made(p, m->id);
	end(item, child->state == DEPLOYMENT_SUCCEEDED, error.p == NULL ? SPAN_EMPTY : error);
}

/* The group in "/subscriptions/S/resourceGroups/G/…". */
static struct span group_of_id(struct span id)
{
	struct span rest = id, one = SPAN_EMPTY;

	for (unsigned i = 0; i < 5 && rest.p != NULL; i++)
		rest = span_cut(rest, '/', &one);
	return one;
}

/* It had ended before anybody could wait for it. */
static void on_state(void *arg, int status, struct span body)
{
	struct deploy_item *item = arg;
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *properties = NULL, *made;
	struct span error = SPAN_EMPTY;
	bool has_succeeded;

	if (status == 200 && json_parse(body, &doc, NULL) == FAULT_NONE)
		properties = json_get(json_root(doc), "properties");
	has_succeeded = span_eq_cstr(json_string(json_get(properties, "provisioningState")), "Succeeded");
	made = json_get(properties, "outputResources");
	for (size_t i = 0; i < json_array_len(made); i++)
		add_made(item->p, json_string(json_get(json_array_at(made, i), "id")));
	if (!has_succeeded)
		error = deploy_json(item->p, json_get(properties, "error"));
	if (!has_succeeded && error.len == 0)
		error = deploy_reply_error(item->p, plan_resource(item->p->plan, item->index)->id, status, body);
	end(item, has_succeeded, error);
}

void deploy_await_nested(struct deploy_item *item, const struct planned_resource *r)
{
	struct deploy *child = deploy_find(item->p->d, group_of_id(r->id), r->name);

	if (child != NULL)
		child->parent = item;
	else if (deploy_send(item->p, HTTP_GET, r->id, r->api_version, SPAN_EMPTY, on_state, item) != FAULT_NONE)
		end(item, false, SPAN_EMPTY);
}

void deploy_cancel(struct deploy *p)
{
	p->is_canceled = true;
	for (struct deploy *q = p->d->deployments; q != NULL; q = q->next)
		if (q->parent != NULL && q->parent->p == p && !q->is_canceled)
			deploy_cancel(q);
}
