#ifndef SANDVAULT_VAULTD_ARM_DENY_READ_H
#define SANDVAULT_VAULTD_ARM_DENY_READ_H

/* A deny assignment from the "properties" of its resource: for templates and for the control API. */

#include "common/io/json.h"
#include "common/model/role_deny.h"
#include "common/plain/pool.h"

/*
 * Everything but the id and the history; a scope of its own is taken when properties say one, else *ret keeps what it
 * had. A principal is {"id","type"?,"displayName"?}; the id of zeros is everybody. Texts live in the body and in the
 * pool. FAULT_INVALID with a sentence.
 */
enum fault deny_assignment_read(const struct json *properties, struct pool *pool, struct deny_assignment *ret,
				struct err *err) MUST_USE;

#endif
