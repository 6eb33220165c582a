#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_CHANGE_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_CHANGE_H

/*
 * What a PUT or PATCH makes of a registry: everything is read and checked first; then, when a key is to be taken into
 * use, the vault is asked while the request waits; then the registry is written, if nobody else changed it meanwhile.
 */

#include "common/model/registry.h"
#include "vaultd/arm/arm.h"

/* Reads the body into next (a copy of former, or of a new one's beginning), and answers now or later. In a write
 * transaction that has written nothing yet. former NULL: new. */
enum fault registry_change(struct arm_op *op, const struct registry *former, struct registry *next,
			   struct err *err) MUST_USE;

#endif
