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
		EACH(deletion_keeps_versions_and_purging_does_not),
		EACH(the_cache_follows_the_store),
	};

	return cmocka_run_group_tests_name("key-model", tests, NULL, NULL);
}
