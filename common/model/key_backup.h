#ifndef SANDVAULT_MODEL_KEY_BACKUP_H
#define SANDVAULT_MODEL_KEY_BACKUP_H

/*
 * A key with all its versions, attributes, tags and rotation policy as one piece of bytes that leaves the store. It
 * holds plain private keys: whoever makes it seals it.
 */

#include "common/model/key.h"

/* Small enough that what is made of it (base64url twice) is below the 1 MiB of a request's body. */
enum { KEY_BACKUP_MAX = 570 << 10, KEY_BACKUP_VERSIONS_MAX = 500, GEOGRAPHY_SIZE = 64 };

struct key_backup {
	char subscription_id[ID_SIZE];
	char geography[GEOGRAPHY_SIZE];
	struct key_head head;
};

/* Failures stick in out: FAULT_TOO_LARGE for a key beyond the limit of out. */
void key_backup_begin(struct buf *out, const struct key_backup *b);
/* v->sealed: the plain private key. */
void key_backup_add(struct buf *out, const struct key_version *v);

/* Calls each for every version (v->sealed: the plain private key; spans lie in bytes) until one returns a fault, which
 * is then the result. FAULT_STORE when the bytes are none of key_backup_begin's, or the newest version is missing. */
enum fault key_backup_read(struct span bytes, struct key_backup *ret) MUST_USE;
enum fault key_backup_each(struct span bytes, enum fault (*each)(const struct key_version *v, void *arg),
			   void *arg) MUST_USE;

#endif
