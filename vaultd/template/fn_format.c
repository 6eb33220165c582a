#include "vaultd/template/fn.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/template/fn_chars.h"

enum { NUMBER_SIZE = 128, DIGITS_MAX = 99, WIDTH_MAX = 100000 };

static enum fault bad_format(struct call *c, const char *why)
{
	return err_say(c->err, FAULT_INVALID, "",
		       "Unable to evaluate language function 'format': the format is invalid: '%s'. Please see "
		       "https://aka.ms/arm-functions#format for usage details.",
		       why);
}

/* "1234567" with a comma before each three digits. */
static void put_groups(struct buf *out, const char *digits)
{
	size_t n = strlen(digits);

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			buf_put_char(out, ',');
		buf_put_char(out, digits[i]);
	}
}

static void put_zeros(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_put_char(out, '0');
}

/* "D3", "X", "x4", "N2" and "000". */
static enum fault put_number(struct call *c, struct buf *out, int64_t v, struct span spec)
{
	char digits[NUMBER_SIZE];
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char kind = spec.len > 0 ? spec.p[0] : 'G';
	int64_t want = 0;
	size_t n;

	if (kind == '0') {
		want = (int64_t)spec.len;
		for (size_t i = 0; i < spec.len; i++)
			kind = spec.p[i] == '0' ? kind : '?';
	} else if (spec.len > 1 && int_parse(span_from(spec, 1), &want) != FAULT_NONE) {
		kind = '?';
	} else if (spec.len == 1 && ascii_upper(kind) == 'N') {
		want = 2;
	}
	if (kind == '?' || memchr("DXNG0", ascii_upper(kind), 5) == NULL || want < 0 || want > DIGITS_MAX)
		return bad_format(c, "Format specifier was invalid.");
	if (ascii_upper(kind) == 'X')
		snprintf(digits, sizeof(digits), kind == 'X' ? "%" PRIX64 : "%" PRIx64, (uint64_t)v);
	else
		snprintf(digits, sizeof(digits), "%" PRIu64, size);
	n = strlen(digits);
	if (v < 0 && ascii_upper(kind) != 'X')
		buf_put_char(out, '-');
	if (ascii_upper(kind) == 'N') {
		put_groups(out, digits);
		if (want > 0)
			buf_put_char(out, '.');
		put_zeros(out, (size_t)want);
		return FAULT_NONE;
	}
	if (ascii_upper(kind) != 'G' && (size_t)want > n)
		put_zeros(out, (size_t)want - n);
	buf_put_cstr(out, digits);
	return FAULT_NONE;
}

/* Blanks before (width positive) or behind. */
static void put_aligned(struct buf *out, struct span text, int64_t width)
{
	int64_t missing = (width < 0 ? -width : width) - (int64_t)chars_count(text);

	for (int64_t i = 0; width > 0 && i < missing; i++)
		buf_put_char(out, ' ');
	buf_put_span(out, text);
	for (int64_t i = 0; width < 0 && i < missing; i++)
		buf_put_char(out, ' ');
}

/* "index[,width][:spec]" */
static enum fault put_item(struct call *c, struct buf *out, struct span item)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(FN_TEXT_MAX);
	struct span head, index, spec = span_cut(item, ':', &head), alignment = span_cut(head, ',', &index);
	int64_t i, width = 0;
	enum fault f = FAULT_NONE;

	if (int_parse(span_trim(index), &i) != FAULT_NONE ||
	    (alignment.p != NULL && int_parse(span_trim(alignment), &width) != FAULT_NONE) || width > WIDTH_MAX ||
	    width < -WIDTH_MAX)
		return bad_format(c, "Input string was not in a correct format.");
	if (i < 0 || (uint64_t)i + 1 >= c->n)
		return bad_format(c,
				  "Index (zero based) must be greater than or equal to zero and less than the size of "
				  "the argument list.");
	if (tv_type(c->args[i + 1]) == TV_INT)
		f = put_number(c, &text, c->args[i + 1]->integer, spec);
	else
		fn_put_text(&text, c->args[i + 1]);
	if (f == FAULT_NONE)
		f = buf_fault(&text);
	if (f == FAULT_NONE)
		put_aligned(out, buf_span(&text), width);
	return f;
}

static enum fault fn_format(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span rest;
	enum fault f = call_text(c, 0, &rest);

	while (f == FAULT_NONE && rest.len > 0) {
		char ch = rest.p[0];
		bool is_brace = ch == '{' || ch == '}';
		struct span item;

		if (!is_brace || (rest.len > 1 && rest.p[1] == ch)) {
			buf_put_char(&out, ch);
			rest = span_from(rest, is_brace ? 2 : 1);
			continue;
		}
		rest = span_cut(span_from(rest, 1), '}', &item);
		f = ch == '}' || rest.p == NULL ? bad_format(c, "Input string was not in a correct format.")
						: put_item(c, &out, item);
	}
	return f == FAULT_NONE ? call_give_buf(c, &out, ret) : f;
}

static const struct fn rows[] = {
	{ "format", 1, FN_ANY, fn_format, NULL, ARITY_AT_LEAST_ONE },
};

const struct fn_table fn_formats = { rows, ARRAY_LEN(rows) };
