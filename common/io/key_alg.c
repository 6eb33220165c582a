/* The tables of algorithms and curves. */

#include "common/io/keypair_impl.h"

static const struct key_alg_row rows[] = {
	{ { "RSA1_5", KTY_RSA, CURVE_NONE, KEY_USE_ENCRYPT, 0 }, MBEDTLS_MD_NONE, MBEDTLS_RSA_PKCS_V15 },
	{ { "RSA-OAEP", KTY_RSA, CURVE_NONE, KEY_USE_ENCRYPT, 0 }, MBEDTLS_MD_SHA1, MBEDTLS_RSA_PKCS_V21 },
	{ { "RSA-OAEP-256", KTY_RSA, CURVE_NONE, KEY_USE_ENCRYPT, 0 }, MBEDTLS_MD_SHA256, MBEDTLS_RSA_PKCS_V21 },
	{ { "RS256", KTY_RSA, CURVE_NONE, KEY_USE_SIGN, 32 }, MBEDTLS_MD_SHA256, MBEDTLS_RSA_PKCS_V15 },
	{ { "RS384", KTY_RSA, CURVE_NONE, KEY_USE_SIGN, 48 }, MBEDTLS_MD_SHA384, MBEDTLS_RSA_PKCS_V15 },
	{ { "RS512", KTY_RSA, CURVE_NONE, KEY_USE_SIGN, 64 }, MBEDTLS_MD_SHA512, MBEDTLS_RSA_PKCS_V15 },
	{ { "PS256", KTY_RSA, CURVE_NONE, KEY_USE_SIGN, 32 }, MBEDTLS_MD_SHA256, MBEDTLS_RSA_PKCS_V21 },
	{ { "PS384", KTY_RSA, CURVE_NONE, KEY_USE_SIGN, 48 }, MBEDTLS_MD_SHA384, MBEDTLS_RSA_PKCS_V21 },
	{ { "PS512", KTY_RSA, CURVE_NONE, KEY_USE_SIGN, 64 }, MBEDTLS_MD_SHA512, MBEDTLS_RSA_PKCS_V21 },
	{ { "RSNULL", KTY_RSA, CURVE_NONE, KEY_USE_SIGN, 0 }, MBEDTLS_MD_NONE, MBEDTLS_RSA_PKCS_V15 },
	{ { "ES256", KTY_EC, CURVE_P256, KEY_USE_SIGN, 32 }, MBEDTLS_MD_SHA256, 0 },
	{ { "ES384", KTY_EC, CURVE_P384, KEY_USE_SIGN, 48 }, MBEDTLS_MD_SHA384, 0 },
	{ { "ES512", KTY_EC, CURVE_P521, KEY_USE_SIGN, 64 }, MBEDTLS_MD_SHA512, 0 },
	{ { "ES256K", KTY_EC, CURVE_P256K, KEY_USE_SIGN, 32 }, MBEDTLS_MD_SHA256, 0 },
};

static const struct curve_row {
	const char *name;
	enum key_curve crv;
	mbedtls_ecp_group_id group;
	size_t n_bytes;
} curves[] = {
	{ "P-256", CURVE_P256, MBEDTLS_ECP_DP_SECP256R1, 32 },
	{ "P-384", CURVE_P384, MBEDTLS_ECP_DP_SECP384R1, 48 },
	{ "P-521", CURVE_P521, MBEDTLS_ECP_DP_SECP521R1, 66 },
	{ "P-256K", CURVE_P256K, MBEDTLS_ECP_DP_SECP256K1, 32 },
};

static const struct key_alg_row *row_by_name(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (span_eq_cstr(name, rows[i].alg.name))
			return &rows[i];
	}
	return NULL;
}

const struct key_alg *key_alg_find(struct span name)
{
	const struct key_alg_row *row = row_by_name(name);

	return row == NULL ? NULL : &row->alg;
}

const struct key_alg_row *key_alg_row_find(const struct key_alg *alg, enum key_use use, enum key_kty kty,
					   enum key_curve crv)
{
	/* By name, as alg may be the caller's copy. */
	const struct key_alg_row *row = alg == NULL ? NULL : row_by_name(span_cstr(alg->name));

	if (row == NULL || row->alg.use != use || row->alg.kty != kty)
		return NULL;
	return kty == KTY_EC && row->alg.crv != crv ? NULL : row;
}

static const struct curve_row *curve_row(enum key_curve crv)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		if (curves[i].crv == crv)
			return &curves[i];
	}
	return NULL;
}

const char *key_curve_name(enum key_curve crv)
{
	const struct curve_row *row = curve_row(crv);

	return row == NULL ? "" : row->name;
}

enum fault key_curve_parse(struct span name, enum key_curve *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		if (span_eq_cstr(name, curves[i].name)) {
			*ret = curves[i].crv;
			return FAULT_NONE;
		}
	}
	return FAULT_INVALID;
}

size_t key_curve_bytes(enum key_curve crv)
{
	const struct curve_row *row = curve_row(crv);

	return row == NULL ? 0 : row->n_bytes;
}

mbedtls_ecp_group_id key_curve_group(enum key_curve crv)
{
	const struct curve_row *row = curve_row(crv);

	return row == NULL ? MBEDTLS_ECP_DP_NONE : row->group;
}

enum key_curve key_curve_of_group(mbedtls_ecp_group_id id)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		if (curves[i].group == id)
			return curves[i].crv;
	}
	return CURVE_NONE;
}
