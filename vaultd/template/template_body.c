#include "vaultd/template/template_body.h"

/* What says how a resource is deployed, not what it is. */
static const char *const not_sent[] = {
	"type",	    "apiVersion", "name",     "dependsOn", "condition",	     "copy",	      "scope",
	"comments", "resources",  "existing", "metadata",  "subscriptionId", "resourceGroup",
};

static bool is_sent(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(not_sent); i++)
		if (span_eq_nocase(name, span_cstr(not_sent[i])))
			return false;
	return true;
}

static bool is_nested_deployment(const struct node *n)
{
	return span_eq_nocase(n->r.type, SPAN_LIT("Microsoft.Resources/deployments"));
}

static bool is_inner(const struct tv *properties)
{
	const struct tv *scope = tv_get(tv_get(properties, "expressionEvaluationOptions"), "scope");

	return span_eq_nocase(tv_text(scope), SPAN_LIT("inner"));
}

/* The template of a nested deployment whose expressions are its own stays as it is. */
static enum fault eval_properties(struct template_eval *e, const struct node *n, const struct tv *v,
				  const struct path *at, const struct tv **ret, struct err *err)
{
	const struct tv *kept;
	struct tv_member *others;
	size_t n_others = 0;

	if (!is_nested_deployment(n) || tv_type(v) != TV_OBJECT || !is_inner(v) || tv_get(v, "template") == NULL)
		return eval_value(e, v, at, ret, err);
	kept = tv_get(v, "template");
	others = pool_alloc(e->plan->pool, v->object.n * sizeof(*others));
	if (others == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < v->object.n; i++)
		if (v->object.members[i].value != kept)
			others[n_others++] = v->object.members[i];
	v = tv_object(e->plan->pool, others, n_others);
	if (v == NULL)
		return FAULT_MEMORY;
	enum fault f = eval_value(e, v, at, ret, err);
	if (f != FAULT_NONE)
		return f;
	*ret = tv_with(e->plan->pool, *ret, SPAN_LIT("template"), kept);
	return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
}

enum fault body_make(struct template_eval *e, const struct node *n, const struct tv **ret, struct err *err)
{
	const struct tv *source = n->source;
	struct tv_member *members = pool_alloc(e->plan->pool, (source->object.n + 1) * sizeof(*members));
	size_t n_members = 0;

	if (members == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < source->object.n; i++) {
		const struct tv_member *m = &source->object.members[i];
		struct tv_member *out = &members[n_members];
		struct path at = PATH_SPAN(n->path, m->name);

		if (!is_sent(m->name))
			continue;
		out->name = m->name;
		enum fault f = span_eq_nocase(m->name, SPAN_LIT("properties"))
				       ? eval_properties(e, n, m->value, &at, &out->value, err)
				       : eval_value(e, m->value, &at, &out->value, err);
		if (f != FAULT_NONE)
			return f;
		n_members++;
	}
	*ret = tv_object(e->plan->pool, members, n_members);
	return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
}

/* The sentence that Azure has for expressions that fail when their turn to be deployed has come. */
static enum fault frame_late(struct plan *p, enum fault f, const struct node *n, struct err *err)
{
	if (f != FAULT_INVALID || p->is_framed)
		return f;
	return err_say(err, f, "InvalidTemplate",
		       "Unable to process template language expressions for resource '%.*s' at line '%u' and column "
		       "'%u'. '%s'",
		       SPAN_ARG(n->r.id), n->source->line, n->source->column, err->message);
}

enum fault plan_body(struct plan *p, size_t i, const struct tv **ret, struct template_place *ret_place, struct err *err)
{
	const struct node *n = p->nodes[i];
	struct template_eval e = { .plan = p, .stage = EVAL_RUN, .loop = n->loop };
	struct err own = ERR_INIT;

	if (n->body != NULL) {
		*ret = n->body;
		return FAULT_NONE;
	}
	p->is_placed = p->is_framed = false;
	p->work = 0;
	err = err == NULL ? &own : err;
	enum fault f = frame_late(p, body_make(&e, n, ret, err), n, err);
	if (f != FAULT_NONE)
		plan_hide_secrets(p, err);
	if (f != FAULT_NONE && ret_place != NULL)
		*ret_place = p->is_placed ? p->place : n->r.place;
	return f;
}
