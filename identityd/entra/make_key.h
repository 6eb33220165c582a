#ifndef SANDVAULT_IDENTITYD_MAKE_KEY_H
#define SANDVAULT_IDENTITYD_MAKE_KEY_H

/* Making a signing key: from the stock, else on the spot, with its self-signed certificate. Any thread. */

#include "common/model/signing_key.h"
#include "common/model/stock.h"

struct made_key {
	struct signing_key record;
	struct secret der;
	struct keypair *pair;
};
void made_key_done(struct made_key *m);

enum fault make_key(const struct stock *stock, const struct rng *rng, int64_t now_s, struct made_key *ret) MUST_USE;

#endif
