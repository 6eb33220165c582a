#ifndef SANDVAULT_IO_RECORD_H
#define SANDVAULT_IO_RECORD_H

/*
 * The stored form of records: a two-byte head (version that wrote it, lowest version able to read it), then fields,
 * each tag (u16), length (u32), bytes. A reader skips tags it does not know, so a later release may add fields; it
 * raises the second number only when an old reader would be wrong. Repeated tags make lists; a nested record is a
 * field's bytes.
 */

#include "common/plain/buf.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

/* Writing: record_begin, then fields in any order. Failures stick in the buf. */
void record_begin(struct buf *b, uint8_t version, uint8_t min_reader);
void record_put(struct buf *b, uint16_t tag, struct span v);
void record_put_cstr(struct buf *b, uint16_t tag, const char *v);
void record_put_int(struct buf *b, uint16_t tag, int64_t v);
void record_put_bool(struct buf *b, uint16_t tag, bool v);

/* Reading. */
struct record_reader {
	struct span rest;
	uint8_t version;
};
/* FAULT_STORE when the bytes are no record or need a newer reader than `reads`. */
enum fault record_open(struct record_reader *r, struct span bytes, uint8_t reads) MUST_USE;
/* FAULT_NOT_FOUND at the end, FAULT_STORE when the bytes are broken. */
enum fault record_next(struct record_reader *r, uint16_t *ret_tag, struct span *ret_value) MUST_USE;
/* All fields in order, until field returns a fault. */
enum fault record_each(struct span bytes, uint8_t reads,
		       enum fault (*field)(uint16_t tag, struct span value, void *into), void *into) MUST_USE;
/* Values of fields; FAULT_STORE when the length does not fit. */
enum fault record_int(struct span v, int64_t *ret) MUST_USE;
enum fault record_bool(struct span v, bool *ret) MUST_USE;
/* Copies text into a char array with a NUL. */
enum fault record_str(struct span v, char *out, size_t cap) MUST_USE;

#endif
