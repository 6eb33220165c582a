#include "common/io/tls_cert.h"

#include <stdlib.h>

#include "common/io/x509.h"
#include "common/plain/buf.h"

enum { PEM_MAX = 1 << 20 };

/* The library wants PEM with its terminating NUL counted. */
static enum fault load_pem(struct tls_cert *c, struct span chain_pem, struct span key_pem, struct err *err)
{
	SCOPED_DONE(buf) struct buf chain = BUF_INIT(PEM_MAX);
	SCOPED_DONE(buf) struct buf key = BUF_SECRET_INIT(PEM_MAX);
	enum fault f;

	buf_put_span(&chain, chain_pem);
	buf_put_char(&chain, '\0');
	buf_put_span(&key, key_pem);
	buf_put_char(&key, '\0');
	if ((f = buf_fault(&chain)) != FAULT_NONE || (f = buf_fault(&key)) != FAULT_NONE)
		return f;
	if (mbedtls_x509_crt_parse(&c->chain, (const unsigned char *)chain.data, chain.len) != 0)
		return err_say(err, FAULT_INVALID, "", "the TLS certificate is not readable PEM");
	if (mbedtls_pk_parse_key(&c->key, (const unsigned char *)key.data, key.len, NULL, 0) != 0)
		return err_say(err, FAULT_INVALID, "", "the TLS private key is not readable PEM");
	if (mbedtls_pk_check_pair(&c->chain.pk, &c->key) != 0)
		return err_say(err, FAULT_INVALID, "", "the TLS certificate does not belong to the private key");
	return FAULT_NONE;
}

enum fault tls_cert_new(struct span chain_pem, struct span key_pem, struct tls_cert **ret, struct err *err)
{
	SCOPED(tls_cert) struct tls_cert *c = calloc(1, sizeof(*c));
	enum fault f;

	if (c == NULL)
		return FAULT_MEMORY;
	mbedtls_x509_crt_init(&c->chain);
	mbedtls_pk_init(&c->key);
	f = load_pem(c, chain_pem, key_pem, err);
	if (f == FAULT_NONE)
		*ret = TAKE(c);
	return f;
}

void tls_cert_free(struct tls_cert *c)
{
	while (c != NULL) {
		struct tls_cert *next = c->next;

		mbedtls_x509_crt_free(&c->chain);
		mbedtls_pk_free(&c->key);
		free(c);
		c = next;
	}
}

static bool name_fits(struct span pattern, struct span name)
{
	struct span label;

	if (pattern.len < 2 || pattern.p[0] != '*' || pattern.p[1] != '.')
		return span_eq_nocase(pattern, name);
	name = span_cut(name, '.', &label);
	return label.len > 0 && name.p != NULL && span_eq_nocase(span_from(pattern, 2), name);
}

bool tls_cert_has_name(const struct tls_cert *c, struct span name)
{
	const mbedtls_x509_sequence *n;

	for (n = &c->chain.subject_alt_names; n != NULL; n = n->next)
		if (n->buf.p != NULL && (n->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == X509_NAME_DNS &&
		    name_fits(span_of(n->buf.p, n->buf.len), name))
			return true;
	return false;
}
