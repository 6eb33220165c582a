/* The store: transactions, walks, growth, several processes, a full disk, foreign and damaged files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/io/store.h"
#include "tests/support/tmpdir.h"

#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THINGS, OTHERS, N_TABLES, SMALL_MAP = 64 * 1024 };

static const char *const tables[] = { "things", "others" };

/* A failure in a forked child shows as its exit status. */
#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                        \
			_exit(1);                                                                                      \
		}                                                                                                      \
	} while (0)

struct place {
	char base[TMPDIR_SIZE];
	char dir[TMPDIR_SIZE + 16];
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	tmpdir_make(p->base);
	snprintf(p->dir, sizeof(p->dir), "%s/store", p->base);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	tmpdir_remove(p->base);
	free(p);
	return 0;
}

static enum fault try_open(const char *dir, size_t initial_map, struct store **ret, struct err *err)
{
	struct store_options opt = {
		.dir = dir,
		.tables = tables,
		.n_tables = N_TABLES,
		.initial_map = initial_map,
	};

	return store_open(&opt, ret, err);
}

static struct store *opened(const char *dir, size_t initial_map)
{
	struct err err = ERR_INIT;
	struct store *s = NULL;

	if (try_open(dir, initial_map, &s, &err) != FAULT_NONE) {
		fprintf(stderr, "%s\n", err.message);
		return NULL;
	}
	return s;
}

/* Puts key number i with a value of value_len bytes that begins with the key. */
static enum fault put_number(struct txn *t, unsigned i, size_t value_len)
{
	static char value[1 << 20];
	char key[16];

	snprintf(key, sizeof(key), "k%08u", i);
	memset(value, 'v', value_len);
	memcpy(value, key, 9);
	return txn_put(t, THINGS, span_cstr(key), span_of(value, value_len));
}

static bool has_number(struct store *s, unsigned i, size_t value_len)
{
	struct txn *t = NULL;
	char key[16];
	struct span v;
	bool has;

	snprintf(key, sizeof(key), "k%08u", i);
	if (txn_begin(s, TXN_READ, &t, NULL) != FAULT_NONE)
		return false;
	has = txn_get(t, THINGS, span_cstr(key), &v) == FAULT_NONE && v.len == value_len && memcmp(v.p, key, 9) == 0;
	txn_abort(t);
	return has;
}

/* One transaction for n records. */
static enum fault write_numbers(struct store *s, unsigned from, unsigned n, size_t value_len, struct err *err)
{
	struct txn *t = NULL;
	enum fault f = txn_begin(s, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	for (unsigned i = 0; f == FAULT_NONE && i < n; i++)
		f = put_number(t, from + i, value_len);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	/* Commit says the first fault again, or something is wrong with it. */
	return txn_commit(t, err) == f ? f : FAULT_IO;
}

static unsigned count_all(struct store *s, unsigned table)
{
	struct txn *t = NULL;
	struct span k, v;
	struct walk w;
	unsigned n = 0;

	assert_int_equal(txn_begin(s, TXN_READ, &t, NULL), FAULT_NONE);
	assert_int_equal(walk_begin(t, table, SPAN_EMPTY, SPAN_EMPTY, &w), FAULT_NONE);
	while (walk_next(&w, &k, &v) == FAULT_NONE)
		n++;
	walk_done(&w);
	txn_abort(t);
	return n;
}

static void test_commit_and_abort(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, 0);
	struct txn *t = NULL;
	struct span v;

	assert_non_null(s);
	assert_int_equal(txn_begin(s, TXN_WRITE, &t, NULL), FAULT_NONE);
	assert_int_equal(txn_get(t, THINGS, SPAN_LIT("a"), &v), FAULT_NOT_FOUND);
	assert_int_equal(txn_put(t, THINGS, SPAN_LIT("a"), SPAN_LIT("1")), FAULT_NONE);
	assert_int_equal(txn_put(t, THINGS, SPAN_LIT("n\0n"), SPAN_EMPTY), FAULT_NONE);
	assert_int_equal(txn_get(t, THINGS, SPAN_LIT("a"), &v), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);

	assert_int_equal(txn_begin(s, TXN_WRITE, &t, NULL), FAULT_NONE);
	assert_int_equal(txn_put(t, THINGS, SPAN_LIT("a"), SPAN_LIT("2")), FAULT_NONE);
	assert_int_equal(txn_put(t, THINGS, SPAN_LIT("b"), SPAN_LIT("2")), FAULT_NONE);
	assert_int_equal(txn_del(t, THINGS, SPAN_LIT("n\0n")), FAULT_NONE);
	txn_abort(t);
	txn_abort(NULL);
	store_close(s);

	s = opened(p->dir, 0);
	assert_non_null(s);
	assert_int_equal(txn_begin(s, TXN_READ, &t, NULL), FAULT_NONE);
	assert_int_equal(txn_get(t, THINGS, SPAN_LIT("a"), &v), FAULT_NONE);
	assert_true(span_eq_cstr(v, "1"));
	assert_int_equal(txn_get(t, THINGS, SPAN_LIT("b"), &v), FAULT_NOT_FOUND);
	assert_int_equal(txn_get(t, OTHERS, SPAN_LIT("a"), &v), FAULT_NOT_FOUND);
	assert_int_equal(txn_get(t, THINGS, SPAN_LIT("n\0n"), &v), FAULT_NONE);
	assert_int_equal(v.len, 0);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	assert_int_equal(txn_begin(s, TXN_WRITE, &t, NULL), FAULT_NONE);
	assert_int_equal(txn_del(t, THINGS, SPAN_LIT("a")), FAULT_NONE);
	assert_int_equal(txn_del(t, THINGS, SPAN_LIT("a")), FAULT_NOT_FOUND);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	assert_int_equal(count_all(s, THINGS), 1);
	store_close(s);
	store_close(NULL);
}

static void test_modes(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, 0);
	char path[TMPDIR_SIZE + 64];
	struct stat st;

	assert_non_null(s);
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(path, sizeof(path), "%s/data.mdb", p->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s/lock.mdb", p->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	store_close(s);
}

/* The first failure decides, however little what follows has to do with it. */
static void test_first_fault_stays(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, 0);
	struct err err = ERR_INIT;
	struct txn *t = NULL;
	char key[STORE_KEY_MAX + 1];
	struct walk w;
	struct span v;

	assert_non_null(s);
	memset(key, 'k', sizeof(key));
	assert_int_equal(txn_begin(s, TXN_WRITE, &t, NULL), FAULT_NONE);
	assert_int_equal(txn_put(t, THINGS, span_of(key, STORE_KEY_MAX), SPAN_LIT("1")), FAULT_NONE);
	assert_int_equal(txn_get(t, THINGS, span_of(key, sizeof(key)), &v), FAULT_NOT_FOUND);
	assert_int_equal(txn_get(t, THINGS, SPAN_EMPTY, &v), FAULT_NOT_FOUND);
	assert_int_equal(txn_del(t, THINGS, SPAN_EMPTY), FAULT_NOT_FOUND);
	assert_int_equal(txn_put(t, THINGS, span_of(key, sizeof(key)), SPAN_LIT("1")), FAULT_INVALID);
	assert_int_equal(txn_put(t, THINGS, SPAN_LIT("good"), SPAN_LIT("1")), FAULT_INVALID);
	assert_int_equal(txn_get(t, THINGS, SPAN_LIT("good"), &v), FAULT_INVALID);
	assert_int_equal(txn_del(t, THINGS, SPAN_LIT("good")), FAULT_INVALID);
	assert_int_equal(walk_begin(t, THINGS, SPAN_EMPTY, SPAN_EMPTY, &w), FAULT_INVALID);
	assert_int_equal(txn_commit(t, &err), FAULT_INVALID);
	assert_non_null(strstr(err.message, "empty or too long"));
	assert_int_equal(count_all(s, THINGS), 0);
	store_close(s);
}

static const struct {
	const char *name;
	const char *prefix;
	const char *from;
	const char *expected;
} rows_walk[] = {
	{ "all", "", "", "a a/1 a/2 a/2x b b/1 \xff \xff\xff " },
	{ "prefix", "a/", "", "a/1 a/2 a/2x " },
	{ "prefix that is a key", "a", "", "a a/1 a/2 a/2x " },
	{ "prefix of nothing", "aa", "", "" },
	{ "prefix after all", "\xff\xff\xff", "", "" },
	{ "highest prefix", "\xff", "", "\xff \xff\xff " },
	{ "from a key", "a/", "a/2", "a/2 a/2x " },
	{ "from between keys", "a/", "a/1z", "a/2 a/2x " },
	{ "from before the prefix", "a/", "a", "a/1 a/2 a/2x " },
	{ "from after the prefix", "a/", "b", "" },
	{ "from alone", "", "b", "b b/1 \xff \xff\xff " },
	{ "from after all", "", "\xff\xff\xff", "" },
};

static void test_walk(void **state)
{
	static const char *const keys[] = { "b/1", "a/2", "\xff\xff", "a", "a/2x", "b", "\xff", "a/1" };
	struct place *p = *state;
	struct store *s = opened(p->dir, 0);
	struct txn *t = NULL;

	assert_non_null(s);
	assert_int_equal(txn_begin(s, TXN_WRITE, &t, NULL), FAULT_NONE);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_int_equal(txn_put(t, THINGS, span_cstr(keys[i]), span_cstr(keys[i])), FAULT_NONE);
	for (size_t i = 0; i < ARRAY_LEN(rows_walk); i++) {
		SCOPED_DONE(walk) struct walk w = { 0 };
		SCOPED_DONE(buf) struct buf seen = BUF_INIT(1024);
		struct span k, v;
		enum fault f;

		assert_int_equal(
			walk_begin(t, THINGS, span_cstr(rows_walk[i].prefix), span_cstr(rows_walk[i].from), &w),
			FAULT_NONE);
		while ((f = walk_next(&w, &k, &v)) == FAULT_NONE) {
			assert_true(span_eq(k, v));
			buf_put_span(&seen, k);
			buf_put_char(&seen, ' ');
		}
		if (f != FAULT_NOT_FOUND || !span_eq_cstr(buf_span(&seen), rows_walk[i].expected))
			fail_msg("%s: %s", rows_walk[i].name, buf_cstr(&seen));
	}
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	store_close(s);
}

static void test_snapshot(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, 0);
	struct txn *r = NULL, *w = NULL;
	uint64_t before, changed;

	assert_non_null(s);
	assert_int_equal(txn_begin(s, TXN_READ, &r, NULL), FAULT_NONE);
	before = txn_snapshot(r);
	assert_int_equal(txn_begin(s, TXN_WRITE, &w, NULL), FAULT_NONE);
	assert_true(txn_snapshot(w) == before);
	assert_int_equal(txn_put(w, THINGS, SPAN_LIT("a"), SPAN_LIT("1")), FAULT_NONE);
	changed = txn_snapshot(w);
	assert_true(changed != before && changed != before + 1);
	assert_int_equal(txn_put(w, THINGS, SPAN_LIT("a"), SPAN_LIT("2")), FAULT_NONE);
	assert_true(txn_snapshot(w) != changed);
	txn_abort(w);
	assert_int_equal(write_numbers(s, 0, 1, 16, NULL), FAULT_NONE);
	assert_true(txn_snapshot(r) == before);
	txn_abort(r);
	assert_int_equal(txn_begin(s, TXN_READ, &r, NULL), FAULT_NONE);
	assert_true(txn_snapshot(r) == before + 1);
	txn_abort(r);
	assert_int_equal(txn_begin(s, TXN_WRITE, &w, NULL), FAULT_NONE);
	assert_int_equal(txn_put(w, THINGS, SPAN_LIT("a"), SPAN_LIT("1")), FAULT_NONE);
	assert_true(txn_snapshot(w) != changed);
	txn_abort(w);
	store_close(s);
}

/* A reader keeps its snapshot, and several may be open beside a writer. */
static void test_readers(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, 0);
	struct txn *readers[3] = { NULL };
	struct store_stats stats;
	struct span v;

	assert_non_null(s);
	for (unsigned i = 0; i < ARRAY_LEN(readers); i++) {
		assert_int_equal(txn_begin(s, TXN_READ, &readers[i], NULL), FAULT_NONE);
		assert_int_equal(write_numbers(s, i, 1, 16, NULL), FAULT_NONE);
	}
	store_stats(s, &stats);
	assert_int_equal(stats.readers, 3);
	assert_int_equal(txn_get(readers[0], THINGS, SPAN_LIT("k00000000"), &v), FAULT_NOT_FOUND);
	assert_int_equal(txn_get(readers[1], THINGS, SPAN_LIT("k00000000"), &v), FAULT_NONE);
	assert_int_equal(txn_get(readers[1], THINGS, SPAN_LIT("k00000001"), &v), FAULT_NOT_FOUND);
	for (unsigned i = 0; i < ARRAY_LEN(readers); i++)
		txn_abort(readers[i]);
	store_stats(s, &stats);
	assert_int_equal(stats.readers, 0);
	store_close(s);
}

static void test_growth(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, SMALL_MAP);
	struct store_stats stats;

	assert_non_null(s);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(write_numbers(s, i * 25, 25, 500, NULL), FAULT_NONE);
	store_stats(s, &stats);
	assert_true(stats.used_bytes > 2000 * 1000);
	assert_true(stats.map_bytes > stats.used_bytes);
	assert_int_equal(count_all(s, THINGS), 5000);
	store_close(s);
	/* A later start may ask for less than there is. */
	s = opened(p->dir, SMALL_MAP);
	assert_non_null(s);
	assert_int_equal(count_all(s, THINGS), 5000);
	assert_int_equal(write_numbers(s, 5000, 25, 500, NULL), FAULT_NONE);
	assert_true(has_number(s, 5024, 500));
	store_close(s);
}

/* The map cannot move under a reader of ours: the write says so, and goes through when the reader is done. */
static void test_growth_beside_a_reader(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, SMALL_MAP);
	struct err err = ERR_INIT;
	struct txn *r = NULL;
	unsigned n = 0;
	struct span v;
	enum fault f;

	assert_non_null(s);
	assert_int_equal(write_numbers(s, n++, 1, 20000, NULL), FAULT_NONE);
	assert_int_equal(txn_begin(s, TXN_READ, &r, NULL), FAULT_NONE);
	assert_int_equal(txn_get(r, THINGS, SPAN_LIT("k00000000"), &v), FAULT_NONE);
	while ((f = write_numbers(s, n, 1, 20000, &err)) == FAULT_NONE && n < 1000)
		n++;
	assert_int_equal(f, FAULT_NO_SPACE);
	assert_int_equal(err.fault, FAULT_NO_SPACE);
	assert_int_equal(v.len, 20000);
	assert_int_equal(memcmp(v.p, "k00000000vvvv", 13), 0);
	txn_abort(r);
	assert_int_equal(write_numbers(s, n, 1, 20000, NULL), FAULT_NONE);
	assert_int_equal(count_all(s, THINGS), n + 1);
	store_close(s);
}

/* One transaction larger than the headroom fails, and succeeds when it is tried again often enough. */
static void test_one_large_transaction(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, SMALL_MAP);
	enum fault f = FAULT_NO_SPACE;
	int n_tries = 0;

	assert_non_null(s);
	assert_int_equal(write_numbers(s, 0, 10, 100, NULL), FAULT_NONE);
	while (f == FAULT_NO_SPACE && n_tries < 20) {
		f = write_numbers(s, 10, 100, 100000, NULL);
		n_tries++;
		if (f == FAULT_NO_SPACE)
			assert_int_equal(count_all(s, THINGS), 10);
	}
	assert_int_equal(f, FAULT_NONE);
	assert_in_range(n_tries, 2, 12);
	assert_int_equal(count_all(s, THINGS), 110);
	store_close(s);
}

/* A forked process that does steps when told, and says how each went. */
struct peer {
	pid_t pid;
	int to, from;
};

static struct peer start_peer(const char *dir, void (*run)(const char *dir, int in, int out))
{
	int down[2], up[2];
	struct peer p;

	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	p.pid = fork();
	assert_true(p.pid >= 0);
	if (p.pid == 0) {
		close(down[1]);
		close(up[0]);
		run(dir, down[0], up[1]);
		_exit(0);
	}
	close(down[0]);
	close(up[1]);
	p.to = down[1];
	p.from = up[0];
	return p;
}

static unsigned char hear(int fd)
{
	unsigned char c = 0xff;

	return read(fd, &c, 1) == 1 ? c : 0xff;
}

static void tell(int fd, unsigned char c)
{
	if (write(fd, &c, 1) != 1)
		_exit(2);
}

static int end_peer(struct peer *p, bool is_killed)
{
	int status = -1;

	if (is_killed)
		kill(p->pid, SIGKILL);
	waitpid(p->pid, &status, 0);
	close(p->to);
	close(p->from);
	return status;
}

static void run_grow(const char *dir, int in, int out)
{
	struct store *s = opened(dir, SMALL_MAP);

	CHECK(s != NULL);
	tell(out, 0);
	CHECK(hear(in) == 0);
	for (unsigned i = 0; i < 50; i++)
		CHECK(write_numbers(s, i, 1, 20000, NULL) == FAULT_NONE);
	tell(out, 0);
	CHECK(hear(in) == 0);
	/* By now the other has grown the map further. */
	CHECK(has_number(s, 1049, 20000));
	CHECK(write_numbers(s, 2000, 1, 20000, NULL) == FAULT_NONE);
	store_close(s);
}

static void test_growth_by_another_process(void **state)
{
	struct place *p = *state;
	struct peer peer = start_peer(p->dir, run_grow);
	struct store *s = opened(p->dir, SMALL_MAP);
	struct txn *r = NULL, *again = NULL;
	struct err err = ERR_INIT;
	struct span v;

	assert_non_null(s);
	assert_int_equal(hear(peer.from), 0);
	assert_int_equal(count_all(s, THINGS), 0); /* leaves a spare reader behind */
	assert_int_equal(txn_begin(s, TXN_READ, &r, NULL), FAULT_NONE);
	tell(peer.to, 0);
	assert_int_equal(hear(peer.from), 0);
	/* The open one still reads its own snapshot; a new one would need the map moved. */
	assert_int_equal(txn_begin(s, TXN_READ, &again, &err), FAULT_UNAVAILABLE);
	assert_int_equal(txn_begin(s, TXN_WRITE, &again, &err), FAULT_UNAVAILABLE);
	assert_non_null(strstr(err.message, "try again"));
	assert_int_equal(txn_get(r, THINGS, SPAN_LIT("k00000049"), &v), FAULT_NOT_FOUND);
	txn_abort(r);
	assert_int_equal(count_all(s, THINGS), 50);
	for (unsigned i = 1000; i < 1050; i++)
		assert_int_equal(write_numbers(s, i, 1, 20000, NULL), FAULT_NONE);
	tell(peer.to, 0);
	assert_int_equal(end_peer(&peer, false), 0);
	assert_true(has_number(s, 2000, 20000));
	assert_int_equal(count_all(s, THINGS), 101);
	store_close(s);
}

static void run_first_start(const char *dir, int in, int out)
{
	unsigned char me = hear(in);
	struct store *s;

	tell(out, 0);
	s = opened(dir, SMALL_MAP);
	CHECK(s != NULL);
	CHECK(write_numbers(s, me, 1, 100, NULL) == FAULT_NONE);
	store_close(s);
}

static void test_first_start_of_several(void **state)
{
	struct place *p = *state;
	struct peer peers[6];
	struct store *s;

	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		peers[i] = start_peer(p->dir, run_first_start);
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		tell(peers[i].to, (unsigned char)i);
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		assert_int_equal(end_peer(&peers[i], false), 0);
	s = opened(p->dir, 0);
	assert_non_null(s);
	assert_int_equal(count_all(s, THINGS), ARRAY_LEN(peers));
	store_close(s);
}

/* Says how many readers there are whenever it is asked. */
static void run_watch(const char *dir, int in, int out)
{
	struct store *s = opened(dir, 0);
	struct store_stats stats;

	CHECK(s != NULL);
	tell(out, 0);
	while (hear(in) == 0) {
		store_stats(s, &stats);
		tell(out, (unsigned char)stats.readers);
	}
	store_close(s);
}

static void run_read_for_ever(const char *dir, int in, int out)
{
	struct store *s = opened(dir, 0);
	struct txn *t = NULL;

	CHECK(s != NULL);
	CHECK(txn_begin(s, TXN_READ, &t, NULL) == FAULT_NONE);
	tell(out, 0);
	hear(in);
}

static void test_dead_reader(void **state)
{
	struct place *p = *state;
	struct peer watch = start_peer(p->dir, run_watch), reader;
	struct store *s;

	assert_int_equal(hear(watch.from), 0);
	reader = start_peer(p->dir, run_read_for_ever);
	assert_int_equal(hear(reader.from), 0);
	end_peer(&reader, true);
	tell(watch.to, 0);
	assert_int_equal(hear(watch.from), 1);
	s = opened(p->dir, 0);
	assert_non_null(s);
	tell(watch.to, 0);
	assert_int_equal(hear(watch.from), 0);
	tell(watch.to, 1);
	assert_int_equal(end_peer(&watch, false), 0);
	store_close(s);
}

static void run_write_for_ever(const char *dir, int in, int out)
{
	struct store *s = opened(dir, 0);
	struct txn *t = NULL;

	CHECK(s != NULL);
	CHECK(write_numbers(s, 1, 1, 100, NULL) == FAULT_NONE);
	CHECK(txn_begin(s, TXN_WRITE, &t, NULL) == FAULT_NONE);
	CHECK(put_number(t, 2, 100) == FAULT_NONE);
	tell(out, 0);
	hear(in);
}

static void test_dead_writer(void **state)
{
	struct place *p = *state;
	struct peer watch = start_peer(p->dir, run_watch), writer;
	struct store *s;

	assert_int_equal(hear(watch.from), 0);
	writer = start_peer(p->dir, run_write_for_ever);
	assert_int_equal(hear(writer.from), 0);
	end_peer(&writer, true);
	s = opened(p->dir, 0);
	assert_non_null(s);
	assert_int_equal(write_numbers(s, 3, 1, 100, NULL), FAULT_NONE);
	assert_true(has_number(s, 1, 100));
	assert_false(has_number(s, 2, 100));
	store_close(s);
	tell(watch.to, 1);
	assert_int_equal(end_peer(&watch, false), 0);
}

static off_t data_size(const char *dir)
{
	char path[TMPDIR_SIZE + 64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	return stat(path, &st) == 0 ? st.st_size : -1;
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* A limit on the size of files stands for a full disk: writes come back short, then fail. */
static void run_full(const char *dir, int in UNUSED, int out UNUSED)
{
	struct store *s = opened(dir, 0);
	struct err err = ERR_INIT;
	unsigned n = 0;

	CHECK(s != NULL);
	signal(SIGXFSZ, SIG_IGN);
	for (; n < 10; n++)
		CHECK(write_numbers(s, n, 1, 5000, NULL) == FAULT_NONE);
	/* Not on a page's edge, so that the last write is cut in the middle. */
	limit_files((rlim_t)data_size(dir) + 100 * 1000);
	CHECK(write_numbers(s, 1000, 1, 1000 * 1000, &err) == FAULT_NO_SPACE);
	CHECK(strstr(err.message, "nothing was lost") != NULL);
	CHECK(!has_number(s, 1000, 1000 * 1000));
	while (write_numbers(s, n, 1, 5000, &err) == FAULT_NONE) {
		CHECK(n < 1000);
		n++;
	}
	CHECK(err.fault == FAULT_NO_SPACE);
	for (unsigned i = 0; i < n; i++)
		CHECK(has_number(s, i, 5000));
	CHECK(!has_number(s, n, 5000));
	/* Room again: the same store goes on. */
	limit_files(0);
	CHECK(write_numbers(s, 2000, 1, 1000 * 1000, NULL) == FAULT_NONE);
	store_close(s);
}

static void run_full_at_start(const char *dir, int in UNUSED, int out UNUSED)
{
	struct err err = ERR_INIT;
	struct store *s = NULL;

	signal(SIGXFSZ, SIG_IGN);
	limit_files(9 * 1024);
	CHECK(try_open(dir, 0, &s, &err) == FAULT_NO_SPACE);
	CHECK(s == NULL && err.message[0] != '\0');
	limit_files(0);
	s = opened(dir, 0);
	CHECK(s != NULL);
	CHECK(write_numbers(s, 0, 1, 100, NULL) == FAULT_NONE);
	store_close(s);
}

static void test_full_disk(void **state)
{
	struct place *p = *state;
	struct peer peer = start_peer(p->dir, run_full);
	struct store *s;

	assert_int_equal(end_peer(&peer, false), 0);
	s = opened(p->dir, 0);
	assert_non_null(s);
	for (unsigned i = 0; i < 10; i++)
		assert_true(has_number(s, i, 5000));
	assert_true(has_number(s, 2000, 1000 * 1000));
	assert_false(has_number(s, 1000, 1000 * 1000));
	store_close(s);
}

static void test_full_disk_at_start(void **state)
{
	struct place *p = *state;
	struct peer peer = start_peer(p->dir, run_full_at_start);

	assert_int_equal(end_peer(&peer, false), 0);
}

static void write_data(const char *dir, const void *p, size_t n)
{
	char path[TMPDIR_SIZE + 64];
	int fd;

	mkdir(dir, 0700);
	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

static void assert_refused(const char *dir, enum fault fault, const char *words)
{
	struct err err = ERR_INIT;
	struct store *s = NULL;

	assert_int_equal(try_open(dir, 0, &s, &err), fault);
	assert_null(s);
	if (strstr(err.message, words) == NULL || strstr(err.message, dir) == NULL)
		fail_msg("%s", err.message);
}

static void test_no_store(void **state)
{
	static const char garbage[16384] = "this is a diary";
	struct place *p = *state;
	char path[TMPDIR_SIZE + 64];
	int fd;

	write_data(p->dir, garbage, sizeof(garbage));
	assert_refused(p->dir, FAULT_STORE, "was never a store");
	/* A file where the directory should be, and a directory that cannot be made. */
	snprintf(path, sizeof(path), "%s/file", p->base);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_refused(path, FAULT_IO, "Not a directory");
	snprintf(path, sizeof(path), "%s/absent/store", p->base);
	assert_refused(path, FAULT_IO, "No such file");
}

static void test_foreign(void **state)
{
	struct place *p = *state;
	MDB_val k = { 1, (void *)"k" }, v = { 1, (void *)"v" };
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mkdir(p->dir, 0700), 0);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, p->dir, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	assert_refused(p->dir, FAULT_STORE, "belongs to another program");
}

static void test_cut_short(void **state)
{
	struct place *p = *state;
	char path[TMPDIR_SIZE + 64];
	struct store *s = opened(p->dir, 0);
	off_t whole, cuts[4];

	assert_non_null(s);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(write_numbers(s, i * 100, 100, 300, NULL), FAULT_NONE);
	assert_int_equal(write_numbers(s, 9000, 3, 100000, NULL), FAULT_NONE);
	store_close(s);
	whole = data_size(p->dir);
	cuts[0] = whole - 4096;
	cuts[1] = whole / 2 + 77;
	cuts[2] = 3 * 4096;
	cuts[3] = 100;
	snprintf(path, sizeof(path), "%s/data.mdb", p->dir);
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		assert_int_equal(truncate(path, cuts[i]), 0);
		assert_refused(p->dir, FAULT_STORE, "is damaged");
		/* Looking at it changes nothing: the next start says the same. */
		assert_int_equal(data_size(p->dir), cuts[i]);
		assert_refused(p->dir, FAULT_STORE, "is damaged");
	}
}

static void delete_number(struct txn *t, unsigned i)
{
	char key[16];

	snprintf(key, sizeof(key), "k%08u", i);
	assert_int_equal(txn_del(t, THINGS, span_cstr(key)), FAULT_NONE);
}

/* A large value put and deleted in one transaction, with free pages about, may never reach the file, though its pages
 * count as used: no damage. */
static void test_short_but_whole(void **state)
{
	struct place *p = *state;
	struct store *s = opened(p->dir, 0);
	struct store_stats stats;
	struct txn *t = NULL;

	assert_non_null(s);
	assert_int_equal(write_numbers(s, 0, 20, 3000, NULL), FAULT_NONE);
	for (unsigned i = 10; i < 20; i++) {
		assert_int_equal(txn_begin(s, TXN_WRITE, &t, NULL), FAULT_NONE);
		delete_number(t, i);
		assert_int_equal(put_number(t, 1000, 200 * 1000), FAULT_NONE);
		delete_number(t, 1000);
		assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	}
	store_stats(s, &stats);
	assert_true((size_t)data_size(p->dir) < stats.used_bytes);
	store_close(s);

	s = opened(p->dir, 0);
	assert_non_null(s);
	assert_int_equal(count_all(s, THINGS), 10);
	assert_int_equal(write_numbers(s, 100, 10, 200 * 1000, NULL), FAULT_NONE);
	assert_int_equal(count_all(s, THINGS), 20);
	store_close(s);
}

static void test_ephemeral_with_more_tables(void **state)
{
	static const char *const more[] = { "things", "others", "later" };
	struct place *p = *state;
	struct store_options opt = { .dir = p->dir, .tables = more, .n_tables = 3, .is_ephemeral = true };
	struct store *s = opened(p->dir, 0);
	struct txn *t = NULL;

	assert_non_null(s);
	assert_int_equal(write_numbers(s, 0, 5, 100, NULL), FAULT_NONE);
	store_close(s);
	assert_int_equal(store_open(&opt, &s, NULL), FAULT_NONE);
	assert_int_equal(txn_begin(s, TXN_WRITE, &t, NULL), FAULT_NONE);
	assert_int_equal(txn_put(t, 2, SPAN_LIT("a"), SPAN_LIT("1")), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	assert_int_equal(count_all(s, THINGS), 5);
	assert_int_equal(count_all(s, 2), 1);
	store_close(s);
	/* And back to the release that knows two. */
	s = opened(p->dir, 0);
	assert_non_null(s);
	assert_int_equal(count_all(s, THINGS), 5);
	store_close(s);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_commit_and_abort),
		IN_PLACE(test_modes),
		IN_PLACE(test_first_fault_stays),
		IN_PLACE(test_walk),
		IN_PLACE(test_snapshot),
		IN_PLACE(test_readers),
		IN_PLACE(test_growth),
		IN_PLACE(test_growth_beside_a_reader),
		IN_PLACE(test_one_large_transaction),
		IN_PLACE(test_growth_by_another_process),
		IN_PLACE(test_first_start_of_several),
		IN_PLACE(test_dead_reader),
		IN_PLACE(test_dead_writer),
		IN_PLACE(test_full_disk),
		IN_PLACE(test_full_disk_at_start),
		IN_PLACE(test_no_store),
		IN_PLACE(test_foreign),
		IN_PLACE(test_cut_short),
		IN_PLACE(test_short_but_whole),
		IN_PLACE(test_ephemeral_with_more_tables),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
