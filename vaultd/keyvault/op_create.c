#include "vaultd/keyvault/kv.h"

#include "vaultd/keyvault/kv_generate.h"

enum { RSA_BITS_DEFAULT = 2048 };

/* CreateKey: body { kty, key_size?, public_exponent?, crv?, key_ops?, attributes?, tags?, release_policy? } → 200
 * KeyBundle. */
struct create_body {
	struct span kty, crv;
	struct json_opt_int key_size, public_exponent;
};

static const struct field fields[] = {
	{ "kty", FIELD_STRING, offsetof(struct create_body, kty), FIELD_MUST },
	{ "crv", FIELD_STRING, offsetof(struct create_body, crv), FIELD_MAY },
	{ "key_size", FIELD_INT, offsetof(struct create_body, key_size), FIELD_MAY },
	{ "public_exponent", FIELD_INT, offsetof(struct create_body, public_exponent), FIELD_MAY },
};

struct create_job {
	struct kv_job job;
	struct kv_generation key;
	struct kv_attributes attributes;
};

static enum fault make_key(struct kv_job *job, struct err *err UNUSED)
{
	return kv_generation_run(&((struct create_job *)job)->key);
}

static enum fault store_key(struct kv_job *job, struct err *err)
{
	struct create_job *c = (struct create_job *)job;
	struct key_version v = { .enabled = true };

	kv_generation_fill(&c->key, &v);
	kv_apply_attributes(&v, &c->attributes);
	return kv_store_new_version(job->op, &v, secret_span(&c->key.der), err);
}

static void create_done(struct kv_job *job)
{
	kv_generation_done(&((struct create_job *)job)->key);
}

static enum fault read_rsa(const struct create_body *in, struct create_job *c, struct err *err)
{
	int64_t bits = in->key_size.is_set ? in->key_size.v : RSA_BITS_DEFAULT;
	int64_t e = in->public_exponent.is_set ? in->public_exponent.v : KV_RSA_EXPONENT;

	if (bits != 2048 && bits != 3072 && bits != 4096)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Key size %lld is not supported; RSA keys have 2048, 3072 or 4096 bits.",
			       (long long)bits);
	if (e < 3 || e > INT32_MAX || e % 2 == 0)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property 'public_exponent' has invalid value\r\n");
	c->key.bits = (unsigned)bits;
	c->key.exponent = (uint32_t)e;
	return FAULT_NONE;
}

static enum fault read_ec(const struct create_body *in, struct create_job *c, struct err *err)
{
	c->key.crv = CURVE_P256;
	if (in->crv.p != NULL && in->crv.len > 0 && key_curve_parse(in->crv, &c->key.crv) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property 'crv' has invalid value\r\n");
	for (size_t i = 0; i < c->attributes.n_key_ops; i++)
		if (c->attributes.key_ops[i] != KEY_OP_SIGN && c->attributes.key_ops[i] != KEY_OP_VERIFY)
			return err_say(err, FAULT_INVALID, "BadParameter",
				       "Key operation '%s' is not supported by keys of type EC.",
				       key_operation_word((enum key_operation)c->attributes.key_ops[i]));
	return FAULT_NONE;
}

static enum fault read_body(struct kv_op *op, struct create_job *c, struct err *err)
{
	struct create_body in = { .kty = { NULL, 0 } };
	const struct json *body;
	enum fault f = kv_body(op, &body, err);

	if (f == FAULT_NONE)
		f = json_read(body, fields, ARRAY_LEN(fields), &in, err);
	if (f == FAULT_NONE)
		f = kv_read_attributes(op, body, &c->attributes, err);
	if (f == FAULT_NONE)
		f = kv_check_release_of_new(&c->attributes, err);
	if (f == FAULT_NONE)
		f = kv_read_kty(op, in.kty, &c->key.kty, &c->key.is_hsm, err);
	if (f != FAULT_NONE)
		return f;
	return c->key.kty == KTY_RSA ? read_rsa(&in, c, err) : read_ec(&in, c, err);
}

enum fault op_create_key(struct kv_op *op, struct err *err)
{
	struct create_job *c = pool_alloc(http_exchange_pool(op->x), sizeof(*c));
	enum fault f;

	if (c == NULL)
		return FAULT_MEMORY;
	c->job = (struct kv_job){
		.op = op, .work = make_key, .finish_txn = TXN_WRITE, .finish = store_key, .done = create_done
	};
	f = kv_name_is_free(op, err);
	if (f == FAULT_NONE)
		f = read_body(op, c, err);
	if (f != FAULT_NONE)
		return f;
	kv_generation_prepare(&c->key, op->d);
	c->job.where = c->key.where;
	op->job = &c->job;
	return FAULT_NONE;
}
