#ifndef SANDVAULT_POLICY_TRUSTED_SERVICE_H
#define SANDVAULT_POLICY_TRUSTED_SERVICE_H

/*
 * Which callers a vault's bypass for trusted services lets through its firewall. The list is data, handed in
 * (common/model/trusted_list.h); the empty one trusts nobody.
 * Source: fixtures/sources.md#trusted-services
 */

#include <stdbool.h>

#include "common/plain/span.h"

struct trusted_service {
	struct span type; /* "microsoft.containerregistry/registries": lower-case */
	struct span service;
};

struct trusted_services {
	const struct trusted_service *at; /* ascending by type, as trusted_service_order has it */
	size_t n;
};

/*
 * Whether a token's xms_mirid names a system-assigned identity of a resource on the list. A system-assigned identity is
 * named by its resource; a user-assigned one is a resource of its own, whose type is not on the list, so it never is
 * trusted, whatever it is attached to. Without case; the empty claim is not trusted.
 */
bool trusted_service_is(const struct trusted_services *list, struct span xms_mirid);

/* The list's entry for a type ("Microsoft.ContainerRegistry/registries", in any case); NULL when it has none. */
const struct trusted_service *trusted_service_find(const struct trusted_services *list, struct span resource_type);

/* Below, at or above 0 as a comes before, with or after b. Without case. */
int trusted_service_order(struct span a, struct span b);

#endif
