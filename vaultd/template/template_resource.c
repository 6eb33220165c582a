#include "vaultd/template/template_resource.h"

#include <stdio.h>

static const char SEE[] = "Please see https://aka.ms/arm-syntax-resources for usage details.";

/* One resource being read. */
struct reader {
	struct plan *plan;
	const struct resource_source *s;
	struct template_eval eval;
	struct node *node;
	struct span shown_name; /* as written, then as evaluated */
	struct err *err;
};

/* A member with its expressions evaluated; NULL when it is not there. */
static enum fault read_value(struct reader *r, const char *member, const struct tv **ret)
{
	const struct tv *v = tv_get(r->s->source, member);
	struct path at = PATH_SPAN(r->s->path, span_cstr(member));

	*ret = NULL;
	if (v == NULL)
		return FAULT_NONE;
	enum fault f = eval_value(&r->eval, v, &at, ret, r->err);
	return plan_frame_node(r->plan, f, r->s->source, r->shown_name, r->err);
}

static enum fault read_text(struct reader *r, const char *member, struct span *ret)
{
	const struct tv *v;
	enum fault f = read_value(r, member, &v);

	*ret = tv_text(v);
	return f;
}

static enum fault refuse_empty(struct reader *r, const char *member, const char *shown)
{
	const struct tv *source = r->s->source, *v = tv_get(source, member);
	struct path at = PATH_SPAN(r->s->path, span_cstr(member));

	return plan_refuse(r->plan, v == NULL ? source : v, v == NULL ? r->s->path : &at, r->err,
			   "The template resource '%.*s' at line '%u' and column '%u' is not valid. The %s property "
			   "cannot be null or empty. %s",
			   SPAN_ARG(r->shown_name), source->line, source->column, shown, SEE);
}

static enum fault read_condition(struct reader *r)
{
	const struct tv *v;
	struct path at = PATH_NAME(r->s->path, "condition");
	enum fault f = read_value(r, "condition", &v);

	if (f != FAULT_NONE || v == NULL)
		return f;
	if (v->type != TV_BOOL)
		return plan_refuse(r->plan, tv_get(r->s->source, "condition"), &at, r->err,
				   "The template resource '%.*s' at line '%u' and column '%u' is not valid. The "
				   "condition must be of type 'Boolean', but is of type '%s'. %s",
				   SPAN_ARG(r->shown_name), r->s->source->line, r->s->source->column,
				   tv_type_word(v->type), SEE);
	r->node->r.is_left_out = !v->boolean;
	return FAULT_NONE;
}

static enum fault check_segments(struct reader *r, struct span type, struct span name)
{
	const struct tv *at_type = tv_get(r->s->source, "type");
	struct path at = PATH_NAME(r->s->path, "type");
	size_t names = segments_count(name) + (r->s->parent == NULL ? 1 : 0);

	if (segments_count(type) == names && names > (r->s->parent == NULL ? 1 : 0))
		return FAULT_NONE;
	return plan_refuse(r->plan, at_type, &at, r->err,
			   "The template resource '%.*s' for type '%.*s' at line '%u' and column '%u' has incorrect "
			   "segment lengths. A nested resource type must have identical number of segments as its "
			   "resource name. A root resource type must have segment length one greater than its resource "
			   "name. %s",
			   SPAN_ARG(name), SPAN_ARG(type), at_type->line, at_type->column, SEE);
}

/* A child's type and name continue its parent's. */
static struct span below(struct plan *p, struct span parent, struct span child)
{
	size_t room = parent.len + 1 + child.len;
	char *text = pool_alloc(p->pool, room + 1);

	if (text == NULL)
		return (struct span){ NULL, 0 };
	snprintf(text, room + 1, "%.*s/%.*s", SPAN_ARG(parent), SPAN_ARG(child));
	return span_of(text, room);
}

static enum fault read_type_and_name(struct reader *r)
{
	const struct node *parent = r->s->parent;
	struct span type, name;
	enum fault f = read_text(r, "name", &name);

	if (f != FAULT_NONE)
		return f;
	r->shown_name = name;
	if (name.len == 0)
		return refuse_empty(r, "name", "name");
	f = read_text(r, "type", &type);
	if (f == FAULT_NONE && type.len == 0)
		f = refuse_empty(r, "type", "type");
	if (f == FAULT_NONE)
		f = check_segments(r, type, name);
	if (f != FAULT_NONE)
		return f;
	r->node->r.type = parent == NULL ? type : below(r->plan, parent->r.type, type);
	r->node->r.name = parent == NULL ? name : below(r->plan, parent->r.name, name);
	return r->node->r.type.p == NULL || r->node->r.name.p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault read_version(struct reader *r)
{
	enum fault f = read_text(r, "apiVersion", &r->node->r.api_version);

	/* A profile stands for a list of versions; which ones is not imitated. */
	if (f == FAULT_NONE && r->node->r.api_version.len == 0 && tv_get(r->plan->in.template, "apiProfile") == NULL)
		f = refuse_empty(r, "apiVersion", "apiVersion");
	return f;
}

static enum fault read_id(struct reader *r)
{
	struct node_scope scope = { SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY };
	enum fault f = read_text(r, "scope", &scope.scope);

	if (f == FAULT_NONE)
		f = read_text(r, "subscriptionId", &scope.subscription);
	if (f == FAULT_NONE)
		f = read_text(r, "resourceGroup", &scope.group);
	if (f != FAULT_NONE)
		return f;
	if (r->s->parent != NULL && scope.scope.len == 0)
		scope.scope = node_scope_of(r->s->parent);
	return node_identify(r->plan, r->node, &scope);
}

static enum fault refuse_twice(struct reader *r)
{
	const struct tv *source = r->s->source;

	return plan_refuse(r->plan, source, r->s->path, r->err,
			   "The resource '%.*s' at line '%u' and column '%u' is defined multiple times in a template. "
			   "%s",
			   SPAN_ARG(r->node->relative), source->line, source->column, SEE);
}

static struct node *node_new(struct plan *p, const struct resource_source *s)
{
	const struct tv *existing = tv_get(s->source, "existing");
	struct node *n = pool_alloc(p->pool, sizeof(*n));

	if (n == NULL)
		return NULL;
	*n = (struct node){ .source = s->source, .loop = s->loop, .path = s->path };
	n->r.symbol = s->symbol;
	n->r.is_existing = tv_type(existing) == TV_BOOL && existing->boolean;
	n->r.place = (struct template_place){ s->source->line, s->source->column, path_text(p->pool, s->path) };
	return n;
}

enum fault resource_add(struct plan *p, const struct resource_source *s, const struct node **ret, struct err *err)
{
	struct reader r = { .plan = p, .s = s, .err = err, .shown_name = tv_text(tv_get(s->source, "name")) };

	r.eval = (struct template_eval){ .plan = p, .stage = EVAL_FIXED, .loop = s->loop };
	r.node = node_new(p, s);
	if (r.node == NULL)
		return FAULT_MEMORY;
	enum fault f = read_type_and_name(&r);
	if (f == FAULT_NONE)
		f = read_version(&r);
	if (f == FAULT_NONE)
		f = read_condition(&r);
	if (f == FAULT_NONE)
		f = read_id(&r);
	if (f == FAULT_NONE && node_is_deployed(r.node) && node_is_there(p, r.node))
		f = refuse_twice(&r);
	if (f == FAULT_NONE)
		f = node_enlist(p, r.node, s->copy_name);
	*ret = r.node;
	return f;
}
