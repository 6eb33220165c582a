#ifndef SANDVAULT_MODEL_REGISTRY_H
#define SANDVAULT_MODEL_REGISTRY_H

/*
 * Container registries and what they keep of the customer's key. A name is global and compares without case. uid is
 * drawn at creation and never reused, so that a registry that takes a deleted one's name never sees its data.
 *
 * What the registry stores is encrypted under its data key. The data key is sealed under a key-encryption secret that
 * is drawn anew with each version of the customer's key, and that secret is kept only in wrapped form: without the
 * vault's unwrapKey there is no data. Moving to another key or version rewraps, the data stays as it is. Source:
 * fixtures/sources.md#registries
 */

#include "common/model/group.h"
#include "common/model/principal.h"
#include "common/model/vault.h"

enum {
	REGISTRY_NAME_SIZE = 51,
	REGISTRY_UID_LEN = 16,
	REGISTRY_IDENTITIES_MAX = 16,
	REGISTRY_PROPERTIES_SIZE = 32 * 1024,
	REGISTRY_WRAPPED_MAX = 1024,
	REGISTRY_SEALED_MAX = 96,
	REGISTRY_KEY_ID_SIZE = 512,
};
#define REGISTRY_SYSTEM_IDENTITY "system" /* as key_identity: the registry's own */

enum registry_sku { REGISTRY_BASIC = 1, REGISTRY_STANDARD = 2, REGISTRY_PREMIUM = 3 };

struct registry {
	uint8_t uid[REGISTRY_UID_LEN];
	size_t uid_len;
	char subscription_id[ID_SIZE];
	char group[GROUP_NAME_SIZE];
	char name[REGISTRY_NAME_SIZE];
	char location[LOCATION_SIZE];
	char tags[TAGS_SIZE];			   /* compact JSON object; "" none */
	unsigned sku;				   /* enum registry_sku */
	char properties[REGISTRY_PROPERTIES_SIZE]; /* compact JSON object: what is kept as it was sent and echoed */
	/* Identities. */
	char system_object_id[ID_SIZE]; /* "": no system-assigned identity */
	size_t n_identities;
	char identities[REGISTRY_IDENTITIES_MAX]
		       [RESOURCE_ID_SIZE]; /* resource ids, as identity_resource_id writes them */
	/* The customer's key; key_identifier "": none. */
	char key_identifier[REGISTRY_KEY_ID_SIZE];	     /* as sent, with or without a version */
	char versioned_key_identifier[REGISTRY_KEY_ID_SIZE]; /* the version in use */
	char key_identity[ID_SIZE];			     /* client id of a user-assigned identity, or "system" */
	int64_t key_rotated_ms;				     /* 0: never */
	int64_t key_checked_s;				     /* the last look at the key, which happens every hour */
	bool is_key_lost;				     /* what that look found: the data cannot be read */
	uint8_t wrapped[REGISTRY_WRAPPED_MAX];		     /* by the version in use */
	size_t wrapped_len;
	uint8_t sealed_data_key[REGISTRY_SEALED_MAX]; /* under the wrapped secret */
	size_t sealed_data_key_len;
	char created_by[CALLER_SIZE], modified_by[CALLER_SIZE];
	char created_by_type[32], modified_by_type[32];
	int64_t created_ms, modified_ms;
};

/* "/subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/NAME" */
void registry_resource_id(char out[RESOURCE_ID_SIZE], const struct registry *r);

/* FAULT_NOT_FOUND. */
enum fault registry_get(struct txn *t, struct span name, struct registry *ret) MUST_USE;
/* Draws what a new registry has of its own: its uid and a data key, sealed under the sandbox's root key until a key of
 * the customer's is taken into use. */
enum fault registry_begin(const struct world *w, struct registry *r) MUST_USE;
/* New, or replacing the one of that name. */
enum fault registry_put(struct txn *t, const struct registry *r) MUST_USE;
/* With its own principal, the role assignments at it and below, and everything it stores. */
enum fault registry_del(struct txn *t, struct registry *r) MUST_USE;
/* Ascending by folded name, after that name (empty: from the start), until each returns a fault. */
enum fault registry_each(struct txn *t, struct span after, enum fault (*each)(const struct registry *r, void *arg),
			 void *arg) MUST_USE;

/* The data key (32 bytes), sealed under the root key or under the secret that the customer's key wraps. */
struct sealer;
enum fault registry_data_key(const struct sealer *under, const struct registry *r, struct secret *ret) MUST_USE;
enum fault registry_seal_data_key(const struct world *w, const struct sealer *under, struct span data_key,
				  struct registry *r) MUST_USE;

/* Switches the system-assigned identity on (with new ids: every time it is switched on it is another principal) and
 * off; the registry is not written. */
enum fault registry_system_identity_on(struct world *w, struct txn *t, struct registry *r) MUST_USE;
enum fault registry_system_identity_off(struct txn *t, struct registry *r) MUST_USE;

#endif
