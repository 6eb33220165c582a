/* RSA operations. */

#include "common/io/keypair_impl.h"

/* PKCS#1 v1.5 padding: 00 bt, at least eight bytes, 00. */
enum { V15_OVERHEAD = 11 };

static const unsigned char *bytes(struct span s)
{
	return (const unsigned char *)s.p;
}

static size_t plain_max(const struct key_alg_row *row, size_t modulus_len)
{
	size_t overhead = row->padding == MBEDTLS_RSA_PKCS_V15
				  ? V15_OVERHEAD
				  : 2 * (size_t)mbedtls_md_get_size(mbedtls_md_info_from_type(row->md)) + 2;

	return modulus_len > overhead ? modulus_len - overhead : 0;
}

static enum fault say_too_long(struct err *err, const struct key_alg_row *row, size_t len, size_t max)
{
	return err_say(err, FAULT_INVALID, "BadParameter",
		       "Invalid length of 'value': %zu bytes. %s with this key takes at most %zu bytes.", len,
		       row->alg.name, max);
}

static enum fault public_load(mbedtls_rsa_context *rsa, const struct jwk_public *pub, const struct key_alg_row *row)
{
	int ret = mbedtls_rsa_import_raw(rsa, pub->n.p, pub->n.len, NULL, 0, NULL, 0, NULL, 0, pub->e.p, pub->e.len);

	if (ret == 0)
		ret = mbedtls_rsa_complete(rsa);
	if (ret == 0)
		ret = mbedtls_rsa_check_pubkey(rsa);
	if (ret == 0 && mbedtls_rsa_get_len(rsa) > RSA_BYTES_MAX)
		return FAULT_INVALID;
	mbedtls_rsa_set_padding(rsa, row->padding, (int)row->md);
	enum fault f = mbed_fault(ret, NULL);
	return f == FAULT_CRYPTO ? FAULT_INVALID : f;
}

enum fault rsa_encrypt(const struct jwk_public *pub, const struct key_alg_row *row, struct span plain,
		       const struct rng *rng, struct buf *out, struct err *err)
{
	MBED_SCOPED(mbedtls_rsa_free) mbedtls_rsa_context rsa;
	unsigned char cipher[RSA_BYTES_MAX];
	struct mbed_rng r = { .rng = rng };

	mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE);
	enum fault f = public_load(&rsa, pub, row);
	if (f != FAULT_NONE)
		return f;

	size_t len = mbedtls_rsa_get_len(&rsa);
	if (plain.len > plain_max(row, len))
		return say_too_long(err, row, plain.len, plain_max(row, len));
	f = mbed_fault(
		mbedtls_rsa_pkcs1_encrypt(&rsa, mbed_rng_fill, &r, MBEDTLS_RSA_PUBLIC, plain.len, bytes(plain), cipher),
		&r);
	if (f != FAULT_NONE)
		return f;
	buf_put(out, cipher, len);
	return buf_fault(out);
}

/* One sentence for everything that can be wrong with a ciphertext. */
static enum fault say_bad_cipher(struct err *err, const struct key_alg_row *row)
{
	return err_say(err, FAULT_INVALID, "BadParameter", "%s",
		       row->padding == MBEDTLS_RSA_PKCS_V15 ? "Unable to decrypt specified value with this key"
							    : "Error occurred while decoding OAEP padding.");
}

/* Is it the ciphertext that the library refused? Its padding, or a number not below the modulus. */
static bool is_bad_cipher(int ret)
{
	return ret == MBEDTLS_ERR_RSA_INVALID_PADDING ||
	       ret == MBEDTLS_ERR_RSA_PRIVATE_FAILED + MBEDTLS_ERR_MPI_BAD_INPUT_DATA;
}

enum fault rsa_decrypt(struct keypair *k, const struct key_alg_row *row, struct span cipher, const struct rng *rng,
		       struct buf *out, struct err *err)
{
	mbedtls_rsa_context *rsa = mbedtls_pk_rsa(k->pk);
	unsigned char plain[RSA_BYTES_MAX];
	size_t len = 0;
	struct mbed_rng r = { .rng = rng };

	if (cipher.len != mbedtls_rsa_get_len(rsa))
		return say_bad_cipher(err, row);
	mbedtls_rsa_set_padding(rsa, row->padding, (int)row->md);
	int ret = mbedtls_rsa_pkcs1_decrypt(rsa, mbed_rng_fill, &r, MBEDTLS_RSA_PRIVATE, &len, bytes(cipher), plain,
					    sizeof(plain));
	enum fault f = mbed_fault(ret, &r);

	if (f == FAULT_NONE) {
		buf_put(out, plain, len);
		f = buf_fault(out);
	} else if (f == FAULT_CRYPTO && is_bad_cipher(ret)) {
		f = say_bad_cipher(err, row);
	}
	wipe(plain, sizeof(plain));
	return f;
}

enum fault rsa_sign(struct keypair *k, const struct key_alg_row *row, struct span digest, const struct rng *rng,
		    struct buf *out, struct err *err)
{
	mbedtls_rsa_context *rsa = mbedtls_pk_rsa(k->pk);
	unsigned char sig[RSA_BYTES_MAX];
	size_t len = mbedtls_rsa_get_len(rsa);
	struct mbed_rng r = { .rng = rng };

	if (row->md == MBEDTLS_MD_NONE && digest.len > plain_max(row, len))
		return say_too_long(err, row, digest.len, plain_max(row, len));
	mbedtls_rsa_set_padding(rsa, row->padding, (int)row->md);
	/* With PSS the library's salt is as long as the hash for every key size that we have. */
	enum fault f = mbed_fault(mbedtls_rsa_pkcs1_sign(rsa, mbed_rng_fill, &r, MBEDTLS_RSA_PRIVATE, row->md,
							 (unsigned)digest.len, bytes(digest), sig),
				  &r);
	if (f != FAULT_NONE)
		return f;
	buf_put(out, sig, len);
	return buf_fault(out);
}

enum fault rsa_verify(const struct jwk_public *pub, const struct key_alg_row *row, struct span digest,
		      struct span signature, bool *ret_valid)
{
	MBED_SCOPED(mbedtls_rsa_free) mbedtls_rsa_context rsa;
	unsigned digest_len = (unsigned)digest.len;
	int ret;

	mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE);
	enum fault f = public_load(&rsa, pub, row);
	if (f != FAULT_NONE)
		return f;

	if (signature.len != mbedtls_rsa_get_len(&rsa) || digest.len > RSA_BYTES_MAX) {
		*ret_valid = false;
		return FAULT_NONE;
	}
	if (row->padding == MBEDTLS_RSA_PKCS_V21)
		/* Any salt length would do for the plain call; RFC 7518 section 3.5 allows one. */
		ret = mbedtls_rsa_rsassa_pss_verify_ext(&rsa, NULL, NULL, MBEDTLS_RSA_PUBLIC, row->md, digest_len,
							bytes(digest), row->md, (int)digest_len, bytes(signature));
	else
		ret = mbedtls_rsa_pkcs1_verify(&rsa, NULL, NULL, MBEDTLS_RSA_PUBLIC, row->md, digest_len, bytes(digest),
					       bytes(signature));
	if (mbed_fault(ret, NULL) == FAULT_MEMORY)
		return FAULT_MEMORY;
	*ret_valid = ret == 0;
	return FAULT_NONE;
}
