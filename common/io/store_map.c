#include "common/io/store_lmdb.h"

#include <errno.h>

enum { ATTEMPTS_MAX = 8 };

size_t store_map_bytes(const struct store *s)
{
	MDB_envinfo info;

	return mdb_env_info(s->env, &info) == 0 ? info.me_mapsize : 0;
}

size_t store_used_bytes(const struct store *s)
{
	MDB_envinfo info;

	return mdb_env_info(s->env, &info) == 0 ? (info.me_last_pgno + 1) * s->page_bytes : 0;
}

static bool has_free(size_t map, size_t used, size_t wanted)
{
	return map >= used && map - used >= wanted;
}

bool store_has_headroom(const struct store *s)
{
	return has_free(store_map_bytes(s), store_used_bytes(s), s->headroom);
}

/* bytes 0 takes over the size that another process has written down. */
static int set_map(struct store *s, size_t bytes)
{
	int rc;

	/* LMDB unmaps first: an open transaction's values would be gone. */
	if (s->n_reading > 0 || s->writer != NULL)
		return EBUSY;
	rc = mdb_env_set_mapsize(s->env, bytes);
	/* There is no map at all now, and LMDB would not notice. */
	if (rc != 0)
		s->is_broken = true;
	return rc;
}

int store_grow(struct store *s)
{
	size_t map = store_map_bytes(s), used = store_used_bytes(s);
	int n_dead;

	while (!has_free(map, used, s->headroom)) {
		if (map > SIZE_MAX / 4)
			return MDB_MAP_FULL;
		map *= 2;
	}
	/* A dead reader keeps pages from being used again: let it not be the reason for growing the next time. */
	(void)mdb_reader_check(s->env, &n_dead);
	return set_map(s, map);
}

static int begin_once(struct store *s, enum txn_mode mode, MDB_txn **ret)
{
	int rc;

	if (mode == TXN_WRITE)
		return mdb_txn_begin(s->env, NULL, 0, ret);
	if (s->spare == NULL)
		return mdb_txn_begin(s->env, NULL, MDB_RDONLY, ret);
	rc = mdb_txn_renew(s->spare);
	if (rc == 0)
		*ret = TAKE(s->spare);
	return rc;
}

int store_begin(struct store *s, enum txn_mode mode, MDB_txn **ret)
{
	int rc = MDB_MAP_RESIZED, n_dead;

	if (s->is_broken)
		return MDB_PANIC;
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		rc = begin_once(s, mode, ret);
		if (rc == MDB_MAP_RESIZED)
			rc = set_map(s, 0);
		else if (rc == MDB_READERS_FULL && i == 0)
			rc = mdb_reader_check(s->env, &n_dead);
		else
			return rc;
		if (rc != 0)
			return rc;
	}
	return EBUSY;
}
