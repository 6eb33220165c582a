#include "vaultd/template/value_scan.h"

#include <stdlib.h>

/* Containers of at most this many members look for duplicates one by one. */
enum { FEW_MEMBERS = 16 };

struct parse {
	struct scan scan;
	unsigned depth;
	/* Members and items of the containers that are open, the innermost last; items have no name. */
	struct tv_member *stack;
	size_t n_stack, stack_size;
};

static enum fault parse_value(struct parse *p, const struct tv **ret);

static enum fault push(struct parse *p, struct tv_member m)
{
	if (p->n_stack == p->stack_size) {
		size_t size = p->stack_size == 0 ? 64 : 2 * p->stack_size;
		struct tv_member *grown = realloc(p->stack, size * sizeof(*grown));

		if (grown == NULL)
			return err_say(p->scan.err, FAULT_MEMORY, "", "out of memory");
		p->stack = grown;
		p->stack_size = size;
	}
	p->stack[p->n_stack++] = m;
	return FAULT_NONE;
}

/* Behind a member or item: whether another follows. */
static enum fault take_comma(struct parse *p, char close, bool *ret_is_more)
{
	enum fault f = scan_blanks(&p->scan);

	if (f != FAULT_NONE)
		return f;
	if (scan_peek(&p->scan) != ',' && scan_peek(&p->scan) != close)
		return scan_refuse(&p->scan, close == '}' ? "',' or '}' is missing" : "',' or ']' is missing");
	*ret_is_more = scan_peek(&p->scan) == ',';
	p->scan.at++;
	return *ret_is_more ? scan_blanks(&p->scan) : FAULT_NONE;
}

/* az writes {"properties":{…, template:{…}}}: there alone a name goes without quotation marks. */
static enum fault take_name(struct parse *p, struct span *ret)
{
	static const struct span bare = SPAN_LIT("template");

	if (scan_is_quote(&p->scan, scan_peek(&p->scan)))
		return scan_text(&p->scan, ret);
	if (p->scan.syntax != TV_BODY || p->depth != 2 || !scan_at(&p->scan, bare.p))
		return scan_refuse(&p->scan, "a member's name is missing");
	p->scan.at += bare.len;
	*ret = bare;
	return FAULT_NONE;
}

static enum fault parse_member(struct parse *p)
{
	struct tv_member m;
	enum fault f = take_name(p, &m.name);

	if (f == FAULT_NONE)
		f = scan_blanks(&p->scan);
	if (f == FAULT_NONE && scan_peek(&p->scan) != ':')
		f = scan_refuse(&p->scan, "':' is missing");
	if (f != FAULT_NONE)
		return f;
	p->scan.at++;
	f = scan_blanks(&p->scan);
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
		return has_twice(members, n) ? scan_refuse(&p->scan, "a member stands there twice") : FAULT_NONE;
	sorted = malloc(n * sizeof(*sorted));
	if (sorted == NULL)
		return err_say(p->scan.err, FAULT_MEMORY, "", "out of memory");
	for (size_t i = 0; i < n; i++)
		sorted[i] = members[i].name;
	qsort(sorted, n, sizeof(*sorted), compare_names);
	for (size_t i = 1; i < n && !is_twice; i++)
		is_twice = span_eq(sorted[i - 1], sorted[i]);
	free(sorted);
	return is_twice ? scan_refuse(&p->scan, "a member stands there twice") : FAULT_NONE;
}

/* From the stack into the pool; the maker counts weight and depth. */
static enum fault close_object(struct parse *p, size_t base, struct tv *v)
{
	size_t n = p->n_stack - base;
	struct tv_member *members = pool_alloc(p->scan.pool, n * sizeof(*members));
	const struct tv *made;
	enum fault f = check_names(p, n == 0 ? NULL : p->stack + base, n);

	if (f != FAULT_NONE)
		return f;
	if (members != NULL && n > 0)
		memcpy(members, p->stack + base, n * sizeof(*members));
	made = members == NULL ? NULL : tv_object(p->scan.pool, members, n);
	if (made == NULL)
		return scan_full(&p->scan);
	v->depth = made->depth;
	v->weight = made->weight;
	v->object = made->object;
	p->n_stack = base;
	return FAULT_NONE;
}

static enum fault close_array(struct parse *p, size_t base, struct tv *v)
{
	size_t n = p->n_stack - base;
	const struct tv **items = pool_alloc(p->scan.pool, n * sizeof(const struct tv *));
	const struct tv *made;

	for (size_t i = 0; items != NULL && i < n; i++)
		items[i] = p->stack[base + i].value;
	made = items == NULL ? NULL : tv_array(p->scan.pool, items, n);
	if (made == NULL)
		return scan_full(&p->scan);
	v->depth = made->depth;
	v->weight = made->weight;
	v->array = made->array;
	p->n_stack = base;
	return FAULT_NONE;
}

/* At its opening bracket. */
static enum fault parse_container(struct parse *p, const struct tv **ret)
{
	bool is_object = scan_peek(&p->scan) == '{', is_more;
	char close = is_object ? '}' : ']';
	size_t base = p->n_stack;
	struct tv *v;
	enum fault f;

	if (p->depth == TV_DEPTH_MAX)
		return scan_refuse(&p->scan, "nested too deep");
	p->depth++;
	p->scan.at++;
	v = scan_value_new(&p->scan, is_object ? TV_OBJECT : TV_ARRAY);
	f = v == NULL ? scan_full(&p->scan) : scan_blanks(&p->scan);
	is_more = f == FAULT_NONE && scan_peek(&p->scan) != close;
	if (f == FAULT_NONE && !is_more)
		p->scan.at++;
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
	int c = scan_peek(&p->scan);

	if (c == '{' || c == '[')
		return parse_container(p, ret);
	if (scan_is_quote(&p->scan, c))
		return scan_string(&p->scan, ret);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(&p->scan, ret);
	return scan_word(&p->scan, ret);
}

enum fault tv_parse(struct pool *pool, struct span text, enum tv_syntax syntax, const struct tv **ret, struct err *err)
{
	struct parse p = { .scan = { .pool = pool, .text = text, .line = 1, .syntax = syntax, .err = err } };
	const struct tv *v = NULL;
	enum fault f;

	/* Editors put a byte order mark. */
	if (scan_at(&p.scan, "\xef\xbb\xbf"))
		p.scan.at = p.scan.line_start = 3;
	f = scan_blanks(&p.scan);
	if (f == FAULT_NONE)
		f = parse_value(&p, &v);
	if (f == FAULT_NONE)
		f = scan_blanks(&p.scan);
	if (f == FAULT_NONE && p.scan.at < text.len)
		f = scan_refuse(&p.scan, "text follows the value");
	free(p.stack);
	if (f == FAULT_NONE)
		*ret = v;
	return f;
}
