#ifndef SANDVAULT_POLICY_ACTION_H
#define SANDVAULT_POLICY_ACTION_H

/*
 * Every data action on keys: its word in an access policy, and its string in a role. The only list of these.
 * Source: fixtures/sources.md#key-actions
 */

#include <stdint.h>

#include "common/plain/span.h"

enum action {
	ACTION_KEYS_GET,
	ACTION_KEYS_LIST,
	ACTION_KEYS_CREATE,
	ACTION_KEYS_IMPORT,
	ACTION_KEYS_UPDATE,
	ACTION_KEYS_DELETE,
	ACTION_KEYS_RECOVER,
	ACTION_KEYS_PURGE,
	ACTION_KEYS_BACKUP,
	ACTION_KEYS_RESTORE,
	ACTION_KEYS_ENCRYPT,
	ACTION_KEYS_DECRYPT,
	ACTION_KEYS_WRAP,
	ACTION_KEYS_UNWRAP,
	ACTION_KEYS_SIGN,
	ACTION_KEYS_VERIFY,
	ACTION_KEYS_ROTATE,
	ACTION_KEYS_GET_ROTATION_POLICY,
	ACTION_KEYS_SET_ROTATION_POLICY,
	ACTION_KEYS_RELEASE,
	ACTION_COUNT,
};

/* "wrapKey": as access policies and Azure's refusals spell it. */
const char *action_policy_word(enum action a);
/* "Microsoft.KeyVault/vaults/keys/wrap/action". */
const char *action_rbac_string(enum action a);

/* A set of actions, one bit each. */
typedef uint32_t action_set;
#define ACTION_BIT(a) ((action_set)1 << (a))
/* The set that one word of a policy's keys list grants: without case; "all" is everything but purge. 0 for an unknown
 * word. */
action_set action_set_of_word(struct span word);

/* Whether a role's pattern covers an action: without case; each star stands for any text, slashes included. */
bool action_matches(struct span pattern, struct span action);

#endif
