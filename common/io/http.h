#ifndef SANDVAULT_IO_HTTP_H
#define SANDVAULT_IO_HTTP_H

/*
 * HTTP/1.1 serving on libevent's evhttp, plain or over TLS: sockets in, struct http_request out, and one reply back.
 *
 * Limits: body 1 MiB (a server may allow more behind names of its own), headers 32 KiB, a whole request must arrive
 * within request_timeout_s of its first byte, an idle connection is closed after idle_timeout_s. evhttp's own refusals
 * (HTML) are replaced with what write_refusal says. Everything runs on the loop thread.
 */

#include "common/plain/addr.h"
#include "common/plain/base.h"
#include "common/plain/buf.h"
#include "common/plain/fault.h"
#include "common/plain/pool.h"
#include "common/plain/span.h"

struct event_base;
struct tls_context;

enum { HTTP_BODY_MAX = 1 << 20, HTTP_LARGE_BODIES_MAX = 256 << 20 };
enum { HTTP_HEADERS_MAX = 32 << 10, HTTP_QUERY_MAX = 64, HTTP_REPLY_HEAD_MAX = 16 << 10 };

enum http_method {
	HTTP_GET = 1 << 0,
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
	HTTP_PUT = 1 << 3,
	HTTP_PATCH = 1 << 4,
	HTTP_DELETE = 1 << 5,
	HTTP_OPTIONS = 1 << 6,
	HTTP_OTHER = 1 << 7,
};
const char *http_method_name(enum http_method m);

struct http_param {
	struct span name, value; /* both percent-decoded */
};

/* Lives as long as its exchange, all spans included. */
struct http_request {
	enum http_method method;
	bool is_tls;
	bool is_local;	    /* came by a Unix socket: there is no peer address */
	struct span host;   /* as sent, port included; lower-cased */
	struct span target; /* as sent */
	struct span path;   /* raw: escapes and empty segments kept */
	struct http_param query[HTTP_QUERY_MAX];
	size_t n_query;
	struct span body; /* empty when it is larger than HTTP_BODY_MAX */
	size_t body_len;
	struct addr peer;
	uint16_t peer_port;
};

struct http_exchange;

const struct http_request *http_exchange_request(const struct http_exchange *x);
/* Memory that dies with the exchange. */
struct pool *http_exchange_pool(struct http_exchange *x);
/* First value of a header, NULL when absent. */
const char *http_exchange_header(const struct http_exchange *x, const char *name);
/* Every value of a header, in order, with commas between; in the exchange's pool. Empty when absent, p NULL when memory
 * is out. */
struct span http_exchange_header_list(struct http_exchange *x, const char *name);
/* First query parameter of that (case-insensitive) name; p is NULL when absent. */
struct span http_query(const struct http_request *r, const char *name);

/* Takes the next bytes of the body away, at most max, whatever its size; how many: 0 at its end. The request's own body
 * must not be looked at any more. */
size_t http_exchange_take_body(struct http_exchange *x, void *out, size_t max);
/* The body read as application/x-www-form-urlencoded, names and values decoded, in the exchange's pool; how many. Those
 * past max are dropped. */
size_t http_exchange_form(struct http_exchange *x, struct http_param *out, size_t max);

/* Adds a reply header; both are copied. Line breaks in value are refused, and what does not fit into
 * HTTP_REPLY_HEAD_MAX any more (nothing is added). */
void http_reply_header(struct http_exchange *x, const char *name, const char *value);
/* Sends and ends the exchange. The body is copied; an empty one goes out without Content-Type. Later use of x is an
 * error. It may come in a later turn of the loop, and after the client is gone. */
void http_reply(struct http_exchange *x, int status, struct span body);

/*
 * A reply in pieces, for as long as there is something to tell: start, any number of chunks, end. Reply headers are
 * added before the start. No idle time-out runs meanwhile, and the connection closes at the end. on_gone is called
 * once, when the client leaves before the end; what is left to do then is http_reply_end, which may be done there.
 */
void http_reply_start(struct http_exchange *x, int status, void (*on_gone)(void *arg), void *arg);
/* Before the start: how many bytes the pieces will have. One that ends sooner is seen to be cut off. */
void http_reply_length(struct http_exchange *x, int64_t n);
/* Copied. An empty one does nothing; after the client is gone it goes nowhere. */
void http_reply_chunk(struct http_exchange *x, struct span bytes);
/* Bytes of chunks that the client has not taken yet; 0 when it is gone. The writer waits while these are many. */
size_t http_reply_unsent(const struct http_exchange *x);
/* Ends the exchange; later use of x is an error. */
void http_reply_end(struct http_exchange *x);

/* The standard phrase for a status. */
const char *http_status_phrase(int status);

typedef void http_handler(struct http_exchange *x, void *arg);
/* Fills a body for a refusal that never reached the handler, and says its Content-Type. tls_name: what the client asked
 * TLS for; empty when there is none. */
typedef const char *http_refusal(int status, struct span tls_name, struct buf *body, void *arg);

/* A refusal that never reached the handler is about to be sent. */
typedef void http_refused(int status, const struct addr *peer, bool is_tls, void *arg);

struct http_server_options {
	http_handler *handler;
	http_refusal *write_refusal;
	http_refused *on_refused; /* NULL: nobody wants to know */
	/* How large bodies may be behind the name that a client asked TLS for; NULL: HTTP_BODY_MAX. What all
	 * connections together hold of larger ones is at most HTTP_LARGE_BODIES_MAX: beyond it they are refused with
	 * 413. Host may say another name: that is the handler's to look at. */
	size_t (*body_max)(struct span tls_name, void *arg);
	void *arg;
	int request_timeout_s; /* 0: 30 */
	int idle_timeout_s;    /* 0: 120 */
};

struct http_server;

/*
 * A request of this process to itself: it goes to the server's handler like any other, and its reply to on_reply, in a
 * later turn of the loop; never after the server is gone. Everything is copied. is_tls counts as true.
 */
struct http_inner {
	enum http_method method;
	struct span host;   /* "localhost:8443" */
	struct span target; /* "/subscriptions?api-version=…" */
	struct span body;
	struct addr from;	/* counts as the peer */
	const char *user_agent; /* the only header there is */
	const void *sender;	/* not copied: what the handler finds by http_exchange_sender */
	void (*on_reply)(void *arg, int status, struct span body);
	void *arg;
};
/* FAULT_MEMORY, FAULT_TOO_LARGE: on_reply is then not called. */
enum fault http_server_send_inner(struct http_server *s, const struct http_inner *in) MUST_USE;
/* NULL for requests that came by a socket. */
const void *http_exchange_sender(const struct http_exchange *x);

enum fault http_server_new(struct event_base *base, const struct http_server_options *opt,
			   struct http_server **ret) MUST_USE;
/* Stops listening and closes connections. Exchanges still open may be replied to afterwards. */
void http_server_free(struct http_server *s);

/* A listening, non-blocking socket is taken over. tls NULL: plain. */
enum fault http_server_listen(struct http_server *s, int take_fd, bool is_tls) MUST_USE;
/* Used for connections accepted from now on; the former context is released. */
void http_server_set_tls(struct http_server *s, struct tls_context *take_tls);
/* Stops accepting; open connections live on until they are idle. */
void http_server_stop_accepting(struct http_server *s);
/* Exchanges not yet replied to. */
unsigned http_server_in_flight(const struct http_server *s);

#endif
