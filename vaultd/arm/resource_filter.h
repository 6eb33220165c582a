#ifndef SANDVAULT_VAULTD_ARM_RESOURCE_FILTER_H
#define SANDVAULT_VAULTD_ARM_RESOURCE_FILTER_H

/* $filter of the generic resource list: resourceType, name, resourceGroup, location with "eq", and "and". Pure. */

#include "common/plain/fault.h"
#include "common/plain/span.h"

/* Borrowed from the query; p NULL: any. */
struct resource_filter {
	struct span type, name, group, location;
};

/* What of a resource the list looks at. */
struct resource {
	const char *id, *type, *name, *group, *location;
};

/* An empty text is no filter. InvalidFilterInQueryString. */
enum fault resource_filter_read(struct span text, struct resource_filter *ret, struct err *err) MUST_USE;
bool resource_filter_fits(const struct resource_filter *f, const struct resource *r);

#endif
