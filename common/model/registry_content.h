#ifndef SANDVAULT_MODEL_REGISTRY_CONTENT_H
#define SANDVAULT_MODEL_REGISTRY_CONTENT_H

/* What uploads and blobs share. Private to common/model. */

#include "common/model/registry_blob.h"

enum fault blob_content_drop(struct txn *t, const struct registry *r, const struct blob_content *c) MUST_USE;
/* Makes it the blob of that digest, or drops it when there is one already. */
enum fault blob_adopt(struct txn *t, const struct registry *r, const struct blob_content *c,
		      const uint8_t digest[SHA256_LEN]) MUST_USE;

#endif
