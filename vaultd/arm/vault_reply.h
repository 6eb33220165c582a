#ifndef SANDVAULT_VAULTD_ARM_VAULT_REPLY_H
#define SANDVAULT_VAULTD_ARM_VAULT_REPLY_H

/* A vault's shape in replies. */

#include "common/model/vault.h"
#include "vaultd/arm/arm.h"

/* The vault's resource id. */
enum { VAULT_ID_SIZE = 512 };
void vault_print_id(char out[VAULT_ID_SIZE], const struct vault *v);
/* "/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/NAME" */
void vault_write_id(struct json_out *o, const char *key, const struct vault *v);
void vault_write(struct arm_op *op, const struct vault *v);
/* The items of the generic list: no properties. */
void vault_write_generic(struct arm_op *op, const struct vault *v);

#endif
