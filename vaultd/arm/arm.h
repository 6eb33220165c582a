#ifndef SANDVAULT_VAULTD_ARM_ARM_H
#define SANDVAULT_VAULTD_ARM_ARM_H

/*
 * The control plane (Azure Resource Manager): one row per operation, one file per resource provider.
 */

#include "common/io/json.h"
#include "common/io/json_out.h"
#include "common/io/route.h"
#include "policy/verdict.h"
#include "vaultd/authn.h"
#include "vaultd/vaultd.h"

enum { ARM_RULE_SIZE = 64 };

struct arm_op;
/* Faults: see arm_reply.c for the status each becomes. */
typedef enum fault arm_handler(struct arm_op *op, struct err *err);

/* One request as a handler sees it: inside the transaction its row asks for. */
struct arm_op {
	struct vaultd *d;
	struct http_exchange *x; /* for reply headers and pool; the pipeline replies */
	const struct http_request *request;
	const struct route_match *match;
	struct txn *txn;
	const struct caller *caller;
	enum authn_problem authn_problem; /* authenticate: why there is no caller */
	struct span api_version;
	struct span scope, scope_folded; /* authorize: what the path acts on, decoded; folded for comparing */
	struct verdict verdict;		 /* authorize */
	char rule[ARM_RULE_SIZE];	 /* authorize: which assignment or deny assignment decided; "" for none */
	const struct json *body;	 /* root of the parsed body; NULL when there was none, and for ARM_RAW_BODY */
	int64_t now_s, now_ms;
	const char *base_url; /* "https://localhost:8443", as the request named it: for nextLink, Location */

	struct span error_info; /* of a refusal: its "additionalInfo", a JSON array; empty: none */

	int status;	     /* 200 unless the handler sets it */
	struct buf reply;    /* body; empty: none */
	struct json_out out; /* writes into reply */

	/* Set by a handler whose answer has to wait: called when its transaction has ended well. op lives until the
	 * answer; whoever waits ends it with arm_resume, in a later turn of the loop, also when the daemon stops
	 * meanwhile. */
	void (*wait)(struct arm_op *op);
	void *work;			 /* of whoever waits, in the exchange's pool */
	void (*drop)(struct arm_op *op); /* frees work when the request ends without a wait; NULL: nothing to free */
};

/* Goes on after a wait: finish runs in a transaction of its own, with the time of now, and may set wait again. A fault
 * (f, err) is the answer at once. */
void arm_resume(struct arm_op *op, enum fault f, const struct err *err, enum txn_mode mode, arm_handler *finish);

enum arm_trait {
	ARM_FILTERED = 1 << 0, /* a list: anybody may ask, and is told what they may read */
	ARM_RAW_BODY = 1 << 1, /* the handler reads request->body itself: it is not strict JSON */
};

struct arm_row {
	const char *name; /* REST name, "Vaults_CreateOrUpdate" */
	unsigned methods;
	const char *pattern;
	const char *action; /* "Microsoft.KeyVault/vaults/write"; {namespace}: the path's; NULL: no token */
	enum txn_mode txn;
	arm_handler *handler; /* NULL: a known gap, 501 */
	unsigned traits;      /* enum arm_trait */
};

#endif
