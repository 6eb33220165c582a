#ifndef SANDVAULT_VAULTD_TEMPLATE_TYPES_H
#define SANDVAULT_VAULTD_TEMPLATE_TYPES_H

/* The types that parameters and outputs of templates declare, by themselves or through "$ref" to a definition. */

#include "vaultd/template/template_plan.h"

struct template_type {
	const char *name; /* in templates, any case */
	const char *shown;
	const char *expected; /* in the sentence about an output */
	enum tv_type type;
	bool is_secure;
};

/* A declaration's type: its own or its definition's. The fault knows its place. */
enum fault declared_type(struct plan *p, const struct tv *declaration, const struct path *at,
			 const struct template_type **ret, struct err *err) MUST_USE;
/* A member of the declaration or of its definitions; NULL: none. */
const struct tv *declared_get(const struct plan *p, const struct tv *declaration, const char *member);
bool declared_is_nullable(const struct plan *p, const struct tv *declaration);
/* {"type":"String","value":…}; value NULL or secure: without. NULL when memory is out. */
const struct tv *typed_value(struct pool *pool, const struct template_type *type, const struct tv *value);

#endif
