#ifndef SANDVAULT_VAULTD_ARM_ACCESS_POLICY_WORDS_H
#define SANDVAULT_VAULTD_ARM_ACCESS_POLICY_WORDS_H

/* The words an access policy may use, by category. Pure. */

#include "common/io/json.h"
#include "policy/action.h"

enum { PERMISSION_WORDS_MAX = 24 };

struct permission_category {
	const char *name;			 /* "keys" */
	const char *words[PERMISSION_WORDS_MAX]; /* NULL at the end; beside "all" */
};

extern const struct permission_category permission_categories[];
extern const size_t n_permission_categories;

/* Without case. */
bool permission_is_known(const struct permission_category *c, struct span word);
/* What a "keys" list grants; an absent one nothing. */
action_set permission_key_actions(const struct json *list);

#endif
