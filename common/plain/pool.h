#ifndef SANDVAULT_PLAIN_POOL_H
#define SANDVAULT_PLAIN_POOL_H

/*
 * Memory that dies with a request: many small pieces, one release. Pieces are zeroed and aligned for any type.
 * Exhaustion of memory returns NULL; a pool has a ceiling like every thing a client can grow.
 */

#include "common/plain/base.h"
#include "common/plain/span.h"

struct pool_block;
struct pool {
	struct pool_block *head;
	size_t used; /* bytes handed out, against max */
	size_t max;
};

void pool_init(struct pool *p, size_t max);
void pool_done(struct pool *p);
/* Everything handed out is gone; the first block is kept for the next request. */
void pool_reset(struct pool *p);
void *pool_alloc(struct pool *p, size_t n);
/* A NUL-terminated copy. */
char *pool_strndup(struct pool *p, const char *s, size_t n);
/* A copy (NUL after it) as a span; the empty span with p NULL when memory is out. */
struct span pool_dup(struct pool *p, struct span s);

#endif
