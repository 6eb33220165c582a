#ifndef SANDVAULT_VAULTD_KEYVAULT_KV_H
#define SANDVAULT_VAULTD_KEYVAULT_KV_H

/*
 * The data plane for keys. One row per operation; a request is a struct kv_op that travels through the stages of
 * kv_pipeline.c. Sources of every shape and sentence: fixtures/sources.md.
 */

#include "common/io/http.h"
#include "common/io/json.h"
#include "common/io/json_out.h"
#include "common/io/route.h"
#include "common/model/host.h"
#include "common/model/key.h"
#include "common/plain/text.h"
#include "policy/action.h"
#include "vaultd/authn.h"
#include "vaultd/vaultd.h"

/* In order of age: fields come and go with them. */
enum kv_api {
	KV_API_2016_10_01,
	KV_API_7_0,
	KV_API_7_1,
	KV_API_7_2,
	KV_API_7_3,
	KV_API_7_4,
	KV_API_7_5,
	KV_API_7_6,
	KV_API_2025,
};
/* FAULT_INVALID with Azure's sentence. p NULL: absent. */
enum fault kv_api_parse(struct span text, enum kv_api *ret, struct err *err) MUST_USE;
#define KV_API_LATEST "2025-07-01"

struct kv_op;
typedef enum fault kv_handler(struct kv_op *op, struct err *err);

struct kv_row {
	const char *name; /* REST name: "WrapKey" */
	unsigned methods;
	const char *pattern;
	enum action action;
	enum txn_mode txn;
	kv_handler *handler; /* NULL: a known gap, 501 */
	int operation;	     /* enum key_operation for the crypto rows, else -1 */
};
/* FAULT_NOT_FOUND: no such resource; FAULT_METHOD: the resource is known, the method or trailing operation is not. */
enum fault kv_route(enum http_method method, const struct route_path *path, struct pool *pool,
		    const struct kv_row **ret, struct route_match *ret_match) MUST_USE;

/* What of the vault an operation needs, copied so that it outlives the transaction. */
struct kv_vault {
	uint8_t uid[VAULT_UID_LEN];
	char name[VAULT_NAME_SIZE], location[LOCATION_SIZE];
	char subscription_id[ID_SIZE], group[GROUP_NAME_SIZE];
	bool is_premium, is_purge_protected, is_rbac;
	int retention_days;
};

enum { KV_RULE_SIZE = 512 };

/* In the exchange's pool. Filled by the stage named. */
struct kv_op {
	struct vaultd *d;
	struct http_exchange *x;
	const struct http_request *request;
	struct host_parts host;
	struct addr client;    /* where it comes from: client_address.h */
	int64_t now_s, now_ms; /* the sandbox's time, once, from the first transaction */
	int64_t started_ms;    /* monotonic */
	char request_id[UUID_SIZE];
	struct txn *txn;		  /* of the stage that runs, NULL between */
	struct kv_vault vault;		  /* find */
	struct caller caller;		  /* authenticate */
	enum authn_problem authn_problem; /* authenticate: why there is no caller */
	enum kv_api api;		  /* route */
	struct span api_text;
	const struct kv_row *row; /* route; NULL before */
	struct route_match match;
	struct span name, version; /* route; empty when the path has none */
	struct verdict verdict;	   /* firewall, authorize, and key state: the last one that decided */
	struct verdict grant;	   /* what authorize said, when that was yes */
	char rule[KV_RULE_SIZE];   /* for the audit: which rule verdict comes from, with its id or scope; "" for none */
	char assignment_id[UUID_SIZE]; /* authorize: the role assignment or deny assignment that decided; "" for none */
	struct json_doc *body;	       /* operate, through kv_body */
	int status;		       /* of the reply; 200 unless set */
	struct buf reply;
	struct json_out out;
	struct kv_job *job; /* set by a handler that needs the pool: the pipeline submits it */
};

/*
 * Work for the pool. The handler prepares it inside its transaction; work runs on a worker and touches only the job;
 * finish runs in a transaction of its own. done releases what the job holds, wiping secrets.
 */
struct kv_job {
	struct kv_op *op;
	struct jobs *where;
	enum fault (*work)(struct kv_job *job, struct err *err);
	enum txn_mode finish_txn;
	enum fault (*finish)(struct kv_job *job, struct err *err);
	void (*done)(struct kv_job *job);
	enum fault fault; /* of work */
	struct err err;
};

/* The stage that asks policy/ whether the vault's network lets the caller in: fills verdict (kv_firewall.c). */
enum fault kv_firewall(struct kv_op *op, struct err *err) MUST_USE;
/* The decision itself. The host that a managed identity's token names is looked up where its subnets can matter. */
enum fault kv_firewall_decide(const struct trusted_services *trusted, struct txn *t, const struct firewall *fw,
			      const struct caller *c, const struct addr *from, struct verdict *ret) MUST_USE;
/* The stage that asks policy/ whether the caller may: fills verdict (kv_authorize.c). */
enum fault kv_authorize(struct kv_op *op, struct err *err) MUST_USE;
/* The scope a request acts on: lower-case, at the key's name or at the vault. */
enum { KV_RESOURCE_SIZE = 512 };
void kv_print_resource(const struct kv_op *op, char out[KV_RESOURCE_SIZE]);

/* The JSON object of the request; parsed on first use. An empty body is an empty object. */
enum fault kv_body(struct kv_op *op, const struct json **ret, struct err *err) MUST_USE;
/* 404 KeyNotFound for the key asked for, and in the verdict why: deleted, on its way, or none. */
enum fault kv_key_not_found(struct kv_op *op, struct err *err);
enum fault kv_deleted_key_not_found(struct kv_op *op, struct err *err);
/* Whether the vault of that name, which is not among the living, can be recovered. */
enum fault kv_vault_is_deleted(struct txn *t, struct span name, int64_t now_s, bool *ret) MUST_USE;
/* The living key asked for; one that is still being recovered is not found. */
enum fault kv_find_key(struct kv_op *op, struct key_head *ret, struct err *err) MUST_USE;
/* The deleted key asked for, one that is still being deleted among them: FAULT_NOT_FOUND without words. */
enum fault kv_find_deleted(const struct kv_op *op, struct key_head *ret) MUST_USE;
/* What is left of the key's last deletion or recovery: setting deletion-delay. */
enum key_phase kv_phase_at(const struct vaultd *d, const struct key_head *h, int64_t now_s);
enum key_phase kv_key_phase(const struct kv_op *op, const struct key_head *h);
/* The verdict of what is refused by no rule but by the state of things: 404s and 409s. */
void kv_blame(struct kv_op *op, enum reason why);
/* 409 for what has to wait until a deletion is done. */
enum fault kv_refuse_being_deleted(struct kv_op *op, struct err *err);
/* The head and the version asked for (the newest when none was). */
enum fault kv_find_version(struct kv_op *op, struct key_head *ret_head, struct key_version *ret,
			   struct err *err) MUST_USE;
/* 409 while the name is deleted but recoverable, or on its way there or back. */
enum fault kv_name_is_free(struct kv_op *op, struct err *err) MUST_USE;

/* Refusals in Azure's words (kv_refuse.c). */
enum fault kv_refuse_caller(struct kv_op *op, const struct authn_failure *why, struct err *err);
enum fault kv_refuse_network(const struct kv_op *op, struct err *err);
enum fault kv_refuse_access(const struct kv_op *op, struct err *err);
enum fault kv_refuse_state(const struct kv_op *op, enum key_operation operation, struct err *err);

/* The audit's line for the finished request (kv_audit.c). */
void kv_audit(const struct kv_op *op, enum fault f, const struct err *err);
/* Azure's name in its logs for an operation: "KeyUnwrap" for "UnwrapKey"; the same name where it has none. */
const char *kv_audit_name(const char *rest_name);
/* What the audit calls an operation given by either of its names, in any case; NULL: none of the data plane's. */
const char *kv_audit_named(struct span name);
/* The row of an operation by its REST name, its name in the audit, or the word of its permission; NULL. */
const struct kv_row *kv_row_named(struct span name);

/* Sends what op holds, or err (kv_reply.c), and ends the exchange. */
void kv_send(struct kv_op *op, enum fault f, const struct err *err);
/* The error body alone, for requests that never became an op. */
void kv_write_error(struct buf *out, const struct err *err, enum fault f);
int kv_status(enum fault f);

/* Bundles (kv_bundle.c). head carries the deletion for deleted bundles. */
void kv_write_bundle(struct kv_op *op, const struct key_head *head, const struct key_version *v);
void kv_write_deleted_bundle(struct kv_op *op, const struct key_head *head, const struct key_version *v);
/* An element of a list: kid without the version unless with_version. */
void kv_write_item(struct kv_op *op, const struct key_head *head, const struct key_version *v, bool with_version);
void kv_write_deleted_item(struct kv_op *op, const struct key_head *head, const struct key_version *v);
/* "kid": the full identifier. */
void kv_write_kid(struct kv_op *op, struct span name, struct span version);
void kv_print_kid(const struct kv_op *op, struct span name, struct span version, struct buf *out);

/* Members that create, import and update share (kv_attributes.c). */
struct kv_attributes {
	struct json_opt_bool enabled, exportable;
	struct json_opt_int nbf, exp;
	bool has_key_ops;
	uint8_t key_ops[KEY_OP_COUNT];
	size_t n_key_ops;
	bool has_tags;
	struct span tags; /* compact JSON, in the exchange's pool */
	bool has_release;
	struct span release_data, release_type; /* in the exchange's pool */
	enum tristate release_immutable;
};
enum fault kv_read_attributes(struct kv_op *op, const struct json *body, struct kv_attributes *ret,
			      struct err *err) MUST_USE;
/* Lays them over v; members not sent stay. */
void kv_apply_attributes(struct key_version *v, const struct kv_attributes *a);
/* Release policies (kv_release.c): of the body; whether policy and `exportable` go together; whether v lets itself be
 * changed so. */
enum fault kv_read_release(struct kv_op *op, const struct json *policy, struct kv_attributes *a,
			   struct err *err) MUST_USE;
enum fault kv_check_release_of_new(const struct kv_attributes *a, struct err *err) MUST_USE;
enum fault kv_check_release_of_changed(const struct key_version *v, const struct kv_attributes *a,
				       struct err *err) MUST_USE;
/* Type with its HSM form; refuses what vaults do not have. curve_name empty: P-256. */
enum fault kv_read_kty(const struct kv_op *op, struct span kty, enum key_kty *ret, bool *ret_is_hsm,
		       struct err *err) MUST_USE;

/* A new version: draws its name and generation, seals the private key, writes head and version, and the bundle.
 * FAULT_CONFLICT when vault or key were deleted meanwhile. */
enum fault kv_store_new_version(struct kv_op *op, struct key_version *v, struct span der, struct err *err) MUST_USE;
/* Its parts, for those who have no request, or a version with a name and dates of its own. v->sealed is left empty. */
enum fault kv_draw_version(const struct rng *rng, struct key_version *v) MUST_USE;
enum fault kv_put_version(struct world *w, struct txn *t, const uint8_t *uid, struct span name, struct key_version *v,
			  struct span der) MUST_USE;
/* A name whose retention has run out may still have its remains in the store. */
enum fault kv_clear_expired(struct kv_op *op) MUST_USE;

/* Parsed private keys between requests (key_cache.c). NULL when there is none idle. */
struct keypair;
struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *c);
struct keypair *key_cache_take(struct key_cache *c, struct span place, uint64_t generation);
/* Keeps it, or frees it when there is no room. */
void key_cache_give(struct key_cache *c, struct span place, uint64_t generation, struct keypair *take_k);

kv_handler op_create_key, op_import_key, op_get_key, op_get_keys, op_get_key_versions, op_update_key, op_delete_key,
	op_get_deleted_key, op_get_deleted_keys, op_recover_deleted_key, op_purge_deleted_key, op_crypto, op_rotate_key,
	op_get_rotation_policy, op_update_rotation_policy, op_backup_key, op_restore_key, op_release,
	op_get_random_bytes;

#endif
