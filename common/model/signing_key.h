#ifndef SANDVAULT_MODEL_SIGNING_KEY_H
#define SANDVAULT_MODEL_SIGNING_KEY_H

/*
 * Keys that sign access tokens. identityd writes them, both daemons read them. Of those that may sign the oldest
 * does, the next is listed ahead of its turn; retired ones stay listed until every token they signed has expired.
 */

#include "common/io/keypair.h"
#include "common/model/world.h"

enum { KID_SIZE = 64, SIGNING_CERT_MAX = 2048 };

struct signing_key {
	char kid[KID_SIZE]; /* base64url SHA-1 of the certificate: kid and x5t are the same */
	int64_t created_s;
	int64_t retired_s; /* 0: may sign; else when it stopped signing */
	struct jwk_public pub;
	uint8_t cert_der[SIGNING_CERT_MAX];
	size_t cert_len;
};

enum fault signing_key_get(struct txn *t, struct span kid, struct signing_key *ret) MUST_USE;
/* der is the private key, sealed on the way in. */
enum fault signing_key_put(const struct world *w, struct txn *t, const struct signing_key *k, struct span der) MUST_USE;
/* The same record with other dates; the sealed key stays as it is. */
enum fault signing_key_retire(struct txn *t, struct span kid, int64_t retired_s) MUST_USE;
enum fault signing_key_private(const struct world *w, struct txn *t, struct span kid, struct secret *ret_der) MUST_USE;
enum fault signing_key_del(struct txn *t, struct span kid) MUST_USE;
enum fault signing_key_each(struct txn *t, enum fault (*each)(const struct signing_key *k, void *arg),
			    void *arg) MUST_USE;

#endif
