#include "vaultd/template/fn.h"

static bool has_item(const struct tv *const *items, size_t n, const struct tv *v)
{
	for (size_t i = 0; i < n; i++) {
		if (tv_equal(items[i], v))
			return true;
	}
	return false;
}

/* All arguments are of the first one's type, array or object. */
static enum fault check(struct call *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (fn_is_primitive(c->args[i]) || tv_type(c->args[i]) != tv_type(c->args[0]))
			return call_wrong_type(c, i, i == 0 ? "an array or an object" : "of the type of the first");
	}
	return FAULT_NONE;
}

static enum fault unite_arrays(struct call *c, const struct tv **ret)
{
	const struct tv **items;
	size_t room = 0, n = 0;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; i < c->n; i++)
		room += c->args[i]->array.n;
	items = pool_alloc(c->pool, room * sizeof(const struct tv *));
	if (items == NULL)
		return call_give(c, NULL, ret);
	for (size_t i = 0; i < c->n; i++) {
		for (size_t j = 0; j < c->args[i]->array.n && f == FAULT_NONE; j++) {
			const struct tv *v = c->args[i]->array.items[j];

			f = call_spend(c, (uint64_t)(n + 1) * (1 + v->weight / 2));
			if (f == FAULT_NONE && !has_item(items, n, v))
				items[n++] = v;
		}
	}
	return f == FAULT_NONE ? call_give(c, tv_array(c->pool, items, n), ret) : f;
}

static size_t find_member(const struct tv_member *members, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++) {
		if (span_eq_nocase(members[i].name, name))
			return i;
	}
	return n;
}

/* b over a. Objects in both are merged in turn; the depth of values bounds this. */
static enum fault merge(struct call *c, const struct tv *a, const struct tv *b, bool is_deep, const struct tv **ret)
{
	struct tv_member *members = pool_alloc(c->pool, (a->object.n + b->object.n) * sizeof(*members));
	size_t n = a->object.n;
	enum fault f = call_spend(c, (uint64_t)b->object.n * (n + b->object.n));

	if (members == NULL)
		return call_give(c, NULL, ret);
	if (n > 0)
		memcpy(members, a->object.members, n * sizeof(*members));
	for (size_t i = 0; i < b->object.n && f == FAULT_NONE; i++) {
		const struct tv_member *m = &b->object.members[i];
		size_t at = find_member(members, n, m->name);

		f = call_spend(c, (uint64_t)n * (m->name.len / 4));
		if (f != FAULT_NONE)
			break;
		if (at == n)
			members[n++] = *m;
		else if (is_deep && tv_type(members[at].value) == TV_OBJECT && tv_type(m->value) == TV_OBJECT)
			f = merge(c, members[at].value, m->value, true, &members[at].value);
		else
			members[at].value = m->value;
	}
	return f == FAULT_NONE ? call_give(c, tv_object(c->pool, members, n), ret) : f;
}

static enum fault merge_all(struct call *c, const struct tv **objects, size_t n, bool is_deep, const struct tv **ret)
{
	const struct tv *made = objects[0];
	enum fault f = FAULT_NONE;

	for (size_t i = 1; i < n && f == FAULT_NONE; i++)
		f = merge(c, made, objects[i], is_deep, &made);
	return f == FAULT_NONE ? call_give(c, made, ret) : f;
}

static enum fault fn_union(struct call *c, const struct tv **ret)
{
	enum fault f = check(c);

	if (f != FAULT_NONE)
		return f;
	if (tv_type(c->args[0]) == TV_ARRAY)
		return unite_arrays(c, ret);
	return merge_all(c, c->args, c->n, true, ret);
}

/* Of an array of objects; what is within them is not merged. */
static enum fault fn_shallow_merge(struct call *c, const struct tv **ret)
{
	const struct tv *array = c->args[0];
	enum fault f = call_array(c, 0);

	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < array->array.n; i++) {
		if (tv_type(array->array.items[i]) != TV_OBJECT)
			return call_wrong_type(c, 0, "an array of objects");
	}
	if (array->array.n == 0)
		return call_give(c, tv_object(c->pool, NULL, 0), ret);
	return merge_all(c, array->array.items, array->array.n, false, ret);
}

static enum fault intersect_arrays(struct call *c, const struct tv **ret)
{
	const struct tv *first = c->args[0];
	const struct tv **items = pool_alloc(c->pool, first->array.n * sizeof(const struct tv *));
	size_t n = 0;
	enum fault f = FAULT_NONE;

	if (items == NULL)
		return call_give(c, NULL, ret);
	for (size_t i = 0; i < first->array.n && f == FAULT_NONE; i++) {
		const struct tv *v = first->array.items[i];
		bool is_common = true;

		for (size_t j = 1; j < c->n && is_common && f == FAULT_NONE; j++) {
			f = call_spend(c, (uint64_t)(c->args[j]->array.n + 1) * (1 + v->weight / 2));
			is_common = f == FAULT_NONE && has_item(c->args[j]->array.items, c->args[j]->array.n, v);
		}
		if (f == FAULT_NONE)
			f = call_spend(c, (uint64_t)n * (1 + v->weight / 2));
		if (is_common && f == FAULT_NONE && !has_item(items, n, v))
			items[n++] = v;
	}
	return f == FAULT_NONE ? call_give(c, tv_array(c->pool, items, n), ret) : f;
}

static enum fault intersect_objects(struct call *c, const struct tv **ret)
{
	const struct tv *first = c->args[0];
	struct tv_member *members = pool_alloc(c->pool, first->object.n * sizeof(*members));
	size_t n = 0;
	enum fault f = FAULT_NONE;

	if (members == NULL)
		return call_give(c, NULL, ret);
	for (size_t i = 0; i < first->object.n && f == FAULT_NONE; i++) {
		const struct tv_member *m = &first->object.members[i];
		bool is_common = true;

		for (size_t j = 1; j < c->n && is_common && f == FAULT_NONE; j++) {
			const struct tv *other = tv_get_span(c->args[j], m->name);

			f = call_spend(c, c->args[j]->object.n + 1);
			is_common = other != NULL && tv_equal(other, m->value);
		}
		if (is_common)
			members[n++] = *m;
	}
	return f == FAULT_NONE ? call_give(c, tv_object(c->pool, members, n), ret) : f;
}

static enum fault fn_intersection(struct call *c, const struct tv **ret)
{
	enum fault f = check(c);

	if (f != FAULT_NONE)
		return f;
	return tv_type(c->args[0]) == TV_ARRAY ? intersect_arrays(c, ret) : intersect_objects(c, ret);
}

static const struct fn rows[] = {
	{ "union", 2, FN_ANY, fn_union, NULL, ARITY_COUNT },
	{ "intersection", 2, FN_ANY, fn_intersection, NULL, ARITY_COUNT },
	{ "shallowMerge", 1, 1, fn_shallow_merge, NULL, ARITY_COUNT },
};

const struct fn_table fn_sets = { rows, ARRAY_LEN(rows) };
