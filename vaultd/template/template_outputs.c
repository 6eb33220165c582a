/* What a deployment gives back. */

#include "vaultd/template/template_eval.h"
#include "vaultd/template/template_types.h"

static const struct path root_path = { .name = { "outputs", 7 } };

static const char *const known_members[] = {
	"type",
	"value",
	"condition",
	"copy",
	"metadata",
	"nullable",
	"$ref",
	"properties",
	"items",
	"prefixItems",
	"additionalProperties",
	"discriminator",
	"minLength",
	"maxLength",
	"minValue",
	"maxValue",
	"allowedValues",
};

enum fault outputs_check(struct plan *p, struct err *err)
{
	const struct tv *outputs = tv_get(p->in.template, "outputs");
	size_t n = tv_type(outputs) == TV_OBJECT ? outputs->object.n : 0;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < n; i++) {
		const struct tv_member *m = &outputs->object.members[i];
		struct path at = PATH_SPAN(&root_path, m->name);
		const struct template_type *type;

		if (tv_type(m->value) != TV_OBJECT)
			return plan_refuse(p, m->value, &at, err, "The template output '%.*s' is not an object",
					   SPAN_ARG(m->name));
		f = plan_check_members(p, m->value, &at, "TemplateOutputParameter", known_members,
				       ARRAY_LEN(known_members), err);
		if (f == FAULT_NONE)
			f = declared_type(p, m->value, &at, &type, err);
	}
	return f;
}

static enum fault eval_condition(struct template_eval *e, const struct tv *output, const struct path *at, bool *ret,
				 struct err *err)
{
	const struct tv *written = tv_get(output, "condition"), *v;
	struct path here = PATH_NAME(at, "condition");

	*ret = true;
	if (written == NULL)
		return FAULT_NONE;
	enum fault f = eval_value(e, written, &here, &v, err);
	if (f == FAULT_NONE && v->type != TV_BOOL) {
		plan_place(e->plan, written, &here);
		f = err_say(err, FAULT_INVALID, "", "The condition must be of type 'Boolean', but is of type '%s'",
			    tv_type_word(v->type));
	}
	if (f == FAULT_NONE)
		*ret = v->boolean;
	return f;
}

static enum fault check_type(struct template_eval *e, const struct tv *output, const struct template_type *type,
			     const struct tv *v, const struct path *at, struct err *err)
{
	if (v->type == type->type || (v->type == TV_NULL && declared_is_nullable(e->plan, output)))
		return FAULT_NONE;
	plan_place(e->plan, output, at);
	/* Azure's own sentence lacks the blank. */
	return err_say(err, FAULT_INVALID, "",
		       "Template output JToken type is not valid. Expected '%s'. Actual '%s'.Please see "
		       "https://aka.ms/arm-template/#outputs for usage details.",
		       type->expected, tv_type_word(v->type));
}

static enum fault eval_output(struct template_eval *e, const struct tv *output, const struct template_type *type,
			      const struct path *at, const struct tv **ret, struct err *err)
{
	const struct tv *copy = tv_get(output, "copy"), *v = NULL;
	struct path here = PATH_SPAN(at, copy == NULL ? SPAN_LIT("value") : SPAN_LIT("copy"));
	enum fault f = copy == NULL ? eval_value(e, tv_get(output, "value"), &here, &v, err)
				    : eval_copy(e, copy, SPAN_EMPTY, false, &here, &v, err);

	if (f == FAULT_NONE && v == NULL)
		v = tv_null(e->plan->pool);
	if (f == FAULT_NONE)
		f = v == NULL ? FAULT_MEMORY : check_type(e, output, type, v, at, err);
	if (f != FAULT_NONE)
		return f;
	*ret = typed_value(e->plan->pool, type, v);
	return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault add_output(struct plan *p, const struct tv_member *m, struct tv_member *out, size_t *n,
			     struct err *err)
{
	struct template_eval e = { .plan = p, .stage = EVAL_RUN };
	struct path at = PATH_SPAN(&root_path, m->name);
	const struct template_type *type;
	bool is_given = false;
	enum fault f = declared_type(p, m->value, &at, &type, err);

	if (f == FAULT_NONE)
		f = eval_condition(&e, m->value, &at, &is_given, err);
	if (f == FAULT_NONE && is_given)
		f = eval_output(&e, m->value, type, &at, &out[*n].value, err);
	if (f == FAULT_NONE && is_given)
		out[(*n)++].name = m->name;
	if (f == FAULT_INVALID && !p->is_framed)
		f = err_say(err, f, "DeploymentOutputEvaluationFailed", "The template output '%.*s' is not valid: %s.",
			    SPAN_ARG(m->name), err->message);
	return f;
}

enum fault plan_outputs(struct plan *p, const struct tv **ret, struct template_place *ret_place, struct err *err)
{
	const struct tv *outputs = tv_get(p->in.template, "outputs");
	struct err own = ERR_INIT;
	struct tv_member *out;
	size_t n = 0;
	enum fault f = FAULT_NONE;

	if (tv_type(outputs) != TV_OBJECT) {
		*ret = NULL;
		return FAULT_NONE;
	}
	err = err == NULL ? &own : err;
	p->is_placed = p->is_framed = false;
	p->work = 0;
	out = pool_alloc(p->pool, (outputs->object.n + 1) * sizeof(*out));
	if (out == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; f == FAULT_NONE && i < outputs->object.n; i++)
		f = add_output(p, &outputs->object.members[i], out, &n, err);
	if (f != FAULT_NONE)
		plan_hide_secrets(p, err);
	if (f != FAULT_NONE && ret_place != NULL)
		*ret_place = p->place;
	if (f != FAULT_NONE)
		return f;
	*ret = tv_object(p->pool, out, n);
	return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
}
