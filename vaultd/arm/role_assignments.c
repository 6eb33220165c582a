#include "common/model/role_definition.h"
#include "policy/scope.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/role_listing.h"
#include "vaultd/arm/role_path.h"
#include "vaultd/arm/role_reply.h"

/* At the scope and above; below it too unless atScope(). There are no groups for assignedTo() to look into. */
static bool fits(const struct role_listing *l, const struct role_assignment *a)
{
	const struct role_filter *f = &l->filter;
	bool is_above = scope_contains(a->scope_folded, l->scope.folded);
	bool is_below = !f->at_scope && scope_contains(l->scope.folded, a->scope_folded);

	return (is_above || is_below) &&
	       (f->principal_id.p == NULL || span_eq_nocase(f->principal_id, a->principal_id)) &&
	       (f->assigned_to.p == NULL || span_eq_nocase(f->assigned_to, a->principal_id));
}

static enum fault list_one(const struct role_assignment *a, void *arg)
{
	struct role_listing *l = arg;

	if (fits(l, a) && arm_page_wants(&l->page))
		role_assignment_write(l->page.op, a, false);
	return FAULT_NONE;
}

/* GET …/roleAssignments */
enum fault role_assignments_list(struct arm_op *op, struct err *err)
{
	struct role_listing l;
	enum fault f = role_listing_begin(op, ROLE_FILTER_ASSIGNMENTS, &l, err);

	if (f == FAULT_NONE)
		f = role_assignment_each(op->txn, list_one, &l);
	return f == FAULT_NONE ? role_listing_end(&l) : f;
}

/* The one of the path; one of another scope is not there. */
static enum fault assignment_of_path(struct arm_op *op, struct role_assignment *ret)
{
	struct role_scope scope;
	struct span id;
	enum fault f = role_guid_of_path(op, "assignment", &id);

	if (f == FAULT_INVALID)
		return FAULT_NOT_FOUND;
	if (f == FAULT_NONE)
		f = role_scope_of_path(op, &scope);
	if (f == FAULT_NONE)
		f = role_assignment_get(op->txn, id, ret);
	if (f == FAULT_NONE && !span_eq(ret->scope_folded, scope.folded))
		f = FAULT_NOT_FOUND;
	return f;
}

/* GET …/roleAssignments/{assignment} */
enum fault role_assignments_get(struct arm_op *op, struct err *err)
{
	struct role_assignment a;
	enum fault f = assignment_of_path(op, &a);

	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "RoleAssignmentNotFound", "The role assignment '%.*s' is not found.",
			       SPAN_ARG(arm_capture(op, "assignment")));
	if (f == FAULT_NONE)
		role_assignment_write(op, &a, false);
	return f;
}

struct owners {
	struct span scope;
	size_t n;
};

static enum fault count_owner(const struct role_assignment *a, void *arg)
{
	struct owners *o = arg;

	o->n += span_eq(a->role_id, ROLE_OWNER) && span_eq(a->scope_folded, o->scope);
	return FAULT_NONE;
}

/* A subscription keeps an owner of its own: without one nobody could give it another. */
static enum fault check_not_last_owner(struct arm_op *op, const struct role_assignment *a, struct err *err)
{
	struct owners o = { a->scope_folded, 0 };
	struct span rest, id;
	enum fault f;

	if (!span_eq(a->role_id, ROLE_OWNER) || !span_starts_nocase(a->scope_folded, SPAN_LIT("/subscriptions/")))
		return FAULT_NONE;
	rest = span_cut(span_from(a->scope_folded, strlen("/subscriptions/")), '/', &id);
	if (rest.p != NULL)
		return FAULT_NONE;
	f = role_assignment_each(op->txn, count_owner, &o);
	if (f != FAULT_NONE || o.n > 1)
		return f;
	return err_say(err, FAULT_PRECONDITION, "CannotDeleteLastRbacAdminAssignment",
		       "Cannot delete the last RBAC admin assignment");
}

/* DELETE …/roleAssignments/{assignment} → 200 with what was deleted; 204 when there is none. */
enum fault role_assignments_delete(struct arm_op *op, struct err *err)
{
	struct role_assignment a;
	enum fault f = role_assignment_sweep(op->txn, op->now_s);

	if (f == FAULT_NONE)
		f = assignment_of_path(op, &a);
	if (f == FAULT_NOT_FOUND) {
		op->status = 204;
		return FAULT_NONE;
	}
	if (f == FAULT_NONE)
		f = check_not_last_owner(op, &a, err);
	if (f != FAULT_NONE)
		return f;
	/* Before it goes: the text lives in the transaction. */
	role_assignment_write(op, &a, false);
	return role_assignment_remove(op->txn, a.id, op->now_s, op->now_s + op->d->propagation_delay_s);
}
