/* Roles: the decision table, and what must hold in every world. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plain/base.h"
#include "policy/rbac.h"
#include "policy/scope.h"

#define ALICE "00000000-0000-0000-0000-00000000000a"
#define BOB "00000000-0000-0000-0000-00000000000b"
#define EVERYBODY "00000000-0000-0000-0000-000000000000"
#define SUB "/subscriptions/s"
#define GROUP SUB "/resourcegroups/g"
#define VAULT GROUP "/providers/microsoft.keyvault/vaults/v"
#define KEY VAULT "/keys/k"
#define KEYS "Microsoft.KeyVault/vaults/keys/"
#define READ_VAULT "Microsoft.KeyVault/vaults/read"
#define WRITE_VAULT "Microsoft.KeyVault/vaults/write"
#define ASSIGN "Microsoft.Authorization/roleAssignments/write"

enum { NOW = 1000 };

#define PATTERNS(...)                                                                                                  \
	{                                                                                                              \
		(const struct span[]){ __VA_ARGS__ },                                                                  \
			sizeof((const struct span[]){ __VA_ARGS__ }) / sizeof(struct span)                             \
	}
#define P(s)                                                                                                           \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}
#define PERMISSIONS(...)                                                                                               \
	{                                                                                                              \
		(const struct rbac_permission[]){ __VA_ARGS__ },                                                       \
			sizeof((const struct rbac_permission[]){ __VA_ARGS__ }) / sizeof(struct rbac_permission)       \
	}

enum role {
	OWNER,
	CONTRIBUTOR,
	READER,
	CRYPTO_USER,
	OFFICER,
	SERVICE_USER,
	NO_PURGE,
	DATA_ADMIN,
	NOTHING,
	TWO_PARTS,
	N_ROLES
};

static const struct rbac_role roles[N_ROLES] = {
	[OWNER] = { P("owner"), P("Owner"), PERMISSIONS({ .actions = PATTERNS(P("*")) }) },
	[CONTRIBUTOR] = { P("contributor"), P("Contributor"),
			  PERMISSIONS({ .actions = PATTERNS(P("*")),
					.not_actions = PATTERNS(P("Microsoft.Authorization/*/Delete"),
								P("Microsoft.Authorization/*/Write")) }) },
	[READER] = { P("reader"), P("Reader"), PERMISSIONS({ .actions = PATTERNS(P("*/read")) }) },
	[CRYPTO_USER] = { P("user"), P("User"),
			  PERMISSIONS({ .data_actions = PATTERNS(P(KEYS "read"), P(KEYS "wrap/action"),
								 P(KEYS "sign/action")) }) },
	[OFFICER] = { P("officer"), P("Officer"),
		      PERMISSIONS({ .data_actions = PATTERNS(P(KEYS "*"),
							     P("Microsoft.KeyVault/vaults/keyrotationpolicies/*")) }) },
	[SERVICE_USER] = { P("service"), P("Service"),
			   PERMISSIONS({ .data_actions = PATTERNS(
						 P(KEYS "read"), P("MICROSOFT.keyvault/vaults/KEYS/*WRAP/action")) }) },
	[NO_PURGE] = { P("nopurge"), P("No purge"),
		       PERMISSIONS(
			       { .data_actions = PATTERNS(P("*")), .not_data_actions = PATTERNS(P(KEYS "purge/*")) }) },
	[DATA_ADMIN] = { P("admin"), P("Data Access Administrator"),
			 PERMISSIONS({ .actions = PATTERNS(P(ASSIGN)),
				       .data_actions = PATTERNS(P(KEYS "read")),
				       .has_condition = true },
				     { .actions = PATTERNS(P(READ_VAULT)) }) },
	[NOTHING] = { P("nothing"), P("Nothing"), { NULL, 0 } },
	/* What one part excludes another may still give. */
	[TWO_PARTS] = { P("two"), P("Two parts"),
			PERMISSIONS({ .data_actions = PATTERNS(P("*")),
				      .not_data_actions = PATTERNS(P(KEYS "purge/action")) },
				    { .data_actions = PATTERNS(P(KEYS "purge/action")) }) },
};

struct grant {
	const char *principal, *scope;
	enum role role;
	bool has_condition;
	int64_t from_s, until_s, condition_from_s;
	enum role former; /* before role_from_s */
	int64_t role_from_s;
};

struct refusal {
	const char *principal, *scope, *excluded;
	enum role role; /* its permissions are what is denied */
	bool is_not_for_children;
	int64_t from_s, until_s;
};

struct rbac_case {
	const char *name;
	struct grant grants[3];
	struct refusal refusals[2];
	const char *principal, *scope, *action; /* no action: data */
	enum action data;
	enum reason reason;
	size_t rule;
};

#define NO_RULE VERDICT_NO_RULE
#define DATA(d) NULL, ACTION_KEYS_##d
#define CONTROL(text) text, 0

#define G(principal_, scope_, ...)                                                                                     \
	{                                                                                                              \
		.principal = (principal_), .scope = (scope_), .role = __VA_ARGS__                                      \
	}
#define D(principal_, scope_, excluded_, ...)                                                                          \
	{                                                                                                              \
		.principal = (principal_), .scope = (scope_), .excluded = (excluded_), .role = __VA_ARGS__             \
	}
#define NONE                                                                                                           \
	{                                                                                                              \
		0                                                                                                      \
	}

static const struct rbac_case cases[] = {
	{ "an empty world", { NONE }, { NONE }, ALICE, KEY, DATA(WRAP), REASON_NO_ROLE_ASSIGNMENT, NO_RULE },
	{ "nobody", { G("", "/", OFFICER) }, { NONE }, "", KEY, DATA(WRAP), REASON_NO_CALLER, NO_RULE },
	{ "at the key", { G(ALICE, KEY, CRYPTO_USER) }, { NONE }, ALICE, KEY, DATA(WRAP), REASON_RBAC_ASSIGNMENT, 0 },
	{ "at the vault",
	  { G(ALICE, VAULT, CRYPTO_USER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "at the group",
	  { G(ALICE, GROUP, CRYPTO_USER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "at the subscription",
	  { G(ALICE, SUB, CRYPTO_USER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "at the root", { G(ALICE, "/", CRYPTO_USER) }, { NONE }, ALICE, KEY, DATA(WRAP), REASON_RBAC_ASSIGNMENT, 0 },
	{ "at another key",
	  { G(ALICE, KEY "2", OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_NO_ROLE_ASSIGNMENT,
	  NO_RULE },
	{ "a key's grant does not list the vault",
	  { G(ALICE, KEY, OFFICER) },
	  { NONE },
	  ALICE,
	  VAULT,
	  DATA(LIST),
	  REASON_NO_ROLE_ASSIGNMENT,
	  NO_RULE },
	{ "at a vault whose name begins alike",
	  { G(ALICE, GROUP "/providers/microsoft.keyvault/vaults", OFFICER), G(ALICE, VAULT "2", OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "somebody else's",
	  { G(BOB, VAULT, OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_NO_ROLE_ASSIGNMENT,
	  NO_RULE },
	{ "everybody's id grants nobody",
	  { G(EVERYBODY, VAULT, OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_NO_ROLE_ASSIGNMENT,
	  NO_RULE },
	{ "a role without it",
	  { G(ALICE, VAULT, CRYPTO_USER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "a role without anything",
	  { G(ALICE, VAULT, NOTHING) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(GET),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "a role whose definition is gone",
	  { G(ALICE, VAULT, N_ROLES) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(GET),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "the second role has it",
	  { G(ALICE, VAULT, CRYPTO_USER), G(ALICE, KEY, SERVICE_USER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_ASSIGNMENT,
	  1 },
	{ "two at one scope",
	  { G(ALICE, KEY, READER), G(ALICE, KEY, OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_ASSIGNMENT,
	  1 },
	{ "the first of two that grant",
	  { G(ALICE, KEY, OFFICER), G(ALICE, "/", OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "wildcards take any case and slashes",
	  { G(ALICE, VAULT, SERVICE_USER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "an owner has no data action",
	  { G(ALICE, "/", OWNER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(GET),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "an officer has no control action",
	  { G(ALICE, "/", OFFICER) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(READ_VAULT),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "all but what is excluded",
	  { G(ALICE, VAULT, NO_PURGE) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(DELETE),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "excluded", { G(ALICE, VAULT, NO_PURGE) }, { NONE }, ALICE, KEY, DATA(PURGE), REASON_RBAC_NO_PERMISSION, 0 },
	{ "an exclusion is its own permission's",
	  { G(ALICE, VAULT, TWO_PARTS) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(PURGE),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "an exclusion takes nothing from another grant",
	  { G(ALICE, VAULT, NO_PURGE), G(ALICE, VAULT, OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(PURGE),
	  REASON_RBAC_ASSIGNMENT,
	  1 },
	{ "rotation policies",
	  { G(ALICE, VAULT, OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(SET_ROTATION_POLICY),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a reader reads",
	  { G(ALICE, GROUP, READER) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(READ_VAULT),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a reader does not write",
	  { G(ALICE, GROUP, READER) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(WRITE_VAULT),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "a contributor writes",
	  { G(ALICE, GROUP, CONTRIBUTOR) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(WRITE_VAULT),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a contributor does not assign",
	  { G(ALICE, GROUP, CONTRIBUTOR) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(ASSIGN),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "an owner assigns",
	  { G(ALICE, GROUP, OWNER) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(ASSIGN),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a condition",
	  { G(ALICE, VAULT, OFFICER, .has_condition = true) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_CONDITION,
	  0 },
	{ "a condition on what does not grant",
	  { G(ALICE, VAULT, READER, .has_condition = true) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "a condition beside a grant",
	  { G(ALICE, VAULT, OFFICER, .has_condition = true), G(ALICE, VAULT, OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  1 },
	{ "a condition in the role",
	  { G(ALICE, VAULT, DATA_ADMIN) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(ASSIGN),
	  REASON_RBAC_CONDITION,
	  0 },
	{ "a condition in the role, on data",
	  { G(ALICE, VAULT, DATA_ADMIN) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(GET),
	  REASON_RBAC_CONDITION,
	  0 },
	{ "a condition in another part of the role",
	  { G(ALICE, VAULT, DATA_ADMIN) },
	  { NONE },
	  ALICE,
	  VAULT,
	  CONTROL(READ_VAULT),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "not yet propagated",
	  { G(ALICE, VAULT, OFFICER, .from_s = NOW + 1) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_NOT_YET_EFFECTIVE,
	  0 },
	{ "propagated this second",
	  { G(ALICE, VAULT, OFFICER, .from_s = NOW) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "removed, one more second",
	  { G(ALICE, VAULT, OFFICER, .until_s = NOW + 1) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "removed this second",
	  { G(ALICE, VAULT, OFFICER, .until_s = NOW) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_NO_ROLE_ASSIGNMENT,
	  NO_RULE },
	{ "removed before it propagated",
	  { G(ALICE, VAULT, OFFICER, .from_s = NOW + 5, .until_s = NOW + 3) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_NOT_YET_EFFECTIVE,
	  0 },
	{ "a condition is named before propagation",
	  { G(ALICE, VAULT, OFFICER, .from_s = NOW + 1), G(ALICE, VAULT, OFFICER, .has_condition = true) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_CONDITION,
	  1 },
	{ "a condition, one second before it is felt",
	  { G(ALICE, VAULT, OFFICER, .has_condition = true, .condition_from_s = NOW + 1) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a condition, felt this second",
	  { G(ALICE, VAULT, OFFICER, .has_condition = true, .condition_from_s = NOW) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_CONDITION,
	  0 },
	{ "a role's own condition waits for nothing",
	  { G(ALICE, VAULT, DATA_ADMIN, .condition_from_s = NOW + 1) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(GET),
	  REASON_RBAC_CONDITION,
	  0 },
	{ "a narrowed role, one second before it is felt",
	  { G(ALICE, VAULT, CRYPTO_USER, .former = OFFICER, .role_from_s = NOW + 1) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a narrowed role, felt this second",
	  { G(ALICE, VAULT, CRYPTO_USER, .former = OFFICER, .role_from_s = NOW) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "a widened role, one second before it is felt",
	  { G(ALICE, VAULT, OFFICER, .former = CRYPTO_USER, .role_from_s = NOW + 1) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "a widened role, felt this second",
	  { G(ALICE, VAULT, OFFICER, .former = CRYPTO_USER, .role_from_s = NOW) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a role that was nothing before",
	  { G(ALICE, VAULT, OFFICER, .former = N_ROLES, .role_from_s = NOW + 1) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_NO_PERMISSION,
	  0 },
	{ "a deny wins",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, SUB, NULL, OFFICER) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  0 },
	{ "a deny of something else",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, SUB, NULL, CRYPTO_USER) },
	  ALICE,
	  KEY,
	  DATA(UNWRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a deny for somebody else",
	  { G(ALICE, KEY, OFFICER) },
	  { D(BOB, SUB, NULL, OFFICER) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a deny for everybody",
	  { G(ALICE, KEY, OFFICER) },
	  { D(BOB, SUB, NULL, OFFICER), D(EVERYBODY, GROUP, BOB, OFFICER) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  1 },
	{ "everybody but the caller",
	  { G(ALICE, KEY, OFFICER) },
	  { D(EVERYBODY, GROUP, ALICE, OFFICER) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a deny elsewhere",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, VAULT "2", NULL, OFFICER) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a deny not for children, below",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, VAULT, NULL, OFFICER, .is_not_for_children = true) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a deny not for children, there",
	  { G(ALICE, VAULT, OFFICER) },
	  { D(ALICE, VAULT, NULL, OFFICER, .is_not_for_children = true) },
	  ALICE,
	  VAULT,
	  DATA(LIST),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  0 },
	{ "a deny without a grant",
	  { NONE },
	  { D(ALICE, VAULT, NULL, OFFICER) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  0 },
	{ "a deny under a condition denies",
	  { G(ALICE, VAULT, OFFICER) },
	  { D(ALICE, VAULT, NULL, DATA_ADMIN) },
	  ALICE,
	  KEY,
	  DATA(GET),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  0 },
	{ "a deny, one second before it is felt",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, SUB, NULL, OFFICER, .from_s = NOW + 1) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a deny, felt this second",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, SUB, NULL, OFFICER, .from_s = NOW) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  0 },
	{ "a deny that was removed, one more second",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, SUB, NULL, OFFICER, .until_s = NOW + 1) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  0 },
	{ "a deny that was removed, over this second",
	  { G(ALICE, KEY, OFFICER) },
	  { D(ALICE, SUB, NULL, OFFICER, .until_s = NOW) },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "a deny on the control plane",
	  { G(ALICE, "/", OWNER) },
	  { D(ALICE, VAULT, NULL, CONTRIBUTOR) },
	  ALICE,
	  VAULT,
	  CONTROL(WRITE_VAULT),
	  REASON_RBAC_DENY_ASSIGNMENT,
	  0 },
	{ "what the deny leaves out",
	  { G(ALICE, "/", OWNER) },
	  { D(ALICE, VAULT, NULL, CONTRIBUTOR) },
	  ALICE,
	  VAULT,
	  CONTROL(ASSIGN),
	  REASON_RBAC_ASSIGNMENT,
	  0 },
	{ "no scope", { G(ALICE, "/", OFFICER) }, { NONE }, ALICE, "", DATA(WRAP), REASON_NO_ROLE_ASSIGNMENT, NO_RULE },
	{ "a grant without a scope",
	  { G(ALICE, "", OFFICER) },
	  { NONE },
	  ALICE,
	  KEY,
	  DATA(WRAP),
	  REASON_NO_ROLE_ASSIGNMENT,
	  NO_RULE },
};

static struct rbac_assignment assignment(const struct grant *g)
{
	return (struct rbac_assignment){
		.id = SPAN_LIT("id"),
		.principal_id = span_cstr(g->principal),
		.scope = span_cstr(g->scope),
		.role = g->role == N_ROLES ? NULL : &roles[g->role],
		.former_role = g->role_from_s == 0 || g->former == N_ROLES ? NULL : &roles[g->former],
		.role_from_s = g->role_from_s,
		.has_condition = g->has_condition,
		.condition_from_s = g->condition_from_s,
		.effective_from_s = g->from_s,
		.effective_until_s = g->until_s,
	};
}

/* Rules with room of their own. */
struct bench {
	struct rbac_assignment assignments[8];
	struct span principals[4], excluded[4];
	struct rbac_deny denies[4];
	struct rbac_rules rules;
};

static void bench_init(struct bench *b)
{
	b->rules = (struct rbac_rules){ roles, N_ROLES, b->assignments, 0, b->denies, 0 };
}

static void bench_grant(struct bench *b, const struct grant *g)
{
	b->assignments[b->rules.n_assignments++] = assignment(g);
}

static void bench_deny(struct bench *b, const struct refusal *r)
{
	size_t i = b->rules.n_denies++;

	b->principals[i] = span_cstr(r->principal);
	b->excluded[i] = span_cstr(r->excluded);
	b->denies[i] = (struct rbac_deny){
		.id = SPAN_LIT("deny"),
		.principals = &b->principals[i],
		.n_principals = 1,
		.excluded_principals = &b->excluded[i],
		.n_excluded_principals = r->excluded != NULL,
		.scope = span_cstr(r->scope),
		.does_not_apply_to_children = r->is_not_for_children,
		.permissions = roles[r->role].permissions,
		.effective_from_s = r->from_s,
		.effective_until_s = r->until_s,
	};
}

static struct rbac_query case_query(const struct rbac_case *c)
{
	const char *action = c->action != NULL ? c->action : action_rbac_string(c->data);

	return (struct rbac_query){ span_cstr(c->principal), span_cstr(c->scope), span_cstr(action), c->action == NULL,
				    NOW };
}

static void expect(const struct rbac_case *c, struct verdict v)
{
	enum verdict_kind kind = c->reason == REASON_RBAC_ASSIGNMENT ? VERDICT_ALLOW : VERDICT_DENY;

	if (v.kind != kind || v.reason != c->reason || v.rule != c->rule)
		fail_msg("%s: got %d %s rule %zu", c->name, (int)v.kind, reason_name(v.reason), v.rule);
}

static void decide_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct rbac_case *c = &cases[i];
		const struct rbac_query q = case_query(c);
		struct rbac_world w;
		struct bench b;

		bench_init(&b);
		for (size_t g = 0; g < ARRAY_LEN(c->grants) && c->grants[g].principal != NULL; g++)
			bench_grant(&b, &c->grants[g]);
		for (size_t r = 0; r < ARRAY_LEN(c->refusals) && c->refusals[r].principal != NULL; r++)
			bench_deny(&b, &c->refusals[r]);
		assert_int_equal(rbac_compile(&b.rules, &w), FAULT_NONE);
		memset(&b, 0, sizeof(b)); /* the world has copies */
		expect(c, rbac_decide(&w, &q));
		if (c->action == NULL)
			expect(c, rbac_decide_data(&w, q.principal_id, q.scope, c->data, NOW));
		rbac_done(&w);
		assert_int_equal(rbac_decide(&w, &q).kind, VERDICT_DENY);
	}
}

static const struct {
	const char *pattern, *action;
	bool is_match;
} rows_match[] = {
	{ "*", "a/b", true },
	{ "*", "", true },
	{ "", "", true },
	{ "", "a", false },
	{ "a/b", "A/B", true },
	{ "A/B", "a/b", true },
	{ "a/b", "a/b/c", false },
	{ "a/b/c", "a/b", false },
	{ "*/read", "a/b/read", true },
	{ "*/read", "read", false },
	{ "*/read", "a/read/b", false },
	{ "a/*", "a/b/c", true },
	{ "a/*", "a/", true },
	{ "a/*", "a", false },
	{ "a/*/c", "a/b/c", true },
	{ "a/*/c", "a/b/d/c", true },
	{ "a/*/c", "a/c", false },
	{ "a*b*c", "aXbYc", true },
	{ "a*b*c", "abcbc", true },
	{ "a*b*c", "acb", false },
	{ "*a*", "bab", true },
	{ "*a*", "bbb", false },
	{ "**", "x", true },
	{ "a**b", "ab", true },
	{ "*ab", "aab", true },
	{ "*aab*", "aaaab", true },
	{ "a?", "ab", false },
};

static void match_table(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_match); i++)
		if (action_matches(span_cstr(rows_match[i].pattern), span_cstr(rows_match[i].action)) !=
		    rows_match[i].is_match)
			fail_msg("'%s' and '%s'", rows_match[i].pattern, rows_match[i].action);
}

/* Random worlds */

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 12) % n;
}

static const char *const principals[] = { ALICE, BOB, EVERYBODY, "" };
static const char *const scopes[] = { "/", SUB, GROUP, VAULT, KEY, VAULT "2", KEY "2", SUB "2", "" };
static const char *const control_actions[] = { READ_VAULT, WRITE_VAULT, ASSIGN, KEYS "read" };

/* One in n: the second before, this one, the next. */
static int64_t near_now(uint32_t n)
{
	return pick(n) == 0 ? NOW + (int)pick(3) - 1 : 0;
}

static void random_world(struct bench *b)
{
	bench_init(b);
	for (uint32_t n = pick(8); n > 0; n--)
		bench_grant(b, &(struct grant){ principals[pick(4)], scopes[pick(9)], (enum role)pick(N_ROLES + 1),
						pick(4) == 0, near_now(4), near_now(4), near_now(2),
						(enum role)pick(N_ROLES + 1), near_now(4) });
	for (uint32_t n = pick(6) == 0 ? 1 + pick(2) : 0; n > 0; n--)
		bench_deny(b, &(struct refusal){ principals[pick(4)], scopes[pick(9)],
						 pick(3) == 0 ? principals[pick(4)] : NULL, (enum role)pick(N_ROLES),
						 pick(3) == 0, near_now(4), near_now(4) });
}

static struct rbac_query random_query(enum action *ret_data)
{
	bool is_data = pick(2) == 0;

	*ret_data = (enum action)pick(ACTION_COUNT);
	return (struct rbac_query){ span_cstr(principals[pick(4)]), span_cstr(scopes[pick(9)]),
				    span_cstr(is_data ? action_rbac_string(*ret_data) : control_actions[pick(4)]),
				    is_data, NOW };
}

static struct verdict decide_once(const struct rbac_rules *rules, const struct rbac_query *q, enum action data)
{
	struct rbac_world w;
	struct verdict v, d;

	assert_int_equal(rbac_compile(rules, &w), FAULT_NONE);
	v = rbac_decide(&w, q);
	if (q->is_data) {
		d = rbac_decide_data(&w, q->principal_id, q->scope, data, q->now_s);
		assert_true(d.kind == v.kind && d.reason == v.reason && d.rule == v.rule);
	}
	rbac_done(&w);
	return v;
}

/* Every rule tried in turn. */
static struct verdict decide_plainly(const struct rbac_rules *rules, const struct rbac_query *q)
{
	enum rbac_bearing best = RBAC_ELSEWHERE;
	struct verdict v = { VERDICT_DENY, REASON_NONE, VERDICT_NO_RULE };

	for (size_t i = 0; i < rules->n_denies; i++)
		if (rbac_deny_covers(&rules->denies[i], q))
			return (struct verdict){ VERDICT_DENY, REASON_NONE, i };
	for (size_t i = 0; i < rules->n_assignments; i++) {
		enum rbac_bearing b = rbac_weigh(&rules->assignments[i], q);

		if (b > best) {
			best = b;
			v.rule = i;
		}
	}
	if (best == RBAC_GRANTS)
		v.kind = VERDICT_ALLOW;
	return v;
}

static void compiled_is_as_tried(void **state UNUSED)
{
	size_t n_allowed = 0;

	seed = 1;
	for (int round = 0; round < 20000; round++) {
		struct bench b;
		enum action data;
		struct rbac_query q;
		struct verdict v, plain;

		random_world(&b);
		q = random_query(&data);
		v = decide_once(&b.rules, &q, data);
		plain = decide_plainly(&b.rules, &q);
		assert_int_equal(v.kind, plain.kind);
		assert_true(v.rule == plain.rule);
		n_allowed += v.kind == VERDICT_ALLOW;
	}
	assert_in_range(n_allowed, 100, 19900);
}

static void an_empty_world_lets_nobody_pass(void **state UNUSED)
{
	const struct rbac_rules none = { roles, N_ROLES, NULL, 0, NULL, 0 };
	const struct rbac_world zero = { .n_buckets = 0 };

	seed = 2;
	for (int round = 0; round < 5000; round++) {
		enum action data;
		struct rbac_query q = random_query(&data);

		assert_int_equal(decide_once(&none, &q, data).kind, VERDICT_DENY);
		assert_int_equal(rbac_decide(&zero, &q).kind, VERDICT_DENY);
		assert_int_equal(rbac_decide_data(&zero, q.principal_id, q.scope, data, NOW).kind, VERDICT_DENY);
	}
}

static void removing_a_grant_never_allows(void **state UNUSED)
{
	seed = 3;
	for (int round = 0; round < 20000; round++) {
		struct bench b;
		enum action data;
		struct rbac_query q;
		struct verdict before;
		size_t gone;

		random_world(&b);
		q = random_query(&data);
		if (b.rules.n_assignments == 0)
			continue;
		before = decide_once(&b.rules, &q, data);
		gone = pick((uint32_t)b.rules.n_assignments);
		b.assignments[gone] = b.assignments[--b.rules.n_assignments];
		if (before.kind != VERDICT_ALLOW)
			assert_int_not_equal(decide_once(&b.rules, &q, data).kind, VERDICT_ALLOW);
	}
}

static void adding_a_deny_never_allows(void **state UNUSED)
{
	seed = 4;
	for (int round = 0; round < 5000; round++) {
		struct bench b;
		enum action data;
		struct rbac_query q;
		struct verdict before;

		random_world(&b);
		q = random_query(&data);
		before = decide_once(&b.rules, &q, data);
		bench_deny(&b, &(struct refusal){ principals[pick(4)], scopes[pick(9)], NULL, (enum role)pick(N_ROLES),
						  false, near_now(4), near_now(4) });
		if (before.kind != VERDICT_ALLOW)
			assert_int_not_equal(decide_once(&b.rules, &q, data).kind, VERDICT_ALLOW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide_table),
		cmocka_unit_test(match_table),
		cmocka_unit_test(compiled_is_as_tried),
		cmocka_unit_test(an_empty_world_lets_nobody_pass),
		cmocka_unit_test(removing_a_grant_never_allows),
		cmocka_unit_test(adding_a_deny_never_allows),
	};

	return cmocka_run_group_tests_name("rbac", tests, NULL, NULL);
}
