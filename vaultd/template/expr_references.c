#include "vaultd/template/expr.h"

#include "vaultd/template/fn_own.h"

/* A walk over the expressions of a value, as trees. */
struct tour {
	struct pool *pool;
	enum fault (*visit)(struct tour *t, const struct expr *x);
	const struct tv **ret_at;
	struct err *err;
	const struct tv *functions; /* expr_check */
	/* expr_references */
	const struct expr_env *env;
	enum fault (*each)(void *arg, struct span what);
	void *arg;
};

static enum fault tour_text(struct tour *t, struct span text)
{
	const struct expr *x = NULL;
	enum fault f;

	if (!expr_is(text))
		return FAULT_NONE;
	f = expr_parse(t->pool, expr_inside(text), &x, t->err);
	return f == FAULT_NONE ? t->visit(t, x) : f;
}

static enum fault tour_at(struct tour *t, struct span text, const struct tv *at)
{
	enum fault f = tour_text(t, text);

	if (f != FAULT_NONE && t->ret_at != NULL)
		*t->ret_at = at;
	return f;
}

static enum fault tour_value(struct tour *t, const struct tv *v);

static enum fault tour_object(struct tour *t, const struct tv *v)
{
	const struct tv *outer = t->functions;
	enum fault f = FAULT_NONE;

	/* The template of a nested deployment. */
	if (tv_get(v, "resources") != NULL && tv_get(v, "functions") != NULL)
		t->functions = tv_get(v, "functions");
	for (size_t i = 0; i < v->object.n && f == FAULT_NONE; i++) {
		f = tour_at(t, v->object.members[i].name, v);
		if (f == FAULT_NONE)
			f = tour_value(t, v->object.members[i].value);
	}
	t->functions = outer;
	return f;
}

static enum fault tour_value(struct tour *t, const struct tv *v)
{
	enum fault f = FAULT_NONE;

	switch (tv_type(v)) {
	case TV_NULL:
	case TV_BOOL:
	case TV_INT:
	case TV_NUMBER:
		break;
	case TV_STRING:
		f = tour_at(t, v->text, v);
		break;
	case TV_ARRAY:
		for (size_t i = 0; i < v->array.n && f == FAULT_NONE; i++)
			f = tour_value(t, v->array.items[i]);
		break;
	case TV_OBJECT:
		f = tour_object(t, v);
		break;
	}
	return f;
}

/* What may be within: arguments and indexes. */
static enum fault tour_parts(struct tour *t, const struct expr *x)
{
	enum fault f = FAULT_NONE;

	for (const struct expr *arg = x->args; arg != NULL && f == FAULT_NONE; arg = arg->next)
		f = t->visit(t, arg);
	return f;
}

static enum fault tour_indexes(struct tour *t, const struct expr *x)
{
	enum fault f = FAULT_NONE;

	for (const struct expr_access *a = x->accesses; a != NULL && f == FAULT_NONE; a = a->next) {
		if (a->index != NULL)
			f = t->visit(t, a->index);
	}
	return f;
}

static enum fault visit_check(struct tour *t, const struct expr *x)
{
	const struct fn *fn = NULL;
	enum fault f = FAULT_NONE;

	if (x->kind == EXPR_CALL)
		f = fn_own_is(x) ? fn_own_check(x, t->functions, t->err) : fn_check(x, &fn, t->err);
	if (f == FAULT_NONE)
		f = tour_parts(t, x);
	return f == FAULT_NONE ? tour_indexes(t, x) : f;
}

enum fault expr_check(struct pool *pool, const struct tv *v, const struct tv *functions, const struct tv **ret_at,
		      struct err *err)
{
	struct tour t = { .pool = pool, .visit = visit_check, .ret_at = ret_at, .err = err, .functions = functions };

	return tour_value(&t, v);
}

/* *ret is NULL when the expression cannot be evaluated yet. */
static enum fault try_eval(struct tour *t, const struct expr *x, const struct tv **ret)
{
	/* What a resource will be is not known before it is deployed. */
	struct expr_env env = *t->env;
	struct eval e = { .env = &env, .pool = env.pool, .err = NULL };
	enum fault f;

	env.reference = NULL;
	*ret = NULL;
	f = eval_expr(&e, x, ret);
	if (f == FAULT_MEMORY || f == FAULT_TOO_LARGE)
		return err_say(t->err, f, "", "the template is larger than a deployment may be");
	return FAULT_NONE;
}

/* Only the branch that is taken, when that is known. */
static enum fault visit_if(struct tour *t, const struct expr *x)
{
	const struct expr *condition = x->args;
	const struct tv *v = NULL;
	enum fault f = t->visit(t, condition);

	if (f == FAULT_NONE)
		f = try_eval(t, condition, &v);
	if (f != FAULT_NONE)
		return f;
	if (tv_type(v) == TV_BOOL)
		return t->visit(t, v->boolean ? condition->next : condition->next->next);
	f = t->visit(t, condition->next);
	return f == FAULT_NONE ? t->visit(t, condition->next->next) : f;
}

static enum fault visit_reference(struct tour *t, const struct expr *x)
{
	const struct tv *v = NULL;
	enum fault f = tour_parts(t, x);

	if (f == FAULT_NONE && x->args != NULL)
		f = try_eval(t, x->args, &v);
	if (f == FAULT_NONE && tv_type(v) == TV_STRING)
		f = t->each(t->arg, v->text);
	return f;
}

static enum fault visit_references(struct tour *t, const struct expr *x)
{
	enum fault f;

	if (x->kind != EXPR_CALL)
		f = FAULT_NONE;
	else if (span_eq_nocase(x->text, SPAN_LIT("reference")))
		f = visit_reference(t, x);
	else if (span_eq_nocase(x->text, SPAN_LIT("if")) && x->n_args == 3)
		f = visit_if(t, x);
	else
		f = tour_parts(t, x);
	return f == FAULT_NONE ? tour_indexes(t, x) : f;
}

enum fault expr_references(const struct expr_env *env, const struct tv *v,
			   enum fault (*each)(void *arg, struct span what), void *arg, struct err *err)
{
	struct tour t = {
		.pool = env->pool, .visit = visit_references, .err = err, .env = env, .each = each, .arg = arg
	};

	return tour_value(&t, v);
}
