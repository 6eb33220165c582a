#include "policy/rbac_reach.h"

static bool any_matches(const struct rbac_patterns *p, struct span action)
{
	for (size_t i = 0; i < p->n; i++)
		if (action_matches(p->at[i], action))
			return true;
	return false;
}

enum rbac_grip rbac_permissions_grip(const struct rbac_permissions *p, struct span action, bool is_data)
{
	enum rbac_grip grip = RBAC_GRIP_NONE;

	for (size_t i = 0; i < p->n; i++) {
		const struct rbac_permission *one = &p->at[i];

		if (!any_matches(is_data ? &one->data_actions : &one->actions, action) ||
		    any_matches(is_data ? &one->not_data_actions : &one->not_actions, action))
			continue;
		if (!one->has_condition)
			return RBAC_GRIP_FREE;
		grip = RBAC_GRIP_CONDITIONAL;
	}
	return grip;
}

uint64_t rbac_hash_principal(struct span principal_id)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < principal_id.len; i++)
		h = rbac_hash_step(h, principal_id.p[i]);
	return rbac_hash_step(h, '\0');
}
