/* The operations of keypair.h: is this algorithm one for this key, then on to its kind of arithmetic. */

#include "common/io/keypair_impl.h"

enum fault key_encrypt(const struct jwk_public *pub, const struct key_alg *alg, struct span plain,
		       const struct rng *rng, struct buf *out, struct err *err)
{
	const struct key_alg_row *row = key_alg_row_find(alg, KEY_USE_ENCRYPT, pub->kty, pub->crv);

	return row == NULL ? FAULT_INVALID : rsa_encrypt(pub, row, plain, rng, out, err);
}

enum fault key_decrypt(struct keypair *k, const struct key_alg *alg, struct span cipher, const struct rng *rng,
		       struct buf *out, struct err *err)
{
	const struct key_alg_row *row = key_alg_row_find(alg, KEY_USE_ENCRYPT, k->kty, k->crv);

	return row == NULL ? FAULT_INVALID : rsa_decrypt(k, row, cipher, rng, out, err);
}

enum fault key_sign(struct keypair *k, const struct key_alg *alg, struct span digest, const struct rng *rng,
		    struct buf *out, struct err *err)
{
	const struct key_alg_row *row = key_alg_row_find(alg, KEY_USE_SIGN, k->kty, k->crv);

	if (row == NULL)
		return FAULT_INVALID;
	if (row->alg.digest_len != 0 && digest.len != row->alg.digest_len)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Invalid length of 'value': %zu bytes. %s requires %zu bytes, encoded with base64url.",
			       digest.len, row->alg.name, row->alg.digest_len);
	return k->kty == KTY_RSA ? rsa_sign(k, row, digest, rng, out, err) : ec_sign(k, row, digest, rng, out);
}

enum fault key_verify(const struct jwk_public *pub, const struct key_alg *alg, struct span digest,
		      struct span signature, bool *ret_valid)
{
	const struct key_alg_row *row = key_alg_row_find(alg, KEY_USE_SIGN, pub->kty, pub->crv);

	if (row == NULL || (row->alg.digest_len != 0 && digest.len != row->alg.digest_len))
		return FAULT_INVALID;
	return pub->kty == KTY_RSA ? rsa_verify(pub, row, digest, signature, ret_valid)
				   : ec_verify(pub, digest, signature, ret_valid);
}
