#ifndef SANDVAULT_VAULTD_TEMPLATE_REFERENCE_H
#define SANDVAULT_VAULTD_TEMPLATE_REFERENCE_H

/* What reference() answers: a resource of the template or one that exists. */

#include "vaultd/template/template_plan.h"

/* Before anything is deployed: FAULT_UNAVAILABLE when it makes sense, FAULT_INVALID when it never will. */
enum fault reference_check(struct plan *p, struct span what, struct span version, struct err *err) MUST_USE;
/* The whole resource, as it is now. What the lookup says. */
enum fault reference_get(struct plan *p, struct span what, struct span version, const struct tv **ret,
			 struct err *err) MUST_USE;
/* The sentence for a name that nothing in the template has. */
enum fault reference_unknown(struct plan *p, struct span what, struct err *err);

#endif
