#include "vaultd/control/control_op.h"

static void write_status(struct control_op *op, const char *status)
{
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "status", status);
	json_out_object_end(&op->out);
}

/* GET /healthz: the loop turns. */
enum fault control_healthz(struct control_op *op, struct err *err UNUSED)
{
	write_status(op, "ok");
	return FAULT_NONE;
}

/* GET /readyz: and the store reads. */
enum fault control_readyz(struct control_op *op, struct err *err)
{
	struct txn *t;
	enum fault f = txn_begin(op->d->world.store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	txn_abort(t);
	write_status(op, "ready");
	return FAULT_NONE;
}
