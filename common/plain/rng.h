#ifndef SANDVAULT_PLAIN_RNG_H
#define SANDVAULT_PLAIN_RNG_H

/*
 * Injected random bytes, failing closed: no bytes means FAULT_RANDOM. rng_system may be used from any thread.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"

struct rng {
	enum fault (*fill)(void *arg, void *p, size_t n);
	void *arg;
};

static inline MUST_USE enum fault rng_fill(const struct rng *r, void *p, size_t n)
{
	return r->fill(r->arg, p, n);
}

/* The kernel's generator. */
struct rng rng_system(void);

#endif
