#ifndef SANDVAULT_IO_FORWARD_H
#define SANDVAULT_IO_FORWARD_H

/*
 * A server that forwards: it reads the head of one HTTP request, asks where that leads, connects there, and from then
 * on copies bytes both ways without looking at them. Where it leads is a port of this machine's loopback; the way there
 * starts at the client's own loopback address, so that whoever is there sees who came. Loop thread only.
 *
 * Limits: a head of 8 KiB, and a time in which it must have arrived; an idle connection ends.
 */

#include "common/plain/addr.h"
#include "common/plain/base.h"
#include "common/plain/buf.h"
#include "common/plain/fault.h"

enum { FORWARD_HEAD_MAX = 8 << 10 };

struct event_base;

struct forward_way {
	uint16_t port;	/* on loopback */
	bool is_tunnel; /* CONNECT: the head ends here, with a 200. Otherwise it is passed on unchanged. */
};

struct forward_hooks {
	/* 0 and *ret, or the status to refuse with and err. head: up to and with the blank line. */
	int (*choose)(struct span head, struct forward_way *ret, struct err *err, void *arg);
	/* A connection is refused: with choose's status, 502 (nobody at the port), 431 (head too long), 408 (too slow)
	 * or 503 (no memory). head is empty unless choose has seen it. Fills the body, says its Content-Type. */
	const char *(*refuse)(int status, struct span head, const struct addr *peer, const struct err *err,
			      struct buf *body, void *arg);
	void *arg;
	int head_timeout_ms; /* 0: 30 s */
	int idle_timeout_ms; /* 0: 5 minutes: servers close idle connections sooner */
};

struct forward_server;
enum fault forward_server_new(struct event_base *base, const struct forward_hooks *hooks,
			      struct forward_server **ret) MUST_USE;
/* Stops listening and cuts every connection. NULL is fine. */
void forward_server_free(struct forward_server *s);
/* A listening, non-blocking socket is taken over, also when it fails. */
enum fault forward_server_listen(struct forward_server *s, int take_fd) MUST_USE;
void forward_server_stop_accepting(struct forward_server *s);
/* Connections of any state. */
unsigned forward_server_connections(const struct forward_server *s);

#endif
