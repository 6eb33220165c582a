#ifndef SANDVAULT_VAULTD_TEMPLATE_CONSTRAINTS_H
#define SANDVAULT_VAULTD_TEMPLATE_CONSTRAINTS_H

/* What a parameter's declaration demands of its value. */

#include "vaultd/template/template_types.h"

/* Type, allowedValues, minValue, maxValue, minLength, maxLength. at is the declaration's place. */
enum fault constraints_check(struct plan *p, struct span name, const struct tv *declaration,
			     const struct template_type *type, const struct tv *value, const struct path *at,
			     struct err *err) MUST_USE;

#endif
