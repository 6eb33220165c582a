#include "common/io/http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "common/io/http_conn.h"
#include "common/io/timer.h"
#include "common/io/tls.h"
#include "common/plain/text.h"

enum { POOL_MAX = 8 << 20, SPARE_MAX = 64, REQUEST_TIMEOUT_S = 30, IDLE_TIMEOUT_S = 120, LISTENERS_MAX = 16 };

struct http_exchange {
	struct http_server *server;
	struct evhttp_request *req; /* NULL: a request of our own */
	struct http_conn *conn;	    /* NULL once the client is gone */
	struct http_inner inner;
	int inner_status;
	struct span inner_reply;
	struct pool pool;
	struct http_request request;
	struct buf head; /* reply headers, each with its line break */
	struct http_exchange *next_spare;
};

struct http_server {
	unsigned refs; /* itself, and each exchange in flight */
	struct evhttp *plain, *secure;
	struct http_server_options opt;
	struct http_conn_owner plain_owner, secure_owner;
	struct evhttp_bound_socket *bound[LISTENERS_MAX];
	bool bound_is_tls[LISTENERS_MAX];
	size_t n_bound;
	unsigned in_flight;
	struct http_exchange *spare;
	unsigned n_spare;
	struct timer *inner_turn;
	struct http_exchange *answered, **answered_end; /* requests of our own whose reply is on its way */
};

static const struct {
	enum http_method method;
	enum evhttp_cmd_type cmd;
	const char *name;
} methods[] = {
	{ HTTP_GET, EVHTTP_REQ_GET, "GET" },
	{ HTTP_HEAD, EVHTTP_REQ_HEAD, "HEAD" },
	{ HTTP_POST, EVHTTP_REQ_POST, "POST" },
	{ HTTP_PUT, EVHTTP_REQ_PUT, "PUT" },
	{ HTTP_PATCH, EVHTTP_REQ_PATCH, "PATCH" },
	{ HTTP_DELETE, EVHTTP_REQ_DELETE, "DELETE" },
	{ HTTP_OPTIONS, EVHTTP_REQ_OPTIONS, "OPTIONS" },
};

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Request Entity Too Large" },
	{ 416, "Requested Range Not Satisfiable" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 507, "Insufficient Storage" },
};

const char *http_method_name(enum http_method m)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(methods); i++)
		if (methods[i].method == m)
			return methods[i].name;
	return "OTHER";
}

const char *http_status_phrase(int status)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

static enum http_method method_of(enum evhttp_cmd_type cmd)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(methods); i++)
		if (methods[i].cmd == cmd)
			return methods[i].method;
	return HTTP_OTHER;
}

const struct http_request *http_exchange_request(const struct http_exchange *x)
{
	return &x->request;
}

struct pool *http_exchange_pool(struct http_exchange *x)
{
	return &x->pool;
}

const void *http_exchange_sender(const struct http_exchange *x)
{
	return x->req == NULL ? x->inner.sender : NULL;
}

const char *http_exchange_header(const struct http_exchange *x, const char *name)
{
	if (x->req == NULL)
		return strcasecmp(name, "User-Agent") == 0 ? x->inner.user_agent : NULL;
	return evhttp_find_header(evhttp_request_get_input_headers(x->req), name);
}

struct span http_exchange_header_list(struct http_exchange *x, const char *name)
{
	SCOPED_DONE(buf) struct buf list = BUF_INIT(HTTP_HEADERS_MAX * 2);
	const struct evkeyval *h;
	unsigned n = 0;

	if (x->req == NULL)
		return SPAN_EMPTY;
	TAILQ_FOREACH(h, evhttp_request_get_input_headers(x->req), next)
	{
		if (strcasecmp(h->key, name) != 0)
			continue;
		if (n++ > 0)
			buf_put_char(&list, ',');
		buf_put_cstr(&list, h->value);
	}
	if (buf_fault(&list) != FAULT_NONE)
		return (struct span){ NULL, 0 };
	return list.len == 0 ? SPAN_EMPTY : pool_dup(&x->pool, buf_span(&list));
}

struct span http_query(const struct http_request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_query; i++)
		if (span_eq_nocase(r->query[i].name, span_cstr(name)))
			return r->query[i].value;
	return (struct span){ NULL, 0 };
}

static struct span decoded(struct pool *pool, struct span s, bool is_query)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(HTTP_HEADERS_MAX);

	if (s.len == 0)
		return SPAN_EMPTY;
	if (memchr(s.p, '%', s.len) == NULL && (!is_query || memchr(s.p, '+', s.len) == NULL))
		return s;
	percent_decode(&b, s, is_query);
	return pool_dup(pool, buf_span(&b));
}

/* Names are decoded too: one SDK sends "api%2Dversion". Parameters past the limit are dropped, none is needed. */
static size_t read_query(struct span query, struct pool *pool, struct http_param *out, size_t max)
{
	size_t n = 0;

	while (query.len > 0 && n < max) {
		struct span one, name, value;

		query = span_cut(query, '&', &one);
		if (one.len == 0)
			continue;
		value = span_cut(one, '=', &name);
		out[n].name = decoded(pool, name, true);
		out[n++].value = decoded(pool, value, true);
	}
	return n;
}

size_t http_exchange_form(struct http_exchange *x, struct http_param *out, size_t max)
{
	return read_query(x->request.body, &x->pool, out, max);
}

size_t http_exchange_take_body(struct http_exchange *x, void *out, size_t max)
{
	int n = x->req == NULL ? 0 : evbuffer_remove(evhttp_request_get_input_buffer(x->req), out, max);

	return n > 0 ? (size_t)n : 0;
}

static struct span lower_dup(struct pool *pool, struct span s)
{
	char *p = pool_strndup(pool, s.p, s.len);

	if (p == NULL)
		return SPAN_EMPTY;
	ascii_lower_str(p);
	return span_of(p, s.len);
}

/* A proxy's client sends the absolute form; its authority then says the host. */
static struct span strip_authority(struct span target, struct span *host)
{
	struct span rest;

	if (span_starts_nocase(target, SPAN_LIT("http://")))
		rest = span_from(target, 7);
	else if (span_starts_nocase(target, SPAN_LIT("https://")))
		rest = span_from(target, 8);
	else
		return target;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.p[i] == '/' || rest.p[i] == '?') {
			*host = span_first(rest, i);
			return span_from(rest, i);
		}
	*host = rest;
	return SPAN_LIT("/");
}

static void read_target(struct http_exchange *x, struct span target, struct span host)
{
	struct http_request *r = &x->request;

	r->target = target;
	target = strip_authority(target, &host);
	r->host = lower_dup(&x->pool, host);
	target = span_cut(target, '#', &r->path).p == NULL ? target : r->path;
	r->n_query = read_query(span_cut(target, '?', &r->path), &x->pool, r->query, HTTP_QUERY_MAX);
}

static void read_request(struct http_exchange *x)
{
	struct http_request *r = &x->request;
	struct evbuffer *in = evhttp_request_get_input_buffer(x->req);
	size_t body_len = evbuffer_get_length(in);

	/* evhttp would end the connection after a request in absolute form, and not say so. */
	x->req->flags &= ~EVHTTP_PROXY_REQUEST;
	r->method = method_of(evhttp_request_get_command(x->req));
	read_target(x, span_cstr(evhttp_request_get_uri(x->req)), span_cstr(http_exchange_header(x, "Host")));
	r->body = body_len == 0 || body_len > HTTP_BODY_MAX ? SPAN_EMPTY : span_of(evbuffer_pullup(in, -1), body_len);
	r->body_len = body_len;
	r->is_tls = http_conn_is_tls(x->conn);
	r->is_local = http_conn_is_local(x->conn);
	http_conn_peer(x->conn, &r->peer, &r->peer_port);
}

static struct http_exchange *exchange_take(struct http_server *s)
{
	struct http_exchange *x = s->spare;

	if (x != NULL) {
		s->spare = x->next_spare;
		s->n_spare--;
		return x;
	}
	x = calloc(1, sizeof(*x));
	if (x != NULL)
		pool_init(&x->pool, POOL_MAX);
	if (x != NULL)
		x->head = BUF_INIT(HTTP_REPLY_HEAD_MAX);
	return x;
}

static void exchange_free(struct http_exchange *x)
{
	pool_done(&x->pool);
	buf_done(&x->head);
	free(x);
}

static void server_unref(struct http_server *s)
{
	if (--s->refs > 0)
		return;
	while (s->spare != NULL) {
		struct http_exchange *x = s->spare;

		s->spare = x->next_spare;
		exchange_free(x);
	}
	free(s);
}

static void exchange_put(struct http_exchange *x)
{
	struct http_server *s = x->server;

	s->in_flight--;
	if (s->n_spare < SPARE_MAX) {
		pool_reset(&x->pool);
		buf_clear(&x->head);
		x->next_spare = s->spare;
		s->spare = x;
		s->n_spare++;
	} else {
		exchange_free(x);
	}
	server_unref(s);
}

static void on_request(struct evhttp_request *req, void *arg)
{
	struct http_server *s = arg;
	struct http_conn *conn = http_conn_of(req);
	struct http_exchange *x = conn == NULL ? NULL : exchange_take(s);

	if (x == NULL) {
		evhttp_send_error(req, 503, NULL);
		return;
	}
	s->refs++;
	s->in_flight++;
	x->server = s;
	x->req = req;
	x->conn = conn;
	http_conn_begin(conn, &x->conn);
	read_request(x);
	s->opt.handler(x, s->opt.arg);
}

enum fault http_server_send_inner(struct http_server *s, const struct http_inner *in)
{
	struct http_exchange *x = exchange_take(s);
	struct http_request *r;

	if (x == NULL)
		return FAULT_MEMORY;
	s->refs++;
	s->in_flight++;
	x->server = s;
	x->req = NULL;
	x->conn = NULL;
	x->inner = *in;
	x->inner.user_agent = pool_strndup(&x->pool, in->user_agent, strlen(in->user_agent));
	r = &x->request;
	memset(r, 0, sizeof(*r));
	r->method = in->method;
	r->is_tls = true;
	r->peer = in->from;
	r->body = in->body.len == 0 ? SPAN_EMPTY : pool_dup(&x->pool, in->body);
	r->body_len = r->body.len;
	read_target(x, pool_dup(&x->pool, in->target), in->host);
	if (x->inner.user_agent == NULL || r->target.p == NULL || r->body.p == NULL) {
		exchange_put(x);
		return FAULT_TOO_LARGE;
	}
	s->opt.handler(x, s->opt.arg);
	return FAULT_NONE;
}

/* Only those that wait now: what a reply leads to comes in the turn after. */
static void on_inner_turn(void *arg)
{
	struct http_server *s = arg;
	struct http_exchange *x = TAKE(s->answered);

	s->answered_end = &s->answered;
	while (x != NULL) {
		struct http_exchange *next = x->next_spare;

		x->inner.on_reply(x->inner.arg, x->inner_status, x->inner_reply);
		exchange_put(x);
		x = next;
	}
}

/* A reply too large for the exchange's memory becomes a failure of ours. */
static void reply_inner(struct http_exchange *x, int status, struct span body)
{
	struct http_server *s = x->server;

	x->inner_reply = body.len == 0 ? SPAN_EMPTY : pool_dup(&x->pool, body);
	x->inner_status = x->inner_reply.p == NULL ? 500 : status;
	x->next_spare = NULL;
	if (s->inner_turn == NULL) { /* the server is gone: nobody wants to know */
		exchange_put(x);
		return;
	}
	*s->answered_end = x;
	s->answered_end = &x->next_spare;
	timer_set(s->inner_turn, 0);
}

void http_reply_header(struct http_exchange *x, const char *name, const char *value)
{
	/* Whole or not at all: half a header would swallow the next one. */
	if (strpbrk(value, "\r\n") != NULL ||
	    x->head.len + strlen(name) + strlen(value) + sizeof(": \r\n") > HTTP_REPLY_HEAD_MAX)
		return;
	buf_put_cstr(&x->head, name);
	buf_put(&x->head, ": ", 2);
	buf_put_cstr(&x->head, value);
	buf_put(&x->head, "\r\n", 2);
}

void http_reply(struct http_exchange *x, int status, struct span body)
{
	struct evhttp_request *req = x->req;

	if (x->request.method == HTTP_HEAD)
		body = SPAN_EMPTY;
	if (req == NULL) {
		reply_inner(x, status, body);
		return;
	}
	/* A connection that is gone took evhttp's side with it; the send below then only frees the request. */
	if (buf_fault(&x->head) != FAULT_NONE ||
	    (body.len > 0 && evbuffer_add(evhttp_request_get_output_buffer(req), body.p, body.len) != 0))
		status = 500;
	if (body.len == 0 && status != 204 && x->request.method != HTTP_HEAD)
		evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Length", "0");
	evhttp_send_reply(req, status, http_status_phrase(status), NULL);
	if (x->conn != NULL)
		http_conn_push_reply(&x->conn, buf_span(&x->head));
	exchange_put(x);
}

void http_reply_length(struct http_exchange *x, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	evhttp_add_header(evhttp_request_get_output_headers(x->req), "Content-Length", text);
}

void http_reply_start(struct http_exchange *x, int status, void (*on_gone)(void *arg), void *arg)
{
	evhttp_add_header(evhttp_request_get_output_headers(x->req), "Connection", "close");
	if (x->conn != NULL)
		http_conn_on_gone(x->conn, on_gone, arg);
	evhttp_send_reply_start(x->req, status, http_status_phrase(status));
	if (x->conn != NULL)
		http_conn_push(x->conn, buf_span(&x->head));
}

void http_reply_chunk(struct http_exchange *x, struct span bytes)
{
	struct evbuffer *piece;

	if (x->conn == NULL || bytes.len == 0)
		return;
	piece = evbuffer_new();
	if (piece != NULL && evbuffer_add(piece, bytes.p, bytes.len) == 0)
		evhttp_send_reply_chunk(x->req, piece);
	if (piece != NULL)
		evbuffer_free(piece);
	http_conn_push(x->conn, SPAN_EMPTY);
}

size_t http_reply_unsent(const struct http_exchange *x)
{
	return x->conn == NULL ? 0 : http_conn_unsent(x->conn);
}

void http_reply_end(struct http_exchange *x)
{
	if (x->conn != NULL)
		http_conn_on_gone(x->conn, NULL, NULL);
	evhttp_send_reply_end(x->req);
	if (x->conn != NULL)
		http_conn_push_reply(&x->conn, SPAN_EMPTY);
	exchange_put(x);
}

static struct evhttp *new_evhttp(struct event_base *base, struct http_server *s, bool is_tls);

static struct bufferevent *on_plain_connection(struct event_base *base UNUSED, void *arg)
{
	struct http_server *s = arg;

	return http_conn_new(&s->plain_owner);
}

static struct bufferevent *on_secure_connection(struct event_base *base UNUSED, void *arg)
{
	struct http_server *s = arg;

	return http_conn_new(&s->secure_owner);
}

static struct evhttp *new_evhttp(struct event_base *base, struct http_server *s, bool is_tls)
{
	struct evhttp *h = evhttp_new(base);
	struct timeval idle = { s->opt.idle_timeout_s, 0 };
	ev_uint16_t allowed = 0;
	size_t i;

	if (h == NULL)
		return NULL;
	for (i = 0; i < ARRAY_LEN(methods); i++)
		allowed |= (ev_uint16_t)methods[i].cmd;
	evhttp_set_allowed_methods(h, allowed);
	evhttp_set_default_content_type(h, NULL);
	evhttp_set_max_body_size(h, HTTP_BODY_MAX);
	evhttp_set_max_headers_size(h, HTTP_HEADERS_MAX);
	evhttp_set_timeout_tv(h, &idle);
	evhttp_set_flags(h, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_bevcb(h, is_tls ? on_secure_connection : on_plain_connection, s);
	evhttp_set_gencb(h, on_request, s);
	return h;
}

enum fault http_server_new(struct event_base *base, const struct http_server_options *opt, struct http_server **ret)
{
	struct http_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return FAULT_MEMORY;
	s->refs = 1;
	s->opt = *opt;
	s->answered_end = &s->answered;
	if (s->opt.request_timeout_s == 0)
		s->opt.request_timeout_s = REQUEST_TIMEOUT_S;
	if (s->opt.idle_timeout_s == 0)
		s->opt.idle_timeout_s = IDLE_TIMEOUT_S;
	s->plain_owner = (struct http_conn_owner){
		.base = base,
		.write_refusal = opt->write_refusal,
		.on_refused = opt->on_refused,
		.body_max = opt->body_max,
		.arg = opt->arg,
		.request_timeout_s = s->opt.request_timeout_s,
		.idle_timeout_s = s->opt.idle_timeout_s,
	};
	s->secure_owner = s->plain_owner;
	s->plain = new_evhttp(base, s, false);
	s->secure = new_evhttp(base, s, true);
	if (s->plain == NULL || s->secure == NULL || timer_new(base, on_inner_turn, s, &s->inner_turn) != FAULT_NONE) {
		http_server_free(s);
		return FAULT_MEMORY;
	}
	*ret = s;
	return FAULT_NONE;
}

void http_server_stop_accepting(struct http_server *s)
{
	size_t i;

	for (i = 0; i < s->n_bound; i++)
		evhttp_del_accept_socket(s->bound_is_tls[i] ? s->secure : s->plain, s->bound[i]);
	s->n_bound = 0;
}

void http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	if (s->plain != NULL)
		evhttp_free(s->plain);
	if (s->secure != NULL)
		evhttp_free(s->secure);
	s->plain = s->secure = NULL;
	timer_free(TAKE(s->inner_turn));
	while (s->answered != NULL) {
		struct http_exchange *x = s->answered;

		s->answered = x->next_spare;
		exchange_put(x);
	}
	tls_context_free(s->secure_owner.tls);
	s->secure_owner.tls = NULL;
	server_unref(s);
}

enum fault http_server_listen(struct http_server *s, int take_fd, bool is_tls)
{
	struct evhttp_bound_socket *b;

	if (s->n_bound == LISTENERS_MAX)
		return FAULT_INVALID;
	b = evhttp_accept_socket_with_handle(is_tls ? s->secure : s->plain, take_fd);
	if (b == NULL)
		return FAULT_IO;
	s->bound[s->n_bound] = b;
	s->bound_is_tls[s->n_bound++] = is_tls;
	return FAULT_NONE;
}

void http_server_set_tls(struct http_server *s, struct tls_context *take_tls)
{
	tls_context_free(s->secure_owner.tls);
	s->secure_owner.tls = take_tls;
}

unsigned http_server_in_flight(const struct http_server *s)
{
	return s->in_flight;
}
