#include "common/io/unix_addr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DIR_MAX = 4096 };

/* A long path goes by its directory's descriptor, which has a short name of its own. */
static int through_dir(struct unix_addr *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[DIR_MAX];
	int n;

	if (slash == NULL || slash == path || (size_t)(slash - path) >= sizeof(dir))
		return ENAMETOOLONG;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	a->dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (a->dir_fd < 0)
		return errno;
	n = snprintf(a->addr.sun_path, sizeof(a->addr.sun_path), "/proc/self/fd/%d%s", a->dir_fd, slash);
	return n > 0 && (size_t)n < sizeof(a->addr.sun_path) ? 0 : ENAMETOOLONG;
}

enum fault unix_addr_init(struct unix_addr *a, const char *path, struct err *err)
{
	int e = 0;

	*a = (struct unix_addr){ .addr = { .sun_family = AF_UNIX }, .len = sizeof(a->addr), .dir_fd = -1 };
	if (strlen(path) < sizeof(a->addr.sun_path))
		memcpy(a->addr.sun_path, path, strlen(path));
	else
		e = through_dir(a, path);
	if (e == 0)
		return FAULT_NONE;
	unix_addr_done(a);
	return err_say(err, FAULT_IO, "", "cannot use the socket %s: %s", path, strerror(e));
}

void unix_addr_done(struct unix_addr *a)
{
	if (a->dir_fd >= 0)
		close(a->dir_fd);
	a->dir_fd = -1;
}
