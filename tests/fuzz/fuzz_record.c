/*
 * Stored records: the reader, and the decoding of every kind of record in a store of its own. The first byte chooses
 * the kind, the rest is what the store holds. What decodes is written again and decodes to the same.
 */

#include <stdio.h>
#include <stdlib.h>

#include "common/io/record.h"
#include "common/model/endpoints.h"
#include "common/model/host.h"
#include "common/model/key.h"
#include "common/model/signing_key.h"
#include "common/model/tables.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/tmpdir.h"

enum { NOW_S = 1700000000 };

#define ID "aaaaaaaa-0000-4000-8000-000000000001"
#define VERSION "0123456789abcdef0123456789abcdef"
#define UID "\1\2\3\4\5\6\7\1\1\2\3\4\5\6\7\1"

static const uint8_t uid[VAULT_UID_LEN] = { 1, 2, 3, 4, 5, 6, 7, 1, 1, 2, 3, 4, 5, 6, 7, 1 };

static char dir[TMPDIR_SIZE];
static struct store *store;

static void close_store(void)
{
	store_close(store);
	tmpdir_remove(dir);
}

static void open_store(void)
{
	struct store_options opt = { .dir = dir, .tables = table_names, .n_tables = TABLE_COUNT, .is_ephemeral = true };

	tmpdir_make(dir);
	FUZZ_CHECK(store_open(&opt, &store, NULL) == FAULT_NONE);
	atexit(close_store);
}

static bool was_read(enum fault f)
{
	FUZZ_CHECK(f == FAULT_NONE || f == FAULT_STORE || f == FAULT_NOT_FOUND);
	return f == FAULT_NONE;
}

static enum fault count_vault(const struct vault *v UNUSED, void *arg)
{
	++*(unsigned *)arg;
	return FAULT_NONE;
}

static void check_rules(const struct vault *v)
{
	struct access_policy_rule *rules = calloc(v->n_policies + 1, sizeof(*rules));

	FUZZ_CHECK(rules != NULL);
	vault_rules(v, rules);
	free(rules);
}

static void try_vault(struct txn *t)
{
	SCOPED_DONE(vault) struct vault v;
	SCOPED_DONE(vault) struct vault again;
	unsigned n = 0;

	vault_init(&v);
	vault_init(&again);
	if (!was_read(vault_get(t, SPAN_LIT("V"), &v)))
		return;
	FUZZ_CHECK(vault_each(t, count_vault, &n) == FAULT_NONE && n == 1);
	check_rules(&v);
	snprintf(v.name, sizeof(v.name), "v");
	FUZZ_CHECK(vault_put(t, &v) == FAULT_NONE);
	FUZZ_CHECK(vault_get(t, SPAN_LIT("v"), &again) == FAULT_NONE);
	FUZZ_CHECK(again.n_policies == v.n_policies && again.retention_days == v.retention_days);
	FUZZ_CHECK(again.rbac == v.rbac && again.created_ms == v.created_ms &&
		   memcmp(again.uid, v.uid, sizeof(v.uid)) == 0);
}

static void try_deleted_vault(struct txn *t)
{
	SCOPED_DONE(vault) struct vault v;
	unsigned n = 0;

	vault_init(&v);
	if (!was_read(vault_get_deleted(t, SPAN_LIT("v"), NOW_S, &v)))
		return;
	FUZZ_CHECK(vault_each_deleted(t, NOW_S, count_vault, &n) == FAULT_NONE && n == 1);
	snprintf(v.name, sizeof(v.name), "v");
	FUZZ_CHECK(vault_recover(t, &v) == FAULT_NONE);
	FUZZ_CHECK(vault_soft_delete(t, &v, NOW_S) == FAULT_NONE);
}

static bool count_head(const struct key_head *h UNUSED, void *arg)
{
	++*(unsigned *)arg;
	return true;
}

static void try_key(struct txn *t)
{
	struct key_head h, again;
	unsigned n = 0;

	if (!was_read(key_get(t, uid, SPAN_LIT("k"), &h)))
		return;
	FUZZ_CHECK(key_each(t, uid, SPAN_EMPTY, count_head, &n) == FAULT_NONE && n == 1);
	FUZZ_CHECK(key_put(t, uid, &h) == FAULT_NONE);
	if (h.name[0] == '\0')
		return;
	FUZZ_CHECK(key_get(t, uid, span_cstr(h.name), &again) == FAULT_NONE);
	FUZZ_CHECK(strcmp(h.name, again.name) == 0 && strcmp(h.current, again.current) == 0);
	FUZZ_CHECK(key_soft_delete(t, uid, &h) == FAULT_NONE);
}

static void try_deleted_key(struct txn *t)
{
	struct key_head h;
	unsigned n = 0;

	if (!was_read(key_get_deleted(t, uid, SPAN_LIT("K"), NOW_S, &h)))
		return;
	FUZZ_CHECK(key_each_deleted(t, uid, SPAN_EMPTY, NOW_S, count_head, &n) == FAULT_NONE && n == 1);
	snprintf(h.name, sizeof(h.name), "k");
	FUZZ_CHECK(key_recover(t, uid, &h) == FAULT_NONE);
}

static bool count_version(const struct key_version *v UNUSED, void *arg)
{
	++*(unsigned *)arg;
	return true;
}

static void check_version(const struct key_version *v)
{
	struct jwk_public pub;

	FUZZ_CHECK(v->n_key_ops <= KEY_OP_COUNT);
	FUZZ_CHECK(v->kty == KTY_RSA || v->kty == KTY_EC);
	/* Names and lengths are looked up by these. */
	for (size_t i = 0; i < v->n_key_ops; i++)
		FUZZ_CHECK(v->key_ops[i] < KEY_OP_COUNT);
	FUZZ_CHECK(v->crv <= CURVE_P256K && (v->kty == KTY_RSA || v->crv != CURVE_NONE));
	FUZZ_CHECK(key_version_state(v).enabled == v->enabled);
	key_version_public(v, &pub);
	FUZZ_CHECK(pub.n.len <= JWK_MEMBER_MAX && jwk_public_rsa_bits(&pub) <= JWK_MEMBER_MAX * 8);
}

static void try_key_version(struct txn *t)
{
	struct key_version v, again;
	unsigned n = 0;

	if (!was_read(key_version_get(t, uid, SPAN_LIT("k"), SPAN_LIT(VERSION), &v)))
		return;
	check_version(&v);
	FUZZ_CHECK(key_version_each(t, uid, SPAN_LIT("K"), SPAN_EMPTY, count_version, &n) == FAULT_NONE && n == 1);
	snprintf(v.version, sizeof(v.version), "%s", VERSION);
	FUZZ_CHECK(key_version_put(t, uid, SPAN_LIT("k"), &v) == FAULT_NONE);
	FUZZ_CHECK(key_version_get(t, uid, SPAN_LIT("k"), SPAN_LIT(VERSION), &again) == FAULT_NONE);
	FUZZ_CHECK(v.generation == again.generation && v.n_key_ops == again.n_key_ops && v.has_exp == again.has_exp);
	FUZZ_CHECK(v.n.len == again.n.len && v.sealed.len == again.sealed.len && v.tags.len == again.tags.len);
}

static void try_principal(struct txn *t)
{
	struct principal p, again;

	if (!was_read(principal_by_object_id(t, SPAN_LIT(ID), &p)))
		return;
	snprintf(p.object_id, sizeof(p.object_id), "%s", ID);
	snprintf(p.app_id, sizeof(p.app_id), "%s", ID);
	FUZZ_CHECK(principal_put(t, &p) == FAULT_NONE);
	FUZZ_CHECK(principal_by_app_id(t, SPAN_LIT(ID), &again) == FAULT_NONE);
	FUZZ_CHECK(again.kind == p.kind && again.sealed_secret_len == p.sealed_secret_len);
}

static void try_app(struct txn *t)
{
	struct principal p;

	was_read(principal_by_app_id(t, SPAN_LIT(ID), &p));
}

static void try_group(struct txn *t)
{
	struct group g;

	if (!was_read(group_get(t, SPAN_LIT("S"), SPAN_LIT("g"), &g)))
		return;
	snprintf(g.subscription_id, sizeof(g.subscription_id), "s");
	snprintf(g.name, sizeof(g.name), "G");
	FUZZ_CHECK(group_put(t, &g) == FAULT_NONE);
	FUZZ_CHECK(group_get(t, SPAN_LIT("s"), SPAN_LIT("g"), &g) == FAULT_NONE);
}

static enum fault count_identity(const struct identity *i UNUSED, void *arg)
{
	++*(unsigned *)arg;
	return FAULT_NONE;
}

static void try_identity(struct txn *t)
{
	char resource_id[RESOURCE_ID_SIZE];
	struct identity i, again;
	unsigned n = 0;

	if (!was_read(identity_get(t, SPAN_LIT("s"), SPAN_LIT("g"), SPAN_LIT("i"), &i)))
		return;
	FUZZ_CHECK(identity_each(t, SPAN_LIT("s"), SPAN_EMPTY, count_identity, &n) == FAULT_NONE && n == 1);
	identity_resource_id(resource_id, &i);
	was_read(identity_by_resource_id(t, span_cstr(resource_id), &again));
}

static void try_host(struct txn *t)
{
	struct host h, again;

	if (!was_read(host_get(t, SPAN_LIT("h"), &h)))
		return;
	FUZZ_CHECK(h.n_attached <= HOST_ATTACHED_MAX);
	(void)host_has_attached(&h, SPAN_LIT("/subscriptions/s"));
	snprintf(h.id, sizeof(h.id), "h");
	FUZZ_CHECK(host_put(t, &h) == FAULT_NONE);
	FUZZ_CHECK(host_get(t, SPAN_LIT("h"), &again) == FAULT_NONE && strcmp(h.vm_id, again.vm_id) == 0);
	FUZZ_CHECK(h.n_attached == again.n_attached && h.attaches_all == again.attaches_all);
}

static enum fault count_signing_key(const struct signing_key *k, void *arg)
{
	FUZZ_CHECK(k->cert_len <= SIGNING_CERT_MAX && k->pub.n.len <= JWK_MEMBER_MAX);
	++*(unsigned *)arg;
	return FAULT_NONE;
}

static void try_signing_key(struct txn *t)
{
	struct signing_key k;
	unsigned n = 0;

	if (!was_read(signing_key_get(t, SPAN_LIT("kid"), &k)))
		return;
	FUZZ_CHECK(signing_key_each(t, count_signing_key, &n) == FAULT_NONE && n == 1);
	FUZZ_CHECK(signing_key_retire(t, SPAN_LIT("kid"), NOW_S) == FAULT_NONE);
	FUZZ_CHECK(signing_key_get(t, SPAN_LIT("kid"), &k) == FAULT_NONE && k.retired_s == NOW_S);
}

static void try_endpoints(struct txn *t)
{
	struct endpoints e;

	was_read(endpoints_get(t, &e));
}

static const struct kind {
	unsigned table;
	struct span key;
	void (*try)(struct txn *t);
} kinds[] = {
	{ TABLE_VAULT, { "v", 1 }, try_vault },
	{ TABLE_DELETED_VAULT, { "v", 1 }, try_deleted_vault },
	{ TABLE_KEY, { UID "K", VAULT_UID_LEN + 1 }, try_key },
	{ TABLE_DELETED_KEY, { UID "K", VAULT_UID_LEN + 1 }, try_deleted_key },
	{ TABLE_KEY_VERSION, { UID "K\0" VERSION, VAULT_UID_LEN + 34 }, try_key_version },
	{ TABLE_PRINCIPAL, { ID, 36 }, try_principal },
	{ TABLE_APP, { ID, 36 }, try_app },
	{ TABLE_GROUP, { "s/g", 3 }, try_group },
	{ TABLE_IDENTITY, { "s/g/i", 5 }, try_identity },
	{ TABLE_HOST, { "h", 1 }, try_host },
	{ TABLE_SIGNING_KEY, { "kid", 3 }, try_signing_key },
	{ TABLE_META, { "endpoints/vaultd", 16 }, try_endpoints },
};

static void try_reader(struct span in)
{
	struct record_reader r;
	struct span value;
	size_t left = in.len;
	uint16_t tag;

	if (record_open(&r, in, 1) != FAULT_NONE)
		return;
	while (record_next(&r, &tag, &value) == FAULT_NONE) {
		char text[16];
		int64_t n;
		bool b;

		/* Each step takes at least its head, and stays inside. */
		FUZZ_CHECK(r.rest.len + value.len + 6 <= left);
		FUZZ_CHECK(value.p >= in.p && value.p + value.len <= in.p + in.len);
		left = r.rest.len;
		FUZZ_CHECK(record_int(value, &n) == FAULT_NONE || value.len != 8);
		FUZZ_CHECK(record_bool(value, &b) == FAULT_STORE || value.len == 1);
		FUZZ_CHECK(record_str(value, text, sizeof(text)) != FAULT_NONE || strlen(text) == value.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	const struct kind *kind = &kinds[fuzz_take_byte(&in) % ARRAY_LEN(kinds)];
	struct txn *t;

	if (store == NULL)
		open_store();
	try_reader(in);
	FUZZ_CHECK(txn_begin(store, TXN_WRITE, &t, NULL) == FAULT_NONE);
	FUZZ_CHECK(txn_put(t, kind->table, kind->key, in) == FAULT_NONE);
	kind->try(t);
	txn_abort(t);
	return 0;
}
