#ifndef SANDVAULT_VAULTD_TEMPLATE_UNIQUE_H
#define SANDVAULT_VAULTD_TEMPLATE_UNIQUE_H

/* The hashes by which the service makes names: the same text gives the same name here as there.
 * Source: fixtures/sources.md#templates */

#include "common/plain/base.h"
#include "common/plain/text.h"

/* Of MurmurHash's family, 64 bits, with constants of the service's own. */
uint64_t unique_hash(struct span text);

enum { UNIQUE_LEN = 13 };
/* The hash in base 32. */
void unique_string(struct span text, char out[UNIQUE_LEN]);
/* A UUID of version 5 in the service's namespace; lower case, NUL-terminated. FAULT_MEMORY. */
enum fault unique_guid(struct span text, char out[UUID_SIZE]) MUST_USE;

#endif
