/* The sandbox's certificate authority: made once, renewed in time, healed when a start was cut short. */

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

#include "common/io/server.h"
#include "common/io/tls.h"
#include "common/io/x509.h"
#include "common/model/ca.h"
#include "sandvault/remove_tree.h"

#define DAY_S INT64_C(86400)
#define NOW_S INT64_C(1790000000)

static int make_dir(void **state)
{
	char *dir = strdup("/tmp/ca-test-XXXXXX");

	*state = dir;
	return dir == NULL || mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
	enum fault f = remove_tree(*state, NULL);

	free(*state);
	return f == FAULT_NONE ? 0 : -1;
}

static void path_of(const char *dir, const char *name, char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s/tls/%s", dir, name);
}

static struct buf content(const char *dir, const char *name)
{
	struct buf b = BUF_INIT(1 << 16);
	char path[PATH_SIZE];

	path_of(dir, name, path);
	assert_int_equal(file_read(path, &b, NULL), FAULT_NONE);
	return b;
}

/* Opens at now_s, checks that a server can use the result, and gives the leaf's end. */
static int64_t open_at(const char *dir, int64_t now_s)
{
	SCOPED_DONE(tls_material) struct tls_material m = TLS_MATERIAL_INIT;
	SCOPED_DONE(buf) struct buf leaf = BUF_INIT(1 << 16);
	struct rng rng = rng_system();
	struct err err = ERR_INIT;
	struct tls_context *tls;
	int64_t not_after_s;

	if (ca_open(dir, &rng, now_s, &m, &err) != FAULT_NONE)
		fail_msg("%s", err.message);
	assert_int_equal(tls_context_new(buf_span(&m.chain_pem), buf_span(&m.key_pem), &rng, &tls, &err), FAULT_NONE);
	tls_context_free(tls);
	assert_int_equal(pem_decode(buf_span(&m.chain_pem), "CERTIFICATE", &leaf), FAULT_NONE);
	assert_int_equal(x509_not_after(buf_span(&leaf), &not_after_s), FAULT_NONE);
	return not_after_s;
}

static void test_made_once(void **state)
{
	int64_t end_s = open_at(*state, NOW_S);
	SCOPED_DONE(buf) struct buf ca = content(*state, "ca.pem");
	SCOPED_DONE(buf) struct buf leaf = content(*state, "leaf.pem");

	assert_true(end_s - NOW_S > 300 * DAY_S && end_s - NOW_S < 398 * DAY_S);
	assert_int_equal(open_at(*state, NOW_S + 100 * DAY_S), end_s);
	SCOPED_DONE(buf) struct buf ca_again = content(*state, "ca.pem");
	SCOPED_DONE(buf) struct buf leaf_again = content(*state, "leaf.pem");
	assert_true(span_eq(buf_span(&ca), buf_span(&ca_again)));
	assert_true(span_eq(buf_span(&leaf), buf_span(&leaf_again)));
}

static void test_modes(void **state)
{
	static const char *const secret_files[] = { "ca.key", "leaf.key", "azure.key" };
	char path[PATH_SIZE];
	struct stat st;

	open_at(*state, NOW_S);
	for (size_t i = 0; i < ARRAY_LEN(secret_files); i++) {
		path_of(*state, secret_files[i], path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* days after the first start; what the second start then makes anew */
static const struct {
	const char *name;
	int64_t days;
	bool makes_leaf, makes_ca;
} rows_renewal[] = {
	{ "more than a third of the leaf is left", 260, false, false },
	{ "less than a third of the leaf is left", 270, true, false },
	{ "the leaf is over", 400, true, false },
	{ "the authority outlives a new leaf", 3200, true, false },
	{ "a new leaf would outlive the authority", 3300, true, true },
	{ "the authority is over", 4000, true, true },
};

static void test_renewal(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_renewal); i++) {
		char dir[256];

		snprintf(dir, sizeof(dir), "%s/%zu", (char *)*state, i);
		int64_t first_s = open_at(dir, NOW_S);
		SCOPED_DONE(buf) struct buf ca = content(dir, "ca.pem");
		int64_t second_s = open_at(dir, NOW_S + rows_renewal[i].days * DAY_S);
		SCOPED_DONE(buf) struct buf ca_again = content(dir, "ca.pem");

		if ((second_s != first_s) != rows_renewal[i].makes_leaf ||
		    span_eq(buf_span(&ca), buf_span(&ca_again)) == rows_renewal[i].makes_ca)
			fail_msg("%s", rows_renewal[i].name);
	}
}

/* A start that died between two files, or a leaf that somebody spoilt: the next one heals it. */
static const struct {
	const char *name;
	const char *file;
	const char *content; /* NULL: the file goes */
} rows_heal[] = {
	{ "no leaf", "leaf.pem", NULL },
	{ "no leaf key", "leaf.key", NULL },
	{ "no leaf for Azure's names", "azure.pem", NULL },
	{ "no key for Azure's names", "azure.key", NULL },
	{ "an empty leaf", "leaf.pem", "" },
	{ "a leaf that is none", "leaf.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
	{ "a key that is none", "leaf.key", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n" },
};

static void test_heal(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_heal); i++) {
		char dir[256], path[PATH_SIZE];

		snprintf(dir, sizeof(dir), "%s/%zu", (char *)*state, i);
		open_at(dir, NOW_S);
		SCOPED_DONE(buf) struct buf ca = content(dir, "ca.pem");
		path_of(dir, rows_heal[i].file, path);
		if (rows_heal[i].content == NULL)
			assert_int_equal(unlink(path), 0);
		else
			assert_int_equal(file_replace(path, span_cstr(rows_heal[i].content), NULL), FAULT_NONE);
		open_at(dir, NOW_S);
		SCOPED_DONE(buf) struct buf ca_again = content(dir, "ca.pem");
		if (!span_eq(buf_span(&ca), buf_span(&ca_again)))
			fail_msg("%s", rows_heal[i].name);
	}
}

static bool has_name(const char *dir, const char *file, const char *name)
{
	const char *const names[] = { name, NULL };
	SCOPED_DONE(buf) struct buf pem = content(dir, file);
	SCOPED_DONE(buf) struct buf der = BUF_INIT(1 << 16);
	bool has = false;

	assert_int_equal(pem_decode(buf_span(&pem), "CERTIFICATE", &der), FAULT_NONE);
	assert_int_equal(x509_has_names(buf_span(&der), names, &has), FAULT_NONE);
	return has;
}

static void copy_file(const char *dir, const char *from, const char *to)
{
	SCOPED_DONE(buf) struct buf b = content(dir, from);
	char path[PATH_SIZE];

	path_of(dir, to, path);
	assert_int_equal(file_replace(path, buf_span(&b), NULL), FAULT_NONE);
}

/* Azure's names are in a certificate of their own. */
static void test_names(void **state)
{
	open_at(*state, NOW_S);
	assert_true(has_name(*state, "leaf.pem", "localhost"));
	assert_true(has_name(*state, "leaf.pem", "*.azurecr.localhost"));
	assert_false(has_name(*state, "leaf.pem", "management.azure.com"));
	assert_true(has_name(*state, "azure.pem", "management.azure.com"));
	assert_true(has_name(*state, "azure.pem", "*.vault.azure.net"));
	assert_false(has_name(*state, "azure.pem", "localhost"));
}

/* A leaf of a release that knew fewer names is replaced, though it is valid; the authority stays. */
static void test_missing_names(void **state)
{
	open_at(*state, NOW_S);
	SCOPED_DONE(buf) struct buf ca = content(*state, "ca.pem");
	copy_file(*state, "azure.pem", "leaf.pem");
	copy_file(*state, "azure.key", "leaf.key");
	assert_false(has_name(*state, "leaf.pem", "localhost"));
	open_at(*state, NOW_S);
	assert_true(has_name(*state, "leaf.pem", "localhost"));
	SCOPED_DONE(buf) struct buf ca_again = content(*state, "ca.pem");
	assert_true(span_eq(buf_span(&ca), buf_span(&ca_again)));
}

/* An authority that people have trusted is never replaced behind their backs. */
static void test_spoilt_authority(void **state)
{
	SCOPED_DONE(tls_material) struct tls_material m = TLS_MATERIAL_INIT;
	struct rng rng = rng_system();
	struct err err = ERR_INIT;
	char path[PATH_SIZE];

	open_at(*state, NOW_S);
	path_of(*state, "ca.key", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ca_open(*state, &rng, NOW_S, &m, &err), FAULT_INVALID);
	assert_true(err.message[0] != '\0');
	path_of(*state, "ca.pem", path);
	assert_int_equal(file_replace(path, SPAN_LIT("nothing"), NULL), FAULT_NONE);
	err.message[0] = '\0';
	assert_int_equal(ca_open(*state, &rng, NOW_S, &m, &err), FAULT_INVALID);
	assert_true(err.message[0] != '\0');
}

/* Two daemons start at once, each a process of its own: both get the same authority and leaf. */
static void test_race(void **state)
{
	pid_t pids[4];

	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			SCOPED_DONE(tls_material) struct tls_material m = TLS_MATERIAL_INIT;
			struct rng rng = rng_system();
			char path[PATH_SIZE];

			if (ca_open(*state, &rng, NOW_S, &m, NULL) != FAULT_NONE)
				_exit(1);
			snprintf(path, sizeof(path), "%s/seen-%zu", (char *)*state, i);
			_exit(file_replace(path, buf_span(&m.chain_pem), NULL) == FAULT_NONE ? 0 : 1);
		}
	}
	SCOPED_DONE(buf) struct buf first = BUF_INIT(1 << 16);
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		SCOPED_DONE(buf) struct buf seen = BUF_INIT(1 << 16);
		char path[PATH_SIZE];
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
		snprintf(path, sizeof(path), "%s/seen-%zu", (char *)*state, i);
		assert_int_equal(file_read(path, i == 0 ? &first : &seen, NULL), FAULT_NONE);
		assert_true(i == 0 || span_eq(buf_span(&first), buf_span(&seen)));
	}
}

static void test_load(void **state)
{
	SCOPED_DONE(tls_material) struct tls_material m = TLS_MATERIAL_INIT;
	SCOPED_DONE(tls_material) struct tls_material none = TLS_MATERIAL_INIT;
	char cert[PATH_SIZE], key[PATH_SIZE];

	open_at(*state, NOW_S);
	path_of(*state, "leaf.pem", cert);
	path_of(*state, "leaf.key", key);
	assert_int_equal(ca_load(cert, key, &m, NULL), FAULT_NONE);
	assert_true(m.chain_pem.len > 0 && m.key_pem.len > 0);
	assert_int_equal(ca_load(cert, "/nonexistent", &none, NULL), FAULT_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_made_once, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_modes, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_renewal, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_heal, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_names, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_missing_names, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_spoilt_authority, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_race, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_load, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("ca", tests, NULL, NULL);
}
