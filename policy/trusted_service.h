#ifndef SANDVAULT_POLICY_TRUSTED_SERVICE_H
#define SANDVAULT_POLICY_TRUSTED_SERVICE_H

/*
 * Which callers a vault's bypass for trusted services lets through its firewall.
 * Source: fixtures/sources.md#trusted-services
 */

#include <stdbool.h>

#include "common/plain/span.h"

/*
 * Whether a token's xms_mirid names a system-assigned identity of a resource on the documented list. A system-assigned
 * identity is named by its resource; a user-assigned one is a resource of its own, whose type is not on the list, so it
 * never is trusted, whatever it is attached to. Without case; the empty claim is not trusted.
 */
bool trusted_service_is(struct span xms_mirid);

/* The list's entry for a type ("Microsoft.ContainerRegistry/registries"): the service's name, NULL when it has none. */
const char *trusted_service_name(struct span resource_type);

#endif
