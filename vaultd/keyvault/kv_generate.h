#ifndef SANDVAULT_VAULTD_KEYVAULT_KV_GENERATE_H
#define SANDVAULT_VAULTD_KEYVAULT_KV_GENERATE_H

/*
 * A private key being made: by create, by rotate, and by rotation that falls due. Prepared on the loop, made on a
 * worker, then stored on the loop.
 */

#include "common/model/key.h"
#include "vaultd/vaultd.h"

enum { KV_RSA_EXPONENT = 65537 };

/* Neither moved nor copied once prepared. */
struct kv_generation {
	/* What to make. */
	enum key_kty kty;
	enum key_curve crv;
	bool is_hsm;
	unsigned bits;
	uint32_t exponent;
	/* Where to make it. */
	struct vaultd *d;
	struct jobs *where;
	struct rng rng; /* fails once that pool stops, which ends a long generation */
	/* What was made. */
	struct secret der;
	struct jwk_public pub;
};

/* Of the same kind as v. */
void kv_generation_like(struct kv_generation *g, const struct key_version *v);
/* Takes a key from stock when there is one, and says which pool the rest is for. */
void kv_generation_prepare(struct kv_generation *g, struct vaultd *d);
/* On a worker. */
enum fault kv_generation_run(struct kv_generation *g) MUST_USE;
/* Kind, public half and the key_ops that such a key has by default; v's spans lie in g. */
void kv_generation_fill(const struct kv_generation *g, struct key_version *v);
/* Wipes it. */
void kv_generation_done(struct kv_generation *g);

/* What a key of v's type may do when nothing was said. Source: fixtures/sources.md#keys */
void kv_default_key_ops(struct key_version *v);

#endif
