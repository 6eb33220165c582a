#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/addr.h"

static const struct {
	const char *text;
	const char *shown; /* NULL: refused */
	bool is_ipv4;
	bool is_loopback;
} rows_addr[] = {
	{ "10.0.0.1", "10.0.0.1", true, false },
	{ "0.0.0.0", "0.0.0.0", true, false },
	{ "255.255.255.255", "255.255.255.255", true, false },
	{ "127.0.0.1", "127.0.0.1", true, true },
	{ "127.255.255.255", "127.255.255.255", true, true },
	{ "128.0.0.1", "128.0.0.1", true, false },
	{ "::ffff:10.0.0.1", "10.0.0.1", true, false },
	{ "::ffff:7f00:1", "127.0.0.1", true, true },
	{ "::1", "::1", false, true },
	{ "::", "::", false, false },
	{ "::2", "::2", false, false },
	{ "FE80:0:0:0:0:0:0:1", "fe80::1", false, false },
	{ "2001:db8::7f00:1", "2001:db8::7f00:1", false, false },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, false },
	{ "", NULL, false, false },
	{ "10.0.0", NULL, false, false },
	{ "10.0.0.256", NULL, false, false },
	{ "10.0.0.1.2", NULL, false, false },
	{ "10.0.0.1 ", NULL, false, false },
	{ " 10.0.0.1", NULL, false, false },
	{ "010.0.0.1", NULL, false, false },
	{ "0x7f.0.0.1", NULL, false, false },
	{ "2130706433", NULL, false, false },
	{ "localhost", NULL, false, false },
	{ "[::1]", NULL, false, false },
	{ "fe80::1%lo", NULL, false, false },
	{ "1::2::3", NULL, false, false },
	{ "10.0.0.0/8", NULL, false, false },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550", NULL, false, false },
};

static void test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_addr); i++) {
		const char *text = rows_addr[i].text;
		struct addr a;
		char out[ADDR_TEXT_MAX];
		enum fault f = addr_parse(span_cstr(text), &a);

		if (rows_addr[i].shown == NULL) {
			if (f != FAULT_INVALID)
				fail_msg("'%s' is not refused", text);
			continue;
		}
		if (f != FAULT_NONE)
			fail_msg("'%s' is refused", text);
		addr_format(out, &a);
		assert_string_equal(out, rows_addr[i].shown);
		if (addr_is_ipv4(&a) != rows_addr[i].is_ipv4 || addr_is_loopback(&a) != rows_addr[i].is_loopback)
			fail_msg("'%s' is taken for another kind", text);
	}
}

static void test_parse_span_only(void **state UNUSED)
{
	struct addr a;
	char out[ADDR_TEXT_MAX];

	assert_int_equal(addr_parse(span_of("10.0.0.123", 9), &a), FAULT_NONE);
	addr_format(out, &a);
	assert_string_equal(out, "10.0.0.12");
	assert_int_equal(addr_parse(span_of("10.0.0.1\0", 9), &a), FAULT_INVALID);
}

static const struct {
	const char *text;
	int len; /* -1: refused */
} rows_prefix[] = {
	{ "10.0.0.1", 128 },
	{ "10.0.0.1/32", 128 },
	{ "10.0.0.0/8", 104 },
	{ "203.0.113.0/24", 120 },
	{ "203.0.113.4/30", 126 },
	{ "0.0.0.0/0", 96 },
	{ "::ffff:10.0.0.0/104", 104 },
	{ "::1", 128 },
	{ "::1/128", 128 },
	{ "2001:db8::/32", 32 },
	{ "2001:db8::/33", 33 },
	{ "::/0", 0 },
	{ "10.0.0.1/8", -1 },
	{ "203.0.113.6/30", -1 },
	{ "2001:db8::1/64", -1 },
	{ "10.0.0.0/33", -1 },
	{ "::/129", -1 },
	{ "10.0.0.0/", -1 },
	{ "/8", -1 },
	{ "", -1 },
	{ "10.0.0.0/08", -1 },
	{ "10.0.0.0/+8", -1 },
	{ "10.0.0.0/-1", -1 },
	{ "10.0.0.0/8 ", -1 },
	{ "10.0.0.0/8/8", -1 },
	{ "10.0.0.0/255.0.0.0", -1 },
	{ "10.0.0.0/4294967304", -1 },
};

static void test_prefix_parse(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_prefix); i++) {
		struct addr_prefix p = { .len = 255 };
		enum fault f = addr_prefix_parse(span_cstr(rows_prefix[i].text), &p);

		if (rows_prefix[i].len < 0) {
			if (f != FAULT_INVALID || p.len != 255)
				fail_msg("'%s' is not refused", rows_prefix[i].text);
		} else if (f != FAULT_NONE || p.len != rows_prefix[i].len) {
			fail_msg("'%s': length %d", rows_prefix[i].text, p.len);
		}
	}
}

static const struct {
	const char *name;
	const char *prefix;
	const char *addr;
	bool is_in;
} rows_in[] = {
	{ "the address itself", "10.0.0.1", "10.0.0.1", true },
	{ "its neighbour", "10.0.0.1", "10.0.0.2", false },
	{ "mapped form is IPv4", "10.0.0.1", "::ffff:10.0.0.1", true },
	{ "same digits as IPv6", "10.0.0.1", "::a00:1", false },
	{ "first of a /30", "203.0.113.4/30", "203.0.113.4", true },
	{ "last of a /30", "203.0.113.4/30", "203.0.113.7", true },
	{ "before a /30", "203.0.113.4/30", "203.0.113.3", false },
	{ "behind a /30", "203.0.113.4/30", "203.0.113.8", false },
	{ "within a /8", "10.0.0.0/8", "10.255.255.255", true },
	{ "outside a /8", "10.0.0.0/8", "11.0.0.0", false },
	{ "all of IPv4", "0.0.0.0/0", "198.51.100.9", true },
	{ "all of IPv4 is not IPv6", "0.0.0.0/0", "2001:db8::1", false },
	{ "odd IPv6 length, in", "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "odd IPv6 length, out", "2001:db8::/33", "2001:db8:8000::1", false },
	{ "everything", "::/0", "2001:db8::1", true },
};

static void test_in_prefix(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_in); i++) {
		struct addr_prefix p;
		struct addr a;

		assert_int_equal(addr_prefix_parse(span_cstr(rows_in[i].prefix), &p), FAULT_NONE);
		assert_int_equal(addr_parse(span_cstr(rows_in[i].addr), &a), FAULT_NONE);
		if (addr_in_prefix(&a, &p) != rows_in[i].is_in)
			fail_msg("%s", rows_in[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_span_only),
		cmocka_unit_test(test_prefix_parse),
		cmocka_unit_test(test_in_prefix),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
