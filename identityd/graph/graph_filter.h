#ifndef SANDVAULT_IDENTITYD_GRAPH_FILTER_H
#define SANDVAULT_IDENTITYD_GRAPH_FILTER_H

/*
 * $filter as far as one comparison goes: "name eq 'text'", "startswith(name,'text')" and
 * "names/any(x:x eq 'text')". Pure.
 */

#include "common/plain/fault.h"
#include "common/plain/pool.h"
#include "common/plain/span.h"

enum graph_comparison { GRAPH_ALL, GRAPH_EQ, GRAPH_STARTS, GRAPH_ANY_EQ };

struct graph_filter {
	enum graph_comparison comparison; /* GRAPH_ALL: there is no filter */
	struct span property;		  /* inside text */
	struct span value;		  /* in pool; doubled quotes are one */
};

/* text decoded, p NULL for none. FAULT_INVALID with Request_UnsupportedQuery. */
enum fault graph_filter_parse(struct span text, struct pool *pool, struct graph_filter *ret, struct err *err) MUST_USE;
/* Texts compare without case, as the directory does. */
bool graph_filter_fits(const struct graph_filter *f, struct span text);

#endif
