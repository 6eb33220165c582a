#ifndef SANDVAULT_VAULTD_ARM_ROLE_LISTING_H
#define SANDVAULT_VAULTD_ARM_ROLE_LISTING_H

/* What the three lists of Microsoft.Authorization share: scope of the path, $filter, page. */

#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/role_filter.h"
#include "vaultd/arm/role_path.h"

struct role_listing {
	struct arm_page page;
	struct role_filter filter;
	struct role_scope scope;
};

/* Opens the reply; the caller then writes the items that fit and that the page wants. */
enum fault role_listing_begin(struct arm_op *op, enum role_filter_kind kind, struct role_listing *ret,
			      struct err *err) MUST_USE;
/* Closes it. */
enum fault role_listing_end(struct role_listing *l) MUST_USE;

#endif
