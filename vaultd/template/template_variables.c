/* The variables of a template, found when first asked for: plain ones, and those that loops make. */

#include "vaultd/template/template_eval.h"

static const struct path root_path = { .name = { "variables", 9 } };

static bool is_copies(const struct tv_member *m)
{
	return span_eq_nocase(m->name, SPAN_LIT("copy")) && tv_type(m->value) == TV_ARRAY;
}

static enum fault declare_copies(struct plan *p, const struct tv *copies, struct err *err)
{
	struct path list = PATH_NAME(&root_path, "copy");
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < copies->array.n; i++) {
		const struct tv *copy = copies->array.items[i];
		struct path at = PATH_ITEM(&list, i);
		struct span name = tv_text(tv_get(copy, "name"));

		if (name.len == 0 || tv_get(copy, "count") == NULL || tv_get(copy, "input") == NULL)
			return plan_refuse(
				p, copy, &at, err,
				"The template 'copy' definition at line '%u' and column '%u' must have the "
				"members 'name', 'count' and 'input'. Please see https://aka.ms/arm-copy for "
				"usage details.",
				copy->line, copy->column);
		f = binding_add(&p->variables,
				(struct binding){ .name = name, .source = copy, .is_copy = true, .copy_item = i });
	}
	return f;
}

enum fault variables_declare(struct plan *p, struct err *err)
{
	const struct tv *declared = tv_get(p->in.template, "variables");
	size_t n = tv_type(declared) == TV_OBJECT ? declared->object.n : 0, room = n;

	for (size_t i = 0; i < n; i++)
		if (is_copies(&declared->object.members[i]))
			room += declared->object.members[i].value->array.n;
	enum fault f = bindings_init(&p->variables, p->pool, room);
	for (size_t i = 0; f == FAULT_NONE && i < n; i++) {
		const struct tv_member *m = &declared->object.members[i];

		f = is_copies(m) ? declare_copies(p, m->value, err)
				 : binding_add(&p->variables, (struct binding){ .name = m->name, .source = m->value });
	}
	return f;
}

static enum fault evaluate(struct plan *p, struct binding *b, struct err *err)
{
	struct path list = PATH_NAME(&root_path, "copy");
	struct path at = b->is_copy ? PATH_ITEM(&list, b->copy_item) : PATH_SPAN(&root_path, b->name);
	struct template_eval e = { .plan = p, .stage = EVAL_FIXED };

	enum fault f = binding_enter(p, b->name, err);
	if (f != FAULT_NONE)
		return f;
	b->state = BINDING_RUNS;
	f = b->is_copy ? eval_copy(&e, b->source, b->name, true, &at, &b->value, err)
		       : eval_value(&e, b->source, &at, &b->value, err);
	p->depth--;
	b->state = f == FAULT_NONE ? BINDING_READY : BINDING_WAITS;
	return plan_frame(p, f, err, "The template variable '%.*s'", SPAN_ARG(b->name));
}

enum fault variable_value(struct plan *p, struct span name, const struct tv **ret, struct err *err)
{
	struct binding *b = binding_find(&p->variables, name);
	enum fault f = FAULT_NONE;

	if (b == NULL)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "The template variable '%.*s' is not found. Please see "
			       "https://aka.ms/arm-syntax-variables for usage details.",
			       SPAN_ARG(name));
	if (b->state == BINDING_RUNS)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "Circular dependency detected in template language expression '[variables('%.*s')]'",
			       SPAN_ARG(b->name));
	if (b->state == BINDING_WAITS)
		f = evaluate(p, b, err);
	if (f == FAULT_NONE)
		*ret = b->value;
	return f;
}
