#ifndef SANDVAULT_MODEL_TOKEN_CHECK_H
#define SANDVAULT_MODEL_TOKEN_CHECK_H

/*
 * Whether a bearer token is one of this world's, and whose: its form, algorithm, signature and issuer once, its times
 * and its audience at each use. What a caller does with the answer, and whether it keeps it, is the caller's.
 * Source: fixtures/sources.md#tokens
 */

#include "common/io/jws.h"
#include "common/model/signing_key.h"

enum { CLAIM_RESOURCE_SIZE = 1024, AUDIENCE_SIZE = 512 };

/* Lower-case ids. */
struct caller {
	char tenant_id[ID_SIZE], object_id[ID_SIZE], app_id[ID_SIZE];
	char audience[AUDIENCE_SIZE];	      /* as the token says */
	char xms_mirid[CLAIM_RESOURCE_SIZE];  /* managed identities: whose identity it is; "" otherwise */
	char xms_az_rid[CLAIM_RESOURCE_SIZE]; /* managed identities: the host that asked; "" otherwise */
	/* Never of a token: the control plane calls the data plane for somebody whom it let through, and the vault's
	 * firewall and permissions are not asked. */
	bool is_control_plane;
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
/* Notes the problem; always FAULT_UNAUTHENTICATED, so that it can stand on the return line. */
enum fault authn_fail(struct authn_failure *out, enum authn_problem p, struct span found);

/* What follows "Bearer "; empty for NULL and for any other scheme. */
struct span bearer_token(const char *authorization);

/* Whether one of this world's keys signed a JWT, whatever it says; *ret and kid are undefined unless FAULT_NONE, but
 * for jws_done. */
enum fault jwt_verify(struct txn *t, struct span token, struct jws *ret, char kid[KID_SIZE],
		      struct authn_failure *out) MUST_USE;

/* A token that passed but for audience and time. */
struct checked_token {
	char kid[KID_SIZE];
	int64_t nbf_s, exp_s;
	struct caller caller;
};

/* FAULT_UNAUTHENTICATED: *out says why; other faults are the store's own. *ret is undefined unless FAULT_NONE. */
enum fault token_verify(const struct world *w, struct txn *t, struct span token, struct checked_token *ret,
			struct authn_failure *out) MUST_USE;
/* audiences: NULL-terminated; one of them must be the token's, to the letter. FAULT_UNAUTHENTICATED. */
enum fault token_accept(const struct checked_token *c, const char *const *audiences, int64_t now_s,
			struct authn_failure *out) MUST_USE;

#endif
