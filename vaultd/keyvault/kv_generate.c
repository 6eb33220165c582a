#include "vaultd/keyvault/kv_generate.h"

#include "common/io/jobs.h"
#include "vaultd/key_stock.h"

static enum fault stoppable_fill(void *arg, void *p, size_t n)
{
	struct kv_generation *g = arg;

	if (jobs_is_stopping(g->where))
		return FAULT_RANDOM;
	return rng_fill(&g->d->world.rng, p, n);
}

void kv_generation_like(struct kv_generation *g, const struct key_version *v)
{
	struct jwk_public pub;
	uint64_t e = 0;

	key_version_public(v, &pub);
	g->kty = v->kty;
	g->crv = v->crv;
	g->is_hsm = v->is_hsm;
	if (v->kty != KTY_RSA)
		return;
	g->bits = jwk_public_rsa_bits(&pub);
	for (size_t i = 0; i < pub.e.len && e <= INT32_MAX; i++)
		e = e << 8 | pub.e.p[i];
	/* An imported key may have one that is not made here. */
	g->exponent = e >= 3 && e <= INT32_MAX && e % 2 == 1 ? (uint32_t)e : KV_RSA_EXPONENT;
}

void kv_generation_prepare(struct kv_generation *g, struct vaultd *d)
{
	g->d = d;
	g->where = d->operations;
	g->rng = (struct rng){ stoppable_fill, g };
	if (g->kty == KTY_RSA && (g->exponent != KV_RSA_EXPONENT || !key_stock_take(d->stock, g->bits, &g->der)))
		g->where = d->generation;
}

static enum fault take_key(struct kv_generation *g, struct keypair *k)
{
	enum fault f = keypair_public(k, &g->pub);

	if (f == FAULT_NONE && g->der.len == 0)
		f = keypair_to_der(k, &g->der);
	return f;
}

enum fault kv_generation_run(struct kv_generation *g)
{
	SCOPED(keypair) struct keypair *k = NULL;
	enum fault f;

	if (g->der.len > 0) /* from stock */
		f = keypair_from_der(secret_span(&g->der), &g->rng, &k);
	else if (g->kty == KTY_RSA)
		f = keypair_generate_rsa(g->bits, g->exponent, &g->rng, &k);
	else
		f = keypair_generate_ec(g->crv, &g->rng, &k);
	return f == FAULT_NONE ? take_key(g, k) : f;
}

void kv_generation_fill(const struct kv_generation *g, struct key_version *v)
{
	v->kty = g->kty;
	v->crv = g->crv;
	v->is_hsm = g->is_hsm;
	v->n = span_of(g->pub.n.p, g->pub.n.len);
	v->e = span_of(g->pub.e.p, g->pub.e.len);
	v->x = span_of(g->pub.x.p, g->pub.x.len);
	v->y = span_of(g->pub.y.p, g->pub.y.len);
	kv_default_key_ops(v);
}

void kv_generation_done(struct kv_generation *g)
{
	secret_done(&g->der);
}

void kv_default_key_ops(struct key_version *v)
{
	static const uint8_t rsa_ops[] = { KEY_OP_ENCRYPT, KEY_OP_DECRYPT, KEY_OP_SIGN,
					   KEY_OP_VERIFY,  KEY_OP_WRAP,	   KEY_OP_UNWRAP };
	static const uint8_t ec_ops[] = { KEY_OP_SIGN, KEY_OP_VERIFY };

	v->n_key_ops = v->kty == KTY_RSA ? sizeof(rsa_ops) : sizeof(ec_ops);
	memcpy(v->key_ops, v->kty == KTY_RSA ? rsa_ops : ec_ops, v->n_key_ops);
}
