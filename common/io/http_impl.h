#ifndef SANDVAULT_IO_HTTP_IMPL_H
#define SANDVAULT_IO_HTTP_IMPL_H

/* What the files that make up http.h share. Nothing else includes it. */

#include <event2/event.h>
#include <event2/http.h>

#include "common/io/http.h"
#include "common/io/http_conn.h"
#include "common/io/timer.h"

enum { HTTP_LISTENERS_MAX = 16 };

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
	struct evhttp_bound_socket *bound[HTTP_LISTENERS_MAX];
	bool bound_is_tls[HTTP_LISTENERS_MAX];
	size_t n_bound;
	unsigned in_flight;
	struct http_exchange *spare;
	unsigned n_spare;
	struct timer *inner_turn;
	struct http_exchange *answered, **answered_end; /* requests of our own whose reply is on its way */
};

/* http_exchange.c: from the server's spare ones, and back to them. NULL: no memory. */
struct http_exchange *http_exchange_take(struct http_server *s);
void http_exchange_put(struct http_exchange *x);
void http_server_unref(struct http_server *s);

/* http_request.c: fills what the target and Host say. */
void http_read_target(struct http_exchange *x, struct span target, struct span host);

/* http_inner.c: the turn in which replies to our own requests are told; one such reply. */
void http_inner_turn(void *arg);
void http_inner_reply(struct http_exchange *x, int status, struct span body);

/* http_words.c */
enum http_method http_method_of(enum evhttp_cmd_type cmd);
/* evhttp's names of every method that is served, or-ed. */
ev_uint16_t http_methods_served(void);

#endif
