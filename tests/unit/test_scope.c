/* Scopes: what lies within what, and the form they are compared in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/scope.h"

#define S "/subscriptions/s1"
#define G S "/resourcegroups/g"
#define V G "/providers/microsoft.keyvault/vaults/v"
#define K V "/keys/k"

static const struct {
	const char *name;
	const char *outer, *inner;
	bool is_in;
} rows_contain[] = {
	{ "the root has everything", "/", K, true },
	{ "the root has itself", "/", "/", true },
	{ "a subscription its group", S, G, true },
	{ "a subscription its key", S, K, true },
	{ "a group its vault", G, V, true },
	{ "a vault its key", V, K, true },
	{ "a vault itself", V, V, true },
	{ "a key itself", K, K, true },
	{ "a key not its vault", K, V, false },
	{ "a vault not its group", V, G, false },
	{ "a subscription not the root", S, "/", false },
	{ "another subscription", "/subscriptions/s2", K, false },
	{ "a longer name is another vault", V, V "2", false },
	{ "a longer name's key", V, V "2/keys/k", false },
	{ "a longer key name", K, K "2", false },
	{ "a shorter one", V "2", V, false },
	{ "unfolded text is another", "/subscriptions/S1", S, false },
	{ "a slash at the end contains nothing", S "/", G, false },
	{ "nothing contains nothing", "", S, false },
	{ "nothing contains not even itself", "", "", false },
	{ "nothing lies nowhere", "/", "", false },
	{ "no slash, no scope", "subscriptions", "subscriptions/s1", false },
};

static void test_contains(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_contain); i++)
		if (scope_contains(span_cstr(rows_contain[i].outer), span_cstr(rows_contain[i].inner)) !=
		    rows_contain[i].is_in)
			fail_msg("%s", rows_contain[i].name);
}

static const struct {
	const char *text;
	const char *folded; /* NULL: refused */
} rows_fold[] = {
	{ "/", "/" },
	{ "/subscriptions/S1", "/subscriptions/s1" },
	{ "/subscriptions/S1/", "/subscriptions/s1" },
	{ "/subscriptions/S1/resourceGroups/G", "/subscriptions/s1/resourcegroups/g" },
	{ "", NULL },
	{ "subscriptions/s1", NULL },
	{ "//", NULL },
	{ "//s", NULL },
	{ "/a//b", NULL },
	{ "/a//", NULL },
};

static void test_fold(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_fold); i++) {
		char out[64];
		struct span folded;
		enum fault f = scope_fold(span_cstr(rows_fold[i].text), out, sizeof(out), &folded);

		if (rows_fold[i].folded == NULL) {
			if (f != FAULT_INVALID)
				fail_msg("'%s' is not refused", rows_fold[i].text);
			continue;
		}
		if (f != FAULT_NONE || !span_eq_cstr(folded, rows_fold[i].folded) || out[folded.len] != '\0')
			fail_msg("'%s' became '%s'", rows_fold[i].text, f == FAULT_NONE ? out : "nothing");
	}
}

static void test_fold_room(void **state UNUSED)
{
	char out[5];
	struct span folded;

	assert_int_equal(scope_fold(SPAN_LIT("/abc"), out, 5, &folded), FAULT_NONE);
	assert_int_equal(scope_fold(SPAN_LIT("/abc/"), out, 5, &folded), FAULT_NONE);
	assert_int_equal(scope_fold(SPAN_LIT("/abc"), out, 4, &folded), FAULT_TOO_LARGE);
	assert_int_equal(scope_fold(SPAN_LIT("/"), out, 0, &folded), FAULT_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_fold_room),
	};

	return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
