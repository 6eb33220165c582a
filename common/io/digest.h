#ifndef SANDVAULT_IO_DIGEST_H
#define SANDVAULT_IO_DIGEST_H

/* Hashes: of small input at once, of much in pieces. */

#include "common/plain/span.h"
#include <stdint.h>

enum { SHA1_LEN = 20, SHA256_LEN = 32, SHA384_LEN = 48, SHA512_LEN = 64 };

void sha1(struct span in, uint8_t out[SHA1_LEN]);
void sha256(struct span in, uint8_t out[SHA256_LEN]);

/* A SHA-256 under way. It may be kept as bytes and gone on with later, on a machine of the same byte order; it tells as
 * much of what was hashed as the hash would. */
struct sha256_state {
	uint32_t total[2], state[8];
	uint8_t block[64];
};
void sha256_begin(struct sha256_state *s);
void sha256_add(struct sha256_state *s, struct span in);
/* s itself can be added to afterwards. */
void sha256_end(const struct sha256_state *s, uint8_t out[SHA256_LEN]);

#endif
