#ifndef SANDVAULT_VAULTD_ARM_DENY_MAKE_H
#define SANDVAULT_VAULTD_ARM_DENY_MAKE_H

/* Stores a deny assignment: for templates and for the control API. */

#include "common/model/role_deny.h"
#include "vaultd/vaultd.h"

/* New, or in place of the one of that id; its dates are filled in, and it is felt after the propagation delay. Refuses
 * scopes that are not there (deny_scope.h). In a write transaction. */
enum fault deny_assignment_make(const struct vaultd *d, struct txn *t, int64_t now_ms, struct deny_assignment *a,
				struct err *err) MUST_USE;

#endif
