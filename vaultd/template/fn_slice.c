#include "vaultd/template/fn.h"

#include "vaultd/template/fn_chars.h"

/* A part of a text or an array: n of it from start on, both cut to what there is. */
static enum fault slice(struct call *c, size_t start, size_t n, const struct tv **ret)
{
	const struct tv *v = c->args[0];
	struct span text;

	if (tv_type(v) == TV_ARRAY) {
		size_t left = start < v->array.n ? v->array.n - start : 0;

		return call_give(
			c, tv_array(c->pool, left == 0 ? v->array.items : v->array.items + start, n < left ? n : left),
			ret);
	}
	text = span_from(v->text, chars_offset(v->text, start));
	return call_give_text(c, span_first(text, chars_offset(text, n)), ret);
}

static enum fault check(struct call *c)
{
	if (tv_type(c->args[0]) == TV_ARRAY || tv_type(c->args[0]) == TV_STRING)
		return FAULT_NONE;
	return call_wrong_type(c, 0, "an array or a string");
}

/* The item itself; null of an empty array, nothing of an empty text. */
static enum fault end_of(struct call *c, bool is_last, const struct tv **ret)
{
	const struct tv *v = c->args[0];
	enum fault f = check(c);
	size_t n;

	if (f != FAULT_NONE)
		return f;
	n = tv_type(v) == TV_ARRAY ? v->array.n : chars_count(v->text);
	if (tv_type(v) == TV_STRING)
		return slice(c, is_last && n > 0 ? n - 1 : 0, 1, ret);
	if (n == 0)
		return call_give(c, tv_null(c->pool), ret);
	return call_give(c, v->array.items[is_last ? n - 1 : 0], ret);
}

static enum fault fn_first(struct call *c, const struct tv **ret)
{
	return end_of(c, false, ret);
}

static enum fault fn_last(struct call *c, const struct tv **ret)
{
	return end_of(c, true, ret);
}

static enum fault take_count(struct call *c, size_t *ret)
{
	int64_t n;
	enum fault f = check(c);

	if (f == FAULT_NONE)
		f = call_int(c, 1, &n);
	if (f == FAULT_NONE)
		*ret = n < 0 ? 0 : (size_t)n;
	return f;
}

static enum fault fn_take(struct call *c, const struct tv **ret)
{
	size_t n;
	enum fault f = take_count(c, &n);

	return f == FAULT_NONE ? slice(c, 0, n, ret) : f;
}

static enum fault fn_skip(struct call *c, const struct tv **ret)
{
	size_t n;
	enum fault f = take_count(c, &n);

	return f == FAULT_NONE ? slice(c, n, SIZE_MAX, ret) : f;
}

static const struct fn rows[] = {
	{ "first", 1, 1, fn_first, NULL, ARITY_COUNT },
	{ "last", 1, 1, fn_last, NULL, ARITY_COUNT },
	{ "take", 2, 2, fn_take, NULL, ARITY_COUNT },
	{ "skip", 2, 2, fn_skip, NULL, ARITY_COUNT },
};

const struct fn_table fn_slices = { rows, ARRAY_LEN(rows) };
