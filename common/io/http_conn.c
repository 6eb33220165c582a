#include "common/io/http_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "common/io/sockaddr.h"
#include "common/io/tls.h"

enum { WRITE_STALL_S = 60, STATUS_LINE_MAX = 128 };

struct http_conn {
	const struct http_conn_owner *owner;
	struct bufferevent *under;  /* the socket; freed by the filter */
	struct bufferevent *filter; /* evhttp's */
	struct tls_session *tls;
	struct evbuffer *wire; /* on its way to the socket */
	struct event *deadline;
	struct event *refusal; /* fires once evhttp has written a refusal of its own */
	bool is_reading;       /* the deadline runs */
	bool is_handling;      /* between http_conn_begin and http_conn_push_reply */
	bool is_refusing;      /* refusal is about to fire: what evhttp wrote stays where it is until then */
	struct http_conn **slot;
	void (*on_gone)(void *arg);
	void *gone_arg;
	int fd;
	size_t body_max; /* 0 until the client's name is known */
	size_t request;	 /* bytes of the request, when its body may be large */
	bool has_peer, is_local;
	struct addr peer;
	uint16_t peer_port;
};

/* evhttp gives no way from a request to its connection's data but the descriptor. Loop thread only. */
static struct http_conn **by_fd;
static size_t by_fd_len;

static bool remember(struct http_conn *c, int fd)
{
	if ((size_t)fd >= by_fd_len) {
		size_t n = by_fd_len == 0 ? 256 : by_fd_len;
		struct http_conn **bigger;

		while (n <= (size_t)fd)
			n *= 2;
		bigger = realloc(by_fd, n * sizeof(*bigger));
		if (bigger == NULL)
			return false;
		memset(bigger + by_fd_len, 0, (n - by_fd_len) * sizeof(*bigger));
		by_fd = bigger;
		by_fd_len = n;
	}
	by_fd[fd] = c;
	c->fd = fd;
	return true;
}

/* The last connection of a process gives the table back, so that a leak checker sees a clean exit. */
static void forget(struct http_conn *c)
{
	size_t i;

	if (c->fd < 0 || by_fd[c->fd] != c)
		return;
	by_fd[c->fd] = NULL;
	for (i = 0; i < by_fd_len && by_fd_len <= 256; i++)
		if (by_fd[i] != NULL)
			return;
	if (by_fd_len <= 256) {
		free(by_fd);
		by_fd = NULL;
		by_fd_len = 0;
	}
}

/* What the requests with large bodies hold, of all connections. Loop thread only. */
static size_t large_bytes;

static void limit_body(struct http_conn *c, size_t max)
{
	void *evcon = NULL;

	/* evhttp's callbacks have its connection, and nothing else leads there. */
	bufferevent_getcb(c->filter, NULL, NULL, NULL, &evcon);
	if (evcon != NULL)
		evhttp_connection_set_max_body_size(evcon, (ev_ssize_t)max);
}

/* Plain bytes came in. The name is known by then. */
static void count_in(struct http_conn *c, size_t n)
{
	if (n == 0)
		return;
	if (c->body_max == 0)
		c->body_max = c->owner->body_max == NULL ? HTTP_BODY_MAX
							 : c->owner->body_max(tls_session_name(c->tls), c->owner->arg);
	if (c->body_max <= HTTP_BODY_MAX)
		return;
	c->request += n;
	large_bytes += n;
	limit_body(c, large_bytes > HTTP_LARGE_BODIES_MAX ? HTTP_BODY_MAX : c->body_max);
}

/* The request is answered, or its connection gone. */
static void count_out(struct http_conn *c)
{
	large_bytes -= c->request;
	c->request = 0;
}

static void hang_up(struct http_conn *c)
{
	int fd = bufferevent_getfd(c->under);

	/* evhttp owns the connection; it sees the end of file and frees everything in its own order. */
	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
}

static void on_deadline(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
	hang_up(arg);
}

static void start_deadline(struct http_conn *c)
{
	struct timeval tv = { c->owner->request_timeout_s, 0 };

	if (c->is_reading)
		return;
	c->is_reading = true;
	event_add(c->deadline, &tv);
}

static void stop_deadline(struct http_conn *c)
{
	if (c->is_reading)
		event_del(c->deadline);
	c->is_reading = false;
}

/* Straight to the kernel: one turn of the loop less for each reply, and evhttp, which shuts the socket down once its
 * own buffer is empty, finds the bytes already gone. What the kernel does not take goes the usual way. */
static void write_through(struct http_conn *c)
{
	struct evbuffer *out = bufferevent_get_output(c->under);
	int fd = bufferevent_getfd(c->under);

	if (evbuffer_get_length(c->wire) == 0)
		return;
	if (fd >= 0 && evbuffer_get_length(out) == 0)
		evbuffer_write(c->wire, fd);
	if (evbuffer_get_length(c->wire) > 0)
		evbuffer_add_buffer(out, c->wire);
}

static enum bufferevent_filter_result filter_in(struct evbuffer *src, struct evbuffer *dst, ev_ssize_t limit UNUSED,
						enum bufferevent_flush_mode mode UNUSED, void *arg)
{
	struct http_conn *c = arg;
	enum tls_status st;
	size_t had = evbuffer_get_length(dst);

	if (c->fd < 0 && !remember(c, bufferevent_getfd(c->under)))
		return BEV_ERROR;
	if (!c->is_handling && evbuffer_get_length(src) > 0)
		start_deadline(c);
	if (c->tls == NULL)
		return evbuffer_get_length(src) == 0	    ? BEV_NEED_MORE
		       : evbuffer_add_buffer(dst, src) == 0 ? BEV_OK
							    : BEV_ERROR;
	st = tls_session_read(c->tls, src, c->wire, dst);
	count_in(c, evbuffer_get_length(dst) - had);
	write_through(c);
	switch (st) {
	case TLS_PROGRESS:
		return BEV_OK;
	case TLS_MORE:
		return BEV_NEED_MORE;
	case TLS_CLOSED:
	case TLS_FAILED:
		break;
	}
	evbuffer_drain(src, evbuffer_get_length(src));
	hang_up(c);
	return evbuffer_get_length(dst) > 0 ? BEV_OK : BEV_ERROR;
}

static enum bufferevent_filter_result filter_out(struct evbuffer *src, struct evbuffer *dst UNUSED,
						 ev_ssize_t limit UNUSED, enum bufferevent_flush_mode mode UNUSED,
						 void *arg)
{
	struct http_conn *c = arg;

	/* The socket may turn writable between evhttp's refusal and ours. */
	if (evbuffer_get_length(src) == 0 || c->is_refusing)
		return BEV_NEED_MORE;
	if (c->tls == NULL) {
		if (evbuffer_add_buffer(c->wire, src) != 0)
			return BEV_ERROR;
	} else if (tls_session_write(c->tls, src, c->wire) != TLS_PROGRESS) {
		hang_up(c);
		return BEV_ERROR;
	}
	write_through(c);
	return BEV_OK;
}

static void conn_free(void *arg)
{
	struct http_conn *c = arg;

	forget(c);
	count_out(c);
	if (c->slot != NULL)
		*c->slot = NULL;
	if (c->on_gone != NULL)
		c->on_gone(c->gone_arg);
	event_free(c->deadline);
	event_free(c->refusal);
	evbuffer_free(c->wire);
	tls_session_free(c->tls);
	free(c);
}

static struct evbuffer *refusal_page(const struct http_conn *c, int status)
{
	SCOPED_DONE(buf) struct buf body = BUF_INIT(4096);
	struct span name = c->tls == NULL ? SPAN_EMPTY : tls_session_name(c->tls);
	const char *type = c->owner->write_refusal(status, name, &body, c->owner->arg);
	struct evbuffer *page = evbuffer_new();

	if (page == NULL)
		return NULL;
	evbuffer_add_printf(page,
			    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
			    status, http_status_phrase(status), type, body.len);
	evbuffer_add(page, body.len > 0 ? body.data : "", body.len);
	return page;
}

/* evhttp has freed the connection; what is left of it goes later in this turn of the loop. */
static bool is_leaving(const struct http_conn *c)
{
	bufferevent_event_cb on_event = NULL;

	bufferevent_getcb(c->filter, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

static void tell_refused(struct http_conn *c, int status)
{
	struct addr peer;
	uint16_t port;

	if (c->owner->on_refused == NULL)
		return;
	http_conn_peer(c, &peer, &port);
	c->owner->on_refused(status, &peer, http_conn_is_tls(c), c->owner->arg);
}

/* evhttp wrote a page of its own: "HTTP/1.1 400 …" and HTML. Its status is kept, its words are not. The new page goes
 * in with one call: the filter pushes what it gets at once, and evhttp then closes the connection. */
static void on_refusal(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
	struct http_conn *c = arg;
	struct evbuffer *out = bufferevent_get_output(c->filter), *page;
	char head[48] = "", *blank;
	int status;

	if (is_leaving(c))
		return;
	c->is_refusing = false;
	evbuffer_copyout(out, head, sizeof(head) - 1);
	/* The version is whatever the client said: "HTTP/0.1" comes back as it is. */
	blank = strchr(head, ' ');
	if (strncmp(head, "HTTP/", 5) != 0 || blank == NULL || strncmp(blank, " 100", 4) == 0) {
		bufferevent_flush(c->filter, EV_WRITE, BEV_FLUSH);
		return;
	}
	status = atoi(blank + 1);
	if (status < 400)
		status = 501; /* a method evhttp does not know gets no status at all */
	page = refusal_page(c, status);
	if (page == NULL) {
		hang_up(c);
		return;
	}
	tell_refused(c, status);
	c->is_handling = true; /* this output is ours */
	evbuffer_drain(out, evbuffer_get_length(out));
	evbuffer_add_buffer(out, page);
	evbuffer_free(page);
}

static void on_output(struct evbuffer *out UNUSED, const struct evbuffer_cb_info *info, void *arg)
{
	struct http_conn *c = arg;

	if (info->n_added == 0 || c->is_handling)
		return;
	c->is_refusing = true;
	event_active(c->refusal, EV_TIMEOUT, 0);
}

struct bufferevent *http_conn_new(const struct http_conn_owner *owner)
{
	struct http_conn *c = calloc(1, sizeof(*c));
	struct timeval stall = { WRITE_STALL_S, 0 };

	if (c == NULL)
		return NULL;
	c->owner = owner;
	c->fd = -1;
	c->wire = evbuffer_new();
	c->under = bufferevent_socket_new(owner->base, -1, BEV_OPT_CLOSE_ON_FREE);
	c->deadline = evtimer_new(owner->base, on_deadline, c);
	c->refusal = event_new(owner->base, -1, 0, on_refusal, c);
	if (owner->tls != NULL)
		c->tls = tls_session_new(owner->tls);
	if (c->wire == NULL || c->under == NULL || c->deadline == NULL || c->refusal == NULL ||
	    (owner->tls != NULL && c->tls == NULL))
		goto failed;
	bufferevent_set_timeouts(c->under, NULL, &stall);
	c->filter = bufferevent_filter_new(c->under, filter_in, filter_out, BEV_OPT_CLOSE_ON_FREE, conn_free, c);
	if (c->filter == NULL)
		goto failed;
	evbuffer_add_cb(bufferevent_get_output(c->filter), on_output, c);
	return c->filter;

failed:
	if (c->wire != NULL)
		evbuffer_free(c->wire);
	if (c->under != NULL)
		bufferevent_free(c->under);
	if (c->deadline != NULL)
		event_free(c->deadline);
	if (c->refusal != NULL)
		event_free(c->refusal);
	tls_session_free(c->tls);
	free(c);
	return NULL;
}

struct http_conn *http_conn_of(struct evhttp_request *req)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	int fd;

	if (evcon == NULL)
		return NULL;
	fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));
	return fd >= 0 && (size_t)fd < by_fd_len ? by_fd[fd] : NULL;
}

void http_conn_begin(struct http_conn *c, struct http_conn **slot)
{
	stop_deadline(c);
	c->is_handling = true;
	c->is_refusing = false; /* a "100 Continue" may go now */
	c->slot = slot;
}

/* Puts our headers behind the status line that evhttp wrote, in one piece: through evhttp each header costs a formatted
 * print and several allocations. The prepending may push everything, and the connection may be gone after it. */
static void insert_head(struct http_conn *c, struct span head)
{
	struct evbuffer *out = bufferevent_get_output(c->filter);
	SCOPED_DONE(buf) struct buf top = BUF_INIT(HTTP_REPLY_HEAD_MAX + STATUS_LINE_MAX);
	size_t eol_len = 0;
	struct evbuffer_ptr eol = evbuffer_search_eol(out, NULL, &eol_len, EVBUFFER_EOL_CRLF_STRICT);
	size_t line_len = eol.pos < 0 ? STATUS_LINE_MAX + 1 : (size_t)eol.pos + eol_len;
	void *line = line_len > STATUS_LINE_MAX ? NULL : buf_reserve(&top, line_len);

	if (line == NULL || evbuffer_remove(out, line, line_len) != (int)line_len) {
		hang_up(c);
		return;
	}
	buf_put_span(&top, head);
	if (buf_fault(&top) != FAULT_NONE || evbuffer_prepend(out, top.data, top.len) != 0)
		hang_up(c);
}

void http_conn_push_reply(struct http_conn **slot, struct span head)
{
	struct http_conn *c = *slot;

	/* The filter does not push by itself once EV_WRITE is enabled after the buffer was filled. Flushing completes
	 * the request, and evhttp may free the connection there. */
	if (head.len > 0)
		insert_head(c, head);
	if (*slot != NULL && !is_leaving(c))
		bufferevent_flush(c->filter, EV_WRITE, BEV_FLUSH);
	if (*slot == NULL)
		return;
	c->slot = NULL;
	c->is_handling = false;
	count_out(c);
	if (!is_leaving(c) && evbuffer_get_length(bufferevent_get_input(c->filter)) > 0)
		start_deadline(c); /* a pipelined request has begun */
}

void http_conn_on_gone(struct http_conn *c, void (*on_gone)(void *arg), void *arg)
{
	c->on_gone = on_gone;
	c->gone_arg = arg;
	/* The client has nothing more to say, so that evhttp's read time-out would end every long reply. */
	bufferevent_set_timeouts(c->filter, NULL, NULL);
}

void http_conn_push(struct http_conn *c, struct span head)
{
	if (head.len > 0)
		insert_head(c, head);
	if (!is_leaving(c))
		bufferevent_flush(c->filter, EV_WRITE, BEV_FLUSH);
}

size_t http_conn_unsent(const struct http_conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->filter)) +
	       evbuffer_get_length(bufferevent_get_output(c->under));
}

bool http_conn_is_tls(const struct http_conn *c)
{
	return c->tls != NULL;
}

static void learn_peer(struct http_conn *c)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	c->has_peer = true;
	if (getpeername(bufferevent_getfd(c->under), (struct sockaddr *)&ss, &len) != 0)
		return;
	c->is_local = ss.ss_family == AF_UNIX;
	if (!c->is_local)
		(void)sockaddr_to_addr(&ss, &c->peer, &c->peer_port);
}

bool http_conn_is_local(struct http_conn *c)
{
	if (!c->has_peer)
		learn_peer(c);
	return c->is_local;
}

void http_conn_peer(struct http_conn *c, struct addr *ret, uint16_t *ret_port)
{
	if (!c->has_peer)
		learn_peer(c);
	*ret = c->peer;
	*ret_port = c->peer_port;
}
