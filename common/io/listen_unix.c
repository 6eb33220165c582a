#include "common/io/server.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/io/unix_addr.h"

enum { BACKLOG = 128 };

enum fault listen_unix(const char *path, int *ret_fd, struct err *err)
{
	struct unix_addr a;
	int fd, e = 0;
	enum fault f = unix_addr_init(&a, path, err);

	if (f != FAULT_NONE)
		return f;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode is the descriptor's when it is bound: there is no moment at which others may connect. */
	if (fd < 0 || fchmod(fd, 0600) != 0 || (unlink(path) != 0 && errno != ENOENT) ||
	    bind(fd, (struct sockaddr *)&a.addr, a.len) != 0 || listen(fd, BACKLOG) != 0)
		e = errno;
	unix_addr_done(&a);
	if (e == 0) {
		*ret_fd = fd;
		return FAULT_NONE;
	}
	if (fd >= 0)
		close(fd);
	return err_say(err, FAULT_IO, "", "cannot listen on the socket %s: %s", path, strerror(e));
}
