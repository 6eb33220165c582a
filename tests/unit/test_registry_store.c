/* What registries store: uploads, blobs, manifests and tags in a real store; a hash in pieces. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/registry_manifest.h"
#include "common/model/tables.h"
#include "tests/support/tmpdir.h"

#define APP SPAN_LIT("team/app")
#define OTHER SPAN_LIT("team/application")

struct fixture {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct txn *txn;
	struct registry r, neighbour;
	struct rng rng;
};

static int set_up(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	struct store_options opt = { .tables = table_names, .n_tables = TABLE_COUNT, .is_ephemeral = true };

	tmpdir_make(fx->dir);
	opt.dir = fx->dir;
	assert_int_equal(store_open(&opt, &fx->store, NULL), FAULT_NONE);
	assert_int_equal(txn_begin(fx->store, TXN_WRITE, &fx->txn, NULL), FAULT_NONE);
	memset(fx->r.uid, 1, sizeof(fx->r.uid));
	memset(fx->neighbour.uid, 2, sizeof(fx->neighbour.uid));
	fx->rng = rng_system();
	*state = fx;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fx = *state;

	txn_abort(fx->txn);
	store_close(fx->store);
	tmpdir_remove(fx->dir);
	free(fx);
	return 0;
}

static size_t rows_left(struct fixture *fx)
{
	struct span key, value;
	struct walk w;
	size_t n = 0;

	assert_int_equal(walk_begin(fx->txn, TABLE_REGISTRY_BLOB, SPAN_EMPTY, SPAN_EMPTY, &w), FAULT_NONE);
	while (walk_next(&w, &key, &value) == FAULT_NONE)
		n++;
	walk_done(&w);
	return n;
}

/* An upload of two pieces. */
static void upload(struct fixture *fx, struct span repository, int64_t now_s, struct upload *ret)
{
	assert_int_equal(upload_begin(fx->txn, &fx->r, &fx->rng, repository, now_s, ret), FAULT_NONE);
	for (; ret->content.n_pieces < 2; ret->content.n_pieces++)
		assert_int_equal(blob_piece_put(fx->txn, &fx->r, &ret->content, ret->content.n_pieces,
						ret->content.n_pieces == 0 ? SPAN_LIT("one") : SPAN_LIT("two")),
				 FAULT_NONE);
	ret->content.size = 6;
	assert_int_equal(upload_put(fx->txn, &fx->r, ret), FAULT_NONE);
}

static void an_upload_becomes_a_blob(void **state)
{
	struct fixture *fx = *state;
	const uint8_t digest[SHA256_LEN] = { 7 };
	struct blob_content c;
	struct upload u, again;
	struct span piece;

	upload(fx, APP, 100, &u);
	assert_int_equal(blob_get(fx->txn, &fx->r, digest, APP, &c), FAULT_NOT_FOUND);
	assert_int_equal(upload_finish(fx->txn, &fx->r, &u, digest), FAULT_NONE);
	assert_int_equal(blob_get(fx->txn, &fx->r, digest, APP, &c), FAULT_NONE);
	assert_int_equal(c.size, 6);
	assert_int_equal(c.n_pieces, 2);
	assert_int_equal(blob_piece_get(fx->txn, &fx->r, &c, 1, &piece), FAULT_NONE);
	assert_true(span_eq_cstr(piece, "two"));
	assert_int_equal(blob_get(fx->txn, &fx->r, digest, OTHER, &c), FAULT_NOT_FOUND);
	assert_int_equal(blob_get(fx->txn, &fx->neighbour, digest, APP, &c), FAULT_NOT_FOUND);
	/* The same bytes again are kept once. */
	upload(fx, OTHER, 100, &again);
	assert_int_equal(upload_finish(fx->txn, &fx->r, &again, digest), FAULT_NONE);
	assert_int_equal(blob_get(fx->txn, &fx->r, digest, OTHER, &c), FAULT_NONE);
	assert_memory_equal(c.id, u.content.id, sizeof(c.id));
	assert_int_equal(blob_unlink(fx->txn, &fx->r, digest, APP), FAULT_NONE);
	assert_int_equal(blob_get(fx->txn, &fx->r, digest, OTHER, &c), FAULT_NONE);
	assert_int_equal(blob_unlink(fx->txn, &fx->r, digest, OTHER), FAULT_NONE);
	assert_int_equal(blob_unlink(fx->txn, &fx->r, digest, OTHER), FAULT_NOT_FOUND);
	assert_int_equal(rows_left(fx), 0);
}

static void uploads_are_given_up(void **state)
{
	struct fixture *fx = *state;
	struct upload u, found, next;
	struct span id;

	upload(fx, APP, 100, &u);
	id = span_of(u.content.id, sizeof(u.content.id));
	assert_int_equal(upload_get(fx->txn, &fx->r, id, APP, 99 + UPLOAD_KEPT_S, &found), FAULT_NONE);
	assert_int_equal(upload_get(fx->txn, &fx->r, id, OTHER, 100, &found), FAULT_NOT_FOUND);
	assert_int_equal(upload_get(fx->txn, &fx->r, id, APP, 100 + UPLOAD_KEPT_S, &found), FAULT_NOT_FOUND);
	upload(fx, APP, 100 + UPLOAD_KEPT_S, &next);
	assert_int_equal(rows_left(fx), 3);
	assert_int_equal(upload_drop(fx->txn, &fx->r, &next), FAULT_NONE);
	assert_int_equal(rows_left(fx), 0);
}

static enum fault add_name(struct span name, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 256 - strlen(text), "%.*s ", SPAN_ARG(name));
	return FAULT_NONE;
}

static void manifests_and_their_tags(void **state)
{
	struct fixture *fx = *state;
	struct manifest one = { .digest = { 1 }, .media_type = "a/b", .size = 4, .sealed = SPAN_LIT("seal") }, got;
	struct manifest two = { .digest = { 2 }, .media_type = "c/d", .size = 4, .sealed = SPAN_LIT("") };
	uint8_t digest[SHA256_LEN];
	char names[256] = "", tag[16];

	assert_int_equal(manifest_put(fx->txn, &fx->r, APP, &one), FAULT_NONE);
	assert_int_equal(manifest_put(fx->txn, &fx->r, APP, &two), FAULT_NONE);
	assert_int_equal(manifest_put(fx->txn, &fx->r, OTHER, &one), FAULT_NONE);
	for (int i = 10; i < 50; i++) {
		snprintf(tag, sizeof(tag), "t%d", i);
		assert_int_equal(tag_put(fx->txn, &fx->r, APP, span_cstr(tag), i == 33 ? two.digest : one.digest),
				 FAULT_NONE);
	}
	assert_int_equal(manifest_get(fx->txn, &fx->r, APP, one.digest, &got), FAULT_NONE);
	assert_string_equal(got.media_type, "a/b");
	assert_true(span_eq_cstr(got.sealed, "seal"));
	assert_int_equal(repository_each(fx->txn, &fx->r, SPAN_EMPTY, add_name, names), FAULT_NONE);
	assert_string_equal(names, "team/app team/application ");
	assert_int_equal(manifest_del(fx->txn, &fx->r, APP, one.digest), FAULT_NONE);
	names[0] = '\0';
	assert_int_equal(tag_each(fx->txn, &fx->r, APP, SPAN_EMPTY, add_name, names), FAULT_NONE);
	assert_string_equal(names, "t33 ");
	assert_int_equal(tag_get(fx->txn, &fx->r, APP, SPAN_LIT("t33"), digest), FAULT_NONE);
	assert_memory_equal(digest, two.digest, sizeof(digest));
	assert_int_equal(manifest_del(fx->txn, &fx->r, APP, two.digest), FAULT_NONE);
	assert_int_equal(repository_exists(fx->txn, &fx->r, APP), FAULT_NOT_FOUND);
	assert_int_equal(repository_exists(fx->txn, &fx->r, OTHER), FAULT_NONE);
	assert_int_equal(manifest_del(fx->txn, &fx->r, OTHER, one.digest), FAULT_NONE);
	assert_int_equal(rows_left(fx), 0);
}

static void names_behind_a_name(void **state)
{
	struct fixture *fx = *state;
	const uint8_t digest[SHA256_LEN] = { 1 };
	char names[256] = "";

	for (const char *const *tag = (const char *const[]){ "a", "a.1", "ab", "b", NULL }; *tag != NULL; tag++)
		assert_int_equal(tag_put(fx->txn, &fx->r, APP, span_cstr(*tag), digest), FAULT_NONE);
	assert_int_equal(tag_put(fx->txn, &fx->r, OTHER, SPAN_LIT("z"), digest), FAULT_NONE);
	assert_int_equal(tag_each(fx->txn, &fx->r, APP, SPAN_LIT("a"), add_name, names), FAULT_NONE);
	assert_string_equal(names, "a.1 ab b ");
	names[0] = '\0';
	assert_int_equal(tag_each(fx->txn, &fx->r, APP, SPAN_LIT("b"), add_name, names), FAULT_NONE);
	assert_string_equal(names, "");
}

static void a_hash_in_pieces(void **state UNUSED)
{
	char bytes[1000];
	uint8_t whole[SHA256_LEN], parts[SHA256_LEN];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	for (size_t step = 1; step <= sizeof(bytes); step += step / 3 + 1) {
		struct sha256_state s, kept;

		sha256_begin(&s);
		for (size_t at = 0; at < sizeof(bytes); at += step) {
			sha256_add(&s, span_of(bytes + at, step < sizeof(bytes) - at ? step : sizeof(bytes) - at));
			memcpy(&kept, &s, sizeof(kept));
			memset(&s, 0xaa, sizeof(s));
			memcpy(&s, &kept, sizeof(s));
		}
		sha256_end(&s, parts);
		sha256(span_of(bytes, sizeof(bytes)), whole);
		assert_memory_equal(parts, whole, sizeof(whole));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_upload_becomes_a_blob, set_up, tear_down),
		cmocka_unit_test_setup_teardown(uploads_are_given_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(manifests_and_their_tags, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_behind_a_name, set_up, tear_down),
		cmocka_unit_test(a_hash_in_pieces),
	};

	return cmocka_run_group_tests_name("registry store", tests, NULL, NULL);
}
