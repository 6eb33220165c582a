#include "vaultd/keyvault/kv.h"

#include "common/plain/text.h"

enum { VALUE_MAX = 4096, RESULT_MAX = 1024 };

/*
 * Encrypt, Decrypt, WrapKey, UnwrapKey, Sign: body { alg, value } → 200 { kid, value }.
 * Verify: body { alg, digest, value } → 200 { value: true | false }.
 */
struct crypto_body {
	struct span alg, value, digest;
};

static const struct field fields[] = {
	{ "alg", FIELD_STRING, offsetof(struct crypto_body, alg), FIELD_MAY },
	{ "value", FIELD_STRING, offsetof(struct crypto_body, value), FIELD_MAY },
	{ "digest", FIELD_STRING, offsetof(struct crypto_body, digest), FIELD_MAY },
};

struct crypto_job {
	struct kv_job job;
	enum key_operation operation;
	const struct key_alg *alg;
	struct jwk_public pub;
	bool needs_private;
	struct secret sealed_der; /* opened form, until it is parsed */
	struct keypair *keypair;
	struct buf place; /* the key cache's name for it */
	uint64_t generation;
	char version[KEY_VERSION_SIZE], key_name[KEY_NAME_SIZE];
	struct buf value, digest, result; /* secret: plaintext may be among them */
	bool is_valid;
};

static bool needs_private_key(enum key_operation o)
{
	return o == KEY_OP_DECRYPT || o == KEY_OP_UNWRAP || o == KEY_OP_SIGN;
}

static enum fault compute(struct kv_job *job, struct err *err)
{
	struct crypto_job *c = (struct crypto_job *)job;
	const struct rng *rng = &job->op->d->world.rng;
	enum fault f = FAULT_NONE;

	if (c->needs_private && c->keypair == NULL)
		f = keypair_from_der(secret_span(&c->sealed_der), rng, &c->keypair);
	if (f != FAULT_NONE)
		return f;
	switch (c->operation) {
	case KEY_OP_ENCRYPT:
	case KEY_OP_WRAP:
		return key_encrypt(&c->pub, c->alg, buf_span(&c->value), rng, &c->result, err);
	case KEY_OP_DECRYPT:
	case KEY_OP_UNWRAP:
		return key_decrypt(c->keypair, c->alg, buf_span(&c->value), rng, &c->result, err);
	case KEY_OP_SIGN:
		return key_sign(c->keypair, c->alg, buf_span(&c->value), rng, &c->result, err);
	case KEY_OP_VERIFY:
		return key_verify(&c->pub, c->alg, buf_span(&c->digest), buf_span(&c->value), &c->is_valid);
	case KEY_OP_COUNT:
		break;
	}
	return FAULT_INVALID;
}

/* While the pool worked, the key may have been changed: its present state decides once more. */
static enum fault is_still_usable(struct crypto_job *c, struct err *err)
{
	struct kv_op *op = c->job.op;
	struct key_head head;
	struct key_version v;
	struct key_state state;
	enum fault f = kv_find_version(op, &head, &v, err);

	if (f != FAULT_NONE)
		return f;
	state = key_version_state(&v);
	op->verdict = key_use_decide(&state, c->operation, op->now_s);
	return op->verdict.kind == VERDICT_ALLOW ? FAULT_NONE : kv_refuse_state(op, c->operation, err);
}

static enum fault write_result(struct kv_job *job, struct err *err)
{
	struct crypto_job *c = (struct crypto_job *)job;
	struct kv_op *op = job->op;
	enum fault f = is_still_usable(c, err);

	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	if (c->operation == KEY_OP_VERIFY) {
		json_out_bool(&op->out, "value", c->is_valid);
	} else {
		kv_write_kid(op, span_cstr(c->key_name), span_cstr(c->version));
		json_out_b64u(&op->out, "value", buf_span(&c->result));
	}
	json_out_object_end(&op->out);
	return buf_fault(&c->result);
}

static void crypto_done(struct kv_job *job)
{
	struct crypto_job *c = (struct crypto_job *)job;

	if (c->keypair != NULL)
		key_cache_give(job->op->d->keys, buf_span(&c->place), c->generation, TAKE(c->keypair));
	secret_done(&c->sealed_der);
	buf_done(&c->place);
	buf_done(&c->value);
	buf_done(&c->digest);
	buf_done(&c->result);
}

/* Padding and the characters of plain base64 are refused, as the service does. Source: fixtures/sources.md#base64url */
static enum fault decode_bytes(struct span text, const char *name, struct buf *out, struct err *err)
{
	enum fault f;

	if (text.p == NULL)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property '%s' is required.\r\n", name);
	f = base64url_decode(out, text);
	if (f == FAULT_INVALID)
		return err_say(err, f, "BadParameter",
			       "Content of '%s' is not base64url.\r\nProperty '%s' is required.\r\n", name, name);
	if (f == FAULT_TOO_LARGE)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property '%s' is too long.\r\n", name);
	return f;
}

static enum fault say_incompatible(const struct kv_op *op, const struct crypto_job *c, const struct key_version *v,
				   struct err *err)
{
	SCOPED_DONE(buf) struct buf kid = BUF_INIT(4096);
	const char *what = c->alg->use == KEY_USE_SIGN ? "signing algorithm" : "encryption algorithm";

	kv_print_kid(op, span_cstr(c->key_name), span_cstr(c->version), &kid);
	if (c->alg->kty == KTY_EC && v->kty == KTY_EC)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "Key and %s are incompatible. Key %s uses curve '%s', and algorithm '%s' can only be "
			       "used with curve "
			       "'%s'.",
			       what, buf_cstr(&kid), key_curve_name(v->crv), c->alg->name, key_curve_name(c->alg->crv));
	return err_say(err, FAULT_INVALID, "BadParameter",
		       "Key and %s are incompatible. Key %s is of type '%s', and algorithm '%s' can only be used with "
		       "type '%s'.",
		       what, buf_cstr(&kid), v->kty == KTY_RSA ? "RSA" : "EC", c->alg->name,
		       c->alg->kty == KTY_RSA ? "RSA" : "EC");
}

static enum fault check_digest(const struct crypto_job *c, const char *name, const struct buf *digest, struct err *err)
{
	if (c->alg->digest_len == 0 || digest->len == c->alg->digest_len)
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "BadParameter",
		       "Invalid length of '%s': %zu bytes. %s requires %zu bytes, encoded with base64url.", name,
		       digest->len, c->alg->name, c->alg->digest_len);
}

static enum fault read_body(struct kv_op *op, struct crypto_job *c, const struct key_version *v, struct err *err)
{
	bool is_signature = c->operation == KEY_OP_SIGN || c->operation == KEY_OP_VERIFY;
	struct crypto_body in = { .alg = { NULL, 0 } };
	const struct json *body;
	enum fault f = kv_body(op, &body, err);

	if (f == FAULT_NONE)
		f = json_read(body, fields, ARRAY_LEN(fields), &in, err);
	if (f != FAULT_NONE)
		return f;
	c->alg = in.alg.p == NULL ? NULL : key_alg_find(in.alg);
	if (c->alg == NULL || (c->alg->use == KEY_USE_SIGN) != is_signature)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property  has invalid value\r\n");
	f = decode_bytes(in.value, "value", &c->value, err);
	if (f == FAULT_NONE && c->operation == KEY_OP_VERIFY)
		f = decode_bytes(in.digest, "digest", &c->digest, err);
	if (f == FAULT_NONE && (c->alg->kty != v->kty || (v->kty == KTY_EC && c->alg->crv != v->crv)))
		f = say_incompatible(op, c, v, err);
	if (f == FAULT_NONE && c->operation == KEY_OP_SIGN)
		f = check_digest(c, "value", &c->value, err);
	if (f == FAULT_NONE && c->operation == KEY_OP_VERIFY)
		f = check_digest(c, "digest", &c->digest, err);
	return f;
}

/* A parsed key from the cache, or its opened form for the worker to parse. */
static enum fault load_private(struct kv_op *op, struct crypto_job *c, const struct key_version *v)
{
	key_seal_context(&c->place, op->vault.uid, span_cstr(c->key_name), span_cstr(v->version));
	if (buf_fault(&c->place) != FAULT_NONE)
		return buf_fault(&c->place);
	c->generation = v->generation;
	c->keypair = key_cache_take(op->d->keys, buf_span(&c->place), v->generation);
	if (c->keypair != NULL)
		return FAULT_NONE;
	return unseal(&op->d->world.sealer, buf_span(&c->place), v->sealed, &c->sealed_der);
}

static void init_job(struct kv_op *op, struct crypto_job *c, const struct key_head *head, const struct key_version *v)
{
	c->job = (struct kv_job){ .op = op,
				  .where = op->d->operations,
				  .work = compute,
				  .finish_txn = TXN_READ,
				  .finish = write_result,
				  .done = crypto_done };
	c->operation = (enum key_operation)op->row->operation;
	c->needs_private = needs_private_key(c->operation);
	c->place = BUF_INIT(STORE_KEY_MAX);
	c->value = BUF_SECRET_INIT(VALUE_MAX);
	c->digest = BUF_INIT(VALUE_MAX);
	c->result = BUF_SECRET_INIT(RESULT_MAX);
	memcpy(c->key_name, head->name, sizeof(c->key_name));
	memcpy(c->version, v->version, sizeof(c->version));
	key_version_public(v, &c->pub);
	op->job = &c->job; /* from here on done releases it, also when the body is refused */
}

enum fault op_crypto(struct kv_op *op, struct err *err)
{
	struct key_head head;
	struct key_version v;
	struct key_state state;
	struct crypto_job *c;
	enum fault f = kv_find_version(op, &head, &v, err);

	if (f != FAULT_NONE)
		return f;
	state = key_version_state(&v);
	op->verdict = key_use_decide(&state, (enum key_operation)op->row->operation, op->now_s);
	if (op->verdict.kind != VERDICT_ALLOW)
		return kv_refuse_state(op, (enum key_operation)op->row->operation, err);
	c = pool_alloc(http_exchange_pool(op->x), sizeof(*c));
	if (c == NULL)
		return FAULT_MEMORY;
	init_job(op, c, &head, &v);
	f = read_body(op, c, &v, err);
	return f == FAULT_NONE && c->needs_private ? load_private(op, c, &v) : f;
}
