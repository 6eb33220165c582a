#ifndef SANDVAULT_IO_TIMER_H
#define SANDVAULT_IO_TIMER_H

/* A call in a later turn of the loop, by the machine's monotonic time. Loop thread only. */

#include "common/plain/base.h"
#include "common/plain/fault.h"

struct event_base;
struct timer;

enum fault timer_new(struct event_base *base, void (*fire)(void *arg), void *arg, struct timer **ret) MUST_USE;
/* NULL is fine. */
void timer_free(struct timer *t);
/* Once, in ms milliseconds; 0: in the next turn, after what the sockets have. In place of what was set before. */
void timer_set(struct timer *t, int64_t ms);

#endif
