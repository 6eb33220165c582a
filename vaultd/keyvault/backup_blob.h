#ifndef SANDVAULT_VAULTD_KEYVAULT_BACKUP_BLOB_H
#define SANDVAULT_VAULTD_KEYVAULT_BACKUP_BLOB_H

/*
 * The outward form of a backup: an ASCII marker, then what looks like a compact JWE with the service's header. Within,
 * it is sealed under the sandbox's root key, so it opens in every sandbox with that root key and in no other. Source:
 * fixtures/sources.md#backup
 */

#include "common/io/seal.h"

/* Appends the blob, not yet base64url. */
enum fault backup_blob_seal(const struct sealer *s, const struct rng *rng, struct span content,
			    struct buf *out) MUST_USE;
/* FAULT_INVALID when it is no blob, has been changed, or was sealed under another root key. */
enum fault backup_blob_open(const struct sealer *s, struct span blob, struct secret *ret) MUST_USE;

#endif
