#include "vaultd/arm/role_custom.h"

#include "common/model/role_rules.h"
#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/role_path.h"

enum { NAME_MAX_LEN = 512, DESCRIPTION_MAX_LEN = 2048, LISTS_MAX = 256 << 10 };

static enum fault bad(struct err *err, const char *why)
{
	return err_say(err, FAULT_INVALID, "InvalidRoleDefinition", "The role definition is invalid: %s", why);
}

static enum fault read_names(const struct json *properties, struct role_definition *ret, struct err *err)
{
	const struct json *name = NULL, *description = NULL, *type = NULL;
	enum fault f = arm_member(properties, "roleName", JSON_STRING, &name, err);

	if (f == FAULT_NONE)
		f = arm_member(properties, "description", JSON_STRING, &description, err);
	if (f == FAULT_NONE)
		f = arm_member(properties, "type", JSON_STRING, &type, err);
	if (f != FAULT_NONE)
		return f;
	if (json_string(name).len == 0 || json_string(name).len > NAME_MAX_LEN)
		return bad(err, "'roleName' must have 1 to 512 characters.");
	if (json_string(description).len > DESCRIPTION_MAX_LEN)
		return bad(err, "'description' is longer than 2048 characters.");
	if (type != NULL && !span_eq_nocase(json_string(type), SPAN_LIT("CustomRole")))
		return bad(err, "'type' must be CustomRole.");
	ret->name = json_string(name);
	ret->description = description == NULL ? (struct span){ NULL, 0 } : json_string(description);
	return FAULT_NONE;
}

static enum fault read_permissions(struct arm_op *op, const struct json *properties, struct role_definition *ret,
				   struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(LISTS_MAX);
	const struct json *permissions = json_get_nocase(properties, "permissions");
	struct err why = ERR_INIT;
	enum fault f = role_rules_canonical(permissions, &text, &why);

	if (f == FAULT_INVALID)
		return bad(err, why.message);
	if (f == FAULT_TOO_LARGE)
		return bad(err, "its permissions are too long.");
	if (f != FAULT_NONE)
		return f;
	if (!role_rules_have_actions(permissions))
		return bad(err, "it must have at least one of 'actions' and 'dataActions'.");
	ret->permissions = pool_dup(http_exchange_pool(op->x), buf_span(&text));
	return ret->permissions.p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault check_scope(struct arm_op *op, const struct json *v, struct err *err)
{
	struct role_scope s;
	enum fault f = role_scope_read(http_exchange_pool(op->x), json_string(v), &s);

	if (f == FAULT_INVALID || (f == FAULT_NONE && s.text.len == 1))
		return bad(err, "each of 'assignableScopes' must be the id of a subscription, or of something in one.");
	return f == FAULT_NONE ? role_scope_exists(&op->d->world, op->txn, &s, err) : f;
}

static enum fault read_scopes(struct arm_op *op, const struct json *properties, struct role_definition *ret,
			      struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(LISTS_MAX);
	const struct json *scopes = NULL;
	enum fault f = arm_member(properties, "assignableScopes", JSON_ARRAY, &scopes, err);

	if (f == FAULT_NONE && json_array_len(scopes) == 0)
		return bad(err, "'assignableScopes' must not be empty.");
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(scopes); i++)
		f = check_scope(op, json_array_at(scopes, i), err);
	if (f != FAULT_NONE)
		return f;
	json_write(&text, scopes);
	if (buf_fault(&text) != FAULT_NONE)
		return buf_fault(&text);
	ret->assignable_scopes = pool_dup(http_exchange_pool(op->x), buf_span(&text));
	return ret->assignable_scopes.p == NULL ? FAULT_MEMORY : FAULT_NONE;
}

enum fault role_custom_read(struct arm_op *op, struct role_definition *ret, struct err *err)
{
	struct role_definition d = { .is_builtin = false };
	const struct json *properties = NULL;
	enum fault f = arm_member(op->body, "properties", JSON_OBJECT, &properties, err);

	if (f == FAULT_NONE)
		f = read_names(properties, &d, err);
	if (f == FAULT_NONE)
		f = read_permissions(op, properties, &d, err);
	if (f == FAULT_NONE)
		f = read_scopes(op, properties, &d, err);
	if (f == FAULT_NONE)
		*ret = d;
	return f;
}

enum fault role_custom_check_owner(struct arm_op *op, const struct role_definition *d, const char *action,
				   struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f;

	if (d->is_builtin)
		return err_say(err, FAULT_INVALID, "RoleDefinitionUpdateNotPermitted",
			       "The role '%.*s' is built in and cannot be changed.", SPAN_ARG(d->name));
	f = json_parse(d->assignable_scopes, &doc, NULL);
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(json_root(doc)); i++) {
		struct role_scope s;

		f = role_scope_read(http_exchange_pool(op->x), json_string(json_array_at(json_root(doc), i)), &s);
		if (f == FAULT_NONE)
			f = arm_must(op, action, s.text.p, err);
	}
	return f == FAULT_INVALID ? FAULT_STORE : f;
}
