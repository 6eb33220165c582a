#include "identityd/entra/token_cache.h"

#include <stdlib.h>

enum { ENTRIES = 512 };

struct entry {
	struct secret key; /* names only, but it lives and dies with the token */
	struct cached_token token;
};

struct token_cache {
	int64_t margin_s;
	size_t oldest; /* where the next new one goes */
	struct entry entries[ENTRIES];
};

struct token_cache *token_cache_new(int64_t margin_s)
{
	struct token_cache *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->margin_s = margin_s;
	return c;
}

static void entry_done(struct entry *e)
{
	secret_done(&e->key);
	secret_done(&e->token.text);
}

void token_cache_free(struct token_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		entry_done(&c->entries[i]);
	free(c);
}

static struct entry *find(struct token_cache *c, struct span key)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (c->entries[i].key.len > 0 && span_eq(secret_span(&c->entries[i].key), key))
			return &c->entries[i];
	return NULL;
}

const struct cached_token *token_cache_get(struct token_cache *c, struct span key, int64_t now_s)
{
	const struct entry *e = find(c, key);

	/* A clock that was set back makes tokens of the future. */
	if (e == NULL || e->token.expires_s - now_s <= c->margin_s || e->token.not_before_s > now_s)
		return NULL;
	return &e->token;
}

void token_cache_put(struct token_cache *c, struct span key, struct span token, int64_t not_before_s, int64_t expires_s)
{
	struct entry *e = find(c, key);

	if (e == NULL) {
		e = &c->entries[c->oldest];
		c->oldest = (c->oldest + 1) % ENTRIES;
	}
	if (secret_set(&e->key, key.p, key.len) != FAULT_NONE ||
	    secret_set(&e->token.text, token.p, token.len) != FAULT_NONE) {
		entry_done(e);
		return;
	}
	e->token.not_before_s = not_before_s;
	e->token.expires_s = expires_s;
}
