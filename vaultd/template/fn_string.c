#include "vaultd/template/fn.h"

#include <inttypes.h>

#include "common/plain/text.h"
#include "vaultd/template/fn_chars.h"

static enum fault change_case(struct call *c, char (*change)(char), const struct tv **ret)
{
	struct span text;
	char *copy;
	enum fault f = call_text(c, 0, &text);

	if (f != FAULT_NONE)
		return f;
	copy = pool_alloc(c->pool, text.len + 1);
	if (copy == NULL)
		return call_give(c, NULL, ret);
	for (size_t i = 0; i < text.len; i++)
		copy[i] = change(text.p[i]);
	return call_give_text(c, span_of(copy, text.len), ret);
}

static enum fault fn_to_lower(struct call *c, const struct tv **ret)
{
	return change_case(c, ascii_lower, ret);
}

static enum fault fn_to_upper(struct call *c, const struct tv **ret)
{
	return change_case(c, ascii_upper, ret);
}

static bool is_blank(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static enum fault fn_trim(struct call *c, const struct tv **ret)
{
	struct span text;
	enum fault f = call_text(c, 0, &text);

	if (f != FAULT_NONE)
		return f;
	while (text.len > 0 && is_blank(text.p[0]))
		text = span_of(text.p + 1, text.len - 1);
	while (text.len > 0 && is_blank(text.p[text.len - 1]))
		text.len--;
	return call_give_text(c, text, ret);
}

static enum fault two_texts(struct call *c, struct span *ret_a, struct span *ret_b)
{
	enum fault f = call_text(c, 0, ret_a);

	return f == FAULT_NONE ? call_text(c, 1, ret_b) : f;
}

/* Case is ignored by all that look for one text in another. */
static enum fault fn_starts_with(struct call *c, const struct tv **ret)
{
	struct span text, part;
	enum fault f = two_texts(c, &text, &part);

	return f == FAULT_NONE ? call_give(c, tv_bool(c->pool, span_starts_nocase(text, part)), ret) : f;
}

static enum fault fn_ends_with(struct call *c, const struct tv **ret)
{
	struct span text, part;
	enum fault f = two_texts(c, &text, &part);
	bool is_end;

	if (f != FAULT_NONE)
		return f;
	is_end = text.len >= part.len && span_eq_nocase(span_of(text.p + (text.len - part.len), part.len), part);
	return call_give(c, tv_bool(c->pool, is_end), ret);
}

/* The byte where part stands in text, the first or the last; -1 when it does not. */
static int64_t find_text(struct span text, struct span part, bool is_last)
{
	int64_t found = -1;

	for (size_t i = 0; i + part.len <= text.len; i++) {
		if (!span_eq_nocase(span_of(text.p + i, part.len), part))
			continue;
		found = (int64_t)i;
		if (!is_last)
			break;
	}
	return found;
}

static int64_t find_item(const struct tv *array, const struct tv *item, bool is_last)
{
	int64_t found = -1;

	for (size_t i = 0; i < array->array.n && (is_last || found < 0); i++) {
		if (tv_equal(array->array.items[i], item))
			found = (int64_t)i;
	}
	return found;
}

static enum fault index_of(struct call *c, bool is_last, const struct tv **ret)
{
	struct span text, part;
	int64_t at;
	enum fault f;

	if (tv_type(c->args[0]) == TV_ARRAY) {
		f = call_spend(c, c->args[0]->weight);
		if (f != FAULT_NONE)
			return f;
		return call_give(c, tv_int(c->pool, find_item(c->args[0], c->args[1], is_last)), ret);
	}
	f = two_texts(c, &text, &part);
	if (f == FAULT_NONE)
		f = call_spend(c, (uint64_t)text.len * (part.len / 2 + 1));
	if (f != FAULT_NONE)
		return f;
	at = find_text(text, part, is_last);
	if (at > 0)
		at = (int64_t)chars_count(span_first(text, (size_t)at));
	return call_give(c, tv_int(c->pool, at), ret);
}

static enum fault fn_index_of(struct call *c, const struct tv **ret)
{
	return index_of(c, false, ret);
}

static enum fault fn_last_index_of(struct call *c, const struct tv **ret)
{
	return index_of(c, true, ret);
}

static enum fault fn_substring(struct call *c, const struct tv **ret)
{
	struct span text;
	int64_t start, n, len;
	size_t from;
	enum fault f = call_text(c, 0, &text);

	if (f == FAULT_NONE)
		f = call_int(c, 1, &start);
	if (f != FAULT_NONE)
		return f;
	len = (int64_t)chars_count(text);
	n = start < 0 || start > len ? 0 : len - start;
	f = c->n < 3 ? FAULT_NONE : call_int(c, 2, &n);
	if (f != FAULT_NONE)
		return f;
	if (start < 0 || start > len || n < 0 || n > len - start)
		return call_refuse(
			c,
			"the index and length parameters must refer to a location within the string. The index "
			"parameter: '%" PRId64 "', the length parameter: '%" PRId64
			"', the length of the string parameter: '%" PRId64 "'",
			start, n, len);
	from = chars_offset(text, (size_t)start);
	text = span_of(text.p + from, text.len - from);
	return call_give_text(c, span_first(text, chars_offset(text, (size_t)n)), ret);
}

static enum fault fn_pad_left(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(FN_TEXT_MAX), out = BUF_INIT(FN_TEXT_MAX);
	struct span pad = SPAN_LIT(" ");
	int64_t width, missing;
	enum fault f = call_int(c, 1, &width);

	if (f == FAULT_NONE && tv_type(c->args[0]) != TV_STRING && tv_type(c->args[0]) != TV_INT)
		f = call_wrong_type(c, 0, "a string or an integer");
	if (f == FAULT_NONE && c->n == 3)
		f = call_text(c, 2, &pad);
	if (f == FAULT_NONE && (chars_count(pad) != 1 || width < 0 || width > FN_TEXT_MAX))
		f = call_refuse(c, "the total length must not be negative, and the padding one character");
	if (f != FAULT_NONE)
		return f;
	fn_put_text(&text, c->args[0]);
	for (missing = width - (int64_t)chars_count(buf_span(&text)); missing > 0; missing--)
		buf_put_span(&out, pad);
	if (text.len > 0)
		buf_put_span(&out, buf_span(&text));
	return call_give_buf(c, &out, ret);
}

static enum fault fn_replace(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(FN_TEXT_MAX);
	struct span text, old, new;
	enum fault f = two_texts(c, &text, &old);

	if (f == FAULT_NONE)
		f = call_text(c, 2, &new);
	if (f == FAULT_NONE && old.len == 0)
		f = call_refuse(c, "the text to replace must not be empty");
	if (f != FAULT_NONE)
		return f;
	while (text.len > 0 && out.fault == FAULT_NONE) {
		const char *found = memmem(text.p, text.len, old.p, old.len);
		size_t before = found == NULL ? text.len : (size_t)(found - text.p);

		buf_put(&out, text.p, before);
		if (found != NULL)
			buf_put_span(&out, new);
		text = span_from(text, before + (found == NULL ? 0 : old.len));
	}
	return call_give_buf(c, &out, ret);
}

/* How long the delimiter is that text begins with; 0 for none. */
static size_t delimiter_len(const struct tv *delimiters, struct span text)
{
	size_t n = tv_type(delimiters) == TV_ARRAY ? delimiters->array.n : 1;

	for (size_t i = 0; i < n; i++) {
		struct span d = tv_text(tv_type(delimiters) == TV_ARRAY ? delimiters->array.items[i] : delimiters);

		if (d.len > 0 && d.len <= text.len && memcmp(text.p, d.p, d.len) == 0)
			return d.len;
	}
	return 0;
}

/* The parts, one more than there are delimiters, or only their number when items is NULL. */
static size_t split(struct call *c, struct span text, const struct tv **items)
{
	size_t n = 0, start = 0, at = 0;

	while (at < text.len) {
		size_t len = delimiter_len(c->args[1], span_from(text, at));

		if (len == 0) {
			at++;
			continue;
		}
		if (items != NULL)
			items[n] = tv_string(c->pool, span_of(text.p + start, at - start));
		n++;
		at += len;
		start = at;
	}
	if (items != NULL)
		items[n] = tv_string(c->pool, span_from(text, start));
	return n + 1;
}

static enum fault fn_split(struct call *c, const struct tv **ret)
{
	struct span text;
	const struct tv **items;
	size_t n;
	enum fault f = call_text(c, 0, &text);

	if (f == FAULT_NONE && tv_type(c->args[1]) != TV_STRING && tv_type(c->args[1]) != TV_ARRAY)
		f = call_wrong_type(c, 1, "a string or an array of strings");
	if (f == FAULT_NONE)
		f = call_spend(c, 2 * (uint64_t)text.len * c->args[1]->weight);
	if (f != FAULT_NONE)
		return f;
	n = split(c, text, NULL);
	items = pool_alloc(c->pool, n * sizeof(const struct tv *));
	if (items == NULL)
		return call_give(c, NULL, ret);
	split(c, text, items);
	for (size_t i = 0; i < n; i++) {
		if (items[i] == NULL)
			return call_give(c, NULL, ret);
	}
	return call_give(c, tv_array(c->pool, items, n), ret);
}

static const struct fn rows[] = {
	{ "toLower", 1, 1, fn_to_lower, NULL, ARITY_ONLY_ONE },
	{ "toUpper", 1, 1, fn_to_upper, NULL, ARITY_ONLY_ONE },
	{ "trim", 1, 1, fn_trim, NULL, ARITY_ONLY_ONE },
	{ "startsWith", 2, 2, fn_starts_with, NULL, ARITY_COUNT },
	{ "endsWith", 2, 2, fn_ends_with, NULL, ARITY_COUNT },
	{ "indexOf", 2, 2, fn_index_of, NULL, ARITY_COUNT },
	{ "lastIndexOf", 2, 2, fn_last_index_of, NULL, ARITY_COUNT },
	{ "substring", 2, 3, fn_substring, NULL, ARITY_COUNT },
	{ "padLeft", 2, 3, fn_pad_left, NULL, ARITY_COUNT },
	{ "replace", 3, 3, fn_replace, NULL, ARITY_EXACTLY },
	{ "split", 2, 2, fn_split, NULL, ARITY_COUNT },
};

const struct fn_table fn_strings = { rows, ARRAY_LEN(rows) };
