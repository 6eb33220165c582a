#include "vaultd/keyvault/kv.h"

enum fault kv_key_not_found(const struct kv_op *op, struct err *err)
{
	bool has_version = op->version.p != NULL && op->version.len > 0;

	return err_say(
		err, FAULT_NOT_FOUND, "KeyNotFound",
		"A key with (name/id) %.*s%s%.*s was not found in this key vault. If you recently deleted this key you "
		"may "
		"be able to recover it using the correct recovery command. For help resolving this issue, please see "
		"https://go.microsoft.com/fwlink/?linkid=2125182",
		SPAN_ARG(op->name), has_version ? "/" : "", SPAN_ARG(has_version ? op->version : SPAN_EMPTY));
}

enum fault kv_deleted_key_not_found(const struct kv_op *op, struct err *err)
{
	return err_say(err, FAULT_NOT_FOUND, "KeyNotFound", "Deleted Key not found: %.*s", SPAN_ARG(op->name));
}

enum fault kv_find_version(struct kv_op *op, struct key_head *ret_head, struct key_version *ret, struct err *err)
{
	enum fault f = key_get(op->txn, op->vault.uid, op->name, ret_head);
	struct span version;

	if (f == FAULT_NONE) {
		version = op->version.p == NULL || op->version.len == 0 ? span_cstr(ret_head->current) : op->version;
		f = key_version_get(op->txn, op->vault.uid, op->name, version, ret);
	}
	return f == FAULT_NOT_FOUND ? kv_key_not_found(op, err) : f;
}

enum fault kv_name_is_free(struct kv_op *op, struct err *err)
{
	struct key_head h;
	enum fault f = key_get_deleted(op->txn, op->vault.uid, op->name, op->now_s, &h);

	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	if (f != FAULT_NONE)
		return f;
	return err_say_inner(
		err, FAULT_CONFLICT, "Conflict", "ObjectIsDeletedButRecoverable",
		"Key %.*s is currently in a deleted but recoverable state, and its name cannot be reused; in this "
		"state, the key can only be recovered or purged.",
		SPAN_ARG(op->name));
}
