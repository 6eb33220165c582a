#include "sandvault/up_dir.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/io/server.h"
#include "sandvault/remove_tree.h"
#include "sandvault/running.h"

/* The daemons are told the absolute path: they, and what they print, do not depend on where anybody stands. */
static enum fault settle(const char *path, struct up_dir *d, struct err *err)
{
	char resolved[PATH_MAX];

	if (realpath(path, resolved) == NULL)
		return err_say(err, FAULT_IO, "", "cannot use the data directory %s: %s", path, strerror(errno));
	if ((size_t)snprintf(d->path, sizeof(d->path), "%s", resolved) >= sizeof(d->path))
		return err_say(err, FAULT_INVALID, "", "the path of the data directory %s is too long", path);
	return running_take(d->path, &d->lock_fd, err);
}

enum fault up_dir_open(const char *path, struct up_dir *ret, struct err *err)
{
	struct up_dir d = { .lock_fd = -1 };
	enum fault f = dir_make(path, err);

	if (f == FAULT_NONE)
		f = settle(path, &d, err);
	if (f == FAULT_NONE)
		*ret = d;
	return f;
}

static enum fault make_named(const char *path, struct err *err)
{
	if (mkdir(path, 0700) == 0)
		return FAULT_NONE;
	if (errno == EEXIST)
		return err_say(err, FAULT_CONFLICT, "",
			       "%s is there already: an ephemeral sandbox makes its directory and removes it", path);
	return err_say(err, FAULT_IO, "", "cannot make the directory %s: %s", path, strerror(errno));
}

enum fault up_dir_make(const struct front *front, const char *path, struct up_dir *ret, struct err *err)
{
	struct up_dir d = { .lock_fd = -1, .is_ours = true };
	char name[FRONT_PATH_SIZE];
	enum fault f = FAULT_NONE;

	if ((size_t)snprintf(name, sizeof(name), "%s%s", path != NULL ? path : front->tmp_dir,
			     path != NULL ? "" : "/sandvault-XXXXXX") >= sizeof(name))
		return err_say(err, FAULT_INVALID, "", "the path of the data directory is too long");
	if (path != NULL)
		f = make_named(name, err);
	else if (mkdtemp(name) == NULL)
		f = err_say(err, FAULT_IO, "", "cannot make a directory in %s: %s", front->tmp_dir, strerror(errno));
	if (f != FAULT_NONE)
		return f;
	f = settle(name, &d, err);
	if (f == FAULT_NONE)
		*ret = d;
	else
		rmdir(name);
	return f;
}

enum fault up_dir_close(struct up_dir *d, struct err *err)
{
	char path[FRONT_PATH_SIZE + 32];
	enum fault f = FAULT_NONE;

	/* The lock goes last: who finds the directory free finds it tidy. */
	if (d->is_ours) {
		f = remove_tree(d->path, err);
	} else {
		snprintf(path, sizeof(path), "%s/endpoints.json", d->path);
		unlink(path);
	}
	close(d->lock_fd);
	d->lock_fd = -1;
	return f;
}
