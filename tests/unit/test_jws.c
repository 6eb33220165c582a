/* Compact JWS: the RFC's own token, a round trip, and tokens that are none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/io/jws.h"
#include "common/plain/text.h"
#include "tests/unit/jose_vectors.h"

#define RFC_TOKEN RFC7515_A2_INPUT "." RFC7515_A2_SIG

static struct rng rng;

static struct buf decode(const char *text)
{
	struct buf b = BUF_INIT(4096);

	assert_int_equal(base64url_decode(&b, span_cstr(text)), FAULT_NONE);
	return b;
}

static struct keypair *rfc_key(void)
{
	SCOPED_DONE(buf) struct buf n = decode(RFC7515_A2_N);
	SCOPED_DONE(buf) struct buf e = decode(RFC7515_A2_E);
	SCOPED_DONE(buf) struct buf d = decode(RFC7515_A2_D);
	const struct jwk_private jwk = { .kty = KTY_RSA, .n = buf_span(&n), .e = buf_span(&e), .d = buf_span(&d) };
	struct keypair *k = NULL;

	assert_int_equal(keypair_import(&jwk, &rng, &k, NULL), FAULT_NONE);
	return k;
}

static void rfc_public(struct jwk_public *ret)
{
	SCOPED(keypair) struct keypair *k = rfc_key();

	assert_int_equal(keypair_public(k, ret), FAULT_NONE);
}

static void test_rfc_token(void **state UNUSED)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;
	struct jwk_public pub;
	bool is_valid = false;

	rfc_public(&pub);
	assert_int_equal(jws_parse(SPAN_LIT(RFC_TOKEN), &j), FAULT_NONE);
	assert_string_equal(buf_cstr(&j.header), "{\"alg\":\"RS256\"}");
	assert_string_equal(buf_cstr(&j.payload),
			    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
	assert_true(span_eq_cstr(j.signed_part, RFC7515_A2_INPUT));
	assert_true(span_eq_cstr(j.header_b64, "eyJhbGciOiJSUzI1NiJ9"));
	assert_int_equal(jws_verify_rs256(&j, &pub, &is_valid), FAULT_NONE);
	assert_true(is_valid);
}

static void test_sign_gives_the_rfc_token(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = rfc_key();
	SCOPED_DONE(buf) struct buf out = BUF_INIT(4096);

	buf_put_cstr(&out, "before ");
	assert_int_equal(jws_sign_rs256(k, SPAN_LIT("{\"alg\":\"RS256\"}"),
					SPAN_LIT("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
						 "\"http://example.com/is_root\":true}"),
					&rng, &out),
			 FAULT_NONE);
	assert_string_equal(buf_cstr(&out), "before " RFC_TOKEN);
}

static void test_no_room(void **state UNUSED)
{
	SCOPED(keypair) struct keypair *k = rfc_key();
	SCOPED_DONE(buf) struct buf out = BUF_INIT(300);

	assert_int_equal(jws_sign_rs256(k, SPAN_LIT("{}"), SPAN_LIT("{}"), &rng, &out), FAULT_TOO_LARGE);
	assert_int_equal(out.len, 0);
}

/* Any one character of the token changed: it does not parse or does not verify. */
static void test_every_change_is_noticed(void **state UNUSED)
{
	char token[] = RFC_TOKEN;
	struct jwk_public pub;

	rfc_public(&pub);
	for (size_t i = 0; i + 1 < sizeof(token); i += 7) {
		SCOPED_DONE(jws) struct jws j = JWS_INIT;
		char old = token[i];
		bool is_valid = false;

		token[i] = old == 'A' ? 'Q' : 'A';
		if (jws_parse(span_cstr(token), &j) == FAULT_NONE)
			assert_int_equal(jws_verify_rs256(&j, &pub, &is_valid), FAULT_NONE);
		assert_false(is_valid);
		token[i] = old;
	}
}

static void test_other_key(void **state UNUSED)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;
	struct jwk_public pub;
	bool is_valid = true;

	rfc_public(&pub);
	pub.n.p[100] ^= 1;
	assert_int_equal(jws_parse(SPAN_LIT(RFC_TOKEN), &j), FAULT_NONE);
	assert_int_equal(jws_verify_rs256(&j, &pub, &is_valid), FAULT_NONE);
	assert_false(is_valid);
}

static void test_parse(void **state UNUSED)
{
	static const struct {
		const char *name, *token;
		enum fault fault;
	} rows[] = {
		{ "three parts", "e30.e30.AAAA", FAULT_NONE },
		{ "empty signature", "e30.e30.", FAULT_NONE },
		{ "nothing", "", FAULT_INVALID },
		{ "one part", "e30", FAULT_INVALID },
		{ "two parts", "e30.e30", FAULT_INVALID },
		{ "four parts", "e30.e30.AAAA.AAAA", FAULT_INVALID },
		{ "four parts, the last empty", "e30.e30.AAAA.", FAULT_INVALID },
		{ "five parts, as a JWE has", "e30.e30.AAAA.AAAA.AAAA", FAULT_INVALID },
		{ "padding", "e30=.e30.AAAA", FAULT_INVALID },
		{ "plain base64", "e30.e3+/.AAAA", FAULT_INVALID },
		{ "a blank", "e30.e30 .AAAA", FAULT_INVALID },
		{ "a line end", "e30.e30.AAAA\n", FAULT_INVALID },
		{ "an impossible length", "e30.e30.A", FAULT_INVALID },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(jws) struct jws j = JWS_INIT;

		print_message("  %s\n", rows[i].name);
		assert_int_equal(jws_parse(span_cstr(rows[i].token), &j), rows[i].fault);
	}
}

static void test_empty_signature_is_not_valid(void **state UNUSED)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;
	struct jwk_public pub;
	bool is_valid = true;

	rfc_public(&pub);
	assert_int_equal(jws_parse(SPAN_LIT(RFC7515_A2_INPUT "."), &j), FAULT_NONE);
	assert_int_equal(j.sig.len, 0);
	assert_int_equal(jws_verify_rs256(&j, &pub, &is_valid), FAULT_NONE);
	assert_false(is_valid);
}

static void test_parse_again(void **state UNUSED)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;

	assert_int_equal(jws_parse(SPAN_LIT(RFC_TOKEN), &j), FAULT_NONE);
	assert_int_equal(jws_parse(SPAN_LIT("e30.e30.AAAA"), &j), FAULT_NONE);
	assert_string_equal(buf_cstr(&j.payload), "{}");
	assert_int_equal(j.sig.len, 3);
}

static void test_too_large(void **state UNUSED)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;
	SCOPED_DONE(buf) struct buf token = BUF_INIT(1024 * 1024);

	buf_put_cstr(&token, "e30.");
	for (int i = 0; i < 40000; i++)
		buf_put_cstr(&token, "AAAA");
	buf_put_cstr(&token, ".AAAA");
	assert_int_not_equal(jws_parse(buf_span(&token), &j), FAULT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_token),
		cmocka_unit_test(test_sign_gives_the_rfc_token),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_every_change_is_noticed),
		cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_empty_signature_is_not_valid),
		cmocka_unit_test(test_parse_again),
		cmocka_unit_test(test_too_large),
	};

	rng = rng_system();
	return cmocka_run_group_tests_name("jws", tests, NULL, NULL);
}
