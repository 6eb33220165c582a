#include "common/io/x509.h"

#include <mbedtls/x509_crt.h>
#include <stdio.h>

#include "common/io/keypair_impl.h"
#include "common/plain/text.h"

static enum fault parse(mbedtls_x509_crt *crt, struct span der)
{
	mbedtls_x509_crt_init(crt);
	enum fault f = mbed_fault(mbedtls_x509_crt_parse_der(crt, (const unsigned char *)der.p, der.len), NULL);

	return f == FAULT_CRYPTO ? FAULT_INVALID : f;
}

enum fault x509_not_after(struct span der, int64_t *ret_s)
{
	MBED_SCOPED(mbedtls_x509_crt_free) mbedtls_x509_crt crt;
	char text[sizeof("-2147483648") * 6];
	enum fault f = parse(&crt, der);

	if (f != FAULT_NONE)
		return f;

	const mbedtls_x509_time *t = &crt.valid_to;
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", t->year, t->mon, t->day, t->hour, t->min,
		 t->sec);
	return rfc3339_parse(span_cstr(text), ret_s);
}

static bool has_name(const mbedtls_x509_crt *crt, struct span name)
{
	const mbedtls_x509_sequence *n;

	for (n = &crt->subject_alt_names; n != NULL; n = n->next)
		if (n->buf.p != NULL && (n->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == X509_NAME_DNS &&
		    span_eq_nocase(span_of(n->buf.p, n->buf.len), name))
			return true;
	return false;
}

enum fault x509_has_names(struct span der, const char *const *dns_names, bool *ret)
{
	MBED_SCOPED(mbedtls_x509_crt_free) mbedtls_x509_crt crt;
	enum fault f = parse(&crt, der);

	if (f != FAULT_NONE)
		return f;
	*ret = true;
	for (; *dns_names != NULL; dns_names++)
		*ret &= has_name(&crt, span_cstr(*dns_names));
	return FAULT_NONE;
}
