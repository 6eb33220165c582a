#ifndef SANDVAULT_MODEL_HOST_H
#define SANDVAULT_MODEL_HOST_H

/*
 * Host resources: what a managed-identity endpoint answers as. The default host, a virtual machine "devbox", has every
 * user-assigned identity of the sandbox attached unless a list of its own was set. It sits in no subnet unless one was
 * set.
 */

#include "common/model/identity.h"

#define HOST_DEFAULT_ID "devbox"
enum { HOST_ID_SIZE = 65, HOST_ATTACHED_MAX = 64, HOST_SUBNETS_MAX = 8 };

struct host {
	char id[HOST_ID_SIZE];
	char resource_id[RESOURCE_ID_SIZE];
	char name[PRINCIPAL_NAME_SIZE];
	char group[GROUP_NAME_SIZE];
	char location[LOCATION_SIZE];
	char vm_id[ID_SIZE];
	char system_object_id[ID_SIZE]; /* "": no system-assigned identity */
	bool attaches_all;		/* every user-assigned identity there is */
	size_t n_attached;
	char attached[HOST_ATTACHED_MAX][RESOURCE_ID_SIZE]; /* resource ids, when !attaches_all */
	size_t n_subnets;
	char subnets[HOST_SUBNETS_MAX][RESOURCE_ID_SIZE]; /* resource ids as sent: where its network interfaces are */
};

enum fault host_get(struct txn *t, struct span id, struct host *ret) MUST_USE;
enum fault host_put(struct txn *t, const struct host *h) MUST_USE;
/* The host that is this resource, compared without case. FAULT_NOT_FOUND. Looks at every host there is. */
enum fault host_by_resource_id(struct txn *t, struct span resource_id, struct host *ret) MUST_USE;
bool host_has_attached(const struct host *h, struct span identity_resource_id);

/* The value an App Service caller proves itself with (X-IDENTITY-HEADER): one for each data directory, sealed at rest.
 * FAULT_NOT_FOUND before it was made. */
enum { IDENTITY_HEADER_SIZE = 37 };
enum fault identity_header_get(const struct world *w, struct txn *t, char out[IDENTITY_HEADER_SIZE]) MUST_USE;
/* Makes it when there is none; in a write transaction. */
enum fault identity_header_ensure(const struct world *w, struct txn *t) MUST_USE;

#endif
