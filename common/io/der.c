#include "common/io/der.h"

#include <stdlib.h>

enum { DER_BOOLEAN = 0x01, DER_NULL = 0x05, DER_OID = 0x06 };

enum fault der_init(struct der *d, size_t max)
{
	*d = (struct der){ .start = malloc(max) };
	if (d->start == NULL)
		return FAULT_MEMORY;
	d->p = d->end = d->start + max;
	return FAULT_NONE;
}

void der_done(struct der *d)
{
	free(d->start);
	*d = (struct der){ .start = NULL };
}

size_t der_here(const struct der *d)
{
	return (size_t)(d->end - d->p);
}

void der_raw(struct der *d, struct span bytes)
{
	if (d->fault != FAULT_NONE || bytes.len == 0)
		return;
	if (bytes.len > (size_t)(d->p - d->start)) {
		d->fault = FAULT_TOO_LARGE;
		return;
	}
	d->p -= bytes.len;
	memcpy(d->p, bytes.p, bytes.len);
}

static void put_byte(struct der *d, size_t v)
{
	unsigned char byte = (unsigned char)v;

	der_raw(d, span_of(&byte, 1));
}

void der_wrap(struct der *d, unsigned char tag, size_t mark)
{
	size_t len = der_here(d) - mark;

	if (len < 0x80) {
		put_byte(d, len);
	} else {
		size_t n_bytes = 0;

		for (; len > 0; len >>= 8, n_bytes++)
			put_byte(d, len & 0xff);
		put_byte(d, 0x80 | n_bytes);
	}
	put_byte(d, tag);
}

void der_put(struct der *d, unsigned char tag, struct span content)
{
	size_t mark = der_here(d);

	der_raw(d, content);
	der_wrap(d, tag, mark);
}

void der_bool_true(struct der *d)
{
	der_put(d, DER_BOOLEAN, SPAN_LIT("\xff"));
}

void der_null(struct der *d)
{
	der_put(d, DER_NULL, SPAN_EMPTY);
}

void der_oid(struct der *d, struct span oid)
{
	der_put(d, DER_OID, oid);
}

struct span der_span(const struct der *d)
{
	return span_of(d->p, der_here(d));
}
