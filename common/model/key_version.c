#include "common/model/key.h"

#include "common/io/record.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

enum { VERSION_RECORD_VERSION = 1, VERSION_RECORD_MAX = 256 << 10 };

enum version_tag {
	VER_VERSION = 1,
	VER_GENERATION = 2,
	VER_KTY = 3,
	VER_CRV = 4,
	VER_HSM = 5,
	VER_N = 6,
	VER_E = 7,
	VER_X = 8,
	VER_Y = 9,
	VER_KEY_OPS = 10, /* one byte each, in the order sent */
	VER_ENABLED = 11,
	VER_NBF = 12,
	VER_EXP = 13,
	VER_CREATED = 14,
	VER_UPDATED = 15,
	VER_TAGS = 16,
	VER_SEALED = 17,
	VER_EXPORTABLE = 18,
	VER_RELEASE_DATA = 19,
	VER_RELEASE_TYPE = 20,
	VER_RELEASE_IMMUTABLE = 21, /* enum tristate */
};

static enum fault put_place(struct buf *b, const uint8_t *uid, struct span name, struct span version)
{
	buf_put(b, uid, VAULT_UID_LEN);
	for (size_t i = 0; i < name.len; i++)
		buf_put_char(b, ascii_upper(name.p[i]));
	buf_put_u8(b, 0);
	for (size_t i = 0; i < version.len; i++)
		buf_put_char(b, ascii_lower(version.p[i]));
	return buf_fault(b);
}

void key_version_encode(struct buf *b, const struct key_version *v)
{
	record_begin(b, VERSION_RECORD_VERSION, VERSION_RECORD_VERSION);
	record_put_cstr(b, VER_VERSION, v->version);
	record_put_int(b, VER_GENERATION, (int64_t)v->generation);
	record_put_int(b, VER_KTY, v->kty);
	record_put_int(b, VER_CRV, v->crv);
	record_put_bool(b, VER_HSM, v->is_hsm);
	record_put(b, VER_N, v->n);
	record_put(b, VER_E, v->e);
	record_put(b, VER_X, v->x);
	record_put(b, VER_Y, v->y);
	record_put(b, VER_KEY_OPS, span_of(v->key_ops, v->n_key_ops));
	record_put_bool(b, VER_ENABLED, v->enabled);
	if (v->has_nbf)
		record_put_int(b, VER_NBF, v->nbf_s);
	if (v->has_exp)
		record_put_int(b, VER_EXP, v->exp_s);
	record_put_int(b, VER_CREATED, v->created_s);
	record_put_int(b, VER_UPDATED, v->updated_s);
	if (v->tags.len > 0)
		record_put(b, VER_TAGS, v->tags);
	record_put(b, VER_SEALED, v->sealed);
	if (v->is_exportable)
		record_put_bool(b, VER_EXPORTABLE, true);
	if (v->release_data.len == 0)
		return;
	record_put(b, VER_RELEASE_DATA, v->release_data);
	record_put(b, VER_RELEASE_TYPE, v->release_type);
	record_put_int(b, VER_RELEASE_IMMUTABLE, v->release_immutable);
}

static enum fault take_key_ops(struct key_version *v, struct span value)
{
	if (value.len > KEY_OP_COUNT)
		return FAULT_STORE;
	for (size_t i = 0; i < value.len; i++)
		if ((uint8_t)value.p[i] >= KEY_OP_COUNT)
			return FAULT_STORE;
	memcpy(v->key_ops, value.p, value.len);
	v->n_key_ops = value.len;
	return FAULT_NONE;
}

static enum fault take_shape(struct key_version *v, uint16_t tag, struct span value)
{
	int64_t n = 0;
	enum fault f = record_int(value, &n);

	if (f != FAULT_NONE)
		return f;
	if (tag == VER_GENERATION)
		v->generation = (uint64_t)n;
	else if (tag == VER_KTY && (n == KTY_RSA || n == KTY_EC))
		v->kty = (enum key_kty)n;
	else if (tag == VER_CRV && n >= CURVE_NONE && n <= CURVE_P256K)
		v->crv = (enum key_curve)n;
	else if (tag == VER_RELEASE_IMMUTABLE && n >= TRI_UNSET && n <= TRI_TRUE)
		v->release_immutable = (enum tristate)n;
	else
		return FAULT_STORE;
	return FAULT_NONE;
}

static enum fault decode_field(struct key_version *v, uint16_t tag, struct span value)
{
	switch ((enum version_tag)tag) {
	case VER_VERSION:
		return record_str(value, v->version, sizeof(v->version));
	case VER_GENERATION:
	case VER_KTY:
	case VER_CRV:
	case VER_RELEASE_IMMUTABLE:
		return take_shape(v, tag, value);
	case VER_HSM:
		return record_bool(value, &v->is_hsm);
	case VER_N:
		v->n = value;
		return FAULT_NONE;
	case VER_E:
		v->e = value;
		return FAULT_NONE;
	case VER_X:
		v->x = value;
		return FAULT_NONE;
	case VER_Y:
		v->y = value;
		return FAULT_NONE;
	case VER_KEY_OPS:
		return take_key_ops(v, value);
	case VER_ENABLED:
		return record_bool(value, &v->enabled);
	case VER_NBF:
		v->has_nbf = true;
		return record_int(value, &v->nbf_s);
	case VER_EXP:
		v->has_exp = true;
		return record_int(value, &v->exp_s);
	case VER_CREATED:
		return record_int(value, &v->created_s);
	case VER_UPDATED:
		return record_int(value, &v->updated_s);
	case VER_TAGS:
		v->tags = value;
		return FAULT_NONE;
	case VER_SEALED:
		v->sealed = value;
		return FAULT_NONE;
	case VER_EXPORTABLE:
		return record_bool(value, &v->is_exportable);
	case VER_RELEASE_DATA:
		v->release_data = value;
		return FAULT_NONE;
	case VER_RELEASE_TYPE:
		v->release_type = value;
		return FAULT_NONE;
	}
	return FAULT_NONE;
}

enum fault key_version_decode(struct span bytes, struct key_version *v)
{
	struct record_reader r;
	struct span value;
	uint16_t tag;
	enum fault f = record_open(&r, bytes, VERSION_RECORD_VERSION);

	memset(v, 0, sizeof(*v));
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		f = decode_field(v, tag, value);
	if (f == FAULT_NOT_FOUND)
		f = v->kty == KTY_RSA || (v->kty == KTY_EC && v->crv != CURVE_NONE) ? FAULT_NONE : FAULT_STORE;
	return f;
}

enum fault key_version_get(struct txn *t, const uint8_t *vault_uid, struct span name, struct span version,
			   struct key_version *ret)
{
	SCOPED_DONE(buf) struct buf place = BUF_INIT(STORE_KEY_MAX);
	struct span bytes;
	enum fault f;

	if (name.len == 0 || name.len >= KEY_NAME_SIZE || version.len != KEY_VERSION_SIZE - 1)
		return FAULT_NOT_FOUND;
	f = put_place(&place, vault_uid, name, version);
	if (f == FAULT_NONE)
		f = txn_get(t, TABLE_KEY_VERSION, buf_span(&place), &bytes);
	return f == FAULT_NONE ? key_version_decode(bytes, ret) : f;
}

enum fault key_version_put(struct txn *t, const uint8_t *vault_uid, struct span name, const struct key_version *v)
{
	SCOPED_DONE(buf) struct buf place = BUF_INIT(STORE_KEY_MAX);
	SCOPED_DONE(buf) struct buf b = BUF_INIT(VERSION_RECORD_MAX);
	enum fault f = put_place(&place, vault_uid, name, span_cstr(v->version));

	key_version_encode(&b, v);
	if (f == FAULT_NONE)
		f = buf_fault(&b);
	return f == FAULT_NONE ? txn_put(t, TABLE_KEY_VERSION, buf_span(&place), buf_span(&b)) : f;
}

enum fault key_version_each(struct txn *t, const uint8_t *vault_uid, struct span name, struct span after,
			    bool (*each)(const struct key_version *v, void *arg), void *arg)
{
	SCOPED_DONE(buf) struct buf prefix = BUF_INIT(STORE_KEY_MAX);
	SCOPED_DONE(buf) struct buf from = BUF_INIT(STORE_KEY_MAX);
	struct span key, bytes;
	struct walk w;
	enum fault f = put_place(&prefix, vault_uid, name, SPAN_EMPTY);

	if (f == FAULT_NONE && after.len > 0) {
		f = put_place(&from, vault_uid, name, after);
		buf_put_u8(&from, 0);
	}
	if (f != FAULT_NONE ||
	    (f = walk_begin(t, TABLE_KEY_VERSION, buf_span(&prefix), buf_span(&from), &w)) != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &key, &bytes)) == FAULT_NONE) {
		struct key_version v;

		f = key_version_decode(bytes, &v);
		if (f != FAULT_NONE || !each(&v, arg))
			break;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

struct key_state key_version_state(const struct key_version *v)
{
	struct key_state s = { .enabled = v->enabled,
			       .has_nbf = v->has_nbf,
			       .has_exp = v->has_exp,
			       .nbf_s = v->nbf_s,
			       .exp_s = v->exp_s };

	for (size_t i = 0; i < v->n_key_ops; i++)
		s.key_ops |= (uint8_t)(1u << v->key_ops[i]);
	return s;
}

static void copy_member(struct jwk_bytes *out, struct span v)
{
	out->len = v.len < sizeof(out->p) ? v.len : sizeof(out->p);
	if (out->len > 0)
		memcpy(out->p, v.p, out->len);
}

void key_version_public(const struct key_version *v, struct jwk_public *ret)
{
	ret->kty = v->kty;
	ret->crv = v->crv;
	copy_member(&ret->n, v->n);
	copy_member(&ret->e, v->e);
	copy_member(&ret->x, v->x);
	copy_member(&ret->y, v->y);
}
