#ifndef SANDVAULT_VAULTD_ARM_RESOURCE_FILTER_H
#define SANDVAULT_VAULTD_ARM_RESOURCE_FILTER_H

/* $filter of the generic resource list: "resourceType eq 'T'", "name eq 'N'", and both with "and". Pure. */

#include "common/plain/fault.h"
#include "common/plain/span.h"

/* Borrowed from the query; p NULL: any. */
struct resource_filter {
	struct span type, name;
};

/* An empty text is no filter. InvalidFilterInQueryString. */
enum fault resource_filter_read(struct span text, struct resource_filter *ret, struct err *err) MUST_USE;
bool resource_filter_fits(const struct resource_filter *f, const char *type, const char *name);

#endif
