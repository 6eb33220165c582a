#include "common/io/audit_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/io/server.h"
#include "common/plain/text.h"

#define SUFFIX ".jsonl"

enum { SEGMENT_PATH_MAX = AUDIT_DIR_MAX + 32 };

enum fault audit_dir_init(struct audit_dir *d, const struct audit_options *opt, struct err *err)
{
	d->segment_max = opt->segment_max == 0 ? AUDIT_SEGMENT_MAX : opt->segment_max;
	d->n_segments = opt->n_segments == 0 ? AUDIT_SEGMENTS : opt->n_segments;
	if ((size_t)snprintf(d->path, sizeof(d->path), "%s/audit", opt->data_dir) >= sizeof(d->path) - 32)
		return err_say(err, FAULT_INVALID, "", "the path of the data directory %s is too long", opt->data_dir);
	return dir_make(d->path, err);
}

/* 0 for a name that is no segment's. */
static int64_t number_of(const char *name)
{
	struct span s = span_cstr(name), suffix = SPAN_LIT(SUFFIX);
	int64_t n;

	if (s.len <= suffix.len || !span_eq(span_from(s, s.len - suffix.len), suffix) ||
	    int_parse(span_first(s, s.len - suffix.len), &n) != FAULT_NONE)
		return 0;
	return n > 0 && n < INT64_MAX / AUDIT_SPAN ? n : 0;
}

enum fault audit_dir_bounds(const struct audit_dir *d, int64_t *ret_first, int64_t *ret_last)
{
	DIR *dir = opendir(d->path);
	const struct dirent *e;

	*ret_first = *ret_last = 0;
	if (dir == NULL)
		return FAULT_IO;
	while ((e = readdir(dir)) != NULL) {
		int64_t n = number_of(e->d_name);

		if (n == 0)
			continue;
		if (*ret_first == 0 || n < *ret_first)
			*ret_first = n;
		if (n > *ret_last)
			*ret_last = n;
	}
	closedir(dir);
	return FAULT_NONE;
}

static void name_of(const struct audit_dir *d, int64_t number, char out[SEGMENT_PATH_MAX])
{
	/* Leading zeros, so that names sort as numbers do. */
	snprintf(out, SEGMENT_PATH_MAX, "%s/%08" PRId64 SUFFIX, d->path, number);
}

int audit_dir_open(const struct audit_dir *d, int64_t number, int flags)
{
	char path[SEGMENT_PATH_MAX];
	int fd;

	name_of(d, number, path);
	fd = open(path, flags | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

void audit_dir_trim(const struct audit_dir *d, int64_t last)
{
	int64_t first, newest;
	char path[SEGMENT_PATH_MAX];

	if (audit_dir_bounds(d, &first, &newest) != FAULT_NONE || first == 0)
		return;
	for (; first + (int64_t)d->n_segments <= last; first++) {
		name_of(d, first, path);
		(void)unlink(path);
	}
}
