#include "vaultd/arm/deny_read.h"

#include "common/io/json_out.h"
#include "common/model/role_assignment.h"
#include "common/model/role_rules.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/role_path.h"

enum { LIST_MAX = 256 << 10 };

static enum fault bad(struct err *err, const char *why)
{
	return err_say(err, FAULT_INVALID, "InvalidDenyAssignment", "The deny assignment is invalid: %s", why);
}

static enum fault keep(struct pool *pool, const struct buf *b, struct span *ret)
{
	if (buf_fault(b) != FAULT_NONE)
		return buf_fault(b);
	*ret = pool_dup(pool, buf_span(b));
	return ret->p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault write_principal(struct json_out *o, const struct json *one, struct err *err)
{
	struct span id = json_string(json_get_nocase(one, "id")), type = json_string(json_get_nocase(one, "type"));
	struct span name = json_string(json_get_nocase(one, "displayName"));
	bool is_everybody = span_eq(id, RBAC_EVERYBODY);

	if (!uuid_is_valid(id))
		return bad(err, "each principal must have the 'id' of one, a GUID.");
	if (type.len == 0)
		type = is_everybody ? SPAN_LIT("SystemDefined") : SPAN_LIT("ServicePrincipal");
	json_out_object(o, NULL);
	json_out_str(o, "id", id);
	json_out_str(o, "type", type);
	if (name.len > 0 || is_everybody)
		json_out_str(o, "displayName", name.len > 0 ? name : SPAN_LIT("All Principals"));
	json_out_object_end(o);
	return FAULT_NONE;
}

static enum fault read_principals(const struct json *properties, const char *name, struct pool *pool, struct span *ret,
				  struct err *err)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(LIST_MAX);
	const struct json *list = NULL;
	struct json_out o;
	enum fault f = arm_member(properties, name, JSON_ARRAY, &list, err);

	json_out_init(&o, &b);
	json_out_array(&o, NULL);
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(list); i++)
		f = write_principal(&o, json_array_at(list, i), err);
	json_out_array_end(&o);
	return f == FAULT_NONE ? keep(pool, &b, ret) : f;
}

static enum fault read_permissions(const struct json *properties, struct pool *pool, struct span *ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(LIST_MAX);
	const struct json *permissions = json_get_nocase(properties, "permissions");
	struct err why = ERR_INIT;
	enum fault f = role_rules_canonical(permissions, &b, &why);

	if (f == FAULT_INVALID)
		return bad(err, why.message);
	if (f == FAULT_NONE && !role_rules_have_actions(permissions))
		return bad(err, "it must have at least one of 'actions' and 'dataActions'.");
	return f == FAULT_NONE ? keep(pool, &b, ret) : f;
}

static enum fault read_scope(const struct json *properties, struct pool *pool, struct deny_assignment *ret,
			     struct err *err)
{
	const struct json *v = NULL;
	struct role_scope scope;
	enum fault f = arm_member(properties, "scope", JSON_STRING, &v, err);

	if (f != FAULT_NONE)
		return f;
	if (v != NULL) {
		f = role_scope_read(pool, json_string(v), &scope);
		if (f == FAULT_NONE) {
			ret->scope = scope.text;
			ret->scope_folded = scope.folded;
		} else if (f != FAULT_INVALID) {
			return f;
		}
	}
	if (f == FAULT_INVALID || ret->scope.len == 0 || ret->scope.len >= SCOPE_SIZE)
		return bad(err, "'scope' must be the id of a subscription, a group or a resource.");
	return FAULT_NONE;
}

static enum fault read_words(const struct json *properties, struct deny_assignment *ret, struct err *err)
{
	const struct json *name = NULL, *description = NULL, *no_children = NULL, *is_protected = NULL;
	enum fault f = arm_member(properties, "denyAssignmentName", JSON_STRING, &name, err);

	if (f == FAULT_NONE)
		f = arm_member(properties, "description", JSON_STRING, &description, err);
	if (f == FAULT_NONE)
		f = arm_member(properties, "doNotApplyToChildScopes", JSON_BOOL, &no_children, err);
	if (f == FAULT_NONE)
		f = arm_member(properties, "isSystemProtected", JSON_BOOL, &is_protected, err);
	if (f != FAULT_NONE)
		return f;
	if (json_string(name).len == 0)
		return bad(err, "it must have a 'denyAssignmentName'.");
	ret->name = json_string(name);
	ret->description = description == NULL ? (struct span){ NULL, 0 } : json_string(description);
	ret->does_not_apply_to_children = json_bool(no_children);
	ret->is_system_protected = json_bool(is_protected);
	return FAULT_NONE;
}

enum fault deny_assignment_read(const struct json *properties, struct pool *pool, struct deny_assignment *ret,
				struct err *err)
{
	enum fault f = read_words(properties, ret, err);

	if (f == FAULT_NONE)
		f = read_scope(properties, pool, ret, err);
	if (f == FAULT_NONE)
		f = read_permissions(properties, pool, &ret->permissions, err);
	if (f == FAULT_NONE)
		f = read_principals(properties, "principals", pool, &ret->principals, err);
	if (f == FAULT_NONE && span_eq_cstr(ret->principals, "[]"))
		return bad(err, "'principals' must not be empty.");
	return f == FAULT_NONE ? read_principals(properties, "excludePrincipals", pool, &ret->exclude_principals, err)
			       : f;
}
