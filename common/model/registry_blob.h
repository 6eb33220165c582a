#ifndef SANDVAULT_MODEL_REGISTRY_BLOB_H
#define SANDVAULT_MODEL_REGISTRY_BLOB_H

/*
 * What a registry holds of layers and other blobs, and of those still on their way. Their bytes are kept in pieces,
 * each sealed by the caller under the registry's data key; whoever has only the store sees digests and sizes.
 *
 * A blob is known by its digest once in the registry, and belongs to each repository that it is linked to. Its bytes
 * are those of the upload it came by: finishing one moves nothing. All FAULT_NOT_FOUND where there is none.
 */

#include "common/io/digest.h"
#include "common/model/registry.h"

enum {
	BLOB_PIECE_MAX = 1 << 20,
	BLOB_CONTENT_LEN = 16,
	BLOB_STATE_MAX = 160,
	REPOSITORY_SIZE = 256,
};
#define BLOB_MAX (INT64_C(512) << 20)

/* The bytes of a blob or of an upload: drawn at random, never reused. */
struct blob_content {
	uint8_t id[BLOB_CONTENT_LEN];
	size_t id_len;
	int64_t size, n_pieces;
};

/* What a piece is sealed for: its place. */
void blob_piece_context(struct buf *out, const struct registry *r, const struct blob_content *c, int64_t piece);
enum fault blob_piece_put(struct txn *t, const struct registry *r, const struct blob_content *c, int64_t piece,
			  struct span sealed) MUST_USE;
/* Borrowed from the transaction. */
enum fault blob_piece_get(struct txn *t, const struct registry *r, const struct blob_content *c, int64_t piece,
			  struct span *ret) MUST_USE;

struct upload {
	struct blob_content content; /* its id is the upload's */
	char repository[REPOSITORY_SIZE];
	int64_t began_s;
	uint8_t sealed_state[BLOB_STATE_MAX]; /* struct sha256_state; empty: nothing came yet */
	size_t sealed_state_len;
};
/* How long an upload may take. */
enum { UPLOAD_KEPT_S = 24 * 3600 };

/* Draws its id. Forgets a few uploads that were given up, too. */
enum fault upload_begin(struct txn *t, const struct registry *r, const struct rng *rng, struct span repository,
			int64_t now_s, struct upload *ret) MUST_USE;
/* One of that repository, and not yet given up. */
enum fault upload_get(struct txn *t, const struct registry *r, struct span id, struct span repository, int64_t now_s,
		      struct upload *ret) MUST_USE;
enum fault upload_put(struct txn *t, const struct registry *r, const struct upload *u) MUST_USE;
/* With its bytes. */
enum fault upload_drop(struct txn *t, const struct registry *r, const struct upload *u) MUST_USE;
/* The upload becomes the blob of that digest, linked to its repository; when there is one already, that stays. */
enum fault upload_finish(struct txn *t, const struct registry *r, const struct upload *u,
			 const uint8_t digest[SHA256_LEN]) MUST_USE;

/* A blob of the repository. */
enum fault blob_get(struct txn *t, const struct registry *r, const uint8_t digest[SHA256_LEN], struct span repository,
		    struct blob_content *ret) MUST_USE;
enum fault blob_link(struct txn *t, const struct registry *r, const uint8_t digest[SHA256_LEN],
		     struct span repository) MUST_USE;
/* With its bytes, when no other repository has it. */
enum fault blob_unlink(struct txn *t, const struct registry *r, const uint8_t digest[SHA256_LEN],
		       struct span repository) MUST_USE;

#endif
