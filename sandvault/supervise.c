#include "sandvault/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/plain/buf.h"
#include "sandvault/spawn.h"

enum { START_MS = 30 * 1000, STOP_MS = 15 * 1000, READY_LINE_MAX = 1 << 18 };

struct daemon {
	const char *name;
	pid_t pid;    /* 0: not running */
	int ready_fd; /* -1: nothing more to read */
	struct buf said;
	bool is_ready;
	int status; /* of waitpid, once it has ended */
};

struct supervisor {
	const struct supervise_plan *plan;
	struct daemon daemons[SUPERVISE_DAEMONS];
	int signal_fd;
	unsigned stop_signals; /* how many asked us to end */
};

static enum fault open_signals(struct supervisor *s, struct err *err)
{
	static const int watched[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(watched); i++)
		sigaddset(&set, watched[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signal_fd < 0)
		return err_say(err, FAULT_IO, "", "cannot watch for signals: %s", strerror(errno));
	return FAULT_NONE;
}

static void reap(struct supervisor *s)
{
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++) {
		struct daemon *d = &s->daemons[i];

		if (d->pid > 0 && waitpid(d->pid, &d->status, WNOHANG) == d->pid)
			d->pid = 0;
	}
}

static void take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			s->stop_signals++;
	}
	reap(s);
}

static void close_ready(struct daemon *d)
{
	if (d->ready_fd >= 0)
		close(d->ready_fd);
	d->ready_fd = -1;
}

/* The readiness line, or the end of the pipe without one: the daemon is on its way out then, which will be seen. */
static void take_line(struct daemon *d)
{
	char block[4096];
	ssize_t n = read(d->ready_fd, block, sizeof(block));
	const char *newline;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		buf_put(&d->said, block, (size_t)n);
	explicit_bzero(block, sizeof(block));
	newline = d->said.len == 0 ? NULL : memchr(d->said.data, '\n', d->said.len);
	if (newline != NULL) {
		d->said.len = (size_t)(newline - d->said.data);
		d->is_ready = true;
	}
	if (n <= 0 || newline != NULL || buf_fault(&d->said) != FAULT_NONE)
		close_ready(d);
}

/* One wait for whatever comes, at most until deadline_ms (< 0: for ever). False when the deadline has passed. */
static bool turn(struct supervisor *s, int64_t deadline_ms)
{
	struct pollfd p[SUPERVISE_DAEMONS + 1] = { { .fd = s->signal_fd, .events = POLLIN } };
	int64_t left = deadline_ms < 0 ? -1 : deadline_ms - clock_mono_ms(s->plan->clock);

	if (deadline_ms >= 0 && left <= 0)
		return false;
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++)
		p[i + 1] = (struct pollfd){ .fd = s->daemons[i].ready_fd, .events = POLLIN };
	if (poll(p, ARRAY_LEN(p), (int)left) <= 0)
		return true;
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++) {
		if (p[i + 1].revents != 0)
			take_line(&s->daemons[i]);
	}
	if (p[0].revents != 0)
		take_signals(s);
	return true;
}

static unsigned count(const struct supervisor *s, bool (*is)(const struct daemon *d))
{
	unsigned n = 0;

	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++)
		n += is(&s->daemons[i]);
	return n;
}

static bool is_running(const struct daemon *d)
{
	return d->pid > 0;
}

static bool is_ready(const struct daemon *d)
{
	return d->is_ready;
}

/* Who ended first, in words. */
static enum fault say_ended(const struct supervisor *s, struct err *err)
{
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++) {
		const struct daemon *d = &s->daemons[i];
		const char *when = d->is_ready ? "" : " before it was ready";

		if (is_running(d))
			continue;
		if (WIFSIGNALED(d->status))
			return err_say(err, FAULT_IO, "", "%s was ended by signal %d (%s)%s; the sandbox is stopped",
				       d->name, WTERMSIG(d->status), strsignal(WTERMSIG(d->status)), when);
		return err_say(err, FAULT_IO, "", "%s ended with status %d%s; the sandbox is stopped", d->name,
			       WEXITSTATUS(d->status), when);
	}
	return FAULT_NONE;
}

static enum fault start_all(struct supervisor *s, struct err *err)
{
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < SUPERVISE_DAEMONS; i++) {
		struct daemon *d = &s->daemons[i];

		f = spawn_daemon(d->name, s->plan->args[i], &d->pid, &d->ready_fd, err);
	}
	return f;
}

static enum fault await_ready(struct supervisor *s, struct err *err)
{
	int64_t deadline_ms = clock_mono_ms(s->plan->clock) + START_MS;

	while (count(s, is_ready) < SUPERVISE_DAEMONS && s->stop_signals == 0) {
		if (count(s, is_running) < SUPERVISE_DAEMONS)
			return say_ended(s, err);
		if (!turn(s, deadline_ms))
			return err_say(err, FAULT_UNAVAILABLE, "", "%s was not ready after %d seconds",
				       s->daemons[s->daemons[0].is_ready ? 1 : 0].name, START_MS / 1000);
	}
	return FAULT_NONE;
}

static enum fault report_ready(struct supervisor *s, struct err *err)
{
	struct span lines[SUPERVISE_DAEMONS];
	long pids[SUPERVISE_DAEMONS];

	if (s->stop_signals > 0)
		return FAULT_NONE;
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++) {
		lines[i] = buf_span(&s->daemons[i].said);
		pids[i] = s->daemons[i].pid;
	}
	enum fault f = s->plan->on_ready(s->plan->arg, lines, pids, err);
	/* They carry the administrator's secret. */
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++)
		buf_done(&s->daemons[i].said);
	return f;
}

static enum fault run(struct supervisor *s, struct err *err)
{
	while (s->stop_signals == 0) {
		if (count(s, is_running) < SUPERVISE_DAEMONS)
			return say_ended(s, err);
		turn(s, -1);
	}
	return FAULT_NONE;
}

static void signal_all(const struct supervisor *s, int signo)
{
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++) {
		if (is_running(&s->daemons[i]))
			kill(s->daemons[i].pid, signo);
	}
}

/* A second wish to end, or patience that has run out, ends them at once. */
static void stop_all(struct supervisor *s)
{
	int64_t deadline_ms = clock_mono_ms(s->plan->clock) + STOP_MS;
	unsigned asked = s->stop_signals;

	signal_all(s, SIGTERM);
	while (count(s, is_running) > 0 && s->stop_signals == asked && turn(s, deadline_ms))
		;
	signal_all(s, SIGKILL);
	while (count(s, is_running) > 0)
		turn(s, -1);
}

enum fault supervise(const struct supervise_plan *plan, struct err *err)
{
	struct supervisor s = { .plan = plan, .signal_fd = -1 };
	enum fault f = open_signals(&s, err);

	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++)
		s.daemons[i] = (struct daemon){
			.name = plan->names[i],
			.ready_fd = -1,
			.said = BUF_SECRET_INIT(READY_LINE_MAX),
		};
	if (f == FAULT_NONE)
		f = start_all(&s, err);
	if (f == FAULT_NONE)
		f = await_ready(&s, err);
	if (f == FAULT_NONE)
		f = report_ready(&s, err);
	if (f == FAULT_NONE)
		f = run(&s, err);
	stop_all(&s);
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++) {
		close_ready(&s.daemons[i]);
		buf_done(&s.daemons[i].said);
	}
	if (s.signal_fd >= 0)
		close(s.signal_fd);
	return f;
}
