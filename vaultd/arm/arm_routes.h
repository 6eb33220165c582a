#ifndef SANDVAULT_VAULTD_ARM_ARM_ROUTES_H
#define SANDVAULT_VAULTD_ARM_ARM_ROUTES_H

/* The control plane's operations, one const row each. */

#include "vaultd/arm/arm.h"

/*
 * The row for a request, and its captures. When none fits, the result is NULL and *ret_other_method says whether the
 * path is known with other methods.
 */
const struct arm_row *arm_find_row(const struct http_request *request, struct pool *pool, struct route_match *ret,
				   bool *ret_other_method);

/* By its REST name, in any case; NULL when there is none. */
const struct arm_row *arm_row_named(struct span name);

#endif
