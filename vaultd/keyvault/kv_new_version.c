#include "vaultd/keyvault/kv.h"

#include "common/plain/text.h"

enum { VERSION_BYTES = 16, SEALED_MAX = 8 << 10 };

enum fault kv_draw_version(const struct rng *rng, struct key_version *v)
{
	uint8_t bytes[VERSION_BYTES];
	enum fault f = rng_fill(rng, bytes, sizeof(bytes));

	if (f == FAULT_NONE)
		hex_encode(v->version, span_of(bytes, sizeof(bytes)));
	return f;
}

enum fault kv_put_version(struct world *w, struct txn *t, const uint8_t *uid, struct span name, struct key_version *v,
			  struct span der)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(SEALED_MAX);
	enum fault f;

	key_seal_context(&context, uid, name, span_cstr(v->version));
	f = rng_fill(&w->rng, &v->generation, sizeof(v->generation));
	if (f == FAULT_NONE)
		f = seal(&w->sealer, buf_span(&context), der, &w->rng, &sealed);
	if (f != FAULT_NONE)
		return f;
	v->sealed = buf_span(&sealed);
	f = key_version_put(t, uid, name, v);
	v->sealed = SPAN_EMPTY;
	return f;
}

enum fault kv_clear_expired(struct kv_op *op)
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

/* The vault may have gone, or the name been deleted, while the key was made. */
static enum fault check_place(struct kv_op *op, struct err *err)
{
	struct vault now;
	enum fault f;

	vault_init(&now);
	f = vault_get(op->txn, span_cstr(op->vault.name), &now);
	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && memcmp(now.uid, op->vault.uid, VAULT_UID_LEN) != 0)) {
		kv_blame(op, REASON_VAULT_DELETED);
		f = err_say(err, FAULT_CONFLICT, "Conflict", "Vault '%s' was deleted while the key was made.",
			    op->vault.name);
	}
	vault_done(&now);
	return f == FAULT_NONE ? kv_name_is_free(op, err) : f;
}

enum fault kv_store_new_version(struct kv_op *op, struct key_version *v, struct span der, struct err *err)
{
	struct key_head head;
	enum fault f = check_place(op, err);

	if (f == FAULT_NONE)
		f = kv_clear_expired(op);
	if (f == FAULT_NONE)
		f = kv_draw_version(&op->d->world.rng, v);
	if (f == FAULT_NONE)
		f = head_for(op, v, &head);
	if (f != FAULT_NONE)
		return f;
	v->created_s = v->updated_s = op->now_s;
	/* The reply first: v's spans may lie in a record of this transaction. */
	kv_write_bundle(op, &head, v);
	f = kv_put_version(&op->d->world, op->txn, op->vault.uid, op->name, v, der);
	return f == FAULT_NONE ? key_put(op->txn, op->vault.uid, &head) : f;
}
