#ifndef SANDVAULT_MODEL_IDENTITY_H
#define SANDVAULT_MODEL_IDENTITY_H

/*
 * User-assigned managed identities. Their ids are written with a lower-case "resourcegroups", whatever the caller sent.
 * Source: fixtures/sources.md#identities
 */

#include "common/model/group.h"
#include "common/model/principal.h"

enum { IDENTITY_NAME_SIZE = 129 };

struct identity {
	char subscription_id[ID_SIZE];
	char group[GROUP_NAME_SIZE];
	char name[IDENTITY_NAME_SIZE];
	char location[LOCATION_SIZE];
	char tags[TAGS_SIZE];
	char principal_id[ID_SIZE];
	char client_id[ID_SIZE];
};

enum fault identity_get(struct txn *t, struct span subscription, struct span group, struct span name,
			struct identity *ret) MUST_USE;
/* By its resource id, in any casing. FAULT_NOT_FOUND also for what is no identity's id. */
enum fault identity_by_resource_id(struct txn *t, struct span resource_id, struct identity *ret) MUST_USE;
/* Writes the identity and its principal (made when principal_id is "": ids are then drawn and filled in). */
enum fault identity_put(struct world *w, struct txn *t, struct identity *i) MUST_USE;
/* With its principal, its federated credentials and the role assignments at its scope; those it was given elsewhere
 * stay, without effect. */
enum fault identity_del(struct txn *t, const struct identity *i) MUST_USE;
/* All of a subscription (group empty) or of a group. */
enum fault identity_each(struct txn *t, struct span subscription, struct span group,
			 enum fault (*each)(const struct identity *i, void *arg), void *arg) MUST_USE;
/* "/subscriptions/…/resourcegroups/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME" */
void identity_resource_id(char out[RESOURCE_ID_SIZE], const struct identity *i);

#endif
