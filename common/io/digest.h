#ifndef SANDVAULT_IO_DIGEST_H
#define SANDVAULT_IO_DIGEST_H

/* Hashes of small input. */

#include "common/plain/span.h"
#include <stdint.h>

enum { SHA1_LEN = 20, SHA256_LEN = 32, SHA384_LEN = 48, SHA512_LEN = 64 };

void sha1(struct span in, uint8_t out[SHA1_LEN]);
void sha256(struct span in, uint8_t out[SHA256_LEN]);

#endif
