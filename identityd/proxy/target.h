#ifndef SANDVAULT_IDENTITYD_PROXY_TARGET_H
#define SANDVAULT_IDENTITYD_PROXY_TARGET_H

/* Which names the proxy leads to, and to whom. Pure. Source: fixtures/sources.md#proxy */

#include "common/model/endpoints.h"
#include "identityd/proxy/head.h"

enum proxy_place {
	PROXY_NOWHERE,
	PROXY_VAULTD, /* its TLS port */
	PROXY_LOGIN,  /* identityd's TLS port */
	PROXY_IMDS,   /* identityd's plain port */
};

/* Exactly the names of the table, in any case, and the ports that go with them; head is one with a host. */
enum proxy_place proxy_place_of(const struct proxy_head *head, const struct endpoints *at);
/* All of them, as words for a refusal. */
void proxy_places_write(struct buf *out, const struct endpoints *at);

#endif
