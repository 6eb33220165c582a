/* What tokens are for, what they say, how forms are read, how long a token is given out. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/io/json.h"
#include "common/model/cloud_metadata.h"
#include "identityd/entra/claims.h"
#include "identityd/entra/form.h"
#include "identityd/entra/token_cache.h"

static const struct resource_row {
	const char *name, *resource;
	bool is_known;
} resource_rows[] = {
	{ "key vault", "https://vault.azure.net", true },
	{ "with a slash", "https://vault.azure.net/", true },
	{ "two slashes", "https://vault.azure.net//", false },
	{ "other case", "HTTPS://Vault.Azure.Net", true },
	{ "a vault of its own", "https://v.vault.azure.net", false },
	{ "longer", "https://vault.azure.net.example", false },
	{ "plain http", "http://vault.azure.net", false },
	{ "ours", "https://vault.localhost:8443", true },
	{ "ours without port", "https://vault.localhost", true },
	{ "ours, wrong port", "https://vault.localhost:8444", false },
	{ "ours, port with a tail", "https://vault.localhost:8443x", false },
	{ "ours, no port digits", "https://vault.localhost:", false },
	{ "key vault by id", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", true },
	{ "an id takes no slash", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093/", false },
	{ "arm", "https://management.azure.com/", true },
	{ "arm, older", "https://management.core.windows.net/", true },
	{ "arm, ours", "https://localhost:8443", true },
	{ "graph, ours", "https://localhost:8444/", true },
	{ "no port, no service", "https://localhost", false },
	{ "registry", "https://containerregistry.azure.net", true },
	{ "storage", "https://storage.azure.com", true },
	{ "empty", "", false },
	{ "slash", "/", false },
};

static void test_resources(void **state UNUSED)
{
	const struct endpoints at = { .tls_port = 8443, .login_port = 8444, .imds_port = 8090 };

	for (size_t i = 0; i < ARRAY_LEN(resource_rows); i++)
		if (resource_is_known(span_cstr(resource_rows[i].resource), &at) != resource_rows[i].is_known)
			fail_msg("%s", resource_rows[i].name);
}

static void test_ports_not_published(void **state UNUSED)
{
	const struct endpoints at = { .tls_port = 0 };

	assert_false(resource_is_known(SPAN_LIT("https://vault.localhost:0"), &at));
	assert_false(resource_is_known(SPAN_LIT("https://localhost:8443"), &at));
	assert_true(resource_is_known(SPAN_LIT("https://vault.azure.net"), &at));
}

static const struct scope_row {
	const char *name, *scope, *resource; /* resource NULL: refused */
} scope_rows[] = {
	{ "usual", "https://vault.azure.net/.default", "https://vault.azure.net" },
	{ "double slash keeps one", "https://management.core.windows.net//.default",
	  "https://management.core.windows.net/" },
	{ "by id", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093/.default", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093" },
	{ "taken off once", "https://x/.default/.default", "https://x/.default" },
	{ "blank around", " https://x/.default ", "https://x" },
	{ "words of OpenID beside it", "https://x/.default openid offline_access profile", "https://x" },
	{ "two resources", "https://x/.default https://y/.default", NULL },
	{ "no default", "https://vault.azure.net", NULL },
	{ "nothing else", "/.default", NULL },
	{ "a permission", "https://graph.microsoft.com/User.Read", NULL },
};

static void test_scopes(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(scope_rows); i++) {
		const struct scope_row *r = &scope_rows[i];
		struct span got = SPAN_EMPTY;
		enum fault f = resource_of_scope(span_cstr(r->scope), &got);

		if (r->resource == NULL ? f != FAULT_INVALID : !span_eq_cstr(got, r->resource))
			fail_msg("%s: '%.*s'", r->name, SPAN_ARG(got));
	}
}

static enum fault fill_count(void *arg, void *p, size_t n)
{
	memset(p, (*(int *)arg)++, n);
	return FAULT_NONE;
}

#define HOST_ID "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/devbox"
#define HOST_ID_LOW "/subscriptions/s/resourcegroups/RG/providers/Microsoft.Compute/virtualMachines/devbox"
#define MI_ID "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"

static const struct claims_row {
	const char *name;
	enum principal_kind kind;
	const char *resource_id;
	const char *appidacr, *mirid, *az_rid; /* NULL: absent */
} claims_rows[] = {
	{ "application", PRINCIPAL_APPLICATION, "", "1", NULL, NULL },
	{ "user-assigned", PRINCIPAL_USER_ASSIGNED, MI_ID, "2", MI_ID, HOST_ID_LOW },
	{ "system-assigned", PRINCIPAL_SYSTEM_ASSIGNED, HOST_ID, "2", HOST_ID_LOW, NULL },
};

static void assert_claim(const char *row, const struct json *doc, const char *claim, const char *want)
{
	struct span got = json_string(json_get(doc, claim));

	if (want == NULL ? json_get(doc, claim) != NULL : !span_eq_cstr(got, want))
		fail_msg("%s: %s is '%.*s'", row, claim, SPAN_ARG(got));
}

static void check_claims(const struct claims_row *r)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(8192);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct principal p = { .object_id = "oid-1", .app_id = "app-1", .kind = r->kind };
	struct claims c;
	int count = 1;
	const struct rng rng = { fill_count, &count };

	snprintf(p.resource_id, sizeof(p.resource_id), "%s", r->resource_id);
	claims_init(&c, SPAN_LIT("ten"), &p, SPAN_LIT(HOST_ID), SPAN_LIT("https://vault.azure.net"));
	claims_set_times(&c, 10000, 3599);
	assert_int_equal(claims_write(&c, &rng, &text), FAULT_NONE);
	assert_int_equal(json_parse(buf_span(&text), &doc, NULL), FAULT_NONE);
	assert_claim(r->name, json_root(doc), "aud", "https://vault.azure.net");
	assert_claim(r->name, json_root(doc), "iss", "https://sts.windows.net/ten/");
	assert_claim(r->name, json_root(doc), "idp", "https://sts.windows.net/ten/");
	assert_claim(r->name, json_root(doc), "appid", "app-1");
	assert_claim(r->name, json_root(doc), "oid", "oid-1");
	assert_claim(r->name, json_root(doc), "sub", "oid-1");
	assert_claim(r->name, json_root(doc), "tid", "ten");
	assert_claim(r->name, json_root(doc), "idtyp", "app");
	assert_claim(r->name, json_root(doc), "ver", "1.0");
	assert_claim(r->name, json_root(doc), "appidacr", r->appidacr);
	assert_claim(r->name, json_root(doc), "xms_mirid", r->mirid);
	assert_claim(r->name, json_root(doc), "xms_az_rid", r->az_rid);
	/* The published sample: 65 minutes from issue to expiry for an expires_in of 3599. */
	assert_int_equal(json_int(json_get(json_root(doc), "exp")) - json_int(json_get(json_root(doc), "iat")), 3900);
	assert_int_equal(json_int(json_get(json_root(doc), "nbf")), json_int(json_get(json_root(doc), "iat")));
	assert_true(span_starts_nocase(json_string(json_get(json_root(doc), "rh")), SPAN_LIT("0.")));
	assert_int_equal(json_string(json_get(json_root(doc), "uti")).len, 22);
}

static void test_claims(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(claims_rows); i++)
		check_claims(&claims_rows[i]);
}

static void test_header(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(256);

	assert_int_equal(claims_write_header("K", &text), FAULT_NONE);
	assert_string_equal(buf_cstr(&text), "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5t\":\"K\",\"kid\":\"K\"}");
}

static void test_form(void **state UNUSED)
{
	SCOPED_DONE(form) struct form f = { .n = 0 };

	assert_int_equal(form_parse(SPAN_LIT("a=1&b=x%20y+z&&a=2&%63=d&empty=&lone&bad=%zz"), &f), FAULT_NONE);
	assert_true(span_eq_cstr(form_get(&f, "a"), "1"));
	assert_true(span_eq_cstr(form_get(&f, "b"), "x y z"));
	assert_true(span_eq_cstr(form_get(&f, "c"), "d"));
	assert_true(span_eq_cstr(form_get(&f, "bad"), "%zz"));
	assert_null(form_get(&f, "empty").p);
	assert_null(form_get(&f, "lone").p);
	assert_null(form_get(&f, "none").p);
	form_done(&f);
	assert_int_equal(form_parse(SPAN_EMPTY, &f), FAULT_NONE);
	assert_null(form_get(&f, "a").p);
}

static void test_form_is_bounded(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf body = BUF_INIT(4096);
	SCOPED_DONE(form) struct form f = { .n = 0 };

	for (int i = 0; i < 2 * FORM_PAIRS_MAX; i++)
		buf_printf(&body, "k%d=%d&", i, i);
	assert_int_equal(form_parse(buf_span(&body), &f), FAULT_NONE);
	assert_int_equal(f.n, FORM_PAIRS_MAX);
	assert_true(span_eq_cstr(form_get(&f, "k63"), "63"));
	assert_null(form_get(&f, "k64").p);
}

static void test_token_cache(void **state UNUSED)
{
	struct token_cache *c = token_cache_new(300);
	const struct cached_token *hit;
	char key[32];

	assert_non_null(c);
	token_cache_put(c, SPAN_LIT("a"), SPAN_LIT("token-a"), 700, 5000);
	hit = token_cache_get(c, SPAN_LIT("a"), 1000);
	assert_non_null(hit);
	assert_true(span_eq_cstr(secret_span(&hit->text), "token-a"));
	assert_null(token_cache_get(c, SPAN_LIT("b"), 1000));
	assert_non_null(token_cache_get(c, SPAN_LIT("a"), 4699));
	assert_null(token_cache_get(c, SPAN_LIT("a"), 4700)); /* five minutes left */
	assert_null(token_cache_get(c, SPAN_LIT("a"), 699));  /* the clock went back */
	token_cache_put(c, SPAN_LIT("a"), SPAN_LIT("token-b"), 4400, 9000);
	hit = token_cache_get(c, SPAN_LIT("a"), 4700);
	assert_true(hit != NULL && span_eq_cstr(secret_span(&hit->text), "token-b"));
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		token_cache_put(c, span_cstr(key), SPAN_LIT("t"), 700, 5000);
	}
	assert_null(token_cache_get(c, SPAN_LIT("a"), 4700));
	assert_non_null(token_cache_get(c, SPAN_LIT("k999"), 1000));
	token_cache_free(c);
}

static const struct cloud_row {
	const char *name, *version, *starts; /* starts NULL: refused */
} cloud_rows[] = {
	{ "the first", "2015-01-01", "{\"galleryEndpoint\":" },
	{ "before arrays", "2018-05-01", "{\"galleryEndpoint\":" },
	{ "array", "2019-05-01", "[{\"name\":\"Sandvault\"," },
	{ "array still", "2020-06-01", "[{\"name\":\"Sandvault\"," },
	{ "object", "2022-09-01", "{\"name\":\"Sandvault\"," },
	{ "later", "2023-11-01", "{\"name\":\"Sandvault\"," },
	{ "preview", "2022-09-01-preview", "{\"name\":\"Sandvault\"," },
	{ "no date", "latest", NULL },
	{ "date with a tail", "2022-09-011", NULL },
	{ "empty", "", NULL },
};

static void test_cloud_metadata(void **state UNUSED)
{
	const struct endpoints at = { .tls_port = 8443, .login_port = 8444, .imds_port = 8090 };

	for (size_t i = 0; i < ARRAY_LEN(cloud_rows); i++) {
		const struct cloud_row *r = &cloud_rows[i];
		SCOPED_DONE(buf) struct buf text = BUF_INIT(8192);
		SCOPED(json_doc) struct json_doc *doc = NULL;
		enum fault f = cloud_metadata_write(SPAN_LIT("localhost:8443"), &at, span_cstr(r->version), &text,
						    NULL);

		if (f != (r->starts == NULL ? FAULT_INVALID : FAULT_NONE))
			fail_msg("%s: %s", r->name, fault_name(f));
		if (f != FAULT_NONE)
			continue;
		if (json_parse(buf_span(&text), &doc, NULL) != FAULT_NONE ||
		    strncmp(buf_cstr(&text), r->starts, strlen(r->starts)) != 0 ||
		    strstr(buf_cstr(&text), "\"loginEndpoint\":\"https://localhost:8444/adfs\"") == NULL)
			fail_msg("%s: %s", r->name, buf_cstr(&text));
	}
}

static const struct azure_row {
	const char *version, *starts, *holds;
} azure_rows[] = {
	{ "2015-01-01", "{\"galleryEndpoint\":\"https://gallery.azure.com/\"",
	  "\"loginEndpoint\":\"https://login.microsoftonline.com/\"" },
	{ "2019-05-01", "[{\"portal\":", "\"loginEndpoint\":\"https://login.microsoftonline.com/\"" },
	{ "2022-09-01", "{\"portal\":", "\"loginEndpoint\":\"https://login.microsoftonline.com\"" },
};

/* Those who came by one of Azure's names hear of nothing else. */
static void test_azure_metadata(void **state UNUSED)
{
	const struct endpoints at = { .tls_port = 8443, .login_port = 8444, .imds_port = 8090 };

	for (size_t i = 0; i < ARRAY_LEN(azure_rows); i++) {
		const struct azure_row *r = &azure_rows[i];
		SCOPED_DONE(buf) struct buf text = BUF_INIT(8192);

		assert_int_equal(
			cloud_metadata_write(SPAN_LIT("management.azure.com"), &at, span_cstr(r->version), &text, NULL),
			FAULT_NONE);
		if (strncmp(buf_cstr(&text), r->starts, strlen(r->starts)) != 0 ||
		    strstr(buf_cstr(&text), r->holds) == NULL || strstr(buf_cstr(&text), "localhost") != NULL)
			fail_msg("%s: %s", r->version, buf_cstr(&text));
	}
}

static const struct host_row {
	const char *host;
	bool is_azure;
	const char *authority;
} host_rows[] = {
	{ "management.azure.com", true, "https://login.microsoftonline.com" },
	{ "management.azure.com:443", true, "https://login.microsoftonline.com" },
	{ "my-vault.vault.azure.net", true, "https://login.microsoftonline.com" },
	{ "login.windows.net", true, "https://login.microsoftonline.com" },
	{ "registry.azurecr.io", true, "https://login.microsoftonline.com" },
	{ "localhost:8443", false, "https://localhost:8444" },
	{ "my-vault.vault.localhost:8443", false, "https://localhost:8444" },
	{ "127.0.0.1:8443", false, "https://localhost:8444" },
	{ "[::1]:8443", false, "https://localhost:8444" },
	{ "vault.azure.net.localhost", false, "https://localhost:8444" },
	{ "", false, "https://localhost:8444" },
};

static void test_azure_names(void **state UNUSED)
{
	const struct endpoints at = { .login_port = 8444 };

	for (size_t i = 0; i < ARRAY_LEN(host_rows); i++) {
		const struct host_row *r = &host_rows[i];
		char authority[AUTHORITY_SIZE];

		azure_authority(span_cstr(r->host), &at, authority);
		if (azure_name_is(span_cstr(r->host)) != r->is_azure || strcmp(authority, r->authority) != 0)
			fail_msg("%s: %s", r->host, authority);
	}
}

static void test_cloud_metadata_is_whole_or_not(void **state UNUSED)
{
	const struct endpoints at = { .login_port = 8444, .imds_port = 8090 };
	SCOPED_DONE(buf) struct buf text = BUF_INIT(8192);

	assert_int_equal(cloud_metadata_write(SPAN_LIT("localhost:8443"), &at, SPAN_LIT("2022-09-01"), &text, NULL),
			 FAULT_UNAVAILABLE);
	assert_int_equal(text.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resources),	cmocka_unit_test(test_ports_not_published),
		cmocka_unit_test(test_scopes),		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_header),		cmocka_unit_test(test_form),
		cmocka_unit_test(test_form_is_bounded), cmocka_unit_test(test_token_cache),
		cmocka_unit_test(test_azure_metadata),	cmocka_unit_test(test_azure_names),
		cmocka_unit_test(test_cloud_metadata),	cmocka_unit_test(test_cloud_metadata_is_whole_or_not),
	};

	return cmocka_run_group_tests_name("entra", tests, NULL, NULL);
}
