#ifndef SANDVAULT_IDENTITYD_FORM_H
#define SANDVAULT_IDENTITYD_FORM_H

/* Bodies of application/x-www-form-urlencoded. Values may be secrets: the decoded text is wiped on release. */

#include "common/plain/buf.h"

enum { FORM_PAIRS_MAX = 64 };

struct form {
	struct buf text;
	struct {
		struct span name, value; /* inside text */
	} pairs[FORM_PAIRS_MAX];
	size_t n;
};

/* Pairs past the limit are dropped: none is needed. */
enum fault form_parse(struct span body, struct form *ret) MUST_USE;
void form_done(struct form *f);
/* The first of that name, which compares exactly; p is NULL when there is none. An empty value counts as none. */
struct span form_get(const struct form *f, const char *name);

#endif
