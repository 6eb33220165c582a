/* The loops of templates: how often, and each turn. */

#include "vaultd/template/template_eval.h"

static bool is_count(const struct tv *v)
{
	return tv_type(v) == TV_INT && v->integer >= 0 && v->integer <= TEMPLATE_COPIES_MAX;
}

enum fault eval_count(struct template_eval *e, const struct tv *copy, const struct path *at, size_t *ret,
		      struct err *err)
{
	bool was_pending = e->is_pending;
	struct path here = PATH_NAME(at, "count");
	const struct tv *count = NULL;

	e->is_pending = false;
	enum fault f = eval_value(e, tv_get(copy, "count"), &here, &count, err);
	bool must_wait = e->is_pending;
	e->is_pending = was_pending || must_wait;
	if (f != FAULT_NONE)
		return f;
	if (!must_wait && !is_count(count))
		return plan_refuse(e->plan, copy, at, err,
				   "The template 'copy' definition at line '%u' and column '%u' has an invalid copy "
				   "count. The copy count must be a positive integer value and cannot exceed '%d'. "
				   "Please see https://aka.ms/arm-copy for usage details.",
				   copy->line, copy->column, TEMPLATE_COPIES_MAX);
	*ret = must_wait ? 0 : (size_t)count->integer;
	return FAULT_NONE;
}

/* The value of one turn: input evaluated with the loop's index. */
static enum fault eval_turn(struct template_eval *e, struct loop *turn, const struct tv *input, const struct path *at,
			    const struct tv **ret, struct err *err)
{
	const struct loop *outer = e->loop;

	turn->outer = outer;
	e->loop = turn;
	enum fault f = eval_value(e, input, at, ret, err);
	e->loop = outer;
	return f;
}

enum fault eval_copy(struct template_eval *e, const struct tv *copy, struct span name, bool is_property,
		     const struct path *at, const struct tv **ret, struct err *err)
{
	struct path here = PATH_NAME(at, "input");
	size_t n = 0;
	enum fault f = eval_count(e, copy, at, &n, err);
	const struct tv **items = f == FAULT_NONE ? pool_alloc(e->plan->pool, (n + 1) * sizeof(struct tv *)) : NULL;

	if (f != FAULT_NONE)
		return f;
	if (items == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < n; i++) {
		struct loop turn = { .name = name, .index = (int64_t)i, .is_property = is_property };

		f = eval_turn(e, &turn, tv_get(copy, "input"), &here, &items[i], err);
		if (f != FAULT_NONE)
			return f;
	}
	*ret = tv_array(e->plan->pool, items, n);
	return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
}
