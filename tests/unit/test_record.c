/* The stored form of records: what is written is read, later fields are skipped, broken bytes are told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/io/record.h"

#include <stdlib.h>

enum { TAG_NAME = 1, TAG_SIZE = 2, TAG_ENABLED = 3, TAG_TAGS = 4, TAG_LATER = 60000 };

struct thing {
	char name[16];
	int64_t size;
	bool is_enabled;
	size_t n_tags;
	char tags[4][16];
};

static enum fault decode_field(uint16_t tag, struct span v, struct thing *t)
{
	switch (tag) {
	case TAG_NAME:
		return record_str(v, t->name, sizeof(t->name));
	case TAG_SIZE:
		return record_int(v, &t->size);
	case TAG_ENABLED:
		return record_bool(v, &t->is_enabled);
	case TAG_TAGS:
		if (t->n_tags == ARRAY_LEN(t->tags))
			return FAULT_STORE;
		return record_str(v, t->tags[t->n_tags++], sizeof(t->tags[0]));
	default:
		return FAULT_NONE;
	}
}

/* From an allocation of exactly the bytes' size. */
static enum fault decode(struct span bytes, uint8_t reads, struct thing *t)
{
	char *copy = malloc(bytes.len == 0 ? 1 : bytes.len);
	struct record_reader r;
	struct span v;
	uint16_t tag;
	enum fault f;

	assert_non_null(copy);
	memcpy(copy, bytes.p, bytes.len);
	memset(t, 0, sizeof(*t));
	f = record_open(&r, span_of(copy, bytes.len), reads);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &v)) == FAULT_NONE)
		f = decode_field(tag, v, t);
	free(copy);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static void encode(struct buf *b, uint8_t version, uint8_t min_reader)
{
	record_begin(b, version, min_reader);
	record_put_cstr(b, TAG_NAME, "box");
	record_put(b, TAG_LATER, SPAN_LIT("from a later release"));
	record_put_int(b, TAG_SIZE, -2);
	record_put_cstr(b, TAG_TAGS, "a");
	record_put_bool(b, TAG_ENABLED, true);
	record_put(b, TAG_TAGS, SPAN_EMPTY);
	record_put_cstr(b, TAG_TAGS, "c");
}

static void test_round(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(4096);
	struct thing t;

	encode(&b, 3, 1);
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	assert_int_equal(decode(buf_span(&b), 1, &t), FAULT_NONE);
	assert_string_equal(t.name, "box");
	assert_int_equal(t.size, -2);
	assert_true(t.is_enabled);
	assert_int_equal(t.n_tags, 3);
	assert_string_equal(t.tags[0], "a");
	assert_string_equal(t.tags[1], "");
	assert_string_equal(t.tags[2], "c");
}

/* The bytes on disk are a promise to later releases. */
static void test_bytes(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(4096);

	record_begin(&b, 2, 1);
	record_put_cstr(&b, 0x0102, "ab");
	record_put_int(&b, 3, 0x1122334455667788);
	record_put_bool(&b, 4, false);
	assert_true(span_eq(buf_span(&b), SPAN_LIT("\x02\x01"
						   "\x01\x02\0\0\0\x02"
						   "ab"
						   "\0\x03\0\0\0\x08\x11\x22\x33\x44\x55\x66\x77\x88"
						   "\0\x04\0\0\0\x01\0")));
}

static void test_nested(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf inner = BUF_INIT(4096);
	SCOPED_DONE(buf) struct buf outer = BUF_INIT(4096);
	struct record_reader r;
	struct thing t;
	struct span v;
	uint16_t tag;

	encode(&inner, 1, 1);
	record_begin(&outer, 1, 1);
	record_put(&outer, 9, buf_span(&inner));
	assert_int_equal(record_open(&r, buf_span(&outer), 1), FAULT_NONE);
	assert_int_equal(record_next(&r, &tag, &v), FAULT_NONE);
	assert_int_equal(tag, 9);
	assert_int_equal(decode(v, 1, &t), FAULT_NONE);
	assert_string_equal(t.name, "box");
	assert_int_equal(record_next(&r, &tag, &v), FAULT_NOT_FOUND);
	assert_int_equal(record_next(&r, &tag, &v), FAULT_NOT_FOUND);
}

static void test_versions(void **state UNUSED)
{
	static const struct {
		const char *name;
		uint8_t version, min_reader, reads;
		enum fault fault;
	} rows[] = {
		{ "same", 1, 1, 1, FAULT_NONE },
		{ "older record", 1, 1, 2, FAULT_NONE },
		{ "newer record, readable", 9, 2, 2, FAULT_NONE },
		{ "needs a newer reader", 9, 3, 2, FAULT_STORE },
		{ "no version", 0, 0, 1, FAULT_STORE },
		{ "no lowest reader", 1, 0, 1, FAULT_STORE },
		{ "unreadable by its own writer", 1, 2, 5, FAULT_STORE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(buf) struct buf b = BUF_INIT(4096);
		struct record_reader r = { .version = 77 };

		encode(&b, rows[i].version, rows[i].min_reader);
		if (record_open(&r, buf_span(&b), rows[i].reads) != rows[i].fault)
			fail_msg("%s", rows[i].name);
		assert_int_equal(r.version, rows[i].fault == FAULT_NONE ? rows[i].version : 77);
	}
}

static void test_truncated(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(4096);
	size_t n_whole = 0;
	struct thing t;

	encode(&b, 1, 1);
	for (size_t len = 0; len <= b.len; len++) {
		enum fault f = decode(span_first(buf_span(&b), len), 1, &t);

		assert_true(f == FAULT_NONE || f == FAULT_STORE);
		n_whole += f == FAULT_NONE;
	}
	/* After the head and after each of the seven fields. */
	assert_int_equal(n_whole, 8);
}

static void test_broken(void **state UNUSED)
{
	struct thing t;

	assert_int_equal(decode(SPAN_EMPTY, 1, &t), FAULT_STORE);
	assert_int_equal(decode(SPAN_LIT("\x01\x01\0\x01\xff\xff\xff\xff"
					 "abc"),
				1, &t),
			 FAULT_STORE);
	assert_int_equal(decode(SPAN_LIT("\x01\x01\0\x01\0\0\0\x04"
					 "abc"),
				1, &t),
			 FAULT_STORE);
	assert_int_equal(decode(SPAN_LIT("\x01\x01\0\x01\0\0\0\x02"
					 "abc"),
				1, &t),
			 FAULT_STORE);
}

static void test_field_values(void **state UNUSED)
{
	char text[4] = "???";
	int64_t n = 42;
	bool is = true;

	assert_int_equal(record_int(SPAN_LIT("1234567"), &n), FAULT_STORE);
	assert_int_equal(record_int(SPAN_LIT("123456789"), &n), FAULT_STORE);
	assert_int_equal(record_int(SPAN_EMPTY, &n), FAULT_STORE);
	assert_int_equal(n, 42);
	assert_int_equal(record_int(SPAN_LIT("\x80\0\0\0\0\0\0\0"), &n), FAULT_NONE);
	assert_true(n == INT64_MIN);
	assert_int_equal(record_bool(SPAN_LIT("\x02"), &is), FAULT_STORE);
	assert_int_equal(record_bool(SPAN_LIT("\0\0"), &is), FAULT_STORE);
	assert_true(is);
	assert_int_equal(record_bool(SPAN_LIT("\0"), &is), FAULT_NONE);
	assert_false(is);
	assert_int_equal(record_str(SPAN_LIT("abcd"), text, sizeof(text)), FAULT_STORE);
	assert_int_equal(record_str(SPAN_LIT("a\0b"), text, sizeof(text)), FAULT_STORE);
	assert_string_equal(text, "???");
	assert_int_equal(record_str(SPAN_LIT("abc"), text, sizeof(text)), FAULT_NONE);
	assert_string_equal(text, "abc");
	assert_int_equal(record_str(span_of(NULL, 0), text, sizeof(text)), FAULT_NONE);
	assert_string_equal(text, "");
}

static void test_ceiling(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(16);

	record_begin(&b, 1, 1);
	record_put_cstr(&b, 1, "longer than sixteen");
	record_put_bool(&b, 2, true);
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),	     cmocka_unit_test(test_bytes),     cmocka_unit_test(test_nested),
		cmocka_unit_test(test_versions),     cmocka_unit_test(test_truncated), cmocka_unit_test(test_broken),
		cmocka_unit_test(test_field_values), cmocka_unit_test(test_ceiling),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
