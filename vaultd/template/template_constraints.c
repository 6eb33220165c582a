#include "vaultd/template/template_constraints.h"

enum { LISTED_MAX = 2048 };

static bool is_among(const struct tv *list, const struct tv *value)
{
	for (size_t i = 0; i < list->array.n; i++)
		if (tv_equal(list->array.items[i], value))
			return true;
	return false;
}

/* Of an array every item may have to be allowed, or the array as such. */
static bool is_allowed(const struct tv *allowed, const struct tv *value)
{
	if (is_among(allowed, value))
		return true;
	if (value->type != TV_ARRAY)
		return false;
	for (size_t i = 0; i < value->array.n; i++)
		if (!is_among(allowed, value->array.items[i]))
			return false;
	return true;
}

static void put_shown(struct buf *out, const struct tv *v)
{
	if (v->type == TV_STRING)
		buf_put_span(out, v->text);
	else
		tv_write(out, v);
}

static enum fault refuse_allowed(struct plan *p, struct span name, const struct template_type *type,
				 const struct tv *allowed, const struct tv *value, struct err *err)
{
	SCOPED_DONE(buf) struct buf list = BUF_INIT(LISTED_MAX);
	SCOPED_DONE(buf) struct buf shown = BUF_SECRET_INIT(LISTED_MAX);

	for (size_t i = 0; i < allowed->array.n; i++) {
		buf_put_cstr(&list, i == 0 ? "" : ",");
		put_shown(&list, allowed->array.items[i]);
	}
	if (!type->is_secure)
		put_shown(&shown, value);
	plan_place_found(p, allowed);
	return plan_refuse(p, NULL, NULL, err,
			   "The provided value for the template parameter '%.*s' is not valid. The value '%s' is not "
			   "part of the allowed value(s): '%s'.",
			   SPAN_ARG(name), buf_cstr(&shown), buf_cstr(&list));
}

/* Characters of a text, items of an array. */
static int64_t length_of(const struct tv *v)
{
	int64_t n = 0;

	if (v->type == TV_ARRAY)
		return (int64_t)v->array.n;
	for (size_t i = 0; i < v->text.len; i++)
		n += ((unsigned char)v->text.p[i] & 0xc0) != 0x80;
	return n;
}

static const struct bound {
	const char *member;
	bool is_length, is_least;
} bounds[] = {
	{ "minValue", false, true },
	{ "maxValue", false, false },
	{ "minLength", true, true },
	{ "maxLength", true, false },
};

static bool is_bounded(const struct bound *b, const struct tv *value)
{
	return b->is_length ? value->type == TV_STRING || value->type == TV_ARRAY : value->type == TV_INT;
}

static enum fault check_bound(struct plan *p, const struct bound *b, struct span name, const struct tv *declaration,
			      const struct tv *value, struct err *err)
{
	const struct tv *limit = declared_get(p, declaration, b->member);

	if (tv_type(limit) != TV_INT || !is_bounded(b, value))
		return FAULT_NONE;
	int64_t n = b->is_length ? length_of(value) : value->integer;
	if (b->is_least ? n >= limit->integer : n <= limit->integer)
		return FAULT_NONE;
	plan_place_found(p, limit);
	return plan_refuse(p, NULL, NULL, err,
			   "The provided value for the template parameter '%.*s' is not valid. %s should be %s than or "
			   "equal to '%lld'. Please see https://aka.ms/arm-syntax-parameters for usage details.",
			   SPAN_ARG(name), b->is_length ? "Length of the value" : "Value",
			   b->is_least ? "greater" : "less", (long long)limit->integer);
}

enum fault constraints_check(struct plan *p, struct span name, const struct tv *declaration,
			     const struct template_type *type, const struct tv *value, const struct path *at,
			     struct err *err)
{
	const struct tv *allowed = declared_get(p, declaration, "allowedValues");
	enum fault f = FAULT_NONE;

	if (value->type == TV_NULL && declared_is_nullable(p, declaration))
		return FAULT_NONE;
	if (value->type != type->type)
		return plan_refuse(
			p, declaration, at, err,
			"The provided value for the template parameter '%.*s' is not valid. Expected a value "
			"of type '%s', but received a value of type '%s'. Please see "
			"https://aka.ms/arm-create-parameter-file for usage details.",
			SPAN_ARG(name), tv_type_word(type->type), tv_type_word(value->type));
	if (tv_type(allowed) == TV_ARRAY && !is_allowed(allowed, value))
		return refuse_allowed(p, name, type, allowed, value, err);
	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(bounds); i++)
		f = check_bound(p, &bounds[i], name, declaration, value, err);
	return f;
}
