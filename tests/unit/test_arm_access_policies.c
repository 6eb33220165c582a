#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vaultd/arm/access_policies.h"

#define TENANT "aaaabbbb-0000-cccc-1111-dddd2222eeee"
#define OID1 "00000000-0000-0000-0000-000000000001"
#define OID2 "00000000-0000-0000-0000-000000000002"
#define ENTRY(oid, permissions) "{\"tenantId\":\"" TENANT "\",\"objectId\":\"" oid "\",\"permissions\":" permissions "}"

static enum fault read_text(const char *text, struct access_policy_list *ret, struct err *err)
{
	SCOPED(json_doc) struct json_doc *d = NULL;

	assert_int_equal(json_parse(span_cstr(text), &d, NULL), FAULT_NONE);
	return access_policies_read(json_root(d), ret, err);
}

static void assert_written(const struct access_policy_list *l, const char *want)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(1 << 20);
	struct json_out o;

	json_out_init(&o, &b);
	access_policies_write(&o, NULL, l->entries, l->n);
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	assert_string_equal(buf_cstr(&b), want);
}

/* Case and order of words are kept, absent lists stay absent, ids are lower-cased, names compare without case. */
static void test_round_trip(void **state UNUSED)
{
	SCOPED_DONE(access_policy_list) struct access_policy_list l = { NULL, 0 };

	assert_int_equal(
		read_text("[{\"TenantID\":\"AAAABBBB-0000-cccc-1111-dddd2222eeee\",\"objectid\":\"" OID1
			  "\",\"applicationId\":\"" OID2 "\",\"extra\":1,\"Permissions\":{\"secrets\":[\"all\"],"
			  "\"Keys\":[\"wrapKey\",\"GET\",\"unwrapkey\"],\"storage\":[],\"certificates\":null}}]",
			  &l, NULL),
		FAULT_NONE);
	assert_written(&l, "[{\"tenantId\":\"" TENANT "\",\"objectId\":\"" OID1 "\",\"applicationId\":\"" OID2
			   "\",\"permissions\":{\"keys\":[\"wrapKey\",\"GET\",\"unwrapkey\"],\"secrets\":[\"all\"],"
			   "\"storage\":[]}}]");
	assert_int_equal(l.entries[0].keys,
			 ACTION_BIT(ACTION_KEYS_WRAP) | ACTION_BIT(ACTION_KEYS_GET) | ACTION_BIT(ACTION_KEYS_UNWRAP));
}

static void test_refusals(void **state UNUSED)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{ "no object", "[1]" },
		{ "no tenant", "[{\"objectId\":\"" OID1 "\",\"permissions\":{}}]" },
		{ "object id no GUID", "[" ENTRY("me", "{}") "]" },
		{ "no permissions", "[{\"tenantId\":\"" TENANT "\",\"objectId\":\"" OID1 "\"}]" },
		{ "permissions no object", "[" ENTRY(OID1, "[]") "]" },
		{ "list no array", "[" ENTRY(OID1, "{\"keys\":\"get\"}") "]" },
		{ "unknown word", "[" ENTRY(OID1, "{\"keys\":[\"fly\"]}") "]" },
		{ "word of another category", "[" ENTRY(OID1, "{\"secrets\":[\"wrapKey\"]}") "]" },
		{ "word no string", "[" ENTRY(OID1, "{\"keys\":[1]}") "]" },
		{ "second entry", "[" ENTRY(OID1, "{}") ",{}]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct access_policy_list l = { NULL, 0 };
		struct err err = ERR_INIT;

		if (read_text(rows[i].text, &l, &err) != FAULT_INVALID || l.n != 0 || err.message[0] == '\0')
			fail_msg("%s", rows[i].name);
	}
}

static void test_too_many(void **state UNUSED)
{
	SCOPED_DONE(access_policy_list) struct access_policy_list l = { NULL, 0 };
	SCOPED_DONE(buf) struct buf b = BUF_INIT(1 << 20);

	buf_put_char(&b, '[');
	for (int i = 0; i < VAULT_POLICIES_MAX; i++)
		buf_put_cstr(&b, ENTRY(OID1, "{}") ",");
	b.len--;
	buf_put_char(&b, ']');
	assert_int_equal(read_text(buf_cstr(&b), &l, NULL), FAULT_NONE);
	assert_int_equal(l.n, VAULT_POLICIES_MAX);
	access_policy_list_done(&l);
	b.len--;
	buf_put_cstr(&b, "," ENTRY(OID1, "{}") "]");
	assert_int_equal(read_text(buf_cstr(&b), &l, NULL), FAULT_INVALID);
}

static void test_tenant(void **state UNUSED)
{
	SCOPED_DONE(access_policy_list) struct access_policy_list l = { NULL, 0 };

	assert_int_equal(read_text("[" ENTRY(OID1, "{}") "]", &l, NULL), FAULT_NONE);
	assert_int_equal(access_policies_check_tenant(&l, TENANT, NULL), FAULT_NONE);
	assert_int_equal(access_policies_check_tenant(&l, OID1, NULL), FAULT_INVALID);
}

static const struct change_row {
	const char *name;
	enum access_policy_change change;
	const char *has, *given, *want;
	action_set keys; /* of the first entry that results */
} change_rows[] = {
	{ "add to nobody", ACCESS_POLICY_ADD, "[]", "[" ENTRY(OID1, "{\"keys\":[\"Get\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"Get\"]}") "]", ACTION_BIT(ACTION_KEYS_GET) },
	{ "add merges without case", ACCESS_POLICY_ADD, "[" ENTRY(OID1, "{\"keys\":[\"Get\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"list\",\"get\"],\"secrets\":[\"set\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"Get\",\"list\"],\"secrets\":[\"set\"]}") "]",
	  ACTION_BIT(ACTION_KEYS_GET) | ACTION_BIT(ACTION_KEYS_LIST) },
	{ "add leaves others", ACCESS_POLICY_ADD, "[" ENTRY(OID1, "{\"keys\":[\"get\"]}") "]",
	  "[" ENTRY(OID2, "{\"keys\":[\"sign\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"get\"]}") "," ENTRY(OID2, "{\"keys\":[\"sign\"]}") "]",
	  ACTION_BIT(ACTION_KEYS_GET) },
	{ "replace", ACCESS_POLICY_REPLACE, "[" ENTRY(OID1, "{\"keys\":[\"get\"],\"secrets\":[\"all\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"sign\"]}") "]", "[" ENTRY(OID1, "{\"keys\":[\"sign\"]}") "]",
	  ACTION_BIT(ACTION_KEYS_SIGN) },
	{ "remove some", ACCESS_POLICY_REMOVE, "[" ENTRY(OID1, "{\"keys\":[\"Get\",\"wrapKey\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"get\",\"sign\"]}") "]", "[" ENTRY(OID1, "{\"keys\":[\"wrapKey\"]}") "]",
	  ACTION_BIT(ACTION_KEYS_WRAP) },
	{ "remove a whole list", ACCESS_POLICY_REMOVE,
	  "[" ENTRY(OID1, "{\"keys\":[\"get\"],\"secrets\":[\"get\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"get\"]}") "]", "[" ENTRY(OID1, "{\"secrets\":[\"get\"]}") "]", 0 },
	{ "remove the last", ACCESS_POLICY_REMOVE,
	  "[" ENTRY(OID1, "{\"keys\":[\"get\"]}") "," ENTRY(OID2, "{\"keys\":[\"sign\"]}") "]",
	  "[" ENTRY(OID1, "{\"keys\":[\"get\"]}") "]", "[" ENTRY(OID2, "{\"keys\":[\"sign\"]}") "]",
	  ACTION_BIT(ACTION_KEYS_SIGN) },
	{ "remove a stranger", ACCESS_POLICY_REMOVE, "[" ENTRY(OID1, "{\"keys\":[\"get\"]}") "]",
	  "[" ENTRY(OID2, "{\"keys\":[\"get\"]}") "]", "[" ENTRY(OID1, "{\"keys\":[\"get\"]}") "]",
	  ACTION_BIT(ACTION_KEYS_GET) },
};

static void test_changes(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(change_rows); i++) {
		const struct change_row *r = &change_rows[i];
		SCOPED_DONE(access_policy_list) struct access_policy_list has = { NULL, 0 }, given = { NULL, 0 };

		print_message("%s\n", r->name);
		assert_int_equal(read_text(r->has, &has, NULL), FAULT_NONE);
		assert_int_equal(read_text(r->given, &given, NULL), FAULT_NONE);
		assert_int_equal(access_policies_change(&has, &given, r->change, NULL), FAULT_NONE);
		assert_written(&has, r->want);
		assert_int_equal(has.entries[0].keys, r->keys);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_refusals), cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_tenant),	   cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests_name("arm_access_policies", tests, NULL, NULL);
}
