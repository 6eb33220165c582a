#ifndef SANDVAULT_VAULTD_CLIENT_ADDRESS_H
#define SANDVAULT_VAULTD_CLIENT_ADDRESS_H

/*
 * Where a request comes from. That is the socket's peer, unless the peer is a proxy that a setting names: then it is
 * the last hop of X-Forwarded-For that is no such proxy. What stands before that hop is anybody's word and not looked
 * at.
 */

#include "common/plain/addr.h"
#include "vaultd/vaultd.h"

/* The whole list of a request's X-Forwarded-For. A hop that is no address ends the list: the proxy behind it counts. */
struct addr client_address_behind(const struct addr *peer, const struct addr_prefix *proxies, size_t n_proxies,
				  struct span forwarded_for);

/* The same for a request as it came in. */
struct addr client_address(const struct vaultd *d, struct http_exchange *x);

#endif
