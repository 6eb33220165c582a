#ifndef SANDVAULT_POLICY_LIFETIME_H
#define SANDVAULT_POLICY_LIFETIME_H

/*
 * What a key's attributes and its last change allow. Pure: time comes in as a value.
 * Source: fixtures/sources.md#attributes
 */

#include <stdbool.h>
#include <stdint.h>

#include "policy/verdict.h"

enum key_operation {
	KEY_OP_ENCRYPT,
	KEY_OP_DECRYPT,
	KEY_OP_SIGN,
	KEY_OP_VERIFY,
	KEY_OP_WRAP,
	KEY_OP_UNWRAP,
	KEY_OP_COUNT,
};

struct key_state {
	uint8_t key_ops; /* bit per enum key_operation */
	bool enabled;
	bool has_nbf, has_exp;
	int64_t nbf_s, exp_s;
};

/*
 * Whether an operation may use the key now.
 *   key_ops lacks it                              → KEY_OPERATION_NOT_LISTED
 *   disabled: decrypt, sign, unwrap are refused   → KEY_DISABLED (encrypt, verify, wrap still work)
 *   outside [nbf, exp): encrypt, sign, wrap are refused → KEY_NOT_YET_VALID, KEY_EXPIRED (decrypt, verify, unwrap still
 * work)
 */
struct verdict key_use_decide(const struct key_state *k, enum key_operation op, int64_t now_s);

/* "wrapKey": the word in key_ops. */
const char *key_operation_word(enum key_operation op);

/* The vault's settings as a key shows them. Source: fixtures/sources.md#attributes */
const char *recovery_level(int retention_days, bool is_purge_protected);

/*
 * Deleting and recovering take Azure some seconds. Until delay_s have passed since the change, a key is neither among
 * the living nor among the deleted: whoever asks for it does not find it, and its name is not free.
 */
enum key_phase { KEY_SETTLED = 0, KEY_BEING_DELETED, KEY_BEING_RECOVERED };
struct key_change {
	bool is_deleted; /* deleted, or else living */
	int64_t at_s;	 /* of the last deletion or recovery; 0: none yet */
};
/* delay_s 0: every change is done at once. */
enum key_phase key_phase(const struct key_change *c, int64_t delay_s, int64_t now_s);

/* Purging by hand: denied under protection, for everybody. */
struct verdict purge_decide(bool is_purge_protected);

#endif
