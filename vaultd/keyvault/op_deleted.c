#include "vaultd/keyvault/kv.h"

static enum fault current_version(struct kv_op *op, const struct key_head *head, struct key_version *ret)
{
	return key_version_get(op->txn, op->vault.uid, op->name, span_cstr(head->current), ret);
}

/* DeleteKey: → 200 DeletedKeyBundle. The whole key, whatever its state. */
enum fault op_delete_key(struct kv_op *op, struct err *err)
{
	struct key_head head;
	struct key_version v;
	enum fault f = kv_find_key(op, &head, err);

	if (f == FAULT_NONE)
		f = current_version(op, &head, &v);
	if (f != FAULT_NONE)
		return f;
	head.deleted_s = op->now_s;
	head.purge_s = op->now_s + (int64_t)op->vault.retention_days * 86400;
	kv_write_deleted_bundle(op, &head, &v);
	return key_soft_delete(op->txn, op->vault.uid, &head);
}

/* GetDeletedKey: → 200 DeletedKeyBundle; not found until the deletion is done. */
enum fault op_get_deleted_key(struct kv_op *op, struct err *err)
{
	struct key_head head;
	struct key_version v;
	enum fault f = kv_find_deleted(op, &head);

	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && kv_key_phase(op, &head) != KEY_SETTLED))
		return kv_deleted_key_not_found(op, err);
	if (f == FAULT_NONE)
		f = current_version(op, &head, &v);
	if (f == FAULT_NONE)
		kv_write_deleted_bundle(op, &head, &v);
	return f;
}

/* RecoverDeletedKey: → 200 KeyBundle; unknown: KeyNotFound in the words of a key, not of a deleted one. */
enum fault op_recover_deleted_key(struct kv_op *op, struct err *err)
{
	struct key_head head;
	struct key_version v;
	enum fault f = kv_find_deleted(op, &head);

	if (f == FAULT_NOT_FOUND)
		return kv_key_not_found(op, err);
	if (f == FAULT_NONE && kv_key_phase(op, &head) != KEY_SETTLED)
		return kv_refuse_being_deleted(op, err);
	if (f == FAULT_NONE)
		f = current_version(op, &head, &v);
	if (f != FAULT_NONE)
		return f;
	head.recovered_s = op->now_s;
	kv_write_bundle(op, &head, &v);
	return key_recover(op->txn, op->vault.uid, &head);
}

/* PurgeDeletedKey: → 204. Nobody may, under purge protection. */
enum fault op_purge_deleted_key(struct kv_op *op, struct err *err)
{
	struct key_head head;
	enum fault f = kv_find_deleted(op, &head);

	if (f == FAULT_NOT_FOUND)
		return kv_deleted_key_not_found(op, err);
	if (f != FAULT_NONE)
		return f;
	if (kv_key_phase(op, &head) != KEY_SETTLED)
		return kv_refuse_being_deleted(op, err);
	op->verdict = purge_decide(op->vault.is_purge_protected);
	if (op->verdict.kind != VERDICT_ALLOW)
		return kv_refuse_state(op, KEY_OP_DECRYPT, err);
	op->status = 204;
	return key_purge(op->txn, op->vault.uid, op->name);
}
