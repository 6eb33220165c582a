/* When changes of a rule are felt: what is felt goes on, what is new waits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/base.h"
#include "policy/propagation.h"

enum { NOW = 1000, LAG = 300, DUE = NOW + LAG };

static const struct {
	const char *name;
	struct propagation former;
	bool is_there;
	bool has_condition;
	int64_t delay_s;
	int64_t from_s, condition_from_s;
} rows[] = {
	{ "new, without a delay", { false, 0, 0 }, false, false, 0, 0, 0 },
	{ "new", { false, 0, 0 }, false, false, LAG, DUE, 0 },
	{ "new, under a condition", { false, 0, 0 }, false, true, LAG, DUE, 0 },
	{ "said again while it is felt", { false, 0, 5 }, true, false, LAG, 5, 0 },
	{ "said again before it is felt", { false, 0, NOW + 7 }, true, false, LAG, NOW + 7, 0 },
	{ "said again without a delay now", { false, 0, 5 }, true, false, 0, 5, 0 },
	{ "a condition comes", { false, 0, 5 }, true, true, LAG, 5, DUE },
	{ "a condition comes before the grant is felt", { false, 0, NOW + 7 }, true, true, LAG, NOW + 7, DUE },
	{ "a condition comes, without a delay", { false, 0, 5 }, true, true, 0, 5, 0 },
	{ "another condition", { true, 0, 5 }, true, true, LAG, 5, 0 },
	{ "another condition before the first is felt", { true, NOW + 7, 5 }, true, true, LAG, 5, NOW + 7 },
	{ "a condition is dropped", { true, 0, 5 }, true, false, LAG, DUE, 0 },
	{ "a condition is dropped, without a delay", { true, 0, 5 }, true, false, 0, 0, 0 },
	{ "a condition is dropped in the second it is felt", { true, NOW, 5 }, true, false, LAG, DUE, 0 },
	{ "a condition is dropped before it is felt", { true, NOW + 1, 5 }, true, false, LAG, 5, 0 },
};

static void test_of(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct propagation p = propagation_of(rows[i].has_condition, rows[i].is_there ? &rows[i].former : NULL,
						      NOW, rows[i].delay_s);

		if (p.has_condition != rows[i].has_condition || p.effective_from_s != rows[i].from_s ||
		    p.condition_from_s != rows[i].condition_from_s)
			fail_msg("%s: from %lld, condition from %lld", rows[i].name, (long long)p.effective_from_s,
				 (long long)p.condition_from_s);
	}
}

static void test_due(void **state UNUSED)
{
	assert_int_equal(propagation_due(NOW, 0), 0);
	assert_int_equal(propagation_due(NOW, LAG), DUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of),
		cmocka_unit_test(test_due),
	};

	return cmocka_run_group_tests_name("propagation", tests, NULL, NULL);
}
