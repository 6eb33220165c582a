#ifndef SANDVAULT_IO_KEYPAIR_IMPL_H
#define SANDVAULT_IO_KEYPAIR_IMPL_H

/*
 * What the files behind keypair.h share. Included by them and by x509.c only.
 */

#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>

#include "common/io/keypair.h"
#include "common/io/mbed.h"

struct keypair {
	enum key_kty kty;
	enum key_curve crv;
	mbedtls_pk_context pk;
};

/* An algorithm as the library wants it. */
struct key_alg_row {
	struct key_alg alg;
	mbedtls_md_type_t md; /* of the signature, or of OAEP and its mask alike */
	int padding;	      /* MBEDTLS_RSA_PKCS_V15 or _V21; of no meaning for EC */
};

/* The row behind alg when it fits type, curve and use; NULL otherwise. */
const struct key_alg_row *key_alg_row_find(const struct key_alg *alg, enum key_use use, enum key_kty kty,
					   enum key_curve crv);

mbedtls_ecp_group_id key_curve_group(enum key_curve crv);
/* CURVE_NONE for a group that has no JOSE name here. */
enum key_curve key_curve_of_group(mbedtls_ecp_group_id id);

/* An empty keypair with its library context set up, not yet a key. */
enum fault keypair_new(enum key_kty kty, enum key_curve crv, struct keypair **ret) MUST_USE;

/* The point x, y (each of the curve's full length) into q; FAULT_INVALID unless it lies on the curve. */
enum fault ec_point_load(mbedtls_ecp_group *grp, enum key_curve crv, struct span x, struct span y,
			 mbedtls_ecp_point *q) MUST_USE;

/* The operations by key type; key_ops.c has checked that row fits the key. */
enum fault rsa_encrypt(const struct jwk_public *pub, const struct key_alg_row *row, struct span plain,
		       const struct rng *rng, struct buf *out, struct err *err) MUST_USE;
enum fault rsa_decrypt(struct keypair *k, const struct key_alg_row *row, struct span cipher, const struct rng *rng,
		       struct buf *out, struct err *err) MUST_USE;
enum fault rsa_sign(struct keypair *k, const struct key_alg_row *row, struct span digest, const struct rng *rng,
		    struct buf *out, struct err *err) MUST_USE;
enum fault rsa_verify(const struct jwk_public *pub, const struct key_alg_row *row, struct span digest,
		      struct span signature, bool *ret_valid) MUST_USE;
enum fault ec_sign(struct keypair *k, const struct key_alg_row *row, struct span digest, const struct rng *rng,
		   struct buf *out) MUST_USE;
enum fault ec_verify(const struct jwk_public *pub, struct span digest, struct span signature, bool *ret_valid) MUST_USE;

#endif
