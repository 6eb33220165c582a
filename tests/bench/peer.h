#ifndef SANDVAULT_BENCH_PEER_H
#define SANDVAULT_BENCH_PEER_H

/*
 * What several bench programs need, each in a copy of its own: time, a way out, and mbedTLS set up as common/io/tls.c
 * does (same suites, curves, tickets) without a line of it, so that what is compared is the rest.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

#include "common/plain/base.h"

enum { PEER_CERT_MAX = 4096 };

struct peer {
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context drbg;
	mbedtls_ssl_config conf;
	mbedtls_x509_crt cert; /* server */
	mbedtls_pk_context key;
	mbedtls_ssl_ticket_context tickets;
};

static const int peer_suites[] = { MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0 };

static const mbedtls_ecp_group_id peer_curves[] = {
	MBEDTLS_ECP_DP_CURVE25519,
	MBEDTLS_ECP_DP_SECP256R1,
	MBEDTLS_ECP_DP_NONE,
};

UNUSED PRINTF_LIKE(1, 2) static _Noreturn void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* Any call of the library that has to work. */
UNUSED static void must(int ret, const char *what)
{
	if (ret != 0)
		die("%s: mbedTLS error -0x%04x", what, (unsigned)-ret);
}

UNUSED static double clock_s(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

UNUSED static double now_s(void)
{
	return clock_s(CLOCK_MONOTONIC);
}

/* CPU time says the same on a busy machine. */
UNUSED static double thread_cpu_s(void)
{
	return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

UNUSED static double cpu_s(void)
{
	return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

UNUSED static void peer_init(struct peer *p, int endpoint)
{
	mbedtls_entropy_init(&p->entropy);
	mbedtls_ctr_drbg_init(&p->drbg);
	mbedtls_ssl_config_init(&p->conf);
	mbedtls_x509_crt_init(&p->cert);
	mbedtls_pk_init(&p->key);
	mbedtls_ssl_ticket_init(&p->tickets);
	must(mbedtls_ctr_drbg_seed(&p->drbg, mbedtls_entropy_func, &p->entropy, NULL, 0), "random generator");
	must(mbedtls_ssl_config_defaults(&p->conf, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
	     "TLS defaults");
	mbedtls_ssl_conf_rng(&p->conf, mbedtls_ctr_drbg_random, &p->drbg);
	mbedtls_ssl_conf_curves(&p->conf, peer_curves);
	mbedtls_ssl_conf_ciphersuites(&p->conf, peer_suites);
	mbedtls_ssl_conf_authmode(&p->conf, MBEDTLS_SSL_VERIFY_NONE);
}

UNUSED static void peer_done(struct peer *p)
{
	mbedtls_ssl_config_free(&p->conf);
	mbedtls_ssl_ticket_free(&p->tickets);
	mbedtls_x509_crt_free(&p->cert);
	mbedtls_pk_free(&p->key);
	mbedtls_ctr_drbg_free(&p->drbg);
	mbedtls_entropy_free(&p->entropy);
}

/* A P-256 key and a certificate that it signs for itself. */
UNUSED static void peer_make_cert(struct peer *p)
{
	unsigned char der[PEER_CERT_MAX];
	mbedtls_x509write_cert w;
	mbedtls_mpi serial;
	int n;

	must(mbedtls_pk_setup(&p->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), "key");
	must(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(p->key), mbedtls_ctr_drbg_random, &p->drbg),
	     "key");
	mbedtls_mpi_init(&serial);
	must(mbedtls_mpi_lset(&serial, 1), "serial number");
	mbedtls_x509write_crt_init(&w);
	mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&w, &p->key);
	mbedtls_x509write_crt_set_issuer_key(&w, &p->key);
	must(mbedtls_x509write_crt_set_subject_name(&w, "CN=localhost"), "subject");
	must(mbedtls_x509write_crt_set_issuer_name(&w, "CN=localhost"), "issuer");
	must(mbedtls_x509write_crt_set_serial(&w, &serial), "serial number");
	must(mbedtls_x509write_crt_set_validity(&w, "20200101000000", "20991231235959"), "validity");
	n = mbedtls_x509write_crt_der(&w, der, sizeof(der), mbedtls_ctr_drbg_random, &p->drbg);
	must(n < 0 ? n : 0, "certificate");
	must(mbedtls_x509_crt_parse_der(&p->cert, der + sizeof(der) - n, (size_t)n), "certificate");
	mbedtls_x509write_crt_free(&w);
	mbedtls_mpi_free(&serial);
}

UNUSED static void peer_init_server(struct peer *p)
{
	peer_init(p, MBEDTLS_SSL_IS_SERVER);
	peer_make_cert(p);
	must(mbedtls_ssl_conf_own_cert(&p->conf, &p->cert, &p->key), "own certificate");
	must(mbedtls_ssl_ticket_setup(&p->tickets, mbedtls_ctr_drbg_random, &p->drbg, MBEDTLS_CIPHER_AES_256_GCM,
				      86400),
	     "tickets");
	mbedtls_ssl_conf_session_tickets_cb(&p->conf, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &p->tickets);
}

#endif
