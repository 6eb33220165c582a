#include "vaultd/template/fn_own.h"

/* They may call each other, so many within another. */
enum { CALLS_MAX = 8 };

bool fn_own_is(const struct expr *call)
{
	return memchr(call->text.p, '.', call->text.len) != NULL;
}

/* NULL: none of that name. */
static const struct tv *find(const struct tv *section, struct span full_name)
{
	struct span name, space;

	name = span_cut(full_name, '.', &space);
	for (size_t i = 0; tv_type(section) == TV_ARRAY && i < section->array.n; i++) {
		const struct tv *one = section->array.items[i];

		if (span_eq_nocase(tv_text(tv_get(one, "namespace")), space) &&
		    tv_get_span(tv_get(one, "members"), name) != NULL)
			return tv_get_span(tv_get(one, "members"), name);
	}
	return NULL;
}

static size_t count(const struct tv *list)
{
	return tv_type(list) == TV_ARRAY ? list->array.n : 0;
}

enum fault fn_own_check(const struct expr *call, const struct tv *section, struct err *err)
{
	const struct tv *f = find(section, call->text);
	struct span name = span_first(call->text, 100);
	size_t n = count(tv_get(f, "parameters"));

	if (f == NULL)
		return err_say(err, FAULT_INVALID, "",
			       "The template function '%.*s' is not valid. Please see https://aka.ms/arm-functions for "
			       "usage details.",
			       SPAN_ARG(name));
	if (n != call->n_args)
		return err_say(err, FAULT_INVALID, "",
			       "Unable to evaluate template language function '%.*s': function requires %zu "
			       "argument(s) while %zu were provided. Please see https://aka.ms/arm-functions#%.*s for "
			       "usage details.",
			       SPAN_ARG(name), n, call->n_args, SPAN_ARG(name));
	return FAULT_NONE;
}

struct frame {
	const struct tv *parameters;
	const struct tv *const *args;
};

static enum fault parameter(void *arg, struct span name, const struct tv **ret, struct err *err)
{
	const struct frame *f = arg;

	for (size_t i = 0; i < count(f->parameters); i++)
		if (span_eq_nocase(tv_text(tv_get(f->parameters->array.items[i], "name")), name)) {
			*ret = f->args[i];
			return FAULT_NONE;
		}
	return err_say(err, FAULT_INVALID, "",
		       "The template parameter '%.*s' is not found. Please see "
		       "https://aka.ms/arm-syntax-parameters for usage details.",
		       SPAN_ARG(span_first(name, 256)));
}

enum fault fn_own_call(struct eval *e, const struct expr *call, const struct tv *const *args, const struct tv **ret)
{
	const struct tv *f = find(e->env->functions, call->text);
	struct frame frame = { tv_get(f, "parameters"), args };
	struct expr_env env = {
		.pool = e->pool,
		.facts = e->env->facts,
		.work = e->env->work != NULL ? e->env->work : &e->work,
		.functions = e->env->functions,
		.n_calls = e->env->n_calls + 1,
		.arg = &frame,
		.parameter = parameter,
	};
	const struct tv *value = tv_get(tv_get(f, "output"), "value");

	if (env.n_calls > CALLS_MAX)
		return err_say(e->err, FAULT_INVALID, "", "The functions of the template call each other too deeply.");
	if (value == NULL)
		return eval_give(e, tv_null(e->pool), ret);
	return expr_eval(&env, value, ret, NULL, e->err);
}
