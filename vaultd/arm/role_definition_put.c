#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/role_custom.h"
#include "vaultd/arm/role_find.h"
#include "vaultd/arm/role_path.h"
#include "vaultd/arm/role_reply.h"

#define WRITE "Microsoft.Authorization/roleDefinitions/write"

struct namesake {
	const struct role_definition *d;
	bool is_there;
};

static enum fault look_for_namesake(const struct role_definition *d, void *arg)
{
	struct namesake *n = arg;

	n->is_there = n->is_there || (span_eq_nocase(d->name, n->d->name) && !span_eq(d->id, n->d->id));
	return FAULT_NONE;
}

static enum fault check_name(struct arm_op *op, const struct role_definition *d, struct err *err)
{
	struct namesake n = { d, false };
	enum fault f = role_each(op, look_for_namesake, &n);

	if (f != FAULT_NONE || !n.is_there)
		return f;
	return err_say(err, FAULT_CONFLICT, "RoleDefinitionWithSameNameExists",
		       "A role definition cannot be updated with a name that already exists.");
}

/* The history that an older one of this id leaves to the new one; who changes it must be allowed to. */
static enum fault take_history(struct arm_op *op, struct role_definition *d, struct err *err)
{
	struct role_definition former;
	enum fault f = role_find(op, d->id, &former);

	d->created_ms = d->updated_ms = op->now_ms;
	d->created_by = d->updated_by = span_cstr(op->caller->object_id);
	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	if (f == FAULT_NONE)
		f = role_custom_check_owner(op, &former, WRITE, err);
	if (f != FAULT_NONE)
		return f;
	d->created_ms = former.created_ms;
	d->created_by = former.created_by;
	return FAULT_NONE;
}

/* PUT …/roleDefinitions/{role} → 201 with the role, new or changed. */
enum fault role_definitions_put(struct arm_op *op, struct err *err)
{
	struct role_definition d = { .is_builtin = false };
	struct span id;
	enum fault f = role_guid_of_path(op, "role", &id);

	if (f == FAULT_INVALID)
		return err_say(err, f, "InvalidRoleDefinitionId",
			       "The role definition ID '%.*s' is not valid. The role definition ID must be a GUID.",
			       SPAN_ARG(arm_capture(op, "role")));
	if (f == FAULT_NONE)
		f = role_custom_read(op, &d, err);
	d.id = id;
	if (f == FAULT_NONE)
		f = role_custom_check_owner(op, &d, WRITE, err);
	if (f == FAULT_NONE)
		f = take_history(op, &d, err);
	if (f == FAULT_NONE)
		f = check_name(op, &d, err);
	if (f != FAULT_NONE)
		return f;
	op->status = 201;
	/* Before the write, which may move what the history was read from. */
	role_definition_write(op, &d);
	f = role_definition_put(op->txn, &d, op->now_s, op->d->propagation_delay_s);
	return f == FAULT_NONE ? role_definition_sweep(op->txn, op->now_s) : f;
}
