/* Everything that holds bytes: span, buf, secret, pool, and the message in struct err. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/buf.h"
#include "common/plain/clock.h"
#include "common/plain/fault.h"
#include "common/plain/pool.h"
#include "common/plain/rng.h"
#include "common/plain/secret.h"
#include "common/plain/span.h"

static const struct {
	const char *name;
	const char *s;
	const char *head;
	const char *tail; /* NULL: no such character */
} rows_cut[] = {
	{ "in the middle", "a=b", "a", "b" },
	{ "the first counts", "a=b=c", "a", "b=c" },
	{ "at the start", "=b", "", "b" },
	{ "at the end", "a=", "a", "" },
	{ "alone", "=", "", "" },
	{ "absent", "ab", "ab", NULL },
	{ "empty", "", "", NULL },
};

static void test_span_cut(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_cut); i++) {
		struct span head;
		struct span tail = span_cut(span_cstr(rows_cut[i].s), '=', &head);

		if (!span_eq_cstr(head, rows_cut[i].head) || !span_eq_cstr(tail, rows_cut[i].tail) ||
		    (tail.p == NULL) != (rows_cut[i].tail == NULL))
			fail_msg("%s", rows_cut[i].name);
	}
	/* Cutting on to the end: the usual loop, over its own variable. */
	struct span rest = SPAN_LIT("x,y,z");
	struct span piece;
	int n = 0;
	while (rest.p != NULL) {
		rest = span_cut(rest, ',', &piece);
		n++;
	}
	assert_int_equal(n, 3);
	assert_true(span_eq_cstr(piece, "z"));
}

static void test_span_nocase(void **state UNUSED)
{
	assert_true(span_eq_nocase(SPAN_LIT("Content-Type"), SPAN_LIT("content-tYPE")));
	assert_true(span_eq_nocase(SPAN_EMPTY, SPAN_LIT("")));
	assert_false(span_eq_nocase(SPAN_LIT("abc"), SPAN_LIT("ab")));
	assert_false(span_eq_nocase(SPAN_LIT("ab"), SPAN_LIT("abc")));
	assert_false(span_eq_nocase(SPAN_LIT("@"), SPAN_LIT("`")));
	assert_false(span_eq_nocase(SPAN_LIT("\xc3\x89"), SPAN_LIT("\xc3\xa9")));
	assert_true(span_starts_nocase(SPAN_LIT("BEARER abc"), SPAN_LIT("Bearer ")));
	assert_true(span_starts_nocase(SPAN_LIT("x"), SPAN_EMPTY));
	assert_false(span_starts_nocase(SPAN_LIT("Bear"), SPAN_LIT("Bearer ")));
}

static void test_span_parts(void **state UNUSED)
{
	assert_true(span_eq_cstr(span_from(SPAN_LIT("abc"), 1), "bc"));
	assert_true(span_eq_cstr(span_from(SPAN_LIT("abc"), 3), ""));
	assert_true(span_eq_cstr(span_from(SPAN_LIT("abc"), 9), ""));
	assert_true(span_eq_cstr(span_first(SPAN_LIT("abc"), 2), "ab"));
	assert_true(span_eq_cstr(span_first(SPAN_LIT("abc"), 9), "abc"));
	assert_true(span_eq(span_cstr(NULL), SPAN_EMPTY));
}

static void test_buf_puts(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(1000);

	assert_string_equal(buf_cstr(&b), "");
	assert_int_equal(buf_span(&b).len, 0);
	buf_put(&b, NULL, 0);
	buf_put_span(&b, SPAN_LIT("ab"));
	buf_put_cstr(&b, "cd");
	buf_put_cstr(&b, NULL);
	buf_put_char(&b, 'e');
	buf_printf(&b, "-%d-%s", 42, "x");
	assert_string_equal(buf_cstr(&b), "abcde-42-x");
	assert_int_equal(buf_fault(&b), FAULT_NONE);

	buf_clear(&b);
	assert_string_equal(buf_cstr(&b), "");
	buf_put_u8(&b, 0x01);
	buf_put_u16(&b, 0x0203);
	buf_put_u32(&b, 0x04050607);
	buf_put_u64(&b, 0x08090a0b0c0d0e0f);
	assert_int_equal(b.len, 15);
	assert_memory_equal(b.data, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
}

static void test_buf_ceiling(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(8);

	buf_put_cstr(&b, "12345678");
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	assert_int_equal(b.cap, 9);
	assert_non_null(buf_reserve(&b, 0));
	buf_put_char(&b, '9');
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
	assert_string_equal(buf_cstr(&b), "12345678");

	buf_clear(&b);
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	buf_put_cstr(&b, "ab");
	assert_null(buf_reserve(&b, SIZE_MAX));
	/* The failure sticks, even for what would fit. */
	buf_put_char(&b, 'c');
	buf_printf(&b, "%d", 1);
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
	assert_string_equal(buf_cstr(&b), "ab");

	buf_clear(&b);
	buf_printf(&b, "%s", "12345678");
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	buf_printf(&b, "%s", "9");
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
}

static void test_buf_no_room_at_all(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(0);
	SCOPED_DONE(buf) struct buf vast = BUF_INIT(SIZE_MAX);

	buf_put_cstr(&b, "");
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	buf_put_cstr(&b, "x");
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
	buf_put_cstr(&vast, "x");
	assert_null(buf_reserve(&vast, SIZE_MAX - 1));
	assert_int_equal(buf_fault(&vast), FAULT_TOO_LARGE);
}

static void test_buf_growth(void **state UNUSED)
{
	struct buf kinds[] = { BUF_INIT(100000), BUF_SECRET_INIT(100000) };

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct buf *b = &kinds[k];
		size_t cap = 0;
		size_t steps = 0;

		for (size_t i = 0; i < 100000; i++) {
			buf_put_u8(b, (uint8_t)(i % 251));
			if (b->cap != cap)
				steps++;
			cap = b->cap;
			assert_int_equal(b->data[b->len], '\0');
		}
		assert_int_equal(buf_fault(b), FAULT_NONE);
		assert_int_equal(b->cap, 100001);
		assert_true(steps < 15);
		for (size_t i = 0; i < 100000; i++)
			assert_int_equal((uint8_t)b->data[i], i % 251);
		buf_done(b);
		assert_null(b->data);
		buf_put_cstr(b, "again");
		assert_string_equal(buf_cstr(b), "again");
		buf_done(b);
	}
}

static void test_buf_secret_clear(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_SECRET_INIT(100);
	static const char zeros[9];

	buf_put_cstr(&b, "pass word");
	buf_clear(&b);
	assert_memory_equal(b.data, zeros, sizeof(zeros));
	assert_true(b.is_secret);
	assert_int_equal(b.max, 100);
}

static void test_secret(void **state UNUSED)
{
	SCOPED_DONE(secret) struct secret s = SECRET_INIT;

	assert_int_equal(secret_span(&s).len, 0);
	assert_int_equal(secret_set(&s, "key", 3), FAULT_NONE);
	assert_true(span_eq_cstr(secret_span(&s), "key"));
	assert_int_equal(secret_set(&s, s.p + 1, 2), FAULT_NONE);
	assert_true(span_eq_cstr(secret_span(&s), "ey"));
	assert_int_equal(secret_set(&s, NULL, 0), FAULT_NONE);
	assert_int_equal(s.len, 0);
	assert_int_equal(secret_alloc(&s, 4), FAULT_NONE);
	assert_memory_equal(s.p, "\0\0\0\0", 4);
	assert_int_equal(secret_alloc(&s, SIZE_MAX), FAULT_MEMORY);
	assert_null(s.p);
	assert_int_equal(s.len, 0);
	secret_done(&s);
}

static void test_wipe(void **state UNUSED)
{
	char s[] = "abcdef";

	wipe(NULL, 0);
	wipe(s + 1, 4);
	assert_memory_equal(s, "a\0\0\0\0f", sizeof(s));
}

static void test_constant_time_eq(void **state UNUSED)
{
	assert_true(constant_time_eq(SPAN_EMPTY, SPAN_EMPTY));
	assert_true(constant_time_eq(SPAN_LIT("a\0b"), SPAN_LIT("a\0b")));
	assert_false(constant_time_eq(SPAN_LIT("a\0b"), SPAN_LIT("a\0c")));
	assert_false(constant_time_eq(SPAN_LIT("xbc"), SPAN_LIT("abc")));
	assert_false(constant_time_eq(SPAN_LIT("abc"), SPAN_LIT("abcd")));
	assert_false(constant_time_eq(SPAN_LIT("\x80"), SPAN_LIT("\x00")));
}

static bool is_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

static void test_pool_pieces(void **state UNUSED)
{
	struct pool p;

	pool_init(&p, 10000000);
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 5000; n += 7) {
			unsigned char *piece = pool_alloc(&p, n);

			assert_non_null(piece);
			assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
			assert_true(is_zero(piece, n));
			memset(piece, 0xaa, n);
		}
		assert_true(p.used > 0);
		pool_reset(&p);
		assert_int_equal(p.used, 0);
	}
	pool_done(&p);
	assert_null(p.head);
	pool_done(&p);
}

/* A piece larger than a block comes first, between and last; reset keeps what can be used again. */
static void test_pool_large_pieces(void **state UNUSED)
{
	struct pool p;

	pool_init(&p, 1000000);
	for (int round = 0; round < 2; round++) {
		unsigned char *large = pool_alloc(&p, 100000);
		unsigned char *small = pool_alloc(&p, 10);
		unsigned char *next = pool_alloc(&p, 50000);
		unsigned char *after = pool_alloc(&p, 10);

		assert_true(is_zero(large, 100000) && is_zero(next, 50000));
		memset(large, 1, 100000);
		memset(next, 2, 50000);
		assert_ptr_equal(after, small + 16);
		assert_true(is_zero(small, 10) && is_zero(after, 10));
		pool_reset(&p);
	}
	assert_non_null(p.head);
	pool_done(&p);
}

static void test_pool_ceiling(void **state UNUSED)
{
	struct pool p;

	pool_init(&p, 100);
	assert_null(pool_alloc(&p, SIZE_MAX));
	assert_null(pool_alloc(&p, 200));
	assert_non_null(pool_alloc(&p, 100));
	assert_null(pool_alloc(&p, 100));
	pool_reset(&p);
	assert_non_null(pool_alloc(&p, 100));
	pool_done(&p);
	pool_init(&p, SIZE_MAX);
	assert_null(pool_alloc(&p, SIZE_MAX));
	assert_non_null(pool_alloc(&p, 1));
	pool_done(&p);
}

static void test_pool_copies(void **state UNUSED)
{
	struct pool p;
	struct span s;

	pool_init(&p, 64);
	assert_string_equal(pool_strndup(&p, "abcdef", 3), "abc");
	assert_string_equal(pool_strndup(&p, "ab", 100), "ab");
	s = pool_dup(&p, SPAN_LIT("a\0b"));
	assert_true(span_eq(s, SPAN_LIT("a\0b")));
	assert_int_equal(s.p[3], '\0');
	s = pool_dup(&p, (struct span){ NULL, 0 });
	assert_non_null(s.p);
	assert_int_equal(s.len, 0);
	s = pool_dup(&p, SPAN_LIT("full"));
	assert_null(s.p);
	assert_int_equal(s.len, 0);
	assert_null(pool_strndup(&p, "full", 4));
	pool_done(&p);
}

static void test_err_say(void **state UNUSED)
{
	struct err err = ERR_INIT;

	assert_int_equal(err_say(NULL, FAULT_DENIED, "Forbidden", "no"), FAULT_DENIED);
	assert_int_equal(err_say_inner(&err, FAULT_DENIED, "Forbidden", "ForbiddenByRbac", "no %d", 1), FAULT_DENIED);
	assert_int_equal(err.fault, FAULT_DENIED);
	assert_string_equal(err.code, "Forbidden");
	assert_string_equal(err.inner, "ForbiddenByRbac");
	assert_string_equal(err.message, "no 1");
	/* What err held may be used for what it will hold. */
	assert_int_equal(err_say(&err, FAULT_IO, err.code, "in x: %s", err.message), FAULT_IO);
	assert_string_equal(err.code, "Forbidden");
	assert_string_equal(err.inner, "");
	assert_string_equal(err.message, "in x: no 1");
}

static void test_err_cut(void **state UNUSED)
{
	struct err err = ERR_INIT;
	char text[ERR_MESSAGE_MAX + 100];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(err_say(&err, FAULT_INVALID, NULL, "%s", text), FAULT_INVALID);
	assert_int_equal(strlen(err.message), ERR_MESSAGE_MAX - 1);
	assert_string_equal(err.code, "");

	/* A character of three bytes, first one byte too long, then two, then just short enough. */
	for (size_t at = ERR_MESSAGE_MAX - 2; at >= ERR_MESSAGE_MAX - 4; at--) {
		memset(text, 'a', sizeof(text) - 1);
		memcpy(text + at, "\xe2\x82\xac", 3);
		assert_int_equal(err_say(&err, FAULT_INVALID, "", "%s", text), FAULT_INVALID);
		assert_int_equal(strlen(err.message), at == ERR_MESSAGE_MAX - 4 ? ERR_MESSAGE_MAX - 1 : at);
	}
}

static void test_fault_names(void **state UNUSED)
{
	assert_string_equal(fault_name(FAULT_NOT_FOUND), "not-found");
	for (int f = FAULT_NONE; f <= FAULT_IO; f++) {
		assert_string_not_equal(fault_name((enum fault)f), "unknown");
		for (int g = FAULT_NONE; g < f; g++)
			assert_string_not_equal(fault_name((enum fault)f), fault_name((enum fault)g));
	}
}

static void test_machine_sources(void **state UNUSED)
{
	struct clock c = clock_system();
	struct rng r = rng_system();
	unsigned char bytes[1000] = { 0 };
	int64_t before_ms = clock_mono_ms(&c);

	assert_true(clock_wall_s(&c) > 1600000000);
	assert_true(clock_mono_ms(&c) >= before_ms);
	assert_int_equal(rng_fill(&r, bytes, sizeof(bytes)), FAULT_NONE);
	/* The odds that the last 32 stay zero by chance are 2^-256. */
	assert_false(is_zero(bytes + sizeof(bytes) - 32, 32));
	assert_int_equal(rng_fill(&r, NULL, 0), FAULT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_span_cut),
		cmocka_unit_test(test_span_nocase),
		cmocka_unit_test(test_span_parts),
		cmocka_unit_test(test_buf_puts),
		cmocka_unit_test(test_buf_ceiling),
		cmocka_unit_test(test_buf_no_room_at_all),
		cmocka_unit_test(test_buf_growth),
		cmocka_unit_test(test_buf_secret_clear),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_constant_time_eq),
		cmocka_unit_test(test_pool_pieces),
		cmocka_unit_test(test_pool_large_pieces),
		cmocka_unit_test(test_pool_ceiling),
		cmocka_unit_test(test_pool_copies),
		cmocka_unit_test(test_err_say),
		cmocka_unit_test(test_err_cut),
		cmocka_unit_test(test_fault_names),
		cmocka_unit_test(test_machine_sources),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
