#ifndef SANDVAULT_VAULTD_ARM_ROLE_PATH_H
#define SANDVAULT_VAULTD_ARM_ROLE_PATH_H

/* The scope that a path of Microsoft.Authorization stands at, and the ids it names. All memory is the exchange's. */

#include "vaultd/arm/arm.h"

struct role_scope {
	struct span text;   /* as Azure writes it: "/subscriptions/…/resourceGroups/…"; "/" is the tenant */
	struct span folded; /* for comparing */
};

/* What stands before "/providers/Microsoft.Authorization/…". */
enum fault role_scope_of_path(struct arm_op *op, struct role_scope *ret) MUST_USE;
/* Any id as a scope. FAULT_INVALID: it is none. */
enum fault role_scope_read(struct pool *pool, struct span id, struct role_scope *ret) MUST_USE;
/* The subscription must be the sandbox's, a group and a vault in the scope must be there. SubscriptionNotFound,
 * ResourceGroupNotFound, ResourceNotFound. */
struct world;
enum fault role_scope_exists(const struct world *w, struct txn *t, const struct role_scope *scope,
			     struct err *err) MUST_USE;

/* A captured GUID in lower case. FAULT_INVALID when it is none. */
enum fault role_guid_of_path(struct arm_op *op, const char *capture, struct span *ret) MUST_USE;
enum fault role_guid(struct pool *pool, struct span text, struct span *ret) MUST_USE;
/* The GUID at the end of "…/providers/Microsoft.Authorization/roleDefinitions/GUID", in lower case. FAULT_INVALID. */
enum fault role_definition_guid(struct pool *pool, struct span id, struct span *ret) MUST_USE;

/* A GUID without its dashes, as some of Azure's sentences have it. */
enum { GUID_BARE_SIZE = 33 };
void role_guid_bare(char out[GUID_BARE_SIZE], struct span guid);

#endif
