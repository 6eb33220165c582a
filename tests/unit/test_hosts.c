/* Our block in a hosts file, and the URLs of the command-line client. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/io/http_url.h"
#include "sandvault/hosts_block.h"

static const struct {
	const char *name;
	const char *file, *lines, *want;
	bool changes;
} rows_merge[] = {
	{ "an empty file", "", "1 a\n", "# sandvault begin\n1 a\n# sandvault end\n", true },
	{ "after what is there", "x\n", "1 a\n", "x\n# sandvault begin\n1 a\n# sandvault end\n", true },
	{ "the last line has no end", "x", "1 a\n", "x\n# sandvault begin\n1 a\n# sandvault end\n", true },
	{ "it is there already", "# sandvault begin\n1 a\n# sandvault end\ny\n", "1 a\n",
	  "# sandvault begin\n1 a\n# sandvault end\ny\n", false },
	{ "one more", "# sandvault begin\n1 a\n# sandvault end\ny\n", "1 a\n1 b\n",
	  "# sandvault begin\n1 a\n1 b\n# sandvault end\ny\n", true },
	{ "twice the same", "", "1 a\n1 a\n", "# sandvault begin\n1 a\n# sandvault end\n", true },
	{ "the same line outside does not count", "1 a\n", "1 a\n", "1 a\n# sandvault begin\n1 a\n# sandvault end\n",
	  true },
	{ "a longer name is another", "# sandvault begin\n1 ab\n# sandvault end\n", "1 a\n",
	  "# sandvault begin\n1 ab\n1 a\n# sandvault end\n", true },
	{ "no end marker", "# sandvault begin\n1 a\n", "1 b\n", NULL, false },
};

static void test_merge(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_merge); i++) {
		SCOPED_DONE(buf) struct buf out = BUF_INIT(4096);
		bool changes = false;
		enum fault f = hosts_merge(span_cstr(rows_merge[i].file), span_cstr(rows_merge[i].lines), &out,
					   &changes);

		if ((f == FAULT_NONE) != (rows_merge[i].want != NULL))
			fail_msg("%s", rows_merge[i].name);
		if (f == FAULT_NONE &&
		    (!span_eq_cstr(buf_span(&out), rows_merge[i].want) || changes != rows_merge[i].changes))
			fail_msg("%s: %s", rows_merge[i].name, buf_cstr(&out));
	}
}

static const struct {
	const char *text;
	bool is_tls;
	const char *host, *port, *target; /* host NULL: refused */
} rows_url[] = {
	{ "http://localhost", false, "localhost", "80", "/" },
	{ "https://localhost", true, "localhost", "443", "/" },
	{ "https://localhost:8444/adfs?x=y", true, "localhost", "8444", "/adfs?x=y" },
	{ "http://127.0.0.1:8090/a", false, "127.0.0.1", "8090", "/a" },
	{ "http://[::1]:8090/", false, "::1", "8090", "/" },
	{ "http://[::1]/", false, "::1", "80", "/" },
	{ "http://[::1", false, NULL, NULL, NULL },
	{ "http://[::1]x/", false, NULL, NULL, NULL },
	{ "http:///", false, NULL, NULL, NULL },
	{ "http://h:/", false, NULL, NULL, NULL },
	{ "http://h:0/", false, NULL, NULL, NULL },
	{ "http://h:65536/", false, NULL, NULL, NULL },
	{ "http://h:8a/", false, NULL, NULL, NULL },
	{ "http://user@h/", false, NULL, NULL, NULL },
	{ "http://h/a b", false, NULL, NULL, NULL },
	{ "http://h/\r\nX: y", false, NULL, NULL, NULL },
	{ "ftp://h/", false, NULL, NULL, NULL },
	{ "", false, NULL, NULL, NULL },
};

static void test_url(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_url); i++) {
		struct http_url u;
		enum fault f = http_url_parse(rows_url[i].text, &u);

		if ((f == FAULT_NONE) != (rows_url[i].host != NULL))
			fail_msg("%s", rows_url[i].text);
		if (f != FAULT_NONE)
			continue;
		assert_int_equal(u.is_tls, rows_url[i].is_tls);
		assert_string_equal(u.host, rows_url[i].host);
		assert_string_equal(u.port, rows_url[i].port);
		assert_string_equal(u.target, rows_url[i].target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_url),
	};

	return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}
