/* Principals, groups, identities, hosts and signing keys in a real world. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/model/host.h"
#include "common/model/signing_key.h"
#include "common/model/tables.h"
#include "common/plain/text.h"
#include "tests/support/test_world.h"

/* Everything that follows sees what was committed. */
static struct txn *commit_and_begin(struct test_world *fx, struct txn *t)
{
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	return test_world_begin(fx, TXN_WRITE);
}

static struct principal app_principal(const char *object_id, const char *app_id)
{
	struct principal p = { .kind = PRINCIPAL_APPLICATION, .display_name = "app" };

	snprintf(p.object_id, sizeof(p.object_id), "%s", object_id);
	snprintf(p.app_id, sizeof(p.app_id), "%s", app_id);
	return p;
}

#define OBJECT_1 "11111111-AAAA-4000-8000-000000000001"
#define OBJECT_2 "11111111-aaaa-4000-8000-000000000002"
#define APP_1 "22222222-bbbb-4000-8000-000000000001"
#define APP_2 "22222222-bbbb-4000-8000-000000000002"

static void test_principal_found_both_ways(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct principal p = app_principal(OBJECT_1, APP_1), got;

	p.is_admin = true;
	assert_int_equal(principal_put(t, &p), FAULT_NONE);
	t = commit_and_begin(fx, t);
	assert_int_equal(principal_by_object_id(t, SPAN_LIT("11111111-aaaa-4000-8000-000000000001"), &got), FAULT_NONE);
	assert_string_equal(got.object_id, OBJECT_1);
	assert_int_equal(got.kind, PRINCIPAL_APPLICATION);
	assert_true(got.is_admin);
	assert_int_equal(principal_by_app_id(t, SPAN_LIT("22222222-BBBB-4000-8000-000000000001"), &got), FAULT_NONE);
	assert_string_equal(got.app_id, APP_1);
	assert_int_equal(principal_by_app_id(t, SPAN_LIT(APP_2), &got), FAULT_NOT_FOUND);
	assert_int_equal(principal_by_app_id(t, SPAN_EMPTY, &got), FAULT_NOT_FOUND);
	txn_abort(t);
}

static void test_principal_changes_app(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct principal p = app_principal(OBJECT_1, APP_1), other = app_principal(OBJECT_2, APP_2), got;

	assert_int_equal(principal_put(t, &p), FAULT_NONE);
	snprintf(p.app_id, sizeof(p.app_id), "%s", APP_2);
	assert_int_equal(principal_put(t, &p), FAULT_NONE);
	assert_int_equal(principal_by_app_id(t, SPAN_LIT(APP_1), &got), FAULT_NOT_FOUND);
	assert_int_equal(principal_by_app_id(t, SPAN_LIT(APP_2), &got), FAULT_NONE);
	assert_int_equal(principal_put(t, &other), FAULT_CONFLICT);
	assert_int_equal(principal_del(t, &p), FAULT_NONE);
	assert_int_equal(principal_by_app_id(t, SPAN_LIT(APP_2), &got), FAULT_NOT_FOUND);
	assert_int_equal(principal_by_object_id(t, SPAN_LIT(OBJECT_1), &got), FAULT_NOT_FOUND);
	txn_abort(t);
}

static void test_principal_secret_is_bound(void **state)
{
	struct test_world *fx = *state;
	SCOPED_DONE(secret) struct secret plain = SECRET_INIT;
	struct principal p = app_principal(OBJECT_1, APP_1), thief = app_principal(OBJECT_2, APP_2);

	assert_int_equal(principal_secret(&fx->world, &p, &plain), FAULT_NOT_FOUND);
	assert_int_equal(principal_set_secret(&fx->world, &p, SPAN_LIT("s3cret~")), FAULT_NONE);
	assert_int_equal(principal_secret(&fx->world, &p, &plain), FAULT_NONE);
	assert_true(span_eq(secret_span(&plain), SPAN_LIT("s3cret~")));
	memcpy(thief.sealed_secret, p.sealed_secret, p.sealed_secret_len);
	thief.sealed_secret_len = p.sealed_secret_len;
	assert_int_equal(principal_secret(&fx->world, &thief, &plain), FAULT_CRYPTO);
}

static struct group a_group(const char *subscription, const char *name)
{
	struct group g = { .location = "westeurope", .tags = "{\"a\":\"b\"}" };

	snprintf(g.subscription_id, sizeof(g.subscription_id), "%s", subscription);
	snprintf(g.name, sizeof(g.name), "%s", name);
	return g;
}

struct names {
	size_t n;
	char text[256];
	enum fault answer;
};

static enum fault collect_group(const struct group *g, void *arg)
{
	struct names *n = arg;
	size_t len = strlen(n->text);

	snprintf(n->text + len, sizeof(n->text) - len, "%s ", g->name);
	n->n++;
	return n->answer;
}

static void test_groups(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct group b = a_group("Sub-1", "Beta"), a = a_group("sub-1", "alpha"), far = a_group("sub-10", "x"), got;
	struct names names = { .n = 0 };

	assert_int_equal(group_put(t, &b), FAULT_NONE);
	assert_int_equal(group_put(t, &a), FAULT_NONE);
	assert_int_equal(group_put(t, &far), FAULT_NONE);
	assert_int_equal(group_get(t, SPAN_LIT("SUB-1"), SPAN_LIT("BETA"), &got), FAULT_NONE);
	assert_string_equal(got.name, "Beta");
	assert_string_equal(got.tags, "{\"a\":\"b\"}");
	assert_int_equal(group_each(t, SPAN_LIT("sub-1"), collect_group, &names), FAULT_NONE);
	assert_string_equal(names.text, "alpha Beta ");
	names = (struct names){ .answer = FAULT_NOT_FOUND };
	assert_int_equal(group_each(t, SPAN_LIT("sub-1"), collect_group, &names), FAULT_NOT_FOUND);
	assert_int_equal(names.n, 1);
	assert_int_equal(group_del(t, SPAN_LIT("sub-1"), SPAN_LIT("beta")), FAULT_NONE);
	assert_int_equal(group_del(t, SPAN_LIT("sub-1"), SPAN_LIT("beta")), FAULT_NOT_FOUND);
	/* A '/' in a name must not lead into another group's place. */
	assert_int_equal(group_get(t, SPAN_EMPTY, SPAN_LIT("sub-1/alpha"), &got), FAULT_NOT_FOUND);
	txn_abort(t);
}

static struct identity an_identity(const struct world *w, const char *group, const char *name)
{
	struct identity i = { .location = "westeurope" };

	snprintf(i.subscription_id, sizeof(i.subscription_id), "%s", w->subscription_id);
	snprintf(i.group, sizeof(i.group), "%s", group);
	snprintf(i.name, sizeof(i.name), "%s", name);
	return i;
}

static void test_identity_has_a_principal(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct identity i = an_identity(&fx->world, "Sandbox", "Acr-Id"), again;
	struct principal p;
	char id[RESOURCE_ID_SIZE];

	assert_int_equal(identity_put(&fx->world, t, &i), FAULT_NONE);
	assert_true(uuid_is_valid(span_cstr(i.client_id)));
	again = i;
	assert_int_equal(identity_put(&fx->world, t, &again), FAULT_NONE);
	assert_string_equal(again.principal_id, i.principal_id);
	identity_resource_id(id, &i);
	assert_non_null(strstr(id, "/resourcegroups/Sandbox/providers/Microsoft.ManagedIdentity/"));
	assert_int_equal(principal_by_app_id(t, span_cstr(i.client_id), &p), FAULT_NONE);
	assert_string_equal(p.resource_id, id);
	assert_int_equal(p.kind, PRINCIPAL_USER_ASSIGNED);
	assert_int_equal(identity_del(t, &i), FAULT_NONE);
	assert_int_equal(principal_by_app_id(t, span_cstr(i.client_id), &p), FAULT_NOT_FOUND);
	assert_int_equal(identity_del(t, &i), FAULT_NOT_FOUND);
	txn_abort(t);
}

static const struct id_row {
	const char *name, *id;
	enum fault want;
} id_rows[] = {
	{ "as written",
	  "/subscriptions/S/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n",
	  FAULT_NONE },
	{ "other case",
	  "/SUBSCRIPTIONS/s/resourceGroups/G/PROVIDERS/microsoft.managedidentity/userassignedidentities/N",
	  FAULT_NONE },
	{ "no slash", "subscriptions/S/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n",
	  FAULT_NOT_FOUND },
	{ "more behind",
	  "/subscriptions/S/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n/x",
	  FAULT_NOT_FOUND },
	{ "slash behind",
	  "/subscriptions/S/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n/",
	  FAULT_NOT_FOUND },
	{ "another type", "/subscriptions/S/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/n",
	  FAULT_NOT_FOUND },
	{ "longer word",
	  "/subscriptionsx/S/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/n",
	  FAULT_NOT_FOUND },
	{ "no name", "/subscriptions/S/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/",
	  FAULT_NOT_FOUND },
	{ "cut short", "/subscriptions/S/resourcegroups", FAULT_NOT_FOUND },
	{ "empty", "", FAULT_NOT_FOUND },
};

static void test_identity_by_resource_id(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct identity i = an_identity(&fx->world, "g", "n"), got;

	snprintf(i.subscription_id, sizeof(i.subscription_id), "S");
	assert_int_equal(identity_put(&fx->world, t, &i), FAULT_NONE);
	for (size_t n = 0; n < ARRAY_LEN(id_rows); n++)
		if (identity_by_resource_id(t, span_cstr(id_rows[n].id), &got) != id_rows[n].want)
			fail_msg("%s", id_rows[n].name);
	txn_abort(t);
}

static enum fault collect_identity(const struct identity *i, void *arg)
{
	struct names *n = arg;
	size_t len = strlen(n->text);

	snprintf(n->text + len, sizeof(n->text) - len, "%s ", i->name);
	return FAULT_NONE;
}

static void test_identity_each(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct identity rows[] = { an_identity(&fx->world, "two", "b"), an_identity(&fx->world, "one", "c"),
				   an_identity(&fx->world, "One", "A") };
	struct names all = { .n = 0 }, one = { .n = 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(identity_put(&fx->world, t, &rows[i]), FAULT_NONE);
	assert_int_equal(identity_each(t, span_cstr(fx->world.subscription_id), SPAN_EMPTY, collect_identity, &all),
			 FAULT_NONE);
	assert_string_equal(all.text, "A c b ");
	assert_int_equal(
		identity_each(t, span_cstr(fx->world.subscription_id), SPAN_LIT("ONE"), collect_identity, &one),
		FAULT_NONE);
	assert_string_equal(one.text, "A c ");
	txn_abort(t);
}

static void test_host(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct host *h = calloc(1, sizeof(*h)), *got = calloc(1, sizeof(*got));

	assert_non_null(h);
	assert_non_null(got);
	assert_int_equal(host_get(t, SPAN_LIT(HOST_DEFAULT_ID), got), FAULT_NONE);
	assert_true(got->attaches_all);
	assert_true(host_has_attached(got, SPAN_LIT("/anything")));
	snprintf(h->id, sizeof(h->id), "web");
	h->n_attached = 2;
	snprintf(h->attached[0], sizeof(h->attached[0]), "/a");
	snprintf(h->attached[1], sizeof(h->attached[1]), "/B");
	assert_int_equal(host_put(t, h), FAULT_NONE);
	assert_int_equal(host_get(t, SPAN_LIT("WEB"), got), FAULT_NONE);
	assert_int_equal(got->n_attached, 2);
	assert_true(host_has_attached(got, SPAN_LIT("/b")));
	assert_false(host_has_attached(got, SPAN_LIT("/c")));
	free(h);
	free(got);
	txn_abort(t);
}

static void test_identity_header_stays(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	char first[IDENTITY_HEADER_SIZE], second[IDENTITY_HEADER_SIZE];

	assert_int_equal(identity_header_ensure(&fx->world, t), FAULT_NONE);
	assert_int_equal(identity_header_get(&fx->world, t, first), FAULT_NONE);
	assert_int_equal(identity_header_ensure(&fx->world, t), FAULT_NONE);
	assert_int_equal(identity_header_get(&fx->world, t, second), FAULT_NONE);
	assert_string_equal(first, second);
	assert_true(uuid_is_valid(span_cstr(first)));
	txn_abort(t);
}

static enum fault count_key(const struct signing_key *k UNUSED, void *arg)
{
	(*(size_t *)arg)++;
	return FAULT_NONE;
}

static void test_signing_key(void **state)
{
	struct test_world *fx = *state;
	SCOPED_DONE(secret) struct secret der = SECRET_INIT;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct signing_key k = { .kid = "Kid-1", .created_s = 5, .pub = { .kty = KTY_RSA }, .cert_len = 3 }, got;
	size_t n = 0;

	k.pub.n.len = 256;
	k.pub.n.p[255] = 7;
	k.pub.e.len = 3;
	assert_int_equal(signing_key_put(&fx->world, t, &k, SPAN_LIT("private")), FAULT_NONE);
	assert_int_equal(signing_key_retire(t, SPAN_LIT("Kid-1"), 99), FAULT_NONE);
	t = commit_and_begin(fx, t);
	assert_int_equal(signing_key_get(t, SPAN_LIT("Kid-1"), &got), FAULT_NONE);
	assert_int_equal(got.retired_s, 99);
	assert_int_equal(got.pub.kty, KTY_RSA);
	assert_int_equal(got.pub.n.p[255], 7);
	/* Unlike names, a kid has case. */
	assert_int_equal(signing_key_get(t, SPAN_LIT("kid-1"), &got), FAULT_NOT_FOUND);
	assert_int_equal(signing_key_private(&fx->world, t, SPAN_LIT("Kid-1"), &der), FAULT_NONE);
	assert_true(span_eq(secret_span(&der), SPAN_LIT("private")));
	assert_int_equal(signing_key_each(t, count_key, &n), FAULT_NONE);
	assert_int_equal(n, 1);
	assert_int_equal(signing_key_del(t, SPAN_LIT("Kid-1")), FAULT_NONE);
	assert_int_equal(signing_key_retire(t, SPAN_LIT("Kid-1"), 1), FAULT_NOT_FOUND);
	k.pub.kty = KTY_EC;
	assert_int_equal(signing_key_put(&fx->world, t, &k, SPAN_LIT("private")), FAULT_INVALID);
	txn_abort(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_principal_found_both_ways, test_world_set_up,
						test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_principal_changes_app, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_principal_secret_is_bound, test_world_set_up,
						test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_groups, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_identity_has_a_principal, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_identity_by_resource_id, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_identity_each, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_host, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_identity_header_stays, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_signing_key, test_world_set_up, test_world_tear_down),
	};

	return cmocka_run_group_tests_name("identity_model", tests, NULL, NULL);
}
