#ifndef SANDVAULT_MODEL_REGISTRY_MANIFEST_H
#define SANDVAULT_MODEL_REGISTRY_MANIFEST_H

/*
 * Repositories, manifests and tags of a registry. A repository is there while it has a manifest. Manifests are sealed
 * by the caller under the registry's data key; names, tags, digests and media types are kept as they are. All
 * FAULT_NOT_FOUND where there is none.
 */

#include "common/model/registry_blob.h"

enum { MEDIA_TYPE_SIZE = 128, TAG_SIZE = 129, MANIFEST_MAX = 4 << 20 };

struct manifest {
	uint8_t digest[SHA256_LEN];
	char media_type[MEDIA_TYPE_SIZE];
	int64_t size;
	struct span sealed; /* borrowed: from the transaction, or the caller's */
};

void manifest_context(struct buf *out, const struct registry *r, struct span repository,
		      const uint8_t digest[SHA256_LEN]);
enum fault manifest_get(struct txn *t, const struct registry *r, struct span repository,
			const uint8_t digest[SHA256_LEN], struct manifest *ret) MUST_USE;
enum fault manifest_put(struct txn *t, const struct registry *r, struct span repository,
			const struct manifest *m) MUST_USE;
/* With its tags, and with the repository when it was the last. */
enum fault manifest_del(struct txn *t, const struct registry *r, struct span repository,
			const uint8_t digest[SHA256_LEN]) MUST_USE;

enum fault tag_get(struct txn *t, const struct registry *r, struct span repository, struct span tag,
		   uint8_t ret_digest[SHA256_LEN]) MUST_USE;
enum fault tag_put(struct txn *t, const struct registry *r, struct span repository, struct span tag,
		   const uint8_t digest[SHA256_LEN]) MUST_USE;
enum fault tag_del(struct txn *t, const struct registry *r, struct span repository, struct span tag) MUST_USE;

enum fault repository_exists(struct txn *t, const struct registry *r, struct span repository) MUST_USE;

/* Names in order, after that one (empty: from the start), until each returns a fault, which is then the result. */
typedef enum fault registry_name_each(struct span name, void *arg);
enum fault repository_each(struct txn *t, const struct registry *r, struct span after, registry_name_each *each,
			   void *arg) MUST_USE;
enum fault tag_each(struct txn *t, const struct registry *r, struct span repository, struct span after,
		    registry_name_each *each, void *arg) MUST_USE;

#endif
