#ifndef SANDVAULT_IO_TLS_CERT_H
#define SANDVAULT_IO_TLS_CERT_H

/* A certificate chain with its key, as a TLS server shows it. Private to tls*.c. */

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

struct tls_cert {
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
	struct tls_cert *next;
};

/* From PEM. FAULT_INVALID with a sentence. */
enum fault tls_cert_new(struct span chain_pem, struct span key_pem, struct tls_cert **ret, struct err *err) MUST_USE;
/* And those that follow it. NULL is fine. */
void tls_cert_free(struct tls_cert *c);
DEFINE_SCOPED(tls_cert, tls_cert_free);
/* Whether name is one of its alternative names; "*.a.b" stands for one label. */
bool tls_cert_has_name(const struct tls_cert *c, struct span name);

#endif
