#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "vaultd/arm/network_acls.h"
#include "vaultd/arm/vault_apply.h"

#define TENANT "aaaabbbb-0000-cccc-1111-dddd2222eeee"
#define NEEDED "\"tenantId\":\"" TENANT "\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"}"
#define BODY(properties) "{\"location\":\"eastus\",\"properties\":{" properties "}}"
#define POLICY                                                                                                         \
	"\"accessPolicies\":[{\"tenantId\":\"" TENANT "\",\"objectId\":\"" TENANT                                      \
	"\",\"permissions\":{\"keys\":[\"get\"]}}]"

static void test_names(void **state UNUSED)
{
	static const struct {
		const char *name;
		bool is_valid;
	} rows[] = {
		{ "kv1", true },
		{ "A-b-C-9", true },
		{ "abcdefghijklmnopqrstuvwx", true },
		{ "abcdefghijklmnopqrstuvwxy", false },
		{ "kv", false },
		{ "", false },
		{ "1kv", false },
		{ "-kv", false },
		{ "kv-", false },
		{ "k--v", false },
		{ "k_v", false },
		{ "k.v", false },
		{ "kv\xc3\xa9", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (vault_name_is_valid(span_cstr(rows[i].name)) != rows[i].is_valid)
			fail_msg("'%s'", rows[i].name);
}

static enum fault read_body(const char *text, bool is_patch, struct vault_in *in, struct err *err)
{
	SCOPED(json_doc) struct json_doc *d = NULL;
	enum fault f;

	assert_int_equal(json_parse(span_cstr(text), &d, NULL), FAULT_NONE);
	vault_in_init(in);
	f = vault_read(json_root(d), is_patch, in, err);
	in->location = SPAN_EMPTY; /* it lived in the document */
	return f;
}

static void test_refused_bodies(void **state UNUSED)
{
	static const struct {
		const char *name, *text, *code;
	} rows[] = {
		{ "no location", "{}", "LocationRequired" },
		{ "location no string", "{\"location\":1}", "InvalidRequestContent" },
		{ "odd location", "{\"location\":\"a/b\"}", "LocationNotAvailableForResourceType" },
		{ "properties no object", "{\"location\":\"x\",\"properties\":[]}", "InvalidRequestContent" },
		{ "tags no object", "{\"location\":\"x\",\"tags\":1}", "InvalidRequestContent" },
		{ "tag no string", "{\"location\":\"x\",\"tags\":{\"a\":1}}", "InvalidRequestContent" },
		{ "sku family", BODY("\"sku\":{\"family\":\"B\",\"name\":\"standard\"}"), "BadRequest" },
		{ "sku name", BODY("\"sku\":{\"family\":\"A\",\"name\":\"gold\"}"), "BadRequest" },
		{ "tenant", BODY("\"tenantId\":\"me\""), "BadRequest" },
		{ "retention 6", BODY("\"softDeleteRetentionInDays\":6"), "BadRequest" },
		{ "retention 91", BODY("\"softDeleteRetentionInDays\":91"), "BadRequest" },
		{ "retention text", BODY("\"softDeleteRetentionInDays\":\"7\""), "BadRequest" },
		{ "purge protection false", BODY("\"enablePurgeProtection\":false"), "BadRequest" },
		{ "soft delete false", BODY("\"enableSoftDelete\":false"), "BadRequest" },
		{ "flag text", BODY("\"enabledForDeployment\":\"true\""), "BadRequest" },
		{ "policies no array", BODY("\"accessPolicies\":{}"), "BadRequest" },
		{ "public access", BODY("\"publicNetworkAccess\":\"Maybe\""), "BadRequest" },
		{ "create mode", BODY("\"createMode\":\"again\""), "BadRequest" },
		{ "acls no object", BODY("\"networkAcls\":[]"), "BadRequest" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(vault_in) struct vault_in in;
		struct err err = ERR_INIT;

		if (read_body(rows[i].text, false, &in, &err) != FAULT_INVALID)
			fail_msg("%s", rows[i].name);
		if (strcmp(err.code, rows[i].code) != 0)
			fail_msg("%s: %s", rows[i].name, err.code);
	}
}

static void create(struct vault *v, const char *text, const char *api_version)
{
	SCOPED_DONE(vault_in) struct vault_in in;

	vault_init(v);
	assert_int_equal(read_body(text, false, &in, NULL), FAULT_NONE);
	assert_int_equal(vault_apply_create(v, &in, span_cstr(api_version), NULL), FAULT_NONE);
}

typedef enum fault apply(struct vault *v, struct vault_in *in, struct err *err);

static enum fault change(struct vault *v, const char *text, bool is_patch, struct err *err)
{
	SCOPED_DONE(vault_in) struct vault_in in;
	apply *how = is_patch ? vault_apply_merge : vault_apply_replace;

	assert_int_equal(read_body(text, is_patch, &in, NULL), FAULT_NONE);
	return how(v, &in, err);
}

static void test_create_defaults(void **state UNUSED)
{
	SCOPED_DONE(vault) struct vault v;

	create(&v, BODY(NEEDED ",\"vaultUri\":\"x\",\"provisioningState\":\"Succeeded\",\"networkAcls\":{}"),
	       "2022-07-01");
	assert_int_equal(v.retention_days, 90);
	assert_false(v.is_purge_protected || v.is_premium || v.public_access_disabled);
	assert_int_equal(v.rbac, TRI_UNSET);
	assert_int_equal(v.for_deployment, TRI_UNSET);
	assert_null(v.tags);
	assert_null(v.network_acls);
	assert_int_equal(v.n_policies, 0);
	assert_string_equal(v.tenant_id, TENANT);
}

static void test_rbac_default(void **state UNUSED)
{
	static const struct {
		const char *version, *properties;
		enum tristate want;
	} rows[] = {
		{ "2025-05-01", BODY(NEEDED), TRI_UNSET },
		{ "2026-02-01", BODY(NEEDED), TRI_TRUE },
		{ "2026-02-01", BODY(NEEDED ",\"enableRbacAuthorization\":false"), TRI_FALSE },
		{ "2022-07-01", BODY(NEEDED ",\"EnableRbacAuthorization\":true"), TRI_TRUE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(vault) struct vault v;

		create(&v, rows[i].properties, rows[i].version);
		assert_int_equal(v.rbac, rows[i].want);
	}
}

static void test_needed(void **state UNUSED)
{
	static const char *const rows[] = {
		BODY("\"tenantId\":\"" TENANT "\""),
		BODY("\"sku\":{\"name\":\"premium\"}"),
		BODY(""),
		BODY("\"tenantId\":\"00000000-0000-0000-0000-000000000001\",\"sku\":{\"name\":\"premium\"}," POLICY),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(vault_in) struct vault_in in;
		SCOPED_DONE(vault) struct vault v;

		vault_init(&v);
		assert_int_equal(read_body(rows[i], false, &in, NULL), FAULT_NONE);
		assert_int_equal(vault_apply_create(&v, &in, SPAN_LIT("2022-07-01"), NULL), FAULT_INVALID);
	}
}

/* PUT replaces, but what only goes forward stays. */
static void test_replace(void **state UNUSED)
{
	SCOPED_DONE(vault) struct vault v;
	struct err err = ERR_INIT;

	create(&v,
	       "{\"location\":\"x\",\"tags\":{\"a\":\"b\"},\"properties\":{" NEEDED "," POLICY
	       ",\"softDeleteRetentionInDays\":7,\"enablePurgeProtection\":true,\"enableRbacAuthorization\":true,"
	       "\"enabledForDeployment\":true,\"networkAcls\":{\"defaultAction\":\"deny\"},"
	       "\"publicNetworkAccess\":\"disabled\"}}",
	       "2022-07-01");
	assert_int_equal(v.n_policies, 1);
	assert_string_equal(v.tags, "{\"a\":\"b\"}");
	assert_true(v.public_access_disabled);
	assert_int_equal(change(&v, BODY(NEEDED), false, NULL), FAULT_NONE);
	assert_int_equal(v.n_policies, 0);
	assert_null(v.tags);
	assert_null(v.network_acls);
	assert_false(v.public_access_disabled);
	assert_int_equal(v.for_deployment, TRI_UNSET);
	assert_int_equal(v.retention_days, 7);
	assert_true(v.is_purge_protected);
	assert_int_equal(v.rbac, TRI_TRUE);
	assert_int_equal(change(&v, BODY(NEEDED ",\"softDeleteRetentionInDays\":7"), false, NULL), FAULT_NONE);
	assert_int_equal(change(&v, BODY(NEEDED ",\"softDeleteRetentionInDays\":8"), false, &err), FAULT_INVALID);
	assert_string_equal(err.code, "BadRequest");
}

static void test_merge(void **state UNUSED)
{
	SCOPED_DONE(vault) struct vault v;

	create(&v, "{\"location\":\"x\",\"tags\":{\"a\":\"b\"},\"properties\":{" NEEDED "," POLICY "}}", "2022-07-01");
	assert_int_equal(change(&v, "{}", true, NULL), FAULT_NONE);
	assert_int_equal(v.n_policies, 1);
	assert_string_equal(v.tags, "{\"a\":\"b\"}");
	assert_int_equal(change(&v,
				"{\"tags\":{},\"properties\":{\"sku\":{\"name\":\"Premium\"},\"accessPolicies\":[],"
				"\"enablePurgeProtection\":true,\"enabledForTemplateDeployment\":false}}",
				true, NULL),
			 FAULT_NONE);
	assert_int_equal(v.n_policies, 0);
	assert_string_equal(v.tags, "{}");
	assert_true(v.is_premium && v.is_purge_protected);
	assert_int_equal(v.for_template_deployment, TRI_FALSE);
	assert_int_equal(change(&v, "{\"properties\":{\"softDeleteRetentionInDays\":7}}", true, NULL), FAULT_INVALID);
}

static void test_recover_needs_little(void **state UNUSED)
{
	SCOPED_DONE(vault_in) struct vault_in in;

	assert_int_equal(read_body(BODY("\"createMode\":\"Recover\""), false, &in, NULL), FAULT_NONE);
	assert_true(in.is_recover);
}

#define SUBNET "/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N"

static void test_network_acls(void **state UNUSED)
{
	static const struct {
		const char *in;
		bool is_valid;
		const char *out; /* NULL: the default */
	} rows[] = {
		{ "{}", true, NULL },
		{ "{\"bypass\":\"azureservices\",\"defaultAction\":\"allow\",\"ipRules\":[]}", true, NULL },
		{ "{\"bypass\":\"None\"}", true,
		  "{\"bypass\":\"None\",\"defaultAction\":\"Allow\",\"ipRules\":[],\"virtualNetworkRules\":[]}" },
		{ "{\"ipRules\":[{\"value\":\"1.2.3.4\"},{\"value\":\"203.0.113.0/24\"},{\"value\":\"::1\"},"
		  "{\"value\":\"127.0.0.0/8\"}]}",
		  true,
		  "{\"bypass\":\"AzureServices\",\"defaultAction\":\"Allow\",\"ipRules\":[{\"value\":\"1.2.3.4/32\"},"
		  "{\"value\":\"203.0.113.0/24\"},{\"value\":\"::1/128\"},{\"value\":\"127.0.0.0/8\"}],"
		  "\"virtualNetworkRules\":[]}" },
		{ "{\"defaultAction\":\"Deny\",\"virtualNetworkRules\":[{\"id\":\"/Subscriptions/S" SUBNET "\"}]}",
		  true,
		  "{\"bypass\":\"AzureServices\",\"defaultAction\":\"Deny\",\"ipRules\":[],"
		  "\"virtualNetworkRules\":[{\"id\":\"/subscriptions/s/resourcegroups/g/providers/microsoft.network/"
		  "virtualnetworks/v/subnets/n\"}]}" },
		{ "{\"bypass\":null,\"defaultAction\":null,\"ipRules\":null,\"virtualNetworkRules\":null}", true,
		  NULL },
		{ "{\"bypass\":\"All\"}", false, NULL },
		{ "{\"defaultAction\":1}", false, NULL },
		{ "{\"ipRules\":{}}", false, NULL },
		{ "{\"ipRules\":[\"1.2.3.4\"]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"1.2.3.4/33\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"1.2.3.4/24\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"1.2.3.4/\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"1.2.3\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"1.2.3.4 \"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":7}]}", false, NULL },
		{ "{\"ipRules\":[{}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"1::2/129\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"10.0.0.0/8\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"172.31.255.255\"}]}", false, NULL },
		{ "{\"ipRules\":[{\"value\":\"192.168.4.0/24\"}]}", false, NULL },
		{ "{\"virtualNetworkRules\":[{}]}", false, NULL },
		{ "{\"virtualNetworkRules\":[{\"id\":\"/subscriptions/s\"}]}", false, NULL },
		{ "{\"virtualNetworkRules\":[{\"id\":\"/subscriptions/S" SUBNET "/x\"}]}", false, NULL },
		{ "{\"virtualNetworkRules\":[{\"id\":\"/subscriptions/" SUBNET "\"}]}", false, NULL },
		{ "{\"virtualNetworkRules\":[{\"id\":\"/subscriptions/S" SUBNET
		  "\",\"ignoreMissingVnetServiceEndpoint\":"
		  "\"no\"}]}",
		  false, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED(json_doc) struct json_doc *d = NULL;
		char *text = NULL;
		enum fault f;

		assert_int_equal(json_parse(span_cstr(rows[i].in), &d, NULL), FAULT_NONE);
		f = network_acls_read(json_root(d), &text, NULL);
		if ((f == FAULT_NONE) != rows[i].is_valid)
			fail_msg("%s", rows[i].in);
		if (rows[i].out == NULL)
			assert_null(text);
		else
			assert_string_equal(text, rows[i].out);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),		cmocka_unit_test(test_refused_bodies),
		cmocka_unit_test(test_create_defaults), cmocka_unit_test(test_rbac_default),
		cmocka_unit_test(test_needed),		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_merge),		cmocka_unit_test(test_recover_needs_little),
		cmocka_unit_test(test_network_acls),
	};

	return cmocka_run_group_tests_name("arm_vault_read", tests, NULL, NULL);
}
