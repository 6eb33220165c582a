#include "vaultd/template/expr_parse.h"

#include "common/plain/text.h"

enum { SHOWN_MAX = 1500 }; /* of an expression in a sentence */

enum token {
	TOKEN_END,
	TOKEN_IDENTIFIER,
	TOKEN_STRING,
	TOKEN_INTEGER,
	TOKEN_LEFT_PARENTHESIS,
	TOKEN_RIGHT_PARENTHESIS,
	TOKEN_LEFT_BRACKET,
	TOKEN_RIGHT_BRACKET,
	TOKEN_COMMA,
	TOKEN_DOT,
};

static const char *const token_names[] = {
	[TOKEN_END] = "EndOfData",
	[TOKEN_IDENTIFIER] = "Identifier",
	[TOKEN_STRING] = "StringLiteral",
	[TOKEN_INTEGER] = "Integer",
	[TOKEN_LEFT_PARENTHESIS] = "LeftParenthesis",
	[TOKEN_RIGHT_PARENTHESIS] = "RightParenthesis",
	[TOKEN_LEFT_BRACKET] = "LeftSquareBracket",
	[TOKEN_RIGHT_BRACKET] = "RightSquareBracket",
	[TOKEN_COMMA] = "Comma",
	[TOKEN_DOT] = "Dot",
};

struct parser {
	struct pool *pool;
	struct span text;
	size_t at;
	enum token token; /* the one before at */
	struct span token_text;
	unsigned depth;
	struct err *err;
};

static enum fault parse_expr(struct parser *p, struct expr **ret);

static enum fault is_full(struct parser *p)
{
	return err_say(p->err, FAULT_TOO_LARGE, "", "the template is larger than a deployment may be");
}

static enum fault expected(struct parser *p, enum token wanted)
{
	return err_say(p->err, FAULT_INVALID, "",
		       "Unable to parse language expression '%.*s': expected token '%s' and actual '%s'.",
		       SPAN_ARG(span_first(p->text, SHOWN_MAX)), token_names[wanted], token_names[p->token]);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_doubled(const struct parser *p)
{
	return p->at + 1 < p->text.len && p->text.p[p->at + 1] == '\'';
}

/* From the opening quotation mark; doubled ones stand for one. */
static enum fault take_string(struct parser *p)
{
	size_t start = p->at++, n = 0;
	char *text;

	while (p->at < p->text.len && (p->text.p[p->at] != '\'' || is_doubled(p)))
		p->at += p->text.p[p->at] == '\'' ? 2 : 1;
	if (p->at >= p->text.len)
		return err_say(p->err, FAULT_INVALID, "",
			       "The language expression '%.*s' is not valid: the string constant at position '%zu' is "
			       "not terminated. String constants must be enclosed within a pair of single quotes. "
			       "Please see https://aka.ms/arm-functions for usage details.",
			       SPAN_ARG(span_first(p->text, SHOWN_MAX)), start);
	text = pool_alloc(p->pool, p->at - start);
	if (text == NULL)
		return is_full(p);
	for (size_t i = start + 1; i < p->at; i++) {
		text[n++] = p->text.p[i];
		if (p->text.p[i] == '\'')
			i++;
	}
	p->at++;
	p->token = TOKEN_STRING;
	p->token_text = span_of(text, n);
	return FAULT_NONE;
}

static enum fault take_mark(struct parser *p)
{
	static const char marks[] = "()[],.";
	static const enum token tokens[] = { TOKEN_LEFT_PARENTHESIS,
					     TOKEN_RIGHT_PARENTHESIS,
					     TOKEN_LEFT_BRACKET,
					     TOKEN_RIGHT_BRACKET,
					     TOKEN_COMMA,
					     TOKEN_DOT };
	char c = p->text.p[p->at];
	const char *found = c == '\0' ? NULL : strchr(marks, c);

	if (found == NULL)
		return err_say(p->err, FAULT_INVALID, "",
			       "The language expression '%.*s' is not valid: the string character '%c' at position "
			       "'%zu' is not expected.",
			       SPAN_ARG(span_first(p->text, SHOWN_MAX)), c < 0x20 || c == 0x7f ? '?' : c, p->at);
	p->token = tokens[found - marks];
	p->at++;
	return FAULT_NONE;
}

/* The next token into token and token_text. */
static enum fault advance(struct parser *p)
{
	size_t start;
	char c;

	while (p->at < p->text.len && strchr(" \t\r\n", p->text.p[p->at]) != NULL && p->text.p[p->at] != '\0')
		p->at++;
	start = p->at;
	p->token = TOKEN_END;
	if (p->at == p->text.len)
		return FAULT_NONE;
	c = p->text.p[p->at];
	if (c == '\'')
		return take_string(p);
	if (is_letter(c)) {
		p->token = TOKEN_IDENTIFIER;
		while (p->at < p->text.len && (is_letter(p->text.p[p->at]) || is_digit(p->text.p[p->at])))
			p->at++;
	} else if (is_digit(c) || c == '-') {
		p->token = TOKEN_INTEGER;
		do
			p->at++;
		while (p->at < p->text.len && is_digit(p->text.p[p->at]));
	} else {
		return take_mark(p);
	}
	p->token_text = span_of(p->text.p + start, p->at - start);
	return FAULT_NONE;
}

static enum fault expect(struct parser *p, enum token wanted)
{
	return p->token == wanted ? advance(p) : expected(p, wanted);
}

/* Behind the opening parenthesis, up to what follows the closing one. */
static enum fault parse_args(struct parser *p, struct expr *call)
{
	struct expr **tail = &call->args;
	enum fault f = FAULT_NONE;

	if (p->token == TOKEN_RIGHT_PARENTHESIS)
		return advance(p);
	for (;;) {
		f = parse_expr(p, tail);
		if (f != FAULT_NONE)
			return f;
		call->n_args++;
		tail = &(*tail)->next;
		if (p->token != TOKEN_COMMA)
			return expect(p, TOKEN_RIGHT_PARENTHESIS);
		f = advance(p);
		if (f != FAULT_NONE)
			return f;
	}
}

/* "name(…)" or "namespace.name(…)" */
static enum fault parse_call(struct parser *p, struct expr *e)
{
	const char *start = p->token_text.p, *end = start + p->token_text.len;
	enum fault f = advance(p);

	e->kind = EXPR_CALL;
	while (f == FAULT_NONE && p->token == TOKEN_DOT) {
		f = advance(p);
		if (f == FAULT_NONE) {
			end = p->token_text.p + p->token_text.len;
			f = expect(p, TOKEN_IDENTIFIER);
		}
	}
	if (f == FAULT_NONE)
		f = expect(p, TOKEN_LEFT_PARENTHESIS);
	if (f != FAULT_NONE)
		return f;
	e->text = span_of(start, (size_t)(end - start));
	return parse_args(p, e);
}

static enum fault parse_access(struct parser *p, struct expr_access *a)
{
	bool is_index = p->token == TOKEN_LEFT_BRACKET;
	struct expr *index = NULL;
	enum fault f = advance(p);

	if (f != FAULT_NONE)
		return f;
	if (!is_index) {
		a->name = p->token_text;
		return expect(p, TOKEN_IDENTIFIER);
	}
	f = parse_expr(p, &index);
	a->index = index;
	return f == FAULT_NONE ? expect(p, TOKEN_RIGHT_BRACKET) : f;
}

static enum fault parse_accesses(struct parser *p, struct expr *e)
{
	struct expr_access **tail = &e->accesses;
	enum fault f = FAULT_NONE;

	while (f == FAULT_NONE && (p->token == TOKEN_DOT || p->token == TOKEN_LEFT_BRACKET)) {
		*tail = pool_alloc(p->pool, sizeof(**tail));
		if (*tail == NULL)
			return is_full(p);
		f = parse_access(p, *tail);
		tail = &(*tail)->next;
	}
	return f;
}

static enum fault parse_literal(struct parser *p, struct expr *e)
{
	if (p->token == TOKEN_STRING) {
		e->kind = EXPR_STRING;
		e->text = p->token_text;
		return advance(p);
	}
	if (p->token != TOKEN_INTEGER)
		return expected(p, TOKEN_IDENTIFIER);
	e->kind = EXPR_INT;
	if (int_parse(p->token_text, &e->integer) != FAULT_NONE)
		return err_say(p->err, FAULT_INVALID, "",
			       "The language expression '%.*s' is not valid: the integer '%.*s' does not fit into 64 "
			       "bits.",
			       SPAN_ARG(span_first(p->text, SHOWN_MAX)), SPAN_ARG(span_first(p->token_text, 40)));
	return advance(p);
}

static enum fault parse_expr(struct parser *p, struct expr **ret)
{
	struct expr *e = pool_alloc(p->pool, sizeof(*e));
	enum fault f;

	if (e == NULL)
		return is_full(p);
	if (p->depth == EXPR_DEPTH_MAX)
		return err_say(p->err, FAULT_INVALID, "", "The language expression '%.*s' is nested too deep.",
			       SPAN_ARG(span_first(p->text, SHOWN_MAX)));
	p->depth++;
	f = p->token == TOKEN_IDENTIFIER ? parse_call(p, e) : parse_literal(p, e);
	if (f == FAULT_NONE)
		f = parse_accesses(p, e);
	if (f != FAULT_NONE)
		return f;
	p->depth--;
	*ret = e;
	return FAULT_NONE;
}

struct span expr_inside(struct span text)
{
	return span_of(text.p + 1, text.len - 2);
}

enum fault expr_parse(struct pool *pool, struct span text, const struct expr **ret, struct err *err)
{
	struct parser p = { .pool = pool, .text = text, .err = err };
	struct expr *e = NULL;
	enum fault f;

	if (text.len > EXPR_LEN_MAX)
		return err_say(err, FAULT_INVALID, "",
			       "The language expression length limit exceeded. Limit: '%d' and actual: '%zu'.",
			       EXPR_LEN_MAX, text.len);
	f = advance(&p);
	if (f == FAULT_NONE)
		f = parse_expr(&p, &e);
	if (f == FAULT_NONE && p.token != TOKEN_END)
		f = expected(&p, TOKEN_END);
	if (f == FAULT_NONE)
		*ret = e;
	return f;
}
