/* Writing JSON: escapes, commas, nesting. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/io/json_out.h"

#define ROW(name, in, out)                                                                                             \
	{                                                                                                              \
		name, in, sizeof(in) - 1, out                                                                          \
	}

static const struct {
	const char *name;
	const char *in;
	size_t len;
	const char *out;
} rows_string[] = {
	ROW("empty", "", "\"\""),
	ROW("plain", "abc", "\"abc\""),
	ROW("not escaped", "/+'<>&=", "\"/+'<>&=\""),
	ROW("quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""),
	ROW("line end", "x\r\n", "\"x\\r\\n\""),
	ROW("short forms", "\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""),
	ROW("other controls", "\x01\x1f\v", "\"\\u0001\\u001f\\u000b\""),
	ROW("NUL", "a\0b", "\"a\\u0000b\""),
	ROW("DEL", "\x7f", "\"\x7f\""),
	ROW("UTF-8", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""),
	ROW("no UTF-8",
	    "a\xff"
	    "b",
	    "\"a\xef\xbf\xbd"
	    "b\""),
	ROW("overlong", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""),
	ROW("cut character", "a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\""),
	ROW("surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""),
};

static void test_string(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_string); i++) {
		SCOPED_DONE(buf) struct buf b = BUF_INIT(4096);
		struct json_out o;

		json_out_init(&o, &b);
		json_out_str(&o, NULL, span_of(rows_string[i].in, rows_string[i].len));
		if (buf_fault(&b) != FAULT_NONE || !span_eq_cstr(buf_span(&b), rows_string[i].out))
			fail_msg("%s: %s", rows_string[i].name, buf_cstr(&b));
	}
}

static void test_everything(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(4096);
	struct json_out o;

	json_out_init(&o, &b);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "id", "https://x/y");
	json_out_object(&o, "attributes");
	json_out_bool(&o, "enabled", true);
	json_out_int(&o, "exp", INT64_MIN);
	json_out_object_end(&o);
	json_out_array(&o, "list");
	json_out_int(&o, NULL, 0);
	json_out_null(&o, NULL);
	json_out_array(&o, NULL);
	json_out_array_end(&o);
	json_out_object(&o, NULL);
	json_out_object_end(&o);
	json_out_bool(&o, NULL, false);
	json_out_array_end(&o);
	json_out_b64u(&o, "n", SPAN_LIT("\xfb\xff\x00"));
	json_out_b64u(&o, "none", SPAN_EMPTY);
	json_out_raw(&o, "raw", SPAN_LIT("{\"a\":1}"));
	json_out_fmt(&o, "fmt", "%s-%d\n", "x\"", 7);
	json_out_cstr(&o, "nothing", NULL);
	json_out_str_at(&o, SPAN_LIT("a\"b"), SPAN_LIT("v"));
	json_out_object_at(&o, SPAN_LIT("k\0k"));
	json_out_object_end(&o);
	json_out_str_at(&o, span_of(NULL, 0), SPAN_LIT("empty name"));
	json_out_object_end(&o);
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	assert_string_equal(
		buf_cstr(&b),
		"{\"id\":\"https://x/y\",\"attributes\":{\"enabled\":true,\"exp\":-9223372036854775808},"
		"\"list\":[0,null,[],{},false],\"n\":\"-_8A\",\"none\":\"\",\"raw\":{\"a\":1},"
		"\"fmt\":\"x\\\"-7\\n\",\"nothing\":\"\",\"a\\\"b\":\"v\",\"k\\u0000k\":{},\"\":\"empty name\"}");
}

static void test_long_fmt(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(8192);
	struct json_out o;

	for (int len = 509; len < 515; len++) {
		buf_clear(&b);
		json_out_init(&o, &b);
		json_out_fmt(&o, NULL, "%0*d", len, 1);
		assert_int_equal(b.len, len + 2);
		assert_int_equal(b.data[len], '1');
	}
}

static void test_deepest(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(8192);
	struct json_out o;

	json_out_init(&o, &b);
	for (int i = 0; i + 1 < JSON_OUT_DEPTH_MAX; i++)
		json_out_array(&o, NULL);
	for (int i = 0; i + 1 < JSON_OUT_DEPTH_MAX; i++)
		json_out_array_end(&o);
	assert_int_equal(b.len, 2 * (JSON_OUT_DEPTH_MAX - 1));
	assert_int_equal(o.depth, 0);
}

static void test_failure_sticks(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(8);
	struct json_out o;

	json_out_init(&o, &b);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "name", "value");
	json_out_b64u(&o, "n", SPAN_LIT("abc"));
	json_out_object_end(&o);
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_string),	cmocka_unit_test(test_everything),     cmocka_unit_test(test_long_fmt),
		cmocka_unit_test(test_deepest), cmocka_unit_test(test_failure_sticks),
	};

	return cmocka_run_group_tests_name("json_out", tests, NULL, NULL);
}
