#include "identityd/entra/form.h"

#include "common/plain/text.h"

void form_done(struct form *f)
{
	buf_done(&f->text);
	f->n = 0;
}

/* Decoding never lengthens, so with that much room reserved what is decoded stays where it is. */
static enum fault reserve(struct buf *b, size_t n)
{
	if (buf_reserve(b, n) == NULL)
		return buf_fault(b);
	buf_clear(b);
	return FAULT_NONE;
}

static struct span decode(struct buf *text, struct span raw)
{
	size_t at = text->len;

	percent_decode(text, raw, true);
	return text->len == at ? SPAN_EMPTY : span_of(text->data + at, text->len - at);
}

enum fault form_parse(struct span body, struct form *ret)
{
	enum fault f;

	ret->n = 0;
	ret->text = BUF_SECRET_INIT(body.len + 1);
	f = reserve(&ret->text, body.len + 1);
	while (f == FAULT_NONE && body.len > 0 && ret->n < FORM_PAIRS_MAX) {
		struct span one, name, value;

		body = span_cut(body, '&', &one);
		if (one.len == 0)
			continue;
		value = span_cut(one, '=', &name);
		ret->pairs[ret->n].name = decode(&ret->text, name);
		ret->pairs[ret->n].value = decode(&ret->text, value);
		ret->n++;
	}
	if (f == FAULT_NONE)
		f = buf_fault(&ret->text);
	if (f != FAULT_NONE)
		form_done(ret);
	return f;
}

struct span form_get(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (span_eq_cstr(f->pairs[i].name, name))
			return f->pairs[i].value.len > 0 ? f->pairs[i].value : (struct span){ NULL, 0 };
	return (struct span){ NULL, 0 };
}
