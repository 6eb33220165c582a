#include "common/model/place.h"

#include "common/plain/text.h"

enum { NOWHERE = STORE_KEY_MAX + 1 };

void place_init(struct place *p)
{
	p->len = 0;
}

void place_below(struct place *p)
{
	if (p->len >= STORE_KEY_MAX)
		p->len = NOWHERE;
	else
		p->text[p->len++] = '/';
}

void place_add(struct place *p, struct span name)
{
	if (p->len > 0)
		place_below(p);
	if (p->len + name.len > STORE_KEY_MAX || name.len == 0 || memchr(name.p, '/', name.len) != NULL) {
		p->len = NOWHERE;
		return;
	}
	for (size_t i = 0; i < name.len; i++)
		p->text[p->len++] = ascii_lower(name.p[i]);
}

struct span place_span(const struct place *p)
{
	return p->len == NOWHERE ? SPAN_EMPTY : span_of(p->text, p->len);
}
