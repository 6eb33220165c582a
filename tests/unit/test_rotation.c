/* Rotation policies: which are valid, and what they make due. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/text.h"
#include "policy/rotation.h"

#define AFTER ROTATION_AFTER_CREATE
#define BEFORE ROTATION_BEFORE_EXPIRY

static struct duration dur(const char *text)
{
	struct duration d = { 0, 0, 0, 0 };

	if (text != NULL)
		assert_int_equal(duration_parse(span_cstr(text), &d), FAULT_NONE);
	return d;
}

static struct rotation_policy policy(enum rotation_trigger rotate, const char *rotate_time,
				     enum rotation_trigger notify, const char *notify_time, const char *expiry)
{
	return (struct rotation_policy){
		.rotate = { rotate, dur(rotate_time) },
		.notify = { notify, dur(notify_time) },
		.has_expiry = expiry != NULL,
		.expiry = dur(expiry),
	};
}

static const struct {
	const char *name;
	enum rotation_trigger rotate;
	const char *rotate_time;
	enum rotation_trigger notify;
	const char *notify_time;
	const char *expiry;
	enum rotation_problem problem;
} rows_check[] = {
	{ "nothing at all", 0, NULL, 0, NULL, NULL, ROTATION_OK },
	{ "the default", 0, NULL, BEFORE, "P30D", NULL, ROTATION_OK },
	{ "a shorter life than the default notice", AFTER, "P7D", BEFORE, "P30D", "P28D", ROTATION_OK },
	{ "rotation without expiry", AFTER, "P2M", 0, NULL, NULL, ROTATION_OK },
	{ "six days after creation", AFTER, "P6D", 0, NULL, NULL, ROTATION_TOO_SOON },
	{ "a second short of seven days", AFTER, "P6DT23H59M59S", 0, NULL, NULL, ROTATION_TOO_SOON },
	{ "seven days after creation", AFTER, "P7D", 0, NULL, NULL, ROTATION_OK },
	{ "seven days in hours", AFTER, "PT168H", 0, NULL, NULL, ROTATION_OK },
	{ "seven days before expiry", AFTER, "P83D", 0, NULL, "P90D", ROTATION_OK },
	{ "six days before expiry", AFTER, "P84D", 0, NULL, "P90D", ROTATION_TOO_LATE },
	{ "after the expiry", AFTER, "P91D", 0, NULL, "P90D", ROTATION_TOO_LATE },
	{ "before an expiry that is not set", BEFORE, "P30D", 0, NULL, NULL, ROTATION_NEEDS_EXPIRY },
	{ "thirty days before expiry", BEFORE, "P30D", BEFORE, "P30D", "P90D", ROTATION_OK },
	{ "seven days ahead", BEFORE, "P7D", 0, NULL, "P90D", ROTATION_OK },
	{ "six days ahead", BEFORE, "P6D", 0, NULL, "P90D", ROTATION_TOO_LATE },
	{ "ahead until seven days after creation", BEFORE, "P83D", 0, NULL, "P90D", ROTATION_OK },
	{ "ahead until six days after creation", BEFORE, "P84D", 0, NULL, "P90D", ROTATION_TOO_SOON },
	{ "ahead of creation", BEFORE, "P91D", 0, NULL, "P90D", ROTATION_TOO_SOON },
	{ "a year is twelve months", AFTER, "P11M", 0, NULL, "P1Y", ROTATION_OK },
	{ "a year is no more", AFTER, "P12M", 0, NULL, "P1Y", ROTATION_TOO_LATE },
	{ "28 days of life", 0, NULL, BEFORE, "P7D", "P28D", ROTATION_OK },
	{ "a month of life", 0, NULL, BEFORE, "P7D", "P1M", ROTATION_OK },
	{ "27 days of life", 0, NULL, BEFORE, "P7D", "P27D", ROTATION_EXPIRY_TOO_SHORT },
	{ "no life", 0, NULL, 0, NULL, "P0D", ROTATION_EXPIRY_TOO_SHORT },
	{ "a notice after creation", 0, NULL, AFTER, "P30D", "P90D", ROTATION_NOTIFY_AFTER_CREATE },
};

static void check_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_check); i++) {
		struct rotation_policy p = policy(rows_check[i].rotate, rows_check[i].rotate_time, rows_check[i].notify,
						  rows_check[i].notify_time, rows_check[i].expiry);
		enum rotation_problem problem = rotation_policy_check(&p);

		if (problem != rows_check[i].problem)
			fail_msg("%s: %s", rows_check[i].name, rotation_problem_text(problem));
	}
}

static void one_of_each(void **state UNUSED)
{
	struct rotation_policy p = policy(0, NULL, 0, NULL, NULL);
	const struct rotation_moment first = { AFTER, dur("P10D") }, second = { BEFORE, dur("P20D") };

	assert_int_equal(rotation_policy_add(&p, ROTATION_ROTATE, first), ROTATION_OK);
	assert_int_equal(rotation_policy_add(&p, ROTATION_ROTATE, second), ROTATION_TWO_ROTATES);
	assert_int_equal(p.rotate.trigger, AFTER);
	assert_int_equal(rotation_policy_add(&p, ROTATION_NOTIFY, second), ROTATION_OK);
	assert_int_equal(rotation_policy_add(&p, ROTATION_NOTIFY, first), ROTATION_TWO_NOTIFIES);
	assert_int_equal(p.notify.trigger, BEFORE);
	assert_false(rotation_policy_add_default_notify(&p));
	assert_true(p.notify.time.days == 20);
	p.notify.trigger = ROTATION_NEVER;
	assert_true(rotation_policy_add_default_notify(&p));
	assert_int_equal(p.notify.trigger, BEFORE);
	assert_true(p.notify.time.days == 30);
}

#define CREATED "2030-01-31T12:00:00Z"

static const struct {
	const char *name;
	enum rotation_trigger trigger;
	const char *time;
	const char *exp; /* NULL: none */
	const char *due; /* NULL: never */
} rows_due[] = {
	{ "nothing", ROTATION_NEVER, NULL, "2030-12-31T00:00:00Z", NULL },
	{ "after creation, in days", AFTER, "P30D", NULL, "2030-03-02T12:00:00Z" },
	{ "after creation, in months", AFTER, "P1M", NULL, "2030-02-28T12:00:00Z" },
	{ "after creation, whatever the expiry", AFTER, "P1Y", "2030-03-01T00:00:00Z", "2031-01-31T12:00:00Z" },
	{ "before expiry", BEFORE, "P30D", "2030-12-31T00:00:00Z", "2030-12-01T00:00:00Z" },
	{ "before expiry, in months", BEFORE, "P1M", "2030-12-31T00:00:00Z", "2030-11-30T00:00:00Z" },
	{ "before expiry, long due", BEFORE, "P2M", "2030-02-05T00:00:00Z", "2029-12-05T00:00:00Z" },
	{ "before an expiry that never comes", BEFORE, "P30D", NULL, NULL },
};

static void due_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_due); i++) {
		const struct rotation_policy rotating = policy(rows_due[i].trigger, rows_due[i].time, 0, NULL, NULL);
		const struct rotation_policy notifying = policy(0, NULL, rows_due[i].trigger, rows_due[i].time, NULL);
		struct rotation_version v = { .has_exp = rows_due[i].exp != NULL };
		struct rotation_due due;
		int64_t want_s = 0;

		assert_int_equal(rfc3339_parse(SPAN_LIT(CREATED), &v.created_s), FAULT_NONE);
		if (v.has_exp)
			assert_int_equal(rfc3339_parse(span_cstr(rows_due[i].exp), &v.exp_s), FAULT_NONE);
		if (rows_due[i].due != NULL)
			assert_int_equal(rfc3339_parse(span_cstr(rows_due[i].due), &want_s), FAULT_NONE);
		due = rotation_due(&rotating, &v);
		if (due.is_set != (rows_due[i].due != NULL) || due.at_s != want_s)
			fail_msg("rotate: %s", rows_due[i].name);
		assert_false(rotation_notify_due(&rotating, &v).is_set);
		due = rotation_notify_due(&notifying, &v);
		if (due.is_set != (rows_due[i].due != NULL) || due.at_s != want_s)
			fail_msg("notify: %s", rows_due[i].name);
		assert_false(rotation_due(&notifying, &v).is_set);
	}
}

static void new_expiry(void **state UNUSED)
{
	struct rotation_policy p = policy(0, NULL, 0, NULL, "P90D");

	assert_true(rotation_new_expiry(&p, 1000).is_set);
	assert_true(rotation_new_expiry(&p, 1000).at_s == 1000 + 7776000);
	p.has_expiry = false;
	assert_false(rotation_new_expiry(&p, 1000).is_set);
}

/* Every valid policy leaves time between a version and its successor, so that a moved clock makes finitely many. */
static void valid_policies_move_on(void **state UNUSED)
{
	static const char *const times[] = { "P6D", "P7D", "P1M", "P29D", "P80D", "P3M", "P1Y" };
	const int64_t week_s = 7 * 86400;

	for (size_t r = 0; r < ARRAY_LEN(times); r++) {
		for (size_t e = 0; e <= ARRAY_LEN(times); e++) {
			for (enum rotation_trigger t = AFTER; t <= BEFORE; t++) {
				struct rotation_policy p = policy(t, times[r], 0, NULL,
								  e == ARRAY_LEN(times) ? NULL : times[e]);
				struct rotation_version v = { .created_s = 980985600 +
									   86400 * (int64_t)(r * 37 + e * 11) };
				struct rotation_due exp = rotation_new_expiry(&p, v.created_s);

				if (rotation_policy_check(&p) != ROTATION_OK)
					continue;
				v.has_exp = exp.is_set;
				v.exp_s = exp.at_s;
				assert_true(rotation_due(&p, &v).is_set);
				assert_true(rotation_due(&p, &v).at_s >= v.created_s + week_s - 3 * 86400);
			}
		}
	}
}

static void problems_have_texts(void **state UNUSED)
{
	for (int a = ROTATION_OK; a <= ROTATION_TOO_LATE; a++) {
		assert_true(rotation_problem_text((enum rotation_problem)a)[0] != '\0');
		for (int b = ROTATION_OK; b < a; b++)
			assert_string_not_equal(rotation_problem_text((enum rotation_problem)a),
						rotation_problem_text((enum rotation_problem)b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_table),
		cmocka_unit_test(one_of_each),
		cmocka_unit_test(due_table),
		cmocka_unit_test(new_expiry),
		cmocka_unit_test(valid_policies_move_on),
		cmocka_unit_test(problems_have_texts),
	};

	return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
