#include "common/io/client_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io/mbed.h"
#include "common/io/unix_addr.h"

struct client_conn {
	int fd;
	struct clock clock;
	int64_t deadline_ms;
	const char *host; /* borrowed during open, for sentences */
	bool is_tls;
	struct mbed_rng rng;
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config conf;
	mbedtls_x509_crt trusted;
};

/* Socket calls give the count, or one of these. The library's own numbers serve for both kinds of connection. */
enum { END_LATE = MBEDTLS_ERR_SSL_TIMEOUT, END_BROKEN = MBEDTLS_ERR_SSL_CONN_EOF };

static int wait_for(struct client_conn *c, short events)
{
	struct pollfd p = { .fd = c->fd, .events = events };

	for (;;) {
		int64_t left = c->deadline_ms - clock_mono_ms(&c->clock);
		int n = left <= 0 ? 0 : poll(&p, 1, left > INT_MAX ? -1 : (int)left);

		if (n > 0)
			return 0;
		if (n == 0)
			return END_LATE;
		if (errno != EINTR)
			return END_BROKEN;
	}
}

static bool is_again(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static int wire_send(void *arg, const unsigned char *p, size_t n)
{
	struct client_conn *c = arg;

	for (;;) {
		ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);
		int r;

		if (sent >= 0)
			return (int)sent;
		if (!is_again())
			return END_BROKEN;
		if ((r = wait_for(c, POLLOUT)) != 0)
			return r;
	}
}

static int wire_recv(void *arg, unsigned char *p, size_t n)
{
	struct client_conn *c = arg;

	for (;;) {
		ssize_t got = recv(c->fd, p, n, 0);
		int r;

		if (got >= 0)
			return (int)got;
		if (!is_again())
			return END_BROKEN;
		if ((r = wait_for(c, POLLIN)) != 0)
			return r;
	}
}

static enum fault say_wire(const struct client_conn *c, int r, struct err *err)
{
	if (r == END_LATE)
		return err_say(err, FAULT_UNAVAILABLE, "", "%s did not answer in time", c->host);
	if (r == END_BROKEN || !c->is_tls)
		return err_say(err, FAULT_IO, "", "the connection to %s broke", c->host);
	return err_say(err, mbed_fault(r, &c->rng), "", "TLS with %s failed (-0x%04x)", c->host, (unsigned)-r);
}

static enum fault connect_one(struct client_conn *c, const struct addrinfo *a, const struct client_conn_target *target,
			      struct err *err)
{
	int failure = 0;
	socklen_t len = sizeof(failure);

	c->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
	if (c->fd < 0)
		return err_say(err, FAULT_IO, "", "cannot open a socket: %s", strerror(errno));
	if (connect(c->fd, a->ai_addr, a->ai_addrlen) != 0) {
		failure = errno;
		if (failure == EINPROGRESS && wait_for(c, POLLOUT) != 0)
			failure = ETIMEDOUT;
		else if (failure == EINPROGRESS && getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0)
			failure = errno;
	}
	if (failure == 0)
		return FAULT_NONE;
	close(c->fd);
	c->fd = -1;
	return err_say(err, FAULT_UNAVAILABLE, "", "cannot connect to %s port %s: %s", target->host, target->port,
		       strerror(failure));
}

static enum fault connect_any(struct client_conn *c, const struct client_conn_target *target, struct err *err)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int r = getaddrinfo(target->host, target->port, &hints, &list);
	enum fault f = FAULT_UNAVAILABLE;

	if (r != 0)
		return err_say(err, f, "", "cannot resolve %s: %s", target->host, gai_strerror(r));
	for (struct addrinfo *a = list; f != FAULT_NONE && a != NULL; a = a->ai_next)
		f = connect_one(c, a, target, err);
	freeaddrinfo(list);
	return f;
}

static enum fault connect_unix(struct client_conn *c, const char *path, struct err *err)
{
	struct unix_addr a;
	enum fault f = unix_addr_init(&a, path, err);

	if (f != FAULT_NONE)
		return f;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		f = err_say(err, FAULT_IO, "", "cannot open a socket: %s", strerror(errno));
	else if (connect(c->fd, (struct sockaddr *)&a.addr, a.len) != 0)
		f = err_say(err, FAULT_UNAVAILABLE, "", "cannot connect to %s: %s", path, strerror(errno));
	else if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0)
		f = err_say(err, FAULT_IO, "", "cannot use the socket %s: %s", path, strerror(errno));
	unix_addr_done(&a);
	return f;
}

static enum fault say_tls(const struct client_conn *c, int r, struct err *err)
{
	uint32_t flags = mbedtls_ssl_get_verify_result(&c->ssl);
	char why[512];

	if (r != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
		return say_wire(c, r, err);
	if (mbedtls_x509_crt_verify_info(why, sizeof(why), "", flags) < 0)
		why[0] = '\0';
	why[strcspn(why, "\n")] = '\0';
	return err_say(err, FAULT_CRYPTO, "", "the certificate of %s is not trusted: %s", c->host, why);
}

static enum fault start_tls(struct client_conn *c, const struct client_conn_target *target, struct err *err)
{
	int r = mbedtls_x509_crt_parse_file(&c->trusted, target->ca_path);

	if (r != 0)
		return err_say(err, FAULT_INVALID, "", "cannot read the certificate authority %s", target->ca_path);
	r = mbedtls_ssl_config_defaults(&c->conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
					MBEDTLS_SSL_PRESET_DEFAULT);
	if (r != 0)
		return mbed_fault(r, NULL);
	mbedtls_ssl_conf_authmode(&c->conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(&c->conf, &c->trusted, NULL);
	mbedtls_ssl_conf_rng(&c->conf, mbed_rng_fill, &c->rng);
	r = mbedtls_ssl_setup(&c->ssl, &c->conf);
	if (r == 0)
		r = mbedtls_ssl_set_hostname(&c->ssl, target->host);
	if (r != 0)
		return mbed_fault(r, NULL);
	mbedtls_ssl_set_bio(&c->ssl, c, wire_send, wire_recv, NULL);
	r = mbedtls_ssl_handshake(&c->ssl);
	return r == 0 ? FAULT_NONE : say_tls(c, r, err);
}

enum fault client_conn_open(const struct client_conn_target *target, const struct clock *clock, const struct rng *rng,
			    struct client_conn **ret, struct err *err)
{
	SCOPED(client_conn) struct client_conn *c = calloc(1, sizeof(*c));
	enum fault f;

	if (c == NULL)
		return FAULT_MEMORY;
	c->fd = -1;
	c->clock = *clock;
	c->deadline_ms = target->timeout_ms < 0 ? INT64_MAX : clock_mono_ms(clock) + target->timeout_ms;
	c->host = target->unix_path != NULL ? target->unix_path : target->host;
	c->is_tls = target->ca_path != NULL;
	c->rng.rng = rng;
	mbedtls_ssl_init(&c->ssl);
	mbedtls_ssl_config_init(&c->conf);
	mbedtls_x509_crt_init(&c->trusted);
	f = target->unix_path != NULL ? connect_unix(c, target->unix_path, err) : connect_any(c, target, err);
	if (f == FAULT_NONE && c->is_tls)
		f = start_tls(c, target, err);
	if (f != FAULT_NONE)
		return f;
	*ret = TAKE(c);
	return FAULT_NONE;
}

void client_conn_free(struct client_conn *c)
{
	if (c == NULL)
		return;
	if (c->is_tls && c->fd >= 0)
		(void)mbedtls_ssl_close_notify(&c->ssl);
	mbedtls_ssl_free(&c->ssl);
	mbedtls_ssl_config_free(&c->conf);
	mbedtls_x509_crt_free(&c->trusted);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

enum fault client_conn_write(struct client_conn *c, struct span bytes, struct err *err)
{
	while (bytes.len > 0) {
		const unsigned char *p = (const unsigned char *)bytes.p;
		int n = c->is_tls ? mbedtls_ssl_write(&c->ssl, p, bytes.len) : wire_send(c, p, bytes.len);

		if (n <= 0)
			return say_wire(c, n == 0 ? END_BROKEN : n, err);
		bytes = span_from(bytes, (size_t)n);
	}
	return FAULT_NONE;
}

enum fault client_conn_read(struct client_conn *c, void *p, size_t cap, size_t *ret_n, struct err *err)
{
	int n = c->is_tls ? mbedtls_ssl_read(&c->ssl, p, cap) : wire_recv(c, p, cap);

	if (n < 0 && n != MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
		return say_wire(c, n, err);
	*ret_n = n < 0 ? 0 : (size_t)n;
	return FAULT_NONE;
}
