#ifndef SANDVAULT_MODEL_ROLE_RECORD_H
#define SANDVAULT_MODEL_ROLE_RECORD_H

/*
 * Stored form of roles, assignments and deny assignments, said as rows, and the mark that tells whether any of them
 * changed. Private to common/model. What is read is borrowed from the transaction; tags are for ever.
 */

#include "common/io/record.h"
#include "common/io/store.h"

enum role_field_type { ROLE_TEXT /* struct span; p NULL: absent */, ROLE_INT /* int64_t */, ROLE_BOOL };

struct role_field {
	uint16_t tag;
	enum role_field_type type;
	size_t offset;
};

struct role_kind {
	const struct role_field *rows;
	size_t n_rows;
	size_t size; /* of the struct */
	unsigned table;
	size_t until;  /* offset of an int64_t: when the effect of a removed record ends; 0 there: it was not removed */
	size_t folded; /* offset of the folded scope; ROLE_NO_SCOPE */
};
enum { ROLE_NO_SCOPE = -1 };

enum fault role_record_get(struct txn *t, const struct role_kind *k, struct span id, void *ret) MUST_USE;
/* Both leave a new mark. */
enum fault role_record_put(struct txn *t, const struct role_kind *k, struct span id, const void *from) MUST_USE;
enum fault role_record_del(struct txn *t, const struct role_kind *k, struct span id) MUST_USE;
/* Records, ascending by id, in scratch (of the kind's size), until each returns a fault, which is the result: those
 * that are there, or those removed too, whose effect may last. */
enum role_which { ROLE_THERE, ROLE_REMOVED_TOO };
enum fault role_record_each(struct txn *t, const struct role_kind *k, enum role_which which, void *scratch,
			    enum fault (*each)(const void *one, void *arg), void *arg) MUST_USE;
/* Whether the effect of a removed record has ended. */
bool role_record_is_over(const struct role_kind *k, const void *one, int64_t now_s);

/* Delete the records whose effect has ended, and those at the folded scope and below. Their ids are GUIDs. scratch as
 * above. */
enum fault role_record_sweep(struct txn *t, const struct role_kind *k, void *scratch, int64_t now_s) MUST_USE;
enum fault role_record_drop_scope(struct txn *t, const struct role_kind *k, void *scratch,
				  struct span scope_folded) MUST_USE;

/* A number that is another one after each change of these tables; 0 before the first. */
enum fault role_mark_get(struct txn *t, uint64_t *ret) MUST_USE;

#endif
