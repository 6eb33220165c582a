/* Roles, assignments and deny assignments in a real world, and the rules compiled from them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/io/json.h"
#include "common/model/identity.h"
#include "common/model/rbac_world.h"
#include "common/model/role_assignment.h"
#include "common/model/role_deny.h"
#include "common/model/role_rules.h"
#include "common/model/role_scope.h"
#include "common/model/tables.h"
#include "common/model/vault.h"
#include "common/plain/text.h"
#include "policy/scope.h"
#include "tests/support/tmpdir.h"

enum { NOW_S = 1700000000, LAG = 300 };

#define SUB "/subscriptions/" WORLD_SUBSCRIPTION_ID
#define VAULT SUB "/resourceGroups/Sandbox/providers/Microsoft.KeyVault/vaults/Kv"
#define CRYPTO_USER SPAN_LIT("12338af0-0e69-4776-bea7-57ae8d297424")
#define READER SPAN_LIT("acdd72a7-3385-48ef-bd42-f606fba81ae7")
#define ALICE SPAN_LIT("aaaaaaaa-0000-4000-8000-000000000001")
#define GRANT SPAN_LIT("11111111-0000-4000-8000-000000000001")
#define DENIAL SPAN_LIT("22222222-0000-4000-8000-000000000001")
#define CUSTOM SPAN_LIT("33333333-0000-4000-8000-000000000001")

struct fixture {
	char dir[TMPDIR_SIZE];
	struct world world;
	struct rbac_cache *cache;
};

static void open_world(struct fixture *fx)
{
	struct rng rng = rng_system();
	struct err err = ERR_INIT;

	if (world_open(fx->dir, true, &rng, NOW_S, &fx->world, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
}

static int set_up(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	struct err err = ERR_INIT;

	assert_non_null(fx);
	tmpdir_make(fx->dir);
	open_world(fx);
	if (rbac_cache_new(&fx->cache, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
	*state = fx;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fx = *state;

	rbac_cache_free(fx->cache);
	world_done(&fx->world);
	tmpdir_remove(fx->dir);
	free(fx);
	return 0;
}

static struct txn *begin(struct fixture *fx, enum txn_mode mode)
{
	struct txn *t = NULL;

	assert_int_equal(txn_begin(fx->world.store, mode, &t, NULL), FAULT_NONE);
	return t;
}

static void put_assignment(struct txn *t, struct span id, struct span role, const char *scope, int64_t from_s,
			   const char *condition)
{
	char text[SCOPE_SIZE];
	struct role_assignment a = {
		.id = id,
		.scope = span_cstr(scope),
		.role_id = role,
		.principal_id = ALICE,
		.principal_type = SPAN_LIT("ServicePrincipal"),
		.created_ms = NOW_S * INT64_C(1000),
		.updated_ms = NOW_S * INT64_C(1000),
		.created_by = ALICE,
		.updated_by = ALICE,
		.effective_from_s = from_s,
	};

	if (condition != NULL)
		a.condition = span_cstr(condition);
	assert_int_equal(scope_fold(a.scope, text, sizeof(text), &a.scope_folded), FAULT_NONE);
	assert_int_equal(role_assignment_put(t, &a), FAULT_NONE);
}

static void put_deny(struct txn *t, const char *scope, const char *excluded)
{
	char text[SCOPE_SIZE];
	struct deny_assignment d = {
		.id = DENIAL,
		.name = SPAN_LIT("no unwrapping"),
		.permissions = SPAN_LIT("[{\"actions\":[],\"notActions\":[],\"dataActions\":[\"*/unwrap/action\"],"
					"\"notDataActions\":[]}]"),
		.scope = span_cstr(scope),
		.principals = SPAN_LIT(
			"[{\"id\":\"00000000-0000-0000-0000-000000000000\",\"type\":\"SystemDefined\"}]"),
		.exclude_principals = span_cstr(excluded),
	};

	assert_int_equal(scope_fold(d.scope, text, sizeof(text), &d.scope_folded), FAULT_NONE);
	assert_int_equal(deny_assignment_put(t, &d), FAULT_NONE);
}

static void commit(struct txn *t)
{
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
}

/* What a fresh read transaction makes of Alice's unwrapping with a key of the vault. */
static struct verdict ask(struct fixture *fx, enum action action, int64_t now_s, char rule[RBAC_RULE_SIZE])
{
	struct txn *t = begin(fx, TXN_READ);
	const struct rbac_world *w;
	char scope[SCOPE_SIZE];
	struct span folded;
	struct verdict v;

	assert_int_equal(scope_fold(SPAN_LIT(VAULT "/keys/K"), scope, sizeof(scope), &folded), FAULT_NONE);
	assert_int_equal(rbac_cache_get(fx->cache, t, &w), FAULT_NONE);
	v = rbac_decide_data(w, ALICE, folded, action, now_s);
	if (rule != NULL)
		rbac_rule_text(w, &v, rule);
	txn_abort(t);
	return v;
}

static enum reason reason_at(struct fixture *fx, int64_t now_s)
{
	return ask(fx, ACTION_KEYS_UNWRAP, now_s, NULL).reason;
}

static void test_builtins(void **state)
{
	struct fixture *fx = *state;
	const struct role_builtins *b = rbac_cache_builtins(fx->cache);
	bool has_owner = false;

	assert_true(b->n >= 24);
	for (size_t i = 0; i < b->n; i++) {
		has_owner = has_owner || span_eq(b->definitions[i].id, ROLE_OWNER);
		assert_true(b->definitions[i].is_builtin);
		assert_true(span_eq(b->definitions[i].id, b->rules[i].id));
		assert_true(b->rules[i].permissions.n > 0);
		assert_true(span_eq_cstr(b->definitions[i].assignable_scopes, "[\"/\"]"));
	}
	assert_true(has_owner);
}

static const struct {
	const char *name, *text;
	bool is_good;
} rows_builtins[] = {
	{ "no JSON", "roles", false },
	{ "no roles", "{\"roles\":[]}", false },
	{ "a role without an id", "{\"roles\":[{\"roleName\":\"R\",\"permissions\":[]}]}", false },
	{ "a role without permissions",
	  "{\"roles\":[{\"name\":\"8e3af657-a8ff-443c-a75c-2fe8c4bcb635\",\"roleName\":\"R\"}]}", false },
	{ "a small one",
	  "{\"roles\":[{\"name\":\"8e3af657-a8ff-443c-a75c-2fe8c4bcb635\",\"roleName\":\"R\",\"assignableScopes\":[\"/"
	  "\"],"
	  "\"permissions\":[{\"actions\":[\"*\"]}]}]}",
	  true },
};

static void test_builtin_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows_builtins); i++) {
		struct role_builtins b;
		struct err err = ERR_INIT;
		enum fault f = role_builtins_read(span_cstr(rows_builtins[i].text), &b, &err);

		if ((f == FAULT_NONE) != rows_builtins[i].is_good)
			fail_msg("%s: %s %s", rows_builtins[i].name, fault_name(f), err.message);
		if (f == FAULT_NONE)
			role_builtins_done(&b);
	}
}

static const struct {
	const char *name, *in, *out; /* NULL: refused */
} rows_canonical[] = {
	{ "absent lists are empty", "[{}]",
	  "[{\"actions\":[],\"notActions\":[],\"dataActions\":[],\"notDataActions\":[]}]" },
	{ "names in any case", "[{\"Actions\":[\"a/read\"],\"NOTACTIONS\":null}]",
	  "[{\"actions\":[\"a/read\"],\"notActions\":[],\"dataActions\":[],\"notDataActions\":[]}]" },
	{ "a condition", "[{\"condition\":\"c\",\"conditionVersion\":\"2.0\"}]",
	  "[{\"actions\":[],\"notActions\":[],\"dataActions\":[],\"notDataActions\":[],\"condition\":\"c\","
	  "\"conditionVersion\":\"2.0\"}]" },
	{ "no condition", "[{\"condition\":null}]",
	  "[{\"actions\":[],\"notActions\":[],\"dataActions\":[],\"notDataActions\":[]}]" },
	{ "no array", "{}", NULL },
	{ "no objects", "[1]", NULL },
	{ "a list that is none", "[{\"actions\":\"*\"}]", NULL },
	{ "an action that is no text", "[{\"dataActions\":[1]}]", NULL },
	{ "an empty action", "[{\"dataActions\":[\"\"]}]", NULL },
	{ "a condition that is no text", "[{\"condition\":1}]", NULL },
};

static void test_canonical(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows_canonical); i++) {
		SCOPED(json_doc) struct json_doc *doc = NULL;
		SCOPED_DONE(buf) struct buf out = BUF_INIT(4096);
		struct rbac_permissions p;
		struct pool pool;
		enum fault f;

		assert_int_equal(json_parse(span_cstr(rows_canonical[i].in), &doc, NULL), FAULT_NONE);
		f = role_rules_canonical(json_root(doc), &out, NULL);
		if (rows_canonical[i].out == NULL) {
			assert_int_equal(f, FAULT_INVALID);
			continue;
		}
		assert_int_equal(f, FAULT_NONE);
		assert_string_equal(buf_cstr(&out), rows_canonical[i].out);
		pool_init(&pool, 1 << 20);
		assert_int_equal(role_rules_permissions(buf_span(&out), &pool, &p), FAULT_NONE);
		assert_int_equal(p.n, 1);
		assert_int_equal(p.at[0].has_condition, strstr(rows_canonical[i].out, "condition") != NULL);
		pool_done(&pool);
	}
}

static enum fault count(const struct role_assignment *a, void *arg)
{
	size_t *n = arg;

	(void)a;
	(*n)++;
	return FAULT_NONE;
}

static size_t n_assignments(struct fixture *fx, bool with_removed)
{
	struct txn *t = begin(fx, TXN_READ);
	size_t n = 0;

	assert_int_equal(with_removed ? role_assignment_each_effective(t, count, &n)
				      : role_assignment_each(t, count, &n),
			 FAULT_NONE);
	txn_abort(t);
	return n;
}

static enum fault is_admins(const struct role_assignment *a, void *arg)
{
	struct fixture *fx = arg;

	assert_true(span_eq_cstr(a->principal_id, fx->world.admin_object_id));
	assert_true(span_eq(a->role_id, ROLE_OWNER));
	assert_true(span_eq_cstr(a->scope, SUB));
	assert_int_equal(a->created_ms, NOW_S * INT64_C(1000));
	return FAULT_NONE;
}

static void test_administrator(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_READ);

	assert_int_equal(role_assignment_each(t, is_admins, fx), FAULT_NONE);
	txn_abort(t);
	assert_int_equal(n_assignments(fx, false), 1);
}

static enum fault copy_id(const struct role_assignment *a, void *arg)
{
	memcpy(arg, a->id.p, a->id.len);
	return FAULT_NONE;
}

/* Once in the life of a world: one that was taken away stays away. */
static void test_administrator_without(void **state)
{
	struct fixture *fx = *state;
	char id[UUID_SIZE] = "";
	struct txn *t = begin(fx, TXN_WRITE);

	assert_int_equal(role_assignment_each(t, copy_id, id), FAULT_NONE);
	assert_int_equal(role_assignment_remove(t, span_cstr(id), NOW_S, NOW_S), FAULT_NONE);
	commit(t);
	world_done(&fx->world);
	open_world(fx);
	assert_int_equal(n_assignments(fx, true), 0);
}

/* A world of before there were roles: fewer tables, and nothing that tells of them. */
static void test_world_before_roles(void **state)
{
	struct fixture *fx = *state;
	char dir[TMPDIR_SIZE + 8], id[UUID_SIZE] = "";
	struct store_options opt = {
		.dir = dir, .tables = table_names, .n_tables = TABLE_ROLE_DEFINITION, .is_ephemeral = true
	};
	struct txn *t = begin(fx, TXN_WRITE);
	struct store *s;

	assert_int_equal(role_assignment_each(t, copy_id, id), FAULT_NONE);
	assert_int_equal(role_assignment_remove(t, span_cstr(id), NOW_S, NOW_S), FAULT_NONE);
	assert_int_equal(txn_del(t, TABLE_META, SPAN_LIT("roles")), FAULT_NONE);
	commit(t);
	world_done(&fx->world);
	snprintf(dir, sizeof(dir), "%s/store", fx->dir);
	assert_int_equal(store_open(&opt, &s, NULL), FAULT_NONE);
	store_close(s);
	open_world(fx);
	assert_int_equal(n_assignments(fx, false), 1);
}

static void test_nothing_is_given(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(reason_at(fx, NOW_S), REASON_NO_ROLE_ASSIGNMENT);
}

static void test_grant(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	char rule[RBAC_RULE_SIZE];

	put_assignment(t, GRANT, CRYPTO_USER, VAULT, 0, NULL);
	commit(t);
	assert_int_equal(ask(fx, ACTION_KEYS_UNWRAP, NOW_S, rule).kind, VERDICT_ALLOW);
	assert_string_equal(rule, "roleAssignments/11111111-0000-4000-8000-000000000001");
	assert_int_equal(ask(fx, ACTION_KEYS_DELETE, NOW_S, rule).reason, REASON_RBAC_NO_PERMISSION);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(role_assignment_remove(t, GRANT, NOW_S, NOW_S), FAULT_NONE);
	assert_int_equal(role_assignment_remove(t, GRANT, NOW_S, NOW_S), FAULT_NOT_FOUND);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_NO_ROLE_ASSIGNMENT);
}

/* What a transaction that was given up compiled must not come back. */
static void test_given_up(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);

	put_assignment(t, GRANT, CRYPTO_USER, VAULT, 0, NULL);
	txn_abort(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_NO_ROLE_ASSIGNMENT);
	t = begin(fx, TXN_WRITE);
	put_assignment(t, GRANT, READER, VAULT, 0, NULL);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_RBAC_NO_PERMISSION);
}

/* Another commit than one of roles leaves the compiled rules where they are. */
static void test_kept(void **state)
{
	struct fixture *fx = *state;
	const struct rbac_world *first, *second;
	struct txn *t = begin(fx, TXN_READ);
	const void *rules;

	assert_int_equal(rbac_cache_get(fx->cache, t, &first), FAULT_NONE);
	rules = first->rules.assignments;
	txn_abort(t);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(txn_put(t, TABLE_META, SPAN_LIT("other"), SPAN_LIT("1")), FAULT_NONE);
	commit(t);
	t = begin(fx, TXN_READ);
	assert_int_equal(rbac_cache_get(fx->cache, t, &second), FAULT_NONE);
	assert_ptr_equal(second->rules.assignments, rules);
	txn_abort(t);
}

static void test_propagation(void **state)
{
	struct fixture *fx = *state;
	struct role_assignment a;
	struct txn *t = begin(fx, TXN_WRITE);

	put_assignment(t, GRANT, CRYPTO_USER, VAULT, NOW_S + 60, NULL);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S + 59), REASON_RBAC_NOT_YET_EFFECTIVE);
	assert_int_equal(reason_at(fx, NOW_S + 60), REASON_RBAC_ASSIGNMENT);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(role_assignment_remove(t, GRANT, NOW_S + 100, NOW_S + 160), FAULT_NONE);
	assert_int_equal(role_assignment_get(t, GRANT, &a), FAULT_NOT_FOUND);
	commit(t);
	assert_int_equal(n_assignments(fx, false), 1);
	assert_int_equal(n_assignments(fx, true), 2);
	assert_int_equal(reason_at(fx, NOW_S + 159), REASON_RBAC_ASSIGNMENT);
	assert_int_equal(reason_at(fx, NOW_S + 160), REASON_NO_ROLE_ASSIGNMENT);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(role_assignment_sweep(t, NOW_S + 159), FAULT_NONE);
	commit(t);
	assert_int_equal(n_assignments(fx, true), 2);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(role_assignment_sweep(t, NOW_S + 160), FAULT_NONE);
	commit(t);
	assert_int_equal(n_assignments(fx, true), 1);
}

/* What a client's PUT says, a second at a time: the times are the model's. */
static void say(struct fixture *fx, struct span id, struct span role, const char *condition, int64_t now_s)
{
	char text[SCOPE_SIZE];
	struct role_assignment a = { .id = id, .scope = SPAN_LIT(VAULT), .role_id = role, .principal_id = ALICE },
			       former;
	struct role_assignment_peers peers;
	struct txn *t = begin(fx, TXN_WRITE);
	enum fault f;

	if (condition != NULL)
		a.condition = span_cstr(condition);
	assert_int_equal(scope_fold(a.scope, text, sizeof(text), &a.scope_folded), FAULT_NONE);
	f = role_assignment_get(t, id, &former);
	if (f == FAULT_NONE) {
		f = role_assignment_change(t, &a, &former, now_s, LAG);
	} else {
		assert_int_equal(role_assignment_look(t, &a, now_s, &peers), FAULT_NONE);
		f = role_assignment_make(&fx->world, t, &a, &peers, now_s, LAG);
	}
	assert_int_equal(f, FAULT_NONE);
	commit(t);
}

static void take_back(struct fixture *fx, struct span id, int64_t now_s)
{
	struct txn *t = begin(fx, TXN_WRITE);

	assert_int_equal(role_assignment_remove(t, id, now_s, now_s + LAG), FAULT_NONE);
	commit(t);
}

/* Removed and given again within the delay: what is felt goes on, under the same id or another. */
static void test_revival(void **state)
{
	const struct span ids[] = { GRANT, SPAN_LIT("11111111-0000-4000-8000-000000000002") };
	struct fixture *fx = *state;

	say(fx, GRANT, CRYPTO_USER, NULL, NOW_S);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		int64_t at = NOW_S + LAG + (int64_t)i * 100;

		assert_int_equal(reason_at(fx, at), REASON_RBAC_ASSIGNMENT);
		take_back(fx, ids[0], at);
		say(fx, ids[i], CRYPTO_USER, NULL, at + 10);
		assert_int_equal(n_assignments(fx, true), 2);
		assert_int_equal(n_assignments(fx, false), 2);
		for (int64_t s = at; s < at + 2 * LAG + 20; s += 5)
			assert_int_equal(reason_at(fx, s), REASON_RBAC_ASSIGNMENT);
	}
}

/* A removal that was not yet felt when the grant was not either gives nothing to go on. */
static void test_no_revival(void **state)
{
	struct fixture *fx = *state;

	say(fx, GRANT, CRYPTO_USER, NULL, NOW_S);
	take_back(fx, GRANT, NOW_S + 10);
	say(fx, GRANT, CRYPTO_USER, NULL, NOW_S + 20);
	assert_int_equal(reason_at(fx, NOW_S + LAG - 1), REASON_RBAC_NOT_YET_EFFECTIVE);
	assert_int_equal(reason_at(fx, NOW_S + LAG + 20), REASON_RBAC_ASSIGNMENT);
}

/* The id serves another grant now; what it gave before ends in its own time. */
static void test_id_of_another_grant(void **state)
{
	struct fixture *fx = *state;

	say(fx, GRANT, CRYPTO_USER, NULL, NOW_S);
	take_back(fx, GRANT, NOW_S + LAG);
	say(fx, GRANT, READER, NULL, NOW_S + LAG + 10);
	assert_int_equal(n_assignments(fx, false), 2);
	assert_int_equal(reason_at(fx, NOW_S + 2 * LAG - 1), REASON_RBAC_ASSIGNMENT);
	assert_int_equal(reason_at(fx, NOW_S + 2 * LAG), REASON_RBAC_NO_PERMISSION);
}

static void test_condition_propagates(void **state)
{
	struct fixture *fx = *state;

	say(fx, GRANT, CRYPTO_USER, NULL, NOW_S);
	say(fx, GRANT, CRYPTO_USER, "c", NOW_S + LAG);
	assert_int_equal(reason_at(fx, NOW_S + 2 * LAG - 1), REASON_RBAC_ASSIGNMENT);
	assert_int_equal(reason_at(fx, NOW_S + 2 * LAG), REASON_RBAC_CONDITION);
	say(fx, GRANT, CRYPTO_USER, NULL, NOW_S + 2 * LAG);
	assert_int_equal(reason_at(fx, NOW_S + 3 * LAG - 1), REASON_RBAC_NOT_YET_EFFECTIVE);
	assert_int_equal(reason_at(fx, NOW_S + 3 * LAG), REASON_RBAC_ASSIGNMENT);
}

static void test_condition(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);

	put_assignment(t, GRANT, CRYPTO_USER, VAULT, 0, "@Resource[x] StringEquals 'y'");
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_RBAC_CONDITION);
}

static void test_custom_role(void **state)
{
	struct fixture *fx = *state;
	struct role_definition d = {
		.id = CUSTOM,
		.name = SPAN_LIT("Unwrapper"),
		.permissions = SPAN_LIT("[{\"actions\":[],\"notActions\":[],\"dataActions\":[\"*/keys/*/action\"],"
					"\"notDataActions\":[\"*/wrap/action\"]}]"),
		.assignable_scopes = SPAN_LIT("[\"" SUB "\"]"),
	}, got;
	struct txn *t = begin(fx, TXN_WRITE);

	assert_int_equal(role_definition_put(t, &d, NOW_S, 0), FAULT_NONE);
	put_assignment(t, GRANT, CUSTOM, SUB, 0, NULL);
	assert_int_equal(role_definition_get(t, CUSTOM, &got), FAULT_NONE);
	assert_true(span_eq(got.name, d.name));
	assert_null(got.description.p);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_RBAC_ASSIGNMENT);
	assert_int_equal(ask(fx, ACTION_KEYS_WRAP, NOW_S, NULL).reason, REASON_RBAC_NO_PERMISSION);
	/* An assignment whose role is gone grants nothing. */
	t = begin(fx, TXN_WRITE);
	assert_int_equal(role_definition_remove(t, CUSTOM, NOW_S, NOW_S), FAULT_NONE);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_RBAC_NO_PERMISSION);
}

static void put_role(struct fixture *fx, const char *data_action, int64_t now_s)
{
	SCOPED_DONE(buf) struct buf permissions = BUF_INIT(4096);
	struct role_definition d = { .id = CUSTOM,
				     .name = SPAN_LIT("R"),
				     .assignable_scopes = SPAN_LIT("[\"" SUB "\"]") };
	struct txn *t = begin(fx, TXN_WRITE);

	buf_printf(&permissions, "[{\"actions\":[],\"notActions\":[],\"dataActions\":[\"%s\"],\"notDataActions\":[]}]",
		   data_action);
	d.permissions = buf_span(&permissions);
	assert_int_equal(role_definition_put(t, &d, now_s, LAG), FAULT_NONE);
	commit(t);
}

static void test_custom_role_propagates(void **state)
{
	struct fixture *fx = *state;
	struct role_definition d;
	struct txn *t;

	put_role(fx, "*/unwrap/action", NOW_S);
	t = begin(fx, TXN_WRITE);
	put_assignment(t, GRANT, CUSTOM, SUB, 0, NULL);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_RBAC_ASSIGNMENT);
	/* Narrowed; what is said in between never is felt, and saying the same again moves nothing. */
	put_role(fx, "*/wrap/action", NOW_S + 10);
	put_role(fx, "*/sign/action", NOW_S + 20);
	put_role(fx, "*/sign/action", NOW_S + 30);
	assert_int_equal(reason_at(fx, NOW_S + 20 + LAG - 1), REASON_RBAC_ASSIGNMENT);
	assert_int_equal(reason_at(fx, NOW_S + 20 + LAG), REASON_RBAC_NO_PERMISSION);
	/* Widened. */
	put_role(fx, "*", NOW_S + 1000);
	assert_int_equal(reason_at(fx, NOW_S + 1000 + LAG - 1), REASON_RBAC_NO_PERMISSION);
	assert_int_equal(reason_at(fx, NOW_S + 1000 + LAG), REASON_RBAC_ASSIGNMENT);
	/* Removed, while an assignment of it lingers. */
	take_back(fx, GRANT, NOW_S + 2000);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(role_definition_remove(t, CUSTOM, NOW_S + 2010, NOW_S + 2010 + LAG), FAULT_NONE);
	assert_int_equal(role_definition_get(t, CUSTOM, &d), FAULT_NOT_FOUND);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S + 2000 + LAG - 1), REASON_RBAC_ASSIGNMENT);
	assert_int_equal(reason_at(fx, NOW_S + 2000 + LAG), REASON_NO_ROLE_ASSIGNMENT);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(role_definition_sweep(t, NOW_S + 2010 + LAG), FAULT_NONE);
	commit(t);
	put_role(fx, "*", NOW_S + 3000);
}

static void test_deny_propagates(void **state)
{
	struct fixture *fx = *state;
	struct deny_assignment d;
	struct txn *t = begin(fx, TXN_WRITE);

	put_assignment(t, GRANT, CRYPTO_USER, VAULT, 0, NULL);
	put_deny(t, SUB, "[]");
	assert_int_equal(deny_assignment_remove(t, DENIAL, NOW_S, NOW_S + LAG), FAULT_NONE);
	assert_int_equal(deny_assignment_get(t, DENIAL, &d), FAULT_NOT_FOUND);
	assert_int_equal(deny_assignment_get_effective(t, DENIAL, &d), FAULT_NONE);
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S + LAG - 1), REASON_RBAC_DENY_ASSIGNMENT);
	assert_int_equal(reason_at(fx, NOW_S + LAG), REASON_RBAC_ASSIGNMENT);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(deny_assignment_sweep(t, NOW_S + LAG), FAULT_NONE);
	assert_int_equal(deny_assignment_get_effective(t, DENIAL, &d), FAULT_NOT_FOUND);
	commit(t);
}

static void test_deny(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	char rule[RBAC_RULE_SIZE];

	put_assignment(t, GRANT, CRYPTO_USER, VAULT, 0, NULL);
	put_deny(t, SUB, "[]");
	commit(t);
	assert_int_equal(ask(fx, ACTION_KEYS_UNWRAP, NOW_S, rule).reason, REASON_RBAC_DENY_ASSIGNMENT);
	assert_string_equal(rule, "denyAssignments/22222222-0000-4000-8000-000000000001");
	assert_int_equal(ask(fx, ACTION_KEYS_WRAP, NOW_S, rule).reason, REASON_RBAC_ASSIGNMENT);
	t = begin(fx, TXN_WRITE);
	put_deny(t, SUB, "[{\"id\":\"AAAAAAAA-0000-4000-8000-000000000001\"}]");
	commit(t);
	assert_int_equal(reason_at(fx, NOW_S), REASON_RBAC_ASSIGNMENT);
}

static void put_vault(struct fixture *fx, struct txn *t)
{
	struct vault v;

	vault_init(&v);
	v.uid[0] = 1;
	memcpy(v.subscription_id, fx->world.subscription_id, sizeof(v.subscription_id));
	snprintf(v.group, sizeof(v.group), "sandbox");
	snprintf(v.name, sizeof(v.name), "kv");
	v.retention_days = 7;
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
}

/* What stood at the vault or a key is gone for good; what stood above it stays. */
static void test_vault_deleted(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct deny_assignment d;
	struct vault v;

	put_vault(fx, t);
	put_assignment(t, GRANT, CRYPTO_USER, VAULT, 0, NULL);
	put_assignment(t, SPAN_LIT("11111111-0000-4000-8000-000000000002"), CRYPTO_USER, VAULT "/keys/k", 0, NULL);
	put_assignment(t, SPAN_LIT("11111111-0000-4000-8000-000000000003"), READER, VAULT "2", 0, NULL);
	put_deny(t, VAULT, "[]");
	commit(t);
	t = begin(fx, TXN_WRITE);
	vault_init(&v);
	assert_int_equal(vault_get(t, SPAN_LIT("kv"), &v), FAULT_NONE);
	assert_int_equal(vault_soft_delete(t, &v, NOW_S), FAULT_NONE);
	assert_int_equal(vault_recover(t, &v), FAULT_NONE);
	vault_done(&v);
	assert_int_equal(deny_assignment_get(t, DENIAL, &d), FAULT_NOT_FOUND);
	commit(t);
	assert_int_equal(n_assignments(fx, true), 2);
	assert_int_equal(reason_at(fx, NOW_S), REASON_NO_ROLE_ASSIGNMENT);
}

static void test_group_deleted(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);

	put_assignment(t, GRANT, CRYPTO_USER, VAULT, 0, NULL);
	put_assignment(t, SPAN_LIT("11111111-0000-4000-8000-000000000002"), READER, SUB "/resourceGroups/SANDBOX", 0,
		       NULL);
	assert_int_equal(group_del(t, SPAN_LIT(WORLD_SUBSCRIPTION_ID), SPAN_LIT("sandbox")), FAULT_NONE);
	commit(t);
	assert_int_equal(n_assignments(fx, true), 1);
}

/* Rules that cannot be read decide nothing: the request fails as the store's trouble. */
static void test_broken(void **state)
{
	static const unsigned tables[] = { TABLE_ROLE_DEFINITION, TABLE_ROLE_ASSIGNMENT, TABLE_DENY_ASSIGNMENT };
	struct fixture *fx = *state;

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		const struct rbac_world *w;
		struct txn *t = begin(fx, TXN_WRITE);

		assert_int_equal(txn_put(t, tables[i], GRANT, SPAN_LIT("\1\1\0")), FAULT_NONE);
		put_assignment(t, SPAN_LIT("11111111-0000-4000-8000-000000000009"), READER, SUB, (int64_t)i, NULL);
		commit(t);
		t = begin(fx, TXN_READ);
		assert_int_equal(rbac_cache_get(fx->cache, t, &w), FAULT_STORE);
		assert_int_equal(rbac_cache_get(fx->cache, t, &w), FAULT_STORE);
		txn_abort(t);
		t = begin(fx, TXN_WRITE);
		assert_int_equal(txn_del(t, tables[i], GRANT), FAULT_NONE);
		commit(t);
		t = begin(fx, TXN_READ);
		assert_int_equal(rbac_cache_get(fx->cache, t, &w), FAULT_NONE);
		txn_abort(t);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_builtins),
		CASE(test_builtin_files),
		CASE(test_canonical),
		CASE(test_administrator),
		CASE(test_administrator_without),
		CASE(test_world_before_roles),
		CASE(test_nothing_is_given),
		CASE(test_grant),
		CASE(test_given_up),
		CASE(test_kept),
		CASE(test_propagation),
		CASE(test_revival),
		CASE(test_no_revival),
		CASE(test_id_of_another_grant),
		CASE(test_condition_propagates),
		CASE(test_condition),
		CASE(test_custom_role),
		CASE(test_custom_role_propagates),
		CASE(test_deny_propagates),
		CASE(test_deny),
		CASE(test_vault_deleted),
		CASE(test_group_deleted),
		CASE(test_broken),
	};

	return cmocka_run_group_tests_name("role_model", tests, NULL, NULL);
}
