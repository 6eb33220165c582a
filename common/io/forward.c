#include "common/io/forward.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "common/io/http.h"
#include "common/io/sockaddr.h"
#include "common/io/splice.h"

enum { LISTENERS_MAX = 16, HEAD_TIMEOUT_MS = 30000, IDLE_TIMEOUT_MS = 300000, LINGER_MS = 2000, BODY_MAX = 16 << 10 };

struct forward_conn {
	LIST_ENTRY(forward_conn) link;
	struct forward_server *server;
	struct bufferevent *client, *target; /* the splice's once there is one */
	struct event *timer;		     /* of the head, of the linger after a refusal */
	struct splice *splice;
	struct addr peer;
	struct forward_way way;
	size_t head_len; /* once choose has seen it */
	unsigned tries;	 /* at an address of the target */
	bool is_refused;
};

struct forward_server {
	struct event_base *base;
	struct forward_hooks hooks;
	struct evconnlistener *listeners[LISTENERS_MAX];
	size_t n_listeners;
	LIST_HEAD(, forward_conn) conns;
	unsigned n_conns;
};

static void conn_free(struct forward_conn *c)
{
	LIST_REMOVE(c, link);
	c->server->n_conns--;
	splice_free(c->splice);
	if (c->client != NULL)
		bufferevent_free(c->client);
	if (c->target != NULL)
		bufferevent_free(c->target);
	if (c->timer != NULL)
		event_free(c->timer);
	free(c);
}

static void set_timer(struct forward_conn *c, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_add(c->timer, &tv);
}

/* The head, still at the front of what was read. */
static struct span head_of(struct forward_conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->client);

	if (c->head_len == 0)
		return SPAN_EMPTY;
	return span_of(evbuffer_pullup(in, (ev_ssize_t)c->head_len), c->head_len);
}

static void on_refusal_read(struct bufferevent *client, void *arg UNUSED)
{
	struct evbuffer *in = bufferevent_get_input(client);

	evbuffer_drain(in, evbuffer_get_length(in));
}

/* The client shall read it all before the connection goes. */
static void on_refusal_written(struct bufferevent *client, void *arg UNUSED)
{
	shutdown(bufferevent_getfd(client), SHUT_WR);
}

static void on_client_event(struct bufferevent *client UNUSED, short what UNUSED, void *arg)
{
	conn_free(arg);
}

static void refuse(struct forward_conn *c, int status, const struct err *err)
{
	const struct forward_hooks *hooks = &c->server->hooks;
	SCOPED_DONE(buf) struct buf body = BUF_INIT(BODY_MAX);
	struct evbuffer *out = bufferevent_get_output(c->client);
	const char *type = hooks->refuse(status, head_of(c), &c->peer, err, &body, hooks->arg);

	c->is_refused = true;
	if (c->target != NULL)
		bufferevent_free(TAKE(c->target));
	evbuffer_add_printf(out,
			    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
			    status, http_status_phrase(status), type, body.len);
	evbuffer_add(out, buf_cstr(&body), body.len);
	on_refusal_read(c->client, c);
	bufferevent_setcb(c->client, on_refusal_read, on_refusal_written, on_client_event, c);
	bufferevent_enable(c->client, EV_READ | EV_WRITE);
	set_timer(c, LINGER_MS);
}

static void refuse_plainly(struct forward_conn *c, int status, const char *why)
{
	struct err err = ERR_INIT;

	(void)err_say(&err, FAULT_UNAVAILABLE, "", "%s", why);
	refuse(c, status, &err);
}

static void on_timer(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
	struct forward_conn *c = arg;

	if (c->is_refused || evbuffer_get_length(bufferevent_get_input(c->client)) == 0)
		conn_free(c);
	else if (c->head_len > 0) /* whoever listens at the target takes no connection */
		refuse_plainly(c, 502, "");
	else
		refuse_plainly(c, 408, "The head of the request did not arrive in time.");
}

static void on_splice_end(void *arg)
{
	conn_free(arg);
}

static void start_splice(struct forward_conn *c)
{
	static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	struct splice_hooks hooks = { on_splice_end, c, c->server->hooks.idle_timeout_ms };

	event_del(c->timer);
	if (c->way.is_tunnel) {
		evbuffer_drain(bufferevent_get_input(c->client), c->head_len);
		evbuffer_add(bufferevent_get_output(c->client), established, sizeof(established) - 1);
	}
	if (splice_new(c->server->base, TAKE(c->client), TAKE(c->target), &hooks, &c->splice) != FAULT_NONE)
		conn_free(c);
}

static void try_next(struct forward_conn *c);

static void on_target_event(struct bufferevent *target UNUSED, short what, void *arg)
{
	struct forward_conn *c = arg;

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		start_splice(c);
		return;
	}
	bufferevent_free(TAKE(c->target));
	try_next(c);
}

static void set_no_delay(int fd)
{
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* Negative when there is none to be had. */
static int socket_from(const struct addr *to, const struct addr *peer)
{
	struct sockaddr_storage ss;
	int fd = socket(addr_is_ipv4(to) ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fd;
	set_no_delay(fd);
	/* Only for show: without it the target sees us. */
	if (addr_is_loopback(peer) && addr_is_ipv4(peer) == addr_is_ipv4(to))
		(void)!bind(fd, (struct sockaddr *)&ss, sockaddr_from_addr(peer, 0, &ss));
	return fd;
}

static bool connect_to(struct forward_conn *c, const struct addr *to)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from_addr(to, c->way.port, &ss);
	int fd = socket_from(to, &c->peer);

	if (fd < 0)
		return false;
	c->target = bufferevent_socket_new(c->server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->target == NULL) {
		close(fd);
		return false;
	}
	if (bufferevent_socket_connect(c->target, (struct sockaddr *)&ss, (int)len) != 0) {
		bufferevent_free(TAKE(c->target));
		return false;
	}
	/* Only now: a failure at once is told by the return alone. */
	bufferevent_setcb(c->target, NULL, NULL, on_target_event, c);
	return true;
}

/* A daemon may listen on one family alone; the client's own comes first. */
static void try_next(struct forward_conn *c)
{
	static const struct addr loopback[] = {
		{ .bytes = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } },
		{ .bytes = { [15] = 1 } },
	};

	while (c->tries < ARRAY_LEN(loopback)) {
		unsigned i = addr_is_ipv4(&c->peer) ? c->tries : 1 - c->tries;

		c->tries++;
		if (connect_to(c, &loopback[i]))
			return;
	}
	refuse_plainly(c, 502, "");
}

static void on_head(struct bufferevent *client, void *arg)
{
	struct forward_conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(client);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	struct err err = ERR_INIT;
	int status;

	if (end.pos < 0 || end.pos + 4 > FORWARD_HEAD_MAX) {
		if (end.pos >= 0 || evbuffer_get_length(in) >= FORWARD_HEAD_MAX)
			refuse_plainly(c, 431, "The head of the request is too long.");
		return;
	}
	c->head_len = (size_t)end.pos + 4;
	/* What follows the head waits, in the buffer and in the socket. */
	bufferevent_disable(client, EV_READ);
	status = c->server->hooks.choose(head_of(c), &c->way, &err, c->server->hooks.arg);
	if (status != 0)
		refuse(c, status, &err);
	else
		try_next(c);
}

static void on_accept(struct evconnlistener *l UNUSED, evutil_socket_t fd, struct sockaddr *from, int len, void *arg)
{
	struct forward_server *s = arg;
	struct forward_conn *c = calloc(1, sizeof(*c));
	struct sockaddr_storage ss = { 0 };
	uint16_t port;

	if (c == NULL) {
		close(fd);
		return;
	}
	c->server = s;
	LIST_INSERT_HEAD(&s->conns, c, link);
	s->n_conns++;
	memcpy(&ss, from, (size_t)len < sizeof(ss) ? (size_t)len : sizeof(ss));
	(void)sockaddr_to_addr(&ss, &c->peer, &port);
	set_no_delay(fd);
	c->timer = evtimer_new(s->base, on_timer, c);
	c->client = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->timer == NULL || c->client == NULL) {
		if (c->client == NULL)
			close(fd);
		conn_free(c);
		return;
	}
	bufferevent_setwatermark(c->client, EV_READ, 0, FORWARD_HEAD_MAX);
	bufferevent_setcb(c->client, on_head, NULL, on_client_event, c);
	bufferevent_enable(c->client, EV_READ);
	set_timer(c, s->hooks.head_timeout_ms);
}

enum fault forward_server_new(struct event_base *base, const struct forward_hooks *hooks, struct forward_server **ret)
{
	struct forward_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return FAULT_MEMORY;
	s->base = base;
	s->hooks = *hooks;
	if (s->hooks.head_timeout_ms == 0)
		s->hooks.head_timeout_ms = HEAD_TIMEOUT_MS;
	if (s->hooks.idle_timeout_ms == 0)
		s->hooks.idle_timeout_ms = IDLE_TIMEOUT_MS;
	LIST_INIT(&s->conns);
	*ret = s;
	return FAULT_NONE;
}

enum fault forward_server_listen(struct forward_server *s, int take_fd)
{
	struct evconnlistener *l = NULL;

	if (s->n_listeners < LISTENERS_MAX)
		l = evconnlistener_new(s->base, on_accept, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0,
				       take_fd);
	if (l == NULL) {
		close(take_fd);
		return FAULT_MEMORY;
	}
	s->listeners[s->n_listeners++] = l;
	return FAULT_NONE;
}

void forward_server_stop_accepting(struct forward_server *s)
{
	while (s->n_listeners > 0)
		evconnlistener_free(s->listeners[--s->n_listeners]);
}

void forward_server_free(struct forward_server *s)
{
	struct forward_conn *c;

	if (s == NULL)
		return;
	forward_server_stop_accepting(s);
	while ((c = LIST_FIRST(&s->conns)) != NULL)
		conn_free(c);
	free(s);
}

unsigned forward_server_connections(const struct forward_server *s)
{
	return s->n_conns;
}
