#include "vaultd/template/fn.h"

#include <inttypes.h>

#include "common/plain/text.h"

struct operands {
	int64_t a, b;
};

static enum fault take(struct call *c, struct operands *ret)
{
	enum fault f = call_int(c, 0, &ret->a);

	return f == FAULT_NONE ? call_int(c, 1, &ret->b) : f;
}

/* "operants" is the service's own spelling. Source: fixtures/sources.md#templates */
static enum fault give(struct call *c, const struct operands *o, bool is_over, int64_t v, const struct tv **ret)
{
	if (is_over)
		return err_say(c->err, FAULT_INVALID, "",
			       "The template language function '%s' overflowed with the operants '%" PRId64
			       "' and '%" PRId64 "'. Please see https://aka.ms/arm-functions for usage details.",
			       c->name, o->a, o->b);
	return call_give(c, tv_int(c->pool, v), ret);
}

typedef bool overflowing(int64_t a, int64_t b, int64_t *ret);

static bool add(int64_t a, int64_t b, int64_t *ret)
{
	return __builtin_add_overflow(a, b, ret);
}

static bool sub(int64_t a, int64_t b, int64_t *ret)
{
	return __builtin_sub_overflow(a, b, ret);
}

static bool mul(int64_t a, int64_t b, int64_t *ret)
{
	return __builtin_mul_overflow(a, b, ret);
}

static enum fault calculate(struct call *c, overflowing *how, const struct tv **ret)
{
	struct operands o;
	int64_t v = 0;
	bool is_over;
	enum fault f = take(c, &o);

	if (f != FAULT_NONE)
		return f;
	is_over = how(o.a, o.b, &v);
	return give(c, &o, is_over, v, ret);
}

static enum fault fn_add(struct call *c, const struct tv **ret)
{
	return calculate(c, add, ret);
}

static enum fault fn_sub(struct call *c, const struct tv **ret)
{
	return calculate(c, sub, ret);
}

static enum fault fn_mul(struct call *c, const struct tv **ret)
{
	return calculate(c, mul, ret);
}

/* The smallest integer divided by -1 has no result. */
static enum fault take_divisor(struct call *c, struct operands *ret, bool *ret_is_over)
{
	enum fault f = take(c, ret);

	if (f != FAULT_NONE)
		return f;
	if (ret->b == 0)
		return call_refuse(c, "the divisor must not be zero");
	*ret_is_over = ret->a == INT64_MIN && ret->b == -1;
	return FAULT_NONE;
}

static enum fault fn_div(struct call *c, const struct tv **ret)
{
	struct operands o;
	bool is_over = false;
	enum fault f = take_divisor(c, &o, &is_over);

	return f == FAULT_NONE ? give(c, &o, is_over, is_over ? 0 : o.a / o.b, ret) : f;
}

static enum fault fn_mod(struct call *c, const struct tv **ret)
{
	struct operands o;
	bool is_over = false;
	enum fault f = take_divisor(c, &o, &is_over);

	return f == FAULT_NONE ? give(c, &o, false, is_over ? 0 : o.a % o.b, ret) : f;
}

/* The digits before the point of what is no integer. */
static enum fault whole_part(struct call *c, struct span text, const struct tv **ret)
{
	struct span whole;
	int64_t v;

	span_cut(text, '.', &whole);
	if (memchr(text.p, 'e', text.len) != NULL || memchr(text.p, 'E', text.len) != NULL ||
	    int_parse(whole, &v) != FAULT_NONE)
		return call_refuse(c, "the value '%.*s' is no integer of 64 bits", SPAN_ARG(span_first(text, 100)));
	return call_give(c, tv_int(c->pool, v), ret);
}

static enum fault fn_int(struct call *c, const struct tv **ret)
{
	const struct tv *v = c->args[0];
	int64_t i;

	if (tv_type(v) == TV_INT)
		return call_give(c, v, ret);
	if (tv_type(v) == TV_NUMBER)
		return whole_part(c, v->text, ret);
	if (tv_type(v) != TV_STRING)
		return call_wrong_type(c, 0, "a string or an integer");
	if (int_parse(span_trim(v->text), &i) != FAULT_NONE)
		return call_refuse(c, "the value '%.*s' is no integer of 64 bits", SPAN_ARG(span_first(v->text, 100)));
	return call_give(c, tv_int(c->pool, i), ret);
}

/* Of the arguments, or of the one array. */
static enum fault extreme(struct call *c, bool is_max, const struct tv **ret)
{
	const struct tv *only = c->n == 1 && tv_type(c->args[0]) == TV_ARRAY ? c->args[0] : NULL;
	const struct tv **items = only == NULL ? c->args : only->array.items;
	size_t n = only == NULL ? c->n : only->array.n;
	const struct tv *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (tv_type(items[i]) != TV_INT)
			return call_wrong_type(c, only == NULL ? i : 0, "an integer or an array of integers");
		if (best == NULL ||
		    (items[i]->integer != best->integer && (items[i]->integer > best->integer) == is_max))
			best = items[i];
	}
	if (best == NULL)
		return call_refuse(c, "the array must not be empty");
	return call_give(c, best, ret);
}

static enum fault fn_min(struct call *c, const struct tv **ret)
{
	return extreme(c, false, ret);
}

static enum fault fn_max(struct call *c, const struct tv **ret)
{
	return extreme(c, true, ret);
}

static const struct fn rows[] = {
	{ "add", 2, 2, fn_add, NULL, ARITY_COUNT },
	{ "sub", 2, 2, fn_sub, NULL, ARITY_COUNT },
	{ "mul", 2, 2, fn_mul, NULL, ARITY_COUNT },
	{ "div", 2, 2, fn_div, NULL, ARITY_COUNT },
	{ "mod", 2, 2, fn_mod, NULL, ARITY_COUNT },
	{ "int", 1, 1, fn_int, NULL, ARITY_ONLY_ONE },
	{ "min", 1, FN_ANY, fn_min, NULL, ARITY_AT_LEAST_ONE },
	{ "max", 1, FN_ANY, fn_max, NULL, ARITY_AT_LEAST_ONE },
};

const struct fn_table fn_numbers = { rows, ARRAY_LEN(rows) };
