/* Making keypairs, their stored form, their public half. */

#include "common/io/keypair_impl.h"

#include <limits.h>
#include <stdlib.h>

/* A 4096-bit RSA key takes about 2400 bytes. */
enum { DER_MAX = 4096 };

enum fault keypair_new(enum key_kty kty, enum key_curve crv, struct keypair **ret)
{
	SCOPED(keypair) struct keypair *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return FAULT_MEMORY;
	mbedtls_pk_init(&k->pk);
	k->kty = kty;
	k->crv = crv;

	mbedtls_pk_type_t type = kty == KTY_RSA ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY;
	if (mbedtls_pk_setup(&k->pk, mbedtls_pk_info_from_type(type)) != 0)
		return FAULT_MEMORY;
	*ret = TAKE(k);
	return FAULT_NONE;
}

void keypair_free(struct keypair *k)
{
	if (k == NULL)
		return;
	mbedtls_pk_free(&k->pk);
	free(k);
}

enum fault keypair_generate_rsa(unsigned bits, uint32_t exponent, const struct rng *rng, struct keypair **ret)
{
	/* An even exponent has no inverse: the library would look for primes for ever. */
	if ((bits != 2048 && bits != 3072 && bits != 4096) || exponent < 3 || exponent > INT_MAX || exponent % 2 == 0)
		return FAULT_INVALID;

	SCOPED(keypair) struct keypair *k = NULL;
	enum fault f = keypair_new(KTY_RSA, CURVE_NONE, &k);
	if (f != FAULT_NONE)
		return f;

	struct mbed_rng r = { .rng = rng };
	f = mbed_fault(mbedtls_rsa_gen_key(mbedtls_pk_rsa(k->pk), mbed_rng_fill, &r, bits, (int)exponent), &r);
	if (f == FAULT_NONE)
		*ret = TAKE(k);
	return f;
}

enum fault keypair_generate_ec(enum key_curve crv, const struct rng *rng, struct keypair **ret)
{
	mbedtls_ecp_group_id group = key_curve_group(crv);

	if (group == MBEDTLS_ECP_DP_NONE)
		return FAULT_INVALID;

	SCOPED(keypair) struct keypair *k = NULL;
	enum fault f = keypair_new(KTY_EC, crv, &k);
	if (f != FAULT_NONE)
		return f;

	struct mbed_rng r = { .rng = rng };
	f = mbed_fault(mbedtls_ecp_gen_key(group, mbedtls_pk_ec(k->pk), mbed_rng_fill, &r), &r);
	if (f == FAULT_NONE)
		*ret = TAKE(k);
	return f;
}

enum fault keypair_to_der(const struct keypair *k, struct secret *ret)
{
	unsigned char der[DER_MAX];
	/* The library writes from the end of the buffer, and takes a context that it only reads without const. */
	int n = mbedtls_pk_write_key_der((mbedtls_pk_context *)&k->pk, der, sizeof(der));
	enum fault f = mbed_fault(n, NULL);

	if (f == FAULT_NONE)
		f = secret_set(ret, der + sizeof(der) - n, (size_t)n);
	wipe(der, sizeof(der));
	return f;
}

/* FAULT_INVALID for a key of a kind that is none of ours. */
static enum fault classify(struct keypair *k)
{
	if (mbedtls_pk_get_type(&k->pk) == MBEDTLS_PK_RSA) {
		k->kty = KTY_RSA;
		return mbedtls_rsa_get_len(mbedtls_pk_rsa(k->pk)) <= RSA_BYTES_MAX ? FAULT_NONE : FAULT_INVALID;
	}
	if (mbedtls_pk_get_type(&k->pk) != MBEDTLS_PK_ECKEY)
		return FAULT_INVALID;
	k->kty = KTY_EC;
	k->crv = key_curve_of_group(mbedtls_pk_ec(k->pk)->grp.id);
	return k->crv == CURVE_NONE ? FAULT_INVALID : FAULT_NONE;
}

enum fault keypair_from_der(struct span der, const struct rng *rng, struct keypair **ret)
{
	SCOPED(keypair) struct keypair *k = calloc(1, sizeof(*k));

	/* Only mbedTLS 3 asks for random bytes here. */
	(void)rng;
	if (k == NULL)
		return FAULT_MEMORY;
	mbedtls_pk_init(&k->pk);

	enum fault f = mbed_fault(mbedtls_pk_parse_key(&k->pk, (const unsigned char *)der.p, der.len, NULL, 0), NULL);
	if (f == FAULT_CRYPTO)
		f = FAULT_INVALID;
	if (f == FAULT_NONE)
		f = classify(k);
	if (f == FAULT_NONE)
		*ret = TAKE(k);
	return f;
}

enum key_kty keypair_kty(const struct keypair *k)
{
	return k->kty;
}

unsigned keypair_bits(const struct keypair *k)
{
	return (unsigned)mbedtls_pk_get_bitlen(&k->pk);
}

static int write_mpi(const mbedtls_mpi *x, struct jwk_bytes *out)
{
	out->len = mbedtls_mpi_size(x);
	if (out->len > sizeof(out->p))
		return MBEDTLS_ERR_MPI_BUFFER_TOO_SMALL;
	return mbedtls_mpi_write_binary(x, out->p, out->len);
}

static int rsa_public(const mbedtls_rsa_context *rsa, struct jwk_public *out)
{
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi n;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi e;

	mbedtls_mpi_init(&n);
	mbedtls_mpi_init(&e);
	int ret = mbedtls_rsa_export(rsa, &n, NULL, NULL, NULL, &e);
	if (ret == 0)
		ret = write_mpi(&n, &out->n);
	if (ret == 0)
		ret = write_mpi(&e, &out->e);
	return ret;
}

static int ec_public(const mbedtls_ecp_keypair *ec, struct jwk_public *out)
{
	unsigned char point[1 + 2 * EC_BYTES_MAX]; /* 4 ‖ x ‖ y */
	size_t n = 0;
	int ret = mbedtls_ecp_point_write_binary(&ec->grp, &ec->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, point,
						 sizeof(point));

	if (ret != 0)
		return ret;
	out->x.len = out->y.len = (n - 1) / 2;
	memcpy(out->x.p, point + 1, out->x.len);
	memcpy(out->y.p, point + 1 + out->x.len, out->y.len);
	return 0;
}

enum fault keypair_public(const struct keypair *k, struct jwk_public *ret)
{
	struct jwk_public pub = { .kty = k->kty, .crv = k->crv };
	enum fault f = mbed_fault(k->kty == KTY_RSA ? rsa_public(mbedtls_pk_rsa(k->pk), &pub)
						    : ec_public(mbedtls_pk_ec(k->pk), &pub),
				  NULL);

	if (f == FAULT_NONE)
		*ret = pub;
	return f;
}

unsigned jwk_public_rsa_bits(const struct jwk_public *pub)
{
	if (pub->kty != KTY_RSA)
		return 0;
	for (size_t i = 0; i < pub->n.len; i++) {
		if (pub->n.p[i] != 0)
			return (unsigned)(8 * (pub->n.len - i)) - (unsigned)__builtin_clz(pub->n.p[i]) + 24;
	}
	return 0;
}
