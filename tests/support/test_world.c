#include "tests/support/test_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MADE_S = 1700000000 };

void test_world_open(struct test_world *w)
{
	struct rng rng = rng_system();
	struct err err = ERR_INIT;

	tmpdir_make(w->dir);
	if (world_open(w->dir, true, &rng, MADE_S, &w->world, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
}

void test_world_close(struct test_world *w)
{
	world_done(&w->world);
	tmpdir_remove(w->dir);
}

int test_world_set_up(void **state)
{
	struct test_world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	test_world_open(w);
	*state = w;
	return 0;
}

int test_world_tear_down(void **state)
{
	test_world_close(*state);
	free(*state);
	return 0;
}

struct txn *test_world_begin(struct test_world *w, enum txn_mode mode)
{
	struct txn *t = NULL;

	assert_int_equal(txn_begin(w->world.store, mode, &t, NULL), FAULT_NONE);
	return t;
}
