#include "vaultd/keyvault/kv.h"

#include "common/io/jobs.h"
#include "common/plain/text.h"
#include "vaultd/keyvault/kv_generate.h"

/* ImportKey: body { key: JWK with its private members, Hsm?, attributes?, tags?, release_policy? } → 200 KeyBundle. */
struct import_body {
	const struct json *key;
};

static const struct field fields[] = {
	{ "key", FIELD_OBJECT, offsetof(struct import_body, key), FIELD_MUST },
};

struct jwk_body {
	struct span kty, crv;
	const struct json *key_ops;
};

static const struct field jwk_fields[] = {
	{ "kty", FIELD_STRING, offsetof(struct jwk_body, kty), FIELD_MUST },
	{ "crv", FIELD_STRING, offsetof(struct jwk_body, crv), FIELD_MAY },
	{ "key_ops", FIELD_ARRAY, offsetof(struct jwk_body, key_ops), FIELD_MAY },
};

/* The JWK's byte members, in the order of struct jwk_private's. */
static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "n", offsetof(struct jwk_private, n) },   { "e", offsetof(struct jwk_private, e) },
	{ "d", offsetof(struct jwk_private, d) },   { "p", offsetof(struct jwk_private, p) },
	{ "q", offsetof(struct jwk_private, q) },   { "dp", offsetof(struct jwk_private, dp) },
	{ "dq", offsetof(struct jwk_private, dq) }, { "qi", offsetof(struct jwk_private, qi) },
	{ "x", offsetof(struct jwk_private, x) },   { "y", offsetof(struct jwk_private, y) },
};

struct import_job {
	struct kv_job job;
	struct jwk_private jwk;
	struct secret bytes[ARRAY_LEN(members)];
	bool is_hsm;
	struct kv_attributes attributes;
	struct secret der;
	struct jwk_public pub;
};

static enum fault take_member(struct import_job *i, size_t at, struct span text, struct err *err)
{
	SCOPED_DONE(buf) struct buf b = BUF_SECRET_INIT(JWK_MEMBER_MAX);
	struct span *slot = (struct span *)((char *)&i->jwk + members[at].offset);
	enum fault f = base64url_decode(&b, text);

	if (f == FAULT_TOO_LARGE || f == FAULT_INVALID)
		return err_say(err, FAULT_INVALID, "BadParameter", "Content of '%s' is not base64url.\r\n",
			       members[at].name);
	if (f == FAULT_NONE)
		f = secret_set(&i->bytes[at], b.data == NULL ? "" : b.data, b.len);
	if (f == FAULT_NONE)
		*slot = secret_span(&i->bytes[at]);
	return f;
}

static enum fault read_members(struct import_job *i, const struct json *jwk, struct err *err)
{
	enum fault f = FAULT_NONE;

	for (size_t at = 0; f == FAULT_NONE && at < ARRAY_LEN(members); at++) {
		const struct json *v = json_get(jwk, members[at].name);

		if (json_type(v) == JSON_NULL)
			continue;
		if (json_type(v) != JSON_STRING)
			return err_say(err, FAULT_INVALID, "BadParameter", "Property '%s' has invalid value\r\n",
				       members[at].name);
		f = take_member(i, at, json_string(v), err);
	}
	return f;
}

static enum fault read_jwk(struct kv_op *op, struct import_job *i, const struct json *jwk, struct err *err)
{
	struct jwk_body in = { .kty = { NULL, 0 } };
	enum fault f = json_read(jwk, jwk_fields, ARRAY_LEN(jwk_fields), &in, err);

	if (f == FAULT_NONE)
		f = kv_read_kty(op, in.kty, &i->jwk.kty, &i->is_hsm, err);
	if (f != FAULT_NONE)
		return f;
	if (i->jwk.kty == KTY_EC && key_curve_parse(in.crv.p == NULL ? SPAN_EMPTY : in.crv, &i->jwk.crv) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property 'crv' has invalid value\r\n");
	return read_members(i, jwk, err);
}

/* "Hsm" is the documented name; clients write "hsm" too. */
static enum fault read_hsm(struct kv_op *op, const struct json *body, struct import_job *i, struct err *err)
{
	const struct json *v = json_get_nocase(body, "Hsm");

	if (json_type(v) == JSON_NULL)
		return FAULT_NONE;
	if (json_type(v) != JSON_BOOL)
		return err_say(err, FAULT_INVALID, "BadParameter", "Property 'Hsm' has invalid value\r\n");
	if (json_bool(v) && !op->vault.is_premium)
		return err_say_inner(err, FAULT_INVALID, "BadParameter", "KeyTypeNotSupported",
				     "HSM keys need a vault of the premium tier; vault '%s' is standard.",
				     op->vault.name);
	i->is_hsm = i->is_hsm || json_bool(v);
	return FAULT_NONE;
}

static enum fault read_body(struct kv_op *op, struct import_job *i, struct err *err)
{
	struct import_body in = { .key = NULL };
	struct kv_attributes of_key;
	const struct json *body;
	enum fault f = kv_body(op, &body, err);

	if (f == FAULT_NONE)
		f = json_read(body, fields, ARRAY_LEN(fields), &in, err);
	if (f == FAULT_NONE)
		f = kv_read_attributes(op, body, &i->attributes, err);
	if (f == FAULT_NONE)
		f = kv_read_attributes(op, in.key, &of_key, err); /* key_ops stand in the JWK */
	if (f == FAULT_NONE)
		f = kv_check_release_of_new(&i->attributes, err);
	if (f != FAULT_NONE)
		return f;
	i->attributes.has_key_ops = of_key.has_key_ops;
	i->attributes.n_key_ops = of_key.n_key_ops;
	memcpy(i->attributes.key_ops, of_key.key_ops, sizeof(of_key.key_ops));
	f = read_jwk(op, i, in.key, err);
	return f == FAULT_NONE ? read_hsm(op, body, i, err) : f;
}

static enum fault check_key(struct kv_job *job, struct err *err)
{
	struct import_job *i = (struct import_job *)job;
	SCOPED(keypair) struct keypair *k = NULL;
	enum fault f = keypair_import(&i->jwk, &job->op->d->world.rng, &k, err);

	if (f == FAULT_NONE)
		f = keypair_to_der(k, &i->der);
	if (f == FAULT_NONE)
		f = keypair_public(k, &i->pub);
	if (f == FAULT_INVALID && err->code[0] == '\0')
		memcpy(err->code, "BadParameter", sizeof("BadParameter"));
	return f;
}

static enum fault store_key(struct kv_job *job, struct err *err)
{
	struct import_job *i = (struct import_job *)job;
	bool is_rsa = i->jwk.kty == KTY_RSA;
	struct key_version v = { .kty = i->jwk.kty, .crv = i->jwk.crv, .is_hsm = i->is_hsm, .enabled = true };

	/* The bytes stay as they came, leading zeros included; an EC point is of the curve's length in any case. */
	v.n = is_rsa ? i->jwk.n : SPAN_EMPTY;
	v.e = is_rsa ? i->jwk.e : SPAN_EMPTY;
	v.x = is_rsa ? SPAN_EMPTY : span_of(i->pub.x.p, i->pub.x.len);
	v.y = is_rsa ? SPAN_EMPTY : span_of(i->pub.y.p, i->pub.y.len);
	kv_default_key_ops(&v);
	kv_apply_attributes(&v, &i->attributes);
	return kv_store_new_version(job->op, &v, secret_span(&i->der), err);
}

static void import_done(struct kv_job *job)
{
	struct import_job *i = (struct import_job *)job;

	for (size_t at = 0; at < ARRAY_LEN(members); at++)
		secret_done(&i->bytes[at]);
	secret_done(&i->der);
}

enum fault op_import_key(struct kv_op *op, struct err *err)
{
	struct import_job *i = pool_alloc(http_exchange_pool(op->x), sizeof(*i));
	enum fault f;

	if (i == NULL)
		return FAULT_MEMORY;
	i->job = (struct kv_job){ .op = op,
				  .where = op->d->operations,
				  .work = check_key,
				  .finish_txn = TXN_WRITE,
				  .finish = store_key,
				  .done = import_done };
	op->job = &i->job; /* from here on done releases it, also when the body is refused */
	f = kv_name_is_free(op, err);
	return f == FAULT_NONE ? read_body(op, i, err) : f;
}
