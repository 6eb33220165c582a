/* The default world, opened again, opened by two at once; and what it says about where it listens. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/io/json.h"
#include "common/io/record.h"
#include "common/io/server.h"
#include "common/model/endpoints.h"
#include "common/model/group.h"
#include "common/model/host.h"
#include "common/model/principal.h"
#include "common/model/tables.h"
#include "common/plain/text.h"
#include "sandvault/remove_tree.h"

#define NOW_S INT64_C(1790000000)

static int make_dir(void **state)
{
	char *dir = strdup("/tmp/world-test-XXXXXX");

	*state = dir;
	return dir == NULL || mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
	enum fault f = remove_tree(*state, NULL);

	free(*state);
	return f == FAULT_NONE ? 0 : -1;
}

static void open_in(const char *dir, struct world *ret)
{
	struct rng rng = rng_system();
	struct err err = ERR_INIT;

	if (world_open(dir, true, &rng, NOW_S, ret, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
}

static struct txn *begin(struct world *w, enum txn_mode mode)
{
	struct txn *t;

	assert_int_equal(txn_begin(w->store, mode, &t, NULL), FAULT_NONE);
	return t;
}

static void test_administrator(void **state)
{
	SCOPED_DONE(secret) struct secret secret = SECRET_INIT;
	struct principal p;
	struct world w;

	open_in(*state, &w);
	assert_string_equal(w.tenant_id, WORLD_TENANT_ID);
	assert_string_equal(w.subscription_id, WORLD_SUBSCRIPTION_ID);
	assert_true(uuid_is_valid(span_cstr(w.admin_app_id)));
	assert_true(uuid_is_valid(span_cstr(w.admin_object_id)));
	assert_string_not_equal(w.admin_app_id, w.admin_object_id);

	struct txn *t = begin(&w, TXN_READ);
	assert_int_equal(principal_by_app_id(t, span_cstr(w.admin_app_id), &p), FAULT_NONE);
	assert_string_equal(p.object_id, w.admin_object_id);
	assert_int_equal(p.kind, PRINCIPAL_APPLICATION);
	assert_true(p.is_admin);
	assert_int_equal(world_admin_secret(&w, t, &secret), FAULT_NONE);
	assert_int_equal(secret.len, 43);
	txn_abort(t);
	world_done(&w);
}

static void test_devbox(void **state)
{
	struct host *h = calloc(1, sizeof(*h));
	struct group *g = calloc(1, sizeof(*g));
	struct principal p;
	struct world w;

	open_in(*state, &w);
	struct txn *t = begin(&w, TXN_READ);
	assert_int_equal(host_get(t, SPAN_LIT(HOST_DEFAULT_ID), h), FAULT_NONE);
	assert_true(h->attaches_all);
	assert_string_equal(h->resource_id,
			    "/subscriptions/" WORLD_SUBSCRIPTION_ID
			    "/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox");
	assert_int_equal(principal_by_object_id(t, span_cstr(h->system_object_id), &p), FAULT_NONE);
	assert_int_equal(p.kind, PRINCIPAL_SYSTEM_ASSIGNED);
	assert_string_equal(p.display_name, "devbox");
	assert_string_equal(p.resource_id, h->resource_id);
	assert_false(p.is_admin);
	assert_int_equal(group_get(t, SPAN_LIT(WORLD_SUBSCRIPTION_ID), SPAN_LIT("Sandbox"), g), FAULT_NONE);
	assert_string_equal(g->name, "sandbox");
	assert_string_equal(g->location, WORLD_LOCATION);
	txn_abort(t);
	world_done(&w);
	free(h);
	free(g);
}

static void test_opened_again(void **state)
{
	SCOPED_DONE(secret) struct secret first = SECRET_INIT;
	SCOPED_DONE(secret) struct secret second = SECRET_INIT;
	struct world w;
	char app_id[ID_SIZE];

	open_in(*state, &w);
	snprintf(app_id, sizeof(app_id), "%s", w.admin_app_id);
	struct txn *t = begin(&w, TXN_READ);
	assert_int_equal(world_admin_secret(&w, t, &first), FAULT_NONE);
	txn_abort(t);
	world_done(&w);

	open_in(*state, &w);
	assert_string_equal(w.admin_app_id, app_id);
	t = begin(&w, TXN_READ);
	assert_int_equal(world_admin_secret(&w, t, &second), FAULT_NONE);
	txn_abort(t);
	world_done(&w);
	assert_true(span_eq(secret_span(&first), secret_span(&second)));
}

static void test_modes(void **state)
{
	char path[256];
	struct world w;
	struct stat st;

	snprintf(path, sizeof(path), "%s/a/b", (char *)*state);
	open_in(path, &w);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(path, sizeof(path), "%s/a/b/root.key", (char *)*state);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	world_done(&w);
}

/* Several processes open an empty directory at once: one makes the world, all are in it. */
static void test_race(void **state)
{
	char first[ID_SIZE] = "";
	pid_t pids[4];

	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			struct rng rng = rng_system();
			struct world w;
			char path[256];

			if (world_open(*state, true, &rng, NOW_S, &w, NULL) != FAULT_NONE)
				_exit(1);
			snprintf(path, sizeof(path), "%s/seen-%zu", (char *)*state, i);
			enum fault f = file_replace(path, span_cstr(w.admin_app_id), NULL);
			world_done(&w);
			_exit(f == FAULT_NONE ? 0 : 1);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		SCOPED_DONE(buf) struct buf seen = BUF_INIT(64);
		char path[256];
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
		snprintf(path, sizeof(path), "%s/seen-%zu", (char *)*state, i);
		assert_int_equal(file_read(path, &seen, NULL), FAULT_NONE);
		if (i == 0)
			snprintf(first, sizeof(first), "%s", buf_cstr(&seen));
		assert_string_equal(buf_cstr(&seen), first);
	}
}

/* What the head of the first record says, and what the sentence then says. */
static const struct {
	const char *name;
	uint8_t version, min_reader;
	const char *word; /* NULL: it opens */
} rows_version[] = {
	{ "this release's", 1, 1, NULL },
	{ "a newer one that we still read", 9, 1, NULL },
	{ "a newer one", 9, 9, "newer" },
	{ "an older one", 0, 0, "older" },
};

static void write_head(const char *dir, uint8_t version, uint8_t min_reader)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(4096);
	struct span old;
	struct world w;

	open_in(dir, &w);
	struct txn *t = begin(&w, TXN_WRITE);
	assert_int_equal(txn_get(t, TABLE_META, SPAN_LIT("world"), &old), FAULT_NONE);
	buf_put_u8(&b, version);
	buf_put_u8(&b, min_reader);
	buf_put_span(&b, span_from(old, 2));
	assert_int_equal(txn_put(t, TABLE_META, SPAN_LIT("world"), buf_span(&b)), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);
	world_done(&w);
}

static void test_version(void **state)
{
	struct rng rng = rng_system();

	for (size_t i = 0; i < ARRAY_LEN(rows_version); i++) {
		struct err err = ERR_INIT;
		struct world w;
		char dir[256];

		snprintf(dir, sizeof(dir), "%s/%zu", (char *)*state, i);
		write_head(dir, rows_version[i].version, rows_version[i].min_reader);
		enum fault f = world_open(dir, true, &rng, NOW_S, &w, &err);
		if (f == FAULT_NONE)
			world_done(&w);
		if ((f == FAULT_NONE) != (rows_version[i].word == NULL) ||
		    (f != FAULT_NONE && strstr(err.message, rows_version[i].word) == NULL))
			fail_msg("%s: %s", rows_version[i].name, err.message);
	}
}

/* A root key that is not the store's would make every secret unreadable: it shows at once. */
static void test_other_root_key(void **state)
{
	SCOPED_DONE(secret) struct secret secret = SECRET_INIT;
	char path[256];
	struct world w;

	open_in(*state, &w);
	world_done(&w);
	snprintf(path, sizeof(path), "%s/root.key", (char *)*state);
	assert_int_equal(file_replace(path, SPAN_LIT("0123456789abcdef0123456789abcdef"), NULL), FAULT_NONE);
	open_in(*state, &w);
	struct txn *t = begin(&w, TXN_READ);
	assert_int_equal(world_admin_secret(&w, t, &secret), FAULT_CRYPTO);
	txn_abort(t);
	world_done(&w);
}

static struct span member(const struct json_doc *d, const char *name)
{
	return json_string(json_get(json_root(d), name));
}

static struct span variable(const struct json_doc *d, const char *name)
{
	return json_string(json_get(json_get(json_root(d), "env"), name));
}

static struct json_doc *endpoints_doc(struct world *w)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(1 << 16);
	struct json_doc *d;
	struct txn *t = begin(w, TXN_READ);

	assert_int_equal(endpoints_json(w, t, &text), FAULT_NONE);
	txn_abort(t);
	assert_int_equal(json_parse(buf_span(&text), &d, NULL), FAULT_NONE);
	return d;
}

static void test_endpoints(void **state)
{
	const struct endpoints own = { .login_port = 18444, .imds_port = 18090, .proxy_port = 18091 };
	struct endpoints e;
	struct world w;
	struct json_doc *d;

	open_in(*state, &w);
	struct txn *t = begin(&w, TXN_WRITE);
	assert_int_equal(endpoints_get(t, &e), FAULT_NONE);
	assert_true(e.tls_port == 0 && e.login_port == 0 && e.imds_port == 0);
	assert_int_equal(endpoints_publish_vaultd(t, 18443), FAULT_NONE);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);

	d = endpoints_doc(&w);
	assert_true(span_eq_cstr(member(d, "arm"), "https://localhost:18443"));
	assert_true(span_eq_cstr(member(d, "vault_suffix"), "vault.localhost:18443"));
	assert_null(json_get(json_root(d), "login"));
	assert_null(json_get(json_root(d), "imds"));
	assert_int_equal(variable(d, "AZURE_AUTHORITY_HOST").len, 0);
	json_doc_free(d);

	t = begin(&w, TXN_WRITE);
	assert_int_equal(endpoints_publish_identityd(t, &own), FAULT_NONE);
	assert_int_equal(endpoints_get(t, &e), FAULT_NONE);
	assert_true(e.tls_port == 18443 && e.login_port == 18444 && e.imds_port == 18090 && e.proxy_port == 18091);
	assert_int_equal(txn_commit(t, NULL), FAULT_NONE);

	d = endpoints_doc(&w);
	assert_true(span_eq_cstr(member(d, "login"), "https://localhost:18444"));
	assert_true(span_eq_cstr(member(d, "imds"), "http://127.0.0.1:18090"));
	assert_true(span_eq_cstr(member(d, "proxy"), "http://127.0.0.1:18091"));
	assert_true(span_eq_cstr(member(d, "tenant"), WORLD_TENANT_ID));
	assert_true(span_eq_cstr(member(d, "client_id"), w.admin_app_id));
	assert_true(span_eq_cstr(member(d, "data_dir"), w.data_dir));
	assert_true(span_eq_cstr(variable(d, "AZURE_TENANT_ID"), "adfs"));
	assert_true(span_eq_cstr(variable(d, "IDENTITY_ENDPOINT"), "http://127.0.0.1:18090/msi/token"));
	assert_true(span_eq(variable(d, "AZURE_CLIENT_SECRET"), member(d, "client_secret")));
	assert_true(span_eq(variable(d, "REQUESTS_CA_BUNDLE"), member(d, "ca")));
	json_doc_free(d);
	world_done(&w);
}

/* A data directory named from where one stands becomes absolute in everything that is handed on. */
static void test_relative_directory(void **state)
{
	char before[4096];
	struct world w;

	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(*state), 0);
	open_in("here", &w);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(w.data_dir[0], '/');
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_administrator, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_devbox, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_opened_again, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_modes, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_race, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_version, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_other_root_key, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_endpoints, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_relative_directory, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
