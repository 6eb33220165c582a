#ifndef SANDVAULT_VAULTD_ARM_ARM_PAGE_H
#define SANDVAULT_VAULTD_ARM_ARM_PAGE_H

/*
 * Lists: {"value":[…],"nextLink":"…"}. $top is the length of a page (absent: all in one); $skiptoken, of our own
 * making, the number of items before it.
 */

#include "vaultd/arm/arm.h"

struct arm_page {
	struct arm_op *op;
	int64_t top; /* 0: no limit */
	int64_t skip, seen, written;
};

enum fault arm_page_begin(struct arm_op *op, struct arm_page *ret, struct err *err) MUST_USE;
/* Whether the next item belongs to this page. */
bool arm_page_wants(struct arm_page *p);
/* Ends the array and says where to go on; the outer object stays open for members of the caller's. */
void arm_page_end(struct arm_page *p);

#endif
