/*
 * TLS handshakes with both ends in this process and nothing but memory between them, on one thread: what the library
 * gives at most, and how much of it is the server's half.
 *
 * usage: bench_tls_loop SECONDS
 */

#include "tests/bench/peer.h"

enum { PIPE_MAX = 64 * 1024 };

struct pipe {
	unsigned char bytes[PIPE_MAX];
	size_t from, to;
};

struct end {
	struct peer peer;
	struct pipe *in, *out;
	mbedtls_ssl_context ssl;
	double busy_s; /* CPU */
};

struct count {
	double rate, server_us;
};

static int pipe_send(void *arg, const unsigned char *p, size_t n)
{
	struct pipe *out = ((struct end *)arg)->out;

	if (n > PIPE_MAX - out->to)
		return MBEDTLS_ERR_SSL_WANT_WRITE;
	memcpy(out->bytes + out->to, p, n);
	out->to += n;
	return (int)n;
}

static int pipe_recv(void *arg, unsigned char *p, size_t n)
{
	struct pipe *in = ((struct end *)arg)->in;

	if (n > in->to - in->from)
		n = in->to - in->from;
	if (n == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	memcpy(p, in->bytes + in->from, n);
	in->from += n;
	return (int)n;
}

/* Is it done? */
static bool step(struct end *e)
{
	double start = thread_cpu_s();
	int r = mbedtls_ssl_handshake(&e->ssl);

	e->busy_s += thread_cpu_s() - start;
	if (r != MBEDTLS_ERR_SSL_WANT_READ)
		must(r, "handshake");
	return r == 0;
}

/* A server makes a session for each connection; so does this loop, at both ends. */
static void open_end(struct end *e)
{
	double start = thread_cpu_s();

	e->in->from = e->in->to = 0;
	mbedtls_ssl_init(&e->ssl);
	must(mbedtls_ssl_setup(&e->ssl, &e->peer.conf), "session");
	mbedtls_ssl_set_bio(&e->ssl, e, pipe_send, pipe_recv, NULL);
	e->busy_s += thread_cpu_s() - start;
}

static void close_end(struct end *e)
{
	double start = thread_cpu_s();

	mbedtls_ssl_free(&e->ssl);
	e->busy_s += thread_cpu_s() - start;
}

static void shake(struct end *client, struct end *server, const mbedtls_ssl_session *resumed, mbedtls_ssl_session *ret)
{
	bool client_done = false, server_done = false;

	open_end(client);
	open_end(server);
	if (resumed != NULL)
		must(mbedtls_ssl_set_session(&client->ssl, resumed), "resume");
	while (!client_done || !server_done) {
		if (!client_done)
			client_done = step(client);
		if (!server_done)
			server_done = step(server);
	}
	if (ret != NULL)
		must(mbedtls_ssl_get_session(&client->ssl, ret), "session");
	close_end(client);
	close_end(server);
}

static struct count measure(struct end *client, struct end *server, const mbedtls_ssl_session *resumed, double seconds)
{
	double start = now_s();
	unsigned n = 0;

	client->busy_s = server->busy_s = 0;
	while (now_s() - start < seconds) {
		shake(client, server, resumed, NULL);
		n++;
	}
	return (struct count){ n / (now_s() - start), server->busy_s / n * 1e6 };
}

int main(int argc, char **argv)
{
	static struct pipe to_server, to_client;
	static struct end client = { .in = &to_client, .out = &to_server },
			  server = { .in = &to_server, .out = &to_client };
	mbedtls_ssl_session session;
	struct count full, resumed;
	double seconds = argc > 1 ? atof(argv[1]) : 1;

	peer_init(&client.peer, MBEDTLS_SSL_IS_CLIENT);
	peer_init_server(&server.peer);
	mbedtls_ssl_session_init(&session);
	shake(&client, &server, NULL, &session);
	full = measure(&client, &server, NULL, seconds);
	resumed = measure(&client, &server, &session, seconds);
	printf("{\"full\":%.1f,\"resumed\":%.1f,\"full_server_us\":%.1f,\"resumed_server_us\":%.1f}\n", full.rate,
	       resumed.rate, full.server_us, resumed.server_us);
	mbedtls_ssl_session_free(&session);
	peer_done(&client.peer);
	peer_done(&server.peer);
	return 0;
}
