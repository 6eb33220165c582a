#ifndef SANDVAULT_IO_X509_H
#define SANDVAULT_IO_X509_H

/*
 * Making certificates: the sandbox's own authority, its TLS leaves, and the self-signed certificates of token-signing
 * keys.
 * Strict verifiers (OpenSSL with X509_STRICT, Node, Java, Go) must take them: basicConstraints critical, key usage,
 * subject and authority key identifiers, random positive serials, SubjectAltName with DNS and IP entries, X.509 v3.
 */

#include "common/io/keypair.h"
#include "common/plain/addr.h"

/* GeneralName choices, RFC 5280 section 4.2.1.6. */
enum { X509_NAME_DNS = 2, X509_NAME_IP = 7 };

struct x509_request {
	const char *common_name;
	bool is_ca;
	const char *const *dns_names; /* NULL-terminated, or NULL */
	const struct addr *ips;	      /* 4-byte form is written for IPv4 */
	size_t n_ips;
	int64_t not_before_s, not_after_s;
};

/* A certificate for subject, issued by issuer (whose certificate is issuer_der; empty: self-signed, issuer NULL or
 * subject), ECDSA or RSA with SHA-256, in DER. A leaf with names is a TLS server's (extendedKeyUsage serverAuth). */
enum fault x509_issue(const struct x509_request *req, struct keypair *subject, struct keypair *issuer,
		      struct span issuer_der, const struct rng *rng, struct buf *out_der, struct err *err) MUST_USE;

/* notAfter as wall seconds; used to renew in time. */
enum fault x509_not_after(struct span der, int64_t *ret_s) MUST_USE;
/* Whether each of dns_names (NULL-terminated) is among its alternative names, as written. FAULT_INVALID: no
 * certificate. */
enum fault x509_has_names(struct span der, const char *const *dns_names, bool *ret) MUST_USE;

/* "-----BEGIN label-----" with 64-column base64. */
void pem_encode(struct buf *out, const char *label, struct span der);
/* The first block of that label. */
enum fault pem_decode(struct span pem, const char *label, struct buf *out_der) MUST_USE;

#endif
