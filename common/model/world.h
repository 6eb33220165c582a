#ifndef SANDVAULT_MODEL_WORLD_H
#define SANDVAULT_MODEL_WORLD_H

/*
 * A sandbox's world: its data directory, store, root key, and the things that are there from the start. Both daemons
 * open the same one; whoever is first makes it.
 *
 * The default world: one tenant, one subscription, an administrator service principal (Owner) with a random secret, and
 * a virtual machine "devbox" in group "sandbox" whose system-assigned identity answers IMDS.
 */

#include "common/io/seal.h"
#include "common/io/store.h"
#include "common/plain/rng.h"

#define WORLD_TENANT_ID "aaaabbbb-0000-cccc-1111-dddd2222eeee"
#define WORLD_SUBSCRIPTION_ID "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
#define WORLD_LOCATION "westeurope"

enum { ID_SIZE = 37, PATH_SIZE = 4096 };

struct world {
	char data_dir[PATH_SIZE];
	struct store *store;
	struct sealer sealer;
	struct rng rng;
	char tenant_id[ID_SIZE];
	char subscription_id[ID_SIZE];
	char admin_app_id[ID_SIZE];
	char admin_object_id[ID_SIZE];
	bool is_ephemeral;
};

/* Makes what is missing. One sentence in err when it cannot be. now_s stamps a new world. */
enum fault world_open(const char *data_dir, bool is_ephemeral, const struct rng *rng, int64_t now_s, struct world *ret,
		      struct err *err) MUST_USE;
void world_done(struct world *w);
/* The administrator's client secret. */
enum fault world_admin_secret(struct world *w, struct txn *t, struct secret *ret) MUST_USE;

#endif
