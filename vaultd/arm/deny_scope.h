#ifndef SANDVAULT_VAULTD_ARM_DENY_SCOPE_H
#define SANDVAULT_VAULTD_ARM_DENY_SCOPE_H

/* Where a deny assignment may stand: at what is there. One at a slip of the pen would deny nothing, and nobody would
 * see. */

#include "common/model/role_deny.h"
#include "common/model/world.h"

/*
 * The subscription, a group, a resource or a key must be there, the top ("/") is. SubscriptionNotFound,
 * ResourceGroupNotFound, ResourceNotFound; FAULT_INVALID for what is no id of any of them.
 */
enum fault deny_scope_check(const struct world *w, struct txn *t, const struct deny_assignment *d,
			    struct err *err) MUST_USE;

#endif
