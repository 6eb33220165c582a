#include "vaultd/template/template_index.h"

#include "common/plain/text.h"

enum { CAP_FIRST = 64 };

void index_init(struct index *x, struct pool *pool)
{
	*x = (struct index){ .pool = pool };
}

/* FNV-1a over lower-case letters. */
static size_t hash_of(struct span name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)ascii_lower(name.p[i])) * UINT64_C(0x100000001b3);
	return (size_t)(h ^ (h >> 32));
}

/* The name's slot, or the free one where it belongs. There is always a free one. */
static struct index_slot *slot_of(struct index_slot *slots, size_t cap, struct span name)
{
	size_t at = hash_of(name) & (cap - 1);

	while (slots[at].name.p != NULL && !span_eq_nocase(slots[at].name, name))
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

static enum fault grow(struct index *x)
{
	size_t cap = x->cap == 0 ? CAP_FIRST : x->cap * 2;
	struct index_slot *slots = pool_alloc(x->pool, cap * sizeof(*slots));

	if (slots == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < x->cap; i++)
		if (x->slots[i].name.p != NULL)
			*slot_of(slots, cap, x->slots[i].name) = x->slots[i];
	x->slots = slots;
	x->cap = cap;
	return FAULT_NONE;
}

enum fault index_touch(struct index *x, struct span name, struct index_slot **ret)
{
	if (x->used * 2 >= x->cap) {
		enum fault f = grow(x);

		if (f != FAULT_NONE)
			return f;
	}
	struct index_slot *slot = slot_of(x->slots, x->cap, name);
	if (slot->name.p == NULL) {
		slot->name = name.p == NULL ? SPAN_EMPTY : name;
		x->used++;
	}
	*ret = slot;
	return FAULT_NONE;
}

enum fault index_put(struct index *x, struct span name, size_t value)
{
	struct index_slot *slot;
	enum fault f = index_touch(x, name, &slot);
	struct index_item *item = f == FAULT_NONE ? pool_alloc(x->pool, sizeof(*item)) : NULL;

	if (f != FAULT_NONE)
		return f;
	if (item == NULL)
		return FAULT_MEMORY;
	item->value = value;
	if (slot->last == NULL)
		slot->items = item;
	else
		slot->last->next = item;
	slot->last = item;
	return FAULT_NONE;
}

const struct index_slot *index_find(const struct index *x, struct span name)
{
	const struct index_slot *slot = x->cap == 0 ? NULL : slot_of(x->slots, x->cap, name);

	return slot == NULL || slot->name.p == NULL ? NULL : slot;
}
