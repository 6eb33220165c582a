/*
 * Backups of keys. The first byte chooses: the rest is a blob that somebody sends to be restored, or the content of
 * one, which is also sealed, opened and spoilt. Nothing opens but what was sealed; what reads is read the same again.
 */

#include <stdlib.h>

#include "common/model/key_backup.h"
#include "tests/fuzz/fuzz.h"
#include "vaultd/keyvault/backup_blob.h"

enum { BLOB_MAX = 4 << 20 };

static struct sealer make_sealer(void)
{
	static const char key[SEAL_KEY_LEN] = "thirty-two bytes of a root key.";
	struct sealer s = { SECRET_INIT };

	FUZZ_CHECK(secret_set(&s.key, key, sizeof(key)) == FAULT_NONE);
	return s;
}

static void try_blob(const struct sealer *s, struct span blob)
{
	SCOPED_DONE(secret) struct secret got = SECRET_INIT;

	FUZZ_CHECK(backup_blob_open(s, blob, &got) == FAULT_INVALID);
}

struct again {
	struct buf *out;
	size_t n;
};

static enum fault add(const struct key_version *v, void *arg)
{
	struct again *a = arg;

	key_backup_add(a->out, v);
	a->n++;
	return FAULT_NONE;
}

static enum fault count(const struct key_version *v UNUSED, void *arg)
{
	++*(size_t *)arg;
	return FAULT_NONE;
}

/* Written again it may be larger: a record that lacks fields gets them. */
static void try_content(struct span content)
{
	SCOPED_DONE(buf) struct buf b = BUF_SECRET_INIT(BLOB_MAX);
	struct key_backup first, second;
	struct again a = { &b, 0 };
	size_t n = 0;

	if (content.len > KEY_BACKUP_MAX || key_backup_read(content, &first) != FAULT_NONE)
		return;
	FUZZ_CHECK(strlen(first.head.current) == KEY_VERSION_SIZE - 1 && first.head.name[0] != '\0');
	key_backup_begin(&b, &first);
	FUZZ_CHECK(key_backup_each(content, add, &a) == FAULT_NONE);
	if (b.fault != FAULT_NONE)
		return;
	FUZZ_CHECK(key_backup_read(buf_span(&b), &second) == FAULT_NONE);
	FUZZ_CHECK(key_backup_each(buf_span(&b), count, &n) == FAULT_NONE && n == a.n);
	FUZZ_CHECK(strcmp(first.head.name, second.head.name) == 0);
	FUZZ_CHECK(first.head.rotation.n_actions == second.head.rotation.n_actions);
}

static void try_seal(const struct sealer *s, struct span content, uint8_t where)
{
	SCOPED_DONE(buf) struct buf blob = BUF_INIT(BLOB_MAX);
	SCOPED_DONE(secret) struct secret got = SECRET_INIT;
	struct rng rng = fuzz_rng();
	size_t at;

	fuzz_rng_rewind();
	FUZZ_CHECK(backup_blob_seal(s, &rng, content, &blob) == FAULT_NONE);
	FUZZ_CHECK(backup_blob_open(s, buf_span(&blob), &got) == FAULT_NONE);
	FUZZ_CHECK(span_eq(secret_span(&got), content));
	at = blob.len * where / 256;
	blob.data[at] = '!'; /* stands nowhere in a blob */
	try_blob(s, buf_span(&blob));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	uint8_t mode = fuzz_take_byte(&in);
	struct sealer s = make_sealer();

	if (mode == 0) {
		try_blob(&s, in);
	} else {
		try_content(in);
		try_seal(&s, in, mode);
	}
	sealer_done(&s);
	return 0;
}
