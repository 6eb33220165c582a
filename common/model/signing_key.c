#include "common/model/signing_key.h"

#include "common/model/flat.h"
#include "common/model/tables.h"

/* The record holds the private key as well, which the struct does not. */
struct stored {
	struct signing_key key;
	uint8_t sealed[4096];
	size_t sealed_len;
};

static const struct flat_field rows[] = {
	FLAT_STR_ROW(1, struct stored, key.kid),
	FLAT_ROW(2, FLAT_INT, struct stored, key.created_s),
	FLAT_ROW(3, FLAT_INT, struct stored, key.retired_s),
	FLAT_BYTES_ROW(4, struct stored, key.pub.n.p, key.pub.n.len),
	FLAT_BYTES_ROW(5, struct stored, key.pub.e.p, key.pub.e.len),
	FLAT_BYTES_ROW(6, struct stored, key.cert_der, key.cert_len),
	FLAT_BYTES_ROW(7, struct stored, sealed, sealed_len),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct stored), TABLE_SIGNING_KEY };

enum { SEAL_CONTEXT_MAX = KID_SIZE + 16 };

static void seal_context(struct buf *out, struct span kid)
{
	buf_put_cstr(out, "signing-key/");
	buf_put_span(out, kid);
}

static enum fault stored_get(struct txn *t, struct span kid, struct stored *ret)
{
	enum fault f = flat_get(t, &kind, kid, ret);

	/* Only RSA keys sign. */
	ret->key.pub.kty = KTY_RSA;
	return f;
}

enum fault signing_key_get(struct txn *t, struct span kid, struct signing_key *ret)
{
	struct stored s;
	enum fault f = stored_get(t, kid, &s);

	if (f == FAULT_NONE)
		*ret = s.key;
	return f;
}

enum fault signing_key_put(const struct world *w, struct txn *t, const struct signing_key *k, struct span der)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(SEAL_CONTEXT_MAX);
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(sizeof(((struct stored *)0)->sealed));
	struct stored s = { .key = *k };
	enum fault f;

	if (k->pub.kty != KTY_RSA)
		return FAULT_INVALID;
	seal_context(&context, span_cstr(k->kid));
	f = buf_fault(&context);
	if (f == FAULT_NONE)
		f = seal(&w->sealer, buf_span(&context), der, &w->rng, &sealed);
	if (f != FAULT_NONE)
		return f;
	memcpy(s.sealed, sealed.data, sealed.len);
	s.sealed_len = sealed.len;
	return flat_put(t, &kind, span_cstr(k->kid), &s);
}

enum fault signing_key_retire(struct txn *t, struct span kid, int64_t retired_s)
{
	struct stored s;
	enum fault f = stored_get(t, kid, &s);

	if (f != FAULT_NONE)
		return f;
	s.key.retired_s = retired_s;
	return flat_put(t, &kind, kid, &s);
}

enum fault signing_key_private(const struct world *w, struct txn *t, struct span kid, struct secret *ret_der)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(SEAL_CONTEXT_MAX);
	struct stored s;
	enum fault f = stored_get(t, kid, &s);

	if (f != FAULT_NONE)
		return f;
	seal_context(&context, kid);
	f = buf_fault(&context);
	return f != FAULT_NONE ? f : unseal(&w->sealer, buf_span(&context), span_of(s.sealed, s.sealed_len), ret_der);
}

enum fault signing_key_del(struct txn *t, struct span kid)
{
	return txn_del(t, TABLE_SIGNING_KEY, kid);
}

struct visit {
	enum fault (*each)(const struct signing_key *k, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;
	struct signing_key k = ((const struct stored *)one)->key;

	k.pub.kty = KTY_RSA;
	return v->each(&k, v->arg);
}

enum fault signing_key_each(struct txn *t, enum fault (*each)(const struct signing_key *k, void *arg), void *arg)
{
	struct visit v = { each, arg };
	struct stored scratch;

	return flat_walk(t, &kind, SPAN_EMPTY, &scratch, visit_one, &v);
}
