/* Which item may begin next: those whose predecessors are through, in the order in which they became ready. */

#include "vaultd/deploy/deploy_state.h"

/* A registry that uses a key takes long to make: in Azure everything beside it is there before it asks for its key, and
 * published templates rely on it. So it begins when nothing else can. Source: fixtures/sources.md#deployments */
static bool is_slow(const struct planned_resource *r)
{
	return span_eq_nocase(r->type, SPAN_LIT("Microsoft.ContainerRegistry/registries"));
}

static void enqueue(struct deploy_item *item)
{
	struct deploy_queue *q = &item->p->ready[item->is_slow];

	item->next_ready = NULL;
	if (q->last == NULL)
		q->first = item;
	else
		q->last->next_ready = item;
	q->last = item;
}

static struct deploy_item *dequeue(struct deploy_queue *q)
{
	struct deploy_item *item = q->first;

	if (item != NULL)
		q->first = item->next_ready;
	if (q->first == NULL)
		q->last = NULL;
	return item;
}

/* Room for everybody's followers, one after the other. */
static enum fault place_followers(struct deploy *p)
{
	size_t n = 0;
	struct deploy_item **all;

	for (size_t i = 0; i < p->n_items; i++) {
		const struct planned_resource *r = plan_resource(p->plan, i);

		for (size_t k = 0; k < r->n_after; k++)
			p->items[r->after[k]].n_followers++;
		n += r->n_after;
	}
	all = pool_alloc(&p->pool, (n + 1) * sizeof(struct deploy_item *));
	if (all == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < p->n_items; i++) {
		p->items[i].followers = all;
		all += p->items[i].n_followers;
		p->items[i].n_followers = 0;
	}
	return FAULT_NONE;
}

enum fault deploy_order_init(struct deploy *p)
{
	enum fault f = place_followers(p);

	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < p->n_items; i++) {
		struct deploy_item *item = &p->items[i];
		const struct planned_resource *r = plan_resource(p->plan, i);

		for (size_t k = 0; k < r->n_after; k++) {
			struct deploy_item *before = &p->items[r->after[k]];

			before->followers[before->n_followers++] = item;
		}
		item->n_pending = r->n_after;
		item->is_slow = is_slow(r);
		if (item->n_pending == 0 && item->step == STEP_WAITING)
			enqueue(item);
	}
	return FAULT_NONE;
}

struct deploy_item *deploy_order_next(struct deploy *p)
{
	struct deploy_item *item = dequeue(&p->ready[false]);

	if (item == NULL && p->n_fast_active == 0)
		item = dequeue(&p->ready[true]);
	return item;
}

/* What comes after one that is not there never begins. No deeper than the longest chain of a template. */
static void skip_followers(const struct deploy_item *item)
{
	for (size_t i = 0; i < item->n_followers; i++) {
		struct deploy_item *after = item->followers[i];

		if (after->step != STEP_WAITING)
			continue;
		after->step = STEP_SKIPPED;
		skip_followers(after);
	}
}

void deploy_order_ended(struct deploy_item *item)
{
	if (item->step != STEP_DONE) {
		skip_followers(item);
		return;
	}
	for (size_t i = 0; i < item->n_followers; i++) {
		struct deploy_item *after = item->followers[i];

		if (--after->n_pending == 0 && after->step == STEP_WAITING)
			enqueue(after);
	}
}
