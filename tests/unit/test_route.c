/* Path patterns against the paths that clients send. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/io/route.h"
#include "vaultd/vaultd.h"

struct route_case {
	const char *name, *pattern, *path;
	bool matches;
	const char *captures; /* "name=value;…" */
};

static const struct route_case cases[] = {
	{ "literal", "/keys", "/keys", true, "" },
	{ "literal, trailing slash", "/keys", "/keys/", true, "" },
	{ "literal, other case", "/keys", "/KEYS", true, "" },
	{ "literal, longer", "/keys", "/keys/a", false, "" },
	{ "one name", "/keys/{n}", "/keys/a", true, "n=a;" },
	{ "name missing", "/keys/{n}", "/keys/", false, "" },
	{ "doubled slash in front", "/keys/{n}", "//keys/a", true, "n=a;" },
	{ "doubled slash inside", "/keys/restore", "/keys//restore", true, "" },
	{ "version empty by trailing slash", "/keys/{n}/{v?}", "/keys/a/", true, "n=a;v=;" },
	{ "version absent", "/keys/{n}/{v?}", "/keys/a", true, "n=a;v=;" },
	{ "version given", "/keys/{n}/{v?}", "/keys/a/b", true, "n=a;v=b;" },
	{ "version too many", "/keys/{n}/{v?}", "/keys/a/b/c", false, "" },
	{ "operation, version given", "/keys/{n}/{v?}/wrapkey", "/keys/a/b/wrapkey", true, "n=a;v=b;" },
	{ "operation, version empty", "/keys/{n}/{v?}/wrapkey", "/keys/a//wrapkey", true, "n=a;v=;" },
	{ "operation, version absent", "/keys/{n}/{v?}/wrapkey", "/keys/a/wrapkey", true, "n=a;v=;" },
	{ "operation, other case", "/keys/{n}/{v?}/wrapkey", "/keys/a/b/wrapKey", true, "n=a;v=b;" },
	{ "operation, a key of that name", "/keys/{n}/{v?}/wrapkey", "/keys/wrapkey/wrapkey", true, "n=wrapkey;v=;" },
	{ "operation missing", "/keys/{n}/{v?}/wrapkey", "/keys/a/b", false, "" },
	{ "escapes are decoded", "/keys/{n}", "/keys/a%24b", true, "n=a$b;" },
	{ "an escaped slash stays in its segment", "/keys/{n}", "/keys/a%2Fb", true, "n=a/b;" },
	{ "the rest", "/secrets/{r*}", "/secrets/a/b/", true, "r=a/b/;" },
	{ "the rest may be nothing", "/secrets/{r*}", "/secrets", true, "r=;" },
	{ "a head", "/{h*}/keys/{n}", "/a/b/keys/c", true, "h=a/b;n=c;" },
	{ "a head may be nothing", "/{h*}/keys/{n}", "/keys/c", true, "h=;n=c;" },
	{ "a head takes as little as it can", "/{h*}/keys/{r*}", "/a/keys/keys/b", true, "h=a;r=keys/b;" },
	{ "a head takes what it must", "/{h*}/keys/{n}", "/a/keys/keys/b", true, "h=a/keys;n=b;" },
	{ "a head with nothing after it", "/{h*}/keys/{n}", "/a/keys", false, "" },
	{ "no path", "/keys", "", false, "" },
	{ "root", "/keys", "/", false, "" },
};

static void captures_text(const struct route_match *m, char *out, size_t cap)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < m->n; i++)
		at += (size_t)snprintf(out + at, cap - at, "%.*s=%.*s;", SPAN_ARG(m->capture[i].name),
				       SPAN_ARG(m->capture[i].value));
}

static void route_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct route_path path;
		struct route_match m = { .n = 0 };
		struct pool pool;
		char text[256];
		bool matches;

		pool_init(&pool, 1 << 16);
		assert_int_equal(route_split(span_cstr(cases[i].path), &path), FAULT_NONE);
		matches = route_match(cases[i].pattern, &path, &pool, &m);
		captures_text(&m, text, sizeof(text));
		if (matches != cases[i].matches || (matches && strcmp(text, cases[i].captures) != 0))
			fail_msg("%s: %d \"%s\"", cases[i].name, matches, text);
		pool_done(&pool);
	}
}

static void too_many_segments(void **state UNUSED)
{
	char path[4 * ROUTE_SEGMENTS_MAX] = "";
	struct route_path p;

	for (size_t i = 0; i < ROUTE_SEGMENTS_MAX + 1; i++)
		strcat(path, "/a");
	assert_int_equal(route_split(span_cstr(path), &p), FAULT_INVALID);
}

static const struct {
	const char *host;
	enum door door;
	const char *vault, *suffix;
} hosts[] = {
	{ "v.vault.localhost:8443", DOOR_VAULT, "v", "vault.localhost:8443" },
	{ "v.vault.localhost", DOOR_VAULT, "v", "vault.localhost" },
	{ "V.Vault.Localhost:8443", DOOR_VAULT, "V", "Vault.Localhost:8443" },
	{ "my-vault.vault.azure.net", DOOR_VAULT, "my-vault", "vault.azure.net" },
	{ "localhost:8443", DOOR_ARM, "", "" },
	{ "127.0.0.1:1", DOOR_ARM, "", "" },
	{ "[::1]:8443", DOOR_ARM, "", "" },
	{ "management.azure.com", DOOR_ARM, "", "" },
	{ "vault.localhost:8443", DOOR_UNKNOWN, "", "" },
	{ "a.b.vault.localhost:8443", DOOR_UNKNOWN, "", "" },
	{ ".vault.localhost:8443", DOOR_UNKNOWN, "", "" },
	{ "v.vault.localhost.example", DOOR_UNKNOWN, "", "" },
	{ "", DOOR_UNKNOWN, "", "" },
};

static void host_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		struct host_parts p;

		host_split(span_cstr(hosts[i].host), &p);
		if (p.door != hosts[i].door || !span_eq_cstr(p.vault, hosts[i].vault) ||
		    !span_eq_cstr(p.suffix, hosts[i].suffix))
			fail_msg("%s: door %d vault %.*s suffix %.*s", hosts[i].host, (int)p.door, SPAN_ARG(p.vault),
				 SPAN_ARG(p.suffix));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_table),
		cmocka_unit_test(too_many_segments),
		cmocka_unit_test(host_table),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
