/* $filter: which texts are understood, what they mean, what fits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/base.h"
#include "identityd/graph/graph_filter.h"

enum { POOL_MAX = 64 << 10 };

static const struct {
	const char *name, *text;
	enum graph_comparison comparison;
	const char *property, *value;
} good[] = {
	{ "equal", "appId eq 'x'", GRAPH_EQ, "appId", "x" },
	{ "blanks", "  appId   EQ  'x y'  ", GRAPH_EQ, "appId", "x y" },
	{ "empty text", "displayName eq ''", GRAPH_EQ, "displayName", "" },
	{ "a doubled quote", "displayName eq 'it''s'", GRAPH_EQ, "displayName", "it's" },
	{ "quotes alone", "displayName eq ''''''", GRAPH_EQ, "displayName", "''" },
	{ "any", "servicePrincipalNames/any(c:c eq 'x')", GRAPH_ANY_EQ, "servicePrincipalNames", "x" },
	{ "any, with blanks", "names/any( long : long eq 'x' )", GRAPH_ANY_EQ, "names", "x" },
	{ "a beginning", "startswith(displayName,'x')", GRAPH_STARTS, "displayName", "x" },
	{ "a beginning, with blanks", "startsWith( displayName , 'x' )", GRAPH_STARTS, "displayName", "x" },
	{ "a property of that name", "startswith eq 'x'", GRAPH_EQ, "startswith", "x" },
};

static const char *const bad[] = {
	"",
	" ",
	"appId",
	"appId eq",
	"appId eq x",
	"appId eq 'x",
	"appId eq 'x''",
	"appId eq '",
	"appId eq'x' or",
	"appId eq 'x' and appId eq 'y'",
	"appId ne 'x'",
	"'x' eq appId",
	"a/b/any(c:c eq 'x')",
	"names/all(c:c eq 'x')",
	"names/any(c:d eq 'x')",
	"names/any(c:c eq 'x'",
	"names/any(c eq 'x')",
	"names/any()",
	"startswith(displayName)",
	"startswith(displayName,'x'",
	"startswith(displayName,x)",
	"endswith(displayName,'x')",
	"(appId eq 'x')",
};

static void test_good(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct graph_filter f = { .comparison = GRAPH_ALL };
		struct pool pool;

		pool_init(&pool, POOL_MAX);
		if (graph_filter_parse(span_cstr(good[i].text), &pool, &f, NULL) != FAULT_NONE ||
		    f.comparison != good[i].comparison || !span_eq_cstr(f.property, good[i].property) ||
		    !span_eq_cstr(f.value, good[i].value))
			fail_msg("%s", good[i].name);
		pool_done(&pool);
	}
}

static void test_bad(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct graph_filter f = { .comparison = GRAPH_ALL };
		struct err err = ERR_INIT;
		struct pool pool;

		pool_init(&pool, POOL_MAX);
		if (graph_filter_parse(span_cstr(bad[i]), &pool, &f, &err) != FAULT_INVALID)
			fail_msg("%s", bad[i]);
		assert_string_equal(err.code, "Request_UnsupportedQuery");
		pool_done(&pool);
	}
}

static void test_none(void **state UNUSED)
{
	struct graph_filter f = { .comparison = GRAPH_EQ };
	struct pool pool;

	pool_init(&pool, POOL_MAX);
	assert_int_equal(graph_filter_parse((struct span){ NULL, 0 }, &pool, &f, NULL), FAULT_NONE);
	assert_int_equal(f.comparison, GRAPH_ALL);
	pool_done(&pool);
}

static void test_fits(void **state UNUSED)
{
	const struct graph_filter all = { .comparison = GRAPH_ALL };
	const struct graph_filter equal = { GRAPH_EQ, SPAN_LIT("p"), SPAN_LIT("Abc") };
	const struct graph_filter starts = { GRAPH_STARTS, SPAN_LIT("p"), SPAN_LIT("Abc") };

	assert_true(graph_filter_fits(&all, SPAN_LIT("x")));
	assert_true(graph_filter_fits(&equal, SPAN_LIT("aBC")));
	assert_false(graph_filter_fits(&equal, SPAN_LIT("abcd")));
	assert_false(graph_filter_fits(&equal, SPAN_EMPTY));
	assert_true(graph_filter_fits(&starts, SPAN_LIT("ABCD")));
	assert_false(graph_filter_fits(&starts, SPAN_LIT("ab")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_fits),
	};

	return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
