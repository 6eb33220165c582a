#ifndef SANDVAULT_MODEL_ENDPOINTS_H
#define SANDVAULT_MODEL_ENDPOINTS_H

/*
 * Where the daemons listen. Each publishes its part in the store when its sockets are bound; each reads the other's.
 * The whole, as one JSON object, is <data-dir>/endpoints.json and the readiness line.
 */

#include "common/model/world.h"

/* Port numbers; 0: that daemon has not published. */
struct endpoints {
	uint16_t tls_port;   /* vaultd: vaults, control plane */
	uint16_t login_port; /* identityd: sign-in, Graph */
	uint16_t imds_port;  /* identityd: IMDS and its kin, plain HTTP */
	uint16_t proxy_port; /* identityd: the proxy for Azure's names */
};

enum fault endpoints_publish_vaultd(struct txn *t, uint16_t tls_port) MUST_USE;
/* Where the control API is: a socket's path or a URL. */
enum fault endpoints_publish_control(struct txn *t, const char *place) MUST_USE;
#define CONTROL_TOKEN_FILE "control.token" /* in the data directory */
/* Its three ports of e. */
enum fault endpoints_publish_identityd(struct txn *t, const struct endpoints *e) MUST_USE;
/* What is not published yet is 0. */
enum fault endpoints_get(struct txn *t, struct endpoints *ret) MUST_USE;

/* The object of endpoints.json without pids: arm, login, graph, imds, proxy, vault_suffix, ca, tenant, subscription,
 * client_id, client_secret, control, control_token, data_dir, env (every variable of `sandvault env`). Fields of a
 * daemon that has not published are left out. out carries a secret. */
enum fault endpoints_json(struct world *w, struct txn *t, struct buf *out) MUST_USE;
/* The same written to <data-dir>/endpoints.json. */
enum fault endpoints_write_file(struct world *w, struct span json, struct err *err) MUST_USE;

#endif
