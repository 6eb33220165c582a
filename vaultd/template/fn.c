#include "vaultd/template/fn.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/plain/text.h"

static const struct fn_table *const tables[] = {
	&fn_strings, &fn_texts,	  &fn_formats, &fn_encodings,  &fn_arrays, &fn_slices, &fn_sets,    &fn_objects,
	&fn_logic,   &fn_numbers, &fn_ids,     &fn_deployment, &fn_dates,  &fn_hashes, &fn_lambdas,
};

/* NULL when there is none; names compare without case. */
static const struct fn *fn_find(struct span name)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct fn *f = &tables[t]->rows[i];

			/* Lambdas come here a million times: most rows differ in their first letter. */
			if (name.len > 0 && ascii_lower(f->name[0]) == ascii_lower(name.p[0]) &&
			    span_eq_nocase(span_cstr(f->name), name))
				return f;
		}
	}
	return NULL;
}

static enum fault wrong_count(const struct fn *f, size_t n, struct err *err)
{
	switch (f->arity) {
	case ARITY_ONLY_ONE:
		return err_say(err, FAULT_INVALID, "",
			       "The template language function '%s' must have only one parameter. Please see "
			       "https://aka.ms/arm-functions for usage details.",
			       f->name);
	case ARITY_EXACTLY:
		return err_say(err, FAULT_INVALID, "",
			       "The template language function '%s' expects exactly '%zu' parameters. Please see "
			       "https://aka.ms/arm-functions for usage details.",
			       f->name, f->min);
	case ARITY_AT_LEAST_ONE:
		return err_say(err, FAULT_INVALID, "",
			       "Unable to evaluate template language function '%s'. At least one parameter should be "
			       "provided. Please see https://aka.ms/arm-functions#%s for usage details.",
			       f->name, f->name);
	case ARITY_COUNT:
		break;
	}
	return err_say(
		err, FAULT_INVALID, "",
		"Unable to evaluate template language function '%s': function requires %zu argument(s) while %zu "
		"were provided. Please see https://aka.ms/arm-functions#%s for usage details.",
		f->name, n < f->min ? f->min : f->max, n, f->name);
}

enum fault fn_check(const struct expr *call, const struct fn **ret, struct err *err)
{
	const struct fn *f = fn_find(call->text);

	if (f == NULL && span_starts_nocase(call->text, SPAN_LIT("list")))
		return err_say(
			err, FAULT_INVALID, "",
			"The template function '%.*s' is not available: the sandbox lists no secrets of resources.",
			SPAN_ARG(span_first(call->text, 100)));
	if (f == NULL)
		return err_say(err, FAULT_INVALID, "",
			       "The template function '%.*s' is not valid. Please see https://aka.ms/arm-functions for "
			       "usage details.",
			       SPAN_ARG(span_first(call->text, 100)));
	if (call->n_args < f->min || call->n_args > f->max)
		return wrong_count(f, call->n_args, err);
	*ret = f;
	return FAULT_NONE;
}

enum fault call_give(struct call *c, const struct tv *made, const struct tv **ret)
{
	return eval_give(c->eval, made, ret);
}

enum fault call_give_text(struct call *c, struct span text, const struct tv **ret)
{
	return eval_give(c->eval, tv_string(c->pool, text), ret);
}

enum fault call_give_buf(struct call *c, const struct buf *b, const struct tv **ret)
{
	enum fault f = buf_fault(b);

	if (f != FAULT_NONE)
		return err_say(c->err, f, "", "the result of the template function '%s' is too long", c->name);
	return call_give_text(c, pool_dup(c->pool, buf_span(b)), ret);
}

enum fault call_spend(struct call *c, uint64_t steps)
{
	return eval_spend(c->eval, steps);
}

enum fault call_refuse(struct call *c, const char *fmt, ...)
{
	char why[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_say(c->err, FAULT_INVALID, "",
		       "Unable to evaluate template language function '%s': %s. Please see "
		       "https://aka.ms/arm-functions#%s for usage details.",
		       c->name, why, c->name);
}

enum fault call_wrong_type(struct call *c, size_t i, const char *wanted)
{
	static const char *const ordinals[] = { "first ", "second ", "third ", "fourth " };
	const char *which = c->n == 1 ? "" : i < ARRAY_LEN(ordinals) ? ordinals[i] : "every ";

	return err_say(c->err, FAULT_INVALID, "",
		       "The template language function '%s' expects its %sparameter to be %s. The provided value is of "
		       "type '%s'. Please see https://aka.ms/arm-functions#%s for usage details.",
		       c->name, which, wanted, tv_type_word(tv_type(c->args[i])), c->name);
}

enum fault call_misplaced(struct call *c)
{
	return err_say(c->err, FAULT_INVALID, "",
		       "The template function '%s' is not expected at this location. Please see "
		       "https://aka.ms/arm-functions for usage details.",
		       c->name);
}

enum fault call_text(struct call *c, size_t i, struct span *ret)
{
	if (tv_type(c->args[i]) != TV_STRING)
		return call_wrong_type(c, i, "of type 'String'");
	*ret = c->args[i]->text;
	return FAULT_NONE;
}

enum fault call_int(struct call *c, size_t i, int64_t *ret)
{
	if (tv_type(c->args[i]) != TV_INT)
		return call_wrong_type(c, i, "of type 'Integer'");
	*ret = c->args[i]->integer;
	return FAULT_NONE;
}

enum fault call_array(struct call *c, size_t i)
{
	return tv_type(c->args[i]) == TV_ARRAY ? FAULT_NONE : call_wrong_type(c, i, "of type 'Array'");
}

enum fault call_object(struct call *c, size_t i)
{
	return tv_type(c->args[i]) == TV_OBJECT ? FAULT_NONE : call_wrong_type(c, i, "of type 'Object'");
}

void fn_put_text(struct buf *out, const struct tv *v)
{
	switch (tv_type(v)) {
	case TV_NULL:
		break;
	case TV_BOOL:
		buf_put_cstr(out, v->boolean ? "True" : "False");
		break;
	case TV_STRING:
		buf_put_span(out, v->text);
		break;
	case TV_INT:
	case TV_NUMBER:
	case TV_ARRAY:
	case TV_OBJECT:
		tv_write(out, v);
		break;
	}
}

bool fn_is_primitive(const struct tv *v)
{
	return tv_type(v) != TV_ARRAY && tv_type(v) != TV_OBJECT;
}
