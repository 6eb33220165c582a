#ifndef SANDVAULT_PLAIN_BUF_H
#define SANDVAULT_PLAIN_BUF_H

/*
 * A growing byte buffer that cannot be made without its ceiling. The first failure sticks: after it every append does
 * nothing, and buf_fault says what happened (FAULT_TOO_LARGE or FAULT_MEMORY), so a writer checks once at the end.
 * data is always NUL-terminated when len > 0 or after buf_cstr. Only a buf made with BUF_SECRET_INIT wipes its memory.
 * What is appended must not lie in the buf itself.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	enum fault fault;
	bool is_secret; /* wipes on growth and release */
};

#define BUF_INIT(ceiling)                                                                                              \
	(struct buf)                                                                                                   \
	{                                                                                                              \
		.max = (ceiling)                                                                                       \
	}
#define BUF_SECRET_INIT(ceiling)                                                                                       \
	(struct buf)                                                                                                   \
	{                                                                                                              \
		.max = (ceiling), .is_secret = true                                                                    \
	}

void buf_done(struct buf *b);
/* Forgets the content and the fault, keeps the memory. */
void buf_clear(struct buf *b);

void buf_put(struct buf *b, const void *p, size_t n);
void buf_put_span(struct buf *b, struct span s);
void buf_put_cstr(struct buf *b, const char *s);
void buf_put_char(struct buf *b, char c);
void buf_put_u8(struct buf *b, uint8_t v);
/* Big-endian, so that order on disk is order in lists. */
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* n bytes to be filled by the caller at the returned place, or NULL (fault set). */
void *buf_reserve(struct buf *b, size_t n);

struct span buf_span(const struct buf *b);
/* The content as a C string ("" when empty); valid until the next append. */
const char *buf_cstr(struct buf *b);
enum fault buf_fault(const struct buf *b) MUST_USE;

#endif
