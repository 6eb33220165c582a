#ifndef SANDVAULT_IO_AUDIT_DIR_H
#define SANDVAULT_IO_AUDIT_DIR_H

/* The segments of an audit log in their directory. Private to audit*.c. */

#include "common/io/audit.h"

struct audit_dir {
	char path[AUDIT_DIR_MAX];
	size_t segment_max;
	unsigned n_segments;
};

enum fault audit_dir_init(struct audit_dir *d, const struct audit_options *opt, struct err *err) MUST_USE;
/* Numbers of the oldest and the newest segment; both 0 when there is none (the first is 1). */
enum fault audit_dir_bounds(const struct audit_dir *d, int64_t *ret_first, int64_t *ret_last) MUST_USE;
/* A descriptor, or a negative errno. */
int audit_dir_open(const struct audit_dir *d, int64_t number, int flags);
/* Removes what is too old when last is the newest. */
void audit_dir_trim(const struct audit_dir *d, int64_t last);

#endif
