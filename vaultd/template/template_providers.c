/* What a deployment's properties tell of its resources: their providers, and who came after whom. */

#include "common/plain/text.h"
#include "vaultd/template/template_plan.h"

/* One resource type of one provider. */
struct kind {
	struct span provider, type;
	const struct tv *location; /* NULL: none */
};

/* "East US" as Azure shows it: "eastus". */
static const struct tv *shown_location(struct pool *pool, const struct tv *location)
{
	struct span text = tv_text(location);
	char *out = text.len == 0 ? NULL : pool_alloc(pool, text.len + 1);
	size_t n = 0;

	if (text.len == 0)
		return tv_null(pool);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != ' ')
			out[n++] = ascii_lower(text.p[i]);
	return tv_string(pool, span_of(out, n));
}

/* An object of n members, made from values of which none may be NULL. */
static const struct tv *object_of(struct pool *pool, const struct tv_member *members, size_t n)
{
	struct tv_member *kept = pool_alloc(pool, n * sizeof(*kept));

	for (size_t i = 0; i < n; i++)
		if (members[i].value == NULL)
			return NULL;
	if (kept == NULL)
		return NULL;
	memcpy(kept, members, n * sizeof(*kept));
	return tv_object(pool, kept, n);
}

static const struct tv *list_of_one(struct pool *pool, const struct tv *item)
{
	const struct tv **items = pool_alloc(pool, sizeof(struct tv *));

	if (items == NULL || item == NULL)
		return NULL;
	items[0] = item;
	return tv_array(pool, items, 1);
}

static const struct tv *kind_value(struct pool *pool, const struct kind *k)
{
	struct tv_member members[] = {
		{ SPAN_LIT("resourceType"), tv_string(pool, k->type) },
		{ SPAN_LIT("locations"), list_of_one(pool, shown_location(pool, k->location)) },
	};

	return object_of(pool, members, ARRAY_LEN(members));
}

/* The kinds of one provider, which is that of the first. */
static const struct tv *provider_value(struct pool *pool, const struct kind *kinds, size_t n_kinds, size_t first)
{
	const struct tv **items = pool_alloc(pool, n_kinds * sizeof(struct tv *));
	size_t n = 0;

	if (items == NULL)
		return NULL;
	for (size_t i = first; i < n_kinds; i++)
		if (span_eq_nocase(kinds[i].provider, kinds[first].provider)) {
			items[n] = kind_value(pool, &kinds[i]);
			if (items[n++] == NULL)
				return NULL;
		}
	struct tv_member members[] = {
		{ SPAN_LIT("namespace"), tv_string(pool, kinds[first].provider) },
		{ SPAN_LIT("resourceTypes"), tv_array(pool, items, n) },
	};
	return object_of(pool, members, ARRAY_LEN(members));
}

/* Each type once, in the order of the template. Of a type of several resources the first one's location counts. */
static enum fault collect_kinds(struct plan *p, struct kind *kinds, size_t *ret_n)
{
	struct index seen;
	size_t n = 0;
	enum fault f = FAULT_NONE;

	index_init(&seen, p->pool);
	for (size_t i = 0; f == FAULT_NONE && i < p->n_nodes; i++) {
		const struct node *node = p->nodes[i];
		struct kind *k = &kinds[n];

		if (!node_is_deployed(node) || index_find(&seen, node->r.type) != NULL)
			continue;
		f = index_put(&seen, node->r.type, n++);
		k->type = span_cut(node->r.type, '/', &k->provider);
		k->location = node->location;
	}
	*ret_n = n;
	return f;
}

static bool is_first_of_provider(const struct kind *kinds, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (span_eq_nocase(kinds[k].provider, kinds[i].provider))
			return false;
	return true;
}

static enum fault show_providers(struct plan *p)
{
	struct kind *kinds = pool_alloc(p->pool, (p->n_nodes + 1) * sizeof(*kinds));
	const struct tv **items = pool_alloc(p->pool, (p->n_nodes + 1) * sizeof(struct tv *));
	size_t n_kinds = 0, n = 0;

	if (kinds == NULL || items == NULL || collect_kinds(p, kinds, &n_kinds) != FAULT_NONE)
		return FAULT_MEMORY;
	for (size_t i = 0; i < n_kinds; i++) {
		if (!is_first_of_provider(kinds, i))
			continue;
		items[n] = provider_value(p->pool, kinds, n_kinds, i);
		if (items[n++] == NULL)
			return FAULT_MEMORY;
	}
	p->shown_providers = tv_array(p->pool, items, n);
	return p->shown_providers == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static void fill_names(struct pool *pool, const struct node *n, struct tv_member out[3])
{
	out[0] = (struct tv_member){ SPAN_LIT("id"), tv_string(pool, n->r.id) };
	out[1] = (struct tv_member){ SPAN_LIT("resourceType"), tv_string(pool, n->r.type) };
	out[2] = (struct tv_member){ SPAN_LIT("resourceName"), tv_string(pool, n->r.name) };
}

static const struct tv *dependency_value(struct plan *p, const struct node *n)
{
	const struct tv **items = pool_alloc(p->pool, n->r.n_after * sizeof(struct tv *));
	struct tv_member members[4];

	if (items == NULL)
		return NULL;
	for (size_t i = 0; i < n->r.n_after; i++) {
		fill_names(p->pool, p->nodes[n->r.after[i]], members);
		items[i] = object_of(p->pool, members, 3);
		if (items[i] == NULL)
			return NULL;
	}
	members[0] = (struct tv_member){ SPAN_LIT("dependsOn"), tv_array(p->pool, items, n->r.n_after) };
	fill_names(p->pool, n, members + 1);
	return object_of(p->pool, members, ARRAY_LEN(members));
}

static enum fault show_dependencies(struct plan *p)
{
	const struct tv **items = pool_alloc(p->pool, (p->n_nodes + 1) * sizeof(struct tv *));
	size_t n = 0;

	if (items == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < p->n_nodes; i++) {
		if (!node_is_deployed(p->nodes[i]) || p->nodes[i]->r.n_after == 0)
			continue;
		items[n] = dependency_value(p, p->nodes[i]);
		if (items[n++] == NULL)
			return FAULT_MEMORY;
	}
	p->shown_dependencies = tv_array(p->pool, items, n);
	return p->shown_dependencies == NULL ? FAULT_MEMORY : FAULT_NONE;
}

enum fault providers_show(struct plan *p)
{
	enum fault f = show_providers(p);

	return f == FAULT_NONE ? show_dependencies(p) : f;
}
