#ifndef SANDVAULT_VAULTD_ARM_ROLE_FILTER_H
#define SANDVAULT_VAULTD_ARM_ROLE_FILTER_H

/* The $filter of Microsoft.Authorization's lists: clauses joined by "and". Texts are p NULL when not asked for. Pure.
 */

#include "common/plain/fault.h"
#include "common/plain/buf.h"
#include "common/plain/pool.h"

struct role_filter {
	bool at_scope;		 /* atScope() */
	bool at_scope_and_below; /* atScopeAndBelow() */
	struct span principal_id, assigned_to;
	struct span role_name, type, deny_name;
};

/* Which of them a list knows. */
enum role_filter_kind { ROLE_FILTER_DEFINITIONS, ROLE_FILTER_ASSIGNMENTS, ROLE_FILTER_DENIES };

/* InvalidFilterInQueryString with a sentence that names what is known. */
enum fault role_filter_read(struct span text, enum role_filter_kind kind, struct pool *pool, struct role_filter *ret,
			    struct err *err) MUST_USE;

#endif
