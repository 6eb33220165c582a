#ifndef SANDVAULT_MODEL_KEY_H
#define SANDVAULT_MODEL_KEY_H

/*
 * Keys and their versions. A key is a head (name, newest version, deletion) and versions; deleting moves the head, the
 * versions stay where they are. Names compare without case; lists ascend by upper-cased name.
 */

#include "common/io/keypair.h"
#include "common/model/key_rotation.h"
#include "common/model/vault.h"
#include "policy/lifetime.h"

enum {
	KEY_NAME_SIZE = 128,
	KEY_VERSION_SIZE = 33,
	KEY_TAGS_SIZE = 16 * 1024,
	KEY_RELEASE_DATA_MAX = 32 * 1024,
	KEY_RELEASE_TYPE_MAX = 256,
};

struct key_head {
	char name[KEY_NAME_SIZE]; /* as created */
	char current[KEY_VERSION_SIZE];
	struct key_rotation rotation;
	char notified[KEY_VERSION_SIZE]; /* the version whose near expiry was told; "" for none */
	int64_t recovered_s;		 /* the last time; 0: never */
	/* Deleted keys only. */
	int64_t deleted_s, purge_s;
};

/* Spans live in the transaction when read, with the caller when written. */
struct key_version {
	char version[KEY_VERSION_SIZE]; /* 32 lower-case hex digits */
	uint64_t generation;		/* drawn anew on each write: a cached parsed key of another one is stale */
	enum key_kty kty;
	enum key_curve crv;
	bool is_hsm;
	struct span n, e, x, y;	       /* as made or imported */
	uint8_t key_ops[KEY_OP_COUNT]; /* enum key_operation, in the order sent */
	size_t n_key_ops;
	bool enabled, has_nbf, has_exp;
	int64_t nbf_s, exp_s, created_s, updated_s;
	struct span tags; /* compact JSON object; empty: none */
	bool is_exportable;
	/* Release policy; no data: none. */
	struct span release_data, release_type;
	enum tristate release_immutable;
	struct span sealed; /* private key */
};

/* What policy wants to know. */
struct key_state key_version_state(const struct key_version *v);
/* Public half for arithmetic. */
void key_version_public(const struct key_version *v, struct jwk_public *ret);

enum fault key_get(struct txn *t, const uint8_t *vault_uid, struct span name, struct key_head *ret) MUST_USE;
/* A deleted key whose purge date has passed counts as gone. */
enum fault key_get_deleted(struct txn *t, const uint8_t *vault_uid, struct span name, int64_t now_s,
			   struct key_head *ret) MUST_USE;
enum fault key_version_get(struct txn *t, const uint8_t *vault_uid, struct span name, struct span version,
			   struct key_version *ret) MUST_USE;
enum fault key_put(struct txn *t, const uint8_t *vault_uid, const struct key_head *h) MUST_USE;
enum fault key_version_put(struct txn *t, const uint8_t *vault_uid, struct span name,
			   const struct key_version *v) MUST_USE;
/* h carries the dates, recovered_s of a recovery too. */
enum fault key_soft_delete(struct txn *t, const uint8_t *vault_uid, const struct key_head *h) MUST_USE;
enum fault key_recover(struct txn *t, const uint8_t *vault_uid, const struct key_head *h) MUST_USE;
/* The deleted head and all versions. */
enum fault key_purge(struct txn *t, const uint8_t *vault_uid, struct span name) MUST_USE;
/* Everything of a vault, living and deleted. */
enum fault key_purge_vault(struct txn *t, const uint8_t *vault_uid) MUST_USE;

/* Lists: each is called in order, starting after the marker (a folded name or a version; empty: at the start), until it
 * returns false. */
enum fault key_each(struct txn *t, const uint8_t *vault_uid, struct span after,
		    bool (*each)(const struct key_head *h, void *arg), void *arg) MUST_USE;
enum fault key_each_deleted(struct txn *t, const uint8_t *vault_uid, struct span after, int64_t now_s,
			    bool (*each)(const struct key_head *h, void *arg), void *arg) MUST_USE;
/* Living keys of all vaults, deleted vaults' too. place and after: the vault's uid and the folded name. */
enum fault key_each_everywhere(struct txn *t, struct span after,
			       bool (*each)(struct span place, const struct key_head *h, void *arg),
			       void *arg) MUST_USE;
enum fault key_version_each(struct txn *t, const uint8_t *vault_uid, struct span name, struct span after,
			    bool (*each)(const struct key_version *v, void *arg), void *arg) MUST_USE;

/* The stored forms alone, for those who keep keys elsewhere. What is decoded lies in the bytes. FAULT_STORE. */
void key_head_encode(struct buf *out, const struct key_head *h);
enum fault key_head_decode(struct span bytes, struct key_head *ret) MUST_USE;
void key_version_encode(struct buf *out, const struct key_version *v);
enum fault key_version_decode(struct span bytes, struct key_version *ret) MUST_USE;

/* The place a sealed private key is bound to. */
void key_seal_context(struct buf *out, const uint8_t *vault_uid, struct span name, struct span version);

#endif
