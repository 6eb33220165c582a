#include "vaultd/template/fn.h"

#include <string.h>

enum { PARAMETERS_MAX = 4 };

/* lambda('a', 'b', body): the names and what to evaluate for each item. */
struct lambda {
	struct span names[PARAMETERS_MAX];
	size_t n;
	const struct expr *body;
};

static enum fault refuse(struct eval *e, const struct expr *call, const char *why)
{
	return err_say(e->err, FAULT_INVALID, "",
		       "Unable to evaluate template language function '%.*s': %s. Please see "
		       "https://aka.ms/arm-functions#%.*s for usage details.",
		       SPAN_ARG(span_first(call->text, 100)), why, SPAN_ARG(span_first(call->text, 100)));
}

static enum fault read_lambda(struct eval *e, const struct expr *call, const struct expr *x, size_t min, size_t max,
			      struct lambda *ret)
{
	if (x->kind != EXPR_CALL || !span_eq_nocase(x->text, SPAN_LIT("lambda")) || x->accesses != NULL)
		return refuse(e, call, "a lambda is expected");
	if (x->n_args < min + 1 || x->n_args > max + 1)
		return refuse(e, call, "the lambda has the wrong number of parameters");
	ret->n = 0;
	for (x = x->args; x->next != NULL; x = x->next) {
		if (x->kind != EXPR_STRING || x->accesses != NULL)
			return refuse(e, call, "the parameters of a lambda are string literals");
		ret->names[ret->n++] = x->text;
	}
	ret->body = x;
	return FAULT_NONE;
}

static enum fault apply(struct eval *e, const struct lambda *l, const struct tv *const *values, const struct tv **ret)
{
	struct fn_scope scopes[PARAMETERS_MAX];
	const struct fn_scope *outer = e->scope;
	enum fault f;

	for (size_t i = 0; i < l->n; i++) {
		scopes[i] = (struct fn_scope){ l->names[i], values[i], e->scope };
		e->scope = &scopes[i];
	}
	f = eval_expr(e, l->body, ret);
	e->scope = outer;
	return f;
}

static enum fault eval_list(struct eval *e, const struct expr *call, const struct tv **ret)
{
	enum fault f = eval_expr(e, call->args, ret);

	if (f == FAULT_NONE && tv_type(*ret) != TV_ARRAY)
		f = refuse(e, call, "the first parameter must be of type 'Array'");
	return f;
}

/* What the lambda makes of each item, which may ask for its index too. */
static enum fault eval_each(struct eval *e, const struct expr *call, const struct tv **ret_list, const struct tv ***ret)
{
	const struct tv *list = NULL, **made;
	struct lambda l;
	enum fault f = eval_list(e, call, &list);

	if (f == FAULT_NONE)
		f = read_lambda(e, call, call->args->next, 1, 2, &l);
	if (f != FAULT_NONE)
		return f;
	made = pool_alloc(e->pool, list->array.n * sizeof(const struct tv *));
	if (made == NULL)
		return eval_give(e, NULL, NULL);
	for (size_t i = 0; i < list->array.n && f == FAULT_NONE; i++) {
		const struct tv *values[2] = { list->array.items[i], NULL };

		f = eval_give(e, tv_int(e->pool, (int64_t)i), &values[1]);
		if (f == FAULT_NONE)
			f = apply(e, &l, values, &made[i]);
	}
	*ret_list = list;
	*ret = made;
	return f;
}

static enum fault fn_map(struct eval *e, const struct expr *call, const struct tv **ret)
{
	const struct tv *list = NULL, **made = NULL;
	enum fault f = eval_each(e, call, &list, &made);

	return f == FAULT_NONE ? eval_give(e, tv_array(e->pool, made, list->array.n), ret) : f;
}

static enum fault fn_filter(struct eval *e, const struct expr *call, const struct tv **ret)
{
	const struct tv *list = NULL, **made = NULL;
	size_t n = 0;
	enum fault f = eval_each(e, call, &list, &made);

	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < list->array.n; i++) {
		if (tv_type(made[i]) != TV_BOOL)
			return refuse(e, call, "the lambda must give a value of type 'Boolean'");
		if (made[i]->boolean)
			made[n++] = list->array.items[i];
	}
	return eval_give(e, tv_array(e->pool, made, n), ret);
}

/* (array, initial value, lambda(so far, item[, index])) */
static enum fault fn_reduce(struct eval *e, const struct expr *call, const struct tv **ret)
{
	const struct tv *list = NULL, *so_far = NULL;
	struct lambda l;
	enum fault f = eval_list(e, call, &list);

	if (f == FAULT_NONE)
		f = eval_expr(e, call->args->next, &so_far);
	if (f == FAULT_NONE)
		f = read_lambda(e, call, call->args->next->next, 2, 3, &l);
	for (size_t i = 0; f == FAULT_NONE && i < list->array.n; i++) {
		const struct tv *values[3] = { so_far, list->array.items[i], NULL };

		f = eval_give(e, tv_int(e->pool, (int64_t)i), &values[2]);
		if (f == FAULT_NONE)
			f = apply(e, &l, values, &so_far);
	}
	return f == FAULT_NONE ? eval_give(e, so_far, ret) : f;
}

/* Two sorted runs, [from, middle) and [middle, to), into one. The lambda says whether the first comes before the
 * second. */
static enum fault merge_runs(struct eval *e, const struct expr *call, const struct lambda *l, const struct tv **items,
			     const struct tv **scratch, const size_t bounds[3])
{
	size_t i = bounds[0], j = bounds[1], n = bounds[0];

	while (i < bounds[1] && j < bounds[2]) {
		const struct tv *values[2] = { items[j], items[i] }, *is_before = NULL;
		enum fault f = apply(e, l, values, &is_before);

		if (f != FAULT_NONE)
			return f;
		if (tv_type(is_before) != TV_BOOL)
			return refuse(e, call, "the lambda must give a value of type 'Boolean'");
		scratch[n++] = is_before->boolean ? items[j++] : items[i++];
	}
	while (i < bounds[1])
		scratch[n++] = items[i++];
	while (j < bounds[2])
		scratch[n++] = items[j++];
	memcpy(items + bounds[0], scratch + bounds[0], (bounds[2] - bounds[0]) * sizeof(*items));
	return FAULT_NONE;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Stable, and safe with a lambda that contradicts itself. */
static enum fault fn_sort(struct eval *e, const struct expr *call, const struct tv **ret)
{
	const struct tv *list = NULL, **items, **scratch;
	struct lambda l;
	size_t n;
	enum fault f = eval_list(e, call, &list);

	if (f == FAULT_NONE)
		f = read_lambda(e, call, call->args->next, 2, 2, &l);
	if (f != FAULT_NONE)
		return f;
	n = list->array.n;
	items = pool_alloc(e->pool, n * sizeof(const struct tv *));
	scratch = pool_alloc(e->pool, n * sizeof(const struct tv *));
	if (items == NULL || scratch == NULL)
		return eval_give(e, NULL, ret);
	for (size_t i = 0; i < n; i++)
		items[i] = list->array.items[i];
	for (size_t run = 1; run < n && f == FAULT_NONE; run *= 2) {
		for (size_t from = 0; from + run < n && f == FAULT_NONE; from += 2 * run)
			f = merge_runs(e, call, &l, items, scratch,
				       (const size_t[]){ from, from + run, smaller(from + 2 * run, n) });
	}
	return f == FAULT_NONE ? eval_give(e, tv_array(e->pool, items, n), ret) : f;
}

/* (array, lambda for the name[, lambda for the value]) */
static enum fault fn_to_object(struct eval *e, const struct expr *call, const struct tv **ret)
{
	const struct tv *list = NULL, **names = NULL;
	struct tv_member *members;
	struct lambda l = { .n = 0 };
	const struct expr *value = call->args->next->next;
	enum fault f = eval_each(e, call, &list, &names);

	if (f == FAULT_NONE && value != NULL)
		f = read_lambda(e, call, value, 1, 1, &l);
	if (f != FAULT_NONE)
		return f;
	members = pool_alloc(e->pool, list->array.n * sizeof(*members));
	if (members == NULL)
		return eval_give(e, NULL, ret);
	for (size_t i = 0; i < list->array.n && f == FAULT_NONE; i++) {
		if (tv_type(names[i]) != TV_STRING)
			return refuse(e, call, "the lambda for names must give a value of type 'String'");
		f = eval_spend(e, (uint64_t)i * (1 + names[i]->text.len / 2));
		for (size_t j = 0; j < i && f == FAULT_NONE; j++) {
			if (span_eq_nocase(members[j].name, names[i]->text))
				f = refuse(e, call, "a name stands there twice");
		}
		members[i] = (struct tv_member){ names[i]->text, list->array.items[i] };
		if (f == FAULT_NONE && value != NULL)
			f = apply(e, &l, &list->array.items[i], &members[i].value);
	}
	return f == FAULT_NONE ? eval_give(e, tv_object(e->pool, members, list->array.n), ret) : f;
}

static enum fault fn_lambda(struct eval *e, const struct expr *call, const struct tv **ret UNUSED)
{
	return refuse(e, call, "a lambda stands only as a parameter of a function that takes one");
}

static enum fault fn_lambda_variables(struct call *c, const struct tv **ret)
{
	struct span name;
	enum fault f = call_text(c, 0, &name);

	if (f != FAULT_NONE)
		return f;
	for (const struct fn_scope *s = c->eval->scope; s != NULL; s = s->outer) {
		if (span_eq_nocase(s->name, name))
			return call_give(c, s->value, ret);
	}
	return call_refuse(c, "there is no variable '%.*s' of a lambda here", SPAN_ARG(span_first(name, 100)));
}

static const struct fn rows[] = {
	{ "map", 2, 2, NULL, fn_map, ARITY_COUNT },
	{ "filter", 2, 2, NULL, fn_filter, ARITY_COUNT },
	{ "reduce", 3, 3, NULL, fn_reduce, ARITY_COUNT },
	{ "sort", 2, 2, NULL, fn_sort, ARITY_COUNT },
	{ "toObject", 2, 3, NULL, fn_to_object, ARITY_COUNT },
	{ "lambda", 1, PARAMETERS_MAX + 1, NULL, fn_lambda, ARITY_COUNT },
	{ "lambdaVariables", 1, 1, fn_lambda_variables, NULL, ARITY_COUNT },
};

const struct fn_table fn_lambdas = { rows, ARRAY_LEN(rows) };
