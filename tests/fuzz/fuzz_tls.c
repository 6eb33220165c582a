/*
 * TLS sessions. The first byte says what the client does (enum client_kind), the second how many bytes the server sees
 * at a time, the rest is what the client sends: before any handshake, after one as bytes on the wire, or after one
 * through its own session – then the server must read what the client wrote, and the other way round.
 */

#include <stdlib.h>

#include <event2/buffer.h>
#include <mbedtls/ssl.h>

#include "common/io/tls.h"
#include "common/io/x509.h"
#include "tests/fuzz/fuzz.h"

enum client_kind { CLIENT_RAW, CLIENT_RAW_AFTER_HANDSHAKE, CLIENT_HONEST, CLIENT_KINDS };

enum { ROUNDS_MAX = 32, CERTIFICATE_MAX = 8192 };

static struct tls_context *context;
static mbedtls_ssl_config client_conf;

struct talk {
	struct tls_session *server;
	mbedtls_ssl_context client;
	struct evbuffer *to_server, *to_client, *plain;
};

static void tear_down(void)
{
	tls_context_free(context);
	mbedtls_ssl_config_free(&client_conf);
}

static void make_context(void)
{
	SCOPED(keypair) struct keypair *k = NULL;
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	SCOPED_DONE(buf) struct buf cert_der = BUF_INIT(CERTIFICATE_MAX);
	SCOPED_DONE(buf) struct buf cert = BUF_INIT(CERTIFICATE_MAX);
	SCOPED_DONE(buf) struct buf key = BUF_INIT(CERTIFICATE_MAX);
	const char *const names[] = { "localhost", NULL };
	const struct x509_request req = {
		.common_name = "localhost",
		.dns_names = names,
		.not_before_s = 1700000000,
		.not_after_s = 1800000000,
	};
	struct rng rng = fuzz_rng();

	FUZZ_CHECK(keypair_generate_ec(CURVE_P256, &rng, &k) == FAULT_NONE);
	FUZZ_CHECK(x509_issue(&req, k, NULL, SPAN_EMPTY, &rng, &cert_der, NULL) == FAULT_NONE);
	FUZZ_CHECK(keypair_to_der(k, &der) == FAULT_NONE);
	pem_encode(&cert, "CERTIFICATE", buf_span(&cert_der));
	pem_encode(&key, "EC PRIVATE KEY", secret_span(&der));
	FUZZ_CHECK(tls_context_new(buf_span(&cert), buf_span(&key), &rng, &context, NULL) == FAULT_NONE);
}

static int random_for_client(void *arg UNUSED, unsigned char *p, size_t n)
{
	struct rng rng = fuzz_rng();

	return rng_fill(&rng, p, n) == FAULT_NONE ? 0 : -1;
}

static void set_up(void)
{
	make_context();
	mbedtls_ssl_config_init(&client_conf);
	FUZZ_CHECK(mbedtls_ssl_config_defaults(&client_conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
					       MBEDTLS_SSL_PRESET_DEFAULT) == 0);
	mbedtls_ssl_conf_authmode(&client_conf, MBEDTLS_SSL_VERIFY_NONE);
	mbedtls_ssl_conf_rng(&client_conf, random_for_client, NULL);
	atexit(tear_down);
}

static int client_send(void *arg, const unsigned char *p, size_t n)
{
	struct talk *t = arg;

	return evbuffer_add(t->to_server, p, n) == 0 ? (int)n : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

static int client_recv(void *arg, unsigned char *p, size_t n)
{
	struct talk *t = arg;
	int got = evbuffer_remove(t->to_client, p, n);

	return got > 0 ? got : MBEDTLS_ERR_SSL_WANT_READ;
}

static void talk_begin(struct talk *t)
{
	t->server = tls_session_new(context);
	t->to_server = evbuffer_new();
	t->to_client = evbuffer_new();
	t->plain = evbuffer_new();
	FUZZ_CHECK(t->server != NULL && t->to_server != NULL && t->to_client != NULL && t->plain != NULL);
	mbedtls_ssl_init(&t->client);
	FUZZ_CHECK(mbedtls_ssl_setup(&t->client, &client_conf) == 0);
	mbedtls_ssl_set_bio(&t->client, t, client_send, client_recv, NULL);
}

static void talk_end(struct talk *t)
{
	mbedtls_ssl_free(&t->client);
	tls_session_free(t->server);
	evbuffer_free(t->to_server);
	evbuffer_free(t->to_client);
	evbuffer_free(t->plain);
}

static void shake_hands(struct talk *t)
{
	int r = -1;

	for (int i = 0; i < ROUNDS_MAX && r != 0; i++) {
		r = mbedtls_ssl_handshake(&t->client);
		FUZZ_CHECK(r == 0 || r == MBEDTLS_ERR_SSL_WANT_READ);
		FUZZ_CHECK(tls_session_read(t->server, t->to_server, t->to_client, t->plain) != TLS_FAILED);
	}
	FUZZ_CHECK(r == 0);
}

/* What is on the wire reaches the server piece by piece. */
static enum tls_status serve(struct talk *t, struct evbuffer *wire, size_t piece)
{
	enum tls_status st = TLS_MORE;

	while ((st == TLS_MORE || st == TLS_PROGRESS) && evbuffer_get_length(wire) > 0) {
		FUZZ_CHECK(evbuffer_remove_buffer(wire, t->to_server, piece) > 0);
		st = tls_session_read(t->server, t->to_server, t->to_client, t->plain);
		FUZZ_CHECK(st == TLS_CLOSED || st == TLS_FAILED || evbuffer_get_length(t->to_server) == 0);
	}
	return st;
}

static void send_raw(struct talk *t, struct span in, size_t piece)
{
	struct evbuffer *wire = evbuffer_new();

	FUZZ_CHECK(wire != NULL && evbuffer_add(wire, in.p, in.len) == 0);
	serve(t, wire, piece);
	evbuffer_free(wire);
}

static void say_as_client(struct talk *t, struct span in)
{
	while (in.len > 0) {
		int n = mbedtls_ssl_write(&t->client, (const unsigned char *)in.p, in.len);

		FUZZ_CHECK(n > 0);
		in = span_from(in, (size_t)n);
	}
}

static void expect(struct evbuffer *got, struct span want)
{
	FUZZ_CHECK(evbuffer_get_length(got) == want.len);
	FUZZ_CHECK(want.len == 0 || memcmp(evbuffer_pullup(got, -1), want.p, want.len) == 0);
}

static void hear_as_client(struct talk *t, struct evbuffer *heard)
{
	unsigned char some[4096];
	int n;

	while ((n = mbedtls_ssl_read(&t->client, some, sizeof(some))) > 0)
		FUZZ_CHECK(evbuffer_add(heard, some, (size_t)n) == 0);
	FUZZ_CHECK(n == MBEDTLS_ERR_SSL_WANT_READ);
}

static void exchange_honestly(struct talk *t, struct span in, size_t piece)
{
	struct evbuffer *wire = evbuffer_new(), *heard = evbuffer_new();

	FUZZ_CHECK(wire != NULL && heard != NULL);
	say_as_client(t, in);
	evbuffer_add_buffer(wire, t->to_server);
	serve(t, wire, piece);
	expect(t->plain, in);

	FUZZ_CHECK(tls_session_write(t->server, t->plain, t->to_client) == TLS_PROGRESS);
	hear_as_client(t, heard);
	expect(heard, in);

	mbedtls_ssl_close_notify(&t->client);
	evbuffer_add_buffer(wire, t->to_server);
	FUZZ_CHECK(serve(t, wire, piece) == TLS_CLOSED);
	evbuffer_free(wire);
	evbuffer_free(heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	enum client_kind kind;
	struct talk t;
	size_t piece;

	if (context == NULL)
		set_up();
	fuzz_rng_rewind();
	kind = (enum client_kind)(fuzz_take_byte(&in) % CLIENT_KINDS);
	piece = fuzz_take_byte(&in);
	if (piece == 0)
		piece = size;
	talk_begin(&t);
	if (kind != CLIENT_RAW)
		shake_hands(&t);
	if (kind == CLIENT_HONEST)
		exchange_honestly(&t, in, piece);
	else
		send_raw(&t, in, piece);
	talk_end(&t);
	return 0;
}
