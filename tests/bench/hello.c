/*
 * The least that answers HTTP over TLS with the same libraries: evhttp on a bufferevent filter on mbedTLS, one fixed
 * page. What vaultd serves is measured against it, so it shares no line with common/io/http.c.
 *
 * Prints its port, and ends when standard input does.
 */

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "tests/bench/peer.h"

enum { BLOCK = 16 * 1024 };

struct conn {
	struct bufferevent *socket;
	mbedtls_ssl_context ssl;
	struct evbuffer *in, *out; /* of the wire; set while the library may ask for them */
	bool is_open;
};

static struct peer server;

static int wire_send(void *arg, const unsigned char *p, size_t n)
{
	struct conn *c = arg;

	return evbuffer_add(c->out, p, n) == 0 ? (int)n : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

static int wire_recv(void *arg, unsigned char *p, size_t n)
{
	struct conn *c = arg;
	int got = c->in == NULL ? 0 : evbuffer_remove(c->in, p, n);

	return got > 0 ? got : MBEDTLS_ERR_SSL_WANT_READ;
}

static enum bufferevent_filter_result decrypt(struct conn *c, struct evbuffer *plain)
{
	unsigned char block[BLOCK];
	bool any = false;
	int r;

	if (!c->is_open) {
		r = mbedtls_ssl_handshake(&c->ssl);
		if (r == MBEDTLS_ERR_SSL_WANT_READ)
			return BEV_NEED_MORE;
		if (r != 0)
			return BEV_ERROR;
		c->is_open = true;
	}
	while ((r = mbedtls_ssl_read(&c->ssl, block, sizeof(block))) > 0) {
		evbuffer_add(plain, block, (size_t)r);
		any = true;
	}
	if (any)
		return BEV_OK;
	return r == MBEDTLS_ERR_SSL_WANT_READ ? BEV_NEED_MORE : BEV_ERROR;
}

/* Nobody tells evhttp of an error below its filter but the socket itself. */
static enum bufferevent_filter_result filter_in(struct evbuffer *src, struct evbuffer *dst, ev_ssize_t limit UNUSED,
						enum bufferevent_flush_mode mode UNUSED, void *arg)
{
	struct conn *c = arg;
	enum bufferevent_filter_result r;

	c->in = src;
	c->out = bufferevent_get_output(c->socket);
	r = decrypt(c, dst);
	c->in = NULL;
	if (r == BEV_ERROR) {
		evbuffer_drain(src, evbuffer_get_length(src));
		shutdown(bufferevent_getfd(c->socket), SHUT_RDWR);
	}
	return r;
}

static enum bufferevent_filter_result filter_out(struct evbuffer *src, struct evbuffer *dst, ev_ssize_t limit UNUSED,
						 enum bufferevent_flush_mode mode UNUSED, void *arg)
{
	struct conn *c = arg;
	size_t n = evbuffer_get_length(src);

	if (n == 0)
		return BEV_NEED_MORE;
	c->out = dst;
	if (n > BLOCK)
		n = BLOCK;
	if (mbedtls_ssl_write(&c->ssl, evbuffer_pullup(src, (ev_ssize_t)n), n) != (int)n)
		return BEV_ERROR;
	evbuffer_drain(src, n);
	return BEV_OK;
}

static void conn_free(void *arg)
{
	struct conn *c = arg;

	mbedtls_ssl_free(&c->ssl);
	free(c);
}

static struct bufferevent *on_connection(struct event_base *base, void *arg UNUSED)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	mbedtls_ssl_init(&c->ssl);
	must(mbedtls_ssl_setup(&c->ssl, &server.conf), "session");
	mbedtls_ssl_set_bio(&c->ssl, c, wire_send, wire_recv, NULL);
	c->socket = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	return bufferevent_filter_new(c->socket, filter_in, filter_out, BEV_OPT_CLOSE_ON_FREE, conn_free, c);
}

static void on_request(struct evhttp_request *req, void *arg UNUSED)
{
	struct bufferevent *filter = evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));

	evbuffer_add(evhttp_request_get_output_buffer(req), "hello\n", 6);
	evhttp_send_reply(req, HTTP_OK, "OK", NULL);
	bufferevent_flush(filter, EV_WRITE, BEV_FLUSH);
}

static void on_input_end(evutil_socket_t fd, short what UNUSED, void *base)
{
	char c;

	if (read(fd, &c, 1) <= 0)
		event_base_loopbreak(base);
}

int main(void)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct evhttp_bound_socket *bound;
	struct event *end;
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	peer_init_server(&server);
	evhttp_set_bevcb(http, on_connection, NULL);
	evhttp_set_gencb(http, on_request, NULL);
	bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	if (bound == NULL || getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&at, &len) != 0)
		die("cannot listen");
	printf("%u\n", ntohs(at.sin_port));
	fflush(stdout);
	end = event_new(base, 0, EV_READ | EV_PERSIST, on_input_end, base);
	event_add(end, NULL);
	event_base_dispatch(base);
	event_free(end);
	evhttp_free(http);
	event_base_free(base);
	peer_done(&server);
	return 0;
}
