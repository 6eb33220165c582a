#ifndef SANDVAULT_IO_KEYPAIR_H
#define SANDVAULT_IO_KEYPAIR_H

/*
 * Asymmetric keys and what can be done with them, by their JOSE names (RFC 7517, 7518).
 *
 * A keypair is a parsed private key. It is used by one thread at a time (mbedTLS serialises a shared RSA context on its
 * mutex), but may move between threads. A jwk_public is plain bytes and may be copied freely.
 * The functions are pure arithmetic, meant for the job pool: no log, no clock, no store.
 */

#include "common/plain/base.h"
#include "common/plain/buf.h"
#include "common/plain/fault.h"
#include "common/plain/rng.h"
#include "common/plain/secret.h"
#include "common/plain/span.h"

enum key_kty { KTY_RSA = 1, KTY_EC = 2 };
enum key_curve { CURVE_NONE = 0, CURVE_P256 = 1, CURVE_P384 = 2, CURVE_P521 = 3, CURVE_P256K = 4 };

enum {
	RSA_BYTES_MAX = 512,		    /* 4096 bits */
	JWK_MEMBER_MAX = RSA_BYTES_MAX + 8, /* imported members keep leading zero octets */
	EC_BYTES_MAX = 66,
	KEYPAIR_SIGNATURE_MAX = RSA_BYTES_MAX,
};

struct jwk_bytes {
	uint8_t p[JWK_MEMBER_MAX];
	size_t len;
};

/* The public half: n and e for RSA, x and y (each of the curve's full length) for EC. Big-endian. */
struct jwk_public {
	enum key_kty kty;
	enum key_curve crv;
	struct jwk_bytes n, e, x, y;
};

/* An imported private key, members as they came (spans live where the caller keeps them). For EC only d, x, y count. */
struct jwk_private {
	enum key_kty kty;
	enum key_curve crv;
	struct span n, e, d, p, q, dp, dq, qi, x, y;
};

/* Algorithms, one row each in key_alg.c: name, key type, curve, use, length of the digest it takes. */
enum key_use { KEY_USE_ENCRYPT, KEY_USE_SIGN };
struct key_alg {
	const char *name; /* "RSA-OAEP-256" */
	enum key_kty kty;
	enum key_curve crv; /* CURVE_NONE for RSA */
	enum key_use use;
	size_t digest_len; /* bytes a sign or verify takes; 0: any (RSNULL) or not a signature */
};
/* NULL when there is no such algorithm. Names compare exactly. */
const struct key_alg *key_alg_find(struct span name);

const char *key_curve_name(enum key_curve crv); /* "P-256", "P-256K" */
enum fault key_curve_parse(struct span name, enum key_curve *ret) MUST_USE;
size_t key_curve_bytes(enum key_curve crv);

struct keypair;
void keypair_free(struct keypair *k);
DEFINE_SCOPED(keypair, keypair_free);

/* bits 2048, 3072 or 4096; exponent odd and ≥ 3 (65537 is usual). Ends early with FAULT_RANDOM when rng fails, which is
 * also how a caller cancels a long generation. */
enum fault keypair_generate_rsa(unsigned bits, uint32_t exponent, const struct rng *rng, struct keypair **ret) MUST_USE;
enum fault keypair_generate_ec(enum key_curve crv, const struct rng *rng, struct keypair **ret) MUST_USE;

/* FAULT_INVALID with a sentence in err when members are missing, out of range or do not belong together. Missing dp,
 * dq, qi are computed; p and q may be missing too, and dp, dq, qi with them (they are recovered from n, e, d). */
enum fault keypair_import(const struct jwk_private *jwk, const struct rng *rng, struct keypair **ret,
			  struct err *err) MUST_USE;

/* A private form of our own choosing (PKCS#1 / SEC1 DER), for sealing at rest. */
enum fault keypair_to_der(const struct keypair *k, struct secret *ret) MUST_USE;
enum fault keypair_from_der(struct span der, const struct rng *rng, struct keypair **ret) MUST_USE;

enum key_kty keypair_kty(const struct keypair *k);
/* Modulus length, or the curve's. */
unsigned keypair_bits(const struct keypair *k);
enum fault keypair_public(const struct keypair *k, struct jwk_public *ret) MUST_USE;
/* Modulus length of the public half in bits (leading zero octets do not count); 0 for EC. */
unsigned jwk_public_rsa_bits(const struct jwk_public *pub);

/*
 * The operations. alg must be of the key's type and curve and of the right use: that is the caller's check, and a
 * mismatch is FAULT_INVALID without words. Output is appended to out.
 *
 * encrypt   FAULT_INVALID when the plaintext is too long for the key and padding
 * decrypt   FAULT_INVALID when the ciphertext has the wrong length or the padding is wrong; err gets Azure's sentence.
 *           Padding errors of RSA1_5 and OAEP take no early exit beyond what the library does.
 * sign      digest of exactly alg->digest_len bytes (RSNULL: any length that fits); EC signatures are raw r‖s
 * verify    *ret_valid; a signature of the wrong length is merely not valid
 */
enum fault key_encrypt(const struct jwk_public *pub, const struct key_alg *alg, struct span plain,
		       const struct rng *rng, struct buf *out, struct err *err) MUST_USE;
enum fault key_decrypt(struct keypair *k, const struct key_alg *alg, struct span cipher, const struct rng *rng,
		       struct buf *out, struct err *err) MUST_USE;
enum fault key_sign(struct keypair *k, const struct key_alg *alg, struct span digest, const struct rng *rng,
		    struct buf *out, struct err *err) MUST_USE;
enum fault key_verify(const struct jwk_public *pub, const struct key_alg *alg, struct span digest,
		      struct span signature, bool *ret_valid) MUST_USE;

#endif
