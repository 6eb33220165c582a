#ifndef SANDVAULT_VAULTD_AUTHN_H
#define SANDVAULT_VAULTD_AUTHN_H

/*
 * Who is calling: checks a bearer token's signature, issuer, tenant, audience and times. Tokens that passed are kept
 * (whole, compared in constant time) until they expire or their signing key goes, so that a busy client costs one
 * verification.
 */

#include "common/model/world.h"

struct http_exchange;
struct authn;
struct vaultd;

enum { CLAIM_RESOURCE_SIZE = 1024, AUDIENCE_SIZE = 512 };

/* Lower-case ids. */
struct caller {
	char tenant_id[ID_SIZE], object_id[ID_SIZE], app_id[ID_SIZE];
	char audience[AUDIENCE_SIZE];	      /* as the token says */
	char xms_mirid[CLAIM_RESOURCE_SIZE];  /* managed identities: whose identity it is; "" otherwise */
	char xms_az_rid[CLAIM_RESOURCE_SIZE]; /* managed identities: the host that asked; "" otherwise */
};

enum authn_problem {
	AUTHN_OK = 0,
	AUTHN_MISSING,	     /* no Authorization, or not the Bearer scheme */
	AUTHN_MALFORMED,     /* not a JWT */
	AUTHN_BAD_ALGORITHM, /* anything but RS256 */
	AUTHN_UNKNOWN_KEY,
	AUTHN_BAD_SIGNATURE,
	AUTHN_BAD_ISSUER, /* another tenant */
	AUTHN_BAD_AUDIENCE,
	AUTHN_EXPIRED,
	AUTHN_NOT_YET_VALID,
};

struct authn_failure {
	enum authn_problem problem;
	char found[AUDIENCE_SIZE]; /* the issuer or audience the token had */
	char header_b64[512];	   /* AUTHN_UNKNOWN_KEY: the token's first part */
};

/* "token-expired": stable words for the audit. */
const char *authn_problem_name(enum authn_problem p);

enum fault authn_new(struct vaultd *d, struct authn **ret) MUST_USE;
void authn_free(struct authn *a);

/*
 * audiences: NULL-terminated; one of them must be the token's, to the letter.
 * Ok: FAULT_NONE and *ret (borrowed, valid until the next call). FAULT_UNAUTHENTICATED: *ret_failure says why; other
 * faults are the store's own.
 */
enum fault authenticate(struct authn *a, struct txn *t, struct http_exchange *x, const char *const *audiences,
			int64_t now_s, const struct caller **ret, struct authn_failure *ret_failure) MUST_USE;

#endif
