#include "common/io/tls.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>

#include "common/io/tls_cert.h"

enum { TICKET_LIFETIME_S = 24 * 3600, RECORD_MAX = 16 * 1024, NAME_MAX_LEN = 255 };

struct tls_context {
	unsigned refs;
	struct rng rng;
	mbedtls_ssl_config conf;
	struct tls_cert *cert; /* the one for every name, then further ones */
	mbedtls_ssl_ticket_context tickets;
};

struct tls_session {
	struct tls_context *ctx;
	mbedtls_ssl_context ssl;
	bool is_open;			     /* handshake done */
	struct evbuffer *wire_in, *wire_out; /* set for the length of a call */
	char name[NAME_MAX_LEN];	     /* asked for */
	size_t name_len;
};

/* X25519 first: see tls.h. */
static const mbedtls_ecp_group_id curve_order[] = {
	MBEDTLS_ECP_DP_CURVE25519,
	MBEDTLS_ECP_DP_SECP256R1,
	MBEDTLS_ECP_DP_SECP384R1,
	MBEDTLS_ECP_DP_NONE,
};

/* Forward-secret suites with authenticated encryption. RSA rows serve a certificate of the user's own. */
static const int suites[] = {
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	0,
};

static int random_for_tls(void *arg, unsigned char *p, size_t n)
{
	const struct rng *rng = arg;

	return rng_fill(rng, p, n) == FAULT_NONE ? 0 : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

static void context_unref(struct tls_context *c)
{
	if (c == NULL || --c->refs > 0)
		return;
	mbedtls_ssl_config_free(&c->conf);
	mbedtls_ssl_ticket_free(&c->tickets);
	tls_cert_free(c->cert);
	free(c);
}

void tls_context_free(struct tls_context *c)
{
	context_unref(c);
}

/* A name that no further certificate has gets the first one: the client then says what it thinks of that. */
static int choose_cert(void *arg, mbedtls_ssl_context *ssl, const unsigned char *name, size_t len)
{
	struct tls_context *c = arg;
	struct tls_session *s = ssl->p_bio;
	struct tls_cert *further;

	if (len <= sizeof(s->name)) {
		memcpy(s->name, name, len);
		s->name_len = len;
	}
	for (further = c->cert->next; further != NULL; further = further->next)
		if (tls_cert_has_name(further, span_of(name, len)))
			return mbedtls_ssl_set_hs_own_cert(ssl, &further->chain, &further->key);
	return 0;
}

static int configure(struct tls_context *c)
{
	int r = mbedtls_ssl_config_defaults(&c->conf, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
					    MBEDTLS_SSL_PRESET_DEFAULT);

	if (r != 0)
		return r;
	mbedtls_ssl_conf_rng(&c->conf, random_for_tls, &c->rng);
	mbedtls_ssl_conf_min_version(&c->conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
	mbedtls_ssl_conf_curves(&c->conf, curve_order);
	mbedtls_ssl_conf_ciphersuites(&c->conf, suites);
	mbedtls_ssl_conf_authmode(&c->conf, MBEDTLS_SSL_VERIFY_NONE);
	r = mbedtls_ssl_conf_own_cert(&c->conf, &c->cert->chain, &c->cert->key);
	if (r != 0)
		return r;
	r = mbedtls_ssl_ticket_setup(&c->tickets, random_for_tls, &c->rng, MBEDTLS_CIPHER_AES_256_GCM,
				     TICKET_LIFETIME_S);
	if (r != 0)
		return r;
	mbedtls_ssl_conf_sni(&c->conf, choose_cert, c);
	mbedtls_ssl_conf_session_tickets_cb(&c->conf, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &c->tickets);
	return 0;
}

enum fault tls_context_new(struct span chain_pem, struct span key_pem, const struct rng *rng, struct tls_context **ret,
			   struct err *err)
{
	struct tls_context *c = calloc(1, sizeof(*c));
	enum fault f;

	if (c == NULL)
		return FAULT_MEMORY;
	c->refs = 1;
	c->rng = *rng;
	mbedtls_ssl_config_init(&c->conf);
	mbedtls_ssl_ticket_init(&c->tickets);
	f = tls_cert_new(chain_pem, key_pem, &c->cert, err);
	if (f == FAULT_NONE && configure(c) != 0)
		f = err_say(err, FAULT_CRYPTO, "", "TLS could not be set up");
	if (f != FAULT_NONE) {
		context_unref(c);
		return f;
	}
	*ret = c;
	return FAULT_NONE;
}

enum fault tls_context_add(struct tls_context *c, struct span chain_pem, struct span key_pem, struct err *err)
{
	struct tls_cert **end = &c->cert->next;

	while (*end != NULL)
		end = &(*end)->next;
	return tls_cert_new(chain_pem, key_pem, end, err);
}

static int wire_send(void *arg, const unsigned char *p, size_t n)
{
	struct tls_session *s = arg;

	return evbuffer_add(s->wire_out, p, n) == 0 ? (int)n : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

static int wire_recv(void *arg, unsigned char *p, size_t n)
{
	struct tls_session *s = arg;
	int got;

	if (s->wire_in == NULL)
		return MBEDTLS_ERR_SSL_WANT_READ;
	got = evbuffer_remove(s->wire_in, p, n);
	return got > 0 ? got : MBEDTLS_ERR_SSL_WANT_READ;
}

struct tls_session *tls_session_new(struct tls_context *c)
{
	struct tls_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	mbedtls_ssl_init(&s->ssl);
	s->ctx = c;
	c->refs++;
	if (mbedtls_ssl_setup(&s->ssl, &c->conf) != 0) {
		tls_session_free(s);
		return NULL;
	}
	mbedtls_ssl_set_bio(&s->ssl, s, wire_send, wire_recv, NULL);
	return s;
}

void tls_session_free(struct tls_session *s)
{
	if (s == NULL)
		return;
	mbedtls_ssl_free(&s->ssl);
	context_unref(s->ctx);
	free(s);
}

struct span tls_session_name(const struct tls_session *s)
{
	return span_of(s->name, s->name_len);
}

static enum tls_status status_of(int r)
{
	if (r == MBEDTLS_ERR_SSL_WANT_READ || r == MBEDTLS_ERR_SSL_WANT_WRITE)
		return TLS_MORE;
	return r == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || r == 0 ? TLS_CLOSED : TLS_FAILED;
}

static enum tls_status decrypt_all(struct tls_session *s, struct evbuffer *plain_out)
{
	bool any = false;

	for (;;) {
		struct evbuffer_iovec v;
		int r;

		if (evbuffer_reserve_space(plain_out, RECORD_MAX, &v, 1) != 1)
			return TLS_FAILED;
		r = mbedtls_ssl_read(&s->ssl, v.iov_base, v.iov_len < RECORD_MAX ? v.iov_len : RECORD_MAX);
		if (r <= 0) {
			v.iov_len = 0;
			evbuffer_commit_space(plain_out, &v, 1);
			return any && status_of(r) == TLS_MORE ? TLS_PROGRESS : status_of(r);
		}
		v.iov_len = (size_t)r;
		evbuffer_commit_space(plain_out, &v, 1);
		any = true;
	}
}

enum tls_status tls_session_read(struct tls_session *s, struct evbuffer *wire_in, struct evbuffer *wire_out,
				 struct evbuffer *plain_out)
{
	enum tls_status st = TLS_PROGRESS;

	s->wire_in = wire_in;
	s->wire_out = wire_out;
	if (!s->is_open) {
		int r = mbedtls_ssl_handshake(&s->ssl);

		if (r == 0)
			s->is_open = true;
		else
			st = status_of(r);
	}
	if (s->is_open)
		st = decrypt_all(s, plain_out);
	s->wire_in = NULL;
	s->wire_out = NULL;
	return st;
}

enum tls_status tls_session_write(struct tls_session *s, struct evbuffer *plain_in, struct evbuffer *wire_out)
{
	enum tls_status st = TLS_PROGRESS;

	s->wire_out = wire_out;
	while (evbuffer_get_length(plain_in) > 0) {
		size_t n = evbuffer_get_length(plain_in);
		unsigned char *p;
		int r;

		if (n > RECORD_MAX)
			n = RECORD_MAX;
		p = evbuffer_pullup(plain_in, (ev_ssize_t)n);
		if (p == NULL) {
			st = TLS_FAILED;
			break;
		}
		r = mbedtls_ssl_write(&s->ssl, p, n);
		if (r <= 0) {
			st = r == 0 ? TLS_FAILED : status_of(r);
			break;
		}
		evbuffer_drain(plain_in, (size_t)r);
	}
	s->wire_out = NULL;
	return st;
}
