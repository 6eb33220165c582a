/*
 * Opens TLS connections to a server as fast as it can, each closed once its handshake is done.
 *
 * usage: bench_shake PORT full|resumed THREADS SECONDS
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/peer.h"

enum { THREADS_MAX = 64 };

struct shaker {
	pthread_t thread;
	struct peer client;
	struct sockaddr_in at;
	bool wants_resumed;
	mbedtls_ssl_session session;
	double start, end;
	unsigned long n, n_resumed;
	int fd;
	size_t received, received_full;
};

static int wire_send(void *arg, const unsigned char *p, size_t n)
{
	ssize_t sent = send(((struct shaker *)arg)->fd, p, n, MSG_NOSIGNAL);

	return sent < 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : (int)sent;
}

static int wire_recv(void *arg, unsigned char *p, size_t n)
{
	struct shaker *s = arg;
	ssize_t got = recv(s->fd, p, n, 0);

	if (got <= 0)
		return MBEDTLS_ERR_SSL_CONN_EOF;
	s->received += (size_t)got;
	return (int)got;
}

static void shake(struct shaker *s, bool wants_resumed)
{
	mbedtls_ssl_context ssl;
	int one = 1;

	s->received = 0;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&s->at, sizeof(s->at)) != 0)
		die("cannot connect to port %u: %s", ntohs(s->at.sin_port), strerror(errno));
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	mbedtls_ssl_init(&ssl);
	must(mbedtls_ssl_setup(&ssl, &s->client.conf), "session");
	must(mbedtls_ssl_set_hostname(&ssl, "bench.vault.localhost"), "name");
	mbedtls_ssl_set_bio(&ssl, s, wire_send, wire_recv, NULL);
	if (wants_resumed)
		must(mbedtls_ssl_set_session(&ssl, &s->session), "resume");
	must(mbedtls_ssl_handshake(&ssl), "handshake");
	if (s->received_full == 0) {
		must(mbedtls_ssl_get_session(&ssl, &s->session), "session");
		s->received_full = s->received;
	}
	mbedtls_ssl_close_notify(&ssl);
	mbedtls_ssl_free(&ssl);
	close(s->fd);
}

static void *work(void *arg)
{
	struct shaker *s = arg;

	shake(s, false);
	s->start = now_s();
	s->end += s->start;
	while (now_s() < s->end) {
		shake(s, s->wants_resumed);
		s->n++;
		/* A resumed one brings no certificate. */
		s->n_resumed += s->received * 2 < s->received_full;
	}
	s->end = now_s();
	return NULL;
}

int main(int argc, char **argv)
{
	static struct shaker shakers[THREADS_MAX];
	unsigned long n = 0, n_resumed = 0;
	double rate = 0;

	if (argc < 5)
		die("usage: bench_shake PORT full|resumed THREADS SECONDS");
	long threads = atol(argv[3]);
	if (threads < 1 || threads > THREADS_MAX)
		die("1 to %d threads", THREADS_MAX);
	for (long i = 0; i < threads; i++) {
		struct shaker *s = &shakers[i];

		peer_init(&s->client, MBEDTLS_SSL_IS_CLIENT);
		mbedtls_ssl_session_init(&s->session);
		s->at = (struct sockaddr_in){ .sin_family = AF_INET,
					      .sin_port = htons((uint16_t)atoi(argv[1])),
					      .sin_addr = { htonl(INADDR_LOOPBACK) } };
		s->wants_resumed = strcmp(argv[2], "resumed") == 0;
		s->end = atof(argv[4]);
		if (pthread_create(&s->thread, NULL, work, s) != 0)
			die("cannot make a thread");
	}
	for (long i = 0; i < threads; i++) {
		struct shaker *s = &shakers[i];

		pthread_join(s->thread, NULL);
		n += s->n;
		n_resumed += s->n_resumed;
		rate += (double)s->n / (s->end - s->start);
		mbedtls_ssl_session_free(&s->session);
		peer_done(&s->client);
	}
	printf("{\"rate\":%.1f,\"n\":%lu,\"resumed\":%lu}\n", rate, n, n_resumed);
	return 0;
}
