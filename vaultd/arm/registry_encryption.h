#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_ENCRYPTION_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_ENCRYPTION_H

/* The encryption block of a registry's body, and what may become of a registry's key. Source:
 * fixtures/sources.md#registry-errors */

#include "common/io/json.h"
#include "common/model/registry.h"
#include "vaultd/arm/arm.h"

/* A registry on its way from what it was (former, NULL: new) to what it shall be. */
struct registry_change {
	const struct registry *former;
	struct registry *next; /* identities, SKU and settings are in it already; its key is what former's was */
	bool wants_system;     /* its own identity, which next has only when former had it */
	bool has_trust;	       /* content trust is asked for */
	bool adopts;	       /* found here: the key is to be taken into use, or looked at anew */
};

/* Reads properties.encryption into next's key_identifier and key_identity, and finds what is to be done. Refuses what
 * cannot be: all before the vault is asked. */
enum fault registry_encryption_read(struct arm_op *op, const struct json *properties, struct registry_change *c,
				    struct err *err) MUST_USE;

/* The identity is not, or no longer, the registry's. */
enum fault registry_say_no_identity(struct txn *t, const struct registry *r, struct err *err);

#endif
