#ifndef SANDVAULT_VAULTD_ARM_VAULT_KEY_BODY_H
#define SANDVAULT_VAULTD_ARM_VAULT_KEY_BODY_H

/* A key of the control plane, said in the words of the data plane and back. Source: fixtures/sources.md#vault-keys */

#include "common/io/json.h"
#include "common/io/json_out.h"

/* {"properties":{"kty","keySize","curveName","keyOps","attributes","release_policy"},"tags"} → the body of CreateKey.
 * FAULT_INVALID: InvalidRequestContent. */
enum fault vault_key_create_body(const struct json *body, struct json_out *o, struct err *err) MUST_USE;
/* "rotationPolicy" → the body of UpdateKeyRotationPolicy; *ret_has_policy false when there is none. */
enum fault vault_key_rotation_body(const struct json *body, struct json_out *o, bool *ret_has_policy,
				   struct err *err) MUST_USE;

/* The resource of a key bundle, or of an item of a list (which has no "key"). id: its resource id; a version's type and
 * name differ. */
struct vault_key_shape {
	const char *vault_id; /* "/subscriptions/…/vaults/NAME" */
	const char *location;
	bool is_version;
};
void vault_key_write(struct json_out *o, const struct vault_key_shape *shape, const struct json *bundle);

#endif
