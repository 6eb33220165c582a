#include "common/io/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/io/audit_dir.h"
#include "common/io/log.h"

enum { TRIES = 8 };

struct audit_log {
	struct audit_dir dir;
	int fd; /* the segment that is believed to be the newest; -1: none open */
	int64_t number;
	bool is_torn;	 /* half a line was written: the next one begins on a line of its own */
	bool is_failing; /* and said so */
	struct buf line;
};

enum fault audit_open(const struct audit_options *opt, struct audit_log **ret, struct err *err)
{
	struct audit_log *a = calloc(1, sizeof(*a));
	enum fault f;

	if (a == NULL)
		return FAULT_MEMORY;
	a->fd = -1;
	a->line = BUF_INIT(AUDIT_LINE_MAX);
	f = audit_dir_init(&a->dir, opt, err);
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
	if (a->fd >= 0)
		close(a->fd);
	buf_done(&a->line);
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

/* 0 and whether the line counts, or an errno. */
static int append(struct audit_log *a, struct span line, bool *ret_counts)
{
	ssize_t n;
	off_t end;

	if (a->is_torn && write(a->fd, "\n", 1) != 1)
		return errno;
	a->is_torn = false;
	n = write(a->fd, line.p, line.len);
	if (n < 0)
		return errno;
	if ((size_t)n < line.len) {
		a->is_torn = true;
		return ENOSPC;
	}
	end = lseek(a->fd, 0, SEEK_CUR);
	if (end < 0)
		return errno;
	*ret_counts = (size_t)end - line.len < a->dir.segment_max;
	return 0;
}

static int write_line(struct audit_log *a, struct span line)
{
	bool counts = false;
	int e = a->fd < 0 ? move_on(a) : 0;

	for (int i = 0; e == 0 && i < TRIES; i++) {
		e = append(a, line, &counts);
		if (e != 0 || counts)
			return e;
		e = move_on(a);
	}
	return e == 0 ? EAGAIN : e;
}

void audit_write(struct audit_log *a, const struct audit_record *r)
{
	int e;

	if (a == NULL)
		return;
	buf_clear(&a->line);
	audit_format(&a->line, r);
	e = buf_fault(&a->line) != FAULT_NONE ? ENOMEM : write_line(a, buf_span(&a->line));
	if (e != 0 && !a->is_failing)
		log_error("the audit log %s cannot be written, lines are lost: %s", a->dir.path, strerror(e));
	if (e == 0 && a->is_failing)
		log_warn("the audit log %s is written again", a->dir.path);
	a->is_failing = e != 0;
}
