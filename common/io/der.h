#ifndef SANDVAULT_IO_DER_H
#define SANDVAULT_IO_DER_H

/*
 * Writing DER. A value's length comes before it and is known only after it, so everything is written from the end of a
 * buffer forwards: content first, its tag last. The first failure sticks. Private to common/io.
 *
 *     size_t end = der_here(&d);       SEQUENCE { OID, NULL }:
 *     der_null(&d);                        last member first …
 *     der_oid(&d, oid, oid_len);
 *     der_wrap(&d, DER_SEQUENCE, end);     … and the tag around all since end
 */

#include "common/plain/fault.h"
#include "common/plain/span.h"

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_UTF8_STRING = 0x0c,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,		/* [0] IMPLICIT of a primitive, plus the number */
	DER_CONTEXT_CONSTRUCTED = 0xa0, /* [0] EXPLICIT, plus the number */
};

struct der {
	unsigned char *start; /* the buffer, owned */
	unsigned char *p;     /* what is written begins here … */
	unsigned char *end;   /* … and ends here */
	enum fault fault;
};

enum fault der_init(struct der *d, size_t max) MUST_USE;
void der_done(struct der *d);

/* A mark for der_wrap: what is written from here on. */
size_t der_here(const struct der *d);
void der_wrap(struct der *d, unsigned char tag, size_t mark);
void der_raw(struct der *d, struct span bytes);
/* A primitive value. */
void der_put(struct der *d, unsigned char tag, struct span content);
void der_bool_true(struct der *d);
void der_null(struct der *d);
void der_oid(struct der *d, struct span oid);
/* What has been written. */
struct span der_span(const struct der *d);

#endif
