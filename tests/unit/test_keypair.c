/* Keys, their import, and every algorithm, against published vectors and against themselves. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <mbedtls/md.h>

#include "common/io/digest.h"
#include "common/io/keypair.h"
#include "common/plain/text.h"
#include "tests/unit/jose_vectors.h"

/* ---- support ---- */

/* Private members as base64url text; NULL for one that is not there. */
struct jwk_text {
	enum key_kty kty;
	enum key_curve crv;
	const char *n, *e, *d, *p, *q, *dp, *dq, *qi, *x, *y;
};

enum { N_MEMBERS = 10 };

/* The decoded members and the view on them that keypair_import takes. */
struct jwk_decoded {
	struct buf bytes[N_MEMBERS];
	struct jwk_private jwk;
};

static struct rng rng;

static struct buf decode(const char *text)
{
	struct buf b = BUF_INIT(4096);

	assert_int_equal(base64url_decode(&b, span_cstr(text)), FAULT_NONE);
	return b;
}

static void jwk_decode(const struct jwk_text *t, struct jwk_decoded *d)
{
	const char *texts[N_MEMBERS] = { t->n, t->e, t->d, t->p, t->q, t->dp, t->dq, t->qi, t->x, t->y };
	struct jwk_private *j = &d->jwk;
	struct span *spans[N_MEMBERS] = { &j->n, &j->e, &j->d, &j->p, &j->q, &j->dp, &j->dq, &j->qi, &j->x, &j->y };

	*j = (struct jwk_private){ .kty = t->kty, .crv = t->crv };
	for (size_t i = 0; i < N_MEMBERS; i++) {
		d->bytes[i] = decode(texts[i] == NULL ? "" : texts[i]);
		*spans[i] = buf_span(&d->bytes[i]);
	}
}

static void jwk_decoded_done(struct jwk_decoded *d)
{
	for (size_t i = 0; i < N_MEMBERS; i++)
		buf_done(&d->bytes[i]);
}

static enum fault import_text(const struct jwk_text *t, struct keypair **ret, struct err *err)
{
	SCOPED_DONE(jwk_decoded) struct jwk_decoded d;

	jwk_decode(t, &d);
	return keypair_import(&d.jwk, &rng, ret, err);
}

static struct keypair *must_import(const struct jwk_text *t)
{
	struct keypair *k = NULL;
	struct err err = ERR_INIT;
	enum fault f = import_text(t, &k, &err);

	if (f != FAULT_NONE)
		print_error("%s: %s\n", fault_name(f), err.message);
	assert_int_equal(f, FAULT_NONE);
	return k;
}

static const struct key_alg *alg_named(const char *name)
{
	const struct key_alg *a = key_alg_find(span_cstr(name));

	assert_non_null(a);
	return a;
}

static struct buf hash_of(size_t len, struct span message)
{
	mbedtls_md_type_t type = len == 32 ? MBEDTLS_MD_SHA256 : len == 48 ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA512;
	struct buf b = BUF_INIT(64);

	assert_int_equal(mbedtls_md(mbedtls_md_info_from_type(type), (const unsigned char *)message.p, message.len,
				    buf_reserve(&b, len)),
			 0);
	return b;
}

/* Hands out n fills, then fails. */
struct short_rng {
	int left;
};

static enum fault short_fill(void *arg, void *p, size_t n)
{
	struct short_rng *s = arg;

	return s->left-- > 0 ? rng_fill(&rng, p, n) : FAULT_RANDOM;
}

static const struct jwk_text A2 = {
	.kty = KTY_RSA,
	.n = RFC7515_A2_N,
	.e = RFC7515_A2_E,
	.d = RFC7515_A2_D,
	.p = RFC7515_A2_P,
	.q = RFC7515_A2_Q,
	.dp = RFC7515_A2_DP,
	.dq = RFC7515_A2_DQ,
	.qi = RFC7515_A2_QI,
};
static const struct jwk_text A3 = {
	.kty = KTY_EC, .crv = CURVE_P256, .d = RFC7515_A3_D, .x = RFC7515_A3_X, .y = RFC7515_A3_Y
};
static const struct jwk_text K42 = { .kty = KTY_RSA, .n = RFC7520_42_N, .e = "AQAB" };
static const struct jwk_text K43 = {
	.kty = KTY_EC, .crv = CURVE_P521, .d = RFC7520_43_D, .x = RFC7520_43_X, .y = RFC7520_43_Y
};
static const struct jwk_text K51 = {
	.kty = KTY_RSA, .n = RFC7520_51_N, .e = RFC7520_51_E, .d = RFC7520_51_D, .p = RFC7520_51_P, .q = RFC7520_51_Q
};
/* Nothing but n, e, d. */
static const struct jwk_text K52 = { .kty = KTY_RSA, .n = RFC7520_52_N, .e = RFC7520_52_E, .d = RFC7520_52_D };
static const struct jwk_text K256K = {
	.kty = KTY_EC, .crv = CURVE_P256K, .d = OPENSSL_ES256K_D, .x = OPENSSL_ES256K_X, .y = OPENSSL_ES256K_Y
};
static const struct jwk_text K384 = {
	.kty = KTY_EC, .crv = CURVE_P384, .d = OPENSSL_ES384_D, .x = OPENSSL_ES384_X, .y = OPENSSL_ES384_Y
};

/* ---- tables ---- */

static void test_alg_names(void **state UNUSED)
{
	static const char *const unknown[] = { "", "rs256", "RS256 ", "none", "HS256", "RSA-OAEP-512", "A128KW" };

	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		assert_null(key_alg_find(span_cstr(unknown[i])));
	assert_int_equal(alg_named("RSA-OAEP")->use, KEY_USE_ENCRYPT);
	assert_int_equal(alg_named("RSNULL")->digest_len, 0);
	assert_int_equal(alg_named("ES256K")->crv, CURVE_P256K);
	assert_int_equal(alg_named("PS512")->digest_len, 64);
}

static void test_curve_names(void **state UNUSED)
{
	enum key_curve crv = CURVE_NONE;

	for (int c = CURVE_P256; c <= CURVE_P256K; c++) {
		assert_int_equal(key_curve_parse(span_cstr(key_curve_name((enum key_curve)c)), &crv), FAULT_NONE);
		assert_int_equal(crv, c);
	}
	assert_int_equal(key_curve_parse(SPAN_LIT("SECP256K1"), &crv), FAULT_INVALID);
	assert_int_equal(key_curve_bytes(CURVE_P521), 66);
	assert_int_equal(key_curve_bytes(CURVE_NONE), 0);
}

/* ---- published vectors ---- */

static const struct signature_row {
	const char *name, *alg;
	const struct jwk_text *key;
	const char *input, *sig;
	bool is_repeatable; /* signing gives these very bytes */
	bool is_bad;
} signatures[] = {
	{ "RFC 7515 A.2", "RS256", &A2, RFC7515_A2_INPUT, RFC7515_A2_SIG, true, false },
	{ "RFC 7515 A.3", "ES256", &A3, RFC7515_A3_INPUT, RFC7515_A3_SIG, false, false },
	{ "RFC 7520 4.2", "PS384", &K42, RFC7520_42_INPUT, RFC7520_42_SIG, false, false },
	{ "RFC 7520 4.3", "ES512", &K43, RFC7520_43_INPUT, RFC7520_43_SIG, false, false },
	{ "OpenSSL RS512", "RS512", &A2, RFC7515_A2_INPUT, OPENSSL_RS512_SIG, true, false },
	{ "OpenSSL PS256", "PS256", &A2, RFC7515_A2_INPUT, OPENSSL_PS256_SIG, false, false },
	{ "OpenSSL PS512", "PS512", &A2, RFC7515_A2_INPUT, OPENSSL_PS512_SIG, false, false },
	{ "OpenSSL ES256K", "ES256K", &K256K, RFC7515_A2_INPUT, OPENSSL_ES256K_SIG, false, false },
	{ "OpenSSL ES384", "ES384", &K384, RFC7515_A2_INPUT, OPENSSL_ES384_SIG, false, false },
	{ "salt of another length", "PS256", &A2, RFC7515_A2_INPUT, OPENSSL_PS256_SALT20_SIG, false, true },
	{ "signature of another algorithm", "RS256", &A2, RFC7515_A2_INPUT, OPENSSL_PS256_SIG, false, true },
};

static void public_of_text(const struct jwk_text *t, struct jwk_public *pub)
{
	const char *texts[] = { t->n, t->e, t->x, t->y };
	struct jwk_bytes *to[] = { &pub->n, &pub->e, &pub->x, &pub->y };

	*pub = (struct jwk_public){ .kty = t->kty, .crv = t->crv };
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		SCOPED_DONE(buf) struct buf b = decode(texts[i] == NULL ? "" : texts[i]);

		to[i]->len = b.len;
		if (b.len > 0)
			memcpy(to[i]->p, b.data, b.len);
	}
}

static void check_signature_row(const struct signature_row *row)
{
	SCOPED_DONE(buf) struct buf sig = decode(row->sig);
	SCOPED_DONE(buf) struct buf digest = hash_of(alg_named(row->alg)->digest_len, span_cstr(row->input));
	struct jwk_public pub;
	bool is_valid = row->is_bad;

	print_message("  %s\n", row->name);
	public_of_text(row->key, &pub);
	assert_int_equal(key_verify(&pub, alg_named(row->alg), buf_span(&digest), buf_span(&sig), &is_valid),
			 FAULT_NONE);
	assert_int_equal(is_valid, !row->is_bad);

	sig.data[sig.len / 2] ^= 1;
	assert_int_equal(key_verify(&pub, alg_named(row->alg), buf_span(&digest), buf_span(&sig), &is_valid),
			 FAULT_NONE);
	assert_false(is_valid);
	sig.data[sig.len / 2] ^= 1;

	if (row->is_repeatable) {
		SCOPED(keypair) struct keypair *k = must_import(row->key);
		SCOPED_DONE(buf) struct buf again = BUF_INIT(KEYPAIR_SIGNATURE_MAX);

		assert_int_equal(key_sign(k, alg_named(row->alg), buf_span(&digest), &rng, &again, NULL), FAULT_NONE);
		assert_true(span_eq(buf_span(&again), buf_span(&sig)));
	}
}

static void test_signature_vectors(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(signatures); i++)
		check_signature_row(&signatures[i]);
}

static void test_decrypt_vectors(void **state UNUSED)
{
	static const struct {
		const char *name, *alg;
		const struct jwk_text *key;
		const char *cipher, *plain;
	} rows[] = {
		{ "RFC 7520 5.1", "RSA1_5", &K51, RFC7520_51_CIPHER, RFC7520_51_PLAIN },
		{ "RFC 7520 5.2", "RSA-OAEP", &K52, RFC7520_52_CIPHER, RFC7520_52_PLAIN },
		{ "OpenSSL", "RSA-OAEP-256", &A2, OPENSSL_OAEP_256_CIPHER, RFC7520_52_PLAIN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED(keypair) struct keypair *k = must_import(rows[i].key);
		SCOPED_DONE(buf) struct buf cipher = decode(rows[i].cipher);
		SCOPED_DONE(buf) struct buf expected = decode(rows[i].plain);
		SCOPED_DONE(buf) struct buf plain = BUF_SECRET_INIT(RSA_BYTES_MAX);

		print_message("  %s\n", rows[i].name);
		assert_int_equal(key_decrypt(k, alg_named(rows[i].alg), buf_span(&cipher), &rng, &plain, NULL),
				 FAULT_NONE);
		assert_true(span_eq(buf_span(&plain), buf_span(&expected)));
	}
}

/* RSNULL over the DigestInfo that RS256 would build is RS256. RFC 8017 section 9.2, note 1. */
static void test_rsnull_is_bare_padding(void **state UNUSED)
{
	static const char digest_info[] =
		"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
	SCOPED(keypair) struct keypair *k = must_import(&A2);
	SCOPED_DONE(buf) struct buf expected = decode(RFC7515_A2_SIG);
	SCOPED_DONE(buf) struct buf digest = hash_of(32, SPAN_LIT(RFC7515_A2_INPUT));
	SCOPED_DONE(buf) struct buf in = BUF_INIT(64);
	SCOPED_DONE(buf) struct buf sig = BUF_INIT(KEYPAIR_SIGNATURE_MAX);

	buf_put(&in, digest_info, sizeof(digest_info) - 1);
	buf_put_span(&in, buf_span(&digest));
	assert_int_equal(key_sign(k, alg_named("RSNULL"), buf_span(&in), &rng, &sig, NULL), FAULT_NONE);
	assert_true(span_eq(buf_span(&sig), buf_span(&expected)));
}

/* ---- round trips ---- */

static void check_encrypt(struct keypair *k, const char *alg, size_t len)
{
	SCOPED_DONE(buf) struct buf in = BUF_INIT(RSA_BYTES_MAX);
	SCOPED_DONE(buf) struct buf cipher = BUF_INIT(RSA_BYTES_MAX);
	SCOPED_DONE(buf) struct buf plain = BUF_INIT(RSA_BYTES_MAX);
	struct jwk_public pub;

	if (len > 0)
		assert_int_equal(rng_fill(&rng, buf_reserve(&in, len), len), FAULT_NONE);
	assert_int_equal(keypair_public(k, &pub), FAULT_NONE);
	assert_int_equal(key_encrypt(&pub, alg_named(alg), buf_span(&in), &rng, &cipher, NULL), FAULT_NONE);
	assert_int_equal(cipher.len, keypair_bits(k) / 8);
	assert_int_equal(key_decrypt(k, alg_named(alg), buf_span(&cipher), &rng, &plain, NULL), FAULT_NONE);
	assert_true(span_eq(buf_span(&in), buf_span(&plain)));
}

static void test_encrypt_round_trips(void **state UNUSED)
{
	static const struct {
		const char *alg;
		size_t overhead;
	} rows[] = { { "RSA1_5", 11 }, { "RSA-OAEP", 42 }, { "RSA-OAEP-256", 66 } };
	static const struct jwk_text *const keys[] = { &A2, &K52 };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		SCOPED(keypair) struct keypair *k = must_import(keys[i]);

		for (size_t j = 0; j < ARRAY_LEN(rows); j++) {
			check_encrypt(k, rows[j].alg, 0);
			check_encrypt(k, rows[j].alg, 32);
			check_encrypt(k, rows[j].alg, keypair_bits(k) / 8 - rows[j].overhead);
		}
	}
}

static void check_sign(struct keypair *k, const char *alg, size_t digest_len, size_t sig_len)
{
	unsigned char digest[256];
	SCOPED_DONE(buf) struct buf sig = BUF_INIT(KEYPAIR_SIGNATURE_MAX);
	struct span in = span_of(digest, digest_len);
	struct jwk_public pub;
	bool is_valid = false;

	assert_int_equal(rng_fill(&rng, digest, sizeof(digest)), FAULT_NONE);
	assert_int_equal(keypair_public(k, &pub), FAULT_NONE);
	assert_int_equal(key_sign(k, alg_named(alg), in, &rng, &sig, NULL), FAULT_NONE);
	assert_int_equal(sig.len, sig_len);
	assert_int_equal(key_verify(&pub, alg_named(alg), in, buf_span(&sig), &is_valid), FAULT_NONE);
	assert_true(is_valid);

	assert_int_equal(key_verify(&pub, alg_named(alg), in, span_first(buf_span(&sig), sig.len - 1), &is_valid),
			 FAULT_NONE);
	assert_false(is_valid);
	assert_int_equal(key_verify(&pub, alg_named(alg), in, SPAN_EMPTY, &is_valid), FAULT_NONE);
	assert_false(is_valid);
	memset(sig.data, 0, sig.len);
	assert_int_equal(key_verify(&pub, alg_named(alg), in, buf_span(&sig), &is_valid), FAULT_NONE);
	assert_false(is_valid);
	memset(sig.data, 0xff, sig.len);
	assert_int_equal(key_verify(&pub, alg_named(alg), in, buf_span(&sig), &is_valid), FAULT_NONE);
	assert_false(is_valid);
}

static void test_sign_round_trips(void **state UNUSED)
{
	static const struct {
		const char *alg;
		const struct jwk_text *key;
		size_t digest_len, sig_len;
	} rows[] = {
		{ "RS256", &A2, 32, 256 },  { "RS384", &A2, 48, 256 },	  { "RS512", &A2, 64, 256 },
		{ "PS256", &A2, 32, 256 },  { "PS384", &A2, 48, 256 },	  { "PS512", &A2, 64, 256 },
		{ "RSNULL", &A2, 0, 256 },  { "RSNULL", &A2, 51, 256 },	  { "RSNULL", &A2, 245, 256 },
		{ "PS256", &K52, 32, 512 }, { "ES256", &A3, 32, 64 },	  { "ES384", &K384, 48, 96 },
		{ "ES512", &K43, 64, 132 }, { "ES256K", &K256K, 32, 64 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED(keypair) struct keypair *k = must_import(rows[i].key);

		print_message("  %s of %zu bytes\n", rows[i].alg, rows[i].digest_len);
		check_sign(k, rows[i].alg, rows[i].digest_len, rows[i].sig_len);
	}
}

/* ---- generated keys, stored form ---- */

static void check_same_public(const struct keypair *a, const struct keypair *b)
{
	struct jwk_public pa, pb;

	assert_int_equal(keypair_public(a, &pa), FAULT_NONE);
	assert_int_equal(keypair_public(b, &pb), FAULT_NONE);
	assert_int_equal(pa.kty, pb.kty);
	assert_int_equal(pa.crv, pb.crv);
	assert_memory_equal(&pa, &pb, sizeof(pa));
}

static void check_der_round_trip(const struct keypair *k)
{
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	SCOPED(keypair) struct keypair *again = NULL;

	assert_int_equal(keypair_to_der(k, &der), FAULT_NONE);
	assert_int_equal(keypair_from_der(secret_span(&der), &rng, &again), FAULT_NONE);
	assert_int_equal(keypair_kty(again), keypair_kty(k));
	assert_int_equal(keypair_bits(again), keypair_bits(k));
	check_same_public(k, again);
}

static void test_generate_rsa(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = NULL;
	struct jwk_public pub;

	assert_int_equal(keypair_generate_rsa(2048, 65537, &rng, &k), FAULT_NONE);
	assert_int_equal(keypair_kty(k), KTY_RSA);
	assert_int_equal(keypair_bits(k), 2048);
	assert_int_equal(keypair_public(k, &pub), FAULT_NONE);
	assert_int_equal(pub.n.len, 256);
	assert_int_equal(pub.e.len, 3);
	assert_int_equal(jwk_public_rsa_bits(&pub), 2048);
	check_der_round_trip(k);
	check_encrypt(k, "RSA-OAEP-256", 32);
	check_sign(k, "RS256", 32, 256);
}

static void test_generate_rsa_exponent_3(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = NULL;
	struct jwk_public pub;

	assert_int_equal(keypair_generate_rsa(2048, 3, &rng, &k), FAULT_NONE);
	assert_int_equal(keypair_public(k, &pub), FAULT_NONE);
	assert_int_equal(pub.e.len, 1);
	assert_int_equal(pub.e.p[0], 3);
	check_sign(k, "PS256", 32, 256);
}

static void test_generate_ec(void **state UNUSED)
{
	static const struct {
		enum key_curve crv;
		const char *alg;
		unsigned bits;
		size_t digest_len, n_bytes;
	} rows[] = {
		{ CURVE_P256, "ES256", 256, 32, 32 },
		{ CURVE_P384, "ES384", 384, 48, 48 },
		{ CURVE_P521, "ES512", 521, 64, 66 },
		{ CURVE_P256K, "ES256K", 256, 32, 32 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED(keypair) struct keypair *k = NULL;
		struct jwk_public pub;

		assert_int_equal(keypair_generate_ec(rows[i].crv, &rng, &k), FAULT_NONE);
		assert_int_equal(keypair_bits(k), rows[i].bits);
		assert_int_equal(keypair_public(k, &pub), FAULT_NONE);
		assert_int_equal(pub.x.len, rows[i].n_bytes);
		assert_int_equal(pub.y.len, rows[i].n_bytes);
		assert_int_equal(jwk_public_rsa_bits(&pub), 0);
		check_der_round_trip(k);
		check_sign(k, rows[i].alg, rows[i].digest_len, 2 * rows[i].n_bytes);
	}
}

static void test_generate_refuses(void **state UNUSED)
{
	static const struct {
		unsigned bits;
		uint32_t exponent;
	} rows[] = { { 1024, 65537 }, { 2047, 65537 }, { 2049, 65537 }, { 8192, 65537 },     { 0, 65537 },
		     { 2048, 0 },     { 2048, 1 },     { 2048, 65536 }, { 2048, UINT32_MAX } };
	SCOPED(keypair) struct keypair *k = NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(keypair_generate_rsa(rows[i].bits, rows[i].exponent, &rng, &k), FAULT_INVALID);
	assert_int_equal(keypair_generate_ec(CURVE_NONE, &rng, &k), FAULT_INVALID);
	assert_null(k);
}

static void test_no_random_bytes(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = NULL;
	SCOPED(keypair) struct keypair *rsa = must_import(&A2);
	SCOPED(keypair) struct keypair *ec = must_import(&A3);
	SCOPED_DONE(buf) struct buf out = BUF_INIT(RSA_BYTES_MAX);
	SCOPED_DONE(buf) struct buf cipher = decode(OPENSSL_OAEP_256_CIPHER);
	struct short_rng s = { 0 };
	struct rng short_of = { short_fill, &s };
	unsigned char digest[32] = { 0 };
	struct span in = span_of(digest, sizeof(digest));
	struct jwk_public pub;

	assert_int_equal(keypair_public(rsa, &pub), FAULT_NONE);
	for (int n = 0; n < 10; n++) {
		s.left = n;
		assert_int_equal(keypair_generate_rsa(2048, 65537, &short_of, &k), FAULT_RANDOM);
	}
	s.left = 0;
	assert_int_equal(keypair_generate_ec(CURVE_P256, &short_of, &k), FAULT_RANDOM);
	assert_int_equal(key_encrypt(&pub, alg_named("RSA1_5"), in, &short_of, &out, NULL), FAULT_RANDOM);
	assert_int_equal(key_encrypt(&pub, alg_named("RSA-OAEP"), in, &short_of, &out, NULL), FAULT_RANDOM);
	assert_int_equal(key_decrypt(rsa, alg_named("RSA-OAEP-256"), buf_span(&cipher), &short_of, &out, NULL),
			 FAULT_RANDOM);
	assert_int_equal(key_sign(rsa, alg_named("RS256"), in, &short_of, &out, NULL), FAULT_RANDOM);
	assert_int_equal(key_sign(rsa, alg_named("PS256"), in, &short_of, &out, NULL), FAULT_RANDOM);
	assert_int_equal(key_sign(ec, alg_named("ES256"), in, &short_of, &out, NULL), FAULT_RANDOM);
	assert_int_equal(out.len, 0);
	assert_null(k);
}

static void test_der_refuses(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = must_import(&A2);
	SCOPED(keypair) struct keypair *out = NULL;
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;

	assert_int_equal(keypair_to_der(k, &der), FAULT_NONE);
	for (size_t n = 0; n < der.len; n += 37)
		assert_int_equal(keypair_from_der(span_first(secret_span(&der), n), &rng, &out), FAULT_INVALID);
	der.p[0] ^= 1;
	assert_int_equal(keypair_from_der(secret_span(&der), &rng, &out), FAULT_INVALID);
	assert_int_equal(keypair_from_der(SPAN_LIT("no key"), &rng, &out), FAULT_INVALID);
	assert_null(out);
}

/* ---- bad input to operations ---- */

static void check_bad_cipher(struct keypair *k, const char *alg, struct span cipher, const char *sentence)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(RSA_BYTES_MAX);
	struct err err = ERR_INIT;

	assert_int_equal(key_decrypt(k, alg_named(alg), cipher, &rng, &out, &err), FAULT_INVALID);
	assert_string_equal(err.code, "BadParameter");
	assert_string_equal(err.message, sentence);
	assert_int_equal(out.len, 0);
}

static void test_decrypt_refuses(void **state UNUSED)
{
	static const struct {
		const char *alg, *sentence;
	} rows[] = {
		{ "RSA1_5", "Unable to decrypt specified value with this key" },
		{ "RSA-OAEP", "Error occurred while decoding OAEP padding." },
		{ "RSA-OAEP-256", "Error occurred while decoding OAEP padding." },
	};
	SCOPED(keypair) struct keypair *k = must_import(&A2);
	unsigned char zeros[257] = { 0 };
	unsigned char ones[256];
	unsigned char some[256] = { 0 };

	memset(ones, 0xff, sizeof(ones));
	some[255] = 2;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *alg = rows[i].alg, *sentence = rows[i].sentence;

		check_bad_cipher(k, alg, SPAN_EMPTY, sentence);
		check_bad_cipher(k, alg, span_of(zeros, 255), sentence);
		check_bad_cipher(k, alg, span_of(zeros, 256), sentence);
		check_bad_cipher(k, alg, span_of(zeros, 257), sentence);
		check_bad_cipher(k, alg, span_of(some, 256), sentence);
		check_bad_cipher(k, alg, span_of(ones, 256), sentence);
	}
}

static void test_decrypt_refuses_other_padding(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = must_import(&A2);
	SCOPED_DONE(buf) struct buf cipher = decode(OPENSSL_OAEP_256_CIPHER);

	check_bad_cipher(k, "RSA1_5", buf_span(&cipher), "Unable to decrypt specified value with this key");
	check_bad_cipher(k, "RSA-OAEP", buf_span(&cipher), "Error occurred while decoding OAEP padding.");
	cipher.data[100] ^= 1;
	check_bad_cipher(k, "RSA-OAEP-256", buf_span(&cipher), "Error occurred while decoding OAEP padding.");
}

static void test_too_long(void **state UNUSED)
{
	static const struct {
		const char *alg, *limit;
		size_t len;
	} rows[] = { { "RSA1_5", "245", 246 },
		     { "RSA-OAEP", "214", 215 },
		     { "RSA-OAEP-256", "190", 191 },
		     { "RSA-OAEP-256", "190", 4096 } };
	SCOPED(keypair) struct keypair *k = must_import(&A2);
	SCOPED_DONE(buf) struct buf out = BUF_INIT(RSA_BYTES_MAX);
	static unsigned char bytes[4096];
	struct jwk_public pub;
	struct err err = ERR_INIT;

	assert_int_equal(keypair_public(k, &pub), FAULT_NONE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(
			key_encrypt(&pub, alg_named(rows[i].alg), span_of(bytes, rows[i].len), &rng, &out, &err),
			FAULT_INVALID);
		assert_string_equal(err.code, "BadParameter");
		assert_non_null(strstr(err.message, rows[i].limit));
	}
	assert_int_equal(key_sign(k, alg_named("RSNULL"), span_of(bytes, 246), &rng, &out, &err), FAULT_INVALID);
	assert_non_null(strstr(err.message, "245"));
	assert_int_equal(key_sign(k, alg_named("RS256"), span_of(bytes, 43), &rng, &out, &err), FAULT_INVALID);
	assert_string_equal(err.message,
			    "Invalid length of 'value': 43 bytes. RS256 requires 32 bytes, encoded with base64url.");
	assert_int_equal(out.len, 0);
}

static void test_alg_of_another_kind(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *rsa = must_import(&A2);
	SCOPED(keypair) struct keypair *ec = must_import(&A3);
	SCOPED_DONE(buf) struct buf out = BUF_INIT(RSA_BYTES_MAX);
	unsigned char digest[32] = { 0 };
	struct span in = span_of(digest, sizeof(digest));
	struct jwk_public rsa_pub, ec_pub;
	bool is_valid = true;

	assert_int_equal(keypair_public(rsa, &rsa_pub), FAULT_NONE);
	assert_int_equal(keypair_public(ec, &ec_pub), FAULT_NONE);
	assert_int_equal(key_sign(rsa, alg_named("ES256"), in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_sign(rsa, alg_named("RSA-OAEP"), in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_sign(ec, alg_named("ES256K"), in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_sign(ec, alg_named("RS256"), in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_sign(ec, NULL, in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_encrypt(&ec_pub, alg_named("RSA1_5"), in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_encrypt(&rsa_pub, alg_named("RS256"), in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_decrypt(ec, alg_named("RSA1_5"), in, &rng, &out, NULL), FAULT_INVALID);
	assert_int_equal(key_verify(&ec_pub, alg_named("ES256K"), in, in, &is_valid), FAULT_INVALID);
	assert_int_equal(key_verify(&rsa_pub, alg_named("RS512"), in, in, &is_valid), FAULT_INVALID);
	assert_true(is_valid);
}

static void test_verify_with_a_broken_public_key(void **state UNUSED)
{
	struct jwk_public pub;
	unsigned char digest[32] = { 1 };
	unsigned char sig[256] = { 1 };
	struct span in = span_of(digest, sizeof(digest));
	bool is_valid = true;

	public_of_text(&A3, &pub);
	pub.y.p[31] ^= 1;
	assert_int_equal(key_verify(&pub, alg_named("ES256"), in, span_of(sig, 64), &is_valid), FAULT_INVALID);
	public_of_text(&A2, &pub);
	pub.n.p[255] ^= 1; /* even */
	assert_int_equal(key_verify(&pub, alg_named("RS256"), in, span_of(sig, 256), &is_valid), FAULT_INVALID);
	pub.n.len = 0;
	assert_int_equal(key_verify(&pub, alg_named("RS256"), in, span_of(sig, 256), &is_valid), FAULT_INVALID);
}

/* ---- import ---- */

enum member { N, E, D, P, Q, DP, DQ, QI, X, Y };

static struct span *member_of(struct jwk_private *j, enum member m)
{
	struct span *all[] = { &j->n, &j->e, &j->d, &j->p, &j->q, &j->dp, &j->dq, &j->qi, &j->x, &j->y };

	return all[m];
}

static void test_import_without_some(void **state UNUSED)
{
	static const struct {
		const char *name;
		enum member gone[5];
		size_t n_gone;
		bool is_fine;
	} rows[] = {
		{ "complete", { N }, 0, true },
		{ "no dp", { DP }, 1, true },
		{ "no dp, dq, qi", { DP, DQ, QI }, 3, true },
		{ "no p, q, dp, dq, qi", { P, Q, DP, DQ, QI }, 5, true },
		{ "no q", { Q }, 1, false },
		{ "no p, q but dp, dq, qi", { P, Q }, 2, false },
		{ "no n", { N }, 1, false },
		{ "no e", { E }, 1, false },
		{ "no d", { D }, 1, false },
	};
	SCOPED(keypair) struct keypair *whole = must_import(&A2);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(jwk_decoded) struct jwk_decoded d;
		SCOPED(keypair) struct keypair *k = NULL;
		struct err err = ERR_INIT;

		print_message("  %s\n", rows[i].name);
		jwk_decode(&A2, &d);
		for (size_t j = 0; j < rows[i].n_gone; j++)
			*member_of(&d.jwk, rows[i].gone[j]) = SPAN_EMPTY;
		enum fault f = keypair_import(&d.jwk, &rng, &k, &err);
		assert_int_equal(f, rows[i].is_fine ? FAULT_NONE : FAULT_INVALID);
		if (rows[i].is_fine)
			check_same_public(whole, k);
		else
			assert_string_not_equal(err.message, "");
	}
}

static void test_import_with_a_changed_member(void **state UNUSED)
{
	static const struct {
		const struct jwk_text *key;
		enum member members[8];
		size_t n;
	} rows[] = { { &A2, { N, E, D, P, Q, DP, DQ, QI }, 8 },
		     { &A3, { D, X, Y }, 3 },
		     { &K43, { D, X, Y }, 3 },
		     { &K256K, { D, X, Y }, 3 },
		     { &K52, { N, E, D }, 3 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t j = 0; j < rows[i].n; j++) {
			SCOPED_DONE(jwk_decoded) struct jwk_decoded d;
			SCOPED(keypair) struct keypair *k = NULL;
			struct err err = ERR_INIT;

			jwk_decode(rows[i].key, &d);
			struct buf *b = &d.bytes[rows[i].members[j]];
			b->data[b->len - 1] ^= 2; /* odd numbers stay odd */
			assert_int_equal(keypair_import(&d.jwk, &rng, &k, &err), FAULT_INVALID);
			assert_string_equal(err.code, "BadParameter");
			assert_string_equal(err.message, "The key's members do not belong together.");
			assert_null(k);
		}
	}
}

static void test_import_leading_zeros(void **state UNUSED)
{
	static const struct jwk_text *const keys[] = { &A2, &A3, &K43 };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		SCOPED_DONE(jwk_decoded) struct jwk_decoded d;
		struct buf padded[N_MEMBERS];
		SCOPED(keypair) struct keypair *plain = must_import(keys[i]);
		SCOPED(keypair) struct keypair *k = NULL;

		jwk_decode(keys[i], &d);
		for (size_t m = 0; m < N_MEMBERS; m++) {
			struct span *s = member_of(&d.jwk, (enum member)m);

			padded[m] = BUF_INIT(1024);
			if (s->len > 0)
				buf_put(&padded[m], "\0\0\0", 3);
			buf_put_span(&padded[m], *s);
			*s = buf_span(&padded[m]);
		}
		assert_int_equal(keypair_import(&d.jwk, &rng, &k, NULL), FAULT_NONE);
		check_same_public(plain, k);
		for (size_t m = 0; m < N_MEMBERS; m++)
			buf_done(&padded[m]);
	}
}

/* Bytes in place of a member. */
struct replacement {
	const char *name;
	const struct jwk_text *key;
	enum member member;
	unsigned char byte;
	size_t len;
	const char *says;
};

static void test_import_odd_values(void **state UNUSED)
{
	static const struct replacement rows[] = {
		{ "n of 1024 bits", &K52, N, 0xff, 128, "key size 1024" },
		{ "n of 2040 bits", &K52, N, 0xff, 255, "key size 2040" },
		{ "n longer than any", &K52, N, 0xff, 513, "'n'" },
		{ "n all zeros", &K52, N, 0, 256, "'n'" },
		{ "n even", &K52, N, 0xfe, 512, "belong together" },
		{ "e = 1", &A2, E, 1, 1, "belong together" },
		{ "e even", &A2, E, 2, 1, "belong together" },
		{ "e huge", &A2, E, 0xff, 64, "'e'" },
		{ "d longer than any", &A2, D, 0xff, 513, "'d'" },
		{ "d above n", &A2, D, 0xff, 256, "belong together" },
		{ "d above n, no primes", &K52, D, 0xff, 512, "belong together" },
		{ "p = 1", &A2, P, 1, 1, "belong together" },
		{ "p zeros", &A2, P, 0, 128, "'p'" },
		{ "p even", &A2, P, 2, 128, "belong together" },
		{ "EC d zero", &A3, D, 0, 32, "'d'" },
		{ "EC d above the order", &A3, D, 0xff, 32, "belong together" },
		{ "EC d too long", &A3, D, 1, 33, "'d'" },
		{ "EC x missing", &A3, X, 1, 0, "'x'" },
		{ "EC x zero", &A3, X, 0, 32, "belong together" },
		{ "EC x too long", &A3, X, 1, 33, "'x'" },
		{ "EC y above the prime", &A3, Y, 0xff, 32, "belong together" },
	};
	unsigned char bytes[600];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(jwk_decoded) struct jwk_decoded d;
		SCOPED(keypair) struct keypair *k = NULL;
		struct err err = ERR_INIT;

		jwk_decode(rows[i].key, &d);
		memset(bytes, rows[i].byte, sizeof(bytes));
		*member_of(&d.jwk, rows[i].member) = span_of(bytes, rows[i].len);
		print_message("  %s\n", rows[i].name);
		assert_int_equal(keypair_import(&d.jwk, &rng, &k, &err), FAULT_INVALID);
		assert_non_null(strstr(err.message, rows[i].says));
		assert_null(k);
	}
}

static void test_import_wrong_curve(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = NULL;
	struct jwk_text t = A3;

	t.crv = CURVE_P256K;
	assert_int_equal(import_text(&t, &k, NULL), FAULT_INVALID);
	t.crv = CURVE_NONE;
	assert_int_equal(import_text(&t, &k, NULL), FAULT_INVALID);
	t.kty = (enum key_kty)0;
	assert_int_equal(import_text(&t, &k, NULL), FAULT_INVALID);
	assert_null(k);
}

static void test_import_crafted(void **state UNUSED)
{
	static const struct jwk_text composite = {
		.kty = KTY_RSA, .n = COMPOSITE_N, .e = COMPOSITE_E, .d = COMPOSITE_D, .p = COMPOSITE_P, .q = COMPOSITE_Q
	};
	SCOPED(keypair) struct keypair *k = NULL;
	struct jwk_text halvings = K52;
	struct jwk_text swapped = A2;
	struct err err = ERR_INIT;

	assert_int_equal(import_text(&composite, &k, &err), FAULT_INVALID);
	assert_string_equal(err.message, "The key's members do not belong together.");
	halvings.d = HALVINGS_D;
	assert_int_equal(import_text(&halvings, &k, &err), FAULT_INVALID);
	assert_string_equal(err.message, "The key's members do not belong together.");
	assert_null(k);

	/* The order of the primes is free, as long as the rest follows it. */
	swapped.p = A2.q;
	swapped.q = A2.p;
	assert_int_equal(import_text(&swapped, &k, NULL), FAULT_INVALID);
	swapped.dp = swapped.dq = swapped.qi = NULL;
	assert_int_equal(import_text(&swapped, &k, NULL), FAULT_NONE);
	check_sign(k, "RS256", 32, 256);
}

static void test_rsa_bits(void **state UNUSED)
{
	static struct jwk_public pub = { .kty = KTY_RSA };

	assert_int_equal(jwk_public_rsa_bits(&pub), 0);
	pub.n.len = 258;
	pub.n.p[2] = 0x80;
	assert_int_equal(jwk_public_rsa_bits(&pub), 2048);
	pub.n.p[2] = 0x01;
	assert_int_equal(jwk_public_rsa_bits(&pub), 2041);
}

/* ---- how long a cache miss costs; printed, never judged ---- */

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double decrypt_us(struct keypair *k, struct span cipher)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(RSA_BYTES_MAX);
	double start = now_us();

	assert_int_equal(key_decrypt(k, alg_named("RSA-OAEP"), cipher, &rng, &out, NULL), FAULT_NONE);
	return now_us() - start;
}

static void time_key(const char *name, const struct jwk_text *text)
{
	enum { ROUNDS = 20 };
	SCOPED(keypair) struct keypair *k = must_import(text);
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	SCOPED_DONE(buf) struct buf cipher = BUF_INIT(RSA_BYTES_MAX);
	struct jwk_public pub;
	double parse = 0, first = 0, second = 0;

	assert_int_equal(keypair_to_der(k, &der), FAULT_NONE);
	assert_int_equal(keypair_public(k, &pub), FAULT_NONE);
	assert_int_equal(key_encrypt(&pub, alg_named("RSA-OAEP"), SPAN_LIT("x"), &rng, &cipher, NULL), FAULT_NONE);
	for (int i = 0; i < ROUNDS; i++) {
		SCOPED(keypair) struct keypair *fresh = NULL;
		double start = now_us();

		assert_int_equal(keypair_from_der(secret_span(&der), &rng, &fresh), FAULT_NONE);
		parse += now_us() - start;
		first += decrypt_us(fresh, buf_span(&cipher));
		second += decrypt_us(fresh, buf_span(&cipher));
	}
	print_message("  %s: from DER %.0f us, first decrypt %.0f us, second decrypt %.0f us\n", name, parse / ROUNDS,
		      first / ROUNDS, second / ROUNDS);
}

static void test_timing(void **state UNUSED)
{
	time_key("RSA-2048", &A2);
	time_key("RSA-4096", &K52);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alg_names),
		cmocka_unit_test(test_curve_names),
		cmocka_unit_test(test_signature_vectors),
		cmocka_unit_test(test_decrypt_vectors),
		cmocka_unit_test(test_rsnull_is_bare_padding),
		cmocka_unit_test(test_encrypt_round_trips),
		cmocka_unit_test(test_sign_round_trips),
		cmocka_unit_test(test_generate_rsa),
		cmocka_unit_test(test_generate_rsa_exponent_3),
		cmocka_unit_test(test_generate_ec),
		cmocka_unit_test(test_generate_refuses),
		cmocka_unit_test(test_no_random_bytes),
		cmocka_unit_test(test_der_refuses),
		cmocka_unit_test(test_decrypt_refuses),
		cmocka_unit_test(test_decrypt_refuses_other_padding),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_alg_of_another_kind),
		cmocka_unit_test(test_verify_with_a_broken_public_key),
		cmocka_unit_test(test_import_without_some),
		cmocka_unit_test(test_import_with_a_changed_member),
		cmocka_unit_test(test_import_leading_zeros),
		cmocka_unit_test(test_import_odd_values),
		cmocka_unit_test(test_import_wrong_curve),
		cmocka_unit_test(test_import_crafted),
		cmocka_unit_test(test_rsa_bits),
		cmocka_unit_test(test_timing),
	};

	rng = rng_system();
	return cmocka_run_group_tests_name("keypair", tests, NULL, NULL);
}
