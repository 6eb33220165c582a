#ifndef SANDVAULT_IDENTITYD_PROXY_H
#define SANDVAULT_IDENTITYD_PROXY_H

/*
 * The forward proxy for Azure's real names: a client that sets HTTPS_PROXY, HTTP_PROXY and the authority is a client of
 * this sandbox, with no other change. It tunnels the names of target.c to the daemons, hands plain requests for IMDS to
 * the plain port, and refuses everything else, with a line in the audit.
 *
 * Only the first request of a plain connection is looked at: those that follow it reach the plain port whatever host
 * they name, and that has nothing but IMDS and its kin.
 */

#include "identityd/identityd.h"

struct event_base;
struct forward_server;

/* d outlives it. */
enum fault proxy_new(struct identityd *d, struct event_base *base, struct forward_server **ret) MUST_USE;

#endif
