#ifndef SANDVAULT_VAULTD_AUTHN_H
#define SANDVAULT_VAULTD_AUTHN_H

/*
 * Who is calling. Tokens that passed are kept (whole, compared in constant time) until they expire or their signing key
 * goes, so that a busy client costs one verification.
 */

#include "common/model/token_check.h"

struct http_exchange;
struct authn;
struct vaultd;

enum fault authn_new(struct vaultd *d, struct authn **ret) MUST_USE;
void authn_free(struct authn *a);

/*
 * audiences: NULL-terminated; one of them must be the token's, to the letter. A request of our own has no token: its
 * sender is the caller.
 * Ok: FAULT_NONE and *ret (borrowed, valid until the next call). FAULT_UNAUTHENTICATED: *ret_failure says why; other
 * faults are the store's own.
 */
enum fault authenticate(struct authn *a, struct txn *t, struct http_exchange *x, const char *const *audiences,
			int64_t now_s, const struct caller **ret, struct authn_failure *ret_failure) MUST_USE;

#endif
