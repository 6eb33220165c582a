#ifndef SANDVAULT_IO_HTTP_CONN_H
#define SANDVAULT_IO_HTTP_CONN_H

/*
 * One accepted connection below evhttp: a socket bufferevent with a filter on top that decrypts, keeps the deadline of
 * the request being read, writes straight to the socket, and swaps evhttp's own refusals for ours. Private to http*.c.
 */

#include "common/io/http.h"

struct bufferevent;
struct evhttp_request;
struct http_conn;

/* What a connection needs from its server. */
struct http_conn_owner {
	struct event_base *base;
	struct tls_context *tls; /* NULL: plain */
	http_refusal *write_refusal;
	http_refused *on_refused;
	size_t (*body_max)(struct span tls_name, void *arg); /* NULL: HTTP_BODY_MAX */
	void *arg;
	int request_timeout_s, idle_timeout_s;
};

/* evhttp's bevcb: the filter it will use. owner outlives the connection. */
struct bufferevent *http_conn_new(const struct http_conn_owner *owner);
/* The connection an evhttp request came by; NULL when it is gone. */
struct http_conn *http_conn_of(struct evhttp_request *req);

/* A request is complete: no deadline runs while it is handled. *slot is set to NULL when the connection dies first. */
void http_conn_begin(struct http_conn *c, struct http_conn **slot);
/* Its reply stands in the output buffer: push it, with head (whole lines, or nothing) behind the status line. slot is
 * the one given to http_conn_begin; it is NULL afterwards when the connection ended with the reply. */
void http_conn_push_reply(struct http_conn **slot, struct span head);

/* A reply in pieces: no idle time-out from here on, and on_gone once when the connection dies; NULL takes it back. */
void http_conn_on_gone(struct http_conn *c, void (*on_gone)(void *arg), void *arg);
/* Pushes what stands in the output buffer; the reply goes on. The slot of http_conn_begin tells whether c is still
 * there. */
void http_conn_push(struct http_conn *c, struct span head);
/* Bytes the kernel has not taken. */
size_t http_conn_unsent(const struct http_conn *c);

bool http_conn_is_tls(const struct http_conn *c);
bool http_conn_is_local(struct http_conn *c);
void http_conn_peer(struct http_conn *c, struct addr *ret, uint16_t *ret_port);

#endif
