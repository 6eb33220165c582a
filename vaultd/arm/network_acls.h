#ifndef SANDVAULT_VAULTD_ARM_NETWORK_ACLS_H
#define SANDVAULT_VAULTD_ARM_NETWORK_ACLS_H

/* A vault's network rules as the resource shows them. Pure. */

#include "common/io/json.h"

enum { NETWORK_VNET_RULES_MAX = 200, NETWORK_IP_RULES_MAX = 1000 };

/*
 * The body's "networkAcls" as compact JSON with all four members, owned by the caller; NULL when it says what holds
 * anyway (allow everybody). Subnet ids are lower-cased; an address alone becomes a prefix of its own. FAULT_INVALID
 * with a sentence.
 * Source: fixtures/sources.md#network-rules
 */
enum fault network_acls_read(const struct json *acls, char **ret, struct err *err) MUST_USE;

#endif
