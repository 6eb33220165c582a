#include "common/plain/clock.h"

#include <stdlib.h>
#include <time.h>

/* A clock that cannot be read must not look like 1970, when nothing had expired yet. */
static struct timespec read_clock(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		abort();
	return ts;
}

static int64_t system_wall_ms(void *arg UNUSED)
{
	struct timespec ts = read_clock(CLOCK_REALTIME);

	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_mono_ms(void *arg UNUSED)
{
	struct timespec ts = read_clock(CLOCK_MONOTONIC);

	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct clock clock_system(void)
{
	return (struct clock){ .wall_ms = system_wall_ms, .mono_ms = system_mono_ms };
}
