#include "vaultd/control/control_op.h"

#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "vaultd/arm/deny_make.h"
#include "vaultd/arm/deny_read.h"
#include "vaultd/arm/role_reply.h"

/*
 * POST /denyAssignments { denyAssignmentName, scope, permissions, principals, excludePrincipals?, … } → the deny
 * assignment as the control plane shows it; Azure's clients can only read these.
 *
 * DELETE /denyAssignments?id=GUID → { }.
 */

static const char *const names[] = {
	"denyAssignmentName", "description",	   "permissions",	"scope", "doNotApplyToChildScopes",
	"principals",	      "excludePrincipals", "isSystemProtected", NULL
};

static enum fault put(struct control_op *op, struct deny_assignment *d, struct err *err)
{
	int64_t now_ms = 0;
	struct txn *t;
	enum fault f = txn_begin(op->d->world.store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = world_now_ms(t, &op->d->clock, &now_ms);
	if (f == FAULT_NONE)
		f = deny_assignment_make(op->d, t, now_ms, d, err);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

enum fault control_make_deny(struct control_op *op, struct err *err)
{
	struct deny_assignment d = { .is_system_protected = false };
	const struct json *body;
	char id[UUID_SIZE];
	enum fault f = control_body(op, names, &body, err);

	if (f == FAULT_NONE)
		f = deny_assignment_read(body, http_exchange_pool(op->x), &d, err);
	if (f == FAULT_NONE)
		f = uuid_new(&op->d->world.rng, id);
	if (f != FAULT_NONE)
		return f;
	d.id = span_cstr(id);
	f = put(op, &d, err);
	if (f == FAULT_NONE)
		deny_assignment_write(&op->out, &d);
	return f;
}

enum fault control_drop_deny(struct control_op *op, struct err *err)
{
	struct span id = http_query(op->request, "id");
	int64_t now_ms = 0;
	struct txn *t;
	enum fault f = txn_begin(op->d->world.store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = world_now_ms(t, &op->d->clock, &now_ms);
	if (f == FAULT_NONE)
		f = deny_assignment_remove(t, id, now_ms / 1000, now_ms / 1000 + op->d->propagation_delay_s);
	if (f == FAULT_NONE)
		f = txn_commit(TAKE(t), err);
	txn_abort(t);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "DenyAssignmentNotFound", "There is no deny assignment '%.*s'.",
			       SPAN_ARG(span_first(id, 64)));
	if (f == FAULT_NONE) {
		json_out_object(&op->out, NULL);
		json_out_object_end(&op->out);
	}
	return f;
}
