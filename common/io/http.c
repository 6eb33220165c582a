#include "common/io/http_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http_struct.h>
#include <event2/listener.h>

#include "common/io/tls.h"
#include "common/plain/text.h"

enum { REQUEST_TIMEOUT_S = 30, IDLE_TIMEOUT_S = 120 };

static void read_request(struct http_exchange *x)
{
	struct http_request *r = &x->request;
	struct evbuffer *in = evhttp_request_get_input_buffer(x->req);
	size_t body_len = evbuffer_get_length(in);

	/* evhttp would end the connection after a request in absolute form, and not say so. */
	x->req->flags &= ~EVHTTP_PROXY_REQUEST;
	r->method = http_method_of(evhttp_request_get_command(x->req));
	http_read_target(x, span_cstr(evhttp_request_get_uri(x->req)), span_cstr(http_exchange_header(x, "Host")));
	r->body = body_len == 0 || body_len > HTTP_BODY_MAX ? SPAN_EMPTY : span_of(evbuffer_pullup(in, -1), body_len);
	r->body_len = body_len;
	r->is_tls = http_conn_is_tls(x->conn);
	r->is_local = http_conn_is_local(x->conn);
	http_conn_peer(x->conn, &r->peer, &r->peer_port);
}

static void on_request(struct evhttp_request *req, void *arg)
{
	struct http_server *s = arg;
	struct http_conn *conn = http_conn_of(req);
	struct http_exchange *x = conn == NULL ? NULL : http_exchange_take(s);

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
		http_inner_reply(x, status, body);
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
	http_exchange_put(x);
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
	http_exchange_put(x);
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

	if (h == NULL)
		return NULL;
	evhttp_set_allowed_methods(h, http_methods_served());
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
	if (s->plain == NULL || s->secure == NULL ||
	    timer_new(base, http_inner_turn, s, &s->inner_turn) != FAULT_NONE) {
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
		http_exchange_put(x);
	}
	tls_context_free(s->secure_owner.tls);
	s->secure_owner.tls = NULL;
	http_server_unref(s);
}

enum fault http_server_listen(struct http_server *s, int take_fd, bool is_tls)
{
	struct evhttp_bound_socket *b;

	if (s->n_bound == HTTP_LISTENERS_MAX)
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
