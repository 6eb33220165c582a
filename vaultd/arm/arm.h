#ifndef SANDVAULT_VAULTD_ARM_ARM_H
#define SANDVAULT_VAULTD_ARM_ARM_H

/*
 * The control plane (Azure Resource Manager): one row per operation, one file per resource provider.
 */

#include "common/io/json.h"
#include "common/io/json_out.h"
#include "common/io/route.h"
#include "vaultd/authn.h"
#include "vaultd/vaultd.h"

/* One request as a handler sees it: inside the transaction its row asks for. */
struct arm_op {
	struct vaultd *d;
	struct http_exchange *x; /* for reply headers and pool; the pipeline replies */
	const struct http_request *request;
	const struct route_match *match;
	struct txn *txn;
	const struct caller *caller;
	struct span api_version;
	const struct json *body; /* root of the parsed body; NULL when there was none */
	int64_t now_s, now_ms;
	const char *base_url; /* "https://localhost:8443", as the request named it: for nextLink, Location */

	int status;	     /* 200 unless the handler sets it */
	struct buf reply;    /* body; empty: none */
	struct json_out out; /* writes into reply */
};

/* Faults: see arm_reply.c for the status each becomes. */
typedef enum fault arm_handler(struct arm_op *op, struct err *err);

struct arm_row {
	const char *name; /* REST name, "Vaults_CreateOrUpdate" */
	unsigned methods;
	const char *pattern;
	const char *action; /* "Microsoft.KeyVault/vaults/write"; ends in "/read" when anybody may; NULL: no token */
	enum txn_mode txn;
	arm_handler *handler; /* NULL: a known gap, 501 */
};

#endif
