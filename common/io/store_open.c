#include "common/io/store_lmdb.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAP_DEFAULT = 64 << 20, MAP_PAGES_MIN = 16, READERS_MAX = 126, FILE_MODE = 0600, DIR_MODE = 0700 };

/* In the unnamed table: says that the environment is ours, and which layout the tables' names and keys follow. */
static const char mark_key[] = "sandvault-store", mark_value[] = "1";

static void store_free(struct store *s)
{
	if (s == NULL)
		return;
	if (s->spare != NULL)
		mdb_txn_abort(s->spare);
	if (s->env != NULL)
		mdb_env_close(s->env);
	free(s->dir);
	free(s);
}
DEFINE_SCOPED(store, store_free);

static struct store *store_new(const struct store_options *opt)
{
	struct store *s = calloc(1, sizeof(*s) + opt->n_tables * sizeof(s->tables[0]));

	if (s == NULL)
		return NULL;
	s->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	s->n_tables = opt->n_tables;
	s->headroom = STORE_HEADROOM;
	s->dir = strdup(opt->dir);
	if (s->dir == NULL) {
		store_free(s);
		return NULL;
	}
	return s;
}

/* Rounded to pages, with room for the tables themselves. */
static size_t first_map(const struct store *s, size_t asked)
{
	size_t pages = ((asked == 0 ? MAP_DEFAULT : asked) + s->page_bytes - 1) / s->page_bytes;

	return (pages < MAP_PAGES_MIN ? MAP_PAGES_MIN : pages) * s->page_bytes;
}

static int open_env(struct store *s, const struct store_options *opt)
{
	size_t map = first_map(s, opt->initial_map);
	unsigned flags = MDB_NOTLS | (opt->is_ephemeral ? MDB_NOSYNC | MDB_NOMETASYNC : 0);
	int rc, n_dead;

	if (map < s->headroom)
		s->headroom = map;
	if (mkdir(s->dir, DIR_MODE) != 0 && errno != EEXIST)
		return errno;
	rc = mdb_env_create(&s->env);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, opt->n_tables);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(s->env, READERS_MAX);
	if (rc == 0)
		rc = mdb_env_set_mapsize(s->env, map);
	if (rc == 0)
		rc = mdb_env_set_userctx(s->env, s);
	if (rc == 0)
		rc = mdb_env_open(s->env, s->dir, flags, FILE_MODE);
	if (rc == 0)
		rc = mdb_reader_check(s->env, &n_dead);
	return rc;
}

/* The file tells its own page size; the machine's was only a guess for a new one. */
static int learn_page_bytes(struct store *s)
{
	MDB_stat stat;
	int rc = mdb_env_stat(s->env, &stat);

	if (rc == 0)
		s->page_bytes = stat.ms_psize;
	return rc;
}

/* Ours: 0. New: MDB_NOTFOUND. Another's: MDB_INCOMPATIBLE. */
static int check_mark(MDB_txn *txn, MDB_dbi root)
{
	MDB_val key = { sizeof(mark_key) - 1, (void *)mark_key }, value;
	MDB_stat stat;
	int rc = mdb_get(txn, root, &key, &value);

	if (rc == 0) {
		bool is_ours = span_eq_cstr(span_of(value.mv_data, value.mv_size), mark_value);

		return is_ours ? 0 : MDB_INCOMPATIBLE;
	}
	if (rc != MDB_NOTFOUND)
		return rc;
	rc = mdb_stat(txn, root, &stat);
	if (rc == 0)
		rc = stat.ms_entries > 0 ? MDB_INCOMPATIBLE : MDB_NOTFOUND;
	return rc;
}

static int put_mark(MDB_txn *txn, MDB_dbi root)
{
	MDB_val key = { sizeof(mark_key) - 1, (void *)mark_key };
	MDB_val value = { sizeof(mark_value) - 1, (void *)mark_value };

	return mdb_put(txn, root, &key, &value, 0);
}

static int open_tables_in(struct store *s, const struct store_options *opt, enum txn_mode mode, MDB_txn *txn)
{
	MDB_dbi root;
	int rc = mdb_dbi_open(txn, NULL, 0, &root);

	if (rc == 0)
		rc = check_mark(txn, root);
	if (rc == MDB_NOTFOUND && mode == TXN_WRITE)
		rc = put_mark(txn, root);
	for (unsigned i = 0; rc == 0 && i < opt->n_tables; i++)
		rc = mdb_dbi_open(txn, opt->tables[i], mode == TXN_WRITE ? MDB_CREATE : 0, &s->tables[i]);
	return rc;
}

static int open_tables(struct store *s, const struct store_options *opt, enum txn_mode mode)
{
	MDB_txn *txn;
	int rc = store_begin(s, mode, &txn);

	if (rc != 0)
		return rc;
	rc = open_tables_in(s, opt, mode, txn);
	if (rc == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

enum fault store_open(const struct store_options *opt, struct store **ret, struct err *err)
{
	SCOPED(store) struct store *s = store_new(opt);
	int rc;

	if (s == NULL)
		return FAULT_MEMORY;
	rc = open_env(s, opt);
	if (rc == 0)
		rc = learn_page_bytes(s);
	if (rc == 0)
		rc = store_check_length(s);
	/* Reading suffices from the second start on, so neither a full disk nor a busy writer stops it. Two processes
	 * that both find nothing create one after the other, under the write lock. */
	if (rc == 0)
		rc = open_tables(s, opt, TXN_READ);
	if (rc == MDB_NOTFOUND)
		rc = open_tables(s, opt, TXN_WRITE);
	if (rc != 0)
		return store_say(s->dir, store_explain(s, rc), err);
	*ret = TAKE(s);
	return FAULT_NONE;
}

void store_close(struct store *s)
{
	assert(s == NULL || (s->n_reading == 0 && s->writer == NULL));
	store_free(s);
}
