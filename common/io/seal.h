#ifndef SANDVAULT_IO_SEAL_H
#define SANDVAULT_IO_SEAL_H

/*
 * Sealing of secrets at rest: AES-256-GCM under the root key of a data directory.
 * A sealed value is nonce (12) ‖ tag (16) ‖ ciphertext. context binds it to its place (table and key), so that a sealed
 * value moved elsewhere does not open.
 */

#include "common/plain/buf.h"
#include "common/plain/rng.h"
#include "common/plain/secret.h"

enum { SEAL_KEY_LEN = 32, SEAL_OVERHEAD = 28 };

struct sealer {
	struct secret key;
};

/* Reads the 32 bytes of path, or makes the file (mode 0600, synced) when it does not exist and may_create. Two
 * processes may race to create: one wins, both read the winner's. A file of another size or with wider
 * permissions is FAULT_INVALID with a sentence. */
enum fault sealer_open(const char *path, bool may_create, const struct rng *rng, struct sealer *ret,
		       struct err *err) MUST_USE;
void sealer_done(struct sealer *s);

enum fault seal(const struct sealer *s, struct span context, struct span plain, const struct rng *rng,
		struct buf *out) MUST_USE;
/* FAULT_CRYPTO when it does not open. */
enum fault unseal(const struct sealer *s, struct span context, struct span sealed, struct secret *ret) MUST_USE;

#endif
