#include "common/io/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <event2/event.h>

/* The kernel's own layout (sched_setattr(2)); the C library has none. */
struct sched_attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline_ns, period_ns;
};
enum { RESET_ON_FORK = 1, LOOP_SLICE_NS = 100000 };

/* Workers compute for milliseconds, the loop for microseconds: a thread that asks for short slices is run sooner.
 * Threads started later do not inherit it. Kernels that know nothing of it refuse, and nothing changes. */
static void ask_for_short_slices(void)
{
	struct sched_attributes a = { .size = sizeof(a), .flags = RESET_ON_FORK, .runtime_ns = LOOP_SLICE_NS };

	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}

/* The changelist saves a system call for each change of interest; it asks that no descriptor be duplicated into the
 * loop. */
static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (config == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

struct event_base *loop_new(void)
{
	struct rlimit lim;

	ask_for_short_slices();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file-size limit is a full disk, not an end */
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &lim);
	}
	return base_new();
}

void loop_free(struct event_base *base)
{
	if (base != NULL)
		event_base_free(base);
	libevent_global_shutdown();
}

enum fault ready_say(int fd, struct span text)
{
	struct span rest = text;

	if (fd < 0)
		return FAULT_NONE;
	while (rest.len > 0) {
		ssize_t n = write(fd, rest.p, rest.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FAULT_IO;
		rest = span_from(rest, (size_t)n);
	}
	if (write(fd, "\n", 1) != 1)
		return FAULT_IO;
	close(fd);
	return FAULT_NONE;
}

struct run {
	struct event_base *base;
	const struct loop_hooks *hooks;
	bool is_stopping;
	struct event *poll;
	int polls_left;
};

enum { POLL_MS = 20 };

static void on_poll(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
	struct run *r = arg;
	struct timeval tv = { 0, POLL_MS * 1000 };

	if (r->hooks->is_idle(r->hooks->arg) || r->polls_left-- == 0)
		event_base_loopbreak(r->base);
	else
		event_add(r->poll, &tv);
}

static void on_signal(evutil_socket_t sig UNUSED, short what UNUSED, void *arg)
{
	struct run *r = arg;

	if (r->is_stopping) {
		event_base_loopbreak(r->base);
		return;
	}
	r->is_stopping = true;
	r->hooks->on_stop(r->hooks->arg);
	r->polls_left = r->hooks->drain_s * 1000 / POLL_MS;
	on_poll(-1, 0, r);
}

void loop_run(struct event_base *base, const struct loop_hooks *hooks)
{
	struct run r = { .base = base, .hooks = hooks };
	struct event *term = evsignal_new(base, SIGTERM, on_signal, &r);
	struct event *intr = evsignal_new(base, SIGINT, on_signal, &r);

	r.poll = evtimer_new(base, on_poll, &r);
	if (term != NULL && intr != NULL && r.poll != NULL) {
		event_add(term, NULL);
		event_add(intr, NULL);
		event_base_dispatch(base);
	}
	if (r.poll != NULL)
		event_free(r.poll);
	if (term != NULL)
		event_free(term);
	if (intr != NULL)
		event_free(intr);
}

void die_with_parent(void)
{
	pid_t parent = getppid();

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* Process 1 may be a parent like any other: a container's entry point. */
	if (getppid() != parent)
		raise(SIGTERM);
}
