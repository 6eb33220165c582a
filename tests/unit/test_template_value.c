/* The values of templates: reading JSON with what template files may hold, writing it, finding members, comparing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vaultd/template/value.h"

enum { POOL_MAX = 16 << 20 };

static const struct row_text {
	const char *name, *text, *want;
	enum tv_syntax syntax;
} rows_text[] = {
	{ "every type", " {\"a\": [1, -2.50, true, false, null, \"x\"]} ", "{\"a\":[1,-2.50,true,false,null,\"x\"]}",
	  TV_TEMPLATE },
	{ "line comments", "{ // one\n\"a\":1 // two\n}// three", "{\"a\":1}", TV_TEMPLATE },
	{ "block comments", "/* a\n * b */{\"a\"/**/:/*//*/1}/***/", "{\"a\":1}", TV_TEMPLATE },
	{ "line breaks in a string", "[\"a\nb\r\nc\td\"]", "[\"a\\nb\\r\\nc\\td\"]", TV_TEMPLATE },
	{ "what looks like a comment in a string", "[\"https://x/*y*/\"]", "[\"https://x/*y*/\"]", TV_TEMPLATE },
	{ "escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"]",
	  "[\"\\\"\\\\/\\b\\f\\n\\r\\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]", TV_TEMPLATE },
	{ "byte order mark", "\xef\xbb\xbf{}", "{}", TV_TEMPLATE },
	{ "an integer beyond 64 bits stays as written", "[9223372036854775808]", "[9223372036854775808]", TV_TEMPLATE },
	{ "an exponent", "[1E+5]", "[1E+5]", TV_TEMPLATE },
	{ "members that differ in case", "{\"a\":1,\"A\":2}", "{\"a\":1,\"A\":2}", TV_TEMPLATE },
	{ "az's body", "{\"properties\":{\"mode\":\"Incremental\", template: {\"a\":1 // b\r\n}}}",
	  "{\"properties\":{\"mode\":\"Incremental\",\"template\":{\"a\":1}}}", TV_BODY },
	{ "single quotation marks", "{'one':'a\\'\"b'}", "{\"one\":\"a'\\\"b\"}", TV_MADE },
};

static void test_text(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_text); i++) {
		const struct row_text *r = &rows_text[i];
		SCOPED_DONE(buf) struct buf out = BUF_INIT(10000);
		struct err err = ERR_INIT;
		const struct tv *v = NULL;
		struct pool pool;

		pool_init(&pool, POOL_MAX);
		if (tv_parse(&pool, span_cstr(r->text), r->syntax, &v, &err) != FAULT_NONE)
			fail_msg("%s: %s", r->name, err.message);
		tv_write(&out, v);
		if (!span_eq_cstr(buf_span(&out), r->want))
			fail_msg("%s: got %s, want %s", r->name, buf_cstr(&out), r->want);
		pool_done(&pool);
	}
}

static const struct row_bad {
	const char *name, *text, *want;
	enum tv_syntax syntax;
} rows_bad[] = {
	{ "nothing", "", "at line 1, column 1", TV_TEMPLATE },
	{ "only a comment", "// x", "at line 1, column 5", TV_TEMPLATE },
	{ "a comment without end", "{}/*", "a comment does not end", TV_TEMPLATE },
	{ "trailing text", "{} {}", "text follows the value, at line 1, column 4", TV_TEMPLATE },
	{ "trailing comma", "{\n\"a\":1,\n}", "a member's name is missing, at line 3, column 1", TV_TEMPLATE },
	{ "a comma too few", "[1 2]", "',' or ']' is missing", TV_TEMPLATE },
	{ "no colon", "{\"a\" 1}", "':' is missing", TV_TEMPLATE },
	{ "the same name twice", "{\"a\":1,\"a\":2}", "a member stands there twice", TV_TEMPLATE },
	{ "the same name twice among many",
	  "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,"
	  "\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"c\":1}",
	  "a member stands there twice", TV_TEMPLATE },
	{ "a string without end", "[\"a", "a string does not end", TV_TEMPLATE },
	{ "a string that ends in a backslash", "[\"a\\", "an unknown escape", TV_TEMPLATE },
	{ "half a surrogate pair", "[\"\\ud83d\"]", "half a surrogate pair", TV_TEMPLATE },
	{ "the second half alone", "[\"\\ude00\"]", "half a surrogate pair", TV_TEMPLATE },
	{ "an escape too short", "[\"\\u12\"]", "\\u without four", TV_TEMPLATE },
	{ "no UTF-8", "[\"\xff\"]", "not UTF-8", TV_TEMPLATE },
	{ "a control character", "[\"\x01\"]", "a control character", TV_TEMPLATE },
	{ "a leading zero", "[01]", "a number begins with digits", TV_TEMPLATE },
	{ "a point without digits", "[1.]", "a number has digits after its point", TV_TEMPLATE },
	{ "an exponent without digits", "[1e]", "a number has digits in its exponent", TV_TEMPLATE },
	{ "a word", "[nul]", "no value begins like this", TV_TEMPLATE },
	{ "a name without quotation marks", "{\"properties\":{template:{}}}", "a member's name is missing",
	  TV_TEMPLATE },
	{ "another name without them in a body", "{\"properties\":{mode:1}}", "a member's name is missing", TV_BODY },
	{ "template without them elsewhere", "{template:{}}", "a member's name is missing", TV_BODY },
	{ "single quotation marks in a template", "['a']", "no value begins like this", TV_TEMPLATE },
};

static void test_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_bad); i++) {
		const struct row_bad *r = &rows_bad[i];
		struct err err = ERR_INIT;
		const struct tv *v = NULL;
		struct pool pool;

		pool_init(&pool, POOL_MAX);
		if (tv_parse(&pool, span_cstr(r->text), r->syntax, &v, &err) != FAULT_INVALID)
			fail_msg("%s: not refused", r->name);
		if (strstr(err.message, r->want) == NULL)
			fail_msg("%s: got '%s', want '%s'", r->name, err.message, r->want);
		assert_null(v);
		pool_done(&pool);
	}
}

/* Brackets one within the other, with what stands innermost. */
static enum fault parse_nested(struct pool *pool, unsigned depth)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(1 << 20);
	const struct tv *v = NULL;
	struct err err = ERR_INIT;

	for (unsigned i = 0; i < depth; i++)
		buf_put_char(&text, '[');
	for (unsigned i = 0; i < depth; i++)
		buf_put_char(&text, ']');
	return tv_parse(pool, buf_span(&text), TV_TEMPLATE, &v, &err);
}

static void test_depth(void **state UNUSED)
{
	struct pool pool;

	pool_init(&pool, POOL_MAX);
	assert_int_equal(parse_nested(&pool, TV_DEPTH_MAX), FAULT_NONE);
	assert_int_equal(parse_nested(&pool, TV_DEPTH_MAX + 1), FAULT_INVALID);
	assert_int_equal(parse_nested(&pool, 100000), FAULT_INVALID);
	pool_done(&pool);
}

/* Where the first token of a value ends, characters counted, not bytes. */
static void test_places(void **state UNUSED)
{
	static const char text[] = "{\n  \"a\": \"\xc3\xa9x\",\n  /* \xe2\x82\xac */ \"b\": {\n\"c\": 12}\n}";
	const struct tv *v = NULL;
	struct pool pool;

	pool_init(&pool, POOL_MAX);
	assert_int_equal(tv_parse(&pool, span_cstr(text), TV_TEMPLATE, &v, NULL), FAULT_NONE);
	assert_int_equal(v->line, 1);
	assert_int_equal(v->column, 1);
	assert_int_equal(tv_get(v, "a")->line, 2);
	assert_int_equal(tv_get(v, "a")->column, 11);
	assert_int_equal(tv_get(v, "b")->line, 3);
	assert_int_equal(tv_get(v, "b")->column, 16);
	assert_int_equal(tv_get(tv_get(v, "b"), "c")->line, 4);
	assert_int_equal(tv_get(tv_get(v, "b"), "c")->column, 7);
	assert_int_equal(tv_int(&pool, 1)->line, 0);
	pool_done(&pool);
}

static void test_members(void **state UNUSED)
{
	const struct tv *v = NULL, *with;
	struct pool pool;

	pool_init(&pool, POOL_MAX);
	assert_int_equal(tv_parse(&pool, SPAN_LIT("{\"Name\":1,\"name\":2,\"Other\":3}"), TV_TEMPLATE, &v, NULL),
			 FAULT_NONE);
	assert_int_equal(tv_get(v, "name")->integer, 2);
	assert_int_equal(tv_get(v, "NAME")->integer, 1);
	assert_int_equal(tv_get(v, "oTHER")->integer, 3);
	assert_null(tv_get(v, "nam"));
	assert_null(tv_get(NULL, "a"));
	assert_int_equal(tv_text(v).len, 0);
	with = tv_with(&pool, v, SPAN_LIT("OTHER"), tv_int(&pool, 4));
	assert_int_equal(with->object.n, 3);
	assert_int_equal(tv_get(with, "Other")->integer, 4);
	assert_int_equal(tv_get(v, "Other")->integer, 3);
	with = tv_with(&pool, v, SPAN_LIT("new"), NULL);
	assert_int_equal(with->object.n, 4);
	assert_int_equal(tv_type(tv_get(with, "new")), TV_NULL);
	pool_done(&pool);
}

static const struct row_equal {
	const char *name, *a, *b;
	bool is_equal;
} rows_equal[] = {
	{ "order of members", "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true },
	{ "case of members", "{\"A\":1}", "{\"a\":1}", true },
	{ "case of strings", "\"A\"", "\"a\"", false },
	{ "order of items", "[1,2]", "[2,1]", false },
	{ "more items", "[1]", "[1,2]", false },
	{ "more members", "{}", "{\"a\":1}", false },
	{ "integer and string", "1", "\"1\"", false },
	{ "null and false", "null", "false", false },
	{ "null and null", "null", "null", true },
	{ "deep", "[{\"a\":{\"b\":[true]}}]", "[{\"a\":{\"b\":[true]}}]", true },
	{ "deep, different", "[{\"a\":{\"b\":[true]}}]", "[{\"a\":{\"b\":[false]}}]", false },
};

static void test_equal(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_equal); i++) {
		const struct row_equal *r = &rows_equal[i];
		const struct tv *a = NULL, *b = NULL;
		struct pool pool;

		pool_init(&pool, POOL_MAX);
		assert_int_equal(tv_parse(&pool, span_cstr(r->a), TV_TEMPLATE, &a, NULL), FAULT_NONE);
		assert_int_equal(tv_parse(&pool, span_cstr(r->b), TV_TEMPLATE, &b, NULL), FAULT_NONE);
		if (tv_equal(a, b) != r->is_equal || tv_equal(b, a) != r->is_equal)
			fail_msg("%s", r->name);
		pool_done(&pool);
	}
}

/* A list of itself twice, again and again: few bytes, and soon more than could be written. */
static void test_doubling_ends(void **state UNUSED)
{
	const struct tv *v;
	struct pool pool;
	unsigned n = 0;

	pool_init(&pool, POOL_MAX);
	v = tv_string(&pool, SPAN_LIT("x"));
	while (v != NULL && n < 1000) {
		const struct tv **twice = pool_alloc(&pool, 2 * sizeof(const struct tv *));

		twice[0] = twice[1] = v;
		v = tv_array(&pool, twice, 2);
		n++;
	}
	assert_null(v);
	assert_in_range(n, 10, 30);
	pool_done(&pool);
}

static void test_full(void **state UNUSED)
{
	struct err err = ERR_INIT;
	const struct tv *v = NULL;
	struct pool pool;

	pool_init(&pool, 200);
	assert_int_equal(tv_parse(&pool, SPAN_LIT("[1,2,3,4,5,6,7,8,9]"), TV_TEMPLATE, &v, &err), FAULT_TOO_LARGE);
	assert_true(err.message[0] != '\0');
	assert_null(tv_string(&pool, span_of(NULL, 0)));
	pool_done(&pool);
}

static void test_type_words(void **state UNUSED)
{
	static const char *const words[] = { "Null", "Boolean", "Integer", "Float", "String", "Array", "Object" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		assert_string_equal(tv_type_word((enum tv_type)i), words[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	      cmocka_unit_test(test_refused), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_places),	      cmocka_unit_test(test_members), cmocka_unit_test(test_equal),
		cmocka_unit_test(test_doubling_ends), cmocka_unit_test(test_full),    cmocka_unit_test(test_type_words),
	};

	return cmocka_run_group_tests_name("template_value", tests, NULL, NULL);
}
