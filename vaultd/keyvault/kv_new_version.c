#include "vaultd/keyvault/kv.h"

#include "common/plain/text.h"

enum { VERSION_BYTES = 16, SEALED_MAX = 8 << 10 };

static enum fault draw_names(struct kv_op *op, struct key_version *v)
{
	const struct rng *rng = &op->d->world.rng;
	uint8_t bytes[VERSION_BYTES];
	enum fault f = rng_fill(rng, bytes, sizeof(bytes));

	if (f == FAULT_NONE)
		f = rng_fill(rng, &v->generation, sizeof(v->generation));
	if (f == FAULT_NONE)
		hex_encode(v->version, span_of(bytes, sizeof(bytes)));
	return f;
}

/* A name whose retention has run out may still have its remains in the store. */
static enum fault clear_expired(struct kv_op *op)
{
	struct key_head h;
	enum fault f = key_get_deleted(op->txn, op->vault.uid, op->name, INT64_MIN, &h);

	if (f == FAULT_NONE && h.purge_s <= op->now_s)
		f = key_purge(op->txn, op->vault.uid, op->name);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault head_for(struct kv_op *op, const struct key_version *v, struct key_head *ret)
{
	enum fault f = key_get(op->txn, op->vault.uid, op->name, ret);

	if (f == FAULT_NOT_FOUND) {
		*ret = (struct key_head){ .deleted_s = 0 };
		memcpy(ret->name, op->name.p, op->name.len);
		f = FAULT_NONE;
	}
	memcpy(ret->current, v->version, sizeof(ret->current));
	return f;
}

enum fault kv_store_new_version(struct kv_op *op, struct key_version *v, struct span der, struct err *err)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(SEALED_MAX);
	struct key_head head;
	struct vault now;
	enum fault f;

	/* The vault may have gone, or the name been deleted, while the key was made. */
	vault_init(&now);
	f = vault_get(op->txn, span_cstr(op->vault.name), &now);
	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && memcmp(now.uid, op->vault.uid, VAULT_UID_LEN) != 0))
		f = err_say(err, FAULT_CONFLICT, "Conflict", "Vault '%s' was deleted while the key was made.",
			    op->vault.name);
	vault_done(&now);
	if (f == FAULT_NONE)
		f = kv_name_is_free(op, err);
	if (f == FAULT_NONE)
		f = clear_expired(op);
	if (f == FAULT_NONE)
		f = draw_names(op, v);
	if (f != FAULT_NONE)
		return f;
	key_seal_context(&context, op->vault.uid, op->name, span_cstr(v->version));
	f = seal(&op->d->world.sealer, buf_span(&context), der, &op->d->world.rng, &sealed);
	if (f != FAULT_NONE)
		return f;
	v->sealed = buf_span(&sealed);
	v->created_s = v->updated_s = op->now_s;
	f = head_for(op, v, &head);
	if (f == FAULT_NONE)
		f = key_version_put(op->txn, op->vault.uid, op->name, v);
	if (f == FAULT_NONE)
		f = key_put(op->txn, op->vault.uid, &head);
	if (f == FAULT_NONE)
		kv_write_bundle(op, &head, v);
	return f;
}
