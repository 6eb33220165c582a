#ifndef SANDVAULT_VAULTD_TEMPLATE_VALUE_SCAN_H
#define SANDVAULT_VAULTD_TEMPLATE_VALUE_SCAN_H

/*
 * The tokens of a template's text: blanks and comments, strings, numbers, words; where they stand. What they are put
 * together to is value_parse.c's. All calls are at the first byte of what they take.
 */

#include "vaultd/template/value.h"

struct scan {
	struct pool *pool;
	struct span text;
	size_t at;
	size_t line_start;
	size_t n_wide; /* bytes of the line so far that are no character of their own */
	unsigned line;
	enum tv_syntax syntax;
	struct err *err;
};

/* FAULT_INVALID with what and where. */
enum fault scan_refuse(struct scan *p, const char *what);
/* FAULT_TOO_LARGE with its sentence. */
enum fault scan_full(struct scan *p);
/* The byte here; -1 at the end. */
int scan_peek(const struct scan *p);
/* Whether word stands here. */
bool scan_at(const struct scan *p, const char *word);
/* Whether the byte opens a string. */
bool scan_is_quote(const struct scan *p, int c);
/* Over blanks and comments. */
enum fault scan_blanks(struct scan *p) MUST_USE;
/* A value of the place that was just passed; NULL when the pool is full. */
struct tv *scan_value_new(struct scan *p, enum tv_type type);
/* A string's text, in the pool. */
enum fault scan_text(struct scan *p, struct span *ret) MUST_USE;
enum fault scan_string(struct scan *p, const struct tv **ret) MUST_USE;
enum fault scan_number(struct scan *p, const struct tv **ret) MUST_USE;
/* true, false or null. */
enum fault scan_word(struct scan *p, const struct tv **ret) MUST_USE;

#endif
