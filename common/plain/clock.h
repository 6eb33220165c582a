#ifndef SANDVAULT_PLAIN_CLOCK_H
#define SANDVAULT_PLAIN_CLOCK_H

/*
 * Injected time. Wall time, in seconds or milliseconds since 1970, for everything a client sees, monotonic milliseconds
 * for time-outs only. Only a program's main makes the real one.
 */

#include "common/plain/base.h"

struct clock {
	int64_t (*wall_ms)(void *arg);
	int64_t (*mono_ms)(void *arg);
	void *arg;
};

static inline int64_t clock_wall_ms(const struct clock *c)
{
	return c->wall_ms(c->arg);
}

static inline int64_t clock_wall_s(const struct clock *c)
{
	return clock_wall_ms(c) / 1000;
}

static inline int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c->arg);
}

/* The machine's own. */
struct clock clock_system(void);

#endif
