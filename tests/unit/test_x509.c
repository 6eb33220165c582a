/* Certificates: as mbedTLS reads and verifies them, as OpenSSL does when it is there, and as PEM. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/io/x509.h"
#include "common/plain/text.h"

/* 2022-01-01 to 2062-01-01: the verifiers here look at the real clock; the end is written in the other time form. */
#define NOT_BEFORE_S INT64_C(1640995200)
#define NOT_AFTER_S INT64_C(2903299200)

static struct rng rng;

/* An authority and a leaf of one kind of key each. */
struct chain {
	struct keypair *ca_key, *leaf_key;
	struct buf ca, leaf;
};

static void chain_done(struct chain *c)
{
	keypair_free(c->ca_key);
	keypair_free(c->leaf_key);
	buf_done(&c->ca);
	buf_done(&c->leaf);
}

static const char *const dns_names[] = { "localhost", "login.localhost", "*.vault.localhost", NULL };

static void issue_leaf(struct chain *c, struct buf *out)
{
	struct addr ips[2];
	const struct x509_request req = { .common_name = "login.localhost",
					  .dns_names = dns_names,
					  .ips = ips,
					  .n_ips = 2,
					  .not_before_s = NOT_BEFORE_S,
					  .not_after_s = NOT_AFTER_S };

	assert_int_equal(addr_parse(SPAN_LIT("127.0.0.1"), &ips[0]), FAULT_NONE);
	assert_int_equal(addr_parse(SPAN_LIT("::1"), &ips[1]), FAULT_NONE);
	assert_int_equal(x509_issue(&req, c->leaf_key, c->ca_key, buf_span(&c->ca), &rng, out, NULL), FAULT_NONE);
}

static void chain_make(struct chain *c, enum key_kty ca_kty, enum key_curve ca_crv, enum key_kty leaf_kty)
{
	const struct x509_request req = { .common_name = "A sandbox, its authority",
					  .is_ca = true,
					  .not_before_s = NOT_BEFORE_S,
					  .not_after_s = NOT_AFTER_S };

	*c = (struct chain){ .ca = BUF_INIT(8192), .leaf = BUF_INIT(8192) };
	assert_int_equal(ca_kty == KTY_RSA ? keypair_generate_rsa(2048, 65537, &rng, &c->ca_key)
					   : keypair_generate_ec(ca_crv, &rng, &c->ca_key),
			 FAULT_NONE);
	assert_int_equal(leaf_kty == KTY_RSA ? keypair_generate_rsa(2048, 65537, &rng, &c->leaf_key)
					     : keypair_generate_ec(CURVE_P256, &rng, &c->leaf_key),
			 FAULT_NONE);
	assert_int_equal(x509_issue(&req, c->ca_key, NULL, SPAN_EMPTY, &rng, &c->ca, NULL), FAULT_NONE);
	issue_leaf(c, &c->leaf);
}

static void parse(mbedtls_x509_crt *crt, struct span der)
{
	mbedtls_x509_crt_init(crt);
	assert_int_equal(mbedtls_x509_crt_parse_der(crt, (const unsigned char *)der.p, der.len), 0);
}

static const struct {
	const char *name;
	enum key_kty ca_kty;
	enum key_curve ca_crv;
	enum key_kty leaf_kty;
} kinds[] = {
	{ "P-256 over P-256", KTY_EC, CURVE_P256, KTY_EC },
	{ "P-384 over P-256", KTY_EC, CURVE_P384, KTY_EC },
	{ "RSA over P-256", KTY_RSA, CURVE_NONE, KTY_EC },
	{ "P-256 over RSA", KTY_EC, CURVE_P256, KTY_RSA },
};

/* ---- through mbedTLS ---- */

static void check_fields(const mbedtls_x509_crt *ca, const mbedtls_x509_crt *leaf)
{
	assert_int_equal(ca->version, 3);
	assert_int_equal(leaf->version, 3);
	assert_true(ca->ca_istrue);
	assert_false(leaf->ca_istrue);
	assert_int_equal(ca->key_usage, MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN);
	assert_int_equal(leaf->key_usage, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
	assert_int_equal(mbedtls_x509_crt_check_extended_key_usage(leaf, MBEDTLS_OID_SERVER_AUTH,
								   MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)),
			 0);
	assert_int_equal(leaf->serial.len, 16);
	assert_true(leaf->serial.p[0] > 0 && leaf->serial.p[0] < 0x80);
	assert_int_equal(leaf->valid_from.year, 2022);
	assert_int_equal(leaf->valid_to.year, 2062);
	assert_int_equal(leaf->issuer_raw.len, ca->subject_raw.len);
	assert_memory_equal(leaf->issuer_raw.p, ca->subject_raw.p, ca->subject_raw.len);
}

static void check_alt_names(const mbedtls_x509_crt *leaf)
{
	static const unsigned char ipv4[] = { 127, 0, 0, 1 };
	static const unsigned char ipv6[16] = { [15] = 1 };
	const mbedtls_x509_sequence *san = &leaf->subject_alt_names;

	for (size_t i = 0; dns_names[i] != NULL; i++, san = san->next) {
		assert_int_equal(san->buf.tag, 0x82);
		assert_true(span_eq_cstr(span_of(san->buf.p, san->buf.len), dns_names[i]));
	}
	assert_int_equal(san->buf.tag, 0x87);
	assert_true(span_eq(span_of(san->buf.p, san->buf.len), span_of(ipv4, sizeof(ipv4))));
	san = san->next;
	assert_int_equal(san->buf.tag, 0x87);
	assert_true(span_eq(span_of(san->buf.p, san->buf.len), span_of(ipv6, sizeof(ipv6))));
	assert_null(san->next);
}

static void test_verifies(void **state UNUSED)
{
	static const struct {
		const char *host;
		uint32_t flags;
	} hosts[] = {
		{ "localhost", 0 },
		{ "myvault.vault.localhost", 0 },
		{ "other.example", MBEDTLS_X509_BADCERT_CN_MISMATCH },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		SCOPED_DONE(chain) struct chain c;
		mbedtls_x509_crt ca, leaf;

		print_message("  %s\n", kinds[i].name);
		chain_make(&c, kinds[i].ca_kty, kinds[i].ca_crv, kinds[i].leaf_kty);
		parse(&ca, buf_span(&c.ca));
		parse(&leaf, buf_span(&c.leaf));
		check_fields(&ca, &leaf);
		check_alt_names(&leaf);
		for (size_t j = 0; j < ARRAY_LEN(hosts); j++) {
			uint32_t flags = 0;

			mbedtls_x509_crt_verify(&leaf, &ca, NULL, hosts[j].host, &flags, NULL, NULL);
			assert_int_equal(flags, hosts[j].flags);
		}
		mbedtls_x509_crt_free(&ca);
		mbedtls_x509_crt_free(&leaf);
	}
}

static void test_serials_differ(void **state UNUSED)
{
	SCOPED_DONE(chain) struct chain c;
	SCOPED_DONE(buf) struct buf again = BUF_INIT(8192);
	mbedtls_x509_crt a, b;

	chain_make(&c, KTY_EC, CURVE_P256, KTY_EC);
	issue_leaf(&c, &again);
	parse(&a, buf_span(&c.leaf));
	parse(&b, buf_span(&again));
	assert_memory_not_equal(a.serial.p, b.serial.p, 16);
	mbedtls_x509_crt_free(&a);
	mbedtls_x509_crt_free(&b);
}

/* RFC 5758 section 3.2: beside ecdsa-with-SHA256 there are no parameters, not even NULL. */
static void test_ecdsa_has_no_parameters(void **state UNUSED)
{
	static const char algorithm[] = "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
	SCOPED_DONE(chain) struct chain c;
	int n = 0;

	chain_make(&c, KTY_EC, CURVE_P256, KTY_EC);
	for (size_t i = 0; i + sizeof(algorithm) < c.leaf.len; i++)
		n += memcmp(c.leaf.data + i, algorithm, sizeof(algorithm) - 1) == 0;
	assert_int_equal(n, 2);
}

static void test_token_signing_certificate(void **state UNUSED)
{
	const struct x509_request req = { .common_name = "accounts.localhost",
					  .not_before_s = NOT_BEFORE_S,
					  .not_after_s = NOT_AFTER_S };
	SCOPED(keypair) struct keypair *k = NULL;
	SCOPED_DONE(buf) struct buf der = BUF_INIT(8192);
	mbedtls_x509_crt crt;
	uint32_t flags = 0;

	assert_int_equal(keypair_generate_rsa(2048, 65537, &rng, &k), FAULT_NONE);
	assert_int_equal(x509_issue(&req, k, k, SPAN_EMPTY, &rng, &der, NULL), FAULT_NONE);
	parse(&crt, buf_span(&der));
	assert_int_equal(crt.ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME, 0);
	assert_int_equal(crt.ext_types & MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE, 0);
	assert_int_equal(mbedtls_x509_crt_verify(&crt, &crt, NULL, NULL, &flags, NULL, NULL), 0);
	mbedtls_x509_crt_free(&crt);
}

static void test_not_after(void **state UNUSED)
{
	SCOPED_DONE(chain) struct chain c;
	int64_t s = 0;

	chain_make(&c, KTY_EC, CURVE_P256, KTY_EC);
	assert_int_equal(x509_not_after(buf_span(&c.leaf), &s), FAULT_NONE);
	assert_true(s == NOT_AFTER_S);
	assert_int_equal(x509_not_after(span_first(buf_span(&c.leaf), 100), &s), FAULT_INVALID);
	assert_int_equal(x509_not_after(SPAN_EMPTY, &s), FAULT_INVALID);
}

static enum fault no_bytes(void *arg UNUSED, void *p UNUSED, size_t n UNUSED)
{
	return FAULT_RANDOM;
}

static void test_refuses(void **state UNUSED)
{
	static const char long_name[] = "a name of sixty-five bytes, which is one more than RFC 5280 allows";
	static const struct {
		const char *name;
		struct x509_request req;
	} rows[] = {
		{ "no name", { .not_before_s = 1, .not_after_s = 2 } },
		{ "empty name", { .common_name = "", .not_before_s = 1, .not_after_s = 2 } },
		{ "long name", { .common_name = long_name, .not_before_s = 1, .not_after_s = 2 } },
		{ "ends before it starts", { .common_name = "x", .not_before_s = 2, .not_after_s = 1 } },
		{ "year 10000", { .common_name = "x", .not_before_s = 2, .not_after_s = INT64_C(253402300800) } },
	};
	SCOPED_DONE(chain) struct chain c;
	SCOPED_DONE(buf) struct buf out = BUF_INIT(8192);
	const struct x509_request fine = { .common_name = "x", .not_before_s = 1, .not_after_s = 2 };
	const struct rng none = { no_bytes, NULL };
	struct err err = ERR_INIT;

	chain_make(&c, KTY_EC, CURVE_P256, KTY_EC);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("  %s\n", rows[i].name);
		assert_int_equal(x509_issue(&rows[i].req, c.ca_key, NULL, SPAN_EMPTY, &rng, &out, &err), FAULT_INVALID);
	}
	/* Issued by: a leaf; a certificate of another key; no certificate; another key without certificate. */
	struct span leaf = buf_span(&c.leaf);
	struct span ca = buf_span(&c.ca);
	assert_int_equal(x509_issue(&fine, c.leaf_key, c.leaf_key, leaf, &rng, &out, &err), FAULT_INVALID);
	assert_int_equal(x509_issue(&fine, c.leaf_key, c.leaf_key, ca, &rng, &out, &err), FAULT_INVALID);
	assert_int_equal(x509_issue(&fine, c.leaf_key, c.ca_key, SPAN_LIT("x"), &rng, &out, &err), FAULT_INVALID);
	assert_int_equal(x509_issue(&fine, c.leaf_key, c.ca_key, SPAN_EMPTY, &rng, &out, &err), FAULT_INVALID);
	assert_int_equal(x509_issue(&fine, c.leaf_key, c.ca_key, ca, &none, &out, &err), FAULT_RANDOM);
	assert_int_equal(out.len, 0);
}

static void test_many_names(void **state UNUSED)
{
	enum { N = 2000 };
	static char names[N][48];
	static const char *list[N + 1];
	SCOPED_DONE(chain) struct chain c;
	SCOPED_DONE(buf) struct buf out = BUF_INIT(256 * 1024);
	struct x509_request req = { .common_name = "x", .dns_names = list, .not_before_s = 1, .not_after_s = 2 };
	mbedtls_x509_crt crt;

	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "name-%d.vault.localhost", i);
		list[i] = names[i];
	}
	chain_make(&c, KTY_EC, CURVE_P256, KTY_EC);
	assert_int_equal(x509_issue(&req, c.leaf_key, c.ca_key, buf_span(&c.ca), &rng, &out, NULL), FAULT_NONE);
	parse(&crt, buf_span(&out));
	mbedtls_x509_crt_free(&crt);
}

/* ---- through OpenSSL ---- */

static void write_pem(const char *dir, const char *name, struct span der)
{
	SCOPED_DONE(buf) struct buf pem = BUF_INIT(64 * 1024);
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	pem_encode(&pem, "CERTIFICATE", der);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(pem.data, 1, pem.len, f), pem.len);
	fclose(f);
}

static void remove_pem(const char *dir, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int openssl_verify(const char *dir, const char *host_option)
{
	char command[1000];

	snprintf(command, sizeof(command),
		 "openssl verify -x509_strict -purpose sslserver %s -CAfile %s/ca.pem %s/leaf.pem >/dev/null 2>&1",
		 host_option, dir, dir);
	return system(command);
}

static void test_openssl_strict(void **state UNUSED)
{
	char dir[] = "/tmp/x509-test-XXXXXX";

	if (system("command -v openssl >/dev/null 2>&1") != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		SCOPED_DONE(chain) struct chain c;

		print_message("  %s\n", kinds[i].name);
		chain_make(&c, kinds[i].ca_kty, kinds[i].ca_crv, kinds[i].leaf_kty);
		write_pem(dir, "ca.pem", buf_span(&c.ca));
		write_pem(dir, "leaf.pem", buf_span(&c.leaf));
		assert_int_equal(openssl_verify(dir, "-verify_hostname myvault.vault.localhost"), 0);
		assert_int_equal(openssl_verify(dir, "-verify_ip 127.0.0.1"), 0);
		assert_int_equal(openssl_verify(dir, "-verify_ip ::1"), 0);
		assert_int_not_equal(openssl_verify(dir, "-verify_hostname other.example"), 0);
	}
	remove_pem(dir, "ca.pem");
	remove_pem(dir, "leaf.pem");
	rmdir(dir);
}

/* ---- PEM ---- */

static void test_pem_round_trip(void **state UNUSED)
{
	unsigned char bytes[200];

	assert_int_equal(rng_fill(&rng, bytes, sizeof(bytes)), FAULT_NONE);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		SCOPED_DONE(buf) struct buf pem = BUF_INIT(1024);
		SCOPED_DONE(buf) struct buf der = BUF_INIT(1024);

		buf_put_cstr(&pem, "words ahead\n");
		pem_encode(&pem, "EC PRIVATE KEY", span_of(bytes, n));
		buf_put_cstr(&pem, "words behind\n");
		assert_int_equal(pem_decode(buf_span(&pem), "EC PRIVATE KEY", &der), FAULT_NONE);
		assert_true(span_eq(buf_span(&der), span_of(bytes, n)));
	}
}

static void test_pem_text(void **state UNUSED)
{
	static const char expected[] = "-----BEGIN X-----\n"
				       "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3\n"
				       "ODk=\n"
				       "-----END X-----\n";
	SCOPED_DONE(buf) struct buf pem = BUF_INIT(1024);

	pem_encode(&pem, "X", SPAN_LIT("01234567890123456789012345678901234567890123456789"));
	assert_string_equal(buf_cstr(&pem), expected);
}

static void test_pem_decode(void **state UNUSED)
{
	static const struct {
		const char *name, *pem, *der; /* der NULL: refused */
		enum fault fault;
	} rows[] = {
		{ "plain", "-----BEGIN X-----\nYWJj\n-----END X-----\n", "abc", FAULT_NONE },
		{ "carriage returns", "-----BEGIN X-----\r\nYW\r\nJj\r\n-----END X-----\r\n", "abc", FAULT_NONE },
		{ "no last line end", "-----BEGIN X-----\nYWJj\n-----END X-----", "abc", FAULT_NONE },
		{ "the first of two",
		  "-----BEGIN X-----\nYWJj\n-----END X-----\n-----BEGIN X-----\nZGVm\n-----END X-----\n", "abc",
		  FAULT_NONE },
		{ "after another label",
		  "-----BEGIN Y-----\nZGVm\n-----END Y-----\n-----BEGIN X-----\nYWJj\n-----END X-----\n", "abc",
		  FAULT_NONE },
		{ "nothing", "", NULL, FAULT_NOT_FOUND },
		{ "another label only", "-----BEGIN XY-----\nYWJj\n-----END XY-----\n", NULL, FAULT_NOT_FOUND },
		{ "no end", "-----BEGIN X-----\nYWJj\n", NULL, FAULT_INVALID },
		{ "foreign characters", "-----BEGIN X-----\nYW*j\n-----END X-----\n", NULL, FAULT_INVALID },
		{ "encrypted", "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nYWJj\n-----END X-----\n", NULL,
		  FAULT_INVALID },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(buf) struct buf der = BUF_INIT(1024);

		print_message("  %s\n", rows[i].name);
		assert_int_equal(pem_decode(span_cstr(rows[i].pem), "X", &der), rows[i].fault);
		if (rows[i].der != NULL)
			assert_string_equal(buf_cstr(&der), rows[i].der);
		else
			assert_int_equal(der.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verifies),
		cmocka_unit_test(test_serials_differ),
		cmocka_unit_test(test_ecdsa_has_no_parameters),
		cmocka_unit_test(test_token_signing_certificate),
		cmocka_unit_test(test_not_after),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_openssl_strict),
		cmocka_unit_test(test_pem_round_trip),
		cmocka_unit_test(test_pem_text),
		cmocka_unit_test(test_pem_decode),
	};

	rng = rng_system();
	return cmocka_run_group_tests_name("x509", tests, NULL, NULL);
}
