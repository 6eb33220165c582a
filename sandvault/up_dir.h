#ifndef SANDVAULT_SANDVAULT_UP_DIR_H
#define SANDVAULT_SANDVAULT_UP_DIR_H

/* The data directory of a run: the user's lasting one, or one made for this run and removed after it. */

#include "sandvault/front.h"

struct up_dir {
	char path[FRONT_PATH_SIZE];
	int lock_fd;
	bool is_ours; /* made here, to be removed */
};

/* A lasting directory, made when it is missing, and held for this process. */
enum fault up_dir_open(const char *path, struct up_dir *ret, struct err *err) MUST_USE;
/* A directory of its own; at path when that is not NULL, where nothing may be yet. */
enum fault up_dir_make(const struct front *front, const char *path, struct up_dir *ret, struct err *err) MUST_USE;
/* endpoints.json goes, and the directory when it is ours. */
enum fault up_dir_close(struct up_dir *d, struct err *err) MUST_USE;

#endif
