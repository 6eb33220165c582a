#include "common/io/timer.h"

#include <stdlib.h>

#include <event2/event.h>

struct timer {
	struct event *event;
	void (*fire)(void *arg);
	void *arg;
};

static void on_timeout(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
	struct timer *t = arg;

	t->fire(t->arg);
}

enum fault timer_new(struct event_base *base, void (*fire)(void *arg), void *arg, struct timer **ret)
{
	struct timer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return FAULT_MEMORY;
	t->fire = fire;
	t->arg = arg;
	t->event = evtimer_new(base, on_timeout, t);
	if (t->event == NULL) {
		free(t);
		return FAULT_MEMORY;
	}
	*ret = t;
	return FAULT_NONE;
}

void timer_free(struct timer *t)
{
	if (t == NULL)
		return;
	event_free(t->event);
	free(t);
}

void timer_set(struct timer *t, int64_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(t->event, &tv);
}
