#ifndef SANDVAULT_IDENTITYD_RESOURCE_H
#define SANDVAULT_IDENTITYD_RESOURCE_H

/* What a token can be for. Pure. Source: fixtures/sources.md#audiences */

#include "common/model/endpoints.h"
#include "common/plain/span.h"

enum { RESOURCE_MAX = 512 };

/* Whether the directory has a service principal of that name: an API of Azure's, by URL or application id, or one of
 * this cloud's. Case does not matter. */
bool resource_is_known(struct span resource, const struct endpoints *at);

/* The resource of an app-only scope: exactly one, ending in "/.default", which is taken off once (a URL that ends in a
 * slash has two, and keeps one). FAULT_INVALID. */
enum fault resource_of_scope(struct span scope, struct span *ret) MUST_USE;

#endif
