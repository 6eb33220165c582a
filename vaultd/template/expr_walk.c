#include "vaultd/template/expr.h"

#include "vaultd/template/fn.h"

bool expr_is(struct span text)
{
	return text.len >= 2 && text.p[0] == '[' && text.p[1] != '[' && text.p[text.len - 1] == ']';
}

/* One walk through a value. */
struct walk {
	struct eval eval;
	const struct tv **ret_at;
};

static enum fault eval_value(struct walk *w, const struct tv *v, const struct tv **ret);

/* The same value with the place of what it was made from. */
static enum fault give_at(struct walk *w, const struct tv *made, const struct tv *origin, const struct tv **ret)
{
	struct tv *placed = made == NULL ? NULL : pool_alloc(w->eval.pool, sizeof(*placed));

	if (placed != NULL) {
		*placed = *made;
		placed->line = origin->line;
		placed->column = origin->column;
	}
	return eval_give(&w->eval, placed, ret);
}

/* "[[x]" is "[x]". */
static bool is_escaped(struct span text)
{
	return text.len >= 2 && text.p[0] == '[' && text.p[1] == '[' && text.p[text.len - 1] == ']';
}

static enum fault eval_text(struct walk *w, struct span text, const struct tv **ret)
{
	const struct expr *x = NULL;
	enum fault f;

	if (is_escaped(text))
		return eval_give(&w->eval, tv_string(w->eval.pool, span_from(text, 1)), ret);
	f = expr_parse(w->eval.pool, expr_inside(text), &x, w->eval.err);
	w->eval.work = 0;
	return f == FAULT_NONE ? eval_expr(&w->eval, x, ret) : f;
}

static enum fault eval_string(struct walk *w, const struct tv *v, const struct tv **ret)
{
	const struct tv *made = NULL;
	enum fault f;

	if (!expr_is(v->text) && !is_escaped(v->text)) {
		*ret = v;
		return FAULT_NONE;
	}
	f = eval_text(w, v->text, &made);
	if (f == FAULT_NONE)
		return give_at(w, made, v, ret);
	if (w->ret_at != NULL)
		*w->ret_at = v;
	return f;
}

static enum fault eval_array(struct walk *w, const struct tv *v, const struct tv **ret)
{
	const struct tv **items = pool_alloc(w->eval.pool, v->array.n * sizeof(const struct tv *));
	bool is_same = true;

	if (items == NULL)
		return eval_give(&w->eval, NULL, ret);
	for (size_t i = 0; i < v->array.n; i++) {
		enum fault f = eval_value(w, v->array.items[i], &items[i]);

		if (f != FAULT_NONE)
			return f;
		is_same = is_same && items[i] == v->array.items[i];
	}
	if (is_same) {
		*ret = v;
		return FAULT_NONE;
	}
	return give_at(w, tv_array(w->eval.pool, items, v->array.n), v, ret);
}

static enum fault eval_name(struct walk *w, const struct tv *object, struct span name, struct span *ret)
{
	const struct tv *made = NULL;
	enum fault f = FAULT_NONE;

	if (!expr_is(name) && !is_escaped(name)) {
		*ret = name;
		return FAULT_NONE;
	}
	f = eval_text(w, name, &made);
	if (f == FAULT_NONE && tv_type(made) != TV_STRING)
		f = err_say(
			w->eval.err, FAULT_INVALID, "",
			"The language expression '%.*s' of a property's name must give a value of type 'String', not "
			"'%s'.",
			SPAN_ARG(span_first(name, 256)), tv_type_word(tv_type(made)));
	if (f == FAULT_NONE) {
		*ret = made->text;
	} else if (w->ret_at != NULL) {
		*w->ret_at = object;
	}
	return f;
}

/* Only a name that was evaluated can be there before. */
static enum fault check_name(struct walk *w, const struct tv *object, const struct tv_member *members, size_t at)
{
	enum fault f = eval_spend(&w->eval, at);

	if (span_eq(members[at].name, object->object.members[at].name))
		return FAULT_NONE;
	for (size_t i = 0; i < at && f == FAULT_NONE; i++) {
		if (!span_eq_nocase(members[i].name, members[at].name))
			continue;
		f = err_say(w->eval.err, FAULT_INVALID, "", "The property '%.*s' stands there twice.",
			    SPAN_ARG(span_first(members[at].name, 256)));
		if (w->ret_at != NULL)
			*w->ret_at = object;
	}
	return f;
}

static enum fault eval_object(struct walk *w, const struct tv *v, const struct tv **ret)
{
	struct tv_member *members = pool_alloc(w->eval.pool, v->object.n * sizeof(*members));
	bool is_same = true;

	if (members == NULL)
		return eval_give(&w->eval, NULL, ret);
	for (size_t i = 0; i < v->object.n; i++) {
		const struct tv_member *from = &v->object.members[i];
		enum fault f = eval_name(w, v, from->name, &members[i].name);

		if (f == FAULT_NONE)
			f = check_name(w, v, members, i);
		if (f == FAULT_NONE)
			f = eval_value(w, from->value, &members[i].value);
		if (f != FAULT_NONE)
			return f;
		is_same = is_same && members[i].value == from->value && members[i].name.p == from->name.p;
	}
	if (is_same) {
		*ret = v;
		return FAULT_NONE;
	}
	return give_at(w, tv_object(w->eval.pool, members, v->object.n), v, ret);
}

static enum fault eval_value(struct walk *w, const struct tv *v, const struct tv **ret)
{
	switch (tv_type(v)) {
	case TV_NULL:
	case TV_BOOL:
	case TV_INT:
	case TV_NUMBER:
		*ret = v;
		return FAULT_NONE;
	case TV_STRING:
		return eval_string(w, v, ret);
	case TV_ARRAY:
		return eval_array(w, v, ret);
	case TV_OBJECT:
		return eval_object(w, v, ret);
	}
	return FAULT_INVALID;
}

enum fault expr_eval(const struct expr_env *env, const struct tv *v, const struct tv **ret, const struct tv **ret_at,
		     struct err *err)
{
	struct walk w = { .eval = { .env = env, .pool = env->pool, .err = err }, .ret_at = ret_at };

	return eval_value(&w, v, ret);
}
