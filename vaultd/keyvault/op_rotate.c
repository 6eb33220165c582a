#include "vaultd/keyvault/kv.h"
#include "vaultd/keyvault/kv_successor.h"

struct rotate_job {
	struct kv_job job;
	struct kv_generation key;
};

static enum fault make_key(struct kv_job *job, struct err *err UNUSED)
{
	return kv_generation_run(&((struct rotate_job *)job)->key);
}

static enum fault store_key(struct kv_job *job, struct err *err)
{
	struct rotate_job *r = (struct rotate_job *)job;
	struct kv_op *op = job->op;
	struct key_head head;
	struct key_version newest, v;
	enum fault f = kv_name_is_free(op, err);

	if (f == FAULT_NONE)
		f = kv_find_version(op, &head, &newest, err);
	if (f == FAULT_NONE)
		f = kv_successor(&head, &newest, &r->key, op->now_s, &v, err);
	if (f == FAULT_CONFLICT && op->verdict.kind == VERDICT_ALLOW)
		kv_blame(op, REASON_KEY_CHANGING);
	return f == FAULT_NONE ? kv_store_new_version(op, &v, secret_span(&r->key.der), err) : f;
}

static void rotate_done(struct kv_job *job)
{
	kv_generation_done(&((struct rotate_job *)job)->key);
}

/* RotateKey: → 200 KeyBundle of the new version. Disabled and expired keys too. */
enum fault op_rotate_key(struct kv_op *op, struct err *err)
{
	struct rotate_job *r = pool_alloc(http_exchange_pool(op->x), sizeof(*r));
	struct key_head head;
	struct key_version newest;
	enum fault f = r == NULL ? FAULT_MEMORY : kv_find_version(op, &head, &newest, err);

	if (f != FAULT_NONE)
		return f;
	kv_generation_like(&r->key, &newest);
	kv_generation_prepare(&r->key, op->d);
	r->job = (struct kv_job){
		.op = op, .work = make_key, .finish_txn = TXN_WRITE, .finish = store_key, .done = rotate_done
	};
	r->job.where = r->key.where;
	op->job = &r->job;
	return FAULT_NONE;
}
