#ifndef SANDVAULT_VAULTD_ARM_FEDERATED_CREDENTIAL_READ_H
#define SANDVAULT_VAULTD_ARM_FEDERATED_CREDENTIAL_READ_H

/* What a PUT says of a federated identity credential. Source: fixtures/sources.md#federated-credentials */

#include "common/io/json.h"
#include "common/model/federated_credential.h"

/* Fills name, issuer, subject and audience; the principal is the caller's to say. BadRequest, InvalidRequestContent. */
enum fault federated_credential_read(struct span name, const struct json *body, struct federated_credential *c,
				     struct err *err) MUST_USE;

#endif
