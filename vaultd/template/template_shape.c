/* What stands at the top of a template. Source: fixtures/sources.md#templates */

#include "vaultd/template/template_plan.h"

static const char *const known_members[] = {
	"$schema",    "contentVersion", "languageVersion", "apiProfile", "metadata", "definitions", "functions",
	"parameters", "variables",	"resources",	   "outputs",	 "imports",  "extensions",
};

static const char *const must_members[] = { "$schema", "contentVersion", "resources" };

static const char schema_versions[] = "2014-04-01-preview,2015-01-01,2018-05-01,2019-04-01,2019-08-01";

static const char *const schema_kinds[] = {
	"deploymentTemplate.json",
	"subscriptionDeploymentTemplate.json",
	"managementGroupDeploymentTemplate.json",
	"tenantDeploymentTemplate.json",
};

static bool cut_prefix(struct span *s, const char *prefix)
{
	struct span p = span_cstr(prefix);

	if (!span_starts_nocase(*s, p))
		return false;
	*s = span_from(*s, p.len);
	return true;
}

static bool is_listed(struct span version)
{
	struct span list = SPAN_LIT(schema_versions);

	while (list.p != NULL) {
		struct span head;

		list = span_cut(list, ',', &head);
		if (span_eq_nocase(head, version))
			return true;
	}
	return false;
}

/* "https://schema.management.azure.com/schemas/VERSION/KIND#" */
static bool is_supported(struct span schema)
{
	struct span version;

	if (!cut_prefix(&schema, "https://") && !cut_prefix(&schema, "http://"))
		return false;
	if (!cut_prefix(&schema, "schema.management.azure.com/schemas/") &&
	    !cut_prefix(&schema, "schemas.management.azure.com/schemas/"))
		return false;
	schema = span_cut(schema, '/', &version);
	if (schema.p == NULL || !is_listed(version))
		return false;
	if (schema.len > 0 && schema.p[schema.len - 1] == '#')
		schema.len--;
	for (size_t i = 0; i < ARRAY_LEN(schema_kinds); i++)
		if (span_eq_nocase(schema, span_cstr(schema_kinds[i])))
			return true;
	return false;
}

static enum fault check_schema(struct plan *p, struct err *err)
{
	static const struct path at = { .name = { "$schema", 7 } };
	const struct tv *schema = tv_get(p->in.template, "$schema");

	if (is_supported(tv_text(schema)))
		return FAULT_NONE;
	return plan_refuse(p, schema, &at, err,
			   "Template schema '%.*s' is not supported. Supported versions are '%s'. Please see "
			   "https://aka.ms/arm-syntax for usage details.",
			   SPAN_ARG(tv_text(schema)), schema_versions);
}

static enum fault check_required(struct plan *p, struct err *err)
{
	const struct tv *t = p->in.template;

	for (size_t i = 0; i < ARRAY_LEN(must_members); i++)
		if (tv_get(t, must_members[i]) == NULL)
			return plan_unreadable(p, t, NULL, err, "InvalidTemplate",
					       "Deployment template parse failed: 'Required property '%s' not found in "
					       "JSON. Path '', line %u, position %u.'.",
					       must_members[i], t->line, t->column);
	return FAULT_NONE;
}

static bool has_content(const struct tv *v)
{
	return (tv_type(v) == TV_ARRAY && v->array.n > 0) || (tv_type(v) == TV_OBJECT && v->object.n > 0);
}

/* Known gaps: said plainly, whatever else the template is. */
static enum fault check_gaps(struct plan *p, struct err *err)
{
	static const struct {
		const char *member, *what;
	} gaps[] = {
		{ "imports", "extensions" },
		{ "extensions", "extensions" },
	};

	for (size_t i = 0; i < ARRAY_LEN(gaps); i++) {
		const struct tv *v = tv_get(p->in.template, gaps[i].member);
		struct path at = { .name = span_cstr(gaps[i].member) };

		if (has_content(v))
			return plan_refuse(p, v, &at, err,
					   "The template at line '%u' and column '%u' has %s, which this double does "
					   "not imitate",
					   v->line, v->column, gaps[i].what);
	}
	return FAULT_NONE;
}

static enum fault refuse_function(struct plan *p, const struct tv *v, const struct path *at, struct err *err)
{
	return plan_refuse(p, v, at, err,
			   "The template function at line '%u' and column '%u' is not valid. It must have parameters "
			   "with names and an output with a value. Please see https://aka.ms/arm-functions for usage "
			   "details.",
			   v->line, v->column);
}

static enum fault check_function(struct plan *p, const struct tv *f, const struct path *at, struct err *err)
{
	const struct tv *parameters = tv_get(f, "parameters");

	if (tv_get(tv_get(f, "output"), "value") == NULL ||
	    (tv_type(parameters) != TV_NULL && parameters->type != TV_ARRAY))
		return refuse_function(p, f, at, err);
	for (size_t i = 0; tv_type(parameters) == TV_ARRAY && i < parameters->array.n; i++)
		if (tv_text(tv_get(parameters->array.items[i], "name")).len == 0)
			return refuse_function(p, f, at, err);
	return FAULT_NONE;
}

/* [{"namespace":"n","members":{"f":{"parameters":[…],"output":{…}}}}] */
static enum fault check_functions(struct plan *p, struct err *err)
{
	static const struct path root = { .name = { "functions", 9 } };
	const struct tv *all = tv_get(p->in.template, "functions");
	enum fault f = FAULT_NONE;

	if (tv_type(all) == TV_NULL)
		return FAULT_NONE;
	if (all->type != TV_ARRAY)
		return refuse_function(p, all, &root, err);
	for (size_t i = 0; f == FAULT_NONE && i < all->array.n; i++) {
		struct path at = PATH_ITEM(&root, i), below = PATH_NAME(&at, "members");
		const struct tv *members = tv_get(all->array.items[i], "members");

		if (tv_text(tv_get(all->array.items[i], "namespace")).len == 0 || tv_type(members) != TV_OBJECT)
			return refuse_function(p, all->array.items[i], &at, err);
		for (size_t k = 0; f == FAULT_NONE && k < members->object.n; k++) {
			struct path here = PATH_SPAN(&below, members->object.members[k].name);

			f = check_function(p, members->object.members[k].value, &here, err);
		}
	}
	return f;
}

static enum fault check_section(struct plan *p, const char *member, bool is_array_too, struct err *err)
{
	const struct tv *v = tv_get(p->in.template, member);
	struct path at = { .name = span_cstr(member) };

	if (tv_type(v) == TV_OBJECT || tv_type(v) == TV_NULL || (is_array_too && v->type == TV_ARRAY))
		return FAULT_NONE;
	return plan_refuse(
		p, v, &at, err,
		"The template section '%s' at line '%u' and column '%u' must be of type '%s', but is of type "
		"'%s'",
		member, v->line, v->column, is_array_too ? "Array" : "Object", tv_type_word(v->type));
}

static enum fault check_sections(struct plan *p, struct err *err)
{
	static const struct path at = { .name = { "resources", 9 } };
	const struct tv *resources = tv_get(p->in.template, "resources");
	enum fault f = check_section(p, "parameters", false, err);

	if (f == FAULT_NONE)
		f = check_section(p, "variables", false, err);
	if (f == FAULT_NONE)
		f = check_section(p, "outputs", false, err);
	if (f == FAULT_NONE)
		f = check_section(p, "resources", true, err);
	if (f == FAULT_NONE && resources->type == TV_OBJECT && tv_get(p->in.template, "languageVersion") == NULL)
		f = plan_refuse(p, resources, &at, err,
				"The template resources at line '%u' and column '%u' have symbolic names, which need "
				"languageVersion '2.0'",
				resources->line, resources->column);
	return f;
}

enum fault shape_check(struct plan *p, struct err *err)
{
	const struct tv *t = p->in.template;

	if (tv_type(t) != TV_OBJECT)
		return plan_unreadable(
			p, t, NULL, err, "InvalidTemplate",
			"Deployment template parse failed: 'The template must be of type 'Object', but is "
			"of type '%s'.'.",
			tv_type_word(tv_type(t)));
	enum fault f = plan_check_members(p, t, NULL, "Template", known_members, ARRAY_LEN(known_members), err);
	if (f == FAULT_NONE)
		f = check_required(p, err);
	if (f == FAULT_NONE)
		f = check_schema(p, err);
	if (f == FAULT_NONE)
		f = check_gaps(p, err);
	if (f == FAULT_NONE)
		f = check_functions(p, err);
	return f == FAULT_NONE ? check_sections(p, err) : f;
}
