#include "vaultd/template/expr.h"

#include <inttypes.h>

#include "vaultd/template/fn_own.h"

enum { NAMES_SHOWN_MAX = 1024 };

enum fault eval_give(struct eval *e, const struct tv *made, const struct tv **ret)
{
	if (made == NULL)
		return err_say(e->err, FAULT_TOO_LARGE, "", "the template is larger than a deployment may be");
	*ret = made;
	return FAULT_NONE;
}

enum fault eval_spend(struct eval *e, uint64_t steps)
{
	uint64_t *work = e->env->work != NULL ? e->env->work : &e->work;

	if (steps > EVAL_WORK_MAX - *work)
		return err_say(e->err, FAULT_TOO_LARGE, "",
			       "the expressions of the template take more work than they may");
	*work += steps;
	return FAULT_NONE;
}

enum fault eval_condition(struct eval *e, const struct expr *call, const struct expr *x, bool *ret)
{
	const struct tv *v = NULL;
	enum fault f = eval_expr(e, x, &v);

	if (f != FAULT_NONE)
		return f;
	if (tv_type(v) != TV_BOOL)
		return err_say(
			e->err, FAULT_INVALID, "",
			"The template language function '%.*s' expects its parameter to be of type 'Boolean'. The "
			"provided value is of type '%s'. Please see https://aka.ms/arm-functions#%.*s for usage "
			"details.",
			SPAN_ARG(span_first(call->text, 100)), tv_type_word(tv_type(v)),
			SPAN_ARG(span_first(call->text, 100)));
	*ret = v->boolean;
	return FAULT_NONE;
}

static enum fault no_property(struct eval *e, const struct tv *of, struct span name)
{
	SCOPED_DONE(buf) struct buf names = BUF_INIT(NAMES_SHOWN_MAX);

	for (size_t i = 0; i < of->object.n && names.fault == FAULT_NONE; i++) {
		if (i > 0)
			buf_put_cstr(&names, ", ");
		buf_put_span(&names, of->object.members[i].name);
	}
	return err_say(e->err, FAULT_INVALID, "",
		       "The language expression property '%.*s' doesn't exist, available properties are '%s'.",
		       SPAN_ARG(span_first(name, 256)), buf_cstr(&names));
}

enum fault eval_member(struct eval *e, const struct tv *of, const struct tv *index, const struct tv **ret)
{
	enum tv_type of_type = tv_type(of), index_type = tv_type(index);

	if (of_type == TV_OBJECT && index_type == TV_STRING) {
		const struct tv *found = tv_get_span(of, index->text);
		enum fault f = eval_spend(e, (uint64_t)of->object.n * (1 + index->text.len / 4));

		if (f != FAULT_NONE)
			return f;
		if (found == NULL)
			return no_property(e, of, index->text);
		*ret = found;
		return FAULT_NONE;
	}
	if (of_type == TV_ARRAY && index_type == TV_INT) {
		if (index->integer < 0 || (uint64_t)index->integer >= of->array.n)
			return err_say(e->err, FAULT_INVALID, "",
				       "The language expression property array index '%" PRId64 "' is out of bounds.",
				       index->integer);
		*ret = of->array.items[index->integer];
		return FAULT_NONE;
	}
	if (of_type == TV_ARRAY || of_type == TV_OBJECT)
		return err_say(
			e->err, FAULT_INVALID, "",
			"The language expression property of type '%s' can't be evaluated: property name must be a "
			"string of an object or an integer of an array.",
			tv_type_word(index_type));
	if (index_type == TV_INT)
		return err_say(e->err, FAULT_INVALID, "",
			       "The language expression property '%" PRId64 "' can't be evaluated.", index->integer);
	return err_say(e->err, FAULT_INVALID, "", "The language expression property '%.*s' can't be evaluated.",
		       SPAN_ARG(span_first(tv_text(index), 256)));
}

static enum fault eval_args(struct eval *e, const struct expr *call, const struct tv ***ret)
{
	const struct tv **args = pool_alloc(e->pool, call->n_args * sizeof(const struct tv *));
	size_t n = 0;
	enum fault f = FAULT_NONE;

	if (args == NULL)
		return eval_give(e, NULL, NULL);
	for (const struct expr *x = call->args; x != NULL && f == FAULT_NONE; x = x->next)
		f = eval_expr(e, x, &args[n++]);
	if (f == FAULT_NONE)
		*ret = args;
	return f;
}

/* Most functions look at all of what they are given, once; those that look more often say so themselves. */
static enum fault spend_args(struct eval *e, const struct tv *const *args, size_t n)
{
	uint64_t steps = 0;

	for (size_t i = 0; i < n; i++)
		switch (tv_type(args[i])) {
		case TV_STRING:
			steps += args[i]->text.len / 2;
			break;
		case TV_ARRAY:
			steps += args[i]->array.n / 2;
			break;
		case TV_OBJECT:
			steps += args[i]->object.n / 2;
			break;
		case TV_NULL:
		case TV_BOOL:
		case TV_INT:
		case TV_NUMBER:
			break;
		}
	return eval_spend(e, steps);
}

static enum fault eval_call(struct eval *e, const struct expr *x, const struct tv **ret)
{
	const struct fn *fn = NULL;
	struct call c = { .eval = e, .pool = e->pool, .env = e->env, .n = x->n_args, .err = e->err };
	enum fault f = fn_own_is(x) ? fn_own_check(x, e->env->functions, e->err) : fn_check(x, &fn, e->err);

	if (f == FAULT_NONE)
		f = eval_spend(e, 1 + x->n_args);
	if (f != FAULT_NONE)
		return f;
	if (fn != NULL && fn->lazy != NULL)
		return fn->lazy(e, x, ret);
	f = eval_args(e, x, &c.args);
	if (f == FAULT_NONE)
		f = spend_args(e, c.args, c.n);
	if (f != FAULT_NONE)
		return f;
	if (fn == NULL)
		return fn_own_call(e, x, c.args, ret);
	c.name = fn->name;
	return fn->call(&c, ret);
}

static enum fault eval_whole(struct eval *e, const struct expr *x, const struct tv **ret)
{
	switch (x->kind) {
	case EXPR_STRING:
		return eval_give(e, tv_string(e->pool, x->text), ret);
	case EXPR_INT:
		return eval_give(e, tv_int(e->pool, x->integer), ret);
	case EXPR_CALL:
		return eval_call(e, x, ret);
	}
	return FAULT_INVALID;
}

enum fault eval_expr(struct eval *e, const struct expr *x, const struct tv **ret)
{
	const struct tv *v = NULL, *index = NULL;
	enum fault f;

	/* Trees are never this deep; lambdas within lambdas could be. */
	if (e->depth == 2 * EXPR_DEPTH_MAX)
		return err_say(e->err, FAULT_INVALID, "", "an expression of the template is nested too deep");
	e->depth++;
	f = eval_whole(e, x, &v);
	for (const struct expr_access *a = x->accesses; a != NULL && f == FAULT_NONE; a = a->next) {
		if (a->index != NULL)
			f = eval_expr(e, a->index, &index);
		else
			f = eval_give(e, tv_string(e->pool, a->name), &index);
		if (f == FAULT_NONE)
			f = eval_member(e, v, index, &v);
	}
	e->depth--;
	if (f == FAULT_NONE)
		*ret = v == NULL ? tv_null(e->pool) : v;
	return f == FAULT_NONE && *ret == NULL ? eval_give(e, NULL, ret) : f;
}
