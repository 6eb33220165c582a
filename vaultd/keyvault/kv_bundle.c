#include "vaultd/keyvault/kv.h"

void kv_print_kid(const struct kv_op *op, struct span name, struct span version, struct buf *out)
{
	buf_put_cstr(out, "https://");
	buf_put_span(out, op->request->host);
	buf_put_cstr(out, "/keys/");
	buf_put_span(out, name);
	if (version.len > 0) {
		buf_put_char(out, '/');
		buf_put_span(out, version);
	}
}

void kv_write_kid(struct kv_op *op, struct span name, struct span version)
{
	SCOPED_DONE(buf) struct buf kid = BUF_INIT(4096);

	kv_print_kid(op, name, version, &kid);
	json_out_str(&op->out, "kid", buf_span(&kid));
}

static void write_public(struct kv_op *op, const struct key_version *v)
{
	struct json_out *o = &op->out;

	json_out_cstr(o, "kty", v->kty == KTY_RSA ? (v->is_hsm ? "RSA-HSM" : "RSA") : (v->is_hsm ? "EC-HSM" : "EC"));
	json_out_array(o, "key_ops");
	for (size_t i = 0; i < v->n_key_ops; i++)
		json_out_cstr(o, NULL, key_operation_word((enum key_operation)v->key_ops[i]));
	json_out_array_end(o);
	if (v->kty == KTY_RSA) {
		json_out_b64u(o, "n", v->n);
		json_out_b64u(o, "e", v->e);
	} else {
		json_out_cstr(o, "crv", key_curve_name(v->crv));
		json_out_b64u(o, "x", v->x);
		json_out_b64u(o, "y", v->y);
	}
}

/* Fields come with the api-version: fixtures/sources.md#keys */
static void write_attributes(struct kv_op *op, const struct key_version *v)
{
	struct json_out *o = &op->out;

	json_out_object(o, "attributes");
	json_out_bool(o, "enabled", v->enabled);
	if (v->has_nbf)
		json_out_int(o, "nbf", v->nbf_s);
	if (v->has_exp)
		json_out_int(o, "exp", v->exp_s);
	json_out_int(o, "created", v->created_s);
	json_out_int(o, "updated", v->updated_s);
	json_out_cstr(o, "recoveryLevel", recovery_level(op->vault.retention_days, op->vault.is_purge_protected));
	if (op->api >= KV_API_7_1)
		json_out_int(o, "recoverableDays", op->vault.retention_days);
	if (op->api >= KV_API_7_5 || (op->api >= KV_API_7_3 && v->is_exportable))
		json_out_bool(o, "exportable", v->is_exportable);
	if (op->api >= KV_API_7_5)
		json_out_cstr(o, "hsmPlatform", v->is_hsm ? "2" : "0");
	json_out_object_end(o);
}

static void write_tags(struct kv_op *op, const struct key_version *v)
{
	if (v->tags.len > 0)
		json_out_raw(&op->out, "tags", v->tags);
}

static void write_release_policy(struct kv_op *op, const struct key_version *v)
{
	struct json_out *o = &op->out;

	if (op->api < KV_API_7_3 || v->release_data.len == 0)
		return;
	json_out_object(o, "release_policy");
	json_out_str(o, "contentType", v->release_type);
	json_out_b64u(o, "data", v->release_data);
	if (v->release_immutable != TRI_UNSET)
		json_out_bool(o, "immutable", v->release_immutable == TRI_TRUE);
	json_out_object_end(o);
}

static void write_bundle_members(struct kv_op *op, const struct key_head *head, const struct key_version *v)
{
	json_out_object(&op->out, "key");
	kv_write_kid(op, span_cstr(head->name), span_cstr(v->version));
	write_public(op, v);
	json_out_object_end(&op->out);
	write_attributes(op, v);
	write_release_policy(op, v);
	write_tags(op, v);
}

static void write_deletion(struct kv_op *op, const struct key_head *head)
{
	json_out_fmt(&op->out, "recoveryId", "https://%.*s/deletedkeys/%s", SPAN_ARG(op->request->host), head->name);
	json_out_int(&op->out, "deletedDate", head->deleted_s);
	json_out_int(&op->out, "scheduledPurgeDate", head->purge_s);
}

void kv_write_bundle(struct kv_op *op, const struct key_head *head, const struct key_version *v)
{
	json_out_object(&op->out, NULL);
	write_bundle_members(op, head, v);
	json_out_object_end(&op->out);
}

void kv_write_deleted_bundle(struct kv_op *op, const struct key_head *head, const struct key_version *v)
{
	json_out_object(&op->out, NULL);
	write_deletion(op, head);
	write_bundle_members(op, head, v);
	json_out_object_end(&op->out);
}

void kv_write_item(struct kv_op *op, const struct key_head *head, const struct key_version *v, bool with_version)
{
	json_out_object(&op->out, NULL);
	kv_write_kid(op, span_cstr(head->name), with_version ? span_cstr(v->version) : SPAN_EMPTY);
	write_attributes(op, v);
	write_tags(op, v);
	json_out_object_end(&op->out);
}

void kv_write_deleted_item(struct kv_op *op, const struct key_head *head, const struct key_version *v)
{
	json_out_object(&op->out, NULL);
	write_deletion(op, head);
	kv_write_kid(op, span_cstr(head->name), SPAN_EMPTY);
	write_attributes(op, v);
	write_tags(op, v);
	json_out_object_end(&op->out);
}
