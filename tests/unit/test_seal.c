/* Sealed values open where they were sealed and nowhere else; the root key's file is made once and kept private. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/io/seal.h"

static struct rng rng;

/* ---- a directory of its own for each test ---- */

enum { PATH_LEN = 300 };

struct place {
	char dir[200];
	char key[PATH_LEN];
};

static int place_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	snprintf(p->dir, sizeof(p->dir), "%s", "/tmp/seal-test-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->key, sizeof(p->key), "%s/root.key", p->dir);
	*state = p;
	return 0;
}

/* How many files stand in the directory; also removes them when asked to. */
static int count_files(const struct place *p, bool is_removing)
{
	DIR *d = opendir(p->dir);
	int n = 0;

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		if (is_removing)
			assert_int_equal(unlinkat(dirfd(d), e->d_name, 0), 0);
	}
	closedir(d);
	return n;
}

static int place_down(void **state)
{
	struct place *p = *state;

	count_files(p, true);
	rmdir(p->dir);
	free(p);
	return 0;
}

static void put_file(const char *path, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	unsigned char bytes[64] = { 7 };

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void must_open(const struct place *p, struct sealer *s)
{
	struct err err = ERR_INIT;

	assert_int_equal(sealer_open(p->key, true, &rng, s, &err), FAULT_NONE);
}

/* ---- values ---- */

static void test_round_trip(void **state)
{
	static const char *const plains[] = { "", "x", "a private key that is a little longer than one block of AES" };
	SCOPED_DONE(sealer) struct sealer s;

	must_open(*state, &s);
	for (size_t i = 0; i < ARRAY_LEN(plains); i++) {
		SCOPED_DONE(buf) struct buf sealed = BUF_INIT(1024);
		SCOPED_DONE(secret) struct secret plain = SECRET_INIT;
		struct span in = span_cstr(plains[i]);

		buf_put_cstr(&sealed, "before");
		assert_int_equal(seal(&s, SPAN_LIT("keys/1"), in, &rng, &sealed), FAULT_NONE);
		assert_int_equal(sealed.len, 6 + in.len + SEAL_OVERHEAD);
		assert_int_equal(unseal(&s, SPAN_LIT("keys/1"), span_from(buf_span(&sealed), 6), &plain), FAULT_NONE);
		assert_true(span_eq(secret_span(&plain), in));
	}
}

static void test_moved_or_changed(void **state)
{
	SCOPED_DONE(sealer) struct sealer s;
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(1024);
	SCOPED_DONE(secret) struct secret plain = SECRET_INIT;

	must_open(*state, &s);
	assert_int_equal(seal(&s, SPAN_LIT("keys/1"), SPAN_LIT("secret"), &rng, &sealed), FAULT_NONE);
	assert_int_equal(unseal(&s, SPAN_LIT("keys/2"), buf_span(&sealed), &plain), FAULT_CRYPTO);
	assert_int_equal(unseal(&s, SPAN_EMPTY, buf_span(&sealed), &plain), FAULT_CRYPTO);
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		sealed.data[bit / 8] = (char)(sealed.data[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(unseal(&s, SPAN_LIT("keys/1"), buf_span(&sealed), &plain), FAULT_CRYPTO);
		sealed.data[bit / 8] = (char)(sealed.data[bit / 8] ^ (1 << bit % 8));
	}
	for (size_t n = 0; n < sealed.len; n++)
		assert_int_equal(unseal(&s, SPAN_LIT("keys/1"), span_first(buf_span(&sealed), n), &plain),
				 FAULT_CRYPTO);
	assert_null(plain.p);
	assert_int_equal(unseal(&s, SPAN_LIT("keys/1"), buf_span(&sealed), &plain), FAULT_NONE);
}

static void test_nonces_differ(void **state)
{
	SCOPED_DONE(sealer) struct sealer s;
	SCOPED_DONE(buf) struct buf a = BUF_INIT(100);
	SCOPED_DONE(buf) struct buf b = BUF_INIT(100);

	must_open(*state, &s);
	assert_int_equal(seal(&s, SPAN_LIT("c"), SPAN_LIT("same"), &rng, &a), FAULT_NONE);
	assert_int_equal(seal(&s, SPAN_LIT("c"), SPAN_LIT("same"), &rng, &b), FAULT_NONE);
	assert_false(span_eq(buf_span(&a), buf_span(&b)));
}

static enum fault no_bytes(void *arg UNUSED, void *p UNUSED, size_t n UNUSED)
{
	return FAULT_RANDOM;
}

static void test_no_random_bytes(void **state)
{
	struct place *p = *state;
	const struct rng none = { no_bytes, NULL };
	SCOPED_DONE(sealer) struct sealer s = { SECRET_INIT };
	SCOPED_DONE(buf) struct buf out = BUF_INIT(100);

	assert_int_equal(sealer_open(p->key, true, &none, &s, NULL), FAULT_RANDOM);
	assert_int_equal(count_files(p, false), 0);
	must_open(p, &s);
	assert_int_equal(seal(&s, SPAN_LIT("c"), SPAN_LIT("x"), &none, &out), FAULT_RANDOM);
	assert_int_equal(out.len, 0);
}

static void test_no_room(void **state)
{
	SCOPED_DONE(sealer) struct sealer s;
	SCOPED_DONE(buf) struct buf out = BUF_INIT(30);

	must_open(*state, &s);
	assert_int_equal(seal(&s, SPAN_LIT("c"), SPAN_LIT("three"), &rng, &out), FAULT_TOO_LARGE);
}

/* ---- the file ---- */

static void test_made_once(void **state)
{
	struct place *p = *state;
	SCOPED_DONE(sealer) struct sealer first;
	SCOPED_DONE(sealer) struct sealer second;
	struct stat st;

	must_open(p, &first);
	assert_int_equal(stat(p->key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, SEAL_KEY_LEN);
	assert_int_equal(count_files(p, false), 1);
	assert_int_equal(sealer_open(p->key, false, &rng, &second, NULL), FAULT_NONE);
	assert_true(span_eq(secret_span(&first.key), secret_span(&second.key)));
}

static void test_not_there(void **state)
{
	struct place *p = *state;
	struct sealer s;
	struct err err = ERR_INIT;
	char path[PATH_LEN];

	assert_int_equal(sealer_open(p->key, false, &rng, &s, &err), FAULT_NOT_FOUND);
	assert_non_null(strstr(err.message, "root.key"));
	assert_int_equal(count_files(p, false), 0);
	snprintf(path, sizeof(path), "%s/none/root.key", p->dir);
	assert_int_equal(sealer_open(path, true, &rng, &s, &err), FAULT_IO);
	assert_int_equal(sealer_open(p->dir, true, &rng, &s, &err), FAULT_INVALID);
}

static void test_file_refused(void **state)
{
	static const struct {
		const char *name;
		size_t size;
		mode_t mode;
		enum fault fault;
	} rows[] = {
		{ "as it should be", 32, 0600, FAULT_NONE },
		{ "read-only", 32, 0400, FAULT_NONE },
		{ "empty", 0, 0600, FAULT_INVALID },
		{ "short", 31, 0600, FAULT_INVALID },
		{ "long", 33, 0600, FAULT_INVALID },
		{ "group may read", 32, 0640, FAULT_INVALID },
		{ "others may read", 32, 0604, FAULT_INVALID },
		{ "others may write", 32, 0602, FAULT_INVALID },
	};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(sealer) struct sealer s = { SECRET_INIT };
		struct err err = ERR_INIT;

		print_message("  %s\n", rows[i].name);
		unlink(p->key);
		put_file(p->key, rows[i].size, rows[i].mode);
		assert_int_equal(sealer_open(p->key, true, &rng, &s, &err), rows[i].fault);
		if (rows[i].fault != FAULT_NONE)
			assert_non_null(strstr(err.message, p->key));
	}
}

/* Many processes start at one moment, held back by a pipe; each tells the key it got. */
enum { N_RACERS = 16 };

static void race(const struct place *p, int gate, int result)
{
	struct sealer s;
	unsigned char byte;

	while (read(gate, &byte, 1) > 0)
		continue;
	if (sealer_open(p->key, true, &rng, &s, NULL) == FAULT_NONE)
		byte = write(result, s.key.p, s.key.len) == SEAL_KEY_LEN;
	_exit(0);
}

static void test_race_to_create(void **state)
{
	struct place *p = *state;
	int gate[2], result[2];
	unsigned char keys[N_RACERS][SEAL_KEY_LEN];

	assert_int_equal(pipe(gate), 0);
	assert_int_equal(pipe(result), 0);
	for (int i = 0; i < N_RACERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			close(gate[1]);
			race(p, gate[0], result[1]);
		}
	}
	close(gate[0]);
	close(gate[1]);
	close(result[1]);
	for (int i = 0; i < N_RACERS; i++) {
		assert_int_equal(read(result[0], keys[i], SEAL_KEY_LEN), SEAL_KEY_LEN);
		assert_memory_equal(keys[i], keys[0], SEAL_KEY_LEN);
	}
	close(result[0]);
	for (int i = 0; i < N_RACERS; i++)
		assert_true(wait(NULL) > 0);
	assert_int_equal(count_files(p, false), 1);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, place_up, place_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(test_round_trip),      PLACED(test_moved_or_changed), PLACED(test_nonces_differ),
		PLACED(test_no_random_bytes), PLACED(test_no_room),	     PLACED(test_made_once),
		PLACED(test_not_there),	      PLACED(test_file_refused),     PLACED(test_race_to_create),
	};

	rng = rng_system();
	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
