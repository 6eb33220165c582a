#include "sandvault/remove_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MAX = 32 };

static int remove_entry(int dir_fd, const char *name, int depth);

static int remove_content(int dir_fd, int depth)
{
	DIR *d = fdopendir(dir_fd);
	struct dirent *e;
	int failure = 0;

	if (d == NULL) {
		failure = errno;
		close(dir_fd);
		return failure;
	}
	while ((e = readdir(d)) != NULL && failure == 0) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			failure = remove_entry(dirfd(d), e->d_name, depth);
	}
	closedir(d);
	return failure;
}

/* 0 or an errno. */
static int remove_entry(int dir_fd, const char *name, int depth)
{
	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return errno;
	if (depth >= DEPTH_MAX)
		return ELOOP;
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int failure = remove_content(fd, depth + 1);
	if (failure == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) != 0)
		failure = errno;
	return failure;
}

enum fault remove_tree(const char *path, struct err *err)
{
	int failure = remove_entry(AT_FDCWD, path, 0);

	if (failure != 0)
		return err_say(err, FAULT_IO, "", "cannot remove %s: %s", path, strerror(failure));
	return FAULT_NONE;
}
