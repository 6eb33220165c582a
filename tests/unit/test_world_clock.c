/* The one clock: moves, the past, standing still, its record; and what the purge does when a date has passed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "common/model/purge.h"
#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "tests/support/tmpdir.h"

#define MACHINE_MS INT64_C(1790000000500)
#define DAY_MS INT64_C(86400000)

static int64_t machine_now(void *arg)
{
	return *(const int64_t *)arg;
}

static const struct {
	const char *name, *duration;
	int64_t moved_ms;
} advances[] = {
	{ "nothing", "PT0S", 0 },
	{ "an hour", "PT1H", 3600 * 1000 },
	{ "weeks", "P2W", 14 * DAY_MS },
	{ "days and minutes", "P1DT1M", DAY_MS + 60 * 1000 },
};

static void test_advances(void **state UNUSED)
{
	for (int frozen = 0; frozen < 2; frozen++) {
		for (size_t i = 0; i < ARRAY_LEN(advances); i++) {
			struct world_clock c = { .offset_ms = 0 };
			struct duration by;

			assert_int_equal(duration_parse(span_cstr(advances[i].duration), &by), FAULT_NONE);
			if (frozen)
				world_clock_freeze(&c, MACHINE_MS, true);
			assert_int_equal(world_clock_advance(&c, MACHINE_MS, &by, NULL), FAULT_NONE);
			if (world_clock_ms(&c, MACHINE_MS) != MACHINE_MS + advances[i].moved_ms)
				fail_msg("%s: %lld", advances[i].name, (long long)world_clock_ms(&c, MACHINE_MS));
			/* Later by the machine: later here, unless it stands. */
			assert_int_equal(world_clock_ms(&c, MACHINE_MS + 7),
					 MACHINE_MS + advances[i].moved_ms + (frozen ? 0 : 7));
		}
	}
}

static const struct {
	const char *name;
	int64_t to_ms;
	enum fault fault;
	int64_t now_ms;
} sets[] = {
	{ "ahead", MACHINE_MS + DAY_MS, FAULT_NONE, MACHINE_MS + DAY_MS },
	{ "the second that runs", MACHINE_MS - 500, FAULT_NONE, MACHINE_MS },
	{ "the second before", MACHINE_MS - 501, FAULT_INVALID, MACHINE_MS },
	{ "1970", 0, FAULT_INVALID, MACHINE_MS },
	{ "beyond the calendar", DURATION_TIME_MAX_S * 1000, FAULT_INVALID, MACHINE_MS },
};

static void test_sets(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct world_clock c = { .offset_ms = 0 };
		struct err err = ERR_INIT;

		if (world_clock_set(&c, MACHINE_MS, sets[i].to_ms, &err) != sets[i].fault ||
		    world_clock_ms(&c, MACHINE_MS) != sets[i].now_ms)
			fail_msg("%s: %s", sets[i].name, err.message);
		if (sets[i].fault != FAULT_NONE && err.message[0] == '\0')
			fail_msg("%s: no words", sets[i].name);
	}
}

static void test_an_advance_beyond_the_calendar(void **state UNUSED)
{
	struct duration by = { .years = 8000 };
	struct world_clock c = { .offset_ms = 5 };

	assert_int_equal(world_clock_advance(&c, MACHINE_MS, &by, NULL), FAULT_INVALID);
	assert_int_equal(c.offset_ms, 5);
}

static void test_it_goes_on_from_where_it_stood(void **state UNUSED)
{
	struct world_clock c = { .offset_ms = DAY_MS };

	world_clock_freeze(&c, MACHINE_MS, true);
	world_clock_freeze(&c, MACHINE_MS + 1000, true);
	assert_int_equal(world_clock_ms(&c, MACHINE_MS + 2000), MACHINE_MS + DAY_MS);
	world_clock_freeze(&c, MACHINE_MS + 5000, false);
	assert_false(c.is_frozen);
	assert_int_equal(world_clock_ms(&c, MACHINE_MS + 5001), MACHINE_MS + DAY_MS + 1);
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct rng rng = rng_system();
	char dir[TMPDIR_SIZE];

	tmpdir_make(dir);
	*state = w;
	return w == NULL || world_open(dir, true, &rng, 0, w, NULL) != FAULT_NONE;
}

static int close_world(void **state)
{
	struct world *w = *state;

	world_done(w);
	tmpdir_remove(w->data_dir);
	free(w);
	return 0;
}

static struct txn *begin(struct world *w, enum txn_mode mode)
{
	struct txn *t;

	assert_int_equal(txn_begin(w->store, mode, &t, NULL), FAULT_NONE);
	return t;
}

static void test_the_record(void **state)
{
	struct world *w = *state;
	int64_t machine_ms = MACHINE_MS, now_ms;
	struct clock machine = { machine_now, machine_now, &machine_ms };
	struct world_clock c = { .offset_ms = -3 };
	struct txn *t = begin(w, TXN_WRITE);

	assert_int_equal(world_clock_get(t, &c), FAULT_NONE);
	assert_int_equal(c.offset_ms, 0);
	c = (struct world_clock){ .offset_ms = 4000, .is_frozen = true, .frozen_ms = MACHINE_MS + DAY_MS };
	assert_int_equal(world_clock_put(t, &c), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	assert_int_equal(world_now_read(w, &machine, &now_ms, NULL), FAULT_NONE);
	assert_int_equal(now_ms, MACHINE_MS + DAY_MS);
	t = begin(w, TXN_WRITE);
	c.is_frozen = false;
	assert_int_equal(world_clock_put(t, &c), FAULT_NONE);
	assert_int_equal(world_now_ms(t, &machine, &now_ms), FAULT_NONE);
	assert_int_equal(now_ms, MACHINE_MS + 4000);
	txn_abort(t);
}

enum { KEYS = 100, NOW_S = 1790000000 };

static void put_key(struct txn *t, const uint8_t *uid, unsigned i)
{
	struct key_head h = { .deleted_s = NOW_S - 1000, .purge_s = i % 2 == 0 ? NOW_S : NOW_S + 1 };
	struct key_version v = { .kty = KTY_EC,
				 .enabled = true,
				 .n = SPAN_EMPTY,
				 .e = SPAN_EMPTY,
				 .x = SPAN_LIT("x"),
				 .y = SPAN_LIT("y"),
				 .tags = SPAN_EMPTY,
				 .sealed = SPAN_LIT("s") };

	snprintf(h.name, sizeof(h.name), "key-%03u", i);
	snprintf(h.current, sizeof(h.current), "%032u", i);
	memcpy(v.version, h.current, sizeof(v.version));
	assert_int_equal(key_put(t, uid, &h), FAULT_NONE);
	assert_int_equal(key_version_put(t, uid, span_cstr(h.name), &v), FAULT_NONE);
	if (i % 10 != 9)
		assert_int_equal(key_soft_delete(t, uid, &h), FAULT_NONE);
}

static bool count_head(const struct key_head *h UNUSED, void *arg)
{
	++*(unsigned *)arg;
	return true;
}

static void assert_keys(struct world *w, const uint8_t *uid, unsigned living, unsigned deleted)
{
	struct txn *t = begin(w, TXN_READ);
	unsigned n = 0;

	assert_int_equal(key_each(t, uid, SPAN_EMPTY, count_head, &n), FAULT_NONE);
	assert_int_equal(n, living);
	n = 0;
	assert_int_equal(key_each_deleted(t, uid, SPAN_EMPTY, INT64_MIN, count_head, &n), FAULT_NONE);
	assert_int_equal(n, deleted);
	txn_abort(t);
}

static void fill_vault(struct world *w, const uint8_t *uid)
{
	struct txn *t = begin(w, TXN_WRITE);

	for (unsigned i = 0; i < KEYS; i++)
		put_key(t, uid, i);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
}

/* Half of them are due, a tenth (of the others) lives. */
static void test_keys_are_purged_in_steps(void **state)
{
	struct world *w = *state;
	static const uint8_t uid[VAULT_UID_LEN] = "one vault's uid";
	struct purge_place place = { .len = 0 };
	bool has_more = true;
	unsigned steps = 0;

	fill_vault(w, uid);
	assert_keys(w, uid, KEYS / 10, KEYS - KEYS / 10);
	for (; has_more; steps++)
		assert_int_equal(purge_keys_step(w, NOW_S, &place, &has_more, NULL), FAULT_NONE);
	assert_true(steps > 1);
	assert_keys(w, uid, KEYS / 10, KEYS / 2 - KEYS / 10);
}

static void test_a_vault_is_purged_with_everything(void **state)
{
	struct world *w = *state;
	struct vault v;
	struct txn *t;
	bool has_more = true;
	unsigned steps = 0;

	vault_init(&v);
	memset(v.uid, 7, sizeof(v.uid));
	snprintf(v.name, sizeof(v.name), "going");
	snprintf(v.subscription_id, sizeof(v.subscription_id), "%s", w->subscription_id);
	snprintf(v.group, sizeof(v.group), "sandbox");
	v.retention_days = 7;
	fill_vault(w, v.uid);
	t = begin(w, TXN_WRITE);
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
	assert_int_equal(vault_soft_delete(t, &v, NOW_S), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	assert_int_equal(purge_vaults_step(w, NOW_S + 7 * 86400 - 1, &has_more, NULL), FAULT_NONE);
	assert_false(has_more);
	assert_keys(w, v.uid, KEYS / 10, KEYS - KEYS / 10);
	for (has_more = true; has_more; steps++)
		assert_int_equal(purge_vaults_step(w, NOW_S + 7 * 86400, &has_more, NULL), FAULT_NONE);
	assert_true(steps > 1);
	assert_keys(w, v.uid, 0, 0);
	t = begin(w, TXN_READ);
	assert_int_equal(vault_get_deleted(t, SPAN_LIT("going"), INT64_MIN, &v), FAULT_NOT_FOUND);
	txn_abort(t);
	vault_done(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advances),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_an_advance_beyond_the_calendar),
		cmocka_unit_test(test_it_goes_on_from_where_it_stood),
		cmocka_unit_test_setup_teardown(test_the_record, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_keys_are_purged_in_steps, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_a_vault_is_purged_with_everything, open_world, close_world),
	};

	return cmocka_run_group_tests_name("world_clock", tests, NULL, NULL);
}
