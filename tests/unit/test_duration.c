/* ISO 8601 durations, and the calendar under them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/duration.h"
#include "common/plain/text.h"

static const struct {
	const char *text;
	bool is_valid;
	struct duration d;
} rows_parse[] = {
	{ "P90D", true, { .days = 90 } },
	{ "P2Y", true, { .years = 2 } },
	{ "P1M", true, { .months = 1 } },
	{ "P1Y6M", true, { .years = 1, .months = 6 } },
	{ "PT1H", true, { .seconds = 3600 } },
	{ "PT1M", true, { .seconds = 60 } },
	{ "PT90S", true, { .seconds = 90 } },
	{ "P1DT2H30M", true, { .days = 1, .seconds = 9000 } },
	{ "P1Y2M3DT4H5M6S", true, { 1, 2, 3, 14706 } },
	{ "P2W", true, { .days = 14 } },
	{ "P0D", true, { .days = 0 } },
	{ "P007D", true, { .days = 7 } },
	{ "P999999999D", true, { .days = 999999999 } },
	{ "", false, { 0 } },
	{ "P", false, { 0 } },
	{ "PT", false, { 0 } },
	{ "P1DT", false, { 0 } },
	{ "P1", false, { 0 } },
	{ "PD", false, { 0 } },
	{ "90D", false, { 0 } },
	{ "p90d", false, { 0 } },
	{ "P90d", false, { 0 } },
	{ "P1H", false, { 0 } },
	{ "PT1D", false, { 0 } },
	{ "P1D1Y", false, { 0 } },
	{ "P1D2D", false, { 0 } },
	{ "P1W2D", false, { 0 } },
	{ "P1D1W", false, { 0 } },
	{ "P-1D", false, { 0 } },
	{ "-P1D", false, { 0 } },
	{ "P+1D", false, { 0 } },
	{ "P1.5D", false, { 0 } },
	{ "PT0.5S", false, { 0 } },
	{ " P1D", false, { 0 } },
	{ "P1D ", false, { 0 } },
	{ "PT1HT1M", false, { 0 } },
	{ "P1000000000D", false, { 0 } },
};

static void test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_parse); i++) {
		const struct duration *want = &rows_parse[i].d;
		struct duration d = { -1, -1, -1, -1 };
		enum fault f = duration_parse(span_cstr(rows_parse[i].text), &d);

		if (!rows_parse[i].is_valid) {
			if (f != FAULT_INVALID || d.days != -1)
				fail_msg("'%s' is not refused", rows_parse[i].text);
		} else if (f != FAULT_NONE || d.years != want->years || d.months != want->months ||
			   d.days != want->days || d.seconds != want->seconds) {
			fail_msg("'%s' is read wrongly", rows_parse[i].text);
		}
	}
	/* A NUL is no unit. */
	assert_int_equal(duration_parse(span_of("P1\0", 3), &(struct duration){ 0 }), FAULT_INVALID);
}

static const struct {
	const char *from, *d;
	const char *after, *before;
} rows_move[] = {
	{ "2030-06-15T10:20:30Z", "P90D", "2030-09-13T10:20:30Z", "2030-03-17T10:20:30Z" },
	{ "2030-06-15T10:20:30Z", "P1M", "2030-07-15T10:20:30Z", "2030-05-15T10:20:30Z" },
	{ "2030-01-31T10:20:30Z", "P1M", "2030-02-28T10:20:30Z", "2029-12-31T10:20:30Z" },
	{ "2028-01-31T00:00:00Z", "P1M", "2028-02-29T00:00:00Z", "2027-12-31T00:00:00Z" },
	{ "2028-02-29T23:59:59Z", "P1Y", "2029-02-28T23:59:59Z", "2027-02-28T23:59:59Z" },
	{ "2028-02-29T23:59:59Z", "P4Y", "2032-02-29T23:59:59Z", "2024-02-29T23:59:59Z" },
	{ "2030-03-31T00:00:00Z", "P1M", "2030-04-30T00:00:00Z", "2030-02-28T00:00:00Z" },
	{ "2030-12-01T00:00:00Z", "P1M", "2031-01-01T00:00:00Z", "2030-11-01T00:00:00Z" },
	{ "2030-01-15T00:00:00Z", "P18M", "2031-07-15T00:00:00Z", "2028-07-15T00:00:00Z" },
	{ "2030-01-31T00:00:00Z", "P1M1D", "2030-03-01T00:00:00Z", "2029-12-30T00:00:00Z" },
	{ "2030-01-01T00:00:00Z", "PT1S", "2030-01-01T00:00:01Z", "2029-12-31T23:59:59Z" },
	{ "2030-01-01T00:00:00Z", "P1DT2H30M", "2030-01-02T02:30:00Z", "2029-12-30T21:30:00Z" },
	{ "2030-01-01T00:00:00Z", "P0D", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z" },
	{ "2030-01-01T00:00:00Z", "P60Y", "2090-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
	{ "2030-01-01T00:00:00Z", "P61Y", "2091-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
	{ "2030-01-01T00:00:00Z", "P999999999Y999999999M999999999D", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z" },
	{ "2030-01-01T00:00:00Z", "PT999999999H", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z" },
};

static void expect_time(const char *row, const char *d, int64_t got_s, const char *want)
{
	char text[RFC3339_SIZE];

	rfc3339_format(text, got_s);
	if (!span_eq_cstr(span_cstr(text), want))
		fail_msg("%s and %s: %s, not %s", row, d, text, want);
}

static void test_move(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_move); i++) {
		struct duration d;
		int64_t from_s;

		assert_int_equal(duration_parse(span_cstr(rows_move[i].d), &d), FAULT_NONE);
		assert_int_equal(rfc3339_parse(span_cstr(rows_move[i].from), &from_s), FAULT_NONE);
		expect_time(rows_move[i].from, rows_move[i].d, duration_after(from_s, &d), rows_move[i].after);
		expect_time(rows_move[i].from, rows_move[i].d, duration_before(from_s, &d), rows_move[i].before);
	}
}

static void test_bounds(void **state UNUSED)
{
	const struct duration none = { 0, 0, 0, 0 }, month = { .months = 1 };
	int64_t last_s;

	assert_int_equal(rfc3339_parse(SPAN_LIT("9999-12-31T23:59:59Z"), &last_s), FAULT_NONE);
	assert_true(last_s == DURATION_TIME_MAX_S);
	assert_true(duration_after(INT64_MAX, &month) == DURATION_TIME_MAX_S);
	assert_true(duration_before(INT64_MIN, &month) == DURATION_TIME_MIN_S);
	assert_true(duration_after(-5, &none) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
