#ifndef SANDVAULT_IO_CLIENT_CONN_H
#define SANDVAULT_IO_CLIENT_CONN_H

/* A client's connection, plain or TLS, with one deadline for its whole life. Private to common/io. */

#include "common/plain/clock.h"
#include "common/plain/fault.h"
#include "common/plain/rng.h"
#include "common/plain/span.h"

struct client_conn;

struct client_conn_target {
	const char *host, *port;
	const char *unix_path; /* connects to this socket instead; NULL: by host and port */
	const char *ca_path;   /* NULL: no TLS */
	int timeout_ms;	       /* -1: none */
};

enum fault client_conn_open(const struct client_conn_target *target, const struct clock *clock, const struct rng *rng,
			    struct client_conn **ret, struct err *err) MUST_USE;
/* Says goodbye and closes. NULL is fine. */
void client_conn_free(struct client_conn *c);
DEFINE_SCOPED(client_conn, client_conn_free);

/* All of it. */
enum fault client_conn_write(struct client_conn *c, struct span bytes, struct err *err) MUST_USE;
/* At least one byte; *ret_n is 0 at the end. */
enum fault client_conn_read(struct client_conn *c, void *p, size_t cap, size_t *ret_n, struct err *err) MUST_USE;

#endif
