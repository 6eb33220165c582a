#ifndef SANDVAULT_VAULTD_ARM_ACCESS_POLICIES_H
#define SANDVAULT_VAULTD_ARM_ACCESS_POLICIES_H

/*
 * Lists of access-policy entries: read from a body, merged, written. Words of a list keep their case and order. Pure.
 */

#include "common/io/json.h"
#include "common/io/json_out.h"
#include "common/model/vault.h"

struct access_policy_list {
	struct access_policy_entry *entries; /* owned, with what hangs on them */
	size_t n;
};

void access_policy_list_done(struct access_policy_list *l);

/* The body's "accessPolicies" array into an empty *ret. FAULT_INVALID with a sentence that says which entry and why. */
enum fault access_policies_read(const struct json *array, struct access_policy_list *ret, struct err *err) MUST_USE;
/* All entries are of the vault's tenant. */
enum fault access_policies_check_tenant(const struct access_policy_list *l, const char *tenant_id,
					struct err *err) MUST_USE;
void access_policies_write(struct json_out *o, const char *key, const struct access_policy_entry *entries, size_t n);

/*
 * What PUT …/accessPolicies/{add,replace,remove} does with the list a vault has. Entries are the same when tenant,
 * object and application id are. add: the permissions of both. replace: the given entry stands in for the one there.
 * remove: the given words are taken away; an entry without any left goes.
 */
enum access_policy_change { ACCESS_POLICY_ADD, ACCESS_POLICY_REPLACE, ACCESS_POLICY_REMOVE };
enum fault access_policies_change(struct access_policy_list *has, const struct access_policy_list *given,
				  enum access_policy_change change, struct err *err) MUST_USE;

#endif
