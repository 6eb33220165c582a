/* Sealing and opening values. */

#include "common/io/seal.h"

#include <mbedtls/gcm.h>

#include "common/io/mbed.h"

enum { NONCE_LEN = 12, TAG_LEN = 16, KEY_BITS = 8 * SEAL_KEY_LEN };

void sealer_done(struct sealer *s)
{
	secret_done(&s->key);
}

static const unsigned char *bytes(struct span s)
{
	return (const unsigned char *)s.p;
}

static enum fault gcm_key(mbedtls_gcm_context *gcm, const struct sealer *s)
{
	mbedtls_gcm_init(gcm);
	if (s->key.len != SEAL_KEY_LEN)
		return FAULT_CRYPTO;
	return mbed_fault(mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, s->key.p, KEY_BITS), NULL);
}

enum fault seal(const struct sealer *s, struct span context, struct span plain, const struct rng *rng, struct buf *out)
{
	MBED_SCOPED(mbedtls_gcm_free) mbedtls_gcm_context gcm;
	unsigned char nonce[NONCE_LEN];
	enum fault f = gcm_key(&gcm, s);

	if (f == FAULT_NONE)
		f = rng_fill(rng, nonce, sizeof(nonce));
	if (f != FAULT_NONE)
		return f;

	size_t before = out->len;
	unsigned char *at = buf_reserve(out, SEAL_OVERHEAD + plain.len);
	if (at == NULL)
		return buf_fault(out);
	memcpy(at, nonce, sizeof(nonce));
	f = mbed_fault(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, plain.len, nonce, sizeof(nonce),
						 bytes(context), context.len, bytes(plain), at + SEAL_OVERHEAD, TAG_LEN,
						 at + NONCE_LEN),
		       NULL);
	if (f != FAULT_NONE) {
		out->len = before;
		out->data[before] = '\0';
	}
	return f;
}

enum fault unseal(const struct sealer *s, struct span context, struct span sealed, struct secret *ret)
{
	MBED_SCOPED(mbedtls_gcm_free) mbedtls_gcm_context gcm;
	SCOPED_DONE(secret) struct secret plain = SECRET_INIT;
	enum fault f = gcm_key(&gcm, s);

	if (f == FAULT_NONE && sealed.len < SEAL_OVERHEAD)
		f = FAULT_CRYPTO;
	if (f == FAULT_NONE)
		f = secret_alloc(&plain, sealed.len - SEAL_OVERHEAD);
	if (f != FAULT_NONE)
		return f;

	const unsigned char *in = bytes(sealed);
	f = mbed_fault(mbedtls_gcm_auth_decrypt(&gcm, plain.len, in, NONCE_LEN, bytes(context), context.len,
						in + NONCE_LEN, TAG_LEN, in + SEAL_OVERHEAD, plain.p),
		       NULL);
	if (f != FAULT_NONE)
		return f;
	secret_done(ret);
	*ret = plain;
	plain = (struct secret)SECRET_INIT;
	return FAULT_NONE;
}
