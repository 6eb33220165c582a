/* One number for what a template says: blanks, comments and the way of writing text make no difference. */

#include <inttypes.h>
#include <stdio.h>

#include "vaultd/template/template.h"

enum { WRITTEN_MAX = 64 * 1024 * 1024, DIGITS_SIZE = 24 };

struct span template_hash(struct pool *pool, const struct tv *template)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(WRITTEN_MAX);
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	char digits[DIGITS_SIZE];

	tv_write(&text, template);
	if (buf_fault(&text) != FAULT_NONE)
		return SPAN_EMPTY;
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
	/* Spread over all digits. */
	h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, h);
	struct span kept = pool_dup(pool, span_of(digits, (size_t)len));
	return kept.p == NULL ? SPAN_EMPTY : kept;
}
