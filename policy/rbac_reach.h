#ifndef SANDVAULT_POLICY_RBAC_REACH_H
#define SANDVAULT_POLICY_RBAC_REACH_H

/*
 * How far permissions reach, and how assignments are found: shared by compiling and deciding.
 */

#include "policy/rbac.h"

/* Data actions on keys, as bits: what permissions give freely, and what some of them give under a condition only. */
struct rbac_reach {
	action_set free, conditional;
};

enum rbac_grip { RBAC_GRIP_NONE, RBAC_GRIP_CONDITIONAL, RBAC_GRIP_FREE };

/* The strongest that any permission says of the action. */
enum rbac_grip rbac_permissions_grip(const struct rbac_permissions *p, struct span action, bool is_data);

/* The hash of a principal and a scope is made byte by byte, so that one pass meets every scope above. */
uint64_t rbac_hash_principal(struct span principal_id);
static inline uint64_t rbac_hash_step(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}
/* The low bits alone choose a bucket. */
static inline size_t rbac_hash_bucket(uint64_t h, size_t n_buckets)
{
	return (size_t)(h ^ h >> 32) & (n_buckets - 1);
}

#endif
