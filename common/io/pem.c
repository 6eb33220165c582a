/* DER in its text clothes. */

#include <stdio.h>

#include "common/io/x509.h"
#include "common/plain/text.h"

enum { LINE_BYTES = 48, LABEL_LINE_MAX = 96, PEM_MAX = 256 * 1024 };

void pem_encode(struct buf *out, const char *label, struct span der)
{
	buf_printf(out, "-----BEGIN %s-----\n", label);
	for (; der.len > 0; der = span_from(der, LINE_BYTES)) {
		base64_encode(out, span_first(der, LINE_BYTES));
		buf_put_char(out, '\n');
	}
	buf_printf(out, "-----END %s-----\n", label);
}

/* Cuts text at the first whole occurrence of mark: *before is what stands ahead of it; p NULL when there is none. */
static struct span cut_at(struct span text, const char *mark, struct span *before)
{
	size_t n = strlen(mark);

	for (size_t i = 0; i + n <= text.len; i++) {
		if (memcmp(text.p + i, mark, n) == 0) {
			*before = span_first(text, i);
			return span_from(text, i + n);
		}
	}
	return (struct span){ NULL, 0 };
}

enum fault pem_decode(struct span pem, const char *label, struct buf *out_der)
{
	SCOPED_DONE(buf) struct buf joined = BUF_SECRET_INIT(PEM_MAX);
	char begin[LABEL_LINE_MAX], end[LABEL_LINE_MAX];
	struct span body, ignored;

	if (snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label) >= (int)sizeof(begin))
		return FAULT_INVALID;
	snprintf(end, sizeof(end), "-----END %s-----", label);

	struct span rest = cut_at(pem, begin, &ignored);
	if (rest.p == NULL)
		return FAULT_NOT_FOUND;
	if (cut_at(rest, end, &body).p == NULL)
		return FAULT_INVALID;
	for (size_t i = 0; i < body.len; i++) {
		if (strchr(" \t\r\n", body.p[i]) == NULL || body.p[i] == '\0')
			buf_put_char(&joined, body.p[i]);
	}
	enum fault f = buf_fault(&joined);
	return f != FAULT_NONE ? f : base64_decode(out_der, buf_span(&joined));
}
