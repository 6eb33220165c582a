/* The order of a plan: what must be deployed before, and that there is an order at all. */

#include "vaultd/template/template_plan.h"

struct order {
	struct plan *plan;
	size_t *stamps; /* by node: the last one that got it, plus one */
	size_t *after;	/* room for every node */
	size_t n_after;
	size_t *stack; /* existing ones whose needs are still to be taken */
	size_t n_stack;
};

/* What comes before an existing resource is read comes before whoever reads it; what is left out comes never. */
static void take_needs(struct order *o, size_t who, size_t from)
{
	const struct node *n = o->plan->nodes[from];

	for (size_t i = 0; i < n->n_needs; i++) {
		size_t other = n->needs[i];
		const struct node *needed = o->plan->nodes[other];

		if (o->stamps[other] == who + 1 || needed->r.is_left_out)
			continue;
		o->stamps[other] = who + 1;
		if (needed->r.is_existing)
			o->stack[o->n_stack++] = other;
		else
			o->after[o->n_after++] = other;
	}
}

static enum fault flatten(struct order *o, size_t who)
{
	struct planned_resource *r = &o->plan->nodes[who]->r;
	size_t *after;

	o->n_after = o->n_stack = 0;
	take_needs(o, who, who);
	while (o->n_stack > 0)
		take_needs(o, who, o->stack[--o->n_stack]);
	after = pool_alloc(o->plan->pool, (o->n_after + 1) * sizeof(*after));
	if (after == NULL)
		return FAULT_MEMORY;
	memcpy(after, o->after, o->n_after * sizeof(*after));
	r->after = after;
	r->n_after = o->n_after;
	return FAULT_NONE;
}

static enum fault refuse_circle(struct plan *p, const struct node *n, struct err *err)
{
	return plan_refuse(p, n->source, n->path, err,
			   "Circular dependency detected on resource: '%.*s'. Please see "
			   "https://aka.ms/arm-syntax-resources for usage details.",
			   SPAN_ARG(n->r.id));
}

/* A walk along the dependencies, without recursion: a long chain is no reason for a deep stack. */
struct step {
	size_t node, next;
};
enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };

static enum fault walk_from(struct plan *p, size_t start, unsigned char *marks, struct step *steps, struct err *err)
{
	size_t depth = 0;

	if (marks[start] != MARK_NEW)
		return FAULT_NONE;
	steps[depth++] = (struct step){ start, 0 };
	marks[start] = MARK_OPEN;
	while (depth > 0) {
		struct step *top = &steps[depth - 1];
		const struct planned_resource *r = &p->nodes[top->node]->r;

		if (top->next == r->n_after) {
			marks[top->node] = MARK_DONE;
			depth--;
			continue;
		}
		size_t other = r->after[top->next++];
		if (marks[other] == MARK_OPEN)
			return refuse_circle(p, p->nodes[other], err);
		if (marks[other] == MARK_NEW) {
			marks[other] = MARK_OPEN;
			steps[depth++] = (struct step){ other, 0 };
		}
	}
	return FAULT_NONE;
}

static enum fault check_circles(struct plan *p, struct err *err)
{
	unsigned char *marks = pool_alloc(p->pool, p->n_nodes + 1);
	struct step *steps = pool_alloc(p->pool, (p->n_nodes + 1) * sizeof(*steps));
	enum fault f = marks == NULL || steps == NULL ? FAULT_MEMORY : FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < p->n_nodes; i++)
		f = walk_from(p, i, marks, steps, err);
	return f;
}

enum fault order_check(struct plan *p, struct err *err)
{
	size_t room = (p->n_nodes + 1) * sizeof(size_t);
	struct order o = { .plan = p };
	enum fault f = FAULT_NONE;

	o.stamps = pool_alloc(p->pool, room);
	o.after = pool_alloc(p->pool, room);
	o.stack = pool_alloc(p->pool, room);
	if (o.stamps == NULL || o.after == NULL || o.stack == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; f == FAULT_NONE && i < p->n_nodes; i++)
		if (node_is_deployed(p->nodes[i]))
			f = flatten(&o, i);
	return f == FAULT_NONE ? check_circles(p, err) : f;
}
