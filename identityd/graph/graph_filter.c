#include "identityd/graph/graph_filter.h"

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void skip_blanks(struct span *rest)
{
	while (rest->len > 0 && rest->p[0] == ' ')
		*rest = span_from(*rest, 1);
}

static bool take_char(struct span *rest, char c)
{
	skip_blanks(rest);
	if (rest->len == 0 || rest->p[0] != c)
		return false;
	*rest = span_from(*rest, 1);
	return true;
}

static bool take_name(struct span *rest, struct span *ret)
{
	size_t n = 0;

	skip_blanks(rest);
	while (n < rest->len && is_name_char(rest->p[n]))
		n++;
	*ret = span_first(*rest, n);
	*rest = span_from(*rest, n);
	return n > 0;
}

static bool take_word(struct span *rest, const char *word)
{
	struct span name;

	return take_name(rest, &name) && span_eq_nocase(name, span_cstr(word));
}

/* 'it''s': FAULT_MEMORY, or FAULT_INVALID when it is no text. */
static enum fault take_text(struct span *rest, struct pool *pool, struct span *ret)
{
	char *out = pool_alloc(pool, rest->len + 1);
	size_t n = 0;

	if (out == NULL)
		return FAULT_MEMORY;
	if (!take_char(rest, '\''))
		return FAULT_INVALID;
	while (rest->len > 0) {
		bool is_quote = rest->p[0] == '\'';

		if (is_quote && (rest->len == 1 || rest->p[1] != '\'')) {
			*rest = span_from(*rest, 1);
			*ret = span_of(out, n);
			return FAULT_NONE;
		}
		out[n++] = rest->p[0];
		*rest = span_from(*rest, is_quote ? 2 : 1);
	}
	return FAULT_INVALID;
}

/* "any(x:x eq 'text')", after the slash. */
static enum fault parse_any(struct span *rest, struct pool *pool, struct graph_filter *f)
{
	struct span declared, used;
	enum fault fault;

	f->comparison = GRAPH_ANY_EQ;
	if (!take_word(rest, "any") || !take_char(rest, '(') || !take_name(rest, &declared) || !take_char(rest, ':') ||
	    !take_name(rest, &used) || !span_eq(declared, used) || !take_word(rest, "eq"))
		return FAULT_INVALID;
	fault = take_text(rest, pool, &f->value);
	if (fault == FAULT_NONE && !take_char(rest, ')'))
		fault = FAULT_INVALID;
	return fault;
}

/* "(name,'text')" */
static enum fault parse_starts(struct span *rest, struct pool *pool, struct graph_filter *f)
{
	enum fault fault;

	f->comparison = GRAPH_STARTS;
	if (!take_char(rest, '(') || !take_name(rest, &f->property) || !take_char(rest, ','))
		return FAULT_INVALID;
	fault = take_text(rest, pool, &f->value);
	if (fault == FAULT_NONE && !take_char(rest, ')'))
		fault = FAULT_INVALID;
	return fault;
}

static enum fault parse(struct span text, struct pool *pool, struct graph_filter *f)
{
	struct span rest = text;
	enum fault fault;

	if (!take_name(&rest, &f->property))
		return FAULT_INVALID;
	if (rest.len > 0 && rest.p[0] == '(' && span_eq_nocase(f->property, SPAN_LIT("startswith"))) {
		fault = parse_starts(&rest, pool, f);
	} else if (rest.len > 0 && rest.p[0] == '/') {
		rest = span_from(rest, 1);
		fault = parse_any(&rest, pool, f);
	} else {
		f->comparison = GRAPH_EQ;
		fault = take_word(&rest, "eq") ? take_text(&rest, pool, &f->value) : FAULT_INVALID;
	}
	skip_blanks(&rest);
	return fault == FAULT_NONE && rest.len > 0 ? FAULT_INVALID : fault;
}

enum fault graph_filter_parse(struct span text, struct pool *pool, struct graph_filter *ret, struct err *err)
{
	struct graph_filter f = { .comparison = GRAPH_ALL };
	enum fault fault = text.p == NULL ? FAULT_NONE : parse(text, pool, &f);

	if (fault == FAULT_INVALID)
		return err_say(err, fault, "Request_UnsupportedQuery",
			       "Unsupported or invalid query filter clause: %.*s", SPAN_ARG(span_first(text, 256)));
	if (fault == FAULT_NONE)
		*ret = f;
	return fault;
}

bool graph_filter_fits(const struct graph_filter *f, struct span text)
{
	switch (f->comparison) {
	case GRAPH_ALL:
		return true;
	case GRAPH_STARTS:
		return span_starts_nocase(text, f->value);
	case GRAPH_EQ:
	case GRAPH_ANY_EQ:
		return span_eq_nocase(text, f->value);
	}
	return false;
}
