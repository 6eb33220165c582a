#include "common/io/x509_ext.h"

#include <mbedtls/oid.h>

enum { IPV4_BYTES = 4, IPV6_BYTES = 16 };

/* What stands since mark becomes the value of an extension. */
static void finish(struct der *d, struct span oid, bool is_critical, size_t mark)
{
	der_wrap(d, DER_OCTET_STRING, mark);
	if (is_critical)
		der_bool_true(d);
	der_oid(d, oid);
	der_wrap(d, DER_SEQUENCE, mark);
}

static void basic_constraints(struct der *d, bool is_ca)
{
	size_t mark = der_here(d);

	if (is_ca)
		der_bool_true(d);
	der_wrap(d, DER_SEQUENCE, mark);
	finish(d, SPAN_LIT(MBEDTLS_OID_BASIC_CONSTRAINTS), true, mark);
}

static void key_usage(struct der *d, bool is_ca)
{
	size_t mark = der_here(d);

	/* A count of unused bits, then bits from the left: keyCertSign and cRLSign are 5 and 6, digitalSignature 0. */
	der_put(d, DER_BIT_STRING, is_ca ? SPAN_LIT("\x01\x06") : SPAN_LIT("\x07\x80"));
	finish(d, SPAN_LIT(MBEDTLS_OID_KEY_USAGE), true, mark);
}

static void server_auth(struct der *d)
{
	size_t mark = der_here(d);

	der_oid(d, SPAN_LIT(MBEDTLS_OID_SERVER_AUTH));
	der_wrap(d, DER_SEQUENCE, mark);
	finish(d, SPAN_LIT(MBEDTLS_OID_EXTENDED_KEY_USAGE), false, mark);
}

static void subject_key(struct der *d, struct span id)
{
	size_t mark = der_here(d);

	der_put(d, DER_OCTET_STRING, id);
	finish(d, SPAN_LIT(MBEDTLS_OID_SUBJECT_KEY_IDENTIFIER), false, mark);
}

static void authority_key(struct der *d, struct span id)
{
	size_t mark = der_here(d);

	der_put(d, DER_CONTEXT + 0, id);
	der_wrap(d, DER_SEQUENCE, mark);
	finish(d, SPAN_LIT(MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER), false, mark);
}

static void alt_names(struct der *d, const struct x509_request *req)
{
	size_t mark = der_here(d);
	size_t n_dns = 0;

	for (size_t i = req->n_ips; i > 0; i--) {
		const struct addr *a = &req->ips[i - 1];
		size_t n = addr_is_ipv4(a) ? IPV4_BYTES : IPV6_BYTES;

		der_put(d, DER_CONTEXT + X509_NAME_IP, span_of(a->bytes + sizeof(a->bytes) - n, n));
	}
	while (req->dns_names != NULL && req->dns_names[n_dns] != NULL)
		n_dns++;
	for (; n_dns > 0; n_dns--)
		der_put(d, DER_CONTEXT + X509_NAME_DNS, span_cstr(req->dns_names[n_dns - 1]));
	der_wrap(d, DER_SEQUENCE, mark);
	finish(d, SPAN_LIT(MBEDTLS_OID_SUBJECT_ALT_NAME), false, mark);
}

void x509_ext_write(struct der *d, const struct x509_request *req, struct span subject_key_id,
		    struct span authority_key_id)
{
	size_t mark = der_here(d);
	bool has_names = req->n_ips > 0 || (req->dns_names != NULL && req->dns_names[0] != NULL);

	if (has_names)
		alt_names(d, req);
	/* A certificate with names is a TLS server's; one without, such as a token-signing key's, serves no TLS. */
	if (has_names && !req->is_ca)
		server_auth(d);
	authority_key(d, authority_key_id);
	subject_key(d, subject_key_id);
	key_usage(d, req->is_ca);
	basic_constraints(d, req->is_ca);
	der_wrap(d, DER_SEQUENCE, mark);
	der_wrap(d, DER_CONTEXT_CONSTRUCTED + 3, mark);
}
