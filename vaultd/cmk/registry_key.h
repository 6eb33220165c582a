#ifndef SANDVAULT_VAULTD_CMK_REGISTRY_KEY_H
#define SANDVAULT_VAULTD_CMK_REGISTRY_KEY_H

/*
 * The registry as a user of the customer's key: taking it into use, following it, losing it and finding it again.
 * common/model/registry.h says what is kept of it.
 */

#include "common/model/registry.h"
#include "vaultd/cmk/key_user.h"
#include "vaultd/control/due.h"

/* The address that registries call from: none that a user's firewall rules name by chance. */
#define REGISTRY_ADDRESS "203.0.113.10"

/*
 * Whom the registry calls as: key_identity "system" is its own identity, a client id one of its user-assigned ones.
 * FAULT_NOT_FOUND: it has no such identity (any more). A read transaction, or a write transaction before its first
 * write.
 */
enum fault registry_key_user(struct vaultd *d, struct txn *t, const struct registry *r, struct key_user *ret) MUST_USE;

/*
 * Takes a key into use: r has the key_identifier and key_identity that are wanted; former (NULL: a new registry) what
 * was in use. As the identity wanted: gets the key, wraps a fresh secret and unwraps it; the data key of a former key
 * is opened with its unwrapKey first, as the identity wanted and else as the former one. Fills in r
 * versioned_key_identifier, wrapped, sealed_data_key and the times; storing it is the caller's. r must live until done,
 * former and user too. Refusals are in the registry's words: Source: fixtures/sources.md#registry-errors
 */
struct registry_adoption {
	struct vaultd *d;
	struct registry *r;
	const struct registry *former;
	const struct key_user *user, *former_user; /* former_user NULL: it is gone */
	void (*done)(void *arg, enum fault f, const struct err *err);
	void *arg;
};
/* Copied. Outside any transaction. A fault here: done will not be called. FAULT_INVALID: registry_refuse_identifier
 * says it. */
enum fault registry_key_adopt(const struct registry_adoption *a) MUST_USE;

/*
 * Opens the data key (32 bytes) for one use: asks the vault each time, so that a revocation is felt at the next use. A
 * registry without a customer's key has one that the sandbox's own root key seals: then no vault is asked, and done is
 * called before this returns; else in a later turn. data_key lives during the call. FAULT_DENIED: the key is not to be
 * had, in the registry's words. Outside any transaction. A fault here: done will not be called.
 */
typedef void registry_key_opened(void *arg, enum fault f, const struct err *err, struct span data_key);
enum fault registry_key_open(struct vaultd *d, const struct registry *r, registry_key_opened *done, void *arg,
			     struct err *err) MUST_USE;
/* The same for a registry with a customer's key, as somebody who was found before. Outside any transaction. */
enum fault registry_key_open_as(const struct registry *r, const struct key_user *u, registry_key_opened *done,
				void *arg) MUST_USE;

/* The hourly look at every registry's key: moves to a new version when the identifier has none, and notes whether the
 * data can be read. A row of vaultd/control/due.c. */
due_step registry_due_checks;

#endif
