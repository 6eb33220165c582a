#include "common/model/stock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/io/server.h"
#include "common/plain/text.h"

/*
 * DIR/rsa-BITS/RANDOM.der is a key ready for use. The one whose unlink succeeds owns it: no two can, and nothing is
 * left behind when it dies there. RANDOM.tmp is a key being written, locked by its writer.
 */
enum { STOCK_FILE_MAX = 8192, NAME_BYTES = 16 };
static const unsigned stock_sizes[] = { 2048, 3072, 4096 };

static bool ends_with(const char *name, const char *tail)
{
	size_t n = strlen(name), m = strlen(tail);

	return n > m && strcmp(name + n - m, tail) == 0;
}

/* -1 when there is no stock of that size. */
static int open_size_dir(const struct stock *s, unsigned bits)
{
	char path[STOCK_DIR_SIZE + 32];

	if (s->dir[0] == '\0')
		return -1;
	snprintf(path, sizeof(path), "%s/rsa-%u", s->dir, bits);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Takes dir_fd over. */
static DIR *list_dir(int dir_fd)
{
	DIR *d = dir_fd < 0 ? NULL : fdopendir(dir_fd);

	if (d == NULL && dir_fd >= 0)
		close(dir_fd);
	return d;
}

static enum fault check_dir(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_say(err, FAULT_IO, "", "cannot look at the key stock %s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_say(err, FAULT_INVALID, "", "the key stock %s is not a directory", path);
	if (st.st_uid != geteuid())
		return err_say(err, FAULT_INVALID, "", "the key stock %s belongs to another user (uid %lu)", path,
			       (unsigned long)st.st_uid);
	if ((st.st_mode & 077) != 0)
		return err_say(err, FAULT_INVALID, "",
			       "the key stock %s is open to other users (mode %03o): it must be 0700", path,
			       (unsigned)(st.st_mode & 0777));
	return FAULT_NONE;
}

/* A half-written file whose writer is gone is not locked any more. */
static void sweep_one(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(dir_fd, name, 0);
	close(fd);
}

static void sweep(const struct stock *s, unsigned bits)
{
	DIR *d = list_dir(open_size_dir(s, bits));
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (ends_with(e->d_name, ".tmp"))
			sweep_one(dirfd(d), e->d_name);
	closedir(d);
}

enum fault stock_open(const char *dir, struct stock *ret, struct err *err)
{
	struct stock s;
	enum fault f;

	if ((size_t)snprintf(s.dir, sizeof(s.dir), "%s", dir) >= sizeof(s.dir))
		return err_say(err, FAULT_INVALID, "", "the path of the key stock is too long");
	f = dir_make(dir, err);
	if (f == FAULT_NONE)
		f = check_dir(dir, err);
	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < ARRAY_LEN(stock_sizes); i++)
		sweep(&s, stock_sizes[i]);
	*ret = s;
	return FAULT_NONE;
}

static bool read_all(int fd, struct secret *out)
{
	size_t at = 0;

	while (at < out->len) {
		ssize_t n = read(fd, out->p + at, out->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* What is in the file, if it can be a key of ours. */
static enum fault read_key(int fd, struct secret *ret)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0 ||
	    st.st_size <= 0 || st.st_size > STOCK_FILE_MAX)
		return FAULT_NOT_FOUND;
	enum fault f = secret_alloc(ret, (size_t)st.st_size);
	if (f == FAULT_NONE && !read_all(fd, ret))
		f = FAULT_NOT_FOUND;
	return f;
}

/* FAULT_NOT_FOUND when somebody else was faster, or the file is no key. */
static enum fault take_one(int dir_fd, const char *name, struct secret *ret_der)
{
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return FAULT_NOT_FOUND;
	enum fault f = read_key(fd, &der);
	close(fd);
	if (unlinkat(dir_fd, name, 0) != 0 && f == FAULT_NONE)
		f = FAULT_NOT_FOUND;
	if (f != FAULT_NONE)
		return f;
	secret_done(ret_der);
	*ret_der = der;
	der = (struct secret)SECRET_INIT;
	return FAULT_NONE;
}

enum fault stock_take(const struct stock *s, unsigned bits, struct secret *ret_der)
{
	DIR *d = list_dir(open_size_dir(s, bits));
	enum fault f = FAULT_NOT_FOUND;
	struct dirent *e;

	if (d == NULL)
		return f;
	while (f == FAULT_NOT_FOUND && (e = readdir(d)) != NULL)
		if (ends_with(e->d_name, ".der"))
			f = take_one(dirfd(d), e->d_name, ret_der);
	closedir(d);
	return f;
}

static bool write_all(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = span_from(bytes, (size_t)n);
	}
	return true;
}

static enum fault errno_fault(void)
{
	return errno == ENOSPC || errno == EDQUOT ? FAULT_NO_SPACE : FAULT_IO;
}

/* Not synced: a crash may cost a key that nobody has used, and an empty file is passed over. */
static enum fault write_key(int dir_fd, const char *temp, const char *name, struct span der)
{
	int fd = openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum fault f = FAULT_NONE;

	if (fd < 0)
		return errno_fault();
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !write_all(fd, der) || renameat(dir_fd, temp, dir_fd, name) != 0) {
		f = errno_fault();
		unlinkat(dir_fd, temp, 0);
	}
	close(fd);
	return f;
}

static int make_size_dir(const struct stock *s, unsigned bits)
{
	char path[STOCK_DIR_SIZE + 32];

	snprintf(path, sizeof(path), "%s/rsa-%u", s->dir, bits);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return -1;
	return open_size_dir(s, bits);
}

enum fault stock_put(const struct stock *s, unsigned bits, struct span der, const struct rng *rng)
{
	char name[2 * NAME_BYTES + 8], temp[2 * NAME_BYTES + 8], hex[2 * NAME_BYTES + 1];
	uint8_t random[NAME_BYTES];

	if (s->dir[0] == '\0')
		return FAULT_NOT_FOUND;
	if (der.len == 0 || der.len > STOCK_FILE_MAX)
		return FAULT_INVALID;
	enum fault f = rng_fill(rng, random, sizeof(random));
	if (f != FAULT_NONE)
		return f;
	hex_encode(hex, span_of(random, sizeof(random)));
	snprintf(name, sizeof(name), "%s.der", hex);
	snprintf(temp, sizeof(temp), "%s.tmp", hex);
	int dir_fd = make_size_dir(s, bits);
	if (dir_fd < 0)
		return errno_fault();
	f = write_key(dir_fd, temp, name, der);
	close(dir_fd);
	return f;
}

unsigned stock_count(const struct stock *s, unsigned bits)
{
	DIR *d = list_dir(open_size_dir(s, bits));
	struct dirent *e;
	unsigned n = 0;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		n += ends_with(e->d_name, ".der");
	closedir(d);
	return n;
}
