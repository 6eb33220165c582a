/* The proxy's head parser, and the table of where names lead. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "identityd/proxy/target.h"

static const struct head_row {
	const char *name, *head;
	enum proxy_form form;
	const char *host;
	uint16_t port;
} head_rows[] = {
	{ "connect", "CONNECT a.example:443 HTTP/1.1\r\n\r\n", PROXY_CONNECT, "a.example", 443 },
	{ "connect, version 1.0", "CONNECT a:1 HTTP/1.0\r\n\r\n", PROXY_CONNECT, "a", 1 },
	{ "connect, IPv6", "CONNECT [::1]:443 HTTP/1.1\r\n\r\n", PROXY_CONNECT, "[::1]", 443 },
	{ "connect, headers", "CONNECT a:443 HTTP/1.1\r\nHost: b:1\r\n\r\n", PROXY_CONNECT, "a", 443 },
	{ "connect without a port", "CONNECT a.example HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, port 0", "CONNECT a:0 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, port too large", "CONNECT a:65536 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, port much too large", "CONNECT a:4294967739 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, port with a sign", "CONNECT a:-443 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, empty port", "CONNECT a: HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, empty host", "CONNECT :443 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, two ports", "CONNECT a:443:443 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, user", "CONNECT u@a:443 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, path", "CONNECT a:443/x HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "connect, escape", "CONNECT a%2eb:443 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "method in lower case", "connect a:443 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "absolute", "GET http://a/b?c HTTP/1.1\r\n\r\n", PROXY_ABSOLUTE, "a", 80 },
	{ "absolute, port", "GET http://a:8090/b HTTP/1.1\r\n\r\n", PROXY_ABSOLUTE, "a", 8090 },
	{ "absolute, no path", "GET http://a HTTP/1.1\r\n\r\n", PROXY_ABSOLUTE, "a", 80 },
	{ "absolute, query alone", "GET http://a?b/c HTTP/1.1\r\n\r\n", PROXY_ABSOLUTE, "a", 80 },
	{ "absolute, scheme in capitals", "GET HTTP://a/ HTTP/1.1\r\n\r\n", PROXY_ABSOLUTE, "a", 80 },
	{ "absolute, https", "GET https://a/ HTTP/1.1\r\n\r\n", PROXY_ABSOLUTE, "a", 443 },
	{ "absolute, user", "GET http://169.254.169.254@a/ HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "absolute, no host", "GET http:///x HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "absolute, other scheme", "GET ftp://a/ HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "absolute, backslash", "GET http://a\\b/ HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "direct", "GET /metadata HTTP/1.1\r\n\r\n", PROXY_DIRECT, "", 0 },
	{ "direct, asterisk", "OPTIONS * HTTP/1.1\r\n\r\n", PROXY_DIRECT, "", 0 },
	{ "version 2", "CONNECT a:443 HTTP/2\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "no version", "CONNECT a:443\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "two blanks", "CONNECT  a:443 HTTP/1.1\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "line feed alone", "CONNECT a:443 HTTP/1.1\nX: y\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "TLS", "\x16\x03\x01\x02\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "empty line", "\r\n\r\n", PROXY_BROKEN, "", 0 },
	{ "empty", "", PROXY_BROKEN, "", 0 },
};

static void test_heads(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(head_rows); i++) {
		const struct head_row *r = &head_rows[i];
		struct proxy_head h;

		proxy_head_parse(span_cstr(r->head), &h);
		if (h.form != r->form || !span_eq_cstr(h.host, r->host) || (r->port != 0 && h.port != r->port))
			fail_msg("%s: form %d, host %.*s, port %u", r->name, h.form, SPAN_ARG(h.host), h.port);
	}
}

/* A NUL ends no name. */
static void test_nul_in_a_host(void **state UNUSED)
{
	struct proxy_head h;

	proxy_head_parse(SPAN_LIT("CONNECT management.azure.com\0.example:443 HTTP/1.1\r\n\r\n"), &h);
	assert_int_equal(h.form, PROXY_BROKEN);
}

static const struct target_row {
	const char *line;
	enum proxy_place place;
} target_rows[] = {
	{ "CONNECT management.azure.com:443", PROXY_VAULTD },
	{ "CONNECT Management.Azure.Com:443", PROXY_VAULTD },
	{ "CONNECT my-vault.vault.azure.net:443", PROXY_VAULTD },
	{ "CONNECT registry.azurecr.io:443", PROXY_VAULTD },
	{ "CONNECT localhost:8443", PROXY_VAULTD },
	{ "CONNECT my-vault.vault.localhost:8443", PROXY_VAULTD },
	{ "CONNECT my-vault.vault.localhost:443", PROXY_VAULTD },
	{ "CONNECT registry.azurecr.localhost:8443", PROXY_VAULTD },
	{ "CONNECT registry.azurecr.localhost:443", PROXY_VAULTD },
	{ "CONNECT login.microsoftonline.com:443", PROXY_LOGIN },
	{ "CONNECT login.windows.net:443", PROXY_LOGIN },
	{ "CONNECT sts.windows.net:443", PROXY_LOGIN },
	{ "CONNECT graph.microsoft.com:443", PROXY_LOGIN },
	{ "CONNECT localhost:8444", PROXY_LOGIN },
	{ "GET http://169.254.169.254/metadata/instance", PROXY_IMDS },
	{ "GET http://169.254.169.254:80/metadata/instance", PROXY_IMDS },
	{ "GET http://127.0.0.1:8090/msi/token", PROXY_IMDS },
	{ "GET http://localhost:8090/msi/token", PROXY_IMDS },

	{ "CONNECT management.azure.com:80", PROXY_NOWHERE },
	{ "CONNECT management.azure.com:8443", PROXY_NOWHERE },
	{ "CONNECT management.azure.com.:443", PROXY_NOWHERE },
	{ "CONNECT eastus.management.azure.com:443", PROXY_NOWHERE },
	{ "CONNECT management.azure.com.example:443", PROXY_NOWHERE },
	{ "CONNECT vault.azure.net:443", PROXY_NOWHERE },
	{ "CONNECT .vault.azure.net:443", PROXY_NOWHERE },
	{ "CONNECT a.b.vault.azure.net:443", PROXY_NOWHERE },
	{ "CONNECT my-vault.vault.azure.net:8443", PROXY_NOWHERE },
	{ "CONNECT notvault.azure.net:443", PROXY_NOWHERE },
	{ "CONNECT my-vault.vault.localhost:8444", PROXY_NOWHERE },
	{ "CONNECT localhost:443", PROXY_NOWHERE },
	{ "CONNECT localhost:8090", PROXY_NOWHERE },
	{ "CONNECT localhost:22", PROXY_NOWHERE },
	{ "CONNECT 127.0.0.1:8443", PROXY_NOWHERE },
	{ "CONNECT [::1]:8443", PROXY_NOWHERE },
	{ "CONNECT 169.254.169.254:80", PROXY_NOWHERE },
	{ "CONNECT example.com:443", PROXY_NOWHERE },
	{ "GET http://169.254.169.254:8090/", PROXY_NOWHERE },
	{ "GET https://169.254.169.254:80/", PROXY_NOWHERE },
	{ "GET http://127.0.0.1:8443/", PROXY_NOWHERE },
	{ "GET http://127.0.0.1/", PROXY_NOWHERE },
	{ "GET http://management.azure.com/", PROXY_NOWHERE },
	{ "GET https://management.azure.com/", PROXY_NOWHERE },
	{ "GET http://example.com/", PROXY_NOWHERE },
};

static enum proxy_place place_of(const char *line, const struct endpoints *at)
{
	SCOPED_DONE(buf) struct buf head = BUF_INIT(1024);
	struct proxy_head h;

	buf_printf(&head, "%s HTTP/1.1\r\n\r\n", line);
	proxy_head_parse(buf_span(&head), &h);
	if (h.host.len == 0)
		fail_msg("%s", line);
	return proxy_place_of(&h, at);
}

static void test_targets(void **state UNUSED)
{
	const struct endpoints at = { .tls_port = 8443, .login_port = 8444, .imds_port = 8090 };

	for (size_t i = 0; i < ARRAY_LEN(target_rows); i++)
		if (place_of(target_rows[i].line, &at) != target_rows[i].place)
			fail_msg("%s", target_rows[i].line);
}

/* A daemon that has not said where it is has no port of its own, not port 0. */
static void test_before_vaultd(void **state UNUSED)
{
	const struct endpoints at = { .login_port = 8444, .imds_port = 8090 };
	SCOPED_DONE(buf) struct buf text = BUF_INIT(4096);

	assert_int_equal(place_of("CONNECT localhost:8443", &at), PROXY_NOWHERE);
	assert_int_equal(place_of("CONNECT v.vault.azure.net:443", &at), PROXY_VAULTD);
	proxy_places_write(&text, &at);
	assert_null(strstr(buf_cstr(&text), ":0"));
	assert_non_null(strstr(buf_cstr(&text), "NAME.vault.azure.net:443"));
	assert_non_null(strstr(buf_cstr(&text), "localhost:8444"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_nul_in_a_host),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_before_vaultd),
	};

	return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
