#include "common/io/audit_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/io/audit_dir.h"

enum { BLOCK_SIZE = 256 << 10 };

/* How each line begins: quotes inside a value are escaped, so this stands nowhere else. */
#define LINE_HEAD SPAN_LIT("{\"time\":\"")

struct audit_reader {
	struct audit_dir dir;
	int64_t number, offset;
	bool is_aligned; /* offset is known to begin a line */
	int fd;		 /* of that segment; -1: not open */
	char block[BLOCK_SIZE];
};

/* One step as it goes. */
struct step {
	const struct audit_filter *filter;
	struct audit_limits left;
	void (*each)(int64_t seq, struct span line, void *arg);
	void *arg;
	bool is_full;
};

enum fault audit_reader_new(const struct audit_options *opt, struct audit_reader **ret, struct err *err)
{
	struct audit_reader *r = calloc(1, sizeof(*r));
	enum fault f;

	if (r == NULL)
		return FAULT_MEMORY;
	r->fd = -1;
	r->is_aligned = true;
	f = audit_dir_init(&r->dir, opt, err);
	if (f != FAULT_NONE) {
		audit_reader_free(r);
		return f;
	}
	*ret = r;
	return FAULT_NONE;
}

static void go_to(struct audit_reader *r, int64_t number, int64_t offset)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->number = number;
	r->offset = offset;
	r->is_aligned = offset == 0;
}

void audit_reader_free(struct audit_reader *r)
{
	if (r == NULL)
		return;
	go_to(r, 0, 0);
	free(r);
}

void audit_reader_seek(struct audit_reader *r, int64_t seq)
{
	go_to(r, seq < 0 ? 0 : seq / AUDIT_SPAN, seq < 0 ? 0 : seq % AUDIT_SPAN);
}

int64_t audit_reader_at(const struct audit_reader *r)
{
	return r->number * AUDIT_SPAN + r->offset;
}

/* FAULT_NOT_FOUND: there is no segment to read from here on. */
static enum fault open_segment(struct audit_reader *r)
{
	int64_t first, last;
	struct stat st;
	int fd;

	if (r->fd >= 0)
		return FAULT_NONE;
	if (audit_dir_bounds(&r->dir, &first, &last) != FAULT_NONE)
		return FAULT_IO;
	if (r->number < first)
		go_to(r, first, 0);
	if (last == 0 || r->number > last + 1)
		go_to(r, last, last == 0 ? 0 : AUDIT_SPAN - 1);
	if (r->number > last || last == 0)
		return FAULT_NOT_FOUND;
	fd = audit_dir_open(&r->dir, r->number, O_RDONLY);
	if (fd < 0)
		return fd == -ENOENT ? FAULT_NOT_FOUND : FAULT_IO;
	r->fd = fd;
	if (fstat(fd, &st) != 0)
		return FAULT_IO;
	if (r->offset > st.st_size)
		r->offset = st.st_size;
	return FAULT_NONE;
}

/* A number from elsewhere may point into a line: the next one begins behind the newline. */
static enum fault align(struct audit_reader *r)
{
	const char *newline;
	ssize_t n;

	if (r->is_aligned)
		return FAULT_NONE;
	if (r->offset > 0) {
		n = pread(r->fd, r->block, sizeof(r->block), r->offset - 1);
		if (n < 0)
			return FAULT_IO;
		newline = memchr(r->block, '\n', (size_t)n);
		if (newline == NULL)
			return FAULT_NOT_FOUND;
		r->offset += newline - r->block;
	}
	r->is_aligned = true;
	return FAULT_NONE;
}

static struct span last_head(struct span line)
{
	const struct span head = LINE_HEAD;

	for (size_t at = line.len; at-- > 0;)
		if (line.p[at] == '{' && line.len - at >= head.len && memcmp(line.p + at, head.p, head.len) == 0)
			return span_from(line, at);
	return SPAN_EMPTY;
}

/* What a full disk left of a line may stand before a whole one. */
static void take_line(struct audit_reader *r, struct span line, struct step *s)
{
	struct span whole = last_head(line);
	int64_t at = r->offset + (int64_t)(line.len - whole.len);

	if (whole.len == 0 || at >= (int64_t)r->dir.segment_max || !audit_matches(s->filter, whole))
		return;
	s->each(r->number * AUDIT_SPAN + at, whole, s->arg);
	s->left.lines--;
	s->left.bytes -= whole.len < s->left.bytes ? whole.len : s->left.bytes;
}

static bool is_used_up(const struct audit_limits *left)
{
	return left->lines == 0 || left->bytes == 0 || left->looked_at == 0;
}

/* The lines of one block. FAULT_NOT_FOUND: no whole line stands there yet. */
static enum fault take_block(struct audit_reader *r, struct step *s)
{
	ssize_t n = pread(r->fd, r->block, sizeof(r->block), r->offset);
	struct span rest, line;
	bool has_line = false;

	if (n < 0)
		return FAULT_IO;
	rest = span_of(r->block, (size_t)n);
	while (r->offset < (int64_t)r->dir.segment_max) {
		struct span after = span_cut(rest, '\n', &line);

		if (after.p == NULL)
			break;
		if (is_used_up(&s->left)) {
			s->is_full = true;
			return FAULT_NONE;
		}
		has_line = true;
		take_line(r, line, s);
		r->offset += (int64_t)line.len + 1;
		s->left.looked_at -= line.len + 1 < s->left.looked_at ? line.len + 1 : s->left.looked_at;
		rest = after;
	}
	if (has_line || r->offset >= (int64_t)r->dir.segment_max)
		return FAULT_NONE;
	if ((size_t)n < sizeof(r->block))
		return FAULT_NOT_FOUND;
	r->offset += n; /* no line is that long */
	return FAULT_NONE;
}

enum fault audit_read(struct audit_reader *r, const struct audit_filter *f, const struct audit_limits *limits,
		      void (*each)(int64_t seq, struct span line, void *arg), void *arg, bool *ret_is_end)
{
	struct step s = { .filter = f, .left = *limits, .each = each, .arg = arg };
	enum fault fault = FAULT_NONE;

	while (fault == FAULT_NONE && !s.is_full) {
		fault = open_segment(r);
		if (fault == FAULT_NONE)
			fault = align(r);
		if (fault == FAULT_NONE)
			fault = take_block(r, &s);
		/* Nothing that counts follows in there: the next segment is made by whoever has something to say. */
		if (fault == FAULT_NONE && r->offset >= (int64_t)r->dir.segment_max)
			go_to(r, r->number + 1, 0);
	}
	if (fault != FAULT_NONE && fault != FAULT_NOT_FOUND)
		return fault;
	*ret_is_end = !s.is_full;
	return FAULT_NONE;
}

void audit_reader_seek_end(struct audit_reader *r)
{
	int64_t first, last;

	/* Far behind the end of the newest segment: opening it brings the place back. */
	go_to(r, 0, 0);
	if (audit_dir_bounds(&r->dir, &first, &last) == FAULT_NONE && last > 0)
		go_to(r, last, AUDIT_SPAN - 1);
	if (open_segment(r) != FAULT_NONE)
		return; /* nothing to be behind of */
}
