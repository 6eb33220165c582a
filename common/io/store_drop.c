#include "common/io/store.h"

#include <string.h>

/* Copied out: a walk ends where its table is written. */
static enum fault first_key(struct txn *t, unsigned table, struct span prefix, char out[STORE_KEY_MAX], size_t *ret_len)
{
	struct span key, value;
	struct walk w;
	enum fault f = walk_begin(t, table, prefix, SPAN_EMPTY, &w);

	if (f != FAULT_NONE)
		return f;
	f = walk_next(&w, &key, &value);
	if (f == FAULT_NONE) {
		memcpy(out, key.p, key.len);
		*ret_len = key.len;
	}
	walk_done(&w);
	return f;
}

enum fault txn_drop(struct txn *t, unsigned table, struct span prefix)
{
	char key[STORE_KEY_MAX];
	size_t len = 0;
	enum fault f;

	while ((f = first_key(t, table, prefix, key, &len)) == FAULT_NONE) {
		f = txn_del(t, table, span_of(key, len));
		if (f != FAULT_NONE)
			return f;
	}
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}
