#include "common/io/route.h"

#include "common/plain/text.h"

/* One step of a match: what is left of pattern and path. Captures hold raw spans until the whole pattern fits. */
struct cursor {
	struct span pattern; /* without the leading '/' */
	size_t at;	     /* next segment */
};

enum fault route_split(struct span raw_path, struct route_path *ret)
{
	ret->n = 0;
	while (raw_path.len > 0 && raw_path.p[0] == '/')
		raw_path = span_from(raw_path, 1);
	while (raw_path.p != NULL) {
		if (ret->n == ROUTE_SEGMENTS_MAX)
			return FAULT_INVALID;
		raw_path = span_cut(raw_path, '/', &ret->seg[ret->n]);
		ret->n++;
	}
	return FAULT_NONE;
}

static bool only_empty_left(const struct route_path *path, size_t at)
{
	for (; at < path->n; at++)
		if (path->seg[at].len > 0)
			return false;
	return true;
}

static bool capture(struct route_match *m, struct span name, struct span value)
{
	if (m->n == ROUTE_CAPTURES_MAX)
		return false;
	m->capture[m->n].name = name;
	m->capture[m->n].value = value;
	m->n++;
	return true;
}

static bool match_from(struct cursor c, const struct route_path *path, struct route_match *m);

static bool match_optional(struct cursor c, struct span name, const struct route_path *path, struct route_match *m)
{
	size_t mark = m->n;

	if (c.at < path->n) {
		struct cursor next = { c.pattern, c.at + 1 };

		if (capture(m, name, path->seg[c.at]) && match_from(next, path, m))
			return true;
		m->n = mark;
	}
	return capture(m, name, SPAN_EMPTY) && match_from(c, path, m);
}

static bool match_rest(struct span name, const struct cursor *c, const struct route_path *path, struct route_match *m)
{
	struct span first, last;

	if (c->at >= path->n)
		return capture(m, name, SPAN_EMPTY);
	first = path->seg[c->at];
	last = path->seg[path->n - 1];
	return capture(m, name, span_of(first.p, (size_t)(last.p + last.len - first.p)));
}

/* {x*} with more to come: it takes as little as lets the rest fit. */
static bool match_head(struct cursor c, struct span name, const struct route_path *path, struct route_match *m)
{
	size_t mark = m->n;

	for (size_t end = c.at; end <= path->n; end++) {
		struct cursor next = { c.pattern, end };
		struct span head = SPAN_EMPTY, last;

		if (end > c.at) {
			last = path->seg[end - 1];
			head = span_of(path->seg[c.at].p, (size_t)(last.p + last.len - path->seg[c.at].p));
		}
		if (capture(m, name, head) && match_from(next, path, m))
			return true;
		m->n = mark;
	}
	return false;
}

static bool match_from(struct cursor c, const struct route_path *path, struct route_match *m)
{
	struct span element, name;
	char kind;

	if (c.pattern.p == NULL || c.pattern.len == 0)
		return only_empty_left(path, c.at);
	c.pattern = span_cut(c.pattern, '/', &element);
	if (element.len < 3 || element.p[0] != '{') {
		while (c.at < path->n && path->seg[c.at].len == 0)
			c.at++;
		if (c.at == path->n || !span_eq_nocase(path->seg[c.at], element))
			return false;
		c.at++;
		return match_from(c, path, m);
	}
	kind = element.p[element.len - 2];
	name = span_of(element.p + 1, element.len - (kind == '?' || kind == '*' ? 3 : 2));
	if (kind == '?')
		return match_optional(c, name, path, m);
	if (kind == '*' && c.pattern.p != NULL && c.pattern.len > 0)
		return match_head(c, name, path, m);
	if (kind == '*')
		return match_rest(name, &c, path, m);
	while (c.at < path->n && path->seg[c.at].len == 0)
		c.at++;
	if (c.at == path->n || !capture(m, name, path->seg[c.at]))
		return false;
	c.at++;
	return match_from(c, path, m);
}

static struct span decode(struct pool *pool, struct span raw)
{
	/* Decoding never lengthens, and {x*} may take a whole path: any smaller ceiling would cut it. */
	SCOPED_DONE(buf) struct buf b = BUF_INIT(raw.len);

	if (raw.len == 0 || memchr(raw.p, '%', raw.len) == NULL)
		return raw;
	percent_decode(&b, raw, false);
	return pool_dup(pool, buf_span(&b));
}

bool route_match(const char *pattern, const struct route_path *path, struct pool *pool, struct route_match *ret)
{
	struct cursor c = { span_cstr(pattern + 1), 0 };
	struct route_match m;
	size_t i;

	m.n = 0;
	if (!match_from(c, path, &m))
		return false;
	ret->n = m.n;
	for (i = 0; i < m.n; i++) {
		ret->capture[i].name = m.capture[i].name;
		ret->capture[i].value = decode(pool, m.capture[i].value);
	}
	return true;
}

struct span route_capture(const struct route_match *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (span_eq_cstr(m->capture[i].name, name))
			return m->capture[i].value;
	return (struct span){ NULL, 0 };
}
