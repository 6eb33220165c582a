#include "vaultd/keyvault/kv.h"

#include "common/io/jobs.h"
#include "vaultd/key_stock.h"

enum { RSA_EXPONENT = 65537, RSA_BITS_DEFAULT = 2048 };

/* CreateKey: body { kty, key_size?, public_exponent?, crv?, key_ops?, attributes?, tags? } → 200 KeyBundle. */
struct create_body {
	struct span kty, crv;
	struct json_opt_int key_size, public_exponent;
	const struct json *release_policy;
};

static const struct field fields[] = {
	{ "kty", FIELD_STRING, offsetof(struct create_body, kty), FIELD_MUST },
	{ "crv", FIELD_STRING, offsetof(struct create_body, crv), FIELD_MAY },
	{ "key_size", FIELD_INT, offsetof(struct create_body, key_size), FIELD_MAY },
	{ "public_exponent", FIELD_INT, offsetof(struct create_body, public_exponent), FIELD_MAY },
	{ "release_policy", FIELD_OBJECT, offsetof(struct create_body, release_policy), FIELD_MAY },
};

struct create_job {
	struct kv_job job;
	enum key_kty kty;
	enum key_curve crv;
	bool is_hsm;
	unsigned bits;
	uint32_t exponent;
	struct kv_attributes attributes;
	struct rng rng; /* fails once the pool stops, which ends a long generation */
	struct secret der;
	struct jwk_public pub;
};

static enum fault stoppable_fill(void *arg, void *p, size_t n)
{
	struct create_job *c = arg;

	if (jobs_is_stopping(c->job.where))
		return FAULT_RANDOM;
	return rng_fill(&c->job.op->d->world.rng, p, n);
}

static enum fault take_key(struct create_job *c, struct keypair *k)
{
	enum fault f = keypair_public(k, &c->pub);

	if (f == FAULT_NONE && c->der.len == 0)
		f = keypair_to_der(k, &c->der);
	return f;
}

static enum fault make_key(struct kv_job *job, struct err *err UNUSED)
{
	struct create_job *c = (struct create_job *)job;
	SCOPED(keypair) struct keypair *k = NULL;
	enum fault f;

	if (c->der.len > 0) /* from stock */
		f = keypair_from_der(secret_span(&c->der), &c->rng, &k);
	else if (c->kty == KTY_RSA)
		f = keypair_generate_rsa(c->bits, c->exponent, &c->rng, &k);
	else
		f = keypair_generate_ec(c->crv, &c->rng, &k);
	return f == FAULT_NONE ? take_key(c, k) : f;
}

static enum fault store_key(struct kv_job *job, struct err *err)
{
	static const uint8_t rsa_ops[] = { KEY_OP_ENCRYPT, KEY_OP_DECRYPT, KEY_OP_SIGN,
					   KEY_OP_VERIFY,  KEY_OP_WRAP,	   KEY_OP_UNWRAP };
	static const uint8_t ec_ops[] = { KEY_OP_SIGN, KEY_OP_VERIFY };
	struct create_job *c = (struct create_job *)job;
	struct key_version v = { .kty = c->kty, .crv = c->crv, .is_hsm = c->is_hsm, .enabled = true };

	v.n = span_of(c->pub.n.p, c->pub.n.len);
	v.e = span_of(c->pub.e.p, c->pub.e.len);
	v.x = span_of(c->pub.x.p, c->pub.x.len);
	v.y = span_of(c->pub.y.p, c->pub.y.len);
	v.n_key_ops = c->kty == KTY_RSA ? sizeof(rsa_ops) : sizeof(ec_ops);
	memcpy(v.key_ops, c->kty == KTY_RSA ? rsa_ops : ec_ops, v.n_key_ops);
	kv_apply_attributes(&v, &c->attributes);
	return kv_store_new_version(job->op, &v, secret_span(&c->der), err);
}

static void create_done(struct kv_job *job)
{
	secret_done(&((struct create_job *)job)->der);
}

static enum fault read_rsa(const struct create_body *in, struct create_job *c, struct err *err)
{
	int64_t bits = in->key_size.is_set ? in->key_size.v : RSA_BITS_DEFAULT;
	int64_t e = in->public_exponent.is_set ? in->public_exponent.v : RSA_EXPONENT;

	if (bits != 2048 && bits != 3072 && bits != 4096)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Key size %lld is not supported; RSA keys have 2048, 3072 or 4096 bits.",
			       (long long)bits);
	if (e < 3 || e > INT32_MAX || e % 2 == 0)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property 'public_exponent' has invalid value\r\n");
	c->bits = (unsigned)bits;
	c->exponent = (uint32_t)e;
	return FAULT_NONE;
}

static enum fault read_ec(const struct create_body *in, struct create_job *c, struct err *err)
{
	c->crv = CURVE_P256;
	if (in->crv.p != NULL && in->crv.len > 0 && key_curve_parse(in->crv, &c->crv) != FAULT_NONE)
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
	if (f == FAULT_NONE && in.release_policy != NULL)
		f = err_say(err, FAULT_INVALID, "BadParameter",
			    "AKV.SKR.1005: Non-exportable keys must not have release policy.");
	if (f == FAULT_NONE)
		f = kv_read_kty(op, in.kty, &c->kty, &c->is_hsm, err);
	if (f != FAULT_NONE)
		return f;
	return c->kty == KTY_RSA ? read_rsa(&in, c, err) : read_ec(&in, c, err);
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
	c->job.where = op->d->operations;
	c->rng = (struct rng){ stoppable_fill, c };
	f = kv_name_is_free(op, err);
	if (f == FAULT_NONE)
		f = read_body(op, c, err);
	if (f != FAULT_NONE)
		return f;
	if (c->kty == KTY_RSA && (c->exponent != RSA_EXPONENT || !key_stock_take(op->d->stock, c->bits, &c->der)))
		c->job.where = op->d->generation;
	op->job = &c->job;
	return FAULT_NONE;
}
