#include "common/plain/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/plain/secret.h"

enum { BUF_CAP_MIN = 256 };

/* cap counts one byte more than content may fill: the terminating NUL. */
static bool grow(struct buf *b, size_t cap)
{
	char *data;

	if (b->is_secret) {
		/* realloc would leave the old bytes behind in the heap. */
		data = malloc(cap);
		if (data != NULL && b->data != NULL) {
			memcpy(data, b->data, b->len);
			wipe(b->data, b->cap);
			free(b->data);
		}
	} else {
		data = realloc(b->data, cap);
	}
	if (data == NULL) {
		b->fault = FAULT_MEMORY;
		return false;
	}
	b->data = data;
	b->cap = cap;
	b->data[b->len] = '\0';
	return true;
}

static bool make_room(struct buf *b, size_t n)
{
	if (b->fault != FAULT_NONE)
		return false;
	if (b->len > b->max || n > b->max - b->len || n >= (size_t)PTRDIFF_MAX - b->len) {
		b->fault = FAULT_TOO_LARGE;
		return false;
	}
	size_t need = b->len + n + 1;
	if (need <= b->cap)
		return true;

	size_t cap = b->cap < BUF_CAP_MIN ? BUF_CAP_MIN : b->cap;
	while (cap < need)
		cap = cap > (size_t)PTRDIFF_MAX / 2 ? need : cap * 2;
	if (cap - 1 > b->max)
		cap = b->max + 1;
	return grow(b, cap);
}

void buf_done(struct buf *b)
{
	if (b->is_secret)
		wipe(b->data, b->cap);
	free(b->data);
	b->data = NULL;
	b->len = 0;
	b->cap = 0;
	b->fault = FAULT_NONE;
}

void buf_clear(struct buf *b)
{
	if (b->is_secret)
		wipe(b->data, b->cap);
	if (b->data != NULL)
		b->data[0] = '\0';
	b->len = 0;
	b->fault = FAULT_NONE;
}

void *buf_reserve(struct buf *b, size_t n)
{
	if (!make_room(b, n))
		return NULL;
	char *at = b->data + b->len;
	b->len += n;
	b->data[b->len] = '\0';
	return at;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	void *at = buf_reserve(b, n);
	if (at != NULL)
		memcpy(at, p, n);
}

void buf_put_span(struct buf *b, struct span s)
{
	buf_put(b, s.p, s.len);
}

void buf_put_cstr(struct buf *b, const char *s)
{
	buf_put_span(b, span_cstr(s));
}

void buf_put_char(struct buf *b, char c)
{
	/* The usual case by hand: JSON is written a bracket and a comma at a time. */
	if (b->fault == FAULT_NONE && b->len + 1 < b->cap && b->len < b->max) {
		b->data[b->len++] = c;
		b->data[b->len] = '\0';
		return;
	}
	buf_put(b, &c, 1);
}

static void put_big_endian(struct buf *b, uint64_t v, size_t n)
{
	unsigned char *at = buf_reserve(b, n);

	if (at == NULL)
		return;
	for (size_t i = n; i > 0; i--) {
		at[i - 1] = (unsigned char)(v & 0xff);
		v >>= 8;
	}
}

void buf_put_u8(struct buf *b, uint8_t v)
{
	put_big_endian(b, v, 1);
}

void buf_put_u16(struct buf *b, uint16_t v)
{
	put_big_endian(b, v, 2);
}

void buf_put_u32(struct buf *b, uint32_t v)
{
	put_big_endian(b, v, 4);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
	put_big_endian(b, v, 8);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0) {
		/* More than an int can count; nothing else makes it fail here. */
		if (b->fault == FAULT_NONE)
			b->fault = FAULT_TOO_LARGE;
		return;
	}
	char *at = buf_reserve(b, (size_t)n);
	if (at == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(at, (size_t)n + 1, fmt, args);
	va_end(args);
}

struct span buf_span(const struct buf *b)
{
	return b->data == NULL ? SPAN_EMPTY : span_of(b->data, b->len);
}

const char *buf_cstr(struct buf *b)
{
	return b->data == NULL ? "" : b->data;
}

enum fault buf_fault(const struct buf *b)
{
	return b->fault;
}
