#ifndef SANDVAULT_PLAIN_SPAN_H
#define SANDVAULT_PLAIN_SPAN_H

/*
 * Borrowed bytes with a length. A span owns nothing; whoever hands one out says what it lives inside.
 * The bytes need not be text and are not terminated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *p;
	size_t len;
};

#define SPAN_EMPTY ((struct span){ "", 0 })
/* A string literal as a span. */
#define SPAN_LIT(s) ((struct span){ (s), sizeof(s) - 1 })
/* For "%.*s". */
#define SPAN_ARG(s) (int)(s).len, (s).p

static inline struct span span_of(const void *p, size_t len)
{
	return (struct span){ (const char *)p, len };
}

/* A C string as a span; NULL gives the empty span. */
static inline struct span span_cstr(const char *s)
{
	return s == NULL ? SPAN_EMPTY : (struct span){ s, strlen(s) };
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool span_eq_cstr(struct span a, const char *s)
{
	return span_eq(a, span_cstr(s));
}

static inline struct span span_from(struct span s, size_t at)
{
	return at >= s.len ? SPAN_EMPTY : (struct span){ s.p + at, s.len - at };
}

static inline struct span span_first(struct span s, size_t n)
{
	return (struct span){ s.p, n < s.len ? n : s.len };
}

/* ASCII case is ignored; other bytes compare as they are. */
bool span_eq_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span s, struct span prefix);

/* Without blanks at either end. */
struct span span_trim(struct span s);

/* Splits s at the first c: *head is what stands before, the result what stands after; the empty span with p NULL when
 * c does not occur (then *head is all of s). */
struct span span_cut(struct span s, char c, struct span *head);

#endif
