#include "vaultd/template/fn.h"

#include "common/plain/text.h"

/* The branch that is not taken is not evaluated: it may refer to what is not deployed. */
static enum fault fn_if(struct eval *e, const struct expr *call, const struct tv **ret)
{
	bool is_true = false;
	enum fault f = eval_condition(e, call, call->args, &is_true);

	if (f != FAULT_NONE)
		return f;
	return eval_expr(e, is_true ? call->args->next : call->args->next->next, ret);
}

/* Up to the first that decides. */
static enum fault decide(struct eval *e, const struct expr *call, bool decisive, const struct tv **ret)
{
	bool is_true = !decisive;
	enum fault f = FAULT_NONE;

	for (const struct expr *x = call->args; x != NULL && is_true != decisive && f == FAULT_NONE; x = x->next)
		f = eval_condition(e, call, x, &is_true);
	return f == FAULT_NONE ? eval_give(e, tv_bool(e->pool, is_true), ret) : f;
}

static enum fault fn_and(struct eval *e, const struct expr *call, const struct tv **ret)
{
	return decide(e, call, false, ret);
}

static enum fault fn_or(struct eval *e, const struct expr *call, const struct tv **ret)
{
	return decide(e, call, true, ret);
}

/* The first that is not null. */
static enum fault fn_coalesce(struct eval *e, const struct expr *call, const struct tv **ret)
{
	const struct tv *v = NULL;
	enum fault f = FAULT_NONE;

	for (const struct expr *x = call->args; x != NULL && tv_type(v) == TV_NULL && f == FAULT_NONE; x = x->next)
		f = eval_expr(e, x, &v);
	return f == FAULT_NONE ? eval_give(e, v, ret) : f;
}

static enum fault fn_not(struct call *c, const struct tv **ret)
{
	if (tv_type(c->args[0]) != TV_BOOL)
		return call_wrong_type(c, 0, "of type 'Boolean'");
	return call_give(c, tv_bool(c->pool, !c->args[0]->boolean), ret);
}

static enum fault fn_equals(struct call *c, const struct tv **ret)
{
	enum fault f = call_spend(c, c->args[0]->weight);

	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, tv_equal(c->args[0], c->args[1])), ret) : f;
}

/* Below, at or above 0. Texts compare byte by byte. */
static enum fault compare(struct call *c, int *ret)
{
	const struct tv *a = c->args[0], *b = c->args[1];

	if (tv_type(a) == TV_INT && tv_type(b) == TV_INT) {
		*ret = (a->integer > b->integer) - (a->integer < b->integer);
		return FAULT_NONE;
	}
	if (tv_type(a) == TV_STRING && tv_type(b) == TV_STRING) {
		size_t n = a->text.len < b->text.len ? a->text.len : b->text.len;
		int order = n == 0 ? 0 : memcmp(a->text.p, b->text.p, n);

		*ret = order != 0 ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
		return FAULT_NONE;
	}
	return err_say(c->err, FAULT_INVALID, "",
		       "The template language function '%s' expects two parameters of matching types: both integers or "
		       "both strings. The provided types are '%s' and '%s'. Please see https://aka.ms/arm-functions#%s "
		       "for usage details.",
		       c->name, tv_type_word(tv_type(a)), tv_type_word(tv_type(b)), c->name);
}

static enum fault fn_less(struct call *c, const struct tv **ret)
{
	int order = 0;
	enum fault f = compare(c, &order);

	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, order < 0), ret) : f;
}

static enum fault fn_less_or_equals(struct call *c, const struct tv **ret)
{
	int order = 0;
	enum fault f = compare(c, &order);

	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, order <= 0), ret) : f;
}

static enum fault fn_greater(struct call *c, const struct tv **ret)
{
	int order = 0;
	enum fault f = compare(c, &order);

	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, order > 0), ret) : f;
}

static enum fault fn_greater_or_equals(struct call *c, const struct tv **ret)
{
	int order = 0;
	enum fault f = compare(c, &order);

	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, order >= 0), ret) : f;
}

static enum fault fn_bool(struct call *c, const struct tv **ret)
{
	const struct tv *v = c->args[0];

	if (tv_type(v) == TV_BOOL)
		return call_give(c, v, ret);
	if (tv_type(v) == TV_INT)
		return call_give(c, tv_bool(c->pool, v->integer != 0), ret);
	if (tv_type(v) != TV_STRING)
		return call_wrong_type(c, 0, "a string or an integer");
	if (span_eq_nocase(v->text, SPAN_LIT("true")) || span_eq_cstr(v->text, "1"))
		return call_give(c, tv_bool(c->pool, true), ret);
	if (span_eq_nocase(v->text, SPAN_LIT("false")) || span_eq_cstr(v->text, "0"))
		return call_give(c, tv_bool(c->pool, false), ret);
	return call_refuse(c, "the value '%.*s' is no boolean", SPAN_ARG(span_first(v->text, 100)));
}

static enum fault fn_true(struct call *c, const struct tv **ret)
{
	return call_give(c, tv_bool(c->pool, true), ret);
}

static enum fault fn_false(struct call *c, const struct tv **ret)
{
	return call_give(c, tv_bool(c->pool, false), ret);
}

static enum fault fn_null(struct call *c, const struct tv **ret)
{
	return call_give(c, tv_null(c->pool), ret);
}

static const struct fn rows[] = {
	{ "if", 3, 3, NULL, fn_if, ARITY_COUNT },
	{ "and", 2, FN_ANY, NULL, fn_and, ARITY_COUNT },
	{ "or", 2, FN_ANY, NULL, fn_or, ARITY_COUNT },
	{ "coalesce", 1, FN_ANY, NULL, fn_coalesce, ARITY_AT_LEAST_ONE },
	{ "not", 1, 1, fn_not, NULL, ARITY_ONLY_ONE },
	{ "equals", 2, 2, fn_equals, NULL, ARITY_COUNT },
	{ "less", 2, 2, fn_less, NULL, ARITY_COUNT },
	{ "lessOrEquals", 2, 2, fn_less_or_equals, NULL, ARITY_COUNT },
	{ "greater", 2, 2, fn_greater, NULL, ARITY_COUNT },
	{ "greaterOrEquals", 2, 2, fn_greater_or_equals, NULL, ARITY_COUNT },
	{ "bool", 1, 1, fn_bool, NULL, ARITY_ONLY_ONE },
	{ "true", 0, 0, fn_true, NULL, ARITY_COUNT },
	{ "false", 0, 0, fn_false, NULL, ARITY_COUNT },
	{ "null", 0, 0, fn_null, NULL, ARITY_COUNT },
};

const struct fn_table fn_logic = { rows, ARRAY_LEN(rows) };
