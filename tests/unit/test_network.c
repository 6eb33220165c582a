/* Network rules from a stored vault to a decision, the caller's host among them; and where a request comes from. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/fixture_data.h"
#include "common/model/network.h"
#include "common/model/trusted_list.h"
#include "tests/support/test_world.h"
#include "vaultd/client_address.h"
#include "vaultd/keyvault/kv.h"
#include "vaultd/settings.h"

#define SUBNET "/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/v/subnets/n"
#define SUBNET_AS_SENT "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N"
#define IN_GROUP "/subscriptions/s/resourcegroups/g/providers/"
#define USER_ASSIGNED IN_GROUP "Microsoft.ManagedIdentity/userAssignedIdentities/id"
#define REGISTRY IN_GROUP "Microsoft.ContainerRegistry/registries/r"

#define ACLS(bypass, action, ip, vnet)                                                                                 \
	"{\"bypass\":\"" bypass "\",\"defaultAction\":\"" action "\",\"ipRules\":[" ip                                 \
	"],\"virtualNetworkRules\":[" vnet "]}"

static struct addr addr(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(span_cstr(text), &a), FAULT_NONE);
	return a;
}

/* A vault whose rules are those; the text stays the caller's. */
static enum fault compile(const char *acls, bool is_disabled, struct firewall *ret)
{
	struct vault v;

	vault_init(&v);
	v.network_acls = acls == NULL ? NULL : strdup(acls);
	v.public_access_disabled = is_disabled;
	enum fault f = network_compile(&v, ret);

	vault_done(&v);
	return f;
}

static const struct {
	const char *name, *acls;
	bool is_disabled;
	const char *from, *mirid, *az_rid; /* az_rid "devbox": the default host */
	enum reason reason;
} decisions[] = {
	{ "nothing said", NULL, false, "203.0.113.9", "", "", REASON_NET_OPEN },
	{ "an address", ACLS("None", "Deny", "{\"value\":\"203.0.113.9/32\"}", ""), false, "203.0.113.9", "", "",
	  REASON_NET_IP_RULE },
	{ "a prefix", ACLS("None", "Deny", "{\"value\":\"203.0.113.0/24\"}", ""), false, "203.0.113.9", "", "",
	  REASON_NET_IP_RULE },
	{ "IPv6", ACLS("None", "Deny", "{\"value\":\"2001:db8::/32\"}", ""), false, "2001:db8::7", "", "",
	  REASON_NET_IP_RULE },
	{ "another address", ACLS("None", "Deny", "{\"value\":\"203.0.113.8\"}", ""), false, "203.0.113.9", "", "",
	  REASON_NET_DEFAULT },
	{ "a trusted service", ACLS("AzureServices", "Deny", "", ""), false, "127.0.0.5", REGISTRY, "",
	  REASON_NET_TRUSTED_SERVICE },
	{ "a trusted service where none is let past", ACLS("None", "Deny", "", ""), false, "127.0.0.5", REGISTRY, "",
	  REASON_NET_DEFAULT },
	{ "a user-assigned identity of a trusted resource", ACLS("AzureServices", "Deny", "", ""), false, "127.0.0.5",
	  USER_ASSIGNED, REGISTRY, REASON_NET_DEFAULT },
	{ "a machine's own identity", ACLS("AzureServices", "Deny", "", ""), false, "127.0.0.5",
	  IN_GROUP "Microsoft.Compute/virtualMachines/devbox", "", REASON_NET_DEFAULT },
	{ "no public access", NULL, true, "127.0.0.5", "", "", REASON_NET_DISABLED },
	{ "no public access, with a rule", ACLS("AzureServices", "Deny", "{\"value\":\"127.0.0.5\"}", ""), true,
	  "127.0.0.5", "", "", REASON_NET_DISABLED },
	{ "no public access, a trusted service", NULL, true, "127.0.0.5", REGISTRY, "", REASON_NET_TRUSTED_SERVICE },
	{ "no public access, no bypass", ACLS("None", "Allow", "", ""), true, "127.0.0.5", REGISTRY, "",
	  REASON_NET_DISABLED_NO_BYPASS },
	{ "a host in the subnet, by its own identity", ACLS("None", "Deny", "", "{\"id\":\"" SUBNET "\"}"), false,
	  "127.0.0.5", "devbox", "", REASON_NET_VNET_RULE },
	{ "a host in the subnet, by a user-assigned identity", ACLS("None", "Deny", "", "{\"id\":\"" SUBNET "\"}"),
	  false, "127.0.0.5", USER_ASSIGNED, "devbox", REASON_NET_VNET_RULE },
	{ "a host in another subnet", ACLS("None", "Deny", "", "{\"id\":\"" SUBNET "2\"}"), false, "127.0.0.5",
	  "devbox", "", REASON_NET_DEFAULT },
	{ "a host unknown here", ACLS("None", "Deny", "", "{\"id\":\"" SUBNET "\"}"), false, "127.0.0.5", USER_ASSIGNED,
	  REGISTRY, REASON_NET_DEFAULT },
	{ "no host at all", ACLS("None", "Deny", "", "{\"id\":\"" SUBNET "\"}"), false, "127.0.0.5", "", "",
	  REASON_NET_DEFAULT },
};

static void put_claim(char *out, size_t cap, const char *what, const struct host *h)
{
	snprintf(out, cap, "%s", strcmp(what, "devbox") == 0 ? h->resource_id : what);
}

static void test_decisions(void **state)
{
	struct test_world *fx = *state;
	struct txn *t = test_world_begin(fx, TXN_WRITE);
	struct trusted_list trusted;
	struct host h;

	assert_int_equal(trusted_list_read(fixture_trusted_services(), &trusted, NULL), FAULT_NONE);
	assert_int_equal(host_get(t, SPAN_LIT(HOST_DEFAULT_ID), &h), FAULT_NONE);
	h.n_subnets = 1;
	snprintf(h.subnets[0], sizeof(h.subnets[0]), SUBNET_AS_SENT);
	assert_int_equal(host_put(t, &h), FAULT_NONE);
	for (size_t i = 0; i < ARRAY_LEN(decisions); i++) {
		struct caller c = { .tenant_id = "" };
		struct addr from = addr(decisions[i].from);
		struct firewall fw;
		struct verdict v;

		put_claim(c.xms_mirid, sizeof(c.xms_mirid), decisions[i].mirid, &h);
		put_claim(c.xms_az_rid, sizeof(c.xms_az_rid), decisions[i].az_rid, &h);
		assert_int_equal(compile(decisions[i].acls, decisions[i].is_disabled, &fw), FAULT_NONE);
		assert_int_equal(kv_firewall_decide(&trusted.services, t, &fw, &c, &from, &v), FAULT_NONE);
		if (v.reason != decisions[i].reason)
			fail_msg("%s: got %s", decisions[i].name, reason_name(v.reason));
		firewall_done(&fw);
	}
	trusted_list_done(&trusted);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	/* The record keeps what it was given. */
	t = test_world_begin(fx, TXN_READ);
	memset(&h, 0, sizeof(h));
	assert_int_equal(host_get(t, SPAN_LIT(HOST_DEFAULT_ID), &h), FAULT_NONE);
	assert_int_equal(h.n_subnets, 1);
	assert_string_equal(h.subnets[0], SUBNET_AS_SENT);
	assert_int_equal(host_by_resource_id(t, SPAN_LIT("/nobody"), &h), FAULT_NOT_FOUND);
	assert_int_equal(host_by_resource_id(t, SPAN_EMPTY, &h), FAULT_NOT_FOUND);
	txn_abort(t);
}

/* Bytes in the store that no vault of ours has: undecidable, which is not an open door. */
static void test_broken_rules(void **state UNUSED)
{
	static const char *const broken[] = {
		"{",
		"[]",
		"{}",
		ACLS("Everybody", "Deny", "", ""),
		ACLS("None", "Maybe", "", ""),
		ACLS("None", "Deny", "{\"value\":\"1.2.3\"}", ""),
		ACLS("None", "Deny", "{\"value\":\"1.2.3.4/8\"}", ""),
		ACLS("None", "Deny", "7", ""),
		ACLS("None", "Deny", "", "{}"),
	};
	struct firewall fw;

	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		if (compile(broken[i], false, &fw) != FAULT_STORE)
			fail_msg("%s", broken[i]);
}

static void test_cached_rules(void **state)
{
	struct test_world *fx = *state;
	struct vault_cache *c = vault_cache_new();
	const struct cached_vault *cv = NULL;
	struct addr from = addr("127.0.0.5");
	struct firewall_query q = { .peer = from };
	struct vault v;
	struct txn *t = test_world_begin(fx, TXN_WRITE);

	assert_non_null(c);
	vault_init(&v);
	snprintf(v.name, sizeof(v.name), "kv1");
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	t = test_world_begin(fx, TXN_READ);
	assert_int_equal(vault_cache_get(c, t, SPAN_LIT("KV1"), &cv), FAULT_NONE);
	assert_int_equal(firewall_decide(&cv->firewall, &q).reason, REASON_NET_OPEN);
	txn_abort(t);

	t = test_world_begin(fx, TXN_WRITE);
	v.network_acls = strdup(ACLS("None", "Deny", "", ""));
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	t = test_world_begin(fx, TXN_READ);
	assert_int_equal(vault_cache_get(c, t, SPAN_LIT("kv1"), &cv), FAULT_NONE);
	assert_int_equal(firewall_decide(&cv->firewall, &q).reason, REASON_NET_DEFAULT);
	txn_abort(t);
	vault_done(&v);
	vault_cache_free(c);
}

static void test_subnet_ids(void **state UNUSED)
{
	assert_true(network_is_subnet_id(SPAN_LIT(SUBNET)));
	assert_true(network_is_subnet_id(SPAN_LIT(SUBNET_AS_SENT)));
	assert_false(network_is_subnet_id(SPAN_LIT(SUBNET "/")));
	assert_false(network_is_subnet_id(SPAN_LIT(SUBNET "/x")));
	assert_false(network_is_subnet_id(SPAN_LIT("x" SUBNET)));
	assert_false(network_is_subnet_id(
		SPAN_LIT("/subscriptions//resourceGroups/g/providers/Microsoft.Network/virtualNetworks/"
			 "v/subnets/n")));
	assert_false(network_is_subnet_id(SPAN_LIT(IN_GROUP "Microsoft.Network/virtualNetworks/v")));
	assert_false(network_is_subnet_id(SPAN_EMPTY));
}

static const struct {
	const char *name, *peer, *forwarded_for, *client;
} hops[] = {
	{ "no proxy", "203.0.113.9", "198.51.100.1", "203.0.113.9" },
	{ "no proxy, nothing said", "203.0.113.9", "", "203.0.113.9" },
	{ "a proxy that says nothing", "127.0.0.7", "", "127.0.0.7" },
	{ "one hop", "127.0.0.7", "198.51.100.1", "198.51.100.1" },
	{ "what the client made up is left alone", "127.0.0.7", "127.0.0.1, 198.51.100.1", "198.51.100.1" },
	{ "two proxies", "127.0.0.7", "192.0.2.1,198.51.100.1,2001:db8::1", "198.51.100.1" },
	{ "proxies all the way", "127.0.0.7", "127.0.0.7,2001:db8::1", "127.0.0.7" },
	{ "blanks and tabs", "127.0.0.7", " \t198.51.100.1 \t", "198.51.100.1" },
	{ "a port", "127.0.0.7", "198.51.100.1:4711", "198.51.100.1" },
	{ "IPv6", "127.0.0.7", "2001:db9::1", "2001:db9::1" },
	{ "IPv6 in brackets", "127.0.0.7", "[2001:db9::1]", "2001:db9::1" },
	{ "IPv6 with a port", "127.0.0.7", "[2001:db9::1]:80", "2001:db9::1" },
	{ "no address", "127.0.0.7", "198.51.100.1, unknown", "127.0.0.7" },
	{ "an open bracket", "127.0.0.7", "[2001:db9::1", "127.0.0.7" },
	{ "behind the bracket", "127.0.0.7", "[2001:db9::1]x", "127.0.0.7" },
	{ "an empty hop", "127.0.0.7", "198.51.100.1,", "127.0.0.7" },
	{ "commas alone", "127.0.0.7", ",,,", "127.0.0.7" },
};

static void test_client_address(void **state UNUSED)
{
	char *items[] = { "127.0.0.7", "2001:db8::/32" };
	struct setting_list list = { items, ARRAY_LEN(items) };
	struct addr_prefix *proxies = NULL;

	assert_int_equal(settings_prefixes(&list, &proxies, NULL), FAULT_NONE);
	for (size_t i = 0; i < ARRAY_LEN(hops); i++) {
		struct addr peer = addr(hops[i].peer);
		struct addr got = client_address_behind(&peer, proxies, list.n, span_cstr(hops[i].forwarded_for));
		char text[ADDR_TEXT_MAX];

		addr_format(text, &got);
		if (strcmp(text, hops[i].client) != 0)
			fail_msg("%s: got %s", hops[i].name, text);
	}
	free(proxies);
}

static void test_bad_proxies(void **state UNUSED)
{
	static const char *const bad[] = { "", "localhost", "127.0.0.1/8", "127.0.0.0/33", "127.0.0.0/8 ", "*" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char *items[] = { "127.0.0.1", (char *)bad[i] };
		struct setting_list list = { items, 2 };
		struct addr_prefix *proxies = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(settings_prefixes(&list, &proxies, &err), FAULT_INVALID);
		assert_non_null(strstr(err.message, "trusted-proxy"));
		assert_null(proxies);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_decisions, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_cached_rules, test_world_set_up, test_world_tear_down),
		cmocka_unit_test(test_broken_rules),
		cmocka_unit_test(test_subnet_ids),
		cmocka_unit_test(test_client_address),
		cmocka_unit_test(test_bad_proxies),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
