#ifndef SANDVAULT_MODEL_PLACE_H
#define SANDVAULT_MODEL_PLACE_H

/* Store keys made of names that compare without case: "a/b/c", folded. Private to common/model. */

#include "common/io/store.h"

struct place {
	char text[STORE_KEY_MAX + 1];
	size_t len; /* longer than STORE_KEY_MAX: did not fit; no such key exists */
};

void place_init(struct place *p);
/* Appends name in lower case, and '/' before it unless it is the first. A '/' inside a name makes the place one that
 * cannot exist: it would be another place's. */
void place_add(struct place *p, struct span name);
/* Appends a '/': a prefix of everything below. */
void place_below(struct place *p);
/* Empty (found by nothing) when it did not fit. */
struct span place_span(const struct place *p);

#endif
