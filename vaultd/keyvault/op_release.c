#include "vaultd/keyvault/kv.h"

struct release_body {
	struct span target;
};

static const struct field fields[] = {
	{ "target", FIELD_STRING, offsetof(struct release_body, target), FIELD_MUST },
};

/*
 * Release: body { target, nonce?, enc? }. Everything is looked at up to the point where an attestation authority would
 * have to be believed: there is none, so the answer is 501.
 */
enum fault op_release(struct kv_op *op, struct err *err)
{
	struct release_body in = { .target = { NULL, 0 } };
	const struct json *body;
	struct key_head head;
	struct key_version v;
	enum fault f = kv_find_version(op, &head, &v, err);

	if (f == FAULT_NONE && !v.is_exportable)
		return err_say_inner(err, FAULT_DENIED, "Forbidden", "KeyOperationForbidden",
				     "Operation release is not permitted on this key.");
	if (f == FAULT_NONE)
		f = kv_body(op, &body, err);
	if (f == FAULT_NONE)
		f = json_read(body, fields, ARRAY_LEN(fields), &in, err);
	if (f != FAULT_NONE)
		return f;
	return err_say(
		err, FAULT_NOT_IMPLEMENTED, "NotImplemented",
		"Release is not imitated: the sandbox has no attestation authority whose token it could check against "
		"the release policy of key '%s'. The policy itself is checked and kept.",
		head.name);
}

/* GetRandomBytes: a vault has no such operation, a Managed HSM has. */
enum fault op_get_random_bytes(struct kv_op *op UNUSED, struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadParameter", "Method POST does not allow operation 'rng'");
}
