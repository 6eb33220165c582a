/* Who of a template's resources needs whom: by dependsOn, by reference(), and by the turns of serial loops. */

#include "vaultd/template/template_body.h"
#include "vaultd/template/template_reference.h"

struct resolver {
	struct plan *plan;
	struct node *node;
	size_t at;	/* the node's number */
	size_t *stamps; /* by node: the last one that was found to need it, plus one */
	size_t *needs;	/* room for every node */
	size_t n_needs;
	bool is_ambiguous; /* a name of several resources was met */
	bool is_unknown;
	struct span what; /* the name that was */
};

static void need(struct resolver *r, size_t other)
{
	if (r->stamps[other] == r->at + 1)
		return;
	r->stamps[other] = r->at + 1;
	r->needs[r->n_needs++] = other;
}

/* One name of several resources: which one is meant cannot be told. */
static bool is_ambiguous(const struct plan *p, const struct index_slot *slot)
{
	if (slot != index_find(&p->by_name, slot->name) || slot->items == NULL)
		return false;
	for (const struct index_item *i = slot->items->next; i != NULL; i = i->next)
		if (!span_eq_nocase(p->nodes[i->value]->r.id, p->nodes[slot->items->value]->r.id))
			return true;
	return false;
}

static enum fault need_all(struct resolver *r, const struct index_slot *slot, struct err *err)
{
	if (is_ambiguous(r->plan, slot))
		return plan_refuse(r->plan, NULL, NULL, err,
				   "The template reference '%.*s' is not valid: more than one template resource has "
				   "this name. Please see https://aka.ms/arm-function-reference for usage details.",
				   SPAN_ARG(slot->name));
	for (const struct index_item *i = slot->items; i != NULL; i = i->next)
		need(r, i->value);
	return FAULT_NONE;
}

static enum fault depend_on(struct resolver *r, struct span what, struct err *err)
{
	const struct index_slot *slot = resource_find(r->plan, what);

	if (slot != NULL)
		return need_all(r, slot, err);
	if (memchr(what.p, '/', what.len) == NULL)
		return reference_unknown(r->plan, what, err);
	return plan_refuse(
		r->plan, NULL, NULL, err,
		"The resource '%.*s' is not defined in the template. Please see https://aka.ms/arm-syntax for "
		"usage details.",
		SPAN_ARG(id_relative(what)));
}

/* One item of dependsOn, or all of it when an expression makes the list. */
static enum fault depend_on_value(struct resolver *r, const struct tv *written, const struct tv *v,
				  const struct path *at, struct err *err)
{
	enum fault f = FAULT_NONE;

	if (tv_type(v) == TV_ARRAY) {
		for (size_t i = 0; f == FAULT_NONE && i < v->array.n; i++) {
			bool is_list = tv_type(written) == TV_ARRAY && written->array.n == v->array.n;
			struct path here = PATH_ITEM(at, i);

			f = depend_on_value(r, is_list ? written->array.items[i] : written, v->array.items[i], &here,
					    err);
		}
		return f;
	}
	if (tv_type(v) == TV_STRING && v->text.len > 0)
		f = depend_on(r, v->text, err);
	else
		f = plan_refuse(
			r->plan, NULL, NULL, err,
			"The template resource '%.*s' at line '%u' and column '%u' is not valid. What it depends "
			"on must be of type 'String', but is of type '%s'. Please see "
			"https://aka.ms/arm-syntax-resources for usage details.",
			SPAN_ARG(r->node->r.name), r->node->source->line, r->node->source->column,
			tv_type_word(tv_type(v)));
	if (f != FAULT_NONE)
		plan_place(r->plan, written, at);
	return f;
}

static enum fault take_depends_on(struct resolver *r, struct err *err)
{
	const struct tv *written = tv_get(r->node->source, "dependsOn"), *v;
	struct template_eval e = { .plan = r->plan, .stage = EVAL_FIXED, .loop = r->node->loop };
	struct path at = PATH_NAME(r->node->path, "dependsOn");

	if (written == NULL || written->type == TV_NULL)
		return FAULT_NONE;
	enum fault f = plan_frame_bare(r->plan, eval_value(&e, written, &at, &v, err), err);
	return f == FAULT_NONE ? depend_on_value(r, written, v, &at, err) : f;
}

/* Called for each reference() whose answer is not there yet. An id outside of the template is looked up later. */
static enum fault take_reference(void *arg, struct span what)
{
	struct resolver *r = arg;
	const struct index_slot *slot = resource_find(r->plan, what);
	bool is_id = what.len > 0 && what.p[0] == '/';

	if (slot == NULL && is_id)
		return FAULT_NONE;
	r->what = what;
	r->is_unknown = slot == NULL;
	r->is_ambiguous = slot != NULL && is_ambiguous(r->plan, slot);
	if (r->is_unknown || r->is_ambiguous)
		return FAULT_INVALID;
	for (const struct index_item *i = slot->items; i != NULL; i = i->next)
		/* By its id a resource may ask for itself as it was before. */
		if (!is_id || i->value != r->at)
			need(r, i->value);
	return FAULT_NONE;
}

/* The body as far as it can be made now; with it come the references. */
static enum fault take_references(struct resolver *r, struct err *err)
{
	struct template_eval e = {
		.plan = r->plan, .stage = EVAL_CHECK, .loop = r->node->loop, .each = take_reference, .arg = r
	};
	const struct tv *body;
	enum fault f = body_make(&e, r->node, &body, err);

	if (f == FAULT_INVALID && r->is_unknown)
		f = reference_unknown(r->plan, r->what, err);
	else if (f == FAULT_INVALID && r->is_ambiguous)
		f = need_all(r, resource_find(r->plan, r->what), err);
	f = plan_frame_node(r->plan, f, r->node->source, r->node->r.name, err);
	if (f != FAULT_NONE)
		return f;
	r->node->location = tv_get(body, "location");
	r->node->body = e.is_pending ? NULL : body;
	return FAULT_NONE;
}

/* Of a serial loop each batch comes after the one before it. */
static enum fault take_batch(struct resolver *r, struct err *err)
{
	const struct tv *copy = tv_get(r->node->source, "copy"), *size = tv_get(copy, "batchSize");
	struct path at = PATH_NAME(r->node->path, "copy");

	if (r->node->loop == NULL || !span_eq_nocase(tv_text(tv_get(copy, "mode")), SPAN_LIT("serial")))
		return FAULT_NONE;
	if (size != NULL && (size->type != TV_INT || size->integer < 1))
		return plan_refuse(r->plan, copy, &at, err,
				   "The template 'copy' definition at line '%u' and column '%u' has an invalid batch "
				   "size. The batch size must be a positive integer value. Please see "
				   "https://aka.ms/arm-copy for usage details.",
				   copy->line, copy->column);
	int64_t batch = size == NULL ? 1 : size->integer, turn = r->node->loop->index / batch;
	const struct index_slot *slot = index_find(&r->plan->by_copy, r->node->loop->name);
	for (const struct index_item *i = slot == NULL ? NULL : slot->items; i != NULL; i = i->next) {
		const struct node *other = r->plan->nodes[i->value];

		if (other->source == r->node->source && other->loop->index / batch == turn - 1)
			need(r, i->value);
	}
	return FAULT_NONE;
}

static enum fault resolve(struct resolver *r, struct err *err)
{
	enum fault f = take_batch(r, err);

	if (f == FAULT_NONE)
		f = take_depends_on(r, err);
	/* What is not deployed need not make sense. */
	if (f == FAULT_NONE && node_is_deployed(r->node))
		f = take_references(r, err);
	if (f != FAULT_NONE)
		return f;
	r->node->n_needs = r->n_needs;
	r->node->needs = pool_alloc(r->plan->pool, (r->n_needs + 1) * sizeof(*r->needs));
	if (r->node->needs == NULL)
		return FAULT_MEMORY;
	memcpy(r->node->needs, r->needs, r->n_needs * sizeof(*r->needs));
	return FAULT_NONE;
}

enum fault depends_resolve(struct plan *p, struct err *err)
{
	struct resolver r = { .plan = p };
	enum fault f = FAULT_NONE;

	r.stamps = pool_alloc(p->pool, (p->n_nodes + 1) * sizeof(*r.stamps));
	r.needs = pool_alloc(p->pool, (p->n_nodes + 1) * sizeof(*r.needs));
	if (r.stamps == NULL || r.needs == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; f == FAULT_NONE && i < p->n_nodes; i++) {
		r.node = p->nodes[i];
		r.at = i;
		r.n_needs = 0;
		f = resolve(&r, err);
	}
	return f;
}
