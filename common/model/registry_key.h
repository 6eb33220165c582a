#ifndef SANDVAULT_MODEL_REGISTRY_KEY_H
#define SANDVAULT_MODEL_REGISTRY_KEY_H

/*
 * Keys of TABLE_REGISTRY_BLOB: registry uid (16 bytes), a letter, and what the letter says. Private to common/model.
 *
 *   'b' digest               blob
 *   'c' content, piece (u32) sealed bytes
 *   'l' digest, repository   the repository has the blob
 *   'm' repository NUL digest      manifest
 *   'r' repository           there is a manifest in it
 *   't' repository NUL tag
 *   'u' upload
 */

#include "common/model/registry.h"

struct registry_key {
	char bytes[STORE_KEY_MAX + 1];
	size_t len; /* longer than STORE_KEY_MAX: did not fit; no such key exists */
};

void registry_key_begin(struct registry_key *k, const struct registry *r, char kind);
void registry_key_add(struct registry_key *k, struct span part);
/* Empty when it did not fit. */
struct span registry_key_span(const struct registry_key *k);

#endif
