/* When a key's next version should have been made, whatever the clock jumped over. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vaultd/keyvault/rotation_dates.h"

#define DAY INT64_C(86400)
#define T0 INT64_C(1700000000)

struct row {
	const char *name;
	enum rotation_trigger trigger;
	int64_t days, expiry_days; /* of the policy; 0: no expiry */
	int64_t version_exp_days;  /* of the newest version; 0: none */
	int64_t policy_set_days;
	bool disabled;
	int64_t now_days;
	int64_t expected_days; /* -1: not due */
};

static const struct row rows[] = {
	{ "not yet", ROTATION_AFTER_CREATE, 30, 0, 0, 0, false, 29, -1 },
	{ "to the second", ROTATION_AFTER_CREATE, 30, 0, 0, 0, false, 30, 30 },
	{ "late, with its own date", ROTATION_AFTER_CREATE, 30, 0, 0, 0, false, 45, 30 },
	{ "several missed: the first", ROTATION_AFTER_CREATE, 30, 0, 0, 0, false, 100, 30 },
	{ "twelve missed: the first", ROTATION_AFTER_CREATE, 30, 0, 0, 0, false, 365, 30 },
	{ "thirteen missed: the second", ROTATION_AFTER_CREATE, 30, 0, 0, 0, false, 390, 60 },
	{ "a hundred missed: the last twelve", ROTATION_AFTER_CREATE, 30, 0, 0, 0, false, 3000, 3000 - 11 * 30 },
	{ "an old key gets a policy: not before that day", ROTATION_AFTER_CREATE, 30, 0, 0, 400, false, 401, 400 },
	{ "before expiry, no expiry", ROTATION_BEFORE_EXPIRY, 10, 90, 0, 0, false, 1000, -1 },
	{ "before expiry", ROTATION_BEFORE_EXPIRY, 10, 90, 50, 0, false, 40, 40 },
	{ "before an expiry before creation", ROTATION_BEFORE_EXPIRY, 10, 90, 5, 0, false, 1, 0 },
	{ "before expiry, the second one missed too", ROTATION_BEFORE_EXPIRY, 10, 90, 50, 0, false, 125, 40 },
	{ "disabled", ROTATION_AFTER_CREATE, 30, 0, 0, 0, true, 300, -1 },
	{ "no Rotate", ROTATION_NEVER, 0, 0, 50, 0, false, 1000, -1 },
};

static void dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct key_head h = { .rotation = { .is_set = true, .updated_s = T0 + r->policy_set_days * DAY } };
		struct key_version v = { .enabled = !r->disabled,
					 .created_s = T0,
					 .has_exp = r->version_exp_days != 0 };
		struct rotation_policy p = { .rotate = { r->trigger, { .days = r->days } },
					     .has_expiry = r->expiry_days != 0,
					     .expiry = { .days = r->expiry_days } };
		int64_t at = 0;
		bool is_due;

		v.exp_s = T0 + r->version_exp_days * DAY;
		is_due = rotation_next(&h, &v, &p, T0 + r->now_days * DAY, &at);
		if (is_due != (r->expected_days >= 0) || (is_due && at != T0 + r->expected_days * DAY))
			fail_msg("%s: %d, day %lld", r->name, is_due, (long long)((at - T0) / DAY));
	}
}

/* Following the dates one by one ends with a version that is not due, has not expired, and was made in at most
 * ROTATION_MISSED_MAX steps. */
static void catching_up_ends(void **state)
{
	struct key_head h = { .rotation = { .is_set = true, .updated_s = T0 } };
	struct rotation_policy p = { .rotate = { ROTATION_BEFORE_EXPIRY, { .days = 7 } },
				     .has_expiry = true,
				     .expiry = { .days = 28 } };

	(void)state;
	for (int64_t days = 0; days < 2000; days += 13) {
		struct key_version v = { .enabled = true, .created_s = T0, .has_exp = true, .exp_s = T0 + 28 * DAY };
		int64_t now = T0 + days * DAY, at = 0;
		unsigned n = 0;

		while (rotation_next(&h, &v, &p, now, &at)) {
			assert_true(at > v.created_s && at <= now);
			v.created_s = at;
			v.exp_s = rotation_new_expiry(&p, at).at_s;
			n++;
		}
		assert_true(n <= ROTATION_MISSED_MAX && v.exp_s > now);
	}
}

static void the_end_of_time_is_reached(void **state)
{
	struct key_head h = { .rotation = { .is_set = true, .updated_s = T0 } };
	struct key_version v = { .enabled = true, .created_s = T0 };
	struct rotation_policy p = { .rotate = { ROTATION_AFTER_CREATE, { .days = 7 } } };
	int64_t at = 0;

	(void)state;
	assert_true(rotation_next(&h, &v, &p, DURATION_TIME_MAX_S, &at));
	assert_true(at <= DURATION_TIME_MAX_S && at > DURATION_TIME_MAX_S - 200 * DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates),
		cmocka_unit_test(catching_up_ends),
		cmocka_unit_test(the_end_of_time_is_reached),
	};

	return cmocka_run_group_tests_name("rotation-dates", tests, NULL, NULL);
}
