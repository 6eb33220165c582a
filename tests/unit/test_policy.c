/* Decision tables of policy/: each row a case, each deny reason reached, and what must never happen. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/plain/base.h"
#include "policy/access_policy.h"
#include "policy/lifetime.h"
#include "policy/refusal.h"

#define T1 "aaaabbbb-0000-cccc-1111-dddd2222eeee"
#define T2 "bbbbcccc-0000-cccc-1111-dddd2222eeee"
#define ALICE "00000000-0000-0000-0000-00000000000a"
#define BOB "00000000-0000-0000-0000-00000000000b"
#define APP "00000000-0000-0000-0000-0000000000aa"
#define GET ACTION_BIT(ACTION_KEYS_GET)
#define WRAP ACTION_BIT(ACTION_KEYS_WRAP)

static struct access_policy_rule rule(const char *tenant, const char *object, const char *app, action_set keys)
{
	return (struct access_policy_rule){ span_cstr(tenant), span_cstr(object), span_cstr(app), keys };
}

struct policy_case {
	const char *name;
	struct {
		const char *tenant, *object, *app;
		action_set keys;
	} rules[3];
	size_t n_rules;
	const char *tenant, *object, *app;
	bool is_on_behalf_of;
	enum action action;
	enum verdict_kind kind;
	enum reason reason;
	size_t deciding;
};

static const struct policy_case policy_cases[] = {
	{ "an empty world denies",
	  { { "", "", "", 0 } },
	  0,
	  T1,
	  ALICE,
	  APP,
	  false,
	  ACTION_KEYS_GET,
	  VERDICT_DENY,
	  REASON_ACCESS_POLICY_NO_ENTRY,
	  VERDICT_NO_RULE },
	{ "nobody is denied even by an entry for nobody",
	  { { T1, "", "", GET } },
	  1,
	  T1,
	  "",
	  "",
	  false,
	  ACTION_KEYS_GET,
	  VERDICT_DENY,
	  REASON_NO_CALLER,
	  VERDICT_NO_RULE },
	{ "no tenant is nobody",
	  { { "", ALICE, "", GET } },
	  1,
	  "",
	  ALICE,
	  "",
	  false,
	  ACTION_KEYS_GET,
	  VERDICT_DENY,
	  REASON_NO_CALLER,
	  VERDICT_NO_RULE },
	{ "the entry grants",
	  { { T1, ALICE, "", GET } },
	  1,
	  T1,
	  ALICE,
	  APP,
	  false,
	  ACTION_KEYS_GET,
	  VERDICT_ALLOW,
	  REASON_ACCESS_POLICY,
	  0 },
	{ "the entry lacks it",
	  { { T1, ALICE, "", GET } },
	  1,
	  T1,
	  ALICE,
	  APP,
	  false,
	  ACTION_KEYS_WRAP,
	  VERDICT_DENY,
	  REASON_ACCESS_POLICY_NO_PERMISSION,
	  0 },
	{ "somebody else's entry",
	  { { T1, BOB, "", GET } },
	  1,
	  T1,
	  ALICE,
	  APP,
	  false,
	  ACTION_KEYS_GET,
	  VERDICT_DENY,
	  REASON_ACCESS_POLICY_NO_ENTRY,
	  VERDICT_NO_RULE },
	{ "another tenant's entry",
	  { { T2, ALICE, "", GET } },
	  1,
	  T1,
	  ALICE,
	  APP,
	  false,
	  ACTION_KEYS_GET,
	  VERDICT_DENY,
	  REASON_ACCESS_POLICY_NO_ENTRY,
	  VERDICT_NO_RULE },
	{ "the second of two entries grants",
	  { { T1, ALICE, "", GET }, { T1, ALICE, "", WRAP } },
	  2,
	  T1,
	  ALICE,
	  APP,
	  false,
	  ACTION_KEYS_WRAP,
	  VERDICT_ALLOW,
	  REASON_ACCESS_POLICY,
	  1 },
	{ "a compound entry does not serve the object alone",
	  { { T1, ALICE, APP, GET } },
	  1,
	  T1,
	  ALICE,
	  APP,
	  false,
	  ACTION_KEYS_GET,
	  VERDICT_DENY,
	  REASON_ACCESS_POLICY_NO_ENTRY,
	  VERDICT_NO_RULE },
	{ "a compound entry serves the user through the application",
	  { { T1, ALICE, APP, GET } },
	  1,
	  T1,
	  ALICE,
	  APP,
	  true,
	  ACTION_KEYS_GET,
	  VERDICT_ALLOW,
	  REASON_ACCESS_POLICY,
	  0 },
	{ "a compound entry for another application",
	  { { T1, ALICE, BOB, GET } },
	  1,
	  T1,
	  ALICE,
	  APP,
	  true,
	  ACTION_KEYS_GET,
	  VERDICT_DENY,
	  REASON_ACCESS_POLICY_NO_ENTRY,
	  VERDICT_NO_RULE },
};

static void same_by_index(const struct access_policy_rule *rules, size_t n, const struct access_policy_query *q)
{
	struct access_policy_index index;
	struct verdict listed = access_policy_decide(rules, n, q), found;

	assert_int_equal(access_policy_index_make(rules, n, &index), FAULT_NONE);
	found = access_policy_decide_indexed(&index, q);
	access_policy_index_done(&index);
	assert_int_equal(found.kind, listed.kind);
	assert_int_equal(found.reason, listed.reason);
	assert_true(found.rule == listed.rule);
}

static void access_policy_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(policy_cases); i++) {
		const struct policy_case *c = &policy_cases[i];
		struct access_policy_rule rules[3];
		struct access_policy_query q = { span_cstr(c->tenant), span_cstr(c->object), span_cstr(c->app),
						 c->is_on_behalf_of, c->action };
		struct verdict v;

		for (size_t r = 0; r < c->n_rules; r++)
			rules[r] = rule(c->rules[r].tenant, c->rules[r].object, c->rules[r].app, c->rules[r].keys);
		v = access_policy_decide(rules, c->n_rules, &q);
		same_by_index(rules, c->n_rules, &q);
		if (v.kind != c->kind || v.reason != c->reason || v.rule != c->deciding)
			fail_msg("%s: got %d %s rule %zu", c->name, (int)v.kind, reason_name(v.reason), v.rule);
	}
}

/* Whatever the rules are, taking one away never turns a deny into an allow. */
static void removing_a_grant_never_allows(void **state UNUSED)
{
	static const char *const objects[] = { ALICE, BOB };
	uint32_t x = 12345;

	for (int round = 0; round < 20000; round++) {
		struct access_policy_rule rules[4], fewer[3];
		struct access_policy_query q = { span_cstr(T1), span_cstr(ALICE), span_cstr(APP), false,
						 ACTION_KEYS_GET };
		size_t gone;

		for (size_t r = 0; r < 4; r++) {
			x = x * 1664525u + 1013904223u;
			rules[r] = rule((x >> 8) % 2 ? T1 : T2, objects[(x >> 9) % 2], (x >> 10) % 2 ? "" : APP,
					(x >> 11) % 8);
		}
		x = x * 1664525u + 1013904223u;
		gone = (x >> 16) % 4;
		q.action = (enum action)((x >> 20) % 3);
		for (size_t r = 0, w = 0; r < 4; r++)
			if (r != gone)
				fewer[w++] = rules[r];
		if (access_policy_decide(rules, 4, &q).kind != VERDICT_ALLOW)
			assert_int_not_equal(access_policy_decide(fewer, 3, &q).kind, VERDICT_ALLOW);
		same_by_index(rules, 4, &q);
	}
}

static void words_and_actions(void **state UNUSED)
{
	assert_int_equal(action_set_of_word(SPAN_LIT("wrapKey")), WRAP);
	assert_int_equal(action_set_of_word(SPAN_LIT("WRAPKEY")), WRAP);
	assert_int_equal(action_set_of_word(SPAN_LIT("wrap")), 0);
	assert_int_equal(action_set_of_word(SPAN_EMPTY), 0);
	assert_true((action_set_of_word(SPAN_LIT("all")) & GET) != 0);
	assert_true((action_set_of_word(SPAN_LIT("all")) & ACTION_BIT(ACTION_KEYS_PURGE)) == 0);
	for (unsigned a = 0; a < ACTION_COUNT; a++) {
		assert_int_equal(action_set_of_word(span_cstr(action_policy_word((enum action)a))), ACTION_BIT(a));
		assert_non_null(strstr(action_rbac_string((enum action)a), "Microsoft.KeyVault/vaults/key"));
	}
	assert_string_equal(action_rbac_string(ACTION_KEYS_WRAP), "Microsoft.KeyVault/vaults/keys/wrap/action");
}

#define ALL_OPS ((1u << KEY_OP_COUNT) - 1)

struct use_case {
	const char *name;
	struct key_state key;
	unsigned allowed;   /* bits of enum key_operation */
	enum reason reason; /* of the others */
};

enum { NOW = 1000 };
#define BIT(o) (1u << (o))

static const struct use_case use_cases[] = {
	{ "an enabled key", { .key_ops = ALL_OPS, .enabled = true }, ALL_OPS, REASON_NONE },
	{ "no key_ops", { .key_ops = 0, .enabled = true }, 0, REASON_KEY_OPERATION_NOT_LISTED },
	{ "wrap only",
	  { .key_ops = BIT(KEY_OP_WRAP), .enabled = true },
	  BIT(KEY_OP_WRAP),
	  REASON_KEY_OPERATION_NOT_LISTED },
	{ "disabled",
	  { .key_ops = ALL_OPS, .enabled = false },
	  BIT(KEY_OP_ENCRYPT) | BIT(KEY_OP_VERIFY) | BIT(KEY_OP_WRAP),
	  REASON_KEY_DISABLED },
	{ "not yet valid",
	  { .key_ops = ALL_OPS, .enabled = true, .has_nbf = true, .nbf_s = NOW + 1 },
	  BIT(KEY_OP_DECRYPT) | BIT(KEY_OP_VERIFY) | BIT(KEY_OP_UNWRAP),
	  REASON_KEY_NOT_YET_VALID },
	{ "valid from this second",
	  { .key_ops = ALL_OPS, .enabled = true, .has_nbf = true, .nbf_s = NOW },
	  ALL_OPS,
	  REASON_NONE },
	{ "expired this second",
	  { .key_ops = ALL_OPS, .enabled = true, .has_exp = true, .exp_s = NOW },
	  BIT(KEY_OP_DECRYPT) | BIT(KEY_OP_VERIFY) | BIT(KEY_OP_UNWRAP),
	  REASON_KEY_EXPIRED },
	{ "valid one more second",
	  { .key_ops = ALL_OPS, .enabled = true, .has_exp = true, .exp_s = NOW + 1 },
	  ALL_OPS,
	  REASON_NONE },
};

static void key_use_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(use_cases); i++) {
		for (unsigned op = 0; op < KEY_OP_COUNT; op++) {
			const struct use_case *c = &use_cases[i];
			struct verdict v = key_use_decide(&c->key, (enum key_operation)op, NOW);
			bool should = (c->allowed & BIT(op)) != 0;

			if ((v.kind == VERDICT_ALLOW) != should || v.reason != (should ? REASON_KEY_USABLE : c->reason))
				fail_msg("%s, %s: got %d %s", c->name, key_operation_word((enum key_operation)op),
					 (int)v.kind, reason_name(v.reason));
		}
	}
}

static void recovery_levels(void **state UNUSED)
{
	assert_string_equal(recovery_level(90, false), "Recoverable+Purgeable");
	assert_string_equal(recovery_level(90, true), "Recoverable");
	assert_string_equal(recovery_level(89, false), "CustomizedRecoverable+Purgeable");
	assert_string_equal(recovery_level(7, true), "CustomizedRecoverable");
	assert_int_equal(purge_decide(true).kind, VERDICT_DENY);
	assert_int_equal(purge_decide(true).reason, REASON_PURGE_PROTECTED);
	assert_int_equal(purge_decide(false).kind, VERDICT_ALLOW);
}

static const struct {
	const char *name;
	struct key_change change;
	int64_t delay_s, now_s;
	enum key_phase phase;
} phases[] = {
	{ "no delay, this very second", { true, NOW }, 0, NOW, KEY_SETTLED },
	{ "a key never deleted", { false, 0 }, 10, NOW, KEY_SETTLED },
	{ "a key never deleted, at the beginning of time", { false, 0 }, 10, 0, KEY_SETTLED },
	{ "just deleted", { true, NOW }, 10, NOW, KEY_BEING_DELETED },
	{ "the last second of a deletion", { true, NOW - 9 }, 10, NOW, KEY_BEING_DELETED },
	{ "deleted", { true, NOW - 10 }, 10, NOW, KEY_SETTLED },
	{ "just recovered", { false, NOW }, 10, NOW, KEY_BEING_RECOVERED },
	{ "recovered", { false, NOW - 10 }, 10, NOW, KEY_SETTLED },
	{ "long ago", { true, 1 }, 10, INT64_MAX, KEY_SETTLED },
	{ "a clock set back", { true, NOW + 1 }, 10, NOW, KEY_SETTLED },
};

static void key_phases(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(phases); i++)
		if (key_phase(&phases[i].change, phases[i].delay_s, phases[i].now_s) != phases[i].phase)
			fail_msg("%s", phases[i].name);
}

static void reasons_have_names(void **state UNUSED)
{
	for (int r = REASON_NONE; r <= REASON_TOKEN_SCOPE; r++) {
		assert_string_not_equal(reason_name((enum reason)r), "unknown");
		for (int other = REASON_NONE; other < r; other++)
			assert_string_not_equal(reason_name((enum reason)r), reason_name((enum reason)other));
	}
}

static void refusals_have_names(void **state UNUSED)
{
	for (int r = REFUSAL_NONE + 1; r < REFUSAL_COUNT; r++) {
		const char *name = refusal_name((enum refusal)r);

		assert_string_not_equal(name, "unknown");
		/* No other one, and no reason of a decision, has it. */
		assert_int_equal(refusal_named(span_cstr(name)), r);
		for (int other = REASON_NONE; other <= REASON_TOKEN_SCOPE; other++)
			assert_string_not_equal(name, reason_name((enum reason)other));
	}
	assert_int_equal(refusal_named(SPAN_LIT("none")), REFUSAL_NONE);
	assert_int_equal(refusal_named(SPAN_EMPTY), REFUSAL_NONE);
	assert_string_equal(refusal_name(REFUSAL_COUNT), "unknown");
}

static void verdict_words(void **state UNUSED)
{
	static const struct {
		struct verdict v;
		const char *word;
	} rows[] = {
		{ { VERDICT_DENY, REASON_NONE, VERDICT_NO_RULE }, "none" },
		{ { VERDICT_ALLOW, REASON_NET_OPEN, VERDICT_NO_RULE }, "allow" },
		{ { VERDICT_DENY, REASON_KEY_EXISTS, VERDICT_NO_RULE }, "deny" },
		{ { VERDICT_CANNOT_TELL, REASON_NET_VNET_RULE, 0 }, "cannot-tell" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(verdict_word(&rows[i].v), rows[i].word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_policy_table), cmocka_unit_test(removing_a_grant_never_allows),
		cmocka_unit_test(words_and_actions),   cmocka_unit_test(key_use_table),
		cmocka_unit_test(recovery_levels),     cmocka_unit_test(key_phases),
		cmocka_unit_test(reasons_have_names),  cmocka_unit_test(refusals_have_names),
		cmocka_unit_test(verdict_words),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
