#include "vaultd/keyvault/kv.h"

/* GetKey: → 200 KeyBundle, disabled or expired keys too. */
enum fault op_get_key(struct kv_op *op, struct err *err)
{
	struct key_head head;
	struct key_version v;
	enum fault f = kv_find_version(op, &head, &v, err);

	if (f == FAULT_NONE)
		kv_write_bundle(op, &head, &v);
	return f;
}

/* UpdateKey: body { key_ops?, attributes?, tags?, release_policy? } → 200 KeyBundle. What is not sent stays; tags and
 * key_ops are replaced. */
enum fault op_update_key(struct kv_op *op, struct err *err)
{
	struct kv_attributes a;
	const struct json *body;
	struct key_head head;
	struct key_version v;
	enum fault f = kv_find_version(op, &head, &v, err);

	if (f == FAULT_NONE)
		f = kv_body(op, &body, err);
	if (f == FAULT_NONE)
		f = kv_read_attributes(op, body, &a, err);
	if (f == FAULT_NONE)
		f = kv_check_release_of_changed(&v, &a, err);
	if (f != FAULT_NONE)
		return f;
	kv_apply_attributes(&v, &a);
	if (v.has_nbf && v.has_exp && v.exp_s <= v.nbf_s)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Property 'exp' must be later than property 'nbf'.\r\n");
	v.updated_s = op->now_s;
	/* The reply first: v's spans lie in the record that the put replaces. */
	kv_write_bundle(op, &head, &v);
	return key_version_put(op->txn, op->vault.uid, op->name, &v);
}
