#ifndef SANDVAULT_VAULTD_KEYVAULT_KV_SUCCESSOR_H
#define SANDVAULT_VAULTD_KEYVAULT_KV_SUCCESSOR_H

/* What a rotation makes of a key's newest version. */

#include "vaultd/keyvault/kv_generate.h"

/*
 * The successor of prev: new key material of the same kind, enabled, created at created_s, and with the expiry that the
 * key's rotation policy gives. key_ops, tags, `exportable` and the release policy are prev's: spans lie in prev and g.
 * FAULT_CONFLICT when prev is not of the kind that was made. Source: fixtures/sources.md#rotation
 */
enum fault kv_successor(const struct key_head *head, const struct key_version *prev, const struct kv_generation *g,
			int64_t created_s, struct key_version *ret, struct err *err) MUST_USE;

#endif
