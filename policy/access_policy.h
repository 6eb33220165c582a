#ifndef SANDVAULT_POLICY_ACCESS_POLICY_H
#define SANDVAULT_POLICY_ACCESS_POLICY_H

/*
 * The older permission model: per-principal lists in the vault.
 */

#include "common/plain/fault.h"
#include "policy/action.h"
#include "policy/verdict.h"

/* One entry, ids lower-case; application_id is empty unless the entry is for a compound identity. */
struct access_policy_rule {
	struct span tenant_id, object_id, application_id;
	action_set keys;
};

struct access_policy_query {
	struct span tenant_id, object_id, app_id; /* of the caller, lower-case; an empty object id is nobody */
	bool is_on_behalf_of;			  /* the token names a user and an application */
	enum action action;
};

/*
 * Allows when an entry of the caller's tenant and object id has the action; an entry with an application id counts only
 * for a caller acting on behalf of a user through that application.
 *
 * rules borrowed. Never fails. Reasons: NO_CALLER, ACCESS_POLICY, ACCESS_POLICY_NO_ENTRY, ACCESS_POLICY_NO_PERMISSION.
 */
struct verdict access_policy_decide(const struct access_policy_rule *rules, size_t n_rules,
				    const struct access_policy_query *q);

/* The same rules put in order once, so that a long list costs no more than a short one. All zero is an empty list. */
struct access_policy_index {
	const struct access_policy_rule *rules; /* borrowed: must outlive the index */
	size_t *by_object;			/* places in rules, by object id, then as given */
	size_t n;
};
/* FAULT_MEMORY; *ret is then untouched. */
enum fault access_policy_index_make(const struct access_policy_rule *rules, size_t n_rules,
				    struct access_policy_index *ret) MUST_USE;
void access_policy_index_done(struct access_policy_index *i);
/* What access_policy_decide says of the same rules. */
struct verdict access_policy_decide_indexed(const struct access_policy_index *i, const struct access_policy_query *q);

#endif
