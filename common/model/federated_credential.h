#ifndef SANDVAULT_MODEL_FEDERATED_CREDENTIAL_H
#define SANDVAULT_MODEL_FEDERATED_CREDENTIAL_H

/*
 * Which tokens of foreign issuers stand for a user-assigned identity: issuer, subject and audience, to the letter.
 * They belong to the identity's principal, and go with it.
 */

#include "common/model/world.h"

enum { FEDERATED_NAME_SIZE = 121, FEDERATED_TEXT_SIZE = 601, FEDERATED_CREDENTIALS_MAX = 20 };

struct federated_credential {
	char principal_id[ID_SIZE]; /* of the identity */
	char name[FEDERATED_NAME_SIZE];
	char issuer[FEDERATED_TEXT_SIZE], subject[FEDERATED_TEXT_SIZE], audience[FEDERATED_TEXT_SIZE];
};

/* Names compare without case. FAULT_NOT_FOUND. */
enum fault federated_credential_get(struct txn *t, struct span principal_id, struct span name,
				    struct federated_credential *ret) MUST_USE;
/* New, or replacing the one of that name. */
enum fault federated_credential_put(struct txn *t, const struct federated_credential *c) MUST_USE;
enum fault federated_credential_del(struct txn *t, const struct federated_credential *c) MUST_USE;
/* All of an identity, by name. The table must not be written meanwhile. */
enum fault federated_credential_each(struct txn *t, struct span principal_id,
				     enum fault (*each)(const struct federated_credential *c, void *arg),
				     void *arg) MUST_USE;
/* When the identity goes. */
enum fault federated_credential_drop(struct txn *t, struct span principal_id) MUST_USE;

#endif
