#ifndef SANDVAULT_MODEL_PURGE_H
#define SANDVAULT_MODEL_PURGE_H

/*
 * Removes what is only waiting to be removed: deleted keys and deleted vaults whose purge date has passed. To clients
 * they are gone from that date on; this gives their room back. In small steps, so that nobody waits for a large vault.
 */

#include "common/model/key.h"

/* Where the search for deleted keys goes on; all zero: at the start. */
struct purge_place {
	char after[STORE_KEY_MAX];
	size_t len;
};

/* One step: looks at some, removes some of these in a write transaction of its own. *ret_more: call again. */
enum fault purge_keys_step(struct world *w, int64_t now_s, struct purge_place *place, bool *ret_more,
			   struct err *err) MUST_USE;
enum fault purge_vaults_step(struct world *w, int64_t now_s, bool *ret_more, struct err *err) MUST_USE;

#endif
