#include "common/io/http.h"
#include "common/model/rbac_world.h"
#include "policy/scope.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/deny_make.h"
#include "vaultd/arm/deny_read.h"
#include "vaultd/arm/role_listing.h"
#include "vaultd/arm/role_path.h"
#include "vaultd/arm/role_reply.h"

/* principalId asks for entries that name the principal; assignedTo for those that concern it. */
static bool names(const struct json *principals, struct span id, bool with_everybody)
{
	for (size_t i = 0; i < json_array_len(principals); i++) {
		struct span one = json_string(json_get(json_array_at(principals, i), "id"));

		if (span_eq_nocase(one, id) || (with_everybody && span_eq(one, RBAC_EVERYBODY)))
			return true;
	}
	return false;
}

static bool fits_principal(const struct role_filter *f, const struct json *principals)
{
	return (f->principal_id.p == NULL || names(principals, f->principal_id, false)) &&
	       (f->assigned_to.p == NULL || names(principals, f->assigned_to, true));
}

static enum fault list_one(const struct deny_assignment *d, void *arg)
{
	SCOPED(json_doc) struct json_doc *principals = NULL;
	struct role_listing *l = arg;
	bool is_above = scope_contains(d->scope_folded, l->scope.folded);
	bool is_below = !l->filter.at_scope && scope_contains(l->scope.folded, d->scope_folded);
	enum fault f;

	if (!is_above && !is_below)
		return FAULT_NONE;
	if (l->filter.deny_name.p != NULL && !span_eq_nocase(l->filter.deny_name, d->name))
		return FAULT_NONE;
	f = json_parse(d->principals, &principals, NULL);
	if (f == FAULT_NONE && fits_principal(&l->filter, json_root(principals)) && arm_page_wants(&l->page))
		deny_assignment_write(&l->page.op->out, d);
	return f == FAULT_INVALID ? FAULT_STORE : f;
}

/* GET …/denyAssignments */
enum fault deny_assignments_list(struct arm_op *op, struct err *err)
{
	struct role_listing l;
	enum fault f = role_listing_begin(op, ROLE_FILTER_DENIES, &l, err);

	if (f == FAULT_NONE)
		f = deny_assignment_each(op->txn, list_one, &l);
	return f == FAULT_NONE ? role_listing_end(&l) : f;
}

/* GET …/denyAssignments/{assignment} */
enum fault deny_assignments_get(struct arm_op *op, struct err *err)
{
	struct deny_assignment d;
	struct role_scope scope;
	struct span id;
	enum fault f = role_guid_of_path(op, "assignment", &id);

	if (f == FAULT_NONE)
		f = role_scope_of_path(op, &scope);
	if (f == FAULT_NONE)
		f = deny_assignment_get(op->txn, id, &d);
	if (f == FAULT_NOT_FOUND || f == FAULT_INVALID || (f == FAULT_NONE && !span_eq(d.scope_folded, scope.folded)))
		return err_say(err, FAULT_NOT_FOUND, "DenyAssignmentNotFound",
			       "The deny assignment '%.*s' is not found.", SPAN_ARG(arm_capture(op, "assignment")));
	if (f == FAULT_NONE)
		deny_assignment_write(&op->out, &d);
	return f;
}

/*
 * PUT …/denyAssignments/{assignment} → 201, 200: what a template deploys. Azure's users cannot make any themselves, and
 * neither can a client here.
 */
enum fault deny_assignments_put(struct arm_op *op, struct err *err)
{
	struct deny_assignment d = { .is_system_protected = false }, former;
	const struct json *properties = json_get_nocase(op->body, "properties");
	struct role_scope scope;
	enum fault f;

	if (http_exchange_sender(op->x) == NULL)
		return err_say(err, FAULT_METHOD, "MethodNotAllowed",
			       "The requested resource does not support http method 'PUT'.");
	f = role_guid_of_path(op, "assignment", &d.id);
	if (f == FAULT_NONE)
		f = role_scope_of_path(op, &scope);
	if (f != FAULT_NONE)
		return err_say(err, f, "InvalidDenyAssignmentId", "The deny assignment ID '%.*s' is not valid.",
			       SPAN_ARG(arm_capture(op, "assignment")));
	d.scope = scope.text;
	d.scope_folded = scope.folded;
	f = deny_assignment_read(properties, http_exchange_pool(op->x), &d, err);
	if (f != FAULT_NONE)
		return f;
	f = deny_assignment_get(op->txn, d.id, &former);
	op->status = f == FAULT_NOT_FOUND ? 201 : 200;
	if (f == FAULT_NONE || f == FAULT_NOT_FOUND)
		f = deny_assignment_make(op->d, op->txn, op->now_ms, &d, err);
	if (f == FAULT_NONE)
		deny_assignment_write(&op->out, &d);
	return f;
}
