/* Reading JSON: what is refused, values, tables of fields, writing a value back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/io/json.h"

#include <stdlib.h>

/* From an allocation of exactly the text's size, so that a read beyond the end shows. */
static enum fault parse(struct span text, struct json_doc **ret, struct err *err)
{
	char *copy = malloc(text.len == 0 ? 1 : text.len);
	enum fault f;

	assert_non_null(copy);
	memcpy(copy, text.p, text.len);
	f = json_parse(span_of(copy, text.len), ret, err);
	free(copy);
	return f;
}

#define ROW(name, text)                                                                                                \
	{                                                                                                              \
		name, text, sizeof(text) - 1                                                                           \
	}

struct text_row {
	const char *name;
	const char *text;
	size_t len;
};

static const struct text_row rows_refused[] = {
	ROW("empty", ""),
	ROW("blanks only", " \r\n\t"),
	ROW("comment", "/*x*/1"),
	ROW("line comment", "1 // x"),
	ROW("hash comment", "# x\n1"),
	ROW("single quotes", "{'a':1}"),
	ROW("name without quotes", "{a:1}"),
	ROW("two values", "1 2"),
	ROW("two objects", "{}{}"),
	ROW("text after", "{} x"),
	ROW("NUL after", "{}\0"),
	ROW("leading zero", "01"),
	ROW("leading zero after minus", "-01"),
	ROW("two zeros", "00"),
	ROW("nothing after the point", "1."),
	ROW("point then exponent", "1.e5"),
	ROW("nothing before the point", ".5"),
	ROW("plus", "+1"),
	ROW("minus alone", "-"),
	ROW("exponent without digits", "1e"),
	ROW("exponent sign without digits", "[1e+]"),
	ROW("hexadecimal", "0x10"),
	ROW("NaN", "NaN"),
	ROW("Infinity", "Infinity"),
	ROW("minus Infinity", "-Infinity"),
	ROW("too large for a double", "1e999"),
	ROW("too large for a double, deeper", "{\"a\":[-1e999]}"),
	ROW("int64 and one", "9223372036854775808"),
	ROW("int64 below by one", "-9223372036854775809"),
	ROW("twenty digits", "18446744073709551616"),
	ROW("TRUE", "TRUE"),
	ROW("True", "True"),
	ROW("nUll", "nUll"),
	ROW("nulls", "nulls"),
	ROW("undefined", "undefined"),
	ROW("control character in a string", "\"\x01\""),
	ROW("tab in a string", "\"\t\""),
	ROW("newline in a string", "\"a\nb\""),
	ROW("NUL in a string", "\"a\0b\""),
	ROW("control character in a name", "{\"a\x1f\":1}"),
	ROW("U+0000 in a name", "{\"a\\u0000b\":1}"),
	ROW("unknown escape", "\"\\x\""),
	ROW("high surrogate alone", "\"\\ud800\""),
	ROW("high surrogate before a letter", "\"\\ud800a\""),
	ROW("high surrogate twice", "\"\\ud800\\ud800\""),
	ROW("low surrogate alone", "\"\\udc00\""),
	ROW("escaped quote of the other kind", "\"\\'\""),
	ROW("short \\u", "\"\\u12\""),
	ROW("\\u without digits", "\"\\u00zz\""),
	ROW("string without end", "\"abc"),
	ROW("string ends in a backslash", "\"abc\\"),
	ROW("string ends in \\u", "\"\\u00"),
	ROW("overlong UTF-8", "\"\xc0\x80\""),
	ROW("overlong UTF-8 of three bytes", "\"\xe0\x80\xaf\""),
	ROW("surrogate in UTF-8", "\"\xed\xa0\x80\""),
	ROW("beyond U+10FFFF", "\"\xf4\x90\x80\x80\""),
	ROW("no UTF-8", "\"\xff\""),
	ROW("lone tail byte", "\"\x80\""),
	ROW("UTF-8 cut by the quote", "\"\xe2\x82\""),
	ROW("UTF-8 cut by the end", "\"\xe2\x82"),
	ROW("byte order mark", "\xef\xbb\xbf{}"),
	ROW("vertical tab", "\v1"),
	ROW("form feed", "\f1"),
	ROW("no-break space", "\xc2\xa0"
			      "1"),
	ROW("comma before ]", "[1,]"),
	ROW("comma before }", "{\"a\":1,}"),
	ROW("comma first", "[,1]"),
	ROW("two commas", "[1,,2]"),
	ROW("no comma in an array", "[1 2]"),
	ROW("no comma in an object", "{\"a\":1 \"b\":2}"),
	ROW("no colon", "{\"a\" 1}"),
	ROW("no value", "{\"a\":}"),
	ROW("number as a name", "{1:1}"),
	ROW("colon in an array", "[1:2]"),
	ROW("wrong bracket", "[1}"),
	ROW("closing only", "]"),
	ROW("closing too much", "{}}"),
	ROW("array without end", "[1"),
	ROW("object without end", "{\"a\":1"),
	ROW("duplicate name", "{\"a\":1,\"a\":2}"),
	ROW("duplicate name, same value", "{\"a\":1,\"a\":1}"),
	ROW("duplicate name by escape", "{\"a\":1,\"\\u0061\":2}"),
	ROW("duplicate name, deeper", "[{\"x\":{\"a\":{},\"b\":1,\"a\":[]}}]"),
	ROW("duplicate empty name", "{\"\":1,\"\":2}"),
};

static void test_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_refused); i++) {
		struct err err = ERR_INIT;
		struct json_doc *d = NULL;
		enum fault f = parse(span_of(rows_refused[i].text, rows_refused[i].len), &d, &err);

		if (f != FAULT_INVALID || d != NULL || err.message[0] == '\0')
			fail_msg("%s: %s, \"%s\"", rows_refused[i].name, fault_name(f), err.message);
	}
}

static const struct {
	const char *name;
	const char *text;
	const char *out; /* NULL: the text itself */
} rows_taken[] = {
	{ "null", "null", NULL },
	{ "number at the top", "12", NULL },
	{ "negative", "-7", NULL },
	{ "zero", "0", NULL },
	{ "blanks around", " \t\r\n1 \n", "1" },
	{ "largest int64", "9223372036854775807", NULL },
	{ "smallest int64", "-9223372036854775808", NULL },
	{ "a double keeps its digits", "[1.50,1E5,-0.0e-2]", NULL },
	{ "integer too large, written as a double", "9223372036854775808.0", NULL },
	{ "words", "[true,false,null]", NULL },
	{ "empty array and object", "[[],{}]", NULL },
	{ "order of members", "{\"z\":1,\"a\":{\"y\":[1,{\"x\":null}]},\"m\":\"\"}", NULL },
	{ "colons, braces and quotes in strings", "{\"a:{\\\"\":\"}:\\\\\"}", NULL },
	{ "the same name in different objects", "{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}}", NULL },
	{ "names that differ in case", "{\"a\":1,\"A\":2}", NULL },
	{ "short escapes", "\"\\b\\f\\n\\r\\t\\\\\\\"\"", NULL },
	{ "escaped solidus", "\"a\\/b\"", "\"a/b\"" },
	{ "escapes made plain", "\"\\u0041\\u00e4\\ud83d\\ude00\"", "\"A\xc3\xa4\xf0\x9f\x98\x80\"" },
	{ "NUL by escape", "\"a\\u0000b\"", NULL },
	{ "UTF-8", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"", NULL },
	{ "DEL", "\"\x7f\"", NULL },
};

static void test_taken(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_taken); i++) {
		SCOPED_DONE(buf) struct buf out = BUF_INIT(4096);
		SCOPED(json_doc) struct json_doc *d = NULL;
		struct err err = ERR_INIT;
		struct span text = span_cstr(rows_taken[i].text);
		struct span expected = rows_taken[i].out == NULL ? text : span_cstr(rows_taken[i].out);

		if (parse(text, &d, &err) != FAULT_NONE)
			fail_msg("%s: %s", rows_taken[i].name, err.message);
		json_write(&out, json_root(d));
		if (buf_fault(&out) != FAULT_NONE || !span_eq(buf_span(&out), expected))
			fail_msg("%s: %s", rows_taken[i].name, buf_cstr(&out));
	}
}

static void nest(struct buf *b, size_t depth, const char *open, const char *inner, const char *close)
{
	for (size_t i = 0; i < depth; i++)
		buf_put_cstr(b, open);
	buf_put_cstr(b, inner);
	for (size_t i = 0; i < depth; i++)
		buf_put_cstr(b, close);
}

static enum fault parse_nested(size_t depth, const char *open, const char *inner, const char *close)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(1 << 24);
	SCOPED_DONE(buf) struct buf out = BUF_INIT(1 << 24);
	SCOPED(json_doc) struct json_doc *d = NULL;
	enum fault f;

	nest(&text, depth, open, inner, close);
	f = parse(buf_span(&text), &d, NULL);
	if (f != FAULT_NONE)
		return f;
	json_write(&out, json_root(d));
	assert_true(span_eq(buf_span(&out), buf_span(&text)));
	return f;
}

static void test_depth(void **state UNUSED)
{
	assert_int_equal(parse_nested(JSON_DEPTH_MAX, "[", "", "]"), FAULT_NONE);
	assert_int_equal(parse_nested(JSON_DEPTH_MAX, "[", "1", "]"), FAULT_NONE);
	assert_int_equal(parse_nested(JSON_DEPTH_MAX, "{\"a\":", "1", "}"), FAULT_NONE);
	assert_int_equal(parse_nested(JSON_DEPTH_MAX + 1, "[", "", "]"), FAULT_INVALID);
	assert_int_equal(parse_nested(JSON_DEPTH_MAX + 1, "{\"a\":", "1", "}"), FAULT_INVALID);
	assert_int_equal(parse_nested(1000000, "[", "", "]"), FAULT_INVALID);
}

static void test_sentences(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *message;
	} rows[] = {
		{ "{\"a\":1,\"a\":2}", "the JSON text has a duplicate member name" },
		{ "[1,\"\t\"]", "the JSON text is wrong at byte 4: control character in a string" },
		{ "[1,", "the JSON text ends too early, at byte 3" },
		{ "", "the JSON text is wrong at byte 0: there is none" },
		{ "[01]", "the JSON text is wrong at byte 1: a number begins with digits, and with 0 only alone" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json_doc *d = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(parse(span_cstr(rows[i].text), &d, &err), FAULT_INVALID);
		assert_string_equal(err.message, rows[i].message);
	}
}

static struct json_doc *parsed(const char *text)
{
	struct json_doc *d = NULL;
	struct err err = ERR_INIT;

	if (parse(span_cstr(text), &d, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
	return d;
}

static bool count_until_stop(struct span name, const struct json *value, void *arg)
{
	int *n = arg;

	assert_int_equal(json_int(value), ++*n);
	return !span_eq_cstr(name, "stop");
}

static void test_values(void **state UNUSED)
{
	SCOPED(json_doc)
	struct json_doc *d = parsed("{\"Name\":\"x\",\"name\":\"y\",\"i\":-5,\"t\":true,\"f\":false,\"n\":null,"
				    "\"d\":1.5,\"list\":[1,null,\"a\\u0000b\"],"
				    "\"o\":{\"a\":1,\"stop\":2,\"c\":3}}");
	const struct json *v = json_root(d), *list = json_get(v, "list");
	int n = 0;

	assert_int_equal(json_type(v), JSON_OBJECT);
	assert_int_equal(json_object_len(v), 9);
	assert_true(span_eq_cstr(json_string(json_get(v, "name")), "y"));
	assert_true(span_eq_cstr(json_string(json_get_nocase(v, "name")), "y"));
	assert_true(span_eq_cstr(json_string(json_get_nocase(v, "NAME")), "x"));
	assert_null(json_get(v, "I"));
	assert_int_equal(json_int(json_get_nocase(v, "I")), -5);
	assert_null(json_get_nocase(v, "absent"));
	assert_true(json_bool(json_get(v, "t")));
	assert_false(json_bool(json_get(v, "f")));
	assert_int_equal(json_type(json_get(v, "f")), JSON_BOOL);
	assert_int_equal(json_type(json_get(v, "n")), JSON_NULL);
	assert_int_equal(json_type(json_get(v, "absent")), JSON_NULL);
	assert_int_equal(json_type(json_get(v, "d")), JSON_DOUBLE);
	assert_int_equal(json_array_len(list), 3);
	assert_null(json_array_at(list, 1));
	assert_null(json_array_at(list, 3));
	assert_true(span_eq(json_string(json_array_at(list, 2)), SPAN_LIT("a\0b")));
	json_object_each(json_get(v, "o"), count_until_stop, &n);
	assert_int_equal(n, 2);
}

static void test_wrong_types(void **state UNUSED)
{
	SCOPED(json_doc) struct json_doc *d = parsed("[\"7\",7,true,1.5,[1],{\"a\":1}]");
	const struct json *v = json_root(d);
	int n = 0;

	for (size_t i = 0; i < json_array_len(v); i++) {
		const struct json *e = json_array_at(v, i);

		assert_int_equal(json_string(e).len, i == 0 ? 1 : 0);
		assert_int_equal(json_int(e), i == 1 ? 7 : 0);
		assert_int_equal(json_bool(e), i == 2);
		assert_int_equal(json_array_len(e), i == 4 ? 1 : 0);
		assert_int_equal(json_object_len(e), i == 5 ? 1 : 0);
	}
	assert_int_equal(json_string(NULL).len, 0);
	assert_int_equal(json_array_len(NULL), 0);
	assert_null(json_get(json_array_at(v, 1), "a"));
	assert_null(json_get_nocase(NULL, "a"));
	json_object_each(v, count_until_stop, &n);
	json_object_each(NULL, count_until_stop, &n);
	assert_int_equal(n, 0);
	json_doc_free(NULL);
}

struct body {
	struct span value;
	struct json_opt_int size;
	struct json_opt_bool enabled;
	const struct json *tags;
	const struct json *ops;
};

static const struct field body_fields[] = {
	{ "value", FIELD_STRING, offsetof(struct body, value), FIELD_MUST },
	{ "key_size", FIELD_INT, offsetof(struct body, size), FIELD_MAY },
	{ "enabled", FIELD_BOOL, offsetof(struct body, enabled), FIELD_MAY },
	{ "tags", FIELD_OBJECT, offsetof(struct body, tags), FIELD_MAY },
	{ "key_ops", FIELD_ARRAY, offsetof(struct body, ops), FIELD_MAY },
};

static void test_read(void **state UNUSED)
{
	SCOPED(json_doc)
	struct json_doc *all = parsed("{\"value\":\"v\",\"key_size\":2048,\"enabled\":false,\"tags\":{\"a\":\"b\"},"
				      "\"key_ops\":[],\"unknown\":[1]}");
	SCOPED(json_doc)
	struct json_doc *few = parsed("{\"value\":\"\",\"key_size\":null,\"enabled\":null,\"tags\":null}");
	struct err err = ERR_INIT;
	struct body b;

	memset(&b, 0xff, sizeof(b));
	assert_int_equal(json_read(json_root(all), body_fields, ARRAY_LEN(body_fields), &b, &err), FAULT_NONE);
	assert_true(span_eq_cstr(b.value, "v"));
	assert_true(b.size.is_set && b.size.v == 2048);
	assert_true(b.enabled.is_set && !b.enabled.v);
	assert_int_equal(json_object_len(b.tags), 1);
	assert_int_equal(json_type(b.ops), JSON_ARRAY);

	memset(&b, 0xff, sizeof(b));
	assert_int_equal(json_read(json_root(few), body_fields, ARRAY_LEN(body_fields), &b, &err), FAULT_NONE);
	assert_true(b.value.p != NULL && b.value.len == 0);
	assert_false(b.size.is_set || b.size.v != 0);
	assert_false(b.enabled.is_set || b.enabled.v);
	assert_true(b.tags == NULL && b.ops == NULL);
	/* Absent and empty text differ. */
	assert_int_equal(json_read(NULL, body_fields + 1, 1, &b, &err), FAULT_NONE);
}

static void test_read_refused(void **state UNUSED)
{
	static const struct {
		const char *name;
		const char *text;
		const char *message;
	} rows[] = {
		{ "missing", "{}", "Property 'value' is required.\r\n" },
		{ "null counts as missing", "{\"value\":null}", "Property 'value' is required.\r\n" },
		{ "no body", "null", "Property 'value' is required.\r\n" },
		{ "string wanted", "{\"value\":1}", "Property 'value' has invalid value\r\n" },
		{ "integer wanted", "{\"value\":\"\",\"key_size\":\"2048\"}",
		  "Property 'key_size' has invalid value\r\n" },
		{ "integer, not double", "{\"value\":\"\",\"key_size\":1.5}",
		  "Property 'key_size' has invalid value\r\n" },
		{ "boolean wanted", "{\"value\":\"\",\"enabled\":1}", "Property 'enabled' has invalid value\r\n" },
		{ "object wanted", "{\"value\":\"\",\"tags\":[]}", "Property 'tags' has invalid value\r\n" },
		{ "array wanted", "{\"value\":\"\",\"key_ops\":{}}", "Property 'key_ops' has invalid value\r\n" },
		{ "names are exact", "{\"Value\":\"\"}", "Property 'value' is required.\r\n" },
		{ "all at once", "{\"key_size\":true}",
		  "Property 'value' is required.\r\nProperty 'key_size' has invalid value\r\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED(json_doc) struct json_doc *d = parsed(rows[i].text);
		struct err err = ERR_INIT;
		struct body b = { .size = { true, 42 } };

		if (json_read(json_root(d), body_fields, ARRAY_LEN(body_fields), &b, &err) != FAULT_INVALID ||
		    strcmp(err.code, "BadParameter") != 0 || strcmp(err.message, rows[i].message) != 0)
			fail_msg("%s: %s", rows[i].name, err.message);
		assert_int_equal(b.size.v, 42); /* nothing is written on failure */
	}
	SCOPED(json_doc) struct json_doc *array = parsed("[]");
	struct body b;
	assert_int_equal(json_read(json_root(array), body_fields + 1, 4, &b, NULL), FAULT_INVALID);
}

/* Any change of one byte either parses or is refused; what parses is written as text that parses to the same. */
static void test_one_byte_changes(void **state UNUSED)
{
	static const char seed[] = "{\"a\":[1,-2.5e3,\"x\\u00e4\\n\\u0000\",true,null],\"b\":{\"c\":\"\xc3\xa4\"}}";
	char text[sizeof(seed)];

	for (size_t at = 0; at + 1 < sizeof(seed); at++) {
		for (int c = 0; c < 256; c++) {
			SCOPED_DONE(buf) struct buf once = BUF_INIT(4096);
			SCOPED_DONE(buf) struct buf twice = BUF_INIT(4096);
			SCOPED(json_doc) struct json_doc *d = NULL;
			SCOPED(json_doc) struct json_doc *e = NULL;

			memcpy(text, seed, sizeof(seed));
			text[at] = (char)c;
			if (parse(span_of(text, sizeof(seed) - 1), &d, NULL) != FAULT_NONE)
				continue;
			json_write(&once, json_root(d));
			assert_int_equal(parse(buf_span(&once), &e, NULL), FAULT_NONE);
			json_write(&twice, json_root(e));
			assert_true(span_eq(buf_span(&once), buf_span(&twice)));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_refused),
		cmocka_unit_test(test_one_byte_changes),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
