#include "vaultd/template/template_types.h"

static const struct template_type types[] = {
	{ "string", "String", "String, Uri", TV_STRING, false },
	{ "securestring", "SecureString", "String, Uri", TV_STRING, true },
	{ "int", "Int", "Integer", TV_INT, false },
	{ "bool", "Bool", "Boolean", TV_BOOL, false },
	{ "object", "Object", "Object", TV_OBJECT, false },
	{ "secureobject", "SecureObject", "Object", TV_OBJECT, true },
	{ "array", "Array", "Array", TV_ARRAY, false },
};

/* Definitions may refer to definitions, so many times. */
enum { REFERENCES_MAX = 16 };

static const struct tv *definition_of(const struct plan *p, const struct tv *declaration)
{
	static const char prefix[] = "#/definitions/";
	struct span ref = tv_text(tv_get(declaration, "$ref"));

	if (!span_starts_nocase(ref, SPAN_LIT(prefix)))
		return NULL;
	return tv_get_span(tv_get(p->in.template, "definitions"), span_from(ref, sizeof(prefix) - 1));
}

const struct tv *declared_get(const struct plan *p, const struct tv *declaration, const char *member)
{
	for (int i = 0; declaration != NULL && i < REFERENCES_MAX; i++) {
		const struct tv *v = tv_get(declaration, member);

		if (v != NULL)
			return v;
		declaration = definition_of(p, declaration);
	}
	return NULL;
}

bool declared_is_nullable(const struct plan *p, const struct tv *declaration)
{
	const struct tv *v = declared_get(p, declaration, "nullable");

	return tv_type(v) == TV_BOOL && v->boolean;
}

static enum fault refuse_missing(struct plan *p, const struct tv *declaration, const struct path *at, struct err *err)
{
	struct span ref = tv_text(tv_get(declaration, "$ref"));
	struct span text = path_text(p->pool, at);

	if (ref.len > 0)
		return plan_refuse(p, declaration, at, err,
				   "The type reference '%.*s' at line '%u' and column '%u' does not lead to a type",
				   SPAN_ARG(ref), declaration->line, declaration->column);
	return plan_unreadable(p, declaration, at, err, "InvalidRequestContent",
			       "The request content was invalid and could not be deserialized: 'Required property "
			       "'type' not found in JSON. Path 'properties.template.%.*s', line %u, position %u.'.",
			       SPAN_ARG(text), declaration->line, declaration->column);
}

enum fault declared_type(struct plan *p, const struct tv *declaration, const struct path *at,
			 const struct template_type **ret, struct err *err)
{
	const struct tv *type = declared_get(p, declaration, "type");
	struct path here = PATH_NAME(at, "type");
	struct span name = tv_text(type), text;

	if (type == NULL)
		return refuse_missing(p, declaration, at, err);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (span_eq_nocase(name, span_cstr(types[i].name))) {
			*ret = &types[i];
			return FAULT_NONE;
		}
	text = path_text(p->pool, &here);
	return plan_unreadable(p, type, &here, err, "InvalidRequestContent",
			       "The request content was invalid and could not be deserialized: 'Error converting "
			       "value \"%.*s\" to type 'TemplateParameterType'. Path 'properties.template.%.*s', "
			       "line %u, position %u.'.",
			       SPAN_ARG(name), SPAN_ARG(text), type->line, type->column);
}

const struct tv *typed_value(struct pool *pool, const struct template_type *type, const struct tv *value)
{
	struct tv_member *members = pool_alloc(pool, 2 * sizeof(*members));
	const struct tv *shown = tv_string(pool, span_cstr(type->shown));
	bool has_value = value != NULL && !type->is_secure;

	if (members == NULL || shown == NULL)
		return NULL;
	members[0] = (struct tv_member){ SPAN_LIT("type"), shown };
	members[1] = (struct tv_member){ SPAN_LIT("value"), value };
	return tv_object(pool, members, has_value ? 2 : 1);
}
