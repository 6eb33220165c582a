#ifndef SANDVAULT_VAULTD_CMK_KEY_USER_H
#define SANDVAULT_VAULTD_CMK_KEY_USER_H

/*
 * A service that uses a key in somebody's vault: it calls the data plane like any other caller, as an identity it was
 * given, through firewall, permission, key state and audit (vaultd/inner.h). Nothing here knows more of the vault than
 * the answers say.
 */

#include "common/model/key.h"
#include "common/plain/secret.h"
#include "vaultd/inner.h"

/* "https://VAULT-HOST/keys/NAME[/VERSION]", taken apart; the spans lie in the text. */
struct key_ref {
	struct span host; /* "myvault.vault.localhost:8443" */
	struct span name;
	struct span version; /* empty: the newest */
};
/* FAULT_INVALID: no key identifier, or not of a vault of this sandbox (by its host name). */
enum fault key_ref_parse(struct span identifier, struct key_ref *ret) MUST_USE;
/* Whether the host's port is this vaultd's: at another one there may be another sandbox, whose vaults are none of ours.
 * Without a port it is. Asked only of what is sent: a sandbox that comes back at another port keeps its keys. */
bool key_ref_is_here(const struct vaultd *d, const struct key_ref *key);

/* Who uses it. The caller must live until the reply. */
struct key_user {
	struct vaultd *d;
	struct caller caller;
	const char *user_agent; /* "Microsoft.ContainerRegistry" */
};

/* What GetKey said. */
struct key_facts {
	char kid[512]; /* with version */
	char kty[16];  /* "RSA" */
	bool is_enabled;
};

/*
 * Each is called once, in a later turn. f: FAULT_NONE; FAULT_DENIED, FAULT_NOT_FOUND, FAULT_INVALID, … for a refusal of
 * the vault, with its code, inner code and words in err; FAULT_UNAVAILABLE when it could not say. A fault returned at
 * once: it will not be called.
 */
typedef void key_got(void *arg, enum fault f, const struct err *err, const struct key_facts *facts);
typedef void key_made(void *arg, enum fault f, const struct err *err, struct span bytes);

enum fault key_user_get(const struct key_user *u, const struct key_ref *key, key_got *done, void *arg) MUST_USE;
/* RSA-OAEP-256. */
enum fault key_user_wrap(const struct key_user *u, const struct key_ref *key, struct span plain, key_made *done,
			 void *arg) MUST_USE;
enum fault key_user_unwrap(const struct key_user *u, const struct key_ref *key, struct span wrapped, key_made *done,
			   void *arg) MUST_USE;

#endif
