#ifndef SANDVAULT_IDENTITYD_GRAPH_PAGE_H
#define SANDVAULT_IDENTITYD_GRAPH_PAGE_H

/*
 * Lists: {"@odata.context":"…","value":[…],"@odata.nextLink":"…"}. $top is the length of a page (100 unless said, 999
 * at most); $skiptoken, of our own making, the number of items before it.
 */

#include "identityd/operation.h"

struct graph_page {
	struct op *op;
	int64_t top, skip, seen, written;
};

/* context: what follows "$metadata#". FAULT_INVALID. */
enum fault graph_page_begin(struct op *op, const char *context, struct graph_page *ret, struct err *err) MUST_USE;
/* Whether the next item belongs to this page. */
bool graph_page_wants(struct graph_page *p);
/* Ends the list, and says where to go on. */
void graph_page_end(struct graph_page *p);

#endif
