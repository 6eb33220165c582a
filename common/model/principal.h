#ifndef SANDVAULT_MODEL_PRINCIPAL_H
#define SANDVAULT_MODEL_PRINCIPAL_H

/*
 * Who can call: service principals of the directory. An application id (client id) leads to at most one of them.
 */

#include "common/model/world.h"

enum principal_kind {
	PRINCIPAL_APPLICATION = 1, /* signs in with a secret */
	PRINCIPAL_USER_ASSIGNED = 2,
	PRINCIPAL_SYSTEM_ASSIGNED = 3,
};

enum { PRINCIPAL_NAME_SIZE = 257, RESOURCE_ID_SIZE = 1024, SEALED_SECRET_MAX = 256 };

struct principal {
	char object_id[ID_SIZE];
	char app_id[ID_SIZE];
	enum principal_kind kind;
	char display_name[PRINCIPAL_NAME_SIZE];
	char resource_id[RESOURCE_ID_SIZE]; /* of the identity or of the resource it belongs to; "" for applications */
	bool is_admin;
	uint8_t sealed_secret[SEALED_SECRET_MAX]; /* applications only */
	size_t sealed_secret_len;
};

/* Ids compare without case. FAULT_NOT_FOUND. */
enum fault principal_by_object_id(struct txn *t, struct span object_id, struct principal *ret) MUST_USE;
enum fault principal_by_app_id(struct txn *t, struct span app_id, struct principal *ret) MUST_USE;
/* New, or replacing the one of that object id. */
enum fault principal_put(struct txn *t, const struct principal *p) MUST_USE;
enum fault principal_del(struct txn *t, const struct principal *p) MUST_USE;
/* Every one, by object id. */
enum fault principal_each(struct txn *t, enum fault (*each)(const struct principal *p, void *arg), void *arg) MUST_USE;
/* A new system-assigned identity of the resource, with ids of its own. */
enum fault principal_make_system(const struct world *w, struct txn *t, const char *name, const char *resource_id,
				 char out_object_id[ID_SIZE]) MUST_USE;
/* Seals and opens an application's secret. */
enum fault principal_set_secret(const struct world *w, struct principal *p, struct span secret) MUST_USE;
enum fault principal_secret(const struct world *w, const struct principal *p, struct secret *ret) MUST_USE;

#endif
