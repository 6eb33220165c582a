/* Backups: what goes in comes out, and nothing else opens. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/key_backup.h"
#include "common/plain/rng.h"
#include "vaultd/keyvault/backup_blob.h"
#include "vaultd/keyvault/geography.h"

#define V1 "11111111111111111111111111111111"
#define V2 "22222222222222222222222222222222"
#define HEADER_FORM "eyJraWQiOi" /* {"kid": */

static struct sealer sealer_of(char c)
{
	struct sealer s = { SECRET_INIT };
	char key[SEAL_KEY_LEN];

	memset(key, c, sizeof(key));
	assert_int_equal(secret_set(&s.key, key, sizeof(key)), FAULT_NONE);
	return s;
}

static void fill(struct buf *out, const char *current)
{
	struct key_backup b = { .subscription_id = "sub", .geography = "Europe" };
	struct key_version v = {
		.kty = KTY_EC, .crv = CURVE_P256, .enabled = true, .x = SPAN_LIT("x"), .y = SPAN_LIT("y")
	};

	strcpy(b.head.name, "My-Key");
	strcpy(b.head.current, current);
	b.head.rotation = (struct key_rotation){ .is_set = true, .n_actions = 1, .expiry = "P90D", .created_s = 5 };
	b.head.rotation.actions[0] = (struct key_rotation_action){ ROTATION_ROTATE, ROTATION_AFTER_CREATE, "P30D" };
	key_backup_begin(out, &b);
	strcpy(v.version, V1);
	v.sealed = SPAN_LIT("private one");
	key_backup_add(out, &v);
	strcpy(v.version, V2);
	v.tags = SPAN_LIT("{\"a\":\"b\"}");
	v.is_exportable = true;
	v.release_data = SPAN_LIT("{}");
	v.release_type = SPAN_LIT("application/json");
	v.release_immutable = TRI_FALSE;
	v.sealed = SPAN_LIT("private two");
	key_backup_add(out, &v);
}

static enum fault add_text(const struct key_version *v, void *arg)
{
	strncat(arg, v->sealed.p, v->sealed.len);
	strcat(arg, v->is_exportable && v->release_immutable == TRI_FALSE ? "!" : ";");
	return FAULT_NONE;
}

static void the_content_comes_back(void **state)
{
	SCOPED_DONE(buf) struct buf b = BUF_SECRET_INIT(KEY_BACKUP_MAX);
	struct key_backup got;
	char text[64] = "";

	(void)state;
	fill(&b, V2);
	assert_int_equal(key_backup_read(buf_span(&b), &got), FAULT_NONE);
	assert_string_equal(got.subscription_id, "sub");
	assert_string_equal(got.geography, "Europe");
	assert_string_equal(got.head.name, "My-Key");
	assert_string_equal(got.head.current, V2);
	assert_true(got.head.rotation.is_set);
	assert_string_equal(got.head.rotation.actions[0].time, "P30D");
	assert_int_equal(key_backup_each(buf_span(&b), add_text, text), FAULT_NONE);
	assert_string_equal(text, "private one;private two!");
}

static void a_newest_version_that_is_missing_is_refused(void **state)
{
	SCOPED_DONE(buf) struct buf b = BUF_SECRET_INIT(KEY_BACKUP_MAX);
	struct key_backup got;

	(void)state;
	fill(&b, "33333333333333333333333333333333");
	assert_int_equal(key_backup_read(buf_span(&b), &got), FAULT_STORE);
	assert_int_equal(key_backup_read(SPAN_EMPTY, &got), FAULT_STORE);
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(key_backup_read(span_first(buf_span(&b), n), &got), FAULT_STORE);
}

static void a_backup_beyond_its_ceiling_says_so(void **state)
{
	SCOPED_DONE(buf) struct buf b = BUF_SECRET_INIT(900);

	(void)state;
	fill(&b, V2);
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	for (int i = 0; i < 4; i++)
		fill(&b, V2);
	assert_int_equal(buf_fault(&b), FAULT_TOO_LARGE);
}

static void a_blob_opens_under_its_root_key_alone(void **state)
{
	SCOPED_DONE(buf) struct buf blob = BUF_INIT(1 << 20);
	SCOPED_DONE(secret) struct secret got = SECRET_INIT;
	struct sealer ours = sealer_of('a'), other = sealer_of('b');
	struct rng rng = rng_system();

	(void)state;
	assert_int_equal(backup_blob_seal(&ours, &rng, SPAN_LIT("content"), &blob), FAULT_NONE);
	assert_memory_equal(blob.data, "&AzureKeyVaultKeyBackupV1.microsoft.com" HEADER_FORM,
			    39 + sizeof(HEADER_FORM) - 1);
	assert_int_equal(backup_blob_open(&ours, buf_span(&blob), &got), FAULT_NONE);
	assert_true(span_eq(secret_span(&got), SPAN_LIT("content")));
	assert_int_equal(backup_blob_open(&other, buf_span(&blob), &got), FAULT_INVALID);
	sealer_done(&ours);
	sealer_done(&other);
}

/* Of the last digit of a part only some bits count: those are passed over. */
static void a_changed_blob_does_not_open(void **state)
{
	SCOPED_DONE(buf) struct buf blob = BUF_INIT(1 << 20);
	SCOPED_DONE(secret) struct secret got = SECRET_INIT;
	struct sealer s = sealer_of('a');
	struct rng rng = rng_system();

	(void)state;
	assert_int_equal(backup_blob_seal(&s, &rng, SPAN_LIT("content"), &blob), FAULT_NONE);
	for (size_t n = 0; n < blob.len; n++)
		assert_int_equal(backup_blob_open(&s, span_first(buf_span(&blob), n), &got), FAULT_INVALID);
	for (size_t at = 0; at + 1 < blob.len; at++) {
		char was = blob.data[at];

		if (blob.data[at + 1] == '.')
			continue;
		blob.data[at] = was == 'A' ? 'B' : 'A';
		assert_int_equal(backup_blob_open(&s, buf_span(&blob), &got), FAULT_INVALID);
		blob.data[at] = was;
	}
	assert_int_equal(backup_blob_open(&s, buf_span(&blob), &got), FAULT_NONE);
	sealer_done(&s);
}

static void geographies_hold_their_locations(void **state)
{
	(void)state;
	assert_string_equal(geography_of("westeurope"), geography_of("northeurope"));
	assert_string_equal(geography_of("eastus"), geography_of("WestUS2"));
	assert_string_not_equal(geography_of("westeurope"), geography_of("uksouth"));
	assert_string_equal(geography_of("mars"), "mars");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_content_comes_back),
		cmocka_unit_test(a_newest_version_that_is_missing_is_refused),
		cmocka_unit_test(a_backup_beyond_its_ceiling_says_so),
		cmocka_unit_test(a_blob_opens_under_its_root_key_alone),
		cmocka_unit_test(a_changed_blob_does_not_open),
		cmocka_unit_test(geographies_hold_their_locations),
	};

	return cmocka_run_group_tests_name("key-backup", tests, NULL, NULL);
}
