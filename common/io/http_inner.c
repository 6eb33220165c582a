/* Requests of this process to itself. */

#include "common/io/http_impl.h"

#include <string.h>

enum fault http_server_send_inner(struct http_server *s, const struct http_inner *in)
{
	struct http_exchange *x = http_exchange_take(s);
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
	http_read_target(x, pool_dup(&x->pool, in->target), in->host);
	if (x->inner.user_agent == NULL || r->target.p == NULL || r->body.p == NULL) {
		http_exchange_put(x);
		return FAULT_TOO_LARGE;
	}
	s->opt.handler(x, s->opt.arg);
	return FAULT_NONE;
}

/* Only those that wait now: what a reply leads to comes in the turn after. */
void http_inner_turn(void *arg)
{
	struct http_server *s = arg;
	struct http_exchange *x = TAKE(s->answered);

	s->answered_end = &s->answered;
	while (x != NULL) {
		struct http_exchange *next = x->next_spare;

		x->inner.on_reply(x->inner.arg, x->inner_status, x->inner_reply);
		http_exchange_put(x);
		x = next;
	}
}

/* A reply too large for the exchange's memory becomes a failure of ours. */
void http_inner_reply(struct http_exchange *x, int status, struct span body)
{
	struct http_server *s = x->server;

	x->inner_reply = body.len == 0 ? SPAN_EMPTY : pool_dup(&x->pool, body);
	x->inner_status = x->inner_reply.p == NULL ? 500 : status;
	x->next_spare = NULL;
	if (s->inner_turn == NULL) { /* the server is gone: nobody wants to know */
		http_exchange_put(x);
		return;
	}
	*s->answered_end = x;
	s->answered_end = &x->next_spare;
	timer_set(s->inner_turn, 0);
}
