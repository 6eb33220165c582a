#ifndef SANDVAULT_IDENTITYD_SIGNING_H
#define SANDVAULT_IDENTITYD_SIGNING_H

/*
 * The life of token-signing keys. Two may sign at any time: the active one does, the next one is published ahead of its
 * turn, so that a verifier that keeps the list knows it when it comes. When the active one is old enough it is retired
 * and stays listed until every token it signed has expired.
 */

#include "common/model/stock.h"
#include "common/model/world.h"

struct jobs;
struct keypair;
struct signing;

struct signing_options {
	struct world *world;	   /* borrowed */
	const struct stock *stock; /* borrowed */
	struct jobs *generation;   /* borrowed; freed before signing_free */
	int64_t max_age_s;	   /* of the active key */
	int64_t token_lifetime_s;
};

/* Reads the keys that are there. Makes the first on the spot when there is none; further ones come later, by the pool.
 */
enum fault signing_new(const struct signing_options *opt, int64_t now_s, struct signing **ret,
		       struct err *err) MUST_USE;
void signing_free(struct signing *s);

/* Rotates when it is time, and sees to it that a next key comes. Opens a write transaction of its own when it must. */
enum fault signing_tend(struct signing *s, int64_t now_s, struct err *err) MUST_USE;

/* The key that signs now. It lives until it is released, retired or not. */
struct signer;
struct signer *signing_take(struct signing *s);
void signer_release(struct signer *k);
struct keypair *signer_pair(struct signer *k);
const char *signer_kid(const struct signer *k);

#endif
