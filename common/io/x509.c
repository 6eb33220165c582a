/*
 * Issuing certificates. Written by hand rather than by mbedTLS's writer, which in 2.28 knows no SubjectAltName and puts
 * NULL parameters beside ECDSA's algorithm, where RFC 5758 section 3.2 wants none and strict verifiers insist.
 */

#include "common/io/x509.h"

#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>

#include "common/io/digest.h"
#include "common/io/keypair_impl.h"
#include "common/io/x509_ext.h"
#include "common/plain/text.h"

enum {
	SERIAL_LEN = 16,
	COMMON_NAME_MAX = 64, /* RFC 5280 appendix A: ub-common-name */
	PUBLIC_KEY_DER_MAX = 1024,
	FIXED_PART_MAX = 4096, /* all but issuer and alternative names; an RSA-4096 key and signature take 1100 bytes */
	NAME_OVERHEAD_MAX = 24,
};
#define NOT_AFTER_MAX_S INT64_C(253402300799) /* the end of year 9999 */
#define UTC_TIME_END_S INT64_C(2524608000)    /* 2050: from here on GeneralizedTime */

/* Who signs, as the new certificate shows it. */
struct authority {
	struct keypair *key;
	struct span name; /* DER of its subject; inside crt; empty: self-signed */
	uint8_t key_id[SHA1_LEN];
	mbedtls_x509_crt crt;
};

static void authority_done(struct authority *a)
{
	mbedtls_x509_crt_free(&a->crt);
}

static enum fault key_id_of(struct keypair *k, uint8_t out[SHA1_LEN])
{
	unsigned char der[PUBLIC_KEY_DER_MAX];
	unsigned char *p = der + sizeof(der);
	int n = mbedtls_pk_write_pubkey(&p, der, &k->pk);

	if (n < 0)
		return mbed_fault(n, NULL);
	sha1(span_of(p, (size_t)n), out);
	return FAULT_NONE;
}

static enum fault authority_load(struct authority *a, struct keypair *key, struct span der, struct err *err)
{
	mbedtls_x509_crt_init(&a->crt);
	a->key = key;
	a->name = SPAN_EMPTY;

	enum fault f = key_id_of(key, a->key_id);
	if (f != FAULT_NONE || der.len == 0)
		return f;
	f = mbed_fault(mbedtls_x509_crt_parse_der(&a->crt, (const unsigned char *)der.p, der.len), NULL);
	if (f == FAULT_CRYPTO)
		return err_say(err, FAULT_INVALID, "", "the issuer's certificate cannot be read");
	if (f != FAULT_NONE)
		return f;
	if (!a->crt.ca_istrue)
		return err_say(err, FAULT_INVALID, "", "the issuer's certificate is not an authority's");
	if (mbedtls_pk_check_pair(&a->crt.pk, &key->pk) != 0)
		return err_say(err, FAULT_INVALID, "", "the issuer's key and certificate do not belong together");
	a->name = span_of(a->crt.subject_raw.p, a->crt.subject_raw.len);
	return FAULT_NONE;
}

static enum fault check_request(const struct x509_request *req, struct err *err)
{
	size_t len = req->common_name == NULL ? 0 : strlen(req->common_name);

	if (len == 0 || len > COMMON_NAME_MAX)
		return err_say(err, FAULT_INVALID, "", "a certificate's common name has 1 to %d bytes",
			       COMMON_NAME_MAX);
	if (req->not_before_s < 0 || req->not_after_s <= req->not_before_s || req->not_after_s > NOT_AFTER_MAX_S)
		return err_say(err, FAULT_INVALID, "", "a certificate cannot have this validity");
	return FAULT_NONE;
}

static void write_algorithm(struct der *d, const struct keypair *issuer)
{
	size_t mark = der_here(d);

	if (issuer->kty == KTY_RSA) {
		der_null(d);
		der_oid(d, SPAN_LIT(MBEDTLS_OID_PKCS1_SHA256));
	} else {
		der_oid(d, SPAN_LIT(MBEDTLS_OID_ECDSA_SHA256));
	}
	der_wrap(d, DER_SEQUENCE, mark);
}

static void write_name(struct der *d, const char *common_name)
{
	size_t mark = der_here(d);

	der_put(d, DER_UTF8_STRING, span_cstr(common_name));
	der_oid(d, SPAN_LIT(MBEDTLS_OID_AT_CN));
	der_wrap(d, DER_SEQUENCE, mark);
	der_wrap(d, DER_SET, mark);
	der_wrap(d, DER_SEQUENCE, mark);
}

static void write_time(struct der *d, int64_t wall_s)
{
	char text[RFC3339_SIZE];
	char digits[RFC3339_SIZE];
	size_t n = 0;

	rfc3339_format(text, wall_s);
	for (const char *c = text; *c != '\0'; c++) {
		if ((*c >= '0' && *c <= '9') || *c == 'Z')
			digits[n++] = *c;
	}
	if (wall_s < UTC_TIME_END_S)
		der_put(d, DER_UTC_TIME, span_of(digits + 2, n - 2));
	else
		der_put(d, DER_GENERALIZED_TIME, span_of(digits, n));
}

static void write_validity(struct der *d, const struct x509_request *req)
{
	size_t mark = der_here(d);

	write_time(d, req->not_after_s);
	write_time(d, req->not_before_s);
	der_wrap(d, DER_SEQUENCE, mark);
}

static enum fault write_public_key(struct der *d, struct keypair *subject)
{
	unsigned char spki[PUBLIC_KEY_DER_MAX];
	int n = mbedtls_pk_write_pubkey_der(&subject->pk, spki, sizeof(spki));

	if (n < 0)
		return mbed_fault(n, NULL);
	der_raw(d, span_of(spki + sizeof(spki) - n, (size_t)n));
	return FAULT_NONE;
}

/* 126 random bits: positive, never zero, always the same length. */
static enum fault write_serial(struct der *d, const struct rng *rng)
{
	unsigned char serial[SERIAL_LEN];
	enum fault f = rng_fill(rng, serial, sizeof(serial));

	if (f != FAULT_NONE)
		return f;
	serial[0] = (serial[0] & 0x3f) | 0x40;
	der_put(d, DER_INTEGER, span_of(serial, sizeof(serial)));
	return FAULT_NONE;
}

/* TBSCertificate, RFC 5280 section 4.1; last member first. */
static enum fault write_tbs(struct der *d, const struct x509_request *req, struct keypair *subject,
			    const struct authority *issuer, const struct rng *rng)
{
	uint8_t key_id[SHA1_LEN];
	enum fault f = key_id_of(subject, key_id);

	if (f != FAULT_NONE)
		return f;
	x509_ext_write(d, req, span_of(key_id, sizeof(key_id)), span_of(issuer->key_id, sizeof(issuer->key_id)));
	f = write_public_key(d, subject);
	if (f != FAULT_NONE)
		return f;
	write_name(d, req->common_name);
	write_validity(d, req);
	if (issuer->name.len > 0)
		der_raw(d, issuer->name);
	else
		write_name(d, req->common_name);
	write_algorithm(d, issuer->key);
	f = write_serial(d, rng);
	if (f != FAULT_NONE)
		return f;

	size_t mark = der_here(d);
	der_put(d, DER_INTEGER, SPAN_LIT("\x02")); /* v3 */
	der_wrap(d, DER_CONTEXT_CONSTRUCTED + 0, mark);
	der_wrap(d, DER_SEQUENCE, 0);
	return d->fault;
}

/* The certificate's last member. */
static enum fault write_signature(struct der *d, struct span tbs, struct keypair *issuer, const struct rng *rng)
{
	unsigned char sig[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
	size_t len = 0;
	uint8_t digest[SHA256_LEN];
	struct mbed_rng r = { .rng = rng };

	sha256(tbs, digest);
	if (issuer->kty == KTY_RSA)
		mbedtls_rsa_set_padding(mbedtls_pk_rsa(issuer->pk), MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE);
	enum fault f = mbed_fault(
		mbedtls_pk_sign(&issuer->pk, MBEDTLS_MD_SHA256, digest, sizeof(digest), sig, &len, mbed_rng_fill, &r),
		&r);
	if (f != FAULT_NONE)
		return f;
	size_t mark = der_here(d);
	der_raw(d, span_of(sig, len));
	der_raw(d, span_of("\0", 1)); /* no unused bits */
	der_wrap(d, DER_BIT_STRING, mark);
	return FAULT_NONE;
}

static size_t size_max(const struct x509_request *req, const struct authority *issuer)
{
	size_t n = FIXED_PART_MAX + issuer->name.len + req->n_ips * NAME_OVERHEAD_MAX;

	for (size_t i = 0; req->dns_names != NULL && req->dns_names[i] != NULL; i++)
		n += strlen(req->dns_names[i]) + NAME_OVERHEAD_MAX;
	return n;
}

static enum fault issue(const struct x509_request *req, struct keypair *subject, const struct authority *issuer,
			const struct rng *rng, struct buf *out_der)
{
	SCOPED_DONE(der) struct der tbs = { .start = NULL };
	SCOPED_DONE(der) struct der cert = { .start = NULL };
	enum fault f = der_init(&tbs, size_max(req, issuer));

	if (f == FAULT_NONE)
		f = der_init(&cert, size_max(req, issuer));
	if (f == FAULT_NONE)
		f = write_tbs(&tbs, req, subject, issuer, rng);
	if (f == FAULT_NONE)
		f = write_signature(&cert, der_span(&tbs), issuer->key, rng);
	if (f != FAULT_NONE)
		return f;
	write_algorithm(&cert, issuer->key);
	der_raw(&cert, der_span(&tbs));
	der_wrap(&cert, DER_SEQUENCE, 0);
	if (cert.fault != FAULT_NONE)
		return cert.fault;
	buf_put_span(out_der, der_span(&cert));
	return buf_fault(out_der);
}

enum fault x509_issue(const struct x509_request *req, struct keypair *subject, struct keypair *issuer,
		      struct span issuer_der, const struct rng *rng, struct buf *out_der, struct err *err)
{
	enum fault f = check_request(req, err);

	if (f != FAULT_NONE)
		return f;
	if (issuer_der.len == 0 && issuer != NULL && issuer != subject)
		return err_say(err, FAULT_INVALID, "", "a self-signed certificate is signed by its own key");
	SCOPED_DONE(authority) struct authority a;
	f = authority_load(&a, issuer_der.len == 0 ? subject : issuer, issuer_der, err);
	return f != FAULT_NONE ? f : issue(req, subject, &a, rng, out_der);
}
