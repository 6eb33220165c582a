#include "common/plain/secret.h"

#include <stdlib.h>
#include <string.h>

void wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

/* One byte more than asked for, so that no size is zero and text is terminated. */
static unsigned char *bytes_new(size_t n)
{
	return n == SIZE_MAX ? NULL : calloc(1, n + 1);
}

enum fault secret_set(struct secret *s, const void *p, size_t n)
{
	unsigned char *bytes = bytes_new(n);

	/* Copied before the old content goes: p may be a part of it. */
	if (bytes != NULL && n > 0)
		memcpy(bytes, p, n);
	secret_done(s);
	if (bytes == NULL)
		return FAULT_MEMORY;
	s->p = bytes;
	s->len = n;
	return FAULT_NONE;
}

enum fault secret_alloc(struct secret *s, size_t n)
{
	secret_done(s);
	unsigned char *bytes = bytes_new(n);
	if (bytes == NULL)
		return FAULT_MEMORY;
	s->p = bytes;
	s->len = n;
	return FAULT_NONE;
}

void secret_done(struct secret *s)
{
	if (s->p != NULL)
		wipe(s->p, s->len);
	free(s->p);
	s->p = NULL;
	s->len = 0;
}

struct span secret_span(const struct secret *s)
{
	return s->p == NULL ? SPAN_EMPTY : span_of(s->p, s->len);
}

bool constant_time_eq(struct span a, struct span b)
{
	uint64_t diff = 0;
	size_t i = 0;

	if (a.len != b.len)
		return false;
	for (; i + sizeof(diff) <= a.len; i += sizeof(diff)) {
		uint64_t x, y;

		memcpy(&x, a.p + i, sizeof(x));
		memcpy(&y, b.p + i, sizeof(y));
		diff |= x ^ y;
		/* Or the compiler may leave the loop at the first difference. */
		__asm__ volatile("" : "+r"(diff));
	}
	for (; i < a.len; i++) {
		diff |= (uint64_t)((unsigned char)a.p[i] ^ (unsigned char)b.p[i]);
		__asm__ volatile("" : "+r"(diff));
	}
	return diff == 0;
}
