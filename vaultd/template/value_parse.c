#include "vaultd/template/value.h"

#include <stdlib.h>

#include "common/io/utf8.h"
#include "common/plain/text.h"

/* Containers of at most this many members look for duplicates one by one. */
enum { FEW_MEMBERS = 16 };

struct parse {
	struct pool *pool;
	struct span text;
	size_t at;
	size_t line_start;
	size_t n_wide; /* bytes of the line so far that are no character of their own */
	unsigned line;
	unsigned depth;
	enum tv_syntax syntax;
	/* Members and items of the containers that are open, the innermost last; items have no name. */
	struct tv_member *stack;
	size_t n_stack, stack_size;
	struct err *err;
};

static enum fault parse_value(struct parse *p, const struct tv **ret);

static unsigned column_at(const struct parse *p, size_t at)
{
	return (unsigned)(at - p->line_start - p->n_wide) + 1;
}

static enum fault refuse(struct parse *p, const char *what)
{
	return err_say(p->err, FAULT_INVALID, "", "%s, at line %u, column %u", what, p->line, column_at(p, p->at));
}

static enum fault is_full(struct parse *p)
{
	return err_say(p->err, FAULT_TOO_LARGE, "", "the template is larger than a deployment may be");
}

static int peek(const struct parse *p)
{
	return p->at < p->text.len ? (unsigned char)p->text.p[p->at] : -1;
}

/* One byte on; knows lines and characters. */
static void step(struct parse *p)
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

static bool at_text(const struct parse *p, const char *word)
{
	struct span rest = span_from(p->text, p->at);
	size_t n = strlen(word);

	return rest.len >= n && memcmp(rest.p, word, n) == 0;
}

static enum fault skip_block_comment(struct parse *p)
{
	while (p->at < p->text.len && !at_text(p, "*/"))
		step(p);
	if (p->at == p->text.len)
		return refuse(p, "a comment does not end");
	p->at += 2;
	return FAULT_NONE;
}

static enum fault skip_blanks(struct parse *p)
{
	enum fault f = FAULT_NONE;

	while (f == FAULT_NONE) {
		int c = peek(p);

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			step(p);
		} else if (at_text(p, "//")) {
			while (p->at < p->text.len && peek(p) != '\n')
				step(p);
		} else if (at_text(p, "/*")) {
			p->at += 2;
			f = skip_block_comment(p);
		} else {
			break;
		}
	}
	return f;
}

/* What every value begins as: its place is where its first token ends, so it is called with that behind. */
static struct tv *value_new(struct parse *p, enum tv_type type)
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
static int take_hex4(struct parse *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int d = hex_digit(peek(p));

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

static enum fault take_unicode_escape(struct parse *p, char **out)
{
	int high = take_hex4(p), low;

	if (high < 0)
		return refuse(p, "\\u without four hexadecimal digits");
	if (high < 0xd800 || high > 0xdfff) {
		*out = put_utf8(*out, (unsigned)high);
		return FAULT_NONE;
	}
	if (high > 0xdbff || !at_text(p, "\\u"))
		return refuse(p, "half a surrogate pair in a string");
	p->at += 2;
	low = take_hex4(p);
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(p, "half a surrogate pair in a string");
	*out = put_utf8(*out, 0x10000U + ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00));
	return FAULT_NONE;
}

static bool is_quote(const struct parse *p, int c)
{
	return c == '"' || (c == '\'' && p->syntax == TV_MADE);
}

/* Behind a backslash. */
static enum fault take_escape(struct parse *p, char **out)
{
	static const char from[] = "\"\\/bfnrt'", to[] = "\"\\/\b\f\n\r\t'";
	int c = peek(p);
	const char *found = c <= 0 ? NULL : strchr(from, c);

	if (c == 'u') {
		p->at++;
		return take_unicode_escape(p, out);
	}
	if (found == NULL || (c == '\'' && !is_quote(p, c)))
		return refuse(p, "an unknown escape in a string");
	p->at++;
	*(*out)++ = to[found - from];
	return FAULT_NONE;
}

/* How long the string may be at most: its bytes up to the quotation mark. */
static size_t string_room(const struct parse *p, char quote)
{
	size_t i = p->at;

	while (i < p->text.len && p->text.p[i] != quote)
		i += p->text.p[i] == '\\' ? 2 : 1;
	return (i < p->text.len ? i : p->text.len) - p->at;
}

/* One character; control characters only those that break lines and tabs. */
static enum fault take_char(struct parse *p, char **out)
{
	int c = peek(p);
	size_t n = utf8_char_len(span_from(p->text, p->at));

	if (c < 0x20 && c != '\n' && c != '\r' && c != '\t')
		return refuse(p, "a control character in a string");
	if (n == 0)
		return refuse(p, "a string that is not UTF-8");
	for (; n > 0; n--) {
		*(*out)++ = p->text.p[p->at];
		step(p);
	}
	return FAULT_NONE;
}

/* At the quotation mark. */
static enum fault take_string(struct parse *p, struct span *ret)
{
	char *text, *out;
	char quote = p->text.p[p->at];
	enum fault f = FAULT_NONE;

	p->at++;
	text = out = pool_alloc(p->pool, string_room(p, quote) + 1);
	if (text == NULL)
		return is_full(p);
	while (f == FAULT_NONE && peek(p) != quote) {
		if (peek(p) < 0)
			return refuse(p, "a string does not end");
		if (peek(p) == '\\') {
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

static enum fault parse_string(struct parse *p, const struct tv **ret)
{
	struct span text;
	struct tv *v;
	enum fault f = take_string(p, &text);

	if (f != FAULT_NONE)
		return f;
	v = value_new(p, TV_STRING);
	if (v == NULL || text.len / TV_WEIGHT_BYTES >= TV_WEIGHT_MAX)
		return is_full(p);
	v->text = text;
	v->weight = 1 + (uint32_t)(text.len / TV_WEIGHT_BYTES);
	*ret = v;
	return FAULT_NONE;
}

static size_t skip_digits(struct parse *p)
{
	size_t start = p->at;

	while (peek(p) >= '0' && peek(p) <= '9')
		p->at++;
	return p->at - start;
}

/* At a minus or a digit. *ret_is_whole: it has neither point nor exponent. */
static enum fault skip_number(struct parse *p, bool *ret_is_whole)
{
	size_t first;

	if (peek(p) == '-')
		p->at++;
	first = p->at;
	if (skip_digits(p) == 0 || (p->text.p[first] == '0' && p->at - first > 1))
		return refuse(p, "a number begins with digits, and with 0 only alone");
	*ret_is_whole = true;
	if (peek(p) == '.') {
		*ret_is_whole = false;
		p->at++;
		if (skip_digits(p) == 0)
			return refuse(p, "a number has digits after its point");
	}
	if (peek(p) == 'e' || peek(p) == 'E') {
		*ret_is_whole = false;
		p->at++;
		if (peek(p) == '+' || peek(p) == '-')
			p->at++;
		if (skip_digits(p) == 0)
			return refuse(p, "a number has digits in its exponent");
	}
	return FAULT_NONE;
}

static enum fault parse_number(struct parse *p, const struct tv **ret)
{
	size_t start = p->at;
	bool is_whole = false;
	struct tv *v;
	enum fault f = skip_number(p, &is_whole);
	struct span text = span_of(p->text.p + start, p->at - start);

	if (f != FAULT_NONE)
		return f;
	v = value_new(p, TV_NUMBER);
	if (v == NULL)
		return is_full(p);
	if (is_whole && int_parse(text, &v->integer) == FAULT_NONE) {
		v->type = TV_INT;
	} else {
		v->text = pool_dup(p->pool, text);
		if (v->text.p == NULL || text.len / TV_WEIGHT_BYTES >= TV_WEIGHT_MAX)
			return is_full(p);
		v->weight = 1 + (uint32_t)(text.len / TV_WEIGHT_BYTES);
	}
	*ret = v;
	return FAULT_NONE;
}

static enum fault parse_word(struct parse *p, const struct tv **ret)
{
	static const struct {
		const char *word;
		enum tv_type type;
		bool boolean;
	} rows[] = { { "true", TV_BOOL, true }, { "false", TV_BOOL, false }, { "null", TV_NULL, false } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tv *v;

		if (!at_text(p, rows[i].word))
			continue;
		p->at += strlen(rows[i].word);
		v = value_new(p, rows[i].type);
		if (v == NULL)
			return is_full(p);
		v->boolean = rows[i].boolean;
		*ret = v;
		return FAULT_NONE;
	}
	return refuse(p, peek(p) < 0 ? "the text ends before its value does" : "no value begins like this");
}

static enum fault push(struct parse *p, struct tv_member m)
{
	if (p->n_stack == p->stack_size) {
		size_t size = p->stack_size == 0 ? 64 : 2 * p->stack_size;
		struct tv_member *grown = realloc(p->stack, size * sizeof(*grown));

		if (grown == NULL)
			return err_say(p->err, FAULT_MEMORY, "", "out of memory");
		p->stack = grown;
		p->stack_size = size;
	}
	p->stack[p->n_stack++] = m;
	return FAULT_NONE;
}

/* Behind a member or item: whether another follows. */
static enum fault take_comma(struct parse *p, char close, bool *ret_is_more)
{
	enum fault f = skip_blanks(p);

	if (f != FAULT_NONE)
		return f;
	if (peek(p) != ',' && peek(p) != close)
		return refuse(p, close == '}' ? "',' or '}' is missing" : "',' or ']' is missing");
	*ret_is_more = peek(p) == ',';
	p->at++;
	return *ret_is_more ? skip_blanks(p) : FAULT_NONE;
}

/* az writes {"properties":{…, template:{…}}}: there alone a name goes without quotation marks. */
static enum fault take_name(struct parse *p, struct span *ret)
{
	static const struct span bare = SPAN_LIT("template");

	if (is_quote(p, peek(p)))
		return take_string(p, ret);
	if (p->syntax != TV_BODY || p->depth != 2 || !at_text(p, bare.p))
		return refuse(p, "a member's name is missing");
	p->at += bare.len;
	*ret = bare;
	return FAULT_NONE;
}

static enum fault parse_member(struct parse *p)
{
	struct tv_member m;
	enum fault f = take_name(p, &m.name);

	if (f == FAULT_NONE)
		f = skip_blanks(p);
	if (f == FAULT_NONE && peek(p) != ':')
		f = refuse(p, "':' is missing");
	if (f != FAULT_NONE)
		return f;
	p->at++;
	f = skip_blanks(p);
	if (f == FAULT_NONE)
		f = parse_value(p, &m.value);
	return f == FAULT_NONE ? push(p, m) : f;
}

static enum fault parse_item(struct parse *p)
{
	struct tv_member m = { .name = SPAN_EMPTY };
	enum fault f = parse_value(p, &m.value);

	return f == FAULT_NONE ? push(p, m) : f;
}

static int compare_names(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int order = n == 0 ? 0 : memcmp(x->p, y->p, n);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static bool has_twice(const struct tv_member *members, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (span_eq(members[i].name, members[j].name))
				return true;
		}
	}
	return false;
}

static enum fault check_names(struct parse *p, const struct tv_member *members, size_t n)
{
	struct span *sorted;
	bool is_twice = false;

	if (n <= FEW_MEMBERS)
		return has_twice(members, n) ? refuse(p, "a member stands there twice") : FAULT_NONE;
	sorted = malloc(n * sizeof(*sorted));
	if (sorted == NULL)
		return err_say(p->err, FAULT_MEMORY, "", "out of memory");
	for (size_t i = 0; i < n; i++)
		sorted[i] = members[i].name;
	qsort(sorted, n, sizeof(*sorted), compare_names);
	for (size_t i = 1; i < n && !is_twice; i++)
		is_twice = span_eq(sorted[i - 1], sorted[i]);
	free(sorted);
	return is_twice ? refuse(p, "a member stands there twice") : FAULT_NONE;
}

/* From the stack into the pool; the maker counts weight and depth. */
static enum fault close_object(struct parse *p, size_t base, struct tv *v)
{
	size_t n = p->n_stack - base;
	struct tv_member *members = pool_alloc(p->pool, n * sizeof(*members));
	const struct tv *made;
	enum fault f = check_names(p, n == 0 ? NULL : p->stack + base, n);

	if (f != FAULT_NONE)
		return f;
	if (members != NULL && n > 0)
		memcpy(members, p->stack + base, n * sizeof(*members));
	made = members == NULL ? NULL : tv_object(p->pool, members, n);
	if (made == NULL)
		return is_full(p);
	v->depth = made->depth;
	v->weight = made->weight;
	v->object = made->object;
	p->n_stack = base;
	return FAULT_NONE;
}

static enum fault close_array(struct parse *p, size_t base, struct tv *v)
{
	size_t n = p->n_stack - base;
	const struct tv **items = pool_alloc(p->pool, n * sizeof(const struct tv *));
	const struct tv *made;

	for (size_t i = 0; items != NULL && i < n; i++)
		items[i] = p->stack[base + i].value;
	made = items == NULL ? NULL : tv_array(p->pool, items, n);
	if (made == NULL)
		return is_full(p);
	v->depth = made->depth;
	v->weight = made->weight;
	v->array = made->array;
	p->n_stack = base;
	return FAULT_NONE;
}

/* At its opening bracket. */
static enum fault parse_container(struct parse *p, const struct tv **ret)
{
	bool is_object = peek(p) == '{', is_more;
	char close = is_object ? '}' : ']';
	size_t base = p->n_stack;
	struct tv *v;
	enum fault f;

	if (p->depth == TV_DEPTH_MAX)
		return refuse(p, "nested too deep");
	p->depth++;
	p->at++;
	v = value_new(p, is_object ? TV_OBJECT : TV_ARRAY);
	f = v == NULL ? is_full(p) : skip_blanks(p);
	is_more = f == FAULT_NONE && peek(p) != close;
	if (f == FAULT_NONE && !is_more)
		p->at++;
	while (f == FAULT_NONE && is_more) {
		f = is_object ? parse_member(p) : parse_item(p);
		if (f == FAULT_NONE)
			f = take_comma(p, close, &is_more);
	}
	if (f == FAULT_NONE)
		f = is_object ? close_object(p, base, v) : close_array(p, base, v);
	if (f != FAULT_NONE)
		return f;
	p->depth--;
	*ret = v;
	return FAULT_NONE;
}

static enum fault parse_value(struct parse *p, const struct tv **ret)
{
	int c = peek(p);

	if (c == '{' || c == '[')
		return parse_container(p, ret);
	if (is_quote(p, c))
		return parse_string(p, ret);
	if (c == '-' || (c >= '0' && c <= '9'))
		return parse_number(p, ret);
	return parse_word(p, ret);
}

enum fault tv_parse(struct pool *pool, struct span text, enum tv_syntax syntax, const struct tv **ret, struct err *err)
{
	struct parse p = { .pool = pool, .text = text, .line = 1, .syntax = syntax, .err = err };
	const struct tv *v = NULL;
	enum fault f;

	/* Editors put a byte order mark. */
	if (at_text(&p, "\xef\xbb\xbf"))
		p.at = p.line_start = 3;
	f = skip_blanks(&p);
	if (f == FAULT_NONE)
		f = parse_value(&p, &v);
	if (f == FAULT_NONE)
		f = skip_blanks(&p);
	if (f == FAULT_NONE && p.at < text.len)
		f = refuse(&p, "text follows the value");
	free(p.stack);
	if (f == FAULT_NONE)
		*ret = v;
	return f;
}
