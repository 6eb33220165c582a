/* The resources of a template, brought to one list: both forms, their loops, their children. */

#include "vaultd/template/template_resource.h"

static const char SEE[] = "Please see https://aka.ms/arm-syntax-resources for usage details.";

static enum fault expand_list(struct plan *p, const struct tv *list, const struct node *parent, const struct loop *loop,
			      const struct path *at, struct err *err);

static enum fault expand_children(struct plan *p, const struct resource_source *s, const struct node *node,
				  struct err *err)
{
	const struct tv *children = tv_get(s->source, "resources");
	struct path *at;

	if (children == NULL || children->type == TV_NULL)
		return FAULT_NONE;
	at = pool_alloc(p->pool, sizeof(*at));
	if (at == NULL)
		return FAULT_MEMORY;
	*at = PATH_NAME(s->path, "resources");
	return expand_list(p, children, node, s->loop, at, err);
}

static enum fault expand_turn(struct plan *p, const struct resource_source *s, struct err *err)
{
	const struct node *node = NULL;
	enum fault f = resource_add(p, s, &node, err);

	return f == FAULT_NONE ? expand_children(p, s, node, err) : f;
}

static enum fault check_copy(struct plan *p, const struct resource_source *s, const struct tv *copy, struct err *err)
{
	struct path at = PATH_NAME(s->path, "copy");

	if (s->parent != NULL)
		return plan_refuse(p, copy, &at, err,
				   "The template resource '%.*s' at line '%u' and column '%u' is not valid. Copying "
				   "nested resources is not supported. Please see https://aka.ms/arm-copy for usage "
				   "details.",
				   SPAN_ARG(tv_text(tv_get(s->source, "name"))), s->source->line, s->source->column);
	if (tv_text(tv_get(copy, "name")).len == 0 || tv_get(copy, "count") == NULL)
		return plan_refuse(p, copy, &at, err,
				   "The template 'copy' definition at line '%u' and column '%u' must have the members "
				   "'name' and 'count'. Please see https://aka.ms/arm-copy for usage details.",
				   copy->line, copy->column);
	return FAULT_NONE;
}

static enum fault expand_copy(struct plan *p, struct resource_source *s, const struct tv *copy, struct err *err)
{
	struct template_eval e = { .plan = p, .stage = EVAL_FIXED };
	struct path at = PATH_NAME(s->path, "copy");
	struct index_slot *slot;
	size_t n = 0;
	enum fault f = check_copy(p, s, copy, err);

	s->copy_name = tv_text(tv_get(copy, "name"));
	if (f == FAULT_NONE)
		f = plan_frame_node(p, eval_count(&e, copy, &at, &n, err), s->source,
				    tv_text(tv_get(s->source, "name")), err);
	/* Known by its names even when it has no turns. */
	if (f == FAULT_NONE)
		f = index_touch(&p->by_copy, s->copy_name, &slot);
	if (f == FAULT_NONE && s->symbol.len > 0)
		f = index_touch(&p->by_symbol, s->symbol, &slot);
	for (size_t i = 0; f == FAULT_NONE && i < n; i++) {
		struct loop *turn = pool_alloc(p->pool, sizeof(*turn));

		if (turn == NULL)
			return FAULT_MEMORY;
		*turn = (struct loop){ .name = s->copy_name, .index = (int64_t)i };
		s->loop = turn;
		f = expand_turn(p, s, err);
	}
	return f;
}

static enum fault refuse_limit(struct plan *p, struct err *err)
{
	static const struct path at = { .name = { "resources", 9 } };

	return plan_refuse(p, tv_get(p->in.template, "resources"), &at, err,
			   "The number of template resources limit exceeded. Limit: '%d' and actual: '%zu'. %s",
			   TEMPLATE_RESOURCES_MAX, p->n_nodes, SEE);
}

static enum fault expand_one(struct plan *p, struct resource_source *s, struct err *err)
{
	const struct tv *copy;
	enum fault f;

	if (tv_type(s->source) != TV_OBJECT)
		return plan_refuse(p, s->source, s->path, err,
				   "The template resource at line '%u' and column '%u' is not an object. %s",
				   s->source->line, s->source->column, SEE);
	if (tv_get(s->source, "import") != NULL || tv_get(s->source, "extension") != NULL)
		return plan_refuse(p, s->source, s->path, err,
				   "The template resource '%.*s' at line '%u' and column '%u' belongs to an extension, "
				   "which this double does not imitate",
				   SPAN_ARG(s->symbol), s->source->line, s->source->column);
	copy = tv_get(s->source, "copy");
	f = tv_type(copy) == TV_OBJECT ? expand_copy(p, s, copy, err) : expand_turn(p, s, err);
	if (f == FAULT_NONE && p->n_nodes > TEMPLATE_RESOURCES_MAX)
		f = refuse_limit(p, err);
	return f;
}

static enum fault expand_list(struct plan *p, const struct tv *list, const struct node *parent, const struct loop *loop,
			      const struct path *at, struct err *err)
{
	bool is_named = list->type == TV_OBJECT;
	size_t n = is_named ? list->object.n : list->type == TV_ARRAY ? list->array.n : 0;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < n; i++) {
		struct resource_source s = { .parent = parent, .loop = loop, .symbol = SPAN_EMPTY };
		struct path *here = pool_alloc(p->pool, sizeof(*here));

		if (here == NULL)
			return FAULT_MEMORY;
		s.source = is_named ? list->object.members[i].value : list->array.items[i];
		if (is_named)
			s.symbol = list->object.members[i].name;
		*here = is_named ? PATH_SPAN(at, s.symbol) : PATH_ITEM(at, i);
		s.path = here;
		f = expand_one(p, &s, err);
	}
	return f;
}

enum fault resources_expand(struct plan *p, struct err *err)
{
	static const struct path at = { .name = { "resources", 9 } };
	const struct tv *list = tv_get(p->in.template, "resources");

	index_init(&p->by_id, p->pool);
	index_init(&p->by_relative, p->pool);
	index_init(&p->by_name, p->pool);
	index_init(&p->by_symbol, p->pool);
	index_init(&p->by_copy, p->pool);
	p->is_symbolic = list->type == TV_OBJECT;
	return expand_list(p, list, NULL, NULL, &at, err);
}
