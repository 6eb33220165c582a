#include "common/model/registry_key.h"

void registry_key_begin(struct registry_key *k, const struct registry *r, char kind)
{
	k->len = 0;
	registry_key_add(k, span_of(r->uid, sizeof(r->uid)));
	registry_key_add(k, span_of(&kind, 1));
}

void registry_key_add(struct registry_key *k, struct span part)
{
	if (k->len > STORE_KEY_MAX || part.len > STORE_KEY_MAX - k->len) {
		k->len = sizeof(k->bytes);
		return;
	}
	if (part.len > 0)
		memcpy(k->bytes + k->len, part.p, part.len);
	k->len += part.len;
}

struct span registry_key_span(const struct registry_key *k)
{
	return k->len > STORE_KEY_MAX ? SPAN_EMPTY : span_of(k->bytes, k->len);
}
