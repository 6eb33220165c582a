#ifndef SANDVAULT_MODEL_OPERATION_H
#define SANDVAULT_MODEL_OPERATION_H

/*
 * Long-running operations on registries: their work is done when they begin, and what is left is how long their outcome
 * takes to be seen. A day after that they are forgotten.
 */

#include "common/model/registry.h"

enum { OPERATION_ID_SIZE = 64 };

/* What an operation on a registry changes. */
struct registry_state {
	char system_object_id[ID_SIZE];
	size_t n_identities;
	char identities[REGISTRY_IDENTITIES_MAX][RESOURCE_ID_SIZE];
	char key_identifier[REGISTRY_KEY_ID_SIZE];
	char versioned_key_identifier[REGISTRY_KEY_ID_SIZE];
	char key_identity[ID_SIZE];
	int64_t key_rotated_ms;
};
void registry_state_of(struct registry_state *out, const struct registry *r);

struct operation {
	char id[OPERATION_ID_SIZE]; /* "registries-UUID" */
	char registry[REGISTRY_NAME_SIZE];
	bool is_creation;
	int64_t ends_ms; /* until then the registry shows what it was before */
	struct registry_state before;
};

/* FAULT_NOT_FOUND. */
enum fault operation_get(struct txn *t, struct span id, struct operation *ret) MUST_USE;
/* Sweeps a few forgotten ones, too. */
enum fault operation_put(struct txn *t, const struct operation *o, int64_t now_ms) MUST_USE;

/* The last one of a registry that takes time to be seen: put beside its id. */
enum fault operation_of_registry(struct txn *t, const struct registry *r, struct operation *ret) MUST_USE;
enum fault operation_put_of_registry(struct txn *t, const struct registry *r, const struct operation *o) MUST_USE;

#endif
