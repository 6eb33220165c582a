#include "vaultd/arm/role_reply.h"

#include <stdio.h>

#include "common/plain/text.h"

#define AUTHORIZATION "Microsoft.Authorization/"

enum { SECONDS_LEN = 19 };

/* "2025-11-24T07:37:12.9380000Z": seven digits. */
static void write_time(struct json_out *o, const char *key, int64_t wall_ms)
{
	char seconds[RFC3339_SIZE];

	rfc3339_format(seconds, wall_ms / 1000);
	json_out_fmt(o, key, "%.*s.%03d0000Z", SECONDS_LEN, seconds, wall_ms < 0 ? 0 : (int)(wall_ms % 1000));
}

static void write_text(struct json_out *o, const char *key, struct span v)
{
	if (v.p == NULL)
		json_out_null(o, key);
	else
		json_out_str(o, key, v);
}

static void write_history(struct json_out *o, int64_t created_ms, int64_t updated_ms, struct span created_by,
			  struct span updated_by)
{
	write_time(o, "createdOn", created_ms);
	write_time(o, "updatedOn", updated_ms);
	write_text(o, "createdBy", created_by);
	write_text(o, "updatedBy", updated_by);
}

/* The id of what stands at a scope. */
static void write_name(struct json_out *o, struct span scope, const char *type, struct span id)
{
	struct span at = span_eq(scope, SPAN_LIT("/")) ? SPAN_EMPTY : scope;

	json_out_fmt(o, "id", "%.*s/providers/" AUTHORIZATION "%s/%.*s", SPAN_ARG(at), type, SPAN_ARG(id));
	json_out_fmt(o, "type", AUTHORIZATION "%s", type);
	json_out_str(o, "name", id);
}

void role_definition_write(struct arm_op *op, const struct role_definition *d)
{
	bool is_of_tenant = !span_starts_nocase(op->scope, SPAN_LIT("/subscriptions/"));
	struct json_out *o = &op->out;
	char scope[64];

	snprintf(scope, sizeof(scope), "/subscriptions/%s", op->d->world.subscription_id);
	json_out_object(o, NULL);
	json_out_object(o, "properties");
	json_out_str(o, "roleName", d->name);
	json_out_cstr(o, "type", d->is_builtin ? "BuiltInRole" : "CustomRole");
	write_text(o, "description", d->description);
	json_out_raw(o, "assignableScopes", d->assignable_scopes);
	json_out_raw(o, "permissions", d->permissions);
	write_history(o, d->created_ms, d->updated_ms, d->created_by, d->updated_by);
	json_out_object_end(o);
	write_name(o, is_of_tenant ? SPAN_LIT("/") : span_cstr(scope), "roleDefinitions", d->id);
	json_out_object_end(o);
}

void role_assignment_write(struct arm_op *op, const struct role_assignment *a, bool is_create)
{
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_object(o, "properties");
	json_out_fmt(o, "roleDefinitionId", "/subscriptions/%s/providers/" AUTHORIZATION "roleDefinitions/%.*s",
		     op->d->world.subscription_id, SPAN_ARG(a->role_id));
	json_out_str(o, "principalId", a->principal_id);
	json_out_str(o, "principalType", a->principal_type);
	json_out_str(o, "scope", a->scope);
	write_text(o, "condition", a->condition);
	write_text(o, "conditionVersion", a->condition_version);
	write_history(o, a->created_ms, a->updated_ms, is_create ? (struct span){ NULL, 0 } : a->created_by,
		      a->updated_by);
	write_text(o, "delegatedManagedIdentityResourceId", a->delegated_identity);
	write_text(o, "description", a->description);
	json_out_object_end(o);
	write_name(o, a->scope, "roleAssignments", a->id);
	json_out_object_end(o);
}

void deny_assignment_write(struct json_out *o, const struct deny_assignment *d)
{
	json_out_object(o, NULL);
	json_out_object(o, "properties");
	json_out_str(o, "denyAssignmentName", d->name);
	write_text(o, "description", d->description);
	json_out_raw(o, "permissions", d->permissions);
	json_out_str(o, "scope", d->scope);
	json_out_bool(o, "doNotApplyToChildScopes", d->does_not_apply_to_children);
	json_out_raw(o, "principals", d->principals);
	json_out_raw(o, "excludePrincipals", d->exclude_principals);
	json_out_bool(o, "isSystemProtected", d->is_system_protected);
	write_history(o, d->created_ms, d->updated_ms, d->created_by, d->updated_by);
	json_out_object_end(o);
	write_name(o, d->scope, "denyAssignments", d->id);
	json_out_object_end(o);
}
