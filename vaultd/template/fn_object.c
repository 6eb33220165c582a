#include "vaultd/template/fn.h"

#include <stdlib.h>

#include "common/plain/text.h"

/* Names and values in turn; a name given again takes the later value. */
static enum fault fn_create_object(struct call *c, const struct tv **ret)
{
	struct tv_member *members = pool_alloc(c->pool, (c->n / 2) * sizeof(*members));
	size_t n = 0;
	enum fault f = FAULT_NONE;

	if (c->n % 2 != 0)
		return call_refuse(c, "the function expects an even number of parameters, property names and values in "
				      "turn");
	if (members == NULL)
		return call_give(c, NULL, ret);
	for (size_t i = 0; i < c->n && f == FAULT_NONE; i += 2) {
		struct span name = SPAN_EMPTY;
		size_t at = 0;

		f = call_text(c, i, &name);
		if (f == FAULT_NONE)
			f = call_spend(c, n);
		while (at < n && !span_eq_nocase(members[at].name, name))
			at++;
		if (at == n)
			n++;
		members[at] = (struct tv_member){ name, c->args[i + 1] };
	}
	return f == FAULT_NONE ? call_give(c, tv_object(c->pool, members, n), ret) : f;
}

static int compare_names(const void *a, const void *b)
{
	const struct span *x = &(*(const struct tv_member *const *)a)->name,
			  *y = &(*(const struct tv_member *const *)b)->name;
	size_t n = x->len < y->len ? x->len : y->len;

	for (size_t i = 0; i < n; i++) {
		int d = (unsigned char)ascii_lower(x->p[i]) - (unsigned char)ascii_lower(y->p[i]);

		if (d != 0)
			return d;
	}
	return (x->len > y->len) - (x->len < y->len);
}

/* Members in the order of their names, as pointers into the object. */
static const struct tv_member **sorted(struct call *c)
{
	const struct tv *object = c->args[0];
	const struct tv_member **order = pool_alloc(c->pool, object->object.n * sizeof(const struct tv_member *));

	for (size_t i = 0; order != NULL && i < object->object.n; i++)
		order[i] = &object->object.members[i];
	if (order != NULL && object->object.n > 1)
		qsort(order, object->object.n, sizeof(const struct tv_member *), compare_names);
	return order;
}

static const struct tv *make_item(struct call *c, const struct tv_member *m)
{
	struct tv_member *pair = pool_alloc(c->pool, 2 * sizeof(*pair));
	const struct tv *name = tv_string(c->pool, m->name);

	if (pair == NULL || name == NULL)
		return NULL;
	pair[0] = (struct tv_member){ SPAN_LIT("key"), name };
	pair[1] = (struct tv_member){ SPAN_LIT("value"), m->value };
	return tv_object(c->pool, pair, 2);
}

static const struct tv *make_key(struct call *c, const struct tv_member *m)
{
	return tv_string(c->pool, m->name);
}

static enum fault list_members(struct call *c, const struct tv *(*make)(struct call *c, const struct tv_member *m),
			       const struct tv **ret)
{
	const struct tv_member **order;
	const struct tv **items;
	size_t n;
	enum fault f = call_object(c, 0);

	if (f != FAULT_NONE)
		return f;
	n = c->args[0]->object.n;
	order = sorted(c);
	items = pool_alloc(c->pool, n * sizeof(const struct tv *));
	if (order == NULL || items == NULL)
		return call_give(c, NULL, ret);
	for (size_t i = 0; i < n && f == FAULT_NONE; i++)
		f = call_give(c, make(c, order[i]), &items[i]);
	return f == FAULT_NONE ? call_give(c, tv_array(c->pool, items, n), ret) : f;
}

static enum fault fn_items(struct call *c, const struct tv **ret)
{
	return list_members(c, make_item, ret);
}

static enum fault fn_object_keys(struct call *c, const struct tv **ret)
{
	return list_members(c, make_key, ret);
}

/* What is not there is null, and so is anything of null; further names must be there. */
static enum fault fn_try_get(struct call *c, const struct tv **ret)
{
	const struct tv *v = c->args[0], *index = c->args[1];
	bool is_there = (tv_type(v) == TV_OBJECT && tv_type(index) == TV_STRING &&
			 tv_get_span(v, index->text) != NULL) ||
			(tv_type(v) == TV_ARRAY && tv_type(index) == TV_INT && index->integer >= 0 &&
			 (uint64_t)index->integer < v->array.n);
	enum fault f = FAULT_NONE;

	if (!is_there && fn_is_primitive(v) && tv_type(v) != TV_NULL)
		return call_wrong_type(c, 0, "an object or an array");
	if (!is_there)
		return call_give(c, tv_null(c->pool), ret);
	for (size_t i = 1; i < c->n && f == FAULT_NONE; i++)
		f = eval_member(c->eval, v, c->args[i], &v);
	return f == FAULT_NONE ? call_give(c, v, ret) : f;
}

static const struct fn rows[] = {
	{ "createObject", 0, FN_ANY, fn_create_object, NULL, ARITY_COUNT },
	{ "items", 1, 1, fn_items, NULL, ARITY_COUNT },
	{ "objectKeys", 1, 1, fn_object_keys, NULL, ARITY_COUNT },
	{ "tryGet", 2, FN_ANY, fn_try_get, NULL, ARITY_COUNT },
};

const struct fn_table fn_objects = { rows, ARRAY_LEN(rows) };
