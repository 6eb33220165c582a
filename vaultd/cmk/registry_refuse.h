#ifndef SANDVAULT_VAULTD_CMK_REGISTRY_REFUSE_H
#define SANDVAULT_VAULTD_CMK_REGISTRY_REFUSE_H

/* What a registry says when it cannot have the key. Source: fixtures/sources.md#registry-errors */

#include "common/model/registry.h"

/* The identity cannot get, wrap or unwrap: whatever the vault's reason was. */
enum fault registry_refuse_key(const struct registry *r, const char *client_id, struct err *err);
/* The key is of another kind than RSA. */
enum fault registry_refuse_kind(const struct registry *r, const char *kty, struct err *err);
/* The identity that the registry used was taken from it, or is gone. */
enum fault registry_refuse_identity(struct err *err);
/* The identifier names no key of a vault. */
enum fault registry_refuse_identifier(const struct registry *r, struct err *err);

#endif
