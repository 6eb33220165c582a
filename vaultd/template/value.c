#include "vaultd/template/value.h"

const struct tv *tv_null(struct pool *pool)
{
	struct tv *v = pool_alloc(pool, sizeof(*v));

	if (v != NULL)
		*v = (struct tv){ .type = TV_NULL, .weight = 1 };
	return v;
}

const struct tv *tv_bool(struct pool *pool, bool b)
{
	struct tv *v = pool_alloc(pool, sizeof(*v));

	if (v != NULL)
		*v = (struct tv){ .type = TV_BOOL, .weight = 1, .boolean = b };
	return v;
}

const struct tv *tv_int(struct pool *pool, int64_t i)
{
	struct tv *v = pool_alloc(pool, sizeof(*v));

	if (v != NULL)
		*v = (struct tv){ .type = TV_INT, .weight = 1, .integer = i };
	return v;
}

static uint32_t text_weight(struct span text)
{
	size_t more = text.len / TV_WEIGHT_BYTES;

	return more >= TV_WEIGHT_MAX ? TV_WEIGHT_MAX + 1 : 1 + (uint32_t)more;
}

const struct tv *tv_string(struct pool *pool, struct span text)
{
	uint32_t weight = text_weight(text);
	struct tv *v;

	if (text.p == NULL || weight > TV_WEIGHT_MAX)
		return NULL;
	v = pool_alloc(pool, sizeof(*v));
	if (v != NULL)
		*v = (struct tv){ .type = TV_STRING, .weight = weight, .text = text };
	return v;
}

/* What one more part makes of a whole; false when it becomes too much. */
static bool add_part(struct tv *whole, uint32_t weight, uint32_t depth)
{
	if (depth >= TV_DEPTH_MAX || weight > TV_WEIGHT_MAX - whole->weight)
		return false;
	whole->weight += weight;
	if (whole->depth < depth + 1)
		whole->depth = depth + 1;
	return true;
}

static bool add_value(struct tv *whole, const struct tv *v)
{
	return v == NULL ? add_part(whole, 1, 0) : add_part(whole, v->weight, v->depth);
}

static const struct tv *keep(struct pool *pool, struct tv whole)
{
	struct tv *v = pool_alloc(pool, sizeof(*v));

	if (v != NULL)
		*v = whole;
	return v;
}

const struct tv *tv_array(struct pool *pool, const struct tv **items, size_t n)
{
	struct tv whole = { .type = TV_ARRAY, .weight = 1, .depth = 1, .array = { items, n } };

	for (size_t i = 0; i < n; i++) {
		if (!add_value(&whole, items[i]))
			return NULL;
	}
	return keep(pool, whole);
}

const struct tv *tv_object(struct pool *pool, const struct tv_member *members, size_t n)
{
	struct tv whole = { .type = TV_OBJECT, .weight = 1, .depth = 1, .object = { members, n } };

	for (size_t i = 0; i < n; i++) {
		if (!add_part(&whole, text_weight(members[i].name), 0) || !add_value(&whole, members[i].value))
			return NULL;
	}
	return keep(pool, whole);
}

/* Where the member of that name stands; n when there is none. */
static size_t find(const struct tv *object, struct span name)
{
	size_t n = object->object.n, found = n;

	for (size_t i = 0; i < n; i++) {
		if (span_eq(object->object.members[i].name, name))
			return i;
		if (found == n && span_eq_nocase(object->object.members[i].name, name))
			found = i;
	}
	return found;
}

const struct tv *tv_with(struct pool *pool, const struct tv *object, struct span name, const struct tv *value)
{
	size_t n = tv_type(object) == TV_OBJECT ? object->object.n : 0;
	size_t at = n == 0 ? 0 : find(object, name);
	struct tv_member *members = pool_alloc(pool, (n + 1) * sizeof(*members));

	if (members == NULL)
		return NULL;
	if (n > 0)
		memcpy(members, object->object.members, n * sizeof(*members));
	if (at == n)
		members[n++].name = name;
	members[at].value = value;
	return tv_object(pool, members, n);
}

enum tv_type tv_type(const struct tv *v)
{
	return v == NULL ? TV_NULL : v->type;
}

const struct tv *tv_get(const struct tv *v, const char *name)
{
	return tv_get_span(v, span_cstr(name));
}

const struct tv *tv_get_span(const struct tv *v, struct span name)
{
	size_t at;

	if (tv_type(v) != TV_OBJECT)
		return NULL;
	at = find(v, name);
	return at == v->object.n ? NULL : v->object.members[at].value;
}

struct span tv_text(const struct tv *v)
{
	return tv_type(v) == TV_STRING ? v->text : SPAN_EMPTY;
}

static bool equal_arrays(const struct tv *a, const struct tv *b)
{
	if (a->array.n != b->array.n)
		return false;
	for (size_t i = 0; i < a->array.n; i++) {
		if (!tv_equal(a->array.items[i], b->array.items[i]))
			return false;
	}
	return true;
}

/* Order does not count. Objects that come from one another mostly have the same: there the first look finds it. */
static bool equal_objects(const struct tv *a, const struct tv *b)
{
	if (a->object.n != b->object.n)
		return false;
	for (size_t i = 0; i < a->object.n; i++) {
		const struct tv_member *m = &a->object.members[i];
		size_t at = span_eq(m->name, b->object.members[i].name) ? i : find(b, m->name);

		if (at == b->object.n || !tv_equal(m->value, b->object.members[at].value))
			return false;
	}
	return true;
}

bool tv_equal(const struct tv *a, const struct tv *b)
{
	if (a == b)
		return true;
	if (tv_type(a) != tv_type(b))
		return false;
	switch (tv_type(a)) {
	case TV_NULL:
		return true;
	case TV_BOOL:
		return a->boolean == b->boolean;
	case TV_INT:
		return a->integer == b->integer;
	case TV_NUMBER:
	case TV_STRING:
		return span_eq(a->text, b->text);
	case TV_ARRAY:
		return equal_arrays(a, b);
	case TV_OBJECT:
		return equal_objects(a, b);
	}
	return false;
}

const char *tv_type_word(enum tv_type type)
{
	switch (type) {
	case TV_NULL:
		return "Null";
	case TV_BOOL:
		return "Boolean";
	case TV_INT:
		return "Integer";
	case TV_NUMBER:
		return "Float";
	case TV_STRING:
		return "String";
	case TV_ARRAY:
		return "Array";
	case TV_OBJECT:
		return "Object";
	}
	return "Null";
}
