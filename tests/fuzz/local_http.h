#ifndef SANDVAULT_TESTS_FUZZ_LOCAL_HTTP_H
#define SANDVAULT_TESTS_FUZZ_LOCAL_HTTP_H

/*
 * A real http_server on a socket that has no port to run out of, and clients of it, all on one loop that never waits.
 * Failures end the process.
 */

#include <sys/un.h>

#include "common/io/http.h"

struct local_http {
	struct event_base *base;
	struct http_server *server;
	int listener;
	struct sockaddr_un addr;
	unsigned addr_len;
	int n_events; /* on the loop while no connection is open */
};

/* Refusals of the server's own have the body "refused". */
void local_http_open(struct local_http *l, http_handler *handler, void *arg);
void local_http_close(struct local_http *l);

/* A connected, non-blocking socket. */
int local_http_connect(const struct local_http *l);
/* Whatever can be done now is done. */
void local_http_turn(const struct local_http *l);
/* Turns until no connection is left; false when that takes too long. */
bool local_http_settle(const struct local_http *l);

#endif
