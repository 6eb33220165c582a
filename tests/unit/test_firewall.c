/* The vault's firewall and its list of trusted services. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "policy/firewall.h"
#include "common/model/fixture_data.h"
#include "common/model/trusted_list.h"

#define VNET "/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/n/subnets/"

struct firewall_case {
	const char *name;
	bool is_disabled, is_deny, has_bypass;
	const char *prefixes[4], *subnets[3];
	const char *peer;
	bool is_trusted;
	const char *sits_in;
	enum verdict_kind kind;
	enum reason reason;
	size_t rule;
};

#define NO_RULE VERDICT_NO_RULE

static const struct firewall_case cases[] = {
	{ "nothing set",
	  false,
	  false,
	  false,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_OPEN,
	  NO_RULE },
	{ "rules without a deny refuse nobody",
	  false,
	  false,
	  true,
	  { "10.0.0.0/8" },
	  { VNET "a" },
	  "203.0.113.9",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_OPEN,
	  NO_RULE },
	{ "deny by default",
	  false,
	  true,
	  true,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "deny by default, loopback too",
	  false,
	  true,
	  true,
	  { NULL },
	  { NULL },
	  "127.0.0.1",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "the address itself",
	  false,
	  true,
	  false,
	  { "203.0.113.9" },
	  { NULL },
	  "203.0.113.9",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_IP_RULE,
	  0 },
	{ "its neighbour",
	  false,
	  true,
	  false,
	  { "203.0.113.9" },
	  { NULL },
	  "203.0.113.10",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "last address of a /30",
	  false,
	  true,
	  false,
	  { "10.0.0.0/8", "203.0.113.4/30" },
	  { NULL },
	  "203.0.113.7",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_IP_RULE,
	  1 },
	{ "behind a /30",
	  false,
	  true,
	  false,
	  { "10.0.0.0/8", "203.0.113.4/30" },
	  { NULL },
	  "203.0.113.8",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "the widest of nested ones",
	  false,
	  true,
	  false,
	  { "10.1.0.0/16", "10.0.0.0/8", "10.1.2.0/24" },
	  { NULL },
	  "10.1.2.3",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_IP_RULE,
	  1 },
	{ "the first of equal ones",
	  false,
	  true,
	  false,
	  { "9.9.9.9", "10.0.0.0/8", "10.0.0.0/8" },
	  { NULL },
	  "10.1.2.3",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_IP_RULE,
	  1 },
	{ "IPv6 in a prefix",
	  false,
	  true,
	  false,
	  { "2001:db8::/33" },
	  { NULL },
	  "2001:db8:7fff::1",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_IP_RULE,
	  0 },
	{ "IPv6 out of it",
	  false,
	  true,
	  false,
	  { "2001:db8::/33" },
	  { NULL },
	  "2001:db8:8000::1",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "all of IPv4 is not IPv6",
	  false,
	  true,
	  false,
	  { "0.0.0.0/0" },
	  { NULL },
	  "2001:db8::1",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "a mapped peer is IPv4",
	  false,
	  true,
	  false,
	  { "10.0.0.0/8" },
	  { NULL },
	  "::ffff:10.1.2.3",
	  false,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_IP_RULE,
	  0 },
	{ "a host in the subnet",
	  false,
	  true,
	  false,
	  { NULL },
	  { VNET "b", VNET "a" },
	  "203.0.113.9",
	  false,
	  VNET "a",
	  VERDICT_ALLOW,
	  REASON_NET_VNET_RULE,
	  1 },
	{ "a host in another subnet",
	  false,
	  true,
	  false,
	  { NULL },
	  { VNET "b", VNET "a" },
	  "203.0.113.9",
	  false,
	  VNET "aa",
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "a host in no subnet",
	  false,
	  true,
	  false,
	  { NULL },
	  { "", VNET "a" },
	  "203.0.113.9",
	  false,
	  "",
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "a trusted service",
	  false,
	  true,
	  true,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  true,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_TRUSTED_SERVICE,
	  NO_RULE },
	{ "a trusted service without bypass",
	  false,
	  true,
	  false,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  true,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DEFAULT,
	  NO_RULE },
	{ "an address rule is named before the bypass",
	  false,
	  true,
	  true,
	  { "203.0.113.9" },
	  { NULL },
	  "203.0.113.9",
	  true,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_IP_RULE,
	  0 },
	{ "no public access",
	  true,
	  false,
	  true,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DISABLED,
	  NO_RULE },
	{ "no public access overrides rules",
	  true,
	  true,
	  true,
	  { "203.0.113.9" },
	  { VNET "a" },
	  "203.0.113.9",
	  false,
	  VNET "a",
	  VERDICT_DENY,
	  REASON_NET_DISABLED,
	  NO_RULE },
	{ "no public access, a trusted service",
	  true,
	  true,
	  true,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  true,
	  NULL,
	  VERDICT_ALLOW,
	  REASON_NET_TRUSTED_SERVICE,
	  NO_RULE },
	{ "no public access, no bypass",
	  true,
	  true,
	  false,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  false,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DISABLED_NO_BYPASS,
	  NO_RULE },
	{ "no public access, no bypass for a trusted service",
	  true,
	  false,
	  false,
	  { NULL },
	  { NULL },
	  "203.0.113.9",
	  true,
	  NULL,
	  VERDICT_DENY,
	  REASON_NET_DISABLED_NO_BYPASS,
	  NO_RULE },
};

static void decide_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct firewall_case *c = &cases[i];
		struct addr_prefix prefixes[4];
		struct span subnets[3], sits_in = span_cstr(c->sits_in);
		struct network_rules rules = { c->is_disabled, c->is_deny, c->has_bypass, prefixes, 0, subnets, 0 };
		struct firewall_query q = { .is_trusted = c->is_trusted,
					    .subnets = &sits_in,
					    .n_subnets = c->sits_in != NULL };
		struct firewall fw;
		struct verdict v;

		for (; rules.n_prefixes < 4 && c->prefixes[rules.n_prefixes] != NULL; rules.n_prefixes++)
			assert_int_equal(addr_prefix_parse(span_cstr(c->prefixes[rules.n_prefixes]),
							   &prefixes[rules.n_prefixes]),
					 FAULT_NONE);
		for (; rules.n_subnets < 3 && c->subnets[rules.n_subnets] != NULL; rules.n_subnets++)
			subnets[rules.n_subnets] = span_cstr(c->subnets[rules.n_subnets]);
		assert_int_equal(addr_parse(span_cstr(c->peer), &q.peer), FAULT_NONE);
		assert_int_equal(firewall_compile(&rules, &fw), FAULT_NONE);
		v = firewall_decide(&fw, &q);
		if (v.kind != c->kind || v.reason != c->reason || v.rule != c->rule)
			fail_msg("%s: got %d %s rule %zu", c->name, (int)v.kind, reason_name(v.reason), v.rule);
		firewall_done(&fw);
		assert_int_equal(firewall_decide(&fw, &q).kind, VERDICT_DENY);
	}
}

static uint32_t next(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

/* A thousand prefixes of every length around few addresses decide as trying each one does. */
static void compiled_is_as_tried(void **state UNUSED)
{
	enum { N = 1000, PEERS = 3000 };
	static struct addr_prefix prefixes[N];
	const struct network_rules rules = { .default_deny = true, .prefixes = prefixes, .n_prefixes = N };
	struct firewall fw;
	uint32_t x = 77;
	size_t n_in = 0;

	for (size_t i = 0; i < N; i++) {
		char text[ADDR_TEXT_MAX + 4];
		unsigned len = 16 + next(&x) % 17;
		uint32_t host = ((10u << 24) | (next(&x) & 0xffffff)) & ~(uint32_t)(((uint64_t)1 << (32 - len)) - 1);

		snprintf(text, sizeof(text), "%u.%u.%u.%u/%u", host >> 24, host >> 16 & 255, host >> 8 & 255,
			 host & 255, len);
		assert_int_equal(addr_prefix_parse(span_cstr(text), &prefixes[i]), FAULT_NONE);
	}
	assert_int_equal(firewall_compile(&rules, &fw), FAULT_NONE);
	for (size_t i = 0; i < PEERS; i++) {
		struct firewall_query q = { .peer = prefixes[next(&x) % N].addr };
		struct verdict v;
		bool is_in = false;

		q.peer.bytes[13] = (uint8_t)(q.peer.bytes[13] + next(&x) % 2);
		q.peer.bytes[15] = (uint8_t)(q.peer.bytes[15] - next(&x) % 2);
		for (size_t p = 0; p < N && !is_in; p++)
			is_in = addr_in_prefix(&q.peer, &prefixes[p]);
		v = firewall_decide(&fw, &q);
		assert_int_equal(v.kind == VERDICT_ALLOW, is_in);
		if (is_in)
			assert_true(addr_in_prefix(&q.peer, &prefixes[v.rule]));
		n_in += is_in;
	}
	assert_in_range(n_in, 1, PEERS - 1);
	firewall_done(&fw);
}

static struct verdict ask_prefixes(const struct addr_prefix *prefixes, size_t n, const struct firewall_query *q)
{
	const struct network_rules rules = { .default_deny = true, .prefixes = prefixes, .n_prefixes = n };
	struct firewall fw;
	struct verdict v;

	assert_int_equal(firewall_compile(&rules, &fw), FAULT_NONE);
	v = firewall_decide(&fw, q);
	firewall_done(&fw);
	return v;
}

/* Rules are taken away one after the other, to the last: whoever was kept out stays out. */
static void removing_a_rule_never_allows(void **state UNUSED)
{
	enum { N = 8, PEERS = 500 };
	struct addr_prefix prefixes[N];
	struct firewall_query q;
	uint32_t x = 5;

	for (size_t i = 0; i < PEERS; i++) {
		char text[ADDR_TEXT_MAX + 4];
		bool was_in = true;

		for (size_t p = 0; p < N; p++) {
			unsigned len = 24 + next(&x) % 9;

			snprintf(text, sizeof(text), "10.0.0.%u/%u", next(&x) & 0xff & ~(0xffu >> (len - 24)), len);
			assert_int_equal(addr_prefix_parse(span_cstr(text), &prefixes[p]), FAULT_NONE);
		}
		q = (struct firewall_query){ .peer = prefixes[next(&x) % N].addr };
		for (size_t gone = 0; gone <= N; gone++) {
			bool is_in = ask_prefixes(prefixes, N - gone, &q).kind == VERDICT_ALLOW;

			assert_true(was_in || !is_in);
			was_in = is_in;
		}
		assert_false(was_in);
	}
}

#define G "/subscriptions/s/resourcegroups/g/providers/"

static const struct {
	const char *name;
	const char *mirid;
	bool is_trusted;
} rows_trusted[] = {
	{ "a registry", G "microsoft.containerregistry/registries/r", true },
	{ "a registry in Azure's case",
	  "/subscriptions/S/resourceGroups/G/providers/Microsoft.ContainerRegistry/registries/R", true },
	{ "a storage account", G "Microsoft.Storage/storageAccounts/a", true },
	{ "a disk encryption set", G "Microsoft.Compute/diskEncryptionSets/d", true },
	{ "a database server", G "Microsoft.Sql/servers/d", true },
	{ "a user-assigned identity", G "Microsoft.ManagedIdentity/userAssignedIdentities/u", false },
	{ "a user-assigned identity named like a registry",
	  G "Microsoft.ManagedIdentity/userAssignedIdentities/registries", false },
	{ "a virtual machine", G "Microsoft.Compute/virtualMachines/devbox", false },
	{ "a web site", G "Microsoft.Web/sites/w", false },
	{ "something within a registry", G "Microsoft.ContainerRegistry/registries/r/tasks/t", false },
	{ "a registry without a name", G "Microsoft.ContainerRegistry/registries/", false },
	{ "a type without a resource", G "Microsoft.ContainerRegistry/registries", false },
	{ "a type with more to it", G "Microsoft.ContainerRegistry/registries2/r", false },
	{ "an extension of something else",
	  G "Microsoft.Compute/virtualMachines/v/providers/Microsoft.ContainerRegistry/registries/r", false },
	{ "a subscription named like a path", "/subscriptions//resourcegroups/g/providers/Microsoft.Sql/servers/d",
	  false },
	{ "no group", "/subscriptions/s/providers/Microsoft.ContainerRegistry/registries/r", false },
	{ "no slash", "subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerRegistry/registries/r", false },
	{ "no namespace", G "/registries/r", false },
	{ "only a group", "/subscriptions/s/resourcegroups/g", false },
	{ "a slash", "/", false },
	{ "no claim", "", false },
};

static void trusted_table(void **state UNUSED)
{
	const struct trusted_services none = { NULL, 0 };
	const struct trusted_service *storage;
	struct trusted_list l;
	struct err err = ERR_INIT;

	if (trusted_list_read(fixture_trusted_services(), &l, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < ARRAY_LEN(rows_trusted); i++) {
		struct span mirid = span_cstr(rows_trusted[i].mirid);

		if (trusted_service_is(&l.services, mirid) != rows_trusted[i].is_trusted)
			fail_msg("%s", rows_trusted[i].name);
		assert_false(trusted_service_is(&none, mirid));
	}
	assert_false(trusted_service_is(&l.services, (struct span){ NULL, 0 }));
	storage = trusted_service_find(&l.services, SPAN_LIT("microsoft.storage/STORAGEACCOUNTS"));
	assert_non_null(storage);
	assert_true(span_eq_cstr(storage->service, "Azure Storage"));
	assert_null(trusted_service_find(&l.services, SPAN_LIT("Microsoft.ManagedIdentity/userAssignedIdentities")));
	assert_null(trusted_service_find(&l.services, SPAN_EMPTY));
	/* Each one is found: the order of the file is not the order of looking. */
	for (size_t i = 0; i < l.services.n; i++)
		assert_ptr_equal(trusted_service_find(&l.services, l.services.at[i].type), &l.services.at[i]);
	trusted_list_done(&l);
	assert_int_equal(l.services.n, 0);
}

#define ONE "{\"type\":\"B/b\",\"service\":\"s\",\"source\":\"p\"}"

static const struct {
	const char *name, *text;
	bool is_good;
} rows_lists[] = {
	{ "no JSON", "services", false },
	{ "no services", "{\"services\":[]}", false },
	{ "no type", "{\"services\":[{\"service\":\"s\",\"source\":\"p\"}]}", false },
	{ "no namespace", "{\"services\":[{\"type\":\"b\",\"service\":\"s\",\"source\":\"p\"}]}", false },
	{ "a type of something within", "{\"services\":[{\"type\":\"B/b/c\",\"service\":\"s\",\"source\":\"p\"}]}",
	  false },
	{ "no service", "{\"services\":[{\"type\":\"B/b\",\"source\":\"p\"}]}", false },
	{ "no source", "{\"services\":[{\"type\":\"B/b\",\"service\":\"s\"}]}", false },
	{ "the same twice", "{\"services\":[" ONE ",{\"type\":\"b/B\",\"service\":\"t\",\"source\":\"p\"}]}", false },
	{ "one", "{\"services\":[" ONE "]}", true },
	{ "two", "{\"services\":[" ONE ",{\"type\":\"A/a\",\"service\":\"t\",\"source\":\"p\"}]}", true },
};

static void trusted_lists(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_lists); i++) {
		struct trusted_list l;
		enum fault f = trusted_list_read(span_cstr(rows_lists[i].text), &l, NULL);

		if ((f == FAULT_NONE) != rows_lists[i].is_good)
			fail_msg("%s: %s", rows_lists[i].name, fault_name(f));
		if (f != FAULT_NONE)
			continue;
		assert_non_null(trusted_service_find(&l.services, SPAN_LIT("b/b")));
		trusted_list_done(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide_table),
		cmocka_unit_test(compiled_is_as_tried),
		cmocka_unit_test(removing_a_rule_never_allows),
		cmocka_unit_test(trusted_table),
		cmocka_unit_test(trusted_lists),
	};

	return cmocka_run_group_tests_name("firewall", tests, NULL, NULL);
}
