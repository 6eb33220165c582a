#include "vaultd/keyvault/kv.h"

/* Where the key is that was not found; a living one lacks the version. */
static enum fault why_missing(const struct kv_op *op, enum reason *ret)
{
	enum reason settled = REASON_KEY_NOT_FOUND;
	struct key_head h;
	enum fault f = key_get(op->txn, op->vault.uid, op->name, &h);

	if (f == FAULT_NOT_FOUND) {
		f = kv_find_deleted(op, &h);
		settled = REASON_KEY_DELETED;
	}
	if (f == FAULT_NONE)
		*ret = kv_key_phase(op, &h) == KEY_SETTLED ? settled : REASON_KEY_CHANGING;
	if (f == FAULT_NOT_FOUND)
		*ret = REASON_KEY_NOT_FOUND;
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault kv_key_not_found(struct kv_op *op, struct err *err)
{
	bool has_version = op->version.p != NULL && op->version.len > 0;
	enum reason why;
	enum fault f = why_missing(op, &why);

	if (f != FAULT_NONE)
		return f;
	kv_blame(op, why);
	return err_say(
		err, FAULT_NOT_FOUND, "KeyNotFound",
		"A key with (name/id) %.*s%s%.*s was not found in this key vault. If you recently deleted this key you "
		"may "
		"be able to recover it using the correct recovery command. For help resolving this issue, please see "
		"https://go.microsoft.com/fwlink/?linkid=2125182",
		SPAN_ARG(op->name), has_version ? "/" : "", SPAN_ARG(has_version ? op->version : SPAN_EMPTY));
}

enum fault kv_deleted_key_not_found(struct kv_op *op, struct err *err)
{
	enum reason why;
	enum fault f = why_missing(op, &why);

	if (f != FAULT_NONE)
		return f;
	kv_blame(op, why);
	return err_say(err, FAULT_NOT_FOUND, "KeyNotFound", "Deleted Key not found: %.*s", SPAN_ARG(op->name));
}

enum fault kv_vault_is_deleted(struct txn *t, struct span name, int64_t now_s, bool *ret)
{
	struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_get_deleted(t, name, now_s, &v);
	vault_done(&v);
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	*ret = f == FAULT_NONE;
	return FAULT_NONE;
}

enum key_phase kv_phase_at(const struct vaultd *d, const struct key_head *h, int64_t now_s)
{
	const struct key_change last = { h->deleted_s != 0, h->deleted_s != 0 ? h->deleted_s : h->recovered_s };

	return key_phase(&last, d->deletion_delay_s, now_s);
}

enum key_phase kv_key_phase(const struct kv_op *op, const struct key_head *h)
{
	return kv_phase_at(op->d, h, op->now_s);
}

void kv_blame(struct kv_op *op, enum reason why)
{
	op->verdict = (struct verdict){ VERDICT_DENY, why, VERDICT_NO_RULE };
}

enum fault kv_refuse_being_deleted(struct kv_op *op, struct err *err)
{
	kv_blame(op, REASON_KEY_CHANGING);
	return err_say_inner(err, FAULT_CONFLICT, "Conflict", "ObjectIsBeingDeleted",
			     "Key is currently being deleted.");
}

enum fault kv_find_key(struct kv_op *op, struct key_head *ret, struct err *err)
{
	enum fault f = key_get(op->txn, op->vault.uid, op->name, ret);

	if (f == FAULT_NONE && kv_key_phase(op, ret) != KEY_SETTLED)
		f = FAULT_NOT_FOUND;
	return f == FAULT_NOT_FOUND ? kv_key_not_found(op, err) : f;
}

enum fault kv_find_deleted(const struct kv_op *op, struct key_head *ret)
{
	return key_get_deleted(op->txn, op->vault.uid, op->name, op->now_s, ret);
}

enum fault kv_find_version(struct kv_op *op, struct key_head *ret_head, struct key_version *ret, struct err *err)
{
	enum fault f = kv_find_key(op, ret_head, err);
	struct span version;

	if (f != FAULT_NONE)
		return f;
	version = op->version.p == NULL || op->version.len == 0 ? span_cstr(ret_head->current) : op->version;
	f = key_version_get(op->txn, op->vault.uid, op->name, version, ret);
	return f == FAULT_NOT_FOUND ? kv_key_not_found(op, err) : f;
}

/* A living key takes new versions, once it lives again. */
static enum fault is_recovered(struct kv_op *op, struct err *err)
{
	struct key_head h;
	enum fault f = key_get(op->txn, op->vault.uid, op->name, &h);

	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && kv_key_phase(op, &h) == KEY_SETTLED))
		return FAULT_NONE;
	if (f != FAULT_NONE)
		return f;
	kv_blame(op, REASON_KEY_CHANGING);
	return err_say_inner(err, FAULT_CONFLICT, "Conflict", "ObjectIsBeingRecovered",
			     "Key %.*s is currently being recovered and cannot be re-created; retry later.",
			     SPAN_ARG(op->name));
}

enum fault kv_name_is_free(struct kv_op *op, struct err *err)
{
	struct key_head h;
	enum fault f = kv_find_deleted(op, &h);

	if (f == FAULT_NOT_FOUND)
		return is_recovered(op, err);
	if (f != FAULT_NONE)
		return f;
	if (kv_key_phase(op, &h) != KEY_SETTLED)
		return kv_refuse_being_deleted(op, err);
	kv_blame(op, REASON_KEY_DELETED);
	return err_say_inner(
		err, FAULT_CONFLICT, "Conflict", "ObjectIsDeletedButRecoverable",
		"Key %.*s is currently in a deleted but recoverable state, and its name cannot be reused; in this "
		"state, the key can only be recovered or purged.",
		SPAN_ARG(op->name));
}
