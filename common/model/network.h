#ifndef SANDVAULT_MODEL_NETWORK_H
#define SANDVAULT_MODEL_NETWORK_H

/*
 * A vault's network rules: from the JSON that the resource shows to what policy/ decides on.
 * Source: fixtures/sources.md#network-rules
 */

#include "common/model/vault.h"
#include "policy/firewall.h"

/*
 * networkAcls and publicNetworkAccess of a vault, compiled. *ret belongs to the caller (firewall_done) and is written
 * on success only. FAULT_STORE: the stored JSON is not what a vault may have; never an open door.
 */
enum fault network_compile(const struct vault *v, struct firewall *ret) MUST_USE;

/* "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N", in any casing. */
bool network_is_subnet_id(struct span id);

#endif
