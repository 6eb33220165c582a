#include "vaultd/keyvault/kv.h"

#include <stdlib.h>

/*
 * Parsed private keys, idle between requests. A key in use is out of the cache, so several workers can hold parsed
 * forms of one key at once; as many come back as there is room for. Loop thread only.
 */
enum { SLOTS = 256, PER_SLOT = 4 };

struct slot {
	struct buf place;
	uint64_t generation;
	struct keypair *idle[PER_SLOT];
	unsigned n;
};

struct key_cache {
	struct slot slots[SLOTS];
};

struct key_cache *key_cache_new(void)
{
	struct key_cache *c = calloc(1, sizeof(*c));

	for (size_t i = 0; c != NULL && i < SLOTS; i++)
		c->slots[i].place = BUF_INIT(STORE_KEY_MAX);
	return c;
}

static void slot_clear(struct slot *s)
{
	while (s->n > 0)
		keypair_free(s->idle[--s->n]);
	buf_clear(&s->place);
}

void key_cache_free(struct key_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		slot_clear(&c->slots[i]);
		buf_done(&c->slots[i].place);
	}
	free(c);
}

static struct slot *slot_for(struct key_cache *c, struct span place)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < place.len; i++)
		h = (h ^ (unsigned char)place.p[i]) * 16777619u;
	return &c->slots[h % SLOTS];
}

static bool is_for(const struct slot *s, struct span place, uint64_t generation)
{
	return s->generation == generation && span_eq(buf_span(&s->place), place);
}

struct keypair *key_cache_take(struct key_cache *c, struct span place, uint64_t generation)
{
	struct slot *s = slot_for(c, place);

	return s->n > 0 && is_for(s, place, generation) ? s->idle[--s->n] : NULL;
}

void key_cache_give(struct key_cache *c, struct span place, uint64_t generation, struct keypair *take_k)
{
	struct slot *s = slot_for(c, place);

	if (!is_for(s, place, generation)) {
		slot_clear(s);
		buf_put_span(&s->place, place);
		s->generation = generation;
	}
	if (s->n == PER_SLOT || s->place.fault != FAULT_NONE)
		keypair_free(take_k);
	else
		s->idle[s->n++] = take_k;
}
