#ifndef SANDVAULT_IDENTITYD_ASSERTION_H
#define SANDVAULT_IDENTITYD_ASSERTION_H

/*
 * Assertions (RFC 7523): a token in place of a secret. An application's own would be signed with a certificate, and
 * none can be registered. A user-assigned identity's is another issuer's token, named by one of the identity's
 * federated credentials; the keys of foreign issuers are a network away, so only what this world signed itself is
 * taken. Source: fixtures/sources.md#federated-credentials
 */

#include "common/model/principal.h"
#include "identityd/operation.h"

/* type: client_assertion_type as sent. FAULT_INVALID, FAULT_UNAUTHENTICATED in AADSTS's words. */
enum fault assertion_check(const struct op *op, const struct principal *client, struct span type, struct span assertion,
			   struct err *err) MUST_USE;

#endif
