/* Names with a value that is found when it is first asked for. */

#include "vaultd/template/template_plan.h"

enum fault bindings_init(struct bindings *b, struct pool *pool, size_t n)
{
	index_init(&b->by_name, pool);
	b->n = 0;
	b->items = pool_alloc(pool, (n + 1) * sizeof(*b->items));
	return b->items == NULL ? FAULT_MEMORY : FAULT_NONE;
}

enum fault binding_add(struct bindings *b, struct binding what)
{
	b->items[b->n] = what;
	return index_put(&b->by_name, what.name, b->n++);
}

struct binding *binding_find(const struct bindings *b, struct span name)
{
	const struct index_slot *slot = index_find(&b->by_name, name);

	return slot == NULL ? NULL : &b->items[slot->items->value];
}

enum fault binding_enter(struct plan *p, struct span name, struct err *err)
{
	if (p->depth >= TEMPLATE_BINDINGS_DEPTH_MAX)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "More than %d parameters and variables ask for each other, the last one is '%.*s'",
			       TEMPLATE_BINDINGS_DEPTH_MAX, SPAN_ARG(name));
	p->depth++;
	return FAULT_NONE;
}
