/* EC operations. */

#include <mbedtls/ecdsa.h>

#include "common/io/keypair_impl.h"

/* At the right end of a field of width bytes, zeros before it. */
static void put_padded(unsigned char *field, size_t width, struct span s)
{
	memset(field, 0, width - s.len);
	if (s.len > 0)
		memcpy(field + width - s.len, s.p, s.len);
}

enum fault ec_point_load(mbedtls_ecp_group *grp, enum key_curve crv, struct span x, struct span y, mbedtls_ecp_point *q)
{
	unsigned char point[1 + 2 * EC_BYTES_MAX] = { 4 }; /* 4 ‖ x ‖ y */
	size_t n = key_curve_bytes(crv);

	if (x.len > n || y.len > n)
		return FAULT_INVALID;
	put_padded(point + 1, n, x);
	put_padded(point + 1 + n, n, y);
	int ret = mbedtls_ecp_point_read_binary(grp, q, point, 1 + 2 * n);
	if (ret == 0)
		ret = mbedtls_ecp_check_pubkey(grp, q);
	enum fault f = mbed_fault(ret, NULL);
	return f == FAULT_CRYPTO ? FAULT_INVALID : f;
}

enum fault ec_sign(struct keypair *k, const struct key_alg_row *row, struct span digest, const struct rng *rng,
		   struct buf *out)
{
	mbedtls_ecp_keypair *ec = mbedtls_pk_ec(k->pk);
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi r;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi s;
	struct mbed_rng random = { .rng = rng };
	unsigned char sig[2 * EC_BYTES_MAX];
	size_t n = key_curve_bytes(k->crv);

	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	/* The nonce of RFC 6979: no generator, good or bad, can give the key away through it. */
	int ret = mbedtls_ecdsa_sign_det_ext(&ec->grp, &r, &s, &ec->d, (const unsigned char *)digest.p, digest.len,
					     row->md, mbed_rng_fill, &random);
	if (ret == 0)
		ret = mbedtls_mpi_write_binary(&r, sig, n);
	if (ret == 0)
		ret = mbedtls_mpi_write_binary(&s, sig + n, n);
	if (ret != 0)
		return mbed_fault(ret, &random);
	buf_put(out, sig, 2 * n);
	return buf_fault(out);
}

static int verify(mbedtls_ecp_group *grp, const mbedtls_ecp_point *q, struct span digest, struct span signature)
{
	const unsigned char *sig = (const unsigned char *)signature.p;
	size_t n = signature.len / 2;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi r;
	MBED_SCOPED(mbedtls_mpi_free) mbedtls_mpi s;

	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	int ret = mbedtls_mpi_read_binary(&r, sig, n);
	if (ret == 0)
		ret = mbedtls_mpi_read_binary(&s, sig + n, n);
	if (ret == 0)
		ret = mbedtls_ecdsa_verify(grp, (const unsigned char *)digest.p, digest.len, q, &r, &s);
	return ret;
}

enum fault ec_verify(const struct jwk_public *pub, struct span digest, struct span signature, bool *ret_valid)
{
	MBED_SCOPED(mbedtls_ecp_group_free) mbedtls_ecp_group grp;
	MBED_SCOPED(mbedtls_ecp_point_free) mbedtls_ecp_point q;

	mbedtls_ecp_group_init(&grp);
	mbedtls_ecp_point_init(&q);
	enum fault f = mbed_fault(mbedtls_ecp_group_load(&grp, key_curve_group(pub->crv)), NULL);
	if (f == FAULT_NONE)
		f = ec_point_load(&grp, pub->crv, span_of(pub->x.p, pub->x.len), span_of(pub->y.p, pub->y.len), &q);
	if (f != FAULT_NONE)
		return f;

	if (signature.len != 2 * key_curve_bytes(pub->crv)) {
		*ret_valid = false;
		return FAULT_NONE;
	}
	int ret = verify(&grp, &q, digest, signature);
	if (ret != 0 && ret != MBEDTLS_ERR_ECP_VERIFY_FAILED)
		return mbed_fault(ret, NULL);
	*ret_valid = ret == 0;
	return FAULT_NONE;
}
