#include "common/io/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/io/audit_dir.h"
#include "common/io/http.h"
#include "common/io/log.h"

enum { TRIES = 8, PENDING_MAX = 256 << 10 };

struct audit_log {
	struct audit_dir dir;
	int fd; /* the segment that is believed to be the newest; -1: none open */
	int64_t number;
	bool is_torn;	 /* half a line was written: the next one begins on a line of its own */
	bool is_failing; /* and said so */
	struct buf line;
	struct buf pending; /* whole lines that wait for the end of the turn */
	struct event *turn; /* NULL: nothing waits */
};

static void on_turn(evutil_socket_t fd, short what, void *arg);

enum fault audit_open(const struct audit_options *opt, struct audit_log **ret, struct err *err)
{
	struct audit_log *a = calloc(1, sizeof(*a));
	enum fault f;

	if (a == NULL)
		return FAULT_MEMORY;
	a->fd = -1;
	a->line = BUF_INIT(AUDIT_LINE_MAX);
	a->pending = BUF_INIT(PENDING_MAX);
	f = audit_dir_init(&a->dir, opt, err);
	if (f == FAULT_NONE && opt->base != NULL) {
		a->turn = event_new(opt->base, -1, 0, on_turn, a);
		f = a->turn == NULL ? FAULT_MEMORY : FAULT_NONE;
	}
	if (f != FAULT_NONE) {
		audit_free(a);
		return f;
	}
	*ret = a;
	return FAULT_NONE;
}

void audit_free(struct audit_log *a)
{
	if (a == NULL)
		return;
	audit_flush(a);
	if (a->turn != NULL)
		event_free(a->turn);
	if (a->fd >= 0)
		close(a->fd);
	buf_done(&a->line);
	buf_done(&a->pending);
	free(a);
}

/* The newest segment, or the one after it when that is ours and full. Whoever comes first makes it. */
static int move_on(struct audit_log *a)
{
	int64_t first, last, next;
	int fd;

	if (audit_dir_bounds(&a->dir, &first, &last) != FAULT_NONE)
		return errno == 0 ? EIO : errno;
	next = last == 0 ? 1 : last;
	if (a->fd >= 0 && next <= a->number)
		next = a->number + 1;
	fd = audit_dir_open(&a->dir, next, O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return -fd;
	if (a->fd >= 0)
		close(a->fd);
	a->fd = fd;
	a->number = next;
	a->is_torn = false;
	audit_dir_trim(&a->dir, next);
	return 0;
}

/* How many bytes of lines that were written from `start` on count: those of lines that begin below the limit. */
static size_t counted(const struct audit_log *a, struct span lines, size_t start)
{
	size_t at = 0;

	if (start + lines.len <= a->dir.segment_max)
		return lines.len;
	while (at < lines.len && start + at < a->dir.segment_max) {
		const char *end = memchr(lines.p + at, '\n', lines.len - at);

		at = end == NULL ? lines.len : (size_t)(end - lines.p) + 1;
	}
	return at;
}

/* 0 and how many bytes count, or an errno. */
static int append(struct audit_log *a, struct span lines, size_t *ret_counted)
{
	ssize_t n;
	off_t end;

	if (a->is_torn && write(a->fd, "\n", 1) != 1)
		return errno;
	a->is_torn = false;
	n = write(a->fd, lines.p, lines.len);
	if (n < 0)
		return errno;
	if ((size_t)n < lines.len) {
		a->is_torn = true;
		return ENOSPC;
	}
	end = lseek(a->fd, 0, SEEK_CUR);
	if (end < 0)
		return errno;
	*ret_counted = counted(a, lines, (size_t)end - lines.len);
	return 0;
}

static int write_lines(struct audit_log *a, struct span lines)
{
	size_t n = 0;
	int e = a->fd < 0 ? move_on(a) : 0;

	for (int i = 0; e == 0 && i < TRIES; i++) {
		e = append(a, lines, &n);
		if (e != 0)
			return e;
		lines = span_from(lines, n);
		if (lines.len == 0)
			return 0;
		e = move_on(a);
	}
	return e == 0 ? EAGAIN : e;
}

static void say_how_it_went(struct audit_log *a, int e)
{
	if (e != 0 && !a->is_failing)
		log_error("the audit log %s cannot be written, lines are lost: %s", a->dir.path, strerror(e));
	if (e == 0 && a->is_failing)
		log_warn("the audit log %s is written again", a->dir.path);
	a->is_failing = e != 0;
}

void audit_flush(struct audit_log *a)
{
	if (a == NULL || a->pending.len == 0)
		return;
	say_how_it_went(a, write_lines(a, buf_span(&a->pending)));
	buf_clear(&a->pending);
}

static void on_turn(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
	audit_flush(arg);
}

void audit_write(struct audit_log *a, const struct audit_record *r)
{
	bool is_first;

	if (a == NULL)
		return;
	buf_clear(&a->line);
	audit_format(&a->line, r);
	if (buf_fault(&a->line) != FAULT_NONE) {
		say_how_it_went(a, ENOMEM);
		return;
	}
	if (a->pending.len + a->line.len > PENDING_MAX)
		audit_flush(a);
	is_first = a->pending.len == 0;
	buf_put_span(&a->pending, buf_span(&a->line));
	if (buf_fault(&a->pending) != FAULT_NONE) {
		say_how_it_went(a, ENOMEM);
		buf_clear(&a->pending);
		return;
	}
	if (a->turn == NULL)
		audit_flush(a);
	else if (is_first)
		event_active(a->turn, EV_TIMEOUT, 0);
}

void audit_write_refused(struct audit_log *a, int64_t at_ms, int status, const struct addr *peer, bool is_tls)
{
	struct audit_record r = {
		.at_ms = at_ms,
		.operation = SPAN_LIT("Unknown"),
		.status = status,
		.description = http_status_phrase(status),
		.caller_ip = peer,
		.correlation_id = "",
		.object_id = "",
		.app_id = "",
		.mirid = "",
		.az_rid = "",
		.is_tls = is_tls,
		.verdict = "",
		.reason = "",
		.rule = "",
	};

	audit_write(a, &r);
}
