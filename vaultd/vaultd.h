#ifndef SANDVAULT_VAULTD_VAULTD_H
#define SANDVAULT_VAULTD_VAULTD_H

/* What vaultd's rooms share: made in main.c, handed down. Loop thread only. */

#include "common/model/stock.h"
#include "common/model/trusted_list.h"
#include "common/model/world.h"
#include "common/plain/addr.h"
#include "common/plain/clock.h"

struct event_base;
struct http_exchange;
struct http_server;
struct jobs;
struct authn;
struct vault_cache;
struct key_cache;
struct rbac_cache;
struct key_stock;
struct audit_log;
struct due;
struct control;
struct deploy;

struct vaultd {
	struct world world;
	struct clock clock;
	struct event_base *base; /* the loop */
	struct http_server *http;
	struct jobs *operations; /* private-key operations */
	struct jobs *generation; /* key generation asked for by a request */
	struct key_stock *stock; /* keys made ahead of need */
	struct authn *authn;
	struct vault_cache *vaults;
	struct key_cache *keys;
	struct rbac_cache *roles;    /* common/model/rbac_world.h */
	struct trusted_list trusted; /* whom the bypass of a vault's firewall lets in */
	struct audit_log *audit;
	struct due *due; /* work that the clock brings */
	struct control *control;
	struct deploy *deployments; /* those under way: vaultd/deploy/ */
	uint16_t tls_port;
	char vault_audience[48];	     /* "https://vault.localhost:PORT" */
	int64_t propagation_delay_s;	     /* how long grants and revocations of roles take to be felt */
	int64_t async_delay_s;		     /* how long the outcome of a long-running operation takes to be seen */
	int64_t deletion_delay_s;	     /* how long a key's deletion and recovery take */
	struct addr_prefix *trusted_proxies; /* whose X-Forwarded-For is believed */
	size_t n_trusted_proxies;
	char challenge_tenant[ID_SIZE]; /* the tenant segment of challenges: the world's, or a setting */
};

/* Where a request belongs, by its Host. */
enum door { DOOR_ARM, DOOR_VAULT, DOOR_REGISTRY, DOOR_UNKNOWN };
struct host_parts {
	enum door door;
	struct span vault;    /* the vault's name, lower-case; inside the request */
	struct span registry; /* the same of a registry */
	struct span suffix;   /* what follows "NAME.": "vault.localhost:8443" */
};
void host_split(struct span host, struct host_parts *ret);

/* Entry points; each takes the exchange over and replies to it, now or later. */
void keyvault_handle(struct vaultd *d, struct http_exchange *x, const struct host_parts *host);
void arm_handle(struct vaultd *d, struct http_exchange *x);
void registry_handle(struct vaultd *d, struct http_exchange *x, const struct host_parts *host);
/* For what was refused before it was a request. */
void registry_write_refusal(int status, struct buf *body);
/* How large bodies may be at a registry's door; the others take HTTP_BODY_MAX. */
enum { REGISTRY_BODY_MAX = 64 << 20 };

/* --print-operations: one line per row. */
void keyvault_print_operations(void);
void arm_print_operations(void);
void registry_print_operations(void);

#endif
