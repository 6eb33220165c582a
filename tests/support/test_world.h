#ifndef SANDVAULT_TESTS_SUPPORT_TEST_WORLD_H
#define SANDVAULT_TESTS_SUPPORT_TEST_WORLD_H

/* A world of a test's own in a temporary directory, ephemeral, made at 1700000000. */

#include "common/model/world.h"
#include "tests/support/tmpdir.h"

struct test_world {
	char dir[TMPDIR_SIZE];
	struct world world;
};

/* Fail the test when they cannot. */
void test_world_open(struct test_world *w);
void test_world_close(struct test_world *w);
/* cmocka's own: *state is a struct test_world. */
int test_world_set_up(void **state);
int test_world_tear_down(void **state);
struct txn *test_world_begin(struct test_world *w, enum txn_mode mode);

#endif
