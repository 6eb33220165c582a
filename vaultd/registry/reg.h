#ifndef SANDVAULT_VAULTD_REG_H
#define SANDVAULT_VAULTD_REG_H

/*
 * A registry's front door: the OCI distribution API with Azure's sign-in before it. One row per operation; a request is
 * a struct reg_op that travels through the stages of door.c. Whatever touches what the registry stores opens its data
 * key first, as the identity that the registry has: so a revocation is felt at the next request. Loop thread only.
 * Sources of shapes and sentences: fixtures/sources.md#registry-door
 */

#include "common/io/http.h"
#include "common/io/json_out.h"
#include "common/io/route.h"
#include "common/io/seal.h"
#include "common/model/rbac_world.h"
#include "common/model/registry_manifest.h"
#include "common/plain/text.h"
#include "vaultd/arm/registry_settings.h"
#include "vaultd/authn.h"
#include "vaultd/registry/reg_token.h"
#include "vaultd/vaultd.h"

/* What a request needs of its caller. */
enum reg_access {
	REG_OPEN,    /* nothing: where tokens come from */
	REG_SIGNED,  /* to be somebody */
	REG_CATALOG, /* to see which repositories there are */
	REG_LIST,    /* to see a repository's tags */
	REG_PULL,
	REG_PUSH,
	REG_DELETE,
	REG_ACCESS_COUNT,
};

struct reg_op;
typedef enum fault reg_handler(struct reg_op *op, struct err *err);

enum { REG_LARGE_BODY = 1 << 0 }; /* a row's trait: the handler takes the body away by itself */

struct reg_row {
	const char *name; /* "RegistryGetBlob" */
	unsigned methods;
	const char *pattern;
	enum reg_access access;
	enum txn_mode txn;
	reg_handler *handler; /* NULL: a known gap, 501 */
	unsigned traits;
};

/* In the exchange's pool. Filled by the stage named. */
struct reg_op {
	struct vaultd *d;
	struct http_exchange *x;
	const struct http_request *request;
	struct host_parts host;
	struct addr client;
	int64_t now_s, now_ms; /* the sandbox's time, from the first transaction */
	int64_t started_ms;    /* monotonic */
	char request_id[UUID_SIZE];
	struct txn *txn;	   /* of the stage that runs, NULL between */
	const struct reg_row *row; /* route; NULL: no operation of ours */
	struct route_match match;
	struct span repository;	  /* route; empty when the path has none */
	struct registry registry; /* find; uid_len 0 before */
	struct json_doc *properties;
	struct registry_settings settings; /* find */
	struct reg_token caller;	   /* authenticate; object_id "": nobody */
	const char *authn_reason;	   /* authenticate: why there is no caller; NULL */
	struct verdict verdict;		   /* network, authorize, key */
	char rule[RBAC_RULE_SIZE];
	struct sealer data_key; /* key */
	int status;		/* of the reply; 200 unless set */
	const char *content_type;
	struct buf reply;
	struct json_out out;
	const char *wanted; /* of an error: the actions that were asked for, for its detail */
	/* Set by a handler that is not done when its transaction ends: it is called then, and leads to reg_answer. */
	void (*wait)(struct reg_op *op);
	void *state;			       /* of whoever waits */
	void (*done)(struct reg_op *op);       /* releases what state holds; NULL: nothing */
	enum fault (*work)(struct reg_op *op); /* for the pool: reg_compute */
	void (*worked)(struct reg_op *op, enum fault f);
	enum fault work_fault;
	bool is_started; /* the reply: nothing can be refused any more */
};

/* Ends the request: a reply, or a refusal. */
void reg_answer(struct reg_op *op, enum fault f, const struct err *err);
/* handler in a transaction of its own, and the answer, or what the handler waits for. */
void reg_operate(struct reg_op *op, enum txn_mode mode, reg_handler *handler);
/* work runs on a worker and touches only what op->state leads to; then worked, in a later turn. */
void reg_compute(struct reg_op *op, enum fault (*work)(struct reg_op *op),
		 void (*worked)(struct reg_op *op, enum fault f));

/* Rows (reg_routes.c). FAULT_NOT_FOUND, FAULT_METHOD. */
enum fault reg_route(const struct http_request *q, struct pool *pool, const struct reg_row **ret,
		     struct route_match *ret_match) MUST_USE;

/* Stages in files of their own. */
enum fault reg_network(struct reg_op *op, struct err *err) MUST_USE;
enum fault reg_authenticate(struct reg_op *op, struct err *err) MUST_USE;
enum fault reg_authorize(struct reg_op *op, struct err *err) MUST_USE;

/* Whether the roles of object_id have it at the registry, now. */
enum fault reg_may(struct reg_op *op, const char *object_id, enum reg_access access, struct verdict *ret,
		   char rule[RBAC_RULE_SIZE]) MUST_USE;
/* The part of a wanted scope ("repository:a:pull,push") that object_id ("": nobody) has; appended to out. */
enum fault reg_grant(struct reg_op *op, const char *object_id, struct span scope, struct buf *out) MUST_USE;
/* Whoever the Authorization header proves: by a token of ours, or a name and password. FAULT_UNAUTHENTICATED: op says
 * why. */
enum fault reg_sign_in(struct reg_op *op, struct reg_token *ret) MUST_USE;
enum fault reg_check_password(struct reg_op *op, struct span user, struct span password,
			      struct reg_token *ret) MUST_USE;
enum fault reg_token_check(struct reg_op *op, struct span text, enum reg_token_kind kind,
			   struct reg_token *ret) MUST_USE;

/* Errors and headers (reg_reply.c). */
int reg_status(enum fault f);
/* op NULL: there never was one. */
void reg_write_error(const struct reg_op *op, struct buf *out, enum fault f, const struct err *err);
void reg_add_headers(struct reg_op *op, enum fault f);
const char *reg_code(enum fault f, const struct err *err);
/* The audit's line. */
void reg_audit(const struct reg_op *op, enum fault f, const struct err *err);

/* Names (reg_names.c): FAULT_INVALID in the words of the distribution API. */
enum { DIGEST_TEXT_SIZE = 7 + 2 * SHA256_LEN + 1 };
bool reg_name_is_valid(struct span repository);
bool reg_tag_is_valid(struct span tag);
enum fault reg_digest_parse(struct span text, uint8_t ret[SHA256_LEN], struct err *err) MUST_USE;
void reg_digest_print(char out[DIGEST_TEXT_SIZE], const uint8_t digest[SHA256_LEN]);

reg_handler reg_ping, reg_catalog, reg_tags, reg_manifest_get, reg_manifest_put, reg_manifest_delete, reg_blob_get,
	reg_blob_head, reg_blob_delete, reg_upload_start, reg_upload_get, reg_upload_append, reg_upload_finish,
	reg_upload_cancel, reg_token_exchange, reg_token_get, reg_token_request;

/* What the audit calls an operation of that name; NULL: none of a registry's. */
const char *reg_audit_named(struct span name);

#endif
