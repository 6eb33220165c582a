/* The file that holds the root key of a data directory. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/io/seal.h"
#include "common/plain/text.h"

static enum fault say_errno(struct err *err, const char *verb, const char *path)
{
	return err_say(err, errno == ENOSPC ? FAULT_NO_SPACE : FAULT_IO, "", "cannot %s %s: %s", verb, path,
		       strerror(errno));
}

static bool write_all(int fd, const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return true;
}

/* A file that ends early is an I/O error: its size has been looked at. */
static bool read_all(int fd, unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = read(fd, p, n);

		if (done == 0) {
			errno = EIO;
			return false;
		}
		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return true;
}

static enum fault check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return say_errno(err, "look at", path);
	if (!S_ISREG(st.st_mode))
		return err_say(err, FAULT_INVALID, "", "%s is not a regular file", path);
	if ((st.st_mode & 077) != 0)
		return err_say(err, FAULT_INVALID, "", "%s is open to other users (mode %03o): it must be 0600", path,
			       (unsigned)(st.st_mode & 0777));
	if (st.st_size != SEAL_KEY_LEN)
		return err_say(err, FAULT_INVALID, "", "%s has %lld bytes: a root key has %d", path,
			       (long long)st.st_size, SEAL_KEY_LEN);
	return FAULT_NONE;
}

/* FAULT_NOT_FOUND, without words, when there is no such file. */
static enum fault key_read(const char *path, struct secret *ret, struct err *err)
{
	SCOPED_DONE(secret) struct secret key = SECRET_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT ? FAULT_NOT_FOUND : say_errno(err, "open", path);
	enum fault f = check_file(fd, path, err);
	if (f == FAULT_NONE)
		f = secret_alloc(&key, SEAL_KEY_LEN);
	if (f == FAULT_NONE && !read_all(fd, key.p, key.len))
		f = say_errno(err, "read", path);
	close(fd);
	if (f != FAULT_NONE)
		return f;
	secret_done(ret);
	*ret = key;
	key = (struct secret)SECRET_INIT;
	return FAULT_NONE;
}

/* The new name in its directory must outlive a crash, or values sealed under the key would be lost. */
static bool sync_directory_of(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		snprintf(dir, sizeof(dir), "%.*s", len == 0 ? 1 : (int)len, path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool is_synced = fsync(fd) == 0;
	close(fd);
	return is_synced;
}

static enum fault write_new(const char *path, const struct secret *key, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return say_errno(err, "create", path);
	bool is_written = write_all(fd, key->p, key->len) && fsync(fd) == 0;
	enum fault f = is_written ? FAULT_NONE : say_errno(err, "write", path);
	if (close(fd) != 0 && f == FAULT_NONE)
		f = say_errno(err, "write", path);
	if (f != FAULT_NONE)
		unlink(path);
	return f;
}

/* Written whole under a name of its own, then linked: a link never replaces, so the first one stays, and nobody ever
 * reads half a key. That another process was first is success here. */
static enum fault key_create(const char *path, const struct rng *rng, struct err *err)
{
	SCOPED_DONE(secret) struct secret key = SECRET_INIT;
	unsigned char suffix[8];
	char suffix_hex[2 * sizeof(suffix) + 1];
	char temp[PATH_MAX];
	enum fault f = secret_alloc(&key, SEAL_KEY_LEN);

	if (f == FAULT_NONE)
		f = rng_fill(rng, key.p, key.len);
	if (f == FAULT_NONE)
		f = rng_fill(rng, suffix, sizeof(suffix));
	if (f != FAULT_NONE)
		return f;
	hex_encode(suffix_hex, span_of(suffix, sizeof(suffix)));
	if (snprintf(temp, sizeof(temp), "%s.%s", path, suffix_hex) >= (int)sizeof(temp))
		return err_say(err, FAULT_INVALID, "", "the path of the root key is too long");

	f = write_new(temp, &key, err);
	if (f != FAULT_NONE)
		return f;
	if (link(temp, path) != 0 && errno != EEXIST)
		f = say_errno(err, "create", path);
	unlink(temp);
	if (f == FAULT_NONE && !sync_directory_of(path))
		f = say_errno(err, "sync the directory of", path);
	return f;
}

enum fault sealer_open(const char *path, bool may_create, const struct rng *rng, struct sealer *ret, struct err *err)
{
	struct sealer s = { .key = SECRET_INIT };
	enum fault f = key_read(path, &s.key, err);

	if (f == FAULT_NOT_FOUND && may_create) {
		f = key_create(path, rng, err);
		if (f == FAULT_NONE)
			f = key_read(path, &s.key, err);
	}
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "", "there is no root key %s", path);
	if (f == FAULT_NONE)
		*ret = s;
	return f;
}
