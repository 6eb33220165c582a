#include "common/io/json_scan.h"

#include "common/io/json.h"
#include "common/io/utf8.h"
#include "common/plain/text.h"

#include <ctype.h>

struct scan {
	struct span text;
	size_t at;
	unsigned depth;
	size_t n_members;
	size_t n_tokens;
	bool has_nul; /* the last token is a string with a \u0000 in it */
	struct err *err;
};

static enum fault refuse(struct scan *s, size_t at, const char *what)
{
	return err_say(s->err, FAULT_INVALID, "", "the JSON text is wrong at byte %zu: %s", at, what);
}

static int peek(const struct scan *s)
{
	return s->at < s->text.len ? (unsigned char)s->text.p[s->at] : -1;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Four hexadecimal digits behind "\u", or -1. */
static int hex4(struct span rest)
{
	int v = 0;

	if (rest.len < 6 || rest.p[0] != '\\' || rest.p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int c = ascii_lower(rest.p[i]);

		if (!isxdigit(c))
			return -1;
		v = v * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return v;
}

/* At "\u". A surrogate stands for a character only with its other half; alone it is no text. */
static enum fault scan_unicode_escape(struct scan *s)
{
	int v = hex4(span_from(s->text, s->at)), low;

	if (v < 0)
		return refuse(s, s->at, "\\u without four hexadecimal digits");
	if (v == 0)
		s->has_nul = true;
	s->at += 6;
	if (v < 0xd800 || v > 0xdfff)
		return FAULT_NONE;
	low = hex4(span_from(s->text, s->at));
	if (v > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return refuse(s, s->at - 6, "half a surrogate pair in a string");
	s->at += 6;
	return FAULT_NONE;
}

/* At a backslash. */
static enum fault scan_escape(struct scan *s)
{
	struct span rest = span_from(s->text, s->at + 1);

	if (rest.len == 0)
		return refuse(s, s->at, "the string does not end");
	if (rest.p[0] == 'u')
		return scan_unicode_escape(s);
	if (memchr("\"\\/bfnrt", rest.p[0], 8) == NULL)
		return refuse(s, s->at, "unknown escape in a string");
	s->at += 2;
	return FAULT_NONE;
}

/* At the opening quotation mark. */
static enum fault scan_string(struct scan *s)
{
	enum fault f = FAULT_NONE;
	size_t start = s->at++;

	while (f == FAULT_NONE) {
		int c = peek(s);
		size_t n;

		if (c < 0)
			return refuse(s, start, "the string does not end");
		if (c < 0x20)
			return refuse(s, s->at, "control character in a string");
		if (c == '"') {
			s->at++;
			return FAULT_NONE;
		}
		if (c == '\\') {
			f = scan_escape(s);
			continue;
		}
		n = utf8_char_len(span_from(s->text, s->at));
		if (n == 0)
			return refuse(s, s->at, "the string is not UTF-8");
		s->at += n;
	}
	return f;
}

static size_t skip_digits(struct scan *s)
{
	size_t start = s->at;

	while (is_digit(peek(s)))
		s->at++;
	return s->at - start;
}

static bool fits_int64(struct span digits, bool is_negative)
{
	const char *limit = is_negative ? "9223372036854775808" : "9223372036854775807";

	return digits.len < 19 || (digits.len == 19 && memcmp(digits.p, limit, 19) <= 0);
}

/* At a minus or a digit. */
static enum fault scan_number(struct scan *s)
{
	size_t start = s->at;
	bool is_negative = peek(s) == '-';
	struct span digits;
	bool is_int = true;

	if (is_negative)
		s->at++;
	digits = span_from(s->text, s->at);
	digits.len = skip_digits(s);
	if (digits.len == 0 || (digits.len > 1 && digits.p[0] == '0'))
		return refuse(s, start, "a number begins with digits, and with 0 only alone");
	if (peek(s) == '.') {
		is_int = false;
		s->at++;
		if (skip_digits(s) == 0)
			return refuse(s, start, "a number has digits after its point");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		is_int = false;
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (skip_digits(s) == 0)
			return refuse(s, start, "a number has digits in its exponent");
	}
	if (is_int && !fits_int64(digits, is_negative))
		return refuse(s, start, "the integer does not fit into 64 bits");
	return FAULT_NONE;
}

static enum fault scan_word(struct scan *s)
{
	static const struct span words[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };
	struct span rest = span_from(s->text, s->at);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (rest.len >= words[i].len && memcmp(rest.p, words[i].p, words[i].len) == 0) {
			s->at += words[i].len;
			return FAULT_NONE;
		}
	}
	return refuse(s, s->at, "no value begins like this");
}

static enum fault scan_mark(struct scan *s, int c)
{
	if (c == ':') {
		if (s->has_nul)
			return refuse(s, s->at, "a member name holds U+0000");
		s->n_members++;
	} else if (c == '{' || c == '[') {
		if (s->depth == JSON_DEPTH_MAX)
			return refuse(s, s->at, "nested too deep");
		s->depth++;
	} else if (c == '}' || c == ']') {
		if (s->depth == 0)
			return refuse(s, s->at, "a closing bracket too many");
		s->depth--;
	}
	s->at++;
	s->has_nul = false;
	return FAULT_NONE;
}

static enum fault scan_token(struct scan *s, int c)
{
	s->n_tokens++;
	if (memchr("{}[]:,", c, 6) != NULL)
		return scan_mark(s, c);
	s->has_nul = false;
	if (c == '"')
		return scan_string(s);
	if (c == '-' || is_digit(c))
		return scan_number(s);
	return scan_word(s);
}

enum fault json_scan(struct span text, size_t *ret_members, struct err *err)
{
	struct scan s = { .text = text, .err = err };
	enum fault f = FAULT_NONE;
	int c;

	while (f == FAULT_NONE && (c = peek(&s)) >= 0) {
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			s.at++;
		else
			f = scan_token(&s, c);
	}
	if (f != FAULT_NONE)
		return f;
	if (s.n_tokens == 0)
		return refuse(&s, 0, "there is none");
	*ret_members = s.n_members;
	return FAULT_NONE;
}
