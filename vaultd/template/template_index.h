#ifndef SANDVAULT_VAULTD_TEMPLATE_INDEX_H
#define SANDVAULT_VAULTD_TEMPLATE_INDEX_H

/*
 * From names to numbers, several under one name, in the order they were put in. Names compare without case. Lives in a
 * pool; names are kept as they are, not copied.
 */

#include "common/plain/fault.h"
#include "common/plain/pool.h"
#include "common/plain/span.h"

struct index_item {
	size_t value;
	const struct index_item *next;
};

/* A name that is known; items is NULL when nothing stands under it. */
struct index_slot {
	struct span name; /* p NULL: free */
	const struct index_item *items;
	struct index_item *last;
};

struct index {
	struct pool *pool;
	struct index_slot *slots;
	size_t cap, used;
};

void index_init(struct index *x, struct pool *pool);
/* Makes the name known. FAULT_MEMORY. */
enum fault index_touch(struct index *x, struct span name, struct index_slot **ret) MUST_USE;
enum fault index_put(struct index *x, struct span name, size_t value) MUST_USE;
/* NULL: not known. */
const struct index_slot *index_find(const struct index *x, struct span name);

#endif
