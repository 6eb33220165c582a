/* The stock of keys made ahead of need. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/io/server.h"
#include "common/model/stock.h"
#include "sandvault/remove_tree.h"

static int make_dir(void **state)
{
	char *dir = strdup("/tmp/stock-test-XXXXXX");

	*state = dir;
	return dir == NULL || mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
	enum fault f = remove_tree(*state, NULL);

	free(*state);
	return f == FAULT_NONE ? 0 : -1;
}

static struct stock open_in(const char *dir)
{
	char path[256];
	struct stock s;

	snprintf(path, sizeof(path), "%s/cache/keys", dir);
	assert_int_equal(stock_open(path, &s, NULL), FAULT_NONE);
	return s;
}

static void test_put_take(void **state)
{
	struct rng rng = rng_system();
	struct stock s = open_in(*state);
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	char path[256];
	struct stat st;

	assert_int_equal(stock_count(&s, 2048), 0);
	assert_int_equal(stock_take(&s, 2048, &der), FAULT_NOT_FOUND);
	assert_int_equal(stock_put(&s, 2048, SPAN_LIT("one"), &rng), FAULT_NONE);
	assert_int_equal(stock_put(&s, 2048, SPAN_LIT("two"), &rng), FAULT_NONE);
	assert_int_equal(stock_count(&s, 2048), 2);
	assert_int_equal(stock_count(&s, 3072), 0);
	assert_int_equal(stock_take(&s, 3072, &der), FAULT_NOT_FOUND);

	snprintf(path, sizeof(path), "%s/cache/keys/rsa-2048", (char *)*state);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);

	assert_int_equal(stock_take(&s, 2048, &der), FAULT_NONE);
	bool first_was_one = span_eq_cstr(secret_span(&der), "one");
	assert_int_equal(stock_take(&s, 2048, &der), FAULT_NONE);
	assert_true(span_eq_cstr(secret_span(&der), first_was_one ? "two" : "one"));
	assert_int_equal(stock_count(&s, 2048), 0);
	assert_int_equal(stock_take(&s, 2048, &der), FAULT_NOT_FOUND);
}

static void test_none(void **state UNUSED)
{
	struct rng rng = rng_system();
	struct stock s = { .dir = "" };
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;

	assert_int_equal(stock_take(&s, 2048, &der), FAULT_NOT_FOUND);
	assert_int_equal(stock_put(&s, 2048, SPAN_LIT("x"), &rng), FAULT_NOT_FOUND);
	assert_int_equal(stock_count(&s, 2048), 0);
}

static void test_bad_input(void **state)
{
	static char large[8193];
	struct rng rng = rng_system();
	struct stock s = open_in(*state);

	assert_int_equal(stock_put(&s, 2048, SPAN_EMPTY, &rng), FAULT_INVALID);
	assert_int_equal(stock_put(&s, 2048, span_of(large, sizeof(large)), &rng), FAULT_INVALID);
	assert_int_equal(stock_count(&s, 2048), 0);
}

/* A directory that others can enter is refused with a sentence. */
static void test_open_to_others(void **state)
{
	struct err err = ERR_INIT;
	struct stock s;
	char path[256];

	snprintf(path, sizeof(path), "%s/wide", (char *)*state);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(stock_open(path, &s, &err), FAULT_INVALID);
	assert_non_null(strstr(err.message, "0700"));
}

/* What is no key of ours goes, and does not stand in the way of the next one. */
static void test_foreign_files(void **state)
{
	struct rng rng = rng_system();
	struct stock s = open_in(*state);
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	char path[256];

	assert_int_equal(stock_put(&s, 2048, SPAN_LIT("good"), &rng), FAULT_NONE);
	snprintf(path, sizeof(path), "%s/cache/keys/rsa-2048/empty.der", (char *)*state);
	assert_int_equal(file_replace(path, SPAN_EMPTY, NULL), FAULT_NONE);
	snprintf(path, sizeof(path), "%s/cache/keys/rsa-2048/link.der", (char *)*state);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof(path), "%s/cache/keys/rsa-2048/wide.der", (char *)*state);
	assert_int_equal(file_replace(path, SPAN_LIT("seen by all"), NULL), FAULT_NONE);
	assert_int_equal(chmod(path, 0644), 0);

	assert_int_equal(stock_take(&s, 2048, &der), FAULT_NONE);
	assert_true(span_eq_cstr(secret_span(&der), "good"));
	assert_int_equal(stock_take(&s, 2048, &der), FAULT_NOT_FOUND);
}

/* What a writer that died left behind is swept away at the next open. */
static void test_sweep(void **state)
{
	struct rng rng = rng_system();
	struct stock s = open_in(*state);
	char path[256];

	assert_int_equal(stock_put(&s, 2048, SPAN_LIT("good"), &rng), FAULT_NONE);
	snprintf(path, sizeof(path), "%s/cache/keys/rsa-2048/0123.tmp", (char *)*state);
	assert_int_equal(file_replace(path, SPAN_LIT("half"), NULL), FAULT_NONE);
	s = open_in(*state);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(stock_count(&s, 2048), 1);
}

enum { TAKERS = 8, KEYS = 200 };

struct taker {
	const struct stock *stock;
	unsigned char taken[KEYS]; /* how often each key came */
	unsigned n;
};

static void *take_all(void *arg)
{
	struct taker *t = arg;
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;

	while (stock_take(t->stock, 2048, &der) == FAULT_NONE) {
		t->taken[der.p[0]]++;
		t->n++;
	}
	return NULL;
}

/* Many takers at once: nobody gets a key twice, and none is lost. */
static void test_each_once(void **state)
{
	struct rng rng = rng_system();
	struct stock s = open_in(*state);
	static struct taker takers[TAKERS];
	pthread_t threads[TAKERS];
	unsigned total = 0;

	for (unsigned i = 0; i < KEYS; i++) {
		char der[2] = { (char)i, 0 };

		assert_int_equal(stock_put(&s, 2048, span_of(der, sizeof(der)), &rng), FAULT_NONE);
	}
	for (size_t i = 0; i < TAKERS; i++) {
		takers[i] = (struct taker){ .stock = &s };
		assert_int_equal(pthread_create(&threads[i], NULL, take_all, &takers[i]), 0);
	}
	for (size_t i = 0; i < TAKERS; i++) {
		pthread_join(threads[i], NULL);
		total += takers[i].n;
	}
	assert_int_equal(total, KEYS);
	for (unsigned k = 0; k < KEYS; k++) {
		unsigned n = 0;

		for (size_t i = 0; i < TAKERS; i++)
			n += takers[i].taken[k];
		assert_int_equal(n, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_take, make_dir, remove_dir),
		cmocka_unit_test(test_none),
		cmocka_unit_test_setup_teardown(test_bad_input, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_open_to_others, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_foreign_files, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_sweep, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_each_once, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("stock", tests, NULL, NULL);
}
