/* Values of a template, evaluated: the walk through them and what their expressions may ask. */

#include "vaultd/template/template_eval.h"

#include "vaultd/template/template_reference.h"

static enum fault ask_parameter(void *arg, struct span name, const struct tv **ret, struct err *err)
{
	struct template_eval *e = arg;

	return parameter_value(e->plan, name, ret, err);
}

static enum fault ask_variable(void *arg, struct span name, const struct tv **ret, struct err *err)
{
	struct template_eval *e = arg;

	if (e->is_default_value)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "The template function 'variables' is not expected at this location. Please see "
			       "https://aka.ms/arm-template-expressions for usage details.");
	return variable_value(e->plan, name, ret, err);
}

/* Without a name it is the resource's own loop, also inside the loop of a property. */
static const struct loop *loop_find(const struct loop *loop, struct span name)
{
	const struct loop *inner = loop;

	for (; loop != NULL; loop = loop->outer)
		if (name.len == 0 ? !loop->is_property : span_eq_nocase(loop->name, name))
			return loop;
	return name.len == 0 ? inner : NULL;
}

static enum fault ask_copy_index(void *arg, struct span name, int64_t *ret, struct err *err)
{
	const struct template_eval *e = arg;
	const struct loop *loop = loop_find(e->loop, name);

	if (loop == NULL)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "The template function 'copyIndex' is not expected at this location. The function can "
			       "only be used in a resource with copy specified. Please see https://aka.ms/arm-copy for "
			       "usage details.");
	*ret = loop->index;
	return FAULT_NONE;
}

static enum fault ask_reference(void *arg, struct span what, struct span version, const struct tv **ret,
				struct err *err)
{
	const struct template_eval *e = arg;

	return e->stage == EVAL_CHECK ? reference_check(e->plan, what, version, err)
				      : reference_get(e->plan, what, version, ret, err);
}

static struct expr_env env_of(struct template_eval *e)
{
	return (struct expr_env){
		.pool = e->plan->pool,
		.facts = &e->plan->in.facts,
		.is_default_value = e->is_default_value,
		.work = &e->plan->work,
		.functions = tv_get(e->plan->in.template, "functions"),
		.arg = e,
		.parameter = ask_parameter,
		.variable = ask_variable,
		.copy_index = ask_copy_index,
		.reference = e->stage == EVAL_FIXED ? NULL : ask_reference,
	};
}

/* FAULT_UNAVAILABLE is how reference_check says that the answer is not there yet. */
static enum fault eval_text(struct template_eval *e, const struct tv *v, const struct path *at, const struct tv **ret,
			    struct err *err)
{
	struct expr_env env = env_of(e);
	bool was_placed = e->plan->is_placed, was_framed = e->plan->is_framed;
	enum fault f = expr_eval(&env, v, ret, NULL, err);

	if (f == FAULT_UNAVAILABLE && e->stage == EVAL_CHECK) {
		e->is_pending = true;
		*ret = tv_null(e->plan->pool);
		f = *ret == NULL ? FAULT_MEMORY : expr_references(&env, v, e->each, e->arg, err);
	}
	if (f != FAULT_NONE) {
		plan_place(e->plan, v, at);
		return f;
	}
	/* A fault that the expression got over is none. */
	e->plan->is_placed = was_placed;
	e->plan->is_framed = was_framed;
	return FAULT_NONE;
}

static enum fault eval_array(struct template_eval *e, const struct tv *v, const struct path *at, const struct tv **ret,
			     struct err *err)
{
	const struct tv **items = pool_alloc(e->plan->pool, (v->array.n + 1) * sizeof(struct tv *));

	if (items == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < v->array.n; i++) {
		struct path here = PATH_ITEM(at, i);
		enum fault f = eval_value(e, v->array.items[i], &here, &items[i], err);

		if (f != FAULT_NONE)
			return f;
	}
	*ret = tv_array(e->plan->pool, items, v->array.n);
	return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
}

/* A list of loops, not a property that only has that name. */
static bool is_copy_list(const struct tv_member *m)
{
	if (!span_eq_nocase(m->name, SPAN_LIT("copy")) || tv_type(m->value) != TV_ARRAY || m->value->array.n == 0)
		return false;
	for (size_t i = 0; i < m->value->array.n; i++)
		if (tv_type(tv_get(m->value->array.items[i], "name")) != TV_STRING ||
		    tv_get(m->value->array.items[i], "count") == NULL ||
		    tv_get(m->value->array.items[i], "input") == NULL)
			return false;
	return true;
}

static size_t members_after(const struct tv *v)
{
	size_t n = v->object.n;

	for (size_t i = 0; i < v->object.n; i++)
		if (is_copy_list(&v->object.members[i]))
			n += v->object.members[i].value->array.n - 1;
	return n;
}

static enum fault eval_copy_list(struct template_eval *e, const struct tv *list, const struct path *at,
				 struct tv_member *out, struct err *err)
{
	for (size_t i = 0; i < list->array.n; i++) {
		const struct tv *copy = list->array.items[i];
		struct path here = PATH_ITEM(at, i);

		out[i].name = tv_text(tv_get(copy, "name"));
		enum fault f = eval_copy(e, copy, out[i].name, true, &here, &out[i].value, err);
		if (f != FAULT_NONE)
			return f;
	}
	return FAULT_NONE;
}

static enum fault eval_name(struct template_eval *e, const struct tv_member *m, const struct path *at, struct span *ret,
			    struct err *err)
{
	const struct tv *text, *name = NULL;

	*ret = m->name;
	if (m->name.len == 0 || m->name.p[0] != '[')
		return FAULT_NONE;
	text = tv_string(e->plan->pool, m->name);
	if (text == NULL)
		return FAULT_MEMORY;
	enum fault f = eval_text(e, text, at, &name, err);
	if (f == FAULT_NONE && tv_type(name) == TV_STRING)
		*ret = name->text;
	else if (f == FAULT_NONE && !e->is_pending)
		f = err_say(err, FAULT_INVALID, "InvalidTemplate",
			    "The name of a property must be of type 'String', but '%.*s' is of type '%s'",
			    SPAN_ARG(m->name), tv_type_word(tv_type(name)));
	if (f != FAULT_NONE)
		plan_place(e->plan, m->value, at);
	return f;
}

static enum fault eval_object(struct template_eval *e, const struct tv *v, const struct path *at, const struct tv **ret,
			      struct err *err)
{
	struct tv_member *out = pool_alloc(e->plan->pool, (members_after(v) + 1) * sizeof(*out));
	enum fault f = out == NULL ? FAULT_MEMORY : FAULT_NONE;
	size_t n = 0;

	for (size_t i = 0; f == FAULT_NONE && i < v->object.n; i++) {
		const struct tv_member *m = &v->object.members[i];
		struct path here = PATH_SPAN(at, m->name);

		if (is_copy_list(m)) {
			f = eval_copy_list(e, m->value, &here, out + n, err);
			n += m->value->array.n;
			continue;
		}
		f = eval_name(e, m, &here, &out[n].name, err);
		if (f == FAULT_NONE)
			f = eval_value(e, m->value, &here, &out[n].value, err);
		n++;
	}
	if (f != FAULT_NONE)
		return f;
	*ret = tv_object(e->plan->pool, out, n);
	return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
}

enum fault eval_value(struct template_eval *e, const struct tv *v, const struct path *at, const struct tv **ret,
		      struct err *err)
{
	switch (tv_type(v)) {
	case TV_STRING:
		if (v->text.len > 0 && v->text.p[0] == '[')
			return eval_text(e, v, at, ret, err);
		break;
	case TV_ARRAY:
		return eval_array(e, v, at, ret, err);
	case TV_OBJECT:
		return eval_object(e, v, at, ret, err);
	case TV_NULL:
	case TV_BOOL:
	case TV_INT:
	case TV_NUMBER:
		break;
	}
	*ret = v;
	return FAULT_NONE;
}
