#include "common/plain/rng.h"

#include <errno.h>
#include <sys/random.h>

/* Long requests may come back short, and any may be interrupted. */
static enum fault system_fill(void *arg UNUSED, void *p, size_t n)
{
	unsigned char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return FAULT_RANDOM;
		at += got;
		n -= (size_t)got;
	}
	return FAULT_NONE;
}

struct rng rng_system(void)
{
	return (struct rng){ .fill = system_fill };
}
