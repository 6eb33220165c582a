#ifndef SANDVAULT_PLAIN_SECRET_H
#define SANDVAULT_PLAIN_SECRET_H

/*
 * Bytes that wipe themselves, and comparison that takes the same time whatever the bytes are.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

struct secret {
	unsigned char *p;
	size_t len;
};

#define SECRET_INIT                                                                                                    \
	{                                                                                                              \
		NULL, 0                                                                                                \
	}

/* Copies n bytes in; an earlier content is wiped first. */
enum fault secret_set(struct secret *s, const void *p, size_t n) MUST_USE;
/* n zero bytes to be filled. */
enum fault secret_alloc(struct secret *s, size_t n) MUST_USE;
/* Wipes and frees; the object may be used again. */
void secret_done(struct secret *s);
struct span secret_span(const struct secret *s);

/* Overwrites memory in a way the compiler keeps. */
void wipe(void *p, size_t n);
/* Content in constant time; the lengths are not secret. */
bool constant_time_eq(struct span a, struct span b);

#endif
