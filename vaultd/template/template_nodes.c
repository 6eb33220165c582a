/* The resources of a plan, and the names that they are found by. */

#include <stdio.h>

#include "vaultd/template/template_plan.h"

bool node_is_there(const struct plan *p, const struct node *n)
{
	const struct index_slot *slot = index_find(&p->by_id, n->r.id);

	for (const struct index_item *i = slot == NULL ? NULL : slot->items; i != NULL; i = i->next)
		if (node_is_deployed(p->nodes[i->value]))
			return true;
	return false;
}

static enum fault grow(struct plan *p)
{
	size_t cap = p->cap_nodes == 0 ? 16 : p->cap_nodes * 2;
	struct node **nodes = p->n_nodes < p->cap_nodes ? p->nodes : pool_alloc(p->pool, cap * sizeof(*nodes));

	if (nodes == NULL)
		return FAULT_MEMORY;
	if (nodes != p->nodes) {
		if (p->n_nodes > 0)
			memcpy(nodes, p->nodes, p->n_nodes * sizeof(struct node *));
		p->nodes = nodes;
		p->cap_nodes = cap;
	}
	return FAULT_NONE;
}

/* In a loop "symbol[2]" is one of many. */
static enum fault index_symbol(struct plan *p, const struct node *n, size_t at)
{
	enum fault f = index_put(&p->by_symbol, n->r.symbol, at);

	if (f != FAULT_NONE || n->loop == NULL)
		return f;
	size_t room = n->r.symbol.len + 24;
	char *text = pool_alloc(p->pool, room);
	if (text == NULL)
		return FAULT_MEMORY;
	int len = snprintf(text, room, "%.*s[%lld]", SPAN_ARG(n->r.symbol), (long long)n->loop->index);
	return index_put(&p->by_symbol, span_of(text, (size_t)len), at);
}

enum fault node_enlist(struct plan *p, struct node *n, struct span copy_name)
{
	size_t at = p->n_nodes;
	enum fault f = grow(p);

	if (f != FAULT_NONE)
		return f;
	p->nodes[p->n_nodes++] = n;
	f = index_put(&p->by_id, n->r.id, at);
	if (f == FAULT_NONE && n->other_id.p != NULL)
		f = index_put(&p->by_id, n->other_id, at);
	if (f == FAULT_NONE)
		f = index_put(&p->by_relative, n->relative, at);
	if (f == FAULT_NONE)
		f = index_put(&p->by_name, n->r.name, at);
	if (f == FAULT_NONE && copy_name.len > 0)
		f = index_put(&p->by_copy, copy_name, at);
	if (f == FAULT_NONE && n->r.symbol.len > 0)
		f = index_symbol(p, n, at);
	return f;
}

const struct index_slot *resource_find(const struct plan *p, struct span what)
{
	const struct index_slot *slot = NULL;

	while (what.len > 1 && what.p[what.len - 1] == '/')
		what.len--;
	if (what.len > 0 && what.p[0] == '/')
		return index_find(&p->by_id, what);
	if (p->is_symbolic)
		slot = index_find(&p->by_symbol, what);
	if (slot == NULL)
		slot = index_find(&p->by_relative, what);
	if (slot == NULL)
		slot = index_find(&p->by_name, what);
	return slot != NULL ? slot : index_find(&p->by_copy, what);
}
