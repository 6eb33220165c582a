#ifndef SANDVAULT_IDENTITYD_H
#define SANDVAULT_IDENTITYD_H

/* What identityd's rooms share: made in main.c, handed down. Loop thread only. */

#include "common/model/world.h"
#include "common/plain/clock.h"

struct audit_log;
struct http_exchange;
struct http_server;
struct jobs;
struct signing;
struct token_cache;

struct identityd {
	struct world world;
	struct clock clock;
	struct http_server *http;
	struct jobs *signers;	 /* one thread: signs access tokens */
	struct jobs *generation; /* one thread: makes signing keys */
	struct signing *signing;
	struct audit_log *audit;
	struct token_cache *tokens; /* those handed out to managed identities */
	int64_t token_lifetime_s;   /* expires_in of a fresh token */
	uint16_t login_port, imds_port, proxy_port;
};

/* Every request of both doors; arg is the struct identityd. */
void identityd_handle(struct http_exchange *x, void *arg);

/* --print-operations: one line per row. */
void identityd_print_operations(void);

#endif
