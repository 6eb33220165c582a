#include "vaultd/keyvault/kv.h"

#include <stdio.h>

#include "common/model/key_backup.h"
#include "common/plain/text.h"
#include "vaultd/keyvault/backup_blob.h"
#include "vaultd/keyvault/geography.h"

enum { BLOB_MAX = 1 << 20 };

struct collect {
	struct kv_op *op;
	struct buf *out;
	size_t n;
	enum fault fault;
};

/* The version with its private key opened. */
static bool add_version(const struct key_version *v, void *arg)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX);
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	struct collect *c = arg;
	struct key_version plain = *v;

	key_seal_context(&context, c->op->vault.uid, c->op->name, span_cstr(v->version));
	c->fault = unseal(&c->op->d->world.sealer, buf_span(&context), v->sealed, &der);
	if (c->fault != FAULT_NONE)
		return false;
	plain.sealed = secret_span(&der);
	key_backup_add(c->out, &plain);
	if (++c->n > KEY_BACKUP_VERSIONS_MAX && c->out->fault == FAULT_NONE)
		c->out->fault = FAULT_TOO_LARGE;
	c->fault = c->out->fault;
	return c->fault == FAULT_NONE;
}

static enum fault collect(struct kv_op *op, const struct key_head *head, struct buf *out, struct err *err)
{
	struct key_backup b = { .head = *head };
	struct collect c = { op, out, 0, FAULT_NONE };
	enum fault f;

	memcpy(b.subscription_id, op->vault.subscription_id, sizeof(b.subscription_id));
	snprintf(b.geography, sizeof(b.geography), "%s", geography_of(op->vault.location));
	key_backup_begin(out, &b);
	f = key_version_each(op->txn, op->vault.uid, op->name, SPAN_EMPTY, add_version, &c);
	f = f == FAULT_NONE ? c.fault : f;
	if (f == FAULT_TOO_LARGE)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Key '%s' is too large to be backed up: a backup holds at most %d versions, and it must "
			       "fit into the "
			       "request that restores it.",
			       head->name, KEY_BACKUP_VERSIONS_MAX);
	return f;
}

/* BackupKey: → 200 { value }. Disabled and expired keys too. */
enum fault op_backup_key(struct kv_op *op, struct err *err)
{
	SCOPED_DONE(buf) struct buf content = BUF_SECRET_INIT(KEY_BACKUP_MAX);
	SCOPED_DONE(buf) struct buf blob = BUF_INIT(BLOB_MAX);
	struct key_head head;
	enum fault f = kv_find_key(op, &head, err);

	if (f == FAULT_NONE)
		f = collect(op, &head, &content, err);
	if (f == FAULT_NONE)
		f = backup_blob_seal(&op->d->world.sealer, &op->d->world.rng, buf_span(&content), &blob);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_b64u(&op->out, "value", buf_span(&blob));
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

struct restore_body {
	struct span value;
};

static const struct field fields[] = {
	{ "value", FIELD_STRING, offsetof(struct restore_body, value), FIELD_MUST },
};

static enum fault say_corrupt(struct err *err)
{
	return err_say(err, FAULT_INVALID, "Malformed backup blob", "Backup blob is corrupt.");
}

static enum fault open_blob(struct kv_op *op, struct secret *ret, struct key_backup *ret_backup, struct err *err)
{
	SCOPED_DONE(buf) struct buf blob = BUF_INIT(BLOB_MAX);
	struct restore_body in = { .value = { NULL, 0 } };
	const struct json *body;
	enum fault f = kv_body(op, &body, err);

	if (f == FAULT_NONE)
		f = json_read(body, fields, ARRAY_LEN(fields), &in, err);
	if (f != FAULT_NONE)
		return f;
	f = base64url_decode(&blob, in.value);
	if (f == FAULT_INVALID)
		return err_say(err, f, "BadParameter", "Content of 'value' is not base64url.\r\n");
	if (f == FAULT_NONE)
		f = backup_blob_open(&op->d->world.sealer, buf_span(&blob), ret);
	if (f == FAULT_NONE)
		f = key_backup_read(secret_span(ret), ret_backup);
	return f == FAULT_INVALID || f == FAULT_STORE ? say_corrupt(err) : f;
}

/* A backup stays within its subscription and its geography. */
static enum fault check_place(const struct kv_op *op, const struct key_backup *b, struct err *err)
{
	const char *here = geography_of(op->vault.location);

	if (!span_eq_nocase(span_cstr(b->subscription_id), span_cstr(op->vault.subscription_id)))
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "The backup of key '%s' was made in another subscription (%s): it can only be restored "
			       "to a vault "
			       "of that subscription.",
			       b->head.name, b->subscription_id);
	if (!span_eq_nocase(span_cstr(b->geography), span_cstr(here)))
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "The backup of key '%s' was made in another geography (%s): it cannot be restored to "
			       "vault '%s' "
			       "in %s.",
			       b->head.name, b->geography, op->vault.name, here);
	return FAULT_NONE;
}

static enum fault say_conflict(struct kv_op *op, const struct key_backup *b, struct err *err)
{
	SCOPED_DONE(buf) struct buf kid = BUF_INIT(1024);

	kv_blame(op, REASON_KEY_EXISTS);
	kv_print_kid(op, op->name, span_cstr(b->head.current), &kid);
	return err_say(
		err, FAULT_CONFLICT, "Conflict",
		"There was a conflict restoring the key '%s'. This can happen if either: a second key with the same "
		"name was "
		"created after the first key was deleted; thus trying to restore a key whose name is already in use. "
		"To fix "
		"this, rename the second key to something else so that the restore works. The second probable cause of "
		"this "
		"exception is when multiple operations are performed in parallel against the key. To avoid this error, "
		"perform operations against a key in a sequential manner.",
		buf_cstr(&kid));
}

static enum fault check_name(struct kv_op *op, const struct key_backup *b, struct err *err)
{
	struct key_head living;
	enum fault f = key_get(op->txn, op->vault.uid, op->name, &living);

	if (f == FAULT_NONE)
		return say_conflict(op, b, err);
	return f == FAULT_NOT_FOUND ? kv_name_is_free(op, err) : f;
}

struct restore {
	struct kv_op *op;
	const struct key_backup *backup;
	struct err *err;
};

static enum fault check_version(const struct key_version *v, void *arg)
{
	struct restore *r = arg;

	if (v->is_hsm && !r->op->vault.is_premium)
		return err_say_inner(
			r->err, FAULT_INVALID, "BadParameter", "KeyTypeNotSupported",
			"Key '%s' is an HSM key and needs a vault of the premium tier; vault '%s' is standard.",
			r->backup->head.name, r->op->vault.name);
	return FAULT_NONE;
}

static enum fault put_version(const struct key_version *v, void *arg)
{
	struct restore *r = arg;
	struct key_version copy = *v;

	if (strcmp(v->version, r->backup->head.current) == 0)
		kv_write_bundle(r->op, &r->backup->head, v);
	return kv_put_version(&r->op->d->world, r->op->txn, r->op->vault.uid, r->op->name, &copy, v->sealed);
}

/* RestoreKey: body { value } → 200 KeyBundle of the newest version. Name, versions and dates are the backup's. */
enum fault op_restore_key(struct kv_op *op, struct err *err)
{
	SCOPED_DONE(secret) struct secret content = SECRET_INIT;
	struct key_backup b;
	struct restore r = { op, &b, err };
	enum fault f = open_blob(op, &content, &b, err);

	if (f == FAULT_NONE)
		f = check_place(op, &b, err);
	if (f != FAULT_NONE)
		return f;
	op->name = pool_dup(http_exchange_pool(op->x), span_cstr(b.head.name));
	if (op->name.p == NULL)
		return FAULT_MEMORY;
	f = check_name(op, &b, err);
	if (f == FAULT_NONE)
		f = key_backup_each(secret_span(&content), check_version, &r);
	if (f == FAULT_NONE)
		f = kv_clear_expired(op);
	if (f == FAULT_NONE)
		f = key_backup_each(secret_span(&content), put_version, &r);
	return f == FAULT_NONE ? key_put(op->txn, op->vault.uid, &b.head) : f;
}
