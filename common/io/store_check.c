#include "common/io/store_lmdb.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBE_BYTES = 64 * 1024 };

static size_t file_bytes(const struct store *s)
{
	struct stat st;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &st) != 0)
		return 0;
	return (size_t)st.st_size;
}

/* A quota does not show in statvfs, so a file of no consequence tries. */
static bool can_write(const struct store *s)
{
	static const char zeros[PROBE_BYTES];
	char path[PATH_MAX];
	bool ok;
	int fd;

	if (snprintf(path, sizeof(path), "%s/probe-XXXXXX", s->dir) >= (int)sizeof(path))
		return true;
	fd = mkstemp(path);
	if (fd < 0)
		return errno != ENOSPC && errno != EDQUOT;
	unlink(path);
	ok = write(fd, zeros, sizeof(zeros)) == (ssize_t)sizeof(zeros) && fsync(fd) == 0;
	close(fd);
	return ok;
}

int store_explain(const struct store *s, int rc)
{
	struct rlimit limit;

	if (rc != EIO)
		return rc;
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
	    file_bytes(s) + s->page_bytes > limit.rlim_cur)
		return ENOSPC;
	return can_write(s) ? rc : ENOSPC;
}

/* Counts free pages with numbers in [from, to). LMDB's table 0 holds them: each value is a count, then the numbers. */
static int count_free(MDB_txn *txn, size_t from, size_t to, size_t *ret)
{
	MDB_val key, value;
	MDB_cursor *cursor;
	size_t found = 0;
	int rc = mdb_cursor_open(txn, 0, &cursor);

	if (rc != 0)
		return rc;
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		const size_t *ids = value.mv_data;
		size_t n = value.mv_size / sizeof(*ids);

		if (n == 0 || ids[0] >= n)
			continue;
		for (size_t i = 1; i <= ids[0]; i++)
			found += ids[i] >= from && ids[i] < to;
	}
	mdb_cursor_close(cursor);
	if (rc != MDB_NOTFOUND)
		return rc;
	*ret = found;
	return 0;
}

/* With the write lock held. LMDB does not write a page that was new and dropped within one transaction, so a file may
 * rightly end early; then all the pages missing from its end are free. */
static int check_tail(struct store *s, int fd)
{
	size_t have = file_bytes(s), need = store_used_bytes(s), n_free = 0;
	MDB_txn *read;
	int rc;

	if (have >= need)
		return 0;
	/* The list of free pages may itself be cut: zeros instead of a crash. */
	if (ftruncate(fd, (off_t)need) != 0)
		return errno;
	rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &read);
	if (rc == 0) {
		rc = count_free(read, have / s->page_bytes, need / s->page_bytes, &n_free);
		mdb_txn_abort(read);
	}
	if (rc == 0 && n_free == need / s->page_bytes - have / s->page_bytes)
		return 0;
	/* As it was found, so that the next start finds it too. */
	if (ftruncate(fd, (off_t)have) != 0)
		return errno;
	return rc == 0 ? MDB_CORRUPTED : rc;
}

int store_check_length(struct store *s)
{
	MDB_txn *lock;
	int rc, fd;

	if (file_bytes(s) >= store_used_bytes(s))
		return 0;
	rc = mdb_env_get_fd(s->env, &fd);
	if (rc == 0)
		rc = mdb_txn_begin(s->env, NULL, 0, &lock);
	if (rc != 0)
		return rc;
	rc = check_tail(s, fd);
	mdb_txn_abort(lock);
	return rc;
}
