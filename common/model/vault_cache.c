#include "common/model/network.h"

#include <stdlib.h>

#include "common/model/tables.h"
#include "common/plain/text.h"

/*
 * A few slots chosen by the name's hash; a slot's content is good while the store's snapshot is the one it was decoded
 * from, or while the stored bytes are still the same.
 */
enum { SLOTS = 256, RECORD_COPY_MAX = 16 << 20 };

struct slot {
	char name[VAULT_NAME_SIZE]; /* lower-case; "" : empty */
	uint64_t snapshot;
	struct buf raw;
	struct cached_vault content;
};

struct vault_cache {
	struct slot slots[SLOTS];
};

struct vault_cache *vault_cache_new(void)
{
	struct vault_cache *c = calloc(1, sizeof(*c));

	for (size_t i = 0; c != NULL && i < SLOTS; i++)
		c->slots[i].raw = BUF_INIT(RECORD_COPY_MAX);
	return c;
}

static void slot_clear(struct slot *s)
{
	s->name[0] = '\0';
	buf_clear(&s->raw);
	vault_done(&s->content.vault);
	firewall_done(&s->content.firewall);
	access_policy_index_done(&s->content.by_caller);
	free(s->content.rules);
	s->content.rules = NULL;
}

void vault_cache_free(struct vault_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		slot_clear(&c->slots[i]);
		buf_done(&c->slots[i].raw);
	}
	free(c);
}

static struct slot *slot_for(struct vault_cache *c, const char *name)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return &c->slots[h % SLOTS];
}

static enum fault slot_fill(struct slot *s, struct txn *t, const char *name, struct span bytes)
{
	enum fault f;

	slot_clear(s);
	buf_put_span(&s->raw, bytes);
	f = buf_fault(&s->raw);
	if (f == FAULT_NONE)
		f = vault_get(t, span_cstr(name), &s->content.vault);
	if (f != FAULT_NONE)
		return f;
	s->content.rules = calloc(s->content.vault.n_policies + 1, sizeof(*s->content.rules));
	if (s->content.rules == NULL)
		return FAULT_MEMORY;
	vault_rules(&s->content.vault, s->content.rules);
	f = access_policy_index_make(s->content.rules, s->content.vault.n_policies, &s->content.by_caller);
	if (f != FAULT_NONE)
		return f;
	f = network_compile(&s->content.vault, &s->content.firewall);
	if (f != FAULT_NONE)
		return f;
	memcpy(s->name, name, strlen(name) + 1);
	return FAULT_NONE;
}

enum fault vault_cache_get(struct vault_cache *c, struct txn *t, struct span name, const struct cached_vault **ret)
{
	char folded[VAULT_NAME_SIZE];
	struct span bytes;
	struct slot *s;
	enum fault f = FAULT_NONE;
	bool is_same;

	if (name.len == 0 || name.len >= VAULT_NAME_SIZE)
		return FAULT_NOT_FOUND;
	memcpy(folded, name.p, name.len);
	folded[name.len] = '\0';
	ascii_lower_str(folded);
	s = slot_for(c, folded);
	is_same = strcmp(s->name, folded) == 0;
	if (!is_same || s->snapshot != txn_snapshot(t)) {
		f = txn_get(t, TABLE_VAULT, span_cstr(folded), &bytes);
		if (f == FAULT_NONE && !(is_same && span_eq(bytes, buf_span(&s->raw))))
			f = slot_fill(s, t, folded, bytes);
		s->snapshot = txn_snapshot(t);
	}
	if (f != FAULT_NONE) {
		slot_clear(s);
		return f;
	}
	*ret = &s->content;
	return FAULT_NONE;
}
