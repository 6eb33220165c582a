#include "vaultd/template/fn.h"

#include "vaultd/template/fn_chars.h"

enum { RANGE_COUNT_MAX = 10000, RANGE_END_MAX = 2147483647 };

/* The arguments are the items. */
static enum fault fn_create_array(struct call *c, const struct tv **ret)
{
	return call_give(c, tv_array(c->pool, c->args, c->n), ret);
}

static enum fault fn_array_of(struct call *c, const struct tv **ret)
{
	if (tv_type(c->args[0]) == TV_ARRAY)
		return call_give(c, c->args[0], ret);
	return fn_create_array(c, ret);
}

static enum fault fn_range(struct call *c, const struct tv **ret)
{
	const struct tv **items;
	int64_t start, n;
	enum fault f = call_int(c, 0, &start);

	if (f == FAULT_NONE)
		f = call_int(c, 1, &n);
	if (f != FAULT_NONE)
		return f;
	if (n < 0 || n > RANGE_COUNT_MAX || start > RANGE_END_MAX - n || start < -RANGE_END_MAX)
		return call_refuse(c, "the count must be between 0 and %d, and no number beyond %d", RANGE_COUNT_MAX,
				   RANGE_END_MAX);
	items = pool_alloc(c->pool, (size_t)n * sizeof(const struct tv *));
	if (items == NULL)
		return call_give(c, NULL, ret);
	for (int64_t i = 0; i < n && f == FAULT_NONE; i++)
		f = call_give(c, tv_int(c->pool, start + i), &items[i]);
	return f == FAULT_NONE ? call_give(c, tv_array(c->pool, items, (size_t)n), ret) : f;
}

static enum fault contains_text(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf part = BUF_INIT(FN_TEXT_MAX);
	const struct tv *text = c->args[0];
	struct span wanted;
	bool is_in;

	if (!fn_is_primitive(c->args[1]) || tv_type(c->args[1]) == TV_NULL)
		return call_wrong_type(c, 1, "of type 'String'");
	fn_put_text(&part, c->args[1]);
	wanted = buf_span(&part);
	is_in = wanted.len == 0 || memmem(text->text.p, text->text.len, wanted.p, wanted.len) != NULL;
	return call_give(c, tv_bool(c->pool, is_in), ret);
}

static enum fault contains_item(struct call *c, const struct tv **ret)
{
	const struct tv *array = c->args[0];
	bool is_in = false;
	enum fault f = call_spend(c, array->weight);

	for (size_t i = 0; i < array->array.n && !is_in; i++)
		is_in = tv_equal(array->array.items[i], c->args[1]);
	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, is_in), ret) : f;
}

static enum fault contains_name(struct call *c, const struct tv **ret)
{
	struct span name;
	enum fault f = call_text(c, 1, &name);

	if (f == FAULT_NONE)
		f = call_spend(c, c->args[0]->object.n);
	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, tv_get_span(c->args[0], name) != NULL), ret) : f;
}

static enum fault fn_contains(struct call *c, const struct tv **ret)
{
	if (tv_type(c->args[0]) == TV_STRING)
		return contains_text(c, ret);
	if (tv_type(c->args[0]) == TV_ARRAY)
		return contains_item(c, ret);
	if (tv_type(c->args[0]) == TV_OBJECT)
		return contains_name(c, ret);
	return call_wrong_type(c, 0, "an object, an array, or a string");
}

/* -1 for what has no length. */
static int64_t length(const struct tv *v)
{
	if (tv_type(v) == TV_STRING)
		return (int64_t)chars_count(v->text);
	if (tv_type(v) == TV_ARRAY)
		return (int64_t)v->array.n;
	return tv_type(v) == TV_OBJECT ? (int64_t)v->object.n : -1;
}

static enum fault fn_length(struct call *c, const struct tv **ret)
{
	int64_t n = length(c->args[0]);

	if (n < 0)
		return call_wrong_type(c, 0, "an array, an object, or a string");
	return call_give(c, tv_int(c->pool, n), ret);
}

static enum fault fn_empty(struct call *c, const struct tv **ret)
{
	int64_t n = tv_type(c->args[0]) == TV_NULL ? 0 : length(c->args[0]);

	if (n < 0)
		return call_wrong_type(c, 0, "an object, an array, or a string");
	return call_give(c, tv_bool(c->pool, n == 0), ret);
}

static enum fault fn_flatten(struct call *c, const struct tv **ret)
{
	const struct tv *outer = c->args[0], **items;
	size_t n = 0;
	enum fault f = call_array(c, 0);

	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < outer->array.n; i++) {
		if (tv_type(outer->array.items[i]) != TV_ARRAY)
			return call_wrong_type(c, 0, "an array of arrays");
		n += outer->array.items[i]->array.n;
	}
	items = pool_alloc(c->pool, n * sizeof(const struct tv *));
	if (items == NULL)
		return call_give(c, NULL, ret);
	n = 0;
	for (size_t i = 0; i < outer->array.n; i++) {
		for (size_t j = 0; j < outer->array.items[i]->array.n; j++)
			items[n++] = outer->array.items[i]->array.items[j];
	}
	return call_give(c, tv_array(c->pool, items, n), ret);
}

static const struct fn rows[] = {
	{ "createArray", 0, FN_ANY, fn_create_array, NULL, ARITY_COUNT },
	{ "array", 1, 1, fn_array_of, NULL, ARITY_ONLY_ONE },
	{ "range", 2, 2, fn_range, NULL, ARITY_COUNT },
	{ "contains", 2, 2, fn_contains, NULL, ARITY_COUNT },
	{ "length", 1, 1, fn_length, NULL, ARITY_ONLY_ONE },
	{ "empty", 1, 1, fn_empty, NULL, ARITY_ONLY_ONE },
	{ "flatten", 1, 1, fn_flatten, NULL, ARITY_COUNT },
};

const struct fn_table fn_arrays = { rows, ARRAY_LEN(rows) };
