#include "vaultd/template/template.h"

#include "vaultd/template/template_plan.h"

/* In this order, because each step uses what the ones before it made. */
static enum fault (*const steps[])(struct plan *p, struct err *err) = {
	shape_check,	  parameters_bind, variables_declare, outputs_check,
	resources_expand, depends_resolve, order_check,	      functions_check,
};

static enum fault make(struct plan *p, struct err *err)
{
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(steps); i++)
		f = steps[i](p, err);
	f = plan_frame_bare(p, f, err);
	if (f == FAULT_NONE)
		f = parameters_show(p);
	return f == FAULT_NONE ? providers_show(p) : f;
}

enum fault template_plan(const struct template_input *in, struct plan **ret, struct template_place *ret_place,
			 struct err *err)
{
	struct plan *p = pool_alloc(in->pool, sizeof(*p));
	struct err own = ERR_INIT;

	if (p == NULL)
		return FAULT_MEMORY;
	*p = (struct plan){ .in = *in, .pool = in->pool, .place = { .path = SPAN_EMPTY } };
	err = err == NULL ? &own : err;
	enum fault f = make(p, err);
	if (f == FAULT_NONE) {
		*ret = p;
		return f;
	}
	plan_hide_secrets(p, err);
	if (ret_place != NULL)
		*ret_place = p->place;
	return f;
}

size_t plan_count(const struct plan *p)
{
	return p->n_nodes;
}

const struct planned_resource *plan_resource(const struct plan *p, size_t i)
{
	return &p->nodes[i]->r;
}

const struct tv *plan_parameters(const struct plan *p)
{
	return p->shown_parameters;
}

const struct tv *plan_providers(const struct plan *p)
{
	return p->shown_providers;
}

const struct tv *plan_dependencies(const struct plan *p)
{
	return p->shown_dependencies;
}
