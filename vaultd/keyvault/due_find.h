#ifndef SANDVAULT_VAULTD_KEYVAULT_DUE_FIND_H
#define SANDVAULT_VAULTD_KEYVAULT_DUE_FIND_H

/* Looks for keys whose rotation policy has something due: a bounded number of keys in each step. */

#include "common/model/key.h"

enum { DUE_LOOK_MAX = 500, DUE_FOUND_MAX = 8, DUE_RESOURCE_MAX = 512 };

/* Where a search goes on; all zero: at the start. */
struct due_place {
	char after[STORE_KEY_MAX];
	size_t len;
};

/* A key, and its vault as the audit names it. */
struct due_key {
	uint8_t uid[VAULT_UID_LEN];
	char name[KEY_NAME_SIZE];
	char vault[VAULT_NAME_SIZE];
	char resource_id[DUE_RESOURCE_MAX];
};

/* Whether something is due for a key with this newest version at now_s. */
typedef bool due_test(const struct key_head *h, const struct key_version *newest, const struct rotation_policy *p,
		      int64_t now_s);

struct due_found {
	struct due_key keys[DUE_FOUND_MAX];
	size_t n;
	bool has_more; /* call again */
};

/* Keys of living vaults only. */
enum fault due_find(struct txn *t, struct due_place *place, int64_t now_s, due_test *is_due,
		    struct due_found *ret) MUST_USE;

#endif
