#ifndef SANDVAULT_MODEL_VAULT_H
#define SANDVAULT_MODEL_VAULT_H

/*
 * Vaults and deleted vaults. A name is global and compares without case. uid is drawn at creation and never reused, so
 * a vault that takes a purged one's name never sees its keys.
 */

#include "common/model/group.h"
#include "policy/access_policy.h"
#include "policy/firewall.h"

enum { VAULT_NAME_SIZE = 25, VAULT_UID_LEN = 16, VAULT_POLICIES_MAX = 1024, CALLER_SIZE = 257 };

/* An optional boolean of the resource: absent members stay absent in replies. */
enum tristate { TRI_UNSET = 0, TRI_FALSE = 1, TRI_TRUE = 2 };

struct access_policy_entry {
	char tenant_id[ID_SIZE], object_id[ID_SIZE], application_id[ID_SIZE]; /* lower-case; "" for none */
	char *permissions;						      /* compact JSON object as sent; owned */
	action_set keys;						      /* what its "keys" list means */
};

struct vault {
	uint8_t uid[VAULT_UID_LEN];
	char subscription_id[ID_SIZE];
	char group[GROUP_NAME_SIZE];
	char name[VAULT_NAME_SIZE];
	char location[LOCATION_SIZE];
	char tenant_id[ID_SIZE];
	char *tags; /* compact JSON object; owned, NULL means {} */
	bool is_premium;
	int retention_days;
	bool is_purge_protected;
	enum tristate rbac, for_deployment, for_disk_encryption, for_template_deployment;
	bool public_access_disabled;
	char *network_acls; /* compact JSON with all four members, or NULL when it is the default; owned */
	struct access_policy_entry *policies;
	size_t n_policies;
	char created_by[CALLER_SIZE], modified_by[CALLER_SIZE];
	char created_by_type[32], modified_by_type[32];
	int64_t created_ms, modified_ms;
	/* Deleted vaults only. */
	int64_t deleted_s, purge_s;
};

void vault_init(struct vault *v);
void vault_done(struct vault *v);

/* Decodes into an initialised, empty *ret. FAULT_NOT_FOUND. */
enum fault vault_get(struct txn *t, struct span name, struct vault *ret) MUST_USE;
enum fault vault_put(struct txn *t, const struct vault *v) MUST_USE;
/* Moves the record to the deleted ones, stamped; the role assignments at the vault and below are gone for good. */
enum fault vault_soft_delete(struct txn *t, const struct vault *v, int64_t now_s) MUST_USE;
/* A deleted vault whose purge date has passed counts as gone. */
enum fault vault_get_deleted(struct txn *t, struct span name, int64_t now_s, struct vault *ret) MUST_USE;
/* Back among the living, as it was but for its dates. */
enum fault vault_recover(struct txn *t, const struct vault *v) MUST_USE;
/* The deleted vault and everything in it. */
enum fault vault_purge(struct txn *t, const struct vault *v) MUST_USE;
enum fault vault_each(struct txn *t, enum fault (*each)(const struct vault *v, void *arg), void *arg) MUST_USE;
enum fault vault_each_deleted(struct txn *t, int64_t now_s, enum fault (*each)(const struct vault *v, void *arg),
			      void *arg) MUST_USE;

/* Policy's view of the entries; borrowed from v. out has room for n_policies. */
void vault_rules(const struct vault *v, struct access_policy_rule *out);

/*
 * Decoded vaults kept between requests. The result is borrowed until the next call. A read transaction only.
 */
struct vault_cache;
struct cached_vault {
	struct vault vault;
	struct access_policy_rule *rules;
	struct access_policy_index by_caller; /* of rules */
	struct firewall firewall;
};
struct vault_cache *vault_cache_new(void);
void vault_cache_free(struct vault_cache *c);
enum fault vault_cache_get(struct vault_cache *c, struct txn *t, struct span name,
			   const struct cached_vault **ret) MUST_USE;

#endif
