#include "common/model/principal.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/role_find.h"
#include "vaultd/arm/role_path.h"
#include "vaultd/arm/role_reply.h"

static const char *const principal_types[] = { "User", "Group", "ServicePrincipal", "ForeignGroup", "Device" };

enum { CONDITION_MAX_LEN = 8192, DESCRIPTION_MAX_LEN = 4096 };

static enum fault say_bad_format(struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadRequestFormat", "The request was incorrectly formatted.");
}

/* A text that may be null; p NULL then. */
static enum fault read_text(const struct json *properties, const char *name, size_t max, struct span *ret,
			    struct err *err)
{
	const struct json *v = json_get_nocase(properties, name);

	if (json_type(v) != JSON_NULL && json_type(v) != JSON_STRING)
		return say_bad_format(err);
	*ret = json_type(v) == JSON_NULL ? (struct span){ NULL, 0 } : json_string(v);
	return ret->len > max ? say_bad_format(err) : FAULT_NONE;
}

static enum fault read_ids(struct arm_op *op, const struct json *properties, struct role_assignment *a, struct err *err)
{
	struct pool *pool = http_exchange_pool(op->x);
	struct span role = SPAN_EMPTY, principal = SPAN_EMPTY;
	enum fault f = read_text(properties, "roleDefinitionId", SCOPE_SIZE, &role, err);

	if (f == FAULT_NONE)
		f = read_text(properties, "principalId", UUID_LEN, &principal, err);
	if (f != FAULT_NONE)
		return f;
	f = role_definition_guid(pool, role, &a->role_id);
	if (f == FAULT_INVALID)
		return err_say(err, f, "InvalidRoleDefinitionId", "The role definition ID '%.*s' is not valid.",
			       SPAN_ARG(role));
	if (f == FAULT_NONE)
		f = role_guid(pool, principal, &a->principal_id);
	if (f == FAULT_INVALID)
		return err_say(err, f, "InvalidPrincipalId",
			       "The principal ID '%.*s' is not valid. Principal ID must be a GUID.",
			       SPAN_ARG(principal));
	return f;
}

static enum fault read_type(const struct json *properties, struct role_assignment *a, struct err *err)
{
	struct span type = SPAN_EMPTY;
	enum fault f = read_text(properties, "principalType", UUID_LEN, &type, err);

	a->principal_type = (struct span){ NULL, 0 };
	if (f != FAULT_NONE || type.len == 0)
		return f;
	for (size_t i = 0; i < ARRAY_LEN(principal_types); i++)
		if (span_eq_nocase(type, span_cstr(principal_types[i])))
			a->principal_type = span_cstr(principal_types[i]);
	return a->principal_type.p == NULL ? say_bad_format(err) : FAULT_NONE;
}

static enum fault read_body(struct arm_op *op, struct role_assignment *a, struct err *err)
{
	const struct json *properties = json_get_nocase(op->body, "properties");
	enum fault f;

	if (json_type(properties) != JSON_OBJECT)
		return say_bad_format(err);
	f = read_ids(op, properties, a, err);
	if (f == FAULT_NONE)
		f = read_type(properties, a, err);
	if (f == FAULT_NONE)
		f = read_text(properties, "description", DESCRIPTION_MAX_LEN, &a->description, err);
	if (f == FAULT_NONE)
		f = read_text(properties, "condition", CONDITION_MAX_LEN, &a->condition, err);
	if (f == FAULT_NONE)
		f = read_text(properties, "conditionVersion", UUID_LEN, &a->condition_version, err);
	if (f == FAULT_NONE)
		f = read_text(properties, "delegatedManagedIdentityResourceId", RESOURCE_ID_SIZE,
			      &a->delegated_identity, err);
	return f;
}

/* A type that is said stands in for the directory's knowledge: the principal may be too new to be found. */
static enum fault check_principal(struct arm_op *op, struct role_assignment *a, struct err *err)
{
	struct span service = SPAN_LIT("ServicePrincipal");
	char bare[GUID_BARE_SIZE];
	struct principal p;
	enum fault f = principal_by_object_id(op->txn, a->principal_id, &p);

	role_guid_bare(bare, a->principal_id);
	if (f == FAULT_NOT_FOUND && a->principal_type.p == NULL)
		return err_say(
			err, FAULT_INVALID, "PrincipalNotFound",
			"Principal %s does not exist in the directory %s. Check that you have the correct principal "
			"ID. If "
			"you are creating this principal and then immediately assigning a role, this error might be "
			"related to a replication delay. In this case, set the role assignment principalType property "
			"to a "
			"value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
			bare, op->d->world.tenant_id);
	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	if (f != FAULT_NONE)
		return f;
	if (a->principal_type.p != NULL && !span_eq(a->principal_type, service))
		return err_say(err, FAULT_INVALID, "UnmatchedPrincipalType",
			       "The PrincipalId '%s' has type 'ServicePrincipal' , which is different from specified "
			       "PrinciaplType '%.*s'.",
			       bare, SPAN_ARG(a->principal_type));
	a->principal_type = service;
	return FAULT_NONE;
}

static enum fault check_role(struct arm_op *op, const struct role_assignment *a, struct err *err)
{
	struct role_definition d;
	bool is_assignable = false;
	enum fault f = role_find(op, a->role_id, &d);

	if (f == FAULT_NONE)
		f = role_is_assignable(&d, a->scope_folded, false, &is_assignable);
	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && !is_assignable))
		return role_say_missing(FAULT_INVALID, a->role_id, err);
	return f;
}

static enum fault check_new(struct arm_op *op, const struct role_assignment *a, struct role_assignment_peers *ret,
			    struct err *err)
{
	char bare[GUID_BARE_SIZE];
	enum fault f = role_assignment_look(op->txn, a, op->now_s, ret);

	if (f != FAULT_NONE || ret->twin[0] == '\0')
		return f;
	role_guid_bare(bare, span_cstr(ret->twin));
	return err_say(err, FAULT_CONFLICT, "RoleAssignmentExists",
		       "The role assignment already exists. The ID of the existing role assignment is %s.", bare);
}

/* Description and condition may change, and saying the same again is no error. */
static enum fault update(struct arm_op *op, struct role_assignment *a, const struct role_assignment *former,
			 struct err *err)
{
	if (!role_assignment_is_same_grant(a, former))
		return err_say(err, FAULT_INVALID, "RoleAssignmentUpdateNotPermitted",
			       "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.");
	a->principal_type = former->principal_type;
	a->created_ms = former->created_ms;
	a->created_by = former->created_by;
	op->status = arm_version_before(op->api_version, "2022-04-01") ? 201 : 200;
	role_assignment_write(op, a, false);
	return role_assignment_change(op->txn, a, former, op->now_s, op->d->propagation_delay_s);
}

static enum fault create(struct arm_op *op, struct role_assignment *a, struct err *err)
{
	struct role_assignment_peers peers;
	enum fault f = check_principal(op, a, err);

	if (f == FAULT_NONE)
		f = check_new(op, a, &peers, err);
	if (f == FAULT_NONE && peers.has_ended)
		f = role_assignment_sweep(op->txn, op->now_s);
	if (f != FAULT_NONE)
		return f;
	a->created_ms = op->now_ms;
	a->created_by = span_cstr(op->caller->object_id);
	op->status = 201;
	role_assignment_write(op, a, true);
	return role_assignment_make(&op->d->world, op->txn, a, &peers, op->now_s, op->d->propagation_delay_s);
}

static enum fault read_place(struct arm_op *op, struct role_assignment *a, struct err *err)
{
	struct role_scope scope;
	enum fault f = role_guid_of_path(op, "assignment", &a->id);

	if (f == FAULT_INVALID)
		return err_say(err, f, "InvalidRoleAssignmentId",
			       "The role assignment ID '%.*s' is not valid. The role assignment ID must be a GUID.",
			       SPAN_ARG(arm_capture(op, "assignment")));
	if (f == FAULT_NONE)
		f = role_scope_of_path(op, &scope);
	if (f == FAULT_NONE && scope.text.len >= SCOPE_SIZE)
		return err_say(err, FAULT_INVALID, "InvalidRoleAssignmentScope", "The scope is too long.");
	if (f != FAULT_NONE)
		return f;
	a->scope = scope.text;
	a->scope_folded = scope.folded;
	return scope.text.len == 1 ? FAULT_NONE : role_scope_exists(&op->d->world, op->txn, &scope, err);
}

/* PUT …/roleAssignments/{assignment} → 201 with the assignment. */
enum fault role_assignments_put(struct arm_op *op, struct err *err)
{
	struct role_assignment a = { .updated_ms = op->now_ms, .updated_by = span_cstr(op->caller->object_id) }, former;
	enum fault f = read_place(op, &a, err);

	if (f == FAULT_NONE)
		f = read_body(op, &a, err);
	if (f == FAULT_NONE)
		f = check_role(op, &a, err);
	if (f != FAULT_NONE)
		return f;
	f = role_assignment_get(op->txn, a.id, &former);
	if (f == FAULT_NONE)
		return update(op, &a, &former, err);
	return f == FAULT_NOT_FOUND ? create(op, &a, err) : f;
}
