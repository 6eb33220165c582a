#include "vaultd/keyvault/kv_successor.h"

static bool is_alike(const struct key_version *v, const struct kv_generation *g)
{
	struct kv_generation wanted = { .d = NULL };

	kv_generation_like(&wanted, v);
	return wanted.kty == g->kty && wanted.crv == g->crv && wanted.is_hsm == g->is_hsm && wanted.bits == g->bits;
}

enum fault kv_successor(const struct key_head *head, const struct key_version *prev, const struct kv_generation *g,
			int64_t created_s, struct key_version *ret, struct err *err)
{
	struct key_version v = { .enabled = true, .created_s = created_s, .updated_s = created_s };
	struct rotation_policy policy;
	enum rotation_problem problem;
	struct rotation_due exp;
	enum fault f = key_rotation_policy(&head->rotation, &policy, &problem);

	if (f != FAULT_NONE)
		return f == FAULT_INVALID ? FAULT_STORE : f; /* it was valid when it was stored */
	if (!is_alike(prev, g))
		return err_say(err, FAULT_CONFLICT, "Conflict",
			       "Key '%s' got a version of another kind while it was rotated.", head->name);
	kv_generation_fill(g, &v);
	memcpy(v.key_ops, prev->key_ops, sizeof(v.key_ops));
	v.n_key_ops = prev->n_key_ops;
	v.tags = prev->tags;
	v.is_exportable = prev->is_exportable;
	v.release_data = prev->release_data;
	v.release_type = prev->release_type;
	v.release_immutable = prev->release_immutable;
	exp = rotation_new_expiry(&policy, created_s);
	v.has_exp = exp.is_set;
	v.exp_s = exp.at_s;
	*ret = v;
	return FAULT_NONE;
}
