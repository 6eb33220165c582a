#ifndef SANDVAULT_MODEL_FLAT_H
#define SANDVAULT_MODEL_FLAT_H

/*
 * Stored form of a plain struct, said as rows: which member goes under which tag. Private to common/model.
 * Tags are for ever: a stored record is read by every later release. What a record lacks keeps the value it had.
 */

#include "common/io/record.h"
#include "common/io/store.h"

enum flat_type {
	FLAT_STR,   /* char array of cap bytes */
	FLAT_STRS,  /* array of char arrays of cap bytes each; size_t at count says how many of max; repeated tag */
	FLAT_BYTES, /* uint8_t array of cap bytes; size_t at count says how many are used */
	FLAT_INT,   /* int64_t */
	FLAT_UINT,  /* unsigned: enumerations */
	FLAT_BOOL,
};

struct flat_field {
	uint16_t tag;
	enum flat_type type;
	size_t offset, cap;
	size_t count, max; /* offset of the count; FLAT_STRS: how many fit */
};

#define FLAT_STR_ROW(t, type, member)                                                                                  \
	{                                                                                                              \
		(t), FLAT_STR, offsetof(type, member), sizeof(((type *)0)->member), 0, 0                               \
	}
#define FLAT_ROW(t, kind, type, member)                                                                                \
	{                                                                                                              \
		(t), (kind), offsetof(type, member), 0, 0, 0                                                           \
	}
#define FLAT_BYTES_ROW(t, type, member, len)                                                                           \
	{                                                                                                              \
		(t), FLAT_BYTES, offsetof(type, member), sizeof(((type *)0)->member), offsetof(type, len), 0           \
	}

/* Appends head and fields. */
void flat_encode(struct buf *out, const struct flat_field *rows, size_t n_rows, uint8_t version, const void *from);
/* into is zeroed first. FAULT_STORE. */
enum fault flat_decode(struct span bytes, const struct flat_field *rows, size_t n_rows, uint8_t reads, void *into,
		       size_t into_size) MUST_USE;

/* How one kind of record is stored. */
struct flat_kind {
	const struct flat_field *rows;
	size_t n_rows;
	uint8_t version;
	size_t size; /* of the struct */
	unsigned table;
};
enum fault flat_get(struct txn *t, const struct flat_kind *k, struct span key, void *into) MUST_USE;
enum fault flat_put(struct txn *t, const struct flat_kind *k, struct span key, const void *from) MUST_USE;
/* Every record below prefix, ascending, decoded into scratch (of the kind's size), until each returns a fault, which is
 * then the result. */
enum fault flat_walk(struct txn *t, const struct flat_kind *k, struct span prefix, void *scratch,
		     enum fault (*each)(const void *one, void *arg), void *arg) MUST_USE;

#endif
