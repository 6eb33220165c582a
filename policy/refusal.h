#ifndef SANDVAULT_POLICY_REFUSAL_H
#define SANDVAULT_POLICY_REFUSAL_H

/*
 * Why nobody gets a token: what is missing, unknown or wrong in a request to sign in or to a host's identity service.
 */

#include "common/plain/span.h"

enum refusal {
	REFUSAL_NONE = 0,
	/* The request. */
	REFUSAL_PARAMETER_MISSING,
	REFUSAL_PARAMETER_UNSUPPORTED,
	REFUSAL_API_VERSION_MISSING,
	REFUSAL_API_VERSION_UNKNOWN,
	REFUSAL_FORMAT_UNSUPPORTED,
	REFUSAL_UNKNOWN_PATH, /* below a path that is known */
	/* Signing in. */
	REFUSAL_TENANT_MISSING, /* a place for any tenant, where one must be named */
	REFUSAL_UNKNOWN_TENANT,
	REFUSAL_UNKNOWN_INSTANCE,
	REFUSAL_GRANT_UNSUPPORTED,
	REFUSAL_SCOPE_INVALID,
	REFUSAL_UNKNOWN_CLIENT,
	REFUSAL_CREDENTIAL_MISSING,
	REFUSAL_CREDENTIAL_MALFORMED,
	REFUSAL_WRONG_SECRET,
	REFUSAL_ASSERTION_MALFORMED,
	REFUSAL_ASSERTION_UNKNOWN_KEY,
	REFUSAL_ASSERTION_EXPIRED, /* or not valid yet */
	REFUSAL_NO_FEDERATED_CREDENTIAL,
	/* A host's identity service. */
	REFUSAL_METADATA_HEADER_MISSING,
	REFUSAL_REQUEST_FORWARDED,
	REFUSAL_IDENTITY_HEADER_MISSING,
	REFUSAL_WRONG_IDENTITY_HEADER,
	REFUSAL_UNKNOWN_IDENTITY,
	REFUSAL_IDENTITY_AMBIGUOUS,
	REFUSAL_PROXY_TARGET, /* the proxy goes to the sandbox's own services alone */
	/* Both. */
	REFUSAL_UNKNOWN_RESOURCE,
	REFUSAL_COUNT,
};

/* "wrong-secret": stable words for tests and the audit. */
const char *refusal_name(enum refusal r);
/* The one of that name, to the letter; REFUSAL_NONE when there is none. */
enum refusal refusal_named(struct span name);

#endif
