#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/text.h"

/* RFC 4648 section 10, then what the two alphabets differ in. */
static const struct row_64 {
	const char *name;
	const char *bytes;
	size_t len;
	const char *plain;
	const char *url;
} rows_64[] = {
	{ "empty", "", 0, "", "" },
	{ "f", "f", 1, "Zg==", "Zg" },
	{ "fo", "fo", 2, "Zm8=", "Zm8" },
	{ "foo", "foo", 3, "Zm9v", "Zm9v" },
	{ "foob", "foob", 4, "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "fooba", 5, "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "foobar", 6, "Zm9vYmFy", "Zm9vYmFy" },
	{ "digits 62 and 63", "\xfb\xff\xfe", 3, "+//+", "-__-" },
	{ "zero bytes", "\0\0\0\0", 4, "AAAAAA==", "AAAAAA" },
	{ "all ones", "\xff\xff\xff\xff", 4, "/////w==", "_____w" },
};

static void assert_span(const char *name, struct span got, struct span want)
{
	if (!span_eq(got, want))
		fail_msg("%s: got '%.*s', want '%.*s'", name, SPAN_ARG(got), SPAN_ARG(want));
}

static void test_base64_vectors(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_64); i++) {
		const struct row_64 *r = &rows_64[i];
		struct span bytes = span_of(r->bytes, r->len);
		SCOPED_DONE(buf) struct buf b = BUF_INIT(100);

		base64_encode(&b, bytes);
		assert_span(r->name, buf_span(&b), span_cstr(r->plain));
		buf_clear(&b);
		base64url_encode(&b, bytes);
		assert_span(r->name, buf_span(&b), span_cstr(r->url));
		buf_clear(&b);
		assert_int_equal(base64_decode(&b, span_cstr(r->plain)), FAULT_NONE);
		assert_span(r->name, buf_span(&b), bytes);
		buf_clear(&b);
		assert_int_equal(base64url_decode(&b, span_cstr(r->url)), FAULT_NONE);
		assert_span(r->name, buf_span(&b), bytes);
		assert_int_equal(buf_fault(&b), FAULT_NONE);
	}
}

static void test_base64_all_lengths(void **state UNUSED)
{
	unsigned char bytes[256];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 167 + 13);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		SCOPED_DONE(buf) struct buf text = BUF_INIT(400);
		SCOPED_DONE(buf) struct buf back = BUF_INIT(256);

		base64url_encode(&text, span_of(bytes, n));
		assert_int_equal(base64url_decode(&back, buf_span(&text)), FAULT_NONE);
		assert_span("url", buf_span(&back), span_of(bytes, n));
		buf_clear(&text);
		buf_clear(&back);
		base64_encode(&text, span_of(bytes, n));
		assert_int_equal(base64_decode(&back, buf_span(&text)), FAULT_NONE);
		assert_span("plain", buf_span(&back), span_of(bytes, n));
	}
}

static const struct row_bad {
	const char *name;
	const char *text;
} rows_bad_url[] = {
	{ "padding", "Zg==" },
	{ "padding in a full group", "Zm8=" },
	{ "length 1", "Z" },
	{ "length 5", "Zm9vY" },
	{ "plus", "+_-A" },
	{ "slash", "/_-A" },
	{ "blank", "Zm 9" },
	{ "line feed at the end", "Zm9\n" },
	{ "foreign after good ones", "Zm9vYmF*" },
	{ "above ASCII", "Zm\xc3\xa9" },
}, rows_bad_plain[] = {
	{ "no padding", "Zg" },
	{ "short padding", "Zg=" },
	{ "padding alone", "====" },
	{ "three of padding", "Z===" },
	{ "padding inside", "Zg==Zm9v" },
	{ "padding before a digit", "Zm=v" },
	{ "url digits", "-_-_" },
	{ "line break", "Zm9v\nZm9vZm9" },
};

static void test_base64_refusals(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(100);

	buf_put_cstr(&b, "kept");
	for (size_t i = 0; i < ARRAY_LEN(rows_bad_url); i++) {
		if (base64url_decode(&b, span_cstr(rows_bad_url[i].text)) != FAULT_INVALID)
			fail_msg("url: %s", rows_bad_url[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows_bad_plain); i++) {
		if (base64_decode(&b, span_cstr(rows_bad_plain[i].text)) != FAULT_INVALID)
			fail_msg("plain: %s", rows_bad_plain[i].name);
	}
	assert_int_equal(base64url_decode(&b, span_of("Zm\0v", 4)), FAULT_INVALID);
	assert_int_equal(base64_decode(&b, span_of("Zm\0v", 4)), FAULT_INVALID);
	assert_string_equal(buf_cstr(&b), "kept");
}

/* "Zh" and "Zg" differ only in bits that belong to no byte. */
static void test_base64url_stray_bits(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(100);

	assert_int_equal(base64url_decode(&b, SPAN_LIT("Zh")), FAULT_NONE);
	assert_int_equal(base64url_decode(&b, SPAN_LIT("Zm_")), FAULT_NONE);
	assert_string_equal(buf_cstr(&b), "ffo");
}

static void test_base64_ceiling(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(5);

	assert_int_equal(base64url_decode(&b, SPAN_LIT("Zm9vYmFy")), FAULT_TOO_LARGE);
	assert_int_equal(b.len, 0);
	assert_int_equal(base64url_decode(&b, SPAN_LIT("")), FAULT_TOO_LARGE);
	buf_clear(&b);
	base64_encode(&b, SPAN_LIT("foob"));
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
}

static void test_hex(void **state UNUSED)
{
	char text[9];
	unsigned char bytes[4] = { 1, 2, 3, 4 };

	hex_encode(text, span_of("\x00\x9f\xab\xff", 4));
	assert_string_equal(text, "009fabff");
	hex_encode(text, SPAN_EMPTY);
	assert_string_equal(text, "");

	assert_int_equal(hex_decode(bytes, 4, SPAN_LIT("009fabf")), FAULT_INVALID);
	assert_int_equal(hex_decode(bytes, 4, SPAN_LIT("009fabff0")), FAULT_INVALID);
	assert_int_equal(hex_decode(bytes, 4, SPAN_LIT("009fabff00")), FAULT_INVALID);
	assert_int_equal(hex_decode(bytes, 4, SPAN_LIT("009fabfg")), FAULT_INVALID);
	assert_memory_equal(bytes, "\1\2\3\4", 4);
	assert_int_equal(hex_decode(bytes, 4, SPAN_LIT("009FaBff")), FAULT_NONE);
	assert_memory_equal(bytes, "\x00\x9f\xab\xff", 4);
	assert_int_equal(hex_decode(bytes, 0, SPAN_EMPTY), FAULT_NONE);
}

static enum fault fill_ones(void *arg UNUSED, void *p, size_t n)
{
	memset(p, 0xff, n);
	return FAULT_NONE;
}

static enum fault fill_nothing(void *arg UNUSED, void *p UNUSED, size_t n UNUSED)
{
	return FAULT_RANDOM;
}

static void test_uuid_new(void **state UNUSED)
{
	struct rng ones = { .fill = fill_ones };
	struct rng none = { .fill = fill_nothing };
	struct rng real = rng_system();
	char a[UUID_SIZE] = "as before";
	char b[UUID_SIZE];

	assert_int_equal(uuid_new(&none, a), FAULT_RANDOM);
	assert_string_equal(a, "as before");
	assert_int_equal(uuid_new(&ones, a), FAULT_NONE);
	assert_string_equal(a, "ffffffff-ffff-4fff-bfff-ffffffffffff");
	assert_int_equal(uuid_new(&real, a), FAULT_NONE);
	assert_int_equal(uuid_new(&real, b), FAULT_NONE);
	assert_true(uuid_is_valid(span_cstr(a)));
	assert_string_not_equal(a, b);
}

static void test_uuid_is_valid(void **state UNUSED)
{
	static const struct {
		const char *name;
		const char *text;
		bool is_valid;
	} rows[] = {
		{ "lower", "c2517680-1200-11ed-a5f2-0123456789ab", true },
		{ "upper", "C2517680-1200-11ED-A5F2-0123456789AB", true },
		{ "nil", "00000000-0000-0000-0000-000000000000", true },
		{ "empty", "", false },
		{ "short", "c2517680-1200-11ed-a5f2-0123456789a", false },
		{ "long", "c2517680-1200-11ed-a5f2-0123456789abc", false },
		{ "braces", "{2517680-1200-11ed-a5f2-0123456789a}", false },
		{ "dash elsewhere", "c251768-01200-11ed-a5f2-0123456789ab", false },
		{ "not hex", "g2517680-1200-11ed-a5f2-0123456789ab", false },
		{ "no dashes", "c2517680012000110eda5f200123456789ab", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (uuid_is_valid(span_cstr(rows[i].text)) != rows[i].is_valid)
			fail_msg("%s", rows[i].name);
	}
}

static const struct {
	const char *name;
	const char *text;
	int64_t s;
} rows_time[] = {
	{ "epoch", "1970-01-01T00:00:00Z", 0 },
	{ "first year's end", "1970-12-31T23:59:59Z", 31535999 },
	{ "a leap day", "1972-02-29T00:00:00Z", 68169600 },
	{ "leap century", "2000-02-29T12:00:00Z", 951825600 },
	{ "after it", "2000-03-01T00:00:00Z", 951868800 },
	{ "billion", "2001-09-09T01:46:40Z", 1000000000 },
	{ "seen in an answer", "2022-06-30T10:53:12Z", 1656586392 },
	{ "last of 31 bits", "2038-01-19T03:14:07Z", 2147483647 },
	{ "one more", "2038-01-19T03:14:08Z", 2147483648 },
	{ "century without leap day", "2100-03-01T00:00:00Z", 4107542400 },
	{ "leap year's last day", "2024-12-31T23:59:59Z", 1735689599 },
	{ "last of all", "9999-12-31T23:59:59Z", 253402300799 },
};

static void test_time_both_ways(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_time); i++) {
		char out[RFC3339_SIZE];
		int64_t s = -1;

		rfc3339_format(out, rows_time[i].s);
		assert_span(rows_time[i].name, span_cstr(out), span_cstr(rows_time[i].text));
		assert_int_equal(rfc3339_parse(span_cstr(rows_time[i].text), &s), FAULT_NONE);
		assert_true(s == rows_time[i].s);
	}
}

/* Every day there is, at a second that moves. */
static void test_time_every_day(void **state UNUSED)
{
	char before[RFC3339_SIZE] = "";

	for (int64_t day = 0; day * 86400 <= 253402300799; day++) {
		char out[RFC3339_SIZE];
		int64_t s = day * 86400 + day % 86400;
		int64_t back = -1;

		rfc3339_format(out, s);
		if (rfc3339_parse(span_cstr(out), &back) != FAULT_NONE || back != s)
			fail_msg("%s", out);
		if (strncmp(before, out, 10) >= 0)
			fail_msg("%s after %s", out, before);
		memcpy(before, out, sizeof(before));
	}
}

static void test_time_other_forms(void **state UNUSED)
{
	char out[RFC3339_SIZE];
	int64_t s = -1;

	entra_time_format(out, 1656586392);
	assert_string_equal(out, "2022-06-30 10:53:12Z");
	rfc3339_format(out, -1);
	assert_string_equal(out, "1970-01-01T00:00:00Z");
	rfc3339_format(out, INT64_MIN);
	assert_string_equal(out, "1970-01-01T00:00:00Z");
	rfc3339_format(out, INT64_MAX);
	assert_string_equal(out, "9999-12-31T23:59:59Z");
	assert_int_equal(rfc3339_parse(SPAN_LIT("2022-06-30T10:53:12.9999999Z"), &s), FAULT_NONE);
	assert_true(s == 1656586392);
}

static void test_time_refusals(void **state UNUSED)
{
	static const struct row_bad rows[] = {
		{ "empty", "" },
		{ "date alone", "2022-06-30" },
		{ "no zone", "2022-06-30T10:53:12" },
		{ "offset", "2022-06-30T10:53:12+00:00" },
		{ "blank for T", "2022-06-30 10:53:12Z" },
		{ "lower-case t", "2022-06-30t10:53:12Z" },
		{ "lower-case z", "2022-06-30T10:53:12z" },
		{ "fraction without digits", "2022-06-30T10:53:12.Z" },
		{ "fraction with a letter", "2022-06-30T10:53:12.1xZ" },
		{ "fraction without Z", "2022-06-30T10:53:12.123" },
		{ "something after", "2022-06-30T10:53:12Z " },
		{ "month 0", "2022-00-30T10:53:12Z" },
		{ "month 13", "2022-13-30T10:53:12Z" },
		{ "day 0", "2022-06-00T10:53:12Z" },
		{ "31 June", "2022-06-31T10:53:12Z" },
		{ "29 February", "2022-02-29T10:53:12Z" },
		{ "29 February of a century", "2100-02-29T10:53:12Z" },
		{ "hour 24", "2022-06-30T24:00:00Z" },
		{ "minute 60", "2022-06-30T10:60:12Z" },
		{ "leap second", "2016-12-31T23:59:60Z" },
		{ "before 1970", "1969-12-31T23:59:59Z" },
		{ "sign", "+022-06-30T10:53:12Z" },
		{ "one digit short", "2022-6-30T10:53:12Z" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t s = 42;

		if (rfc3339_parse(span_cstr(rows[i].text), &s) != FAULT_INVALID || s != 42)
			fail_msg("%s", rows[i].name);
	}
}

static void test_int_parse(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum fault fault;
		int64_t v;
	} rows[] = {
		{ "0", FAULT_NONE, 0 },
		{ "-0", FAULT_NONE, 0 },
		{ "25", FAULT_NONE, 25 },
		{ "-7", FAULT_NONE, -7 },
		{ "007", FAULT_NONE, 7 },
		{ "9223372036854775807", FAULT_NONE, INT64_MAX },
		{ "-9223372036854775808", FAULT_NONE, INT64_MIN },
		{ "9223372036854775808", FAULT_INVALID, 0 },
		{ "-9223372036854775809", FAULT_INVALID, 0 },
		{ "99999999999999999999", FAULT_INVALID, 0 },
		{ "", FAULT_INVALID, 0 },
		{ "-", FAULT_INVALID, 0 },
		{ "--1", FAULT_INVALID, 0 },
		{ "+1", FAULT_INVALID, 0 },
		{ " 1", FAULT_INVALID, 0 },
		{ "1 ", FAULT_INVALID, 0 },
		{ "1.0", FAULT_INVALID, 0 },
		{ "1e3", FAULT_INVALID, 0 },
		{ "0x10", FAULT_INVALID, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t v = 42;
		enum fault f = int_parse(span_cstr(rows[i].text), &v);

		if (f != rows[i].fault || v != (f == FAULT_NONE ? rows[i].v : 42))
			fail_msg("'%s'", rows[i].text);
	}
}

static void test_percent_decode(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *path;
		const char *query;
	} rows[] = {
		{ "", "", "" },
		{ "plain", "plain", "plain" },
		{ "a%20b+c", "a b+c", "a b c" },
		{ "%2f%2F%2b", "//+", "//+" },
		{ "%", "%", "%" },
		{ "%4", "%4", "%4" },
		{ "%4g1", "%4g1", "%4g1" },
		{ "%%41", "%A", "%A" },
		{ "%2541", "%41", "%41" },
		{ "caf%C3%a9", "caf\xc3\xa9", "caf\xc3\xa9" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(buf) struct buf b = BUF_INIT(100);

		percent_decode(&b, span_cstr(rows[i].text), false);
		assert_span(rows[i].text, buf_span(&b), span_cstr(rows[i].path));
		buf_clear(&b);
		percent_decode(&b, span_cstr(rows[i].text), true);
		assert_span(rows[i].text, buf_span(&b), span_cstr(rows[i].query));
	}
}

static void test_percent_encode(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf all = BUF_INIT(1000);
	SCOPED_DONE(buf) struct buf text = BUF_INIT(1000);
	SCOPED_DONE(buf) struct buf back = BUF_INIT(1000);

	percent_encode(&text, SPAN_LIT("aZ09-._~ /?+%\xc3\xa9"));
	assert_string_equal(buf_cstr(&text), "aZ09-._~%20%2F%3F%2B%25%C3%A9");
	buf_clear(&text);
	for (unsigned i = 0; i < 256; i++)
		buf_put_u8(&all, (uint8_t)i);
	percent_encode(&text, buf_span(&all));
	percent_decode(&back, buf_span(&text), true);
	assert_span("every byte", buf_span(&back), buf_span(&all));
}

static void test_ascii_case(void **state UNUSED)
{
	char s[] = "AZaz09@[`{\xc3\x89";

	ascii_lower_str(s);
	assert_string_equal(s, "azaz09@[`{\xc3\x89");
	assert_int_equal(ascii_upper('a'), 'A');
	assert_int_equal(ascii_upper('z'), 'Z');
	assert_int_equal(ascii_upper('{'), '{');
	assert_int_equal(ascii_lower('['), '[');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_vectors),	 cmocka_unit_test(test_base64_all_lengths),
		cmocka_unit_test(test_base64_refusals),	 cmocka_unit_test(test_base64url_stray_bits),
		cmocka_unit_test(test_base64_ceiling),	 cmocka_unit_test(test_hex),
		cmocka_unit_test(test_uuid_new),	 cmocka_unit_test(test_uuid_is_valid),
		cmocka_unit_test(test_time_both_ways),	 cmocka_unit_test(test_time_every_day),
		cmocka_unit_test(test_time_other_forms), cmocka_unit_test(test_time_refusals),
		cmocka_unit_test(test_int_parse),	 cmocka_unit_test(test_percent_decode),
		cmocka_unit_test(test_percent_encode),	 cmocka_unit_test(test_ascii_case),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
