#include "vaultd/template/fn.h"

static enum fault concat_arrays(struct call *c, const struct tv **ret)
{
	const struct tv **items;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (tv_type(c->args[i]) != TV_ARRAY)
			return err_say(
				c->err, FAULT_INVALID, "",
				"The provided parameters for language function 'concat' are invalid. Either all or "
				"none of the parameters must be an array. Please see "
				"https://aka.ms/arm-functions#concat for usage details.");
		n += c->args[i]->array.n;
	}
	items = pool_alloc(c->pool, n * sizeof(const struct tv *));
	if (items == NULL)
		return call_give(c, NULL, ret);
	n = 0;
	for (size_t i = 0; i < c->n; i++) {
		for (size_t j = 0; j < c->args[i]->array.n; j++)
			items[n++] = c->args[i]->array.items[j];
	}
	return call_give(c, tv_array(c->pool, items, n), ret);
}

static enum fault fn_concat(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);

	for (size_t i = 0; i < c->n; i++) {
		if (tv_type(c->args[i]) == TV_ARRAY)
			return concat_arrays(c, ret);
	}
	for (size_t i = 0; i < c->n; i++) {
		if (tv_type(c->args[i]) == TV_OBJECT || tv_type(c->args[i]) == TV_NULL)
			return call_wrong_type(c, i, "a string or an array");
		fn_put_text(&out, c->args[i]);
	}
	return call_give_buf(c, &out, ret);
}

static enum fault fn_string(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);

	fn_put_text(&out, c->args[0]);
	return call_give_buf(c, &out, ret);
}

static enum fault fn_join(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span delimiter;
	enum fault f = call_array(c, 0);

	if (f == FAULT_NONE)
		f = call_text(c, 1, &delimiter);
	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < c->args[0]->array.n; i++) {
		if (!fn_is_primitive(c->args[0]->array.items[i]))
			return call_wrong_type(c, 0, "an array of strings and integers");
		if (i > 0)
			buf_put_span(&out, delimiter);
		fn_put_text(&out, c->args[0]->array.items[i]);
	}
	return call_give_buf(c, &out, ret);
}

static const struct fn rows[] = {
	{ "concat", 1, FN_ANY, fn_concat, NULL, ARITY_AT_LEAST_ONE },
	{ "join", 2, 2, fn_join, NULL, ARITY_COUNT },
	{ "string", 1, 1, fn_string, NULL, ARITY_ONLY_ONE },
};

const struct fn_table fn_texts = { rows, ARRAY_LEN(rows) };
