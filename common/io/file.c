#include "common/io/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/plain/buf.h"

static enum fault say_errno(struct err *err, const char *what, const char *path)
{
	int e = errno;

	return err_say(err,
		       e == ENOENT   ? FAULT_NOT_FOUND
		       : e == ENOSPC ? FAULT_NO_SPACE
				     : FAULT_IO,
		       "", "cannot %s %s: %s", what, path, strerror(e));
}

static bool write_all(int fd, struct span content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.p, content.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		content = span_from(content, (size_t)n);
	}
	return true;
}

enum fault file_replace(const char *path, struct span content, struct err *err)
{
	char tmp[4096];
	int fd;
	bool ok;

	if (snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof(tmp))
		return err_say(err, FAULT_INVALID, "", "the path %s is too long", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return say_errno(err, "write", tmp);
	ok = write_all(fd, content) && fsync(fd) == 0;
	if (close(fd) != 0 || !ok || rename(tmp, path) != 0) {
		enum fault f = say_errno(err, "write", path);

		unlink(tmp);
		return f;
	}
	return FAULT_NONE;
}

enum fault file_read(const char *path, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[8192];
	ssize_t n;

	if (fd < 0)
		return say_errno(err, "read", path);
	while ((n = read(fd, block, sizeof(block))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_put(out, block, (size_t)n);
	if (n < 0) {
		enum fault f = say_errno(err, "read", path);

		close(fd);
		return f;
	}
	close(fd);
	explicit_bzero(block, sizeof(block));
	return buf_fault(out);
}

enum fault dir_make(const char *path, struct err *err)
{
	char partial[4096];
	size_t len = strlen(path);

	if (len >= sizeof(partial))
		return err_say(err, FAULT_INVALID, "", "the path %s is too long", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(partial, path, i);
		partial[i] = '\0';
		if (mkdir(partial, 0700) != 0 && errno != EEXIST)
			return say_errno(err, "make the directory", partial);
	}
	return FAULT_NONE;
}

enum fault lock_take(const char *path, int *ret_fd, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return say_errno(err, "open", path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int e = errno;

		close(fd);
		if (e == EWOULDBLOCK)
			return err_say(err, FAULT_CONFLICT, "", "%s is held by another process", path);
		return err_say(err, FAULT_IO, "", "cannot lock %s: %s", path, strerror(e));
	}
	*ret_fd = fd;
	return FAULT_NONE;
}
