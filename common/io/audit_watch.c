#include "common/io/audit_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/io/audit_dir.h"

struct audit_watch {
	int fd;
	struct event *readable;
	void (*on_change)(void *arg);
	void *arg;
};

/* What exactly changed does not matter: the reader finds out. */
static void on_readable(evutil_socket_t fd, short what UNUSED, void *arg)
{
	struct audit_watch *w = arg;
	char events[4096] __attribute__((aligned(8)));

	while (read(fd, events, sizeof(events)) > 0)
		;
	w->on_change(w->arg);
}

enum fault audit_watch_new(struct event_base *base, const struct audit_options *opt, void (*on_change)(void *arg),
			   void *arg, struct audit_watch **ret, struct err *err)
{
	struct audit_watch *w = calloc(1, sizeof(*w));
	struct audit_dir dir;
	enum fault f;

	if (w == NULL)
		return FAULT_MEMORY;
	w->on_change = on_change;
	w->arg = arg;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	f = audit_dir_init(&dir, opt, err);
	if (f == FAULT_NONE && (w->fd < 0 || inotify_add_watch(w->fd, dir.path, IN_MODIFY | IN_CREATE) < 0))
		f = err_say(err, FAULT_UNAVAILABLE, "", "The audit log cannot be watched: %s.", strerror(errno));
	if (f == FAULT_NONE) {
		w->readable = event_new(base, w->fd, EV_READ | EV_PERSIST, on_readable, w);
		f = w->readable != NULL && event_add(w->readable, NULL) == 0 ? FAULT_NONE : FAULT_MEMORY;
	}
	if (f != FAULT_NONE) {
		audit_watch_free(w);
		return f;
	}
	*ret = w;
	return FAULT_NONE;
}

void audit_watch_free(struct audit_watch *w)
{
	if (w == NULL)
		return;
	if (w->readable != NULL)
		event_free(w->readable);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}
