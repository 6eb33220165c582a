#ifndef SANDVAULT_IDENTITYD_TOKEN_CACHE_H
#define SANDVAULT_IDENTITYD_TOKEN_CACHE_H

/* Tokens handed out to managed identities, kept so that the same question gets the same answer while it is worth
 * having. Bounded; what is pushed out is signed anew. */

#include "common/plain/secret.h"

struct token_cache;

/* NULL: no memory. A token with less than the last margin_s of its life left is not given out again. */
struct token_cache *token_cache_new(int64_t margin_s);
void token_cache_free(struct token_cache *c);

struct cached_token {
	struct secret text;
	int64_t not_before_s, expires_s;
};
/* NULL when there is none good enough; borrowed until the next call. */
const struct cached_token *token_cache_get(struct token_cache *c, struct span key, int64_t now_s);
/* Keeps a copy. A failure only means that it is not kept. */
void token_cache_put(struct token_cache *c, struct span key, struct span token, int64_t not_before_s,
		     int64_t expires_s);

#endif
