#include "vaultd/template/value_scan.h"

#include "common/io/utf8.h"
#include "common/plain/text.h"

static unsigned column_at(const struct scan *p, size_t at)
{
	return (unsigned)(at - p->line_start - p->n_wide) + 1;
}

enum fault scan_refuse(struct scan *p, const char *what)
{
	return err_say(p->err, FAULT_INVALID, "", "%s, at line %u, column %u", what, p->line, column_at(p, p->at));
}

enum fault scan_full(struct scan *p)
{
	return err_say(p->err, FAULT_TOO_LARGE, "", "the template is larger than a deployment may be");
}

int scan_peek(const struct scan *p)
{
	return p->at < p->text.len ? (unsigned char)p->text.p[p->at] : -1;
}

/* One byte on; knows lines and characters. */
static void step(struct scan *p)
{
	unsigned char c = (unsigned char)p->text.p[p->at++];

	if (c == '\n') {
		p->line++;
		p->line_start = p->at;
		p->n_wide = 0;
	} else if ((c & 0xc0) == 0x80) {
		p->n_wide++;
	}
}

bool scan_at(const struct scan *p, const char *word)
{
	struct span rest = span_from(p->text, p->at);
	size_t n = strlen(word);

	return rest.len >= n && memcmp(rest.p, word, n) == 0;
}

static enum fault skip_block_comment(struct scan *p)
{
	while (p->at < p->text.len && !scan_at(p, "*/"))
		step(p);
	if (p->at == p->text.len)
		return scan_refuse(p, "a comment does not end");
	p->at += 2;
	return FAULT_NONE;
}

enum fault scan_blanks(struct scan *p)
{
	enum fault f = FAULT_NONE;

	while (f == FAULT_NONE) {
		int c = scan_peek(p);

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			step(p);
		} else if (scan_at(p, "//")) {
			while (p->at < p->text.len && scan_peek(p) != '\n')
				step(p);
		} else if (scan_at(p, "/*")) {
			p->at += 2;
			f = skip_block_comment(p);
		} else {
			break;
		}
	}
	return f;
}

/* What every value begins as: its place is where its first token ends, so it is called with that behind. */
struct tv *scan_value_new(struct scan *p, enum tv_type type)
{
	struct tv *v = pool_alloc(p->pool, sizeof(*v));

	if (v != NULL)
		*v = (struct tv){ .type = type, .weight = 1 };
	if (v != NULL && p->syntax != TV_MADE) {
		v->line = p->line;
		v->column = column_at(p, p->at - 1);
	}
	return v;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower((char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind "\u": four digits; -1 for anything else. */
static int take_hex4(struct scan *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int d = hex_digit(scan_peek(p));

		if (d < 0)
			return -1;
		v = v * 16 + d;
		p->at++;
	}
	return v;
}

static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

static enum fault take_unicode_escape(struct scan *p, char **out)
{
	int high = take_hex4(p), low;

	if (high < 0)
		return scan_refuse(p, "\\u without four hexadecimal digits");
	if (high < 0xd800 || high > 0xdfff) {
		*out = put_utf8(*out, (unsigned)high);
		return FAULT_NONE;
	}
	if (high > 0xdbff || !scan_at(p, "\\u"))
		return scan_refuse(p, "half a surrogate pair in a string");
	p->at += 2;
	low = take_hex4(p);
	if (low < 0xdc00 || low > 0xdfff)
		return scan_refuse(p, "half a surrogate pair in a string");
	*out = put_utf8(*out, 0x10000U + ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00));
	return FAULT_NONE;
}

bool scan_is_quote(const struct scan *p, int c)
{
	return c == '"' || (c == '\'' && p->syntax == TV_MADE);
}

/* Behind a backslash. */
static enum fault take_escape(struct scan *p, char **out)
{
	static const char from[] = "\"\\/bfnrt'", to[] = "\"\\/\b\f\n\r\t'";
	int c = scan_peek(p);
	const char *found = c <= 0 ? NULL : strchr(from, c);

	if (c == 'u') {
		p->at++;
		return take_unicode_escape(p, out);
	}
	if (found == NULL || (c == '\'' && !scan_is_quote(p, c)))
		return scan_refuse(p, "an unknown escape in a string");
	p->at++;
	*(*out)++ = to[found - from];
	return FAULT_NONE;
}

/* How long the string may be at most: its bytes up to the quotation mark. */
static size_t string_room(const struct scan *p, char quote)
{
	size_t i = p->at;

	while (i < p->text.len && p->text.p[i] != quote)
		i += p->text.p[i] == '\\' ? 2 : 1;
	return (i < p->text.len ? i : p->text.len) - p->at;
}

/* One character; control characters only those that break lines and tabs. */
static enum fault take_char(struct scan *p, char **out)
{
	int c = scan_peek(p);
	size_t n = utf8_char_len(span_from(p->text, p->at));

	if (c < 0x20 && c != '\n' && c != '\r' && c != '\t')
		return scan_refuse(p, "a control character in a string");
	if (n == 0)
		return scan_refuse(p, "a string that is not UTF-8");
	for (; n > 0; n--) {
		*(*out)++ = p->text.p[p->at];
		step(p);
	}
	return FAULT_NONE;
}

/* At the quotation mark. */
enum fault scan_text(struct scan *p, struct span *ret)
{
	char *text, *out;
	char quote = p->text.p[p->at];
	enum fault f = FAULT_NONE;

	p->at++;
	text = out = pool_alloc(p->pool, string_room(p, quote) + 1);
	if (text == NULL)
		return scan_full(p);
	while (f == FAULT_NONE && scan_peek(p) != quote) {
		if (scan_peek(p) < 0)
			return scan_refuse(p, "a string does not end");
		if (scan_peek(p) == '\\') {
			p->at++;
			f = take_escape(p, &out);
		} else {
			f = take_char(p, &out);
		}
	}
	if (f != FAULT_NONE)
		return f;
	p->at++;
	*ret = span_of(text, (size_t)(out - text));
	return FAULT_NONE;
}

enum fault scan_string(struct scan *p, const struct tv **ret)
{
	struct span text;
	struct tv *v;
	enum fault f = scan_text(p, &text);

	if (f != FAULT_NONE)
		return f;
	v = scan_value_new(p, TV_STRING);
	if (v == NULL || text.len / TV_WEIGHT_BYTES >= TV_WEIGHT_MAX)
		return scan_full(p);
	v->text = text;
	v->weight = 1 + (uint32_t)(text.len / TV_WEIGHT_BYTES);
	*ret = v;
	return FAULT_NONE;
}

static size_t skip_digits(struct scan *p)
{
	size_t start = p->at;

	while (scan_peek(p) >= '0' && scan_peek(p) <= '9')
		p->at++;
	return p->at - start;
}

/* At a minus or a digit. *ret_is_whole: it has neither point nor exponent. */
static enum fault skip_number(struct scan *p, bool *ret_is_whole)
{
	size_t first;

	if (scan_peek(p) == '-')
		p->at++;
	first = p->at;
	if (skip_digits(p) == 0 || (p->text.p[first] == '0' && p->at - first > 1))
		return scan_refuse(p, "a number begins with digits, and with 0 only alone");
	*ret_is_whole = true;
	if (scan_peek(p) == '.') {
		*ret_is_whole = false;
		p->at++;
		if (skip_digits(p) == 0)
			return scan_refuse(p, "a number has digits after its point");
	}
	if (scan_peek(p) == 'e' || scan_peek(p) == 'E') {
		*ret_is_whole = false;
		p->at++;
		if (scan_peek(p) == '+' || scan_peek(p) == '-')
			p->at++;
		if (skip_digits(p) == 0)
			return scan_refuse(p, "a number has digits in its exponent");
	}
	return FAULT_NONE;
}

enum fault scan_number(struct scan *p, const struct tv **ret)
{
	size_t start = p->at;
	bool is_whole = false;
	struct tv *v;
	enum fault f = skip_number(p, &is_whole);
	struct span text = span_of(p->text.p + start, p->at - start);

	if (f != FAULT_NONE)
		return f;
	v = scan_value_new(p, TV_NUMBER);
	if (v == NULL)
		return scan_full(p);
	if (is_whole && int_parse(text, &v->integer) == FAULT_NONE) {
		v->type = TV_INT;
	} else {
		v->text = pool_dup(p->pool, text);
		if (v->text.p == NULL || text.len / TV_WEIGHT_BYTES >= TV_WEIGHT_MAX)
			return scan_full(p);
		v->weight = 1 + (uint32_t)(text.len / TV_WEIGHT_BYTES);
	}
	*ret = v;
	return FAULT_NONE;
}

enum fault scan_word(struct scan *p, const struct tv **ret)
{
	static const struct {
		const char *word;
		enum tv_type type;
		bool boolean;
	} rows[] = { { "true", TV_BOOL, true }, { "false", TV_BOOL, false }, { "null", TV_NULL, false } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tv *v;

		if (!scan_at(p, rows[i].word))
			continue;
		p->at += strlen(rows[i].word);
		v = scan_value_new(p, rows[i].type);
		if (v == NULL)
			return scan_full(p);
		v->boolean = rows[i].boolean;
		*ret = v;
		return FAULT_NONE;
	}
	return scan_refuse(p, scan_peek(p) < 0 ? "the text ends before its value does" : "no value begins like this");
}
