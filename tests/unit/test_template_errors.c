/* Templates that are refused: the sentences, to the letter, and the places. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/planned.h"

#define REFUSED(sentence) "Deployment template validation failed: '" sentence "'."
#define SEE_EXPRESSIONS " Please see https://aka.ms/arm-template-expressions for usage details."
#define SEE_RESOURCES " Please see https://aka.ms/arm-syntax-resources for usage details."
#define SEE_FUNCTIONS " Please see https://aka.ms/arm-functions for usage details."
#define SEE_COPY " Please see https://aka.ms/arm-copy for usage details."

static const struct {
	const char *name, *text, *parameters;
	const char *code, *message, *place;
} rows[] = {};

static void test_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct planned t;

		planned_init(&t, rows[i].text, rows[i].parameters);
		if (t.fault != FAULT_INVALID || !span_eq_cstr(span_cstr(t.err.code), rows[i].code) ||
		    !span_eq_cstr(span_cstr(t.err.message), rows[i].message))
			fail_msg("%s: %s %s %s", rows[i].name, fault_name(t.fault), t.err.code, t.err.message);
		if (!span_eq_cstr(span_cstr(planned_place(&t, &t.place)), rows[i].place))
			fail_msg("%s: %s", rows[i].name, planned_place(&t, &t.place));
		planned_done(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("template_errors", tests, NULL, NULL);
}
