#include "vaultd/keyvault/kv.h"

#include <stdio.h>

#define CRYPTO(op_name, tail, act, operation_)                                                                         \
	{                                                                                                              \
		op_name, HTTP_POST, "/keys/{key-name}/{key-version?}/" tail, act, TXN_READ, op_crypto, operation_      \
	}
#define GAP(op_name, method, path, act)                                                                                \
	{                                                                                                              \
		op_name, method, path, act, TXN_READ, NULL, -1                                                         \
	}

/* First match wins: literal tails stand before optional versions. */
static const struct kv_row rows[] = {
	{ "CreateKey", HTTP_POST, "/keys/{key-name}/create", ACTION_KEYS_CREATE, TXN_READ, op_create_key, -1 },
	CRYPTO("Encrypt", "encrypt", ACTION_KEYS_ENCRYPT, KEY_OP_ENCRYPT),
	CRYPTO("Decrypt", "decrypt", ACTION_KEYS_DECRYPT, KEY_OP_DECRYPT),
	CRYPTO("Sign", "sign", ACTION_KEYS_SIGN, KEY_OP_SIGN),
	CRYPTO("Verify", "verify", ACTION_KEYS_VERIFY, KEY_OP_VERIFY),
	CRYPTO("WrapKey", "wrapkey", ACTION_KEYS_WRAP, KEY_OP_WRAP),
	CRYPTO("UnwrapKey", "unwrapkey", ACTION_KEYS_UNWRAP, KEY_OP_UNWRAP),
	{ "GetKeys", HTTP_GET, "/keys", ACTION_KEYS_LIST, TXN_READ, op_get_keys, -1 },
	{ "GetKeyVersions", HTTP_GET, "/keys/{key-name}/versions", ACTION_KEYS_LIST, TXN_READ, op_get_key_versions,
	  -1 },
	{ "RestoreKey", HTTP_POST, "/keys/restore", ACTION_KEYS_RESTORE, TXN_WRITE, op_restore_key, -1 },
	{ "BackupKey", HTTP_POST, "/keys/{key-name}/backup", ACTION_KEYS_BACKUP, TXN_READ, op_backup_key, -1 },
	{ "RotateKey", HTTP_POST, "/keys/{key-name}/rotate", ACTION_KEYS_ROTATE, TXN_READ, op_rotate_key, -1 },
	{ "GetKeyRotationPolicy", HTTP_GET, "/keys/{key-name}/rotationpolicy", ACTION_KEYS_GET_ROTATION_POLICY,
	  TXN_READ, op_get_rotation_policy, -1 },
	{ "UpdateKeyRotationPolicy", HTTP_PUT, "/keys/{key-name}/rotationpolicy", ACTION_KEYS_SET_ROTATION_POLICY,
	  TXN_WRITE, op_update_rotation_policy, -1 },
	{ "Release", HTTP_POST, "/keys/{key-name}/{key-version?}/release", ACTION_KEYS_RELEASE, TXN_READ, op_release,
	  -1 },
	{ "GetKey", HTTP_GET, "/keys/{key-name}/{key-version?}", ACTION_KEYS_GET, TXN_READ, op_get_key, -1 },
	{ "UpdateKey", HTTP_PATCH, "/keys/{key-name}/{key-version?}", ACTION_KEYS_UPDATE, TXN_WRITE, op_update_key,
	  -1 },
	{ "ImportKey", HTTP_PUT, "/keys/{key-name}", ACTION_KEYS_IMPORT, TXN_READ, op_import_key, -1 },
	{ "DeleteKey", HTTP_DELETE, "/keys/{key-name}", ACTION_KEYS_DELETE, TXN_WRITE, op_delete_key, -1 },
	{ "GetDeletedKeys", HTTP_GET, "/deletedkeys", ACTION_KEYS_LIST, TXN_READ, op_get_deleted_keys, -1 },
	{ "GetDeletedKey", HTTP_GET, "/deletedkeys/{key-name}", ACTION_KEYS_GET, TXN_READ, op_get_deleted_key, -1 },
	{ "RecoverDeletedKey", HTTP_POST, "/deletedkeys/{key-name}/recover", ACTION_KEYS_RECOVER, TXN_WRITE,
	  op_recover_deleted_key, -1 },
	{ "PurgeDeletedKey", HTTP_DELETE, "/deletedkeys/{key-name}", ACTION_KEYS_PURGE, TXN_WRITE, op_purge_deleted_key,
	  -1 },
	{ "GetRandomBytes", HTTP_POST, "/rng", ACTION_KEYS_GET, TXN_READ, op_get_random_bytes, -1 },
	GAP("Secrets", ~0u, "/secrets/{rest*}", ACTION_KEYS_GET),
	GAP("DeletedSecrets", ~0u, "/deletedsecrets/{rest*}", ACTION_KEYS_GET),
	GAP("Certificates", ~0u, "/certificates/{rest*}", ACTION_KEYS_GET),
	GAP("DeletedCertificates", ~0u, "/deletedcertificates/{rest*}", ACTION_KEYS_GET),
};

enum fault kv_route(enum http_method method, const struct route_path *path, struct pool *pool,
		    const struct kv_row **ret, struct route_match *ret_match)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if ((rows[i].methods & method) != 0 && route_match(rows[i].pattern, path, pool, ret_match)) {
			*ret = &rows[i];
			return FAULT_NONE;
		}
	}
	for (size_t i = 0; i < path->n; i++)
		if (path->seg[i].len > 0)
			return span_eq_nocase(path->seg[i], SPAN_LIT("keys")) ||
					       span_eq_nocase(path->seg[i], SPAN_LIT("deletedkeys"))
				       ? FAULT_METHOD
				       : FAULT_NOT_FOUND;
	return FAULT_NOT_FOUND;
}

static const struct kv_row *row_called(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(name, span_cstr(rows[i].name)) ||
		    span_eq_nocase(name, span_cstr(kv_audit_name(rows[i].name))))
			return &rows[i];
	return NULL;
}

const char *kv_audit_named(struct span name)
{
	const struct kv_row *row = row_called(name);

	return row == NULL ? NULL : kv_audit_name(row->name);
}

const struct kv_row *kv_row_named(struct span name)
{
	const struct kv_row *row = row_called(name);

	for (size_t i = 0; row == NULL && i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(name, span_cstr(action_policy_word(rows[i].action))))
			row = &rows[i];
	return row;
}

/* What is there to be known before one asks. */
static const char *remark(const struct kv_row *row)
{
	if (row->handler == NULL)
		return "  (known gap: 501)";
	if (row->handler == op_release)
		return "  (checks, then 501: no attestation authority)";
	return row->handler == op_get_random_bytes ? "  (managed HSM only: 400)" : "";
}

static void print_methods(unsigned methods)
{
	if (methods == ~0u)
		printf("%-7s", "*");
	for (unsigned bit = HTTP_GET; methods != ~0u && bit < HTTP_OTHER; bit <<= 1)
		if ((methods & bit) != 0)
			printf("%-7s", http_method_name((enum http_method)bit));
}

void keyvault_print_operations(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		printf("keyvault  %-24s ", rows[i].name);
		print_methods(rows[i].methods);
		printf(" %-44s %s%s\n", rows[i].pattern, action_policy_word(rows[i].action), remark(&rows[i]));
	}
}
