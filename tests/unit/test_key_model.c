/* Vaults, keys and versions in a real store. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/model/key.h"
#include "common/model/tables.h"

struct fixture {
	char dir[64];
	struct store *store;
};

static int set_up(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	struct store_options opt = { .tables = table_names, .n_tables = TABLE_COUNT, .is_ephemeral = true };
	struct err err = ERR_INIT;

	strcpy(fx->dir, "/tmp/sandvault-model-XXXXXX");
	opt.dir = mkdtemp(fx->dir);
	assert_non_null(opt.dir);
	if (store_open(&opt, &fx->store, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
	*state = fx;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fx = *state;
	char path[96];

	store_close(fx->store);
	snprintf(path, sizeof(path), "%s/data.mdb", fx->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lock.mdb", fx->dir);
	unlink(path);
	assert_int_equal(rmdir(fx->dir), 0);
	free(fx);
	return 0;
}

static struct txn *begin(struct fixture *fx, enum txn_mode mode)
{
	struct txn *t = NULL;

	assert_int_equal(txn_begin(fx->store, mode, &t, NULL), FAULT_NONE);
	return t;
}

static void fill_vault(struct vault *v, const char *name)
{
	vault_init(v);
	memset(v->uid, name[0], sizeof(v->uid));
	snprintf(v->name, sizeof(v->name), "%s", name);
	snprintf(v->location, sizeof(v->location), "westeurope");
	snprintf(v->subscription_id, sizeof(v->subscription_id), WORLD_SUBSCRIPTION_ID);
	snprintf(v->group, sizeof(v->group), "sandbox");
	v->retention_days = 7;
	v->rbac = TRI_FALSE;
	v->tags = strdup("{\"a\":\"b\"}");
	v->n_policies = 3;
	v->policies = calloc(v->n_policies, sizeof(*v->policies));
	for (size_t i = 0; i < v->n_policies; i++) {
		snprintf(v->policies[i].object_id, ID_SIZE, "object-%zu", i);
		v->policies[i].permissions = strdup("{\"keys\":[\"wrapKey\",\"get\"]}");
		v->policies[i].keys = (action_set)i;
	}
}

static void a_vault_comes_back_as_it_went(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct vault v, got;

	fill_vault(&v, "MyVault");
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	t = begin(fx, TXN_READ);
	vault_init(&got);
	assert_int_equal(vault_get(t, SPAN_LIT("mYvAULT"), &got), FAULT_NONE);
	assert_string_equal(got.name, "MyVault");
	assert_string_equal(got.tags, "{\"a\":\"b\"}");
	assert_int_equal(got.rbac, TRI_FALSE);
	assert_int_equal(got.for_deployment, TRI_UNSET);
	assert_int_equal(got.n_policies, 3);
	assert_string_equal(got.policies[2].object_id, "object-2");
	assert_int_equal(got.policies[2].keys, 2);
	assert_null(got.network_acls);
	txn_abort(t);
	vault_done(&got);
	vault_done(&v);
}

static void a_deleted_vault_waits_out_its_retention(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct vault v, got;

	fill_vault(&v, "gone");
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
	assert_int_equal(vault_soft_delete(t, &v, 1000), FAULT_NONE);
	vault_init(&got);
	assert_int_equal(vault_get(t, SPAN_LIT("gone"), &got), FAULT_NOT_FOUND);
	assert_int_equal(vault_get_deleted(t, SPAN_LIT("GONE"), 1000 + 7 * 86400 - 1, &got), FAULT_NONE);
	assert_int_equal(got.purge_s, 1000 + 7 * 86400);
	vault_done(&got);
	assert_int_equal(vault_get_deleted(t, SPAN_LIT("gone"), 1000 + 7 * 86400, &got), FAULT_NOT_FOUND);
	assert_int_equal(vault_recover(t, &v), FAULT_NONE);
	assert_int_equal(vault_get(t, SPAN_LIT("gone"), &got), FAULT_NONE);
	assert_int_equal(got.deleted_s, 0);
	vault_done(&got);
	txn_abort(t);
	vault_done(&v);
}

static void put_key(struct txn *t, const uint8_t *uid, const char *name, const char *version)
{
	struct key_head h = { .name = "" };
	struct key_version v = {
		.kty = KTY_RSA, .enabled = true, .n = SPAN_LIT("\x00modulus"), .e = SPAN_LIT("\x01\x00\x01")
	};

	snprintf(h.name, sizeof(h.name), "%s", name);
	snprintf(h.current, sizeof(h.current), "%s", version);
	snprintf(v.version, sizeof(v.version), "%s", version);
	v.key_ops[0] = KEY_OP_UNWRAP;
	v.key_ops[1] = KEY_OP_WRAP;
	v.n_key_ops = 2;
	v.tags = SPAN_LIT("{\"x\":\"y\"}");
	v.sealed = SPAN_LIT("sealed");
	assert_int_equal(key_put(t, uid, &h), FAULT_NONE);
	assert_int_equal(key_version_put(t, uid, span_cstr(name), &v), FAULT_NONE);
}

#define V1 "11111111111111111111111111111111"
#define V2 "22222222222222222222222222222222"

static const uint8_t uid_a[VAULT_UID_LEN] = "vault-a--------", uid_b[VAULT_UID_LEN] = "vault-b--------";

static bool add_name(const struct key_head *h, void *arg)
{
	strcat(arg, h->name);
	strcat(arg, " ");
	return true;
}

static bool add_version(const struct key_version *v, void *arg)
{
	char first[2] = { v->version[0], '\0' };

	strcat(arg, first);
	return true;
}

static void keys_list_by_folded_name_within_their_vault(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	char names[256] = "";

	put_key(t, uid_a, "beta", V1);
	put_key(t, uid_a, "Alpha", V1);
	put_key(t, uid_a, "alpha-2", V1);
	put_key(t, uid_b, "other", V1);
	assert_int_equal(key_each(t, uid_a, SPAN_EMPTY, add_name, names), FAULT_NONE);
	assert_string_equal(names, "Alpha alpha-2 beta ");
	names[0] = '\0';
	assert_int_equal(key_each(t, uid_a, SPAN_LIT("alpha"), add_name, names), FAULT_NONE);
	assert_string_equal(names, "alpha-2 beta ");
	txn_abort(t);
}

static void versions_belong_to_one_name(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct key_version v;
	char versions[16] = "";

	put_key(t, uid_a, "k", V1);
	put_key(t, uid_a, "k", V2);
	put_key(t, uid_a, "k2", V1);
	assert_int_equal(key_version_each(t, uid_a, SPAN_LIT("K"), SPAN_EMPTY, add_version, versions), FAULT_NONE);
	assert_string_equal(versions, "12");
	versions[0] = '\0';
	assert_int_equal(key_version_each(t, uid_a, SPAN_LIT("K"), SPAN_LIT(V1), add_version, versions), FAULT_NONE);
	assert_string_equal(versions, "2");
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k"), SPAN_LIT(V2), &v), FAULT_NONE);
	assert_int_equal(v.n.len, 8);
	assert_int_equal(v.n_key_ops, 2);
	assert_int_equal(v.key_ops[0], KEY_OP_UNWRAP);
	assert_false(v.has_exp);
	assert_int_equal(key_version_state(&v).key_ops, (1 << KEY_OP_UNWRAP) | (1 << KEY_OP_WRAP));
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k"), SPAN_LIT("short"), &v), FAULT_NOT_FOUND);
	assert_int_equal(key_version_get(t, uid_b, SPAN_LIT("k"), SPAN_LIT(V1), &v), FAULT_NOT_FOUND);
	txn_abort(t);
}

static void a_rotation_policy_lives_on_the_key(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct key_head h, got;
	struct rotation_policy p;
	enum rotation_problem problem;

	put_key(t, uid_a, "k", V1);
	assert_int_equal(key_get(t, uid_a, SPAN_LIT("k"), &h), FAULT_NONE);
	assert_false(h.rotation.is_set);
	assert_int_equal(key_rotation_policy(&h.rotation, &p, &problem), FAULT_NONE);
	assert_int_equal(p.notify.trigger, ROTATION_BEFORE_EXPIRY);
	assert_int_equal(p.notify.time.days, 30);
	h.rotation = (struct key_rotation){
		.is_set = true, .n_actions = 2, .expiry = "P2M", .created_s = 7, .updated_s = 8
	};
	h.rotation.actions[0] = (struct key_rotation_action){ ROTATION_NOTIFY, ROTATION_BEFORE_EXPIRY, "P15D" };
	h.rotation.actions[1] = (struct key_rotation_action){ ROTATION_ROTATE, ROTATION_AFTER_CREATE, "P1M" };
	strcpy(h.notified, V1);
	assert_int_equal(key_put(t, uid_a, &h), FAULT_NONE);
	assert_int_equal(key_get(t, uid_a, SPAN_LIT("k"), &got), FAULT_NONE);
	assert_memory_equal(&got, &h, sizeof(h));
	assert_int_equal(key_rotation_policy(&got.rotation, &p, &problem), FAULT_NONE);
	assert_int_equal(p.rotate.time.months, 1);
	h.deleted_s = 1;
	h.purge_s = 100;
	assert_int_equal(key_soft_delete(t, uid_a, &h), FAULT_NONE);
	assert_int_equal(key_recover(t, uid_a, &h), FAULT_NONE);
	assert_int_equal(key_get(t, uid_a, SPAN_LIT("k"), &got), FAULT_NONE);
	assert_string_equal(got.rotation.expiry, "P2M");
	txn_abort(t);
}

static void a_release_policy_lives_on_the_version(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct key_version v;

	put_key(t, uid_a, "k", V1);
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k"), SPAN_LIT(V1), &v), FAULT_NONE);
	assert_false(v.is_exportable);
	assert_int_equal(v.release_data.len, 0);
	v.is_exportable = true;
	v.release_data = SPAN_LIT("{}");
	v.release_type = SPAN_LIT("application/json");
	v.release_immutable = TRI_TRUE;
	assert_int_equal(key_version_put(t, uid_a, SPAN_LIT("k"), &v), FAULT_NONE);
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k"), SPAN_LIT(V1), &v), FAULT_NONE);
	assert_true(v.is_exportable);
	assert_true(span_eq(v.release_data, SPAN_LIT("{}")));
	assert_true(span_eq(v.release_type, SPAN_LIT("application/json")));
	assert_int_equal(v.release_immutable, TRI_TRUE);
	txn_abort(t);
}

/* Bytes as the first release wrote them: without rotation policy, notice, `exportable` and release policy. */
static void records_of_the_first_release_are_read(void **state)
{
	static const char head[] = "\1\1\0\1\0\0\0\1k\0\2\0\0\0\040" V1 "\0\3\0\0\0\10\0\0\0\0\0\0\0\0"
				   "\0\4\0\0\0\10\0\0\0\0\0\0\0\0";
	static const char version[] = "\1\1\0\1\0\0\0\040" V1 "\0\3\0\0\0\10\0\0\0\0\0\0\0\1\0\13\0\0\0\1\1"
				      "\0\21\0\0\0\6sealed";
	struct key_head h;
	struct key_version v;

	(void)state;
	assert_int_equal(key_head_decode(span_of(head, sizeof(head) - 1), &h), FAULT_NONE);
	assert_string_equal(h.name, "k");
	assert_string_equal(h.current, V1);
	assert_false(h.rotation.is_set);
	assert_string_equal(h.notified, "");
	assert_int_equal(key_version_decode(span_of(version, sizeof(version) - 1), &v), FAULT_NONE);
	assert_true(v.enabled && !v.is_exportable);
	assert_int_equal(v.release_data.len, 0);
	assert_true(span_eq(v.sealed, SPAN_LIT("sealed")));
}

struct places {
	char last[STORE_KEY_MAX];
	size_t len;
	char names[64];
	unsigned left;
};

static bool add_place(struct span place, const struct key_head *h, void *arg)
{
	struct places *p = arg;

	if (p->left-- == 0)
		return false;
	memcpy(p->last, place.p, place.len);
	p->len = place.len;
	strcat(strcat(p->names, h->name), " ");
	return true;
}

static void keys_of_all_vaults_are_walked_in_steps(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct places p = { .len = 0 };

	put_key(t, uid_a, "k1", V1);
	put_key(t, uid_a, "k10", V1);
	put_key(t, uid_b, "K2", V1);
	for (int i = 0; i < 3; i++) {
		p.left = 1;
		assert_int_equal(key_each_everywhere(t, span_of(p.last, p.len), add_place, &p), FAULT_NONE);
	}
	assert_string_equal(p.names, "k1 k10 K2 ");
	txn_abort(t);
}

static void deletion_keeps_versions_and_purging_does_not(void **state)
{
	struct fixture *fx = *state;
	struct txn *t = begin(fx, TXN_WRITE);
	struct key_head h;
	struct key_version v;

	put_key(t, uid_a, "k", V1);
	put_key(t, uid_a, "k2", V1);
	assert_int_equal(key_get(t, uid_a, SPAN_LIT("k"), &h), FAULT_NONE);
	h.deleted_s = 10;
	h.purge_s = 20;
	assert_int_equal(key_soft_delete(t, uid_a, &h), FAULT_NONE);
	assert_int_equal(key_get(t, uid_a, SPAN_LIT("k"), &h), FAULT_NOT_FOUND);
	assert_int_equal(key_get_deleted(t, uid_a, SPAN_LIT("k"), 19, &h), FAULT_NONE);
	assert_int_equal(key_recover(t, uid_a, &h), FAULT_NONE);
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k"), SPAN_LIT(V1), &v), FAULT_NONE);
	assert_int_equal(key_soft_delete(t, uid_a, &h), FAULT_NONE);
	assert_int_equal(key_get_deleted(t, uid_a, SPAN_LIT("k"), 20, &h), FAULT_NOT_FOUND);
	assert_int_equal(key_purge(t, uid_a, SPAN_LIT("k")), FAULT_NONE);
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k"), SPAN_LIT(V1), &v), FAULT_NOT_FOUND);
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k2"), SPAN_LIT(V1), &v), FAULT_NONE);
	assert_int_equal(key_purge_vault(t, uid_a), FAULT_NONE);
	assert_int_equal(key_version_get(t, uid_a, SPAN_LIT("k2"), SPAN_LIT(V1), &v), FAULT_NOT_FOUND);
	txn_abort(t);
}

static void the_cache_follows_the_store(void **state)
{
	struct fixture *fx = *state;
	struct vault_cache *c = vault_cache_new();
	const struct cached_vault *cv;
	struct vault v;
	struct txn *t = begin(fx, TXN_WRITE);

	fill_vault(&v, "cached");
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	t = begin(fx, TXN_READ);
	assert_int_equal(vault_cache_get(c, t, SPAN_LIT("cached"), &cv), FAULT_NONE);
	assert_int_equal(cv->rules[2].keys, 2);
	assert_int_equal(vault_cache_get(c, t, SPAN_LIT("missing"), &cv), FAULT_NOT_FOUND);
	txn_abort(t);
	t = begin(fx, TXN_WRITE);
	v.policies[2].keys = 99;
	assert_int_equal(vault_put(t, &v), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	t = begin(fx, TXN_READ);
	assert_int_equal(vault_cache_get(c, t, SPAN_LIT("CACHED"), &cv), FAULT_NONE);
	assert_int_equal(cv->rules[2].keys, 99);
	txn_abort(t);
	t = begin(fx, TXN_WRITE);
	assert_int_equal(vault_soft_delete(t, &v, 1), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	t = begin(fx, TXN_READ);
	assert_int_equal(vault_cache_get(c, t, SPAN_LIT("cached"), &cv), FAULT_NOT_FOUND);
	txn_abort(t);
	vault_done(&v);
	vault_cache_free(c);
}

#define EACH(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_vault_comes_back_as_it_went),
		EACH(a_deleted_vault_waits_out_its_retention),
		EACH(keys_list_by_folded_name_within_their_vault),
		EACH(versions_belong_to_one_name),
		EACH(a_rotation_policy_lives_on_the_key),
		EACH(a_release_policy_lives_on_the_version),
		cmocka_unit_test(records_of_the_first_release_are_read),
		EACH(keys_of_all_vaults_are_walked_in_steps),
		EACH(deletion_keeps_versions_and_purging_does_not),
		EACH(the_cache_follows_the_store),
	};

	return cmocka_run_group_tests_name("key-model", tests, NULL, NULL);
}
