/* The parameters of a template: what was given, what stands in for what was not, and what is wrong with either. */

#include "vaultd/template/template_constraints.h"
#include "vaultd/template/template_eval.h"

static const char *const known_members[] = {
	"type",		 "defaultValue", "allowedValues", "minValue", "maxValue",   "minLength",
	"maxLength",	 "metadata",	 "nullable",	  "$ref",     "properties", "additionalProperties",
	"discriminator", "items",	 "prefixItems",
};

static const struct path root_path = { .name = { "parameters", 10 } };

static enum fault declare(struct plan *p, const struct tv_member *m, struct err *err)
{
	struct path at = PATH_SPAN(&root_path, m->name);
	const struct template_type *type;

	if (tv_type(m->value) != TV_OBJECT)
		return plan_refuse(p, m->value, &at, err, "The template parameter '%.*s' is not an object",
				   SPAN_ARG(m->name));
	enum fault f = plan_check_members(p, m->value, &at, "TemplateInputParameter", known_members,
					  ARRAY_LEN(known_members), err);
	if (f == FAULT_NONE)
		f = declared_type(p, m->value, &at, &type, err);
	if (f == FAULT_NONE)
		f = binding_add(&p->parameters, (struct binding){ .name = m->name, .source = m->value });
	return f;
}

static enum fault declare_all(struct plan *p, struct err *err)
{
	const struct tv *declared = tv_get(p->in.template, "parameters");
	size_t n = tv_type(declared) == TV_OBJECT ? declared->object.n : 0;
	enum fault f = bindings_init(&p->parameters, p->pool, n);

	for (size_t i = 0; f == FAULT_NONE && i < n; i++)
		f = declare(p, &declared->object.members[i], err);
	return f;
}

static void put_listed(struct buf *out, struct span name)
{
	if (out->len > 0)
		buf_put_cstr(out, ", ");
	buf_put_span(out, name);
}

static enum fault refuse_undeclared(struct plan *p, const char *undeclared, struct err *err)
{
	SCOPED_DONE(buf) struct buf declared = BUF_INIT(ERR_MESSAGE_MAX);

	for (size_t i = 0; i < p->parameters.n; i++)
		put_listed(&declared, p->parameters.items[i].name);
	return plan_refuse(p, tv_get(p->in.template, "parameters"), &root_path, err,
			   "The following parameters were supplied, but do not correspond to any parameters defined in "
			   "the template: '%s'. The parameters defined in the template are: '%s'. Please see "
			   "https://aka.ms/arm-pass-parameter-values for usage details.",
			   undeclared, buf_cstr(&declared));
}

/* A secret that was sent without its wrapping is one all the same. */
static bool may_be_shown(struct plan *p, const struct tv_member *m, const struct path *at)
{
	const struct binding *b = binding_find(&p->parameters, m->name);
	const struct template_type *type;

	return b == NULL || (declared_type(p, b->source, at, &type, NULL) == FAULT_NONE && !type->is_secure);
}

/* A parameter file's own members given as parameters, or a value without its wrapping. */
static enum fault refuse_shape(struct plan *p, const struct tv_member *m, struct err *err)
{
	struct path at = PATH_SPAN(&root_path, m->name);
	SCOPED_DONE(buf) struct buf shown = BUF_INIT(ERR_MESSAGE_MAX / 2);

	if (tv_type(m->value) == TV_OBJECT && tv_get(m->value, "reference") != NULL)
		return plan_refuse(
			p, m->value, &at, err,
			"The template parameter '%.*s' refers to a secret of a vault, which this double does "
			"not imitate",
			SPAN_ARG(m->name));
	if (may_be_shown(p, m, &at))
		tv_write(&shown, m->value);
	else
		buf_put_cstr(&shown, "''");
	return plan_unreadable(
		p, m->value, &at, err, "InvalidRequestContent",
		"The request content was invalid and could not be deserialized: 'Error converting value "
		"%s to type 'DeploymentParameterDefinition'. Path 'properties.parameters.%.*s', line %u, "
		"position %u.'.",
		buf_cstr(&shown), SPAN_ARG(m->name), m->value->line, m->value->column);
}

static enum fault check_given(struct plan *p, struct err *err)
{
	const struct tv *given = p->in.parameters;
	size_t n = tv_type(given) == TV_OBJECT ? given->object.n : 0;
	SCOPED_DONE(buf) struct buf undeclared = BUF_INIT(ERR_MESSAGE_MAX / 2);

	for (size_t i = 0; i < n; i++) {
		const struct tv_member *m = &given->object.members[i];

		if (tv_get(m->value, "value") == NULL)
			return refuse_shape(p, m, err);
		if (binding_find(&p->parameters, m->name) == NULL)
			put_listed(&undeclared, m->name);
	}
	return undeclared.len > 0 ? refuse_undeclared(p, buf_cstr(&undeclared), err) : FAULT_NONE;
}

static enum fault default_of(struct plan *p, const struct binding *b, const struct path *at, const struct tv **ret,
			     struct err *err)
{
	const struct tv *text = tv_get(b->source, "defaultValue");
	struct path here = PATH_NAME(at, "defaultValue");
	struct template_eval e = { .plan = p, .stage = EVAL_FIXED, .is_default_value = true };

	if (text == NULL && declared_is_nullable(p, b->source)) {
		*ret = tv_null(p->pool);
		return *ret == NULL ? FAULT_MEMORY : FAULT_NONE;
	}
	if (text == NULL)
		return plan_refuse(p, b->source, at, err,
				   "The value for the template parameter '%.*s' at line '%u' and column '%u' is not "
				   "provided. Please see https://aka.ms/arm-create-parameter-file for usage details.",
				   SPAN_ARG(b->name), b->source->line, b->source->column);
	enum fault f = eval_value(&e, text, &here, ret, err);
	return plan_frame(p, f, err, "The template parameter '%.*s'", SPAN_ARG(b->name));
}

static enum fault bind(struct plan *p, struct binding *b, struct err *err)
{
	struct path at = PATH_SPAN(&root_path, b->name);
	const struct template_type *type;
	const struct tv *value = tv_get(tv_get_span(p->in.parameters, b->name), "value");
	enum fault f = declared_type(p, b->source, &at, &type, err);

	if (f == FAULT_NONE)
		f = binding_enter(p, b->name, err);
	if (f != FAULT_NONE)
		return f;
	b->state = BINDING_RUNS;
	if (value == NULL)
		f = default_of(p, b, &at, &value, err);
	p->depth--;
	if (f == FAULT_NONE)
		f = constraints_check(p, b->name, b->source, type, value, &at, err);
	b->state = f == FAULT_NONE ? BINDING_READY : BINDING_WAITS;
	b->value = value;
	return f;
}

enum fault parameter_value(struct plan *p, struct span name, const struct tv **ret, struct err *err)
{
	struct binding *b = binding_find(&p->parameters, name);
	enum fault f = FAULT_NONE;

	if (b == NULL)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "The template parameter '%.*s' is not found. Please see "
			       "https://aka.ms/arm-syntax-parameters for usage details.",
			       SPAN_ARG(name));
	if (b->state == BINDING_RUNS)
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "Circular dependency detected in template language expression '[parameters('%.*s')]'",
			       SPAN_ARG(b->name));
	if (b->state == BINDING_WAITS)
		f = bind(p, b, err);
	if (f == FAULT_NONE)
		*ret = b->value;
	return f;
}

enum fault parameters_bind(struct plan *p, struct err *err)
{
	enum fault f = declare_all(p, err);
	const struct tv *value;

	if (f == FAULT_NONE)
		f = check_given(p, err);
	for (size_t i = 0; f == FAULT_NONE && i < p->parameters.n; i++)
		f = parameter_value(p, p->parameters.items[i].name, &value, err);
	return f;
}

enum fault parameters_show(struct plan *p)
{
	struct tv_member *members = pool_alloc(p->pool, (p->parameters.n + 1) * sizeof(*members));

	if (members == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < p->parameters.n; i++) {
		const struct binding *b = &p->parameters.items[i];
		const struct template_type *type;

		/* It was found when the parameter was bound. */
		if (declared_type(p, b->source, &root_path, &type, NULL) != FAULT_NONE)
			return FAULT_INVALID;
		members[i].name = b->name;
		members[i].value = typed_value(p->pool, type, b->value);
		if (members[i].value == NULL)
			return FAULT_MEMORY;
	}
	p->shown_parameters = tv_object(p->pool, members, p->parameters.n);
	return p->shown_parameters == NULL ? FAULT_MEMORY : FAULT_NONE;
}
