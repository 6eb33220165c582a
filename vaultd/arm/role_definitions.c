#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/role_custom.h"
#include "vaultd/arm/role_find.h"
#include "vaultd/arm/role_listing.h"
#include "vaultd/arm/role_path.h"
#include "vaultd/arm/role_reply.h"

#include "common/model/role_assignment.h"

static bool fits(const struct role_filter *f, const struct role_definition *d)
{
	struct span type = d->is_builtin ? SPAN_LIT("BuiltInRole") : SPAN_LIT("CustomRole");

	return (f->role_name.p == NULL || span_eq_nocase(f->role_name, d->name)) &&
	       (f->type.p == NULL || span_eq_nocase(f->type, type));
}

static enum fault list_one(const struct role_definition *d, void *arg)
{
	struct role_listing *l = arg;
	bool is_here = false;
	enum fault f;

	if (!fits(&l->filter, d))
		return FAULT_NONE;
	f = role_is_assignable(d, l->scope.folded, l->filter.at_scope_and_below, &is_here);
	if (f == FAULT_NONE && is_here && arm_page_wants(&l->page))
		role_definition_write(l->page.op, d);
	return f;
}

/* GET …/roleDefinitions: those that can be assigned at the scope. */
enum fault role_definitions_list(struct arm_op *op, struct err *err)
{
	struct role_listing l;
	enum fault f = role_listing_begin(op, ROLE_FILTER_DEFINITIONS, &l, err);

	if (f == FAULT_NONE)
		f = role_each(op, list_one, &l);
	return f == FAULT_NONE ? role_listing_end(&l) : f;
}

/* GET …/roleDefinitions/{role} */
enum fault role_definitions_get(struct arm_op *op, struct err *err)
{
	struct role_definition d;
	struct span id = arm_capture(op, "role");
	enum fault f = role_guid_of_path(op, "role", &id);

	if (f == FAULT_NONE)
		f = role_find(op, id, &d);
	if (f == FAULT_INVALID || f == FAULT_NOT_FOUND)
		return role_say_missing(FAULT_NOT_FOUND, id, err);
	if (f == FAULT_NONE)
		role_definition_write(op, &d);
	return f;
}

struct use {
	struct span role_id;
	bool is_used;
};

static enum fault look_for_use(const struct role_assignment *a, void *arg)
{
	struct use *u = arg;

	u->is_used = u->is_used || span_eq(a->role_id, u->role_id);
	return FAULT_NONE;
}

static enum fault check_unused(struct arm_op *op, struct span id, struct err *err)
{
	struct use u = { id, false };
	enum fault f = role_assignment_each(op->txn, look_for_use, &u);

	if (f != FAULT_NONE || !u.is_used)
		return f;
	return err_say(err, FAULT_INVALID, "RoleDefinitionHasAssignments",
		       "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)");
}

/* DELETE …/roleDefinitions/{role} → 200 with what was deleted; 204 when there is none. */
enum fault role_definitions_delete(struct arm_op *op, struct err *err)
{
	struct role_definition d;
	struct span id;
	enum fault f = role_guid_of_path(op, "role", &id);

	if (f == FAULT_NONE)
		f = role_find(op, id, &d);
	if (f == FAULT_INVALID || f == FAULT_NOT_FOUND) {
		op->status = 204;
		return FAULT_NONE;
	}
	if (f == FAULT_NONE)
		f = role_custom_check_owner(op, &d, "Microsoft.Authorization/roleDefinitions/delete", err);
	if (f == FAULT_NONE)
		f = check_unused(op, id, err);
	if (f != FAULT_NONE)
		return f;
	/* Before it goes: the text lives in the transaction. */
	role_definition_write(op, &d);
	f = role_definition_remove(op->txn, id, op->now_s, op->now_s + op->d->propagation_delay_s);
	return f == FAULT_NONE ? role_definition_sweep(op->txn, op->now_s) : f;
}
