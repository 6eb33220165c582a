#ifndef SANDVAULT_IDENTITYD_CLAIMS_H
#define SANDVAULT_IDENTITYD_CLAIMS_H

/* What an access token says: version 1.0, for an application or a managed identity. Pure but for the random bytes.
 * Source: fixtures/sources.md#access-token */

#include "common/model/principal.h"
#include "identityd/entra/resource.h"

struct claims {
	char tenant_id[ID_SIZE], object_id[ID_SIZE], app_id[ID_SIZE];
	char audience[RESOURCE_MAX]; /* as the caller asked for it */
	bool is_managed;
	char mirid[RESOURCE_ID_SIZE];  /* managed identities: whose it is; "" for none */
	char az_rid[RESOURCE_ID_SIZE]; /* the host that asked; "" for none */
	int64_t issued_s, expires_s;
};

/* Everything but the times. host_resource_id: the host that asks, empty for applications. Ids of the caller's writing
 * go in as they are, but for the word "resourcegroups", which tokens have in lower case. */
void claims_init(struct claims *ret, struct span tenant_id, const struct principal *p, struct span host_resource_id,
		 struct span audience);
/* A token issued now says it was five minutes ago, so that a verifier whose clock is behind takes it. */
void claims_set_times(struct claims *c, int64_t now_s, int64_t lifetime_s);

/* JSON text of payload and header. */
enum fault claims_write(const struct claims *c, const struct rng *rng, struct buf *out) MUST_USE;
enum fault claims_write_header(const char *kid, struct buf *out) MUST_USE;

#endif
