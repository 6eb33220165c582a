#include "common/model/signing_key.h"
#include "identityd/entra/entra.h"

static enum fault put_key(const struct signing_key *k, void *arg)
{
	SCOPED_DONE(buf) struct buf cert = BUF_INIT(4 * SIGNING_CERT_MAX);
	struct json_out *o = arg;

	base64_encode(&cert, span_of(k->cert_der, k->cert_len));
	json_out_object(o, NULL);
	json_out_cstr(o, "kty", "RSA");
	json_out_cstr(o, "use", "sig");
	json_out_cstr(o, "kid", k->kid);
	json_out_cstr(o, "x5t", k->kid);
	json_out_b64u(o, "n", span_of(k->pub.n.p, k->pub.n.len));
	json_out_b64u(o, "e", span_of(k->pub.e.p, k->pub.e.len));
	json_out_array(o, "x5c");
	json_out_str(o, NULL, buf_span(&cert));
	json_out_array_end(o);
	json_out_object_end(o);
	return buf_fault(&cert);
}

enum fault op_jwks(struct op *op, struct err *err)
{
	struct span tenant = route_capture(&op->match, "tenant");
	enum fault f;

	/* The row of /adfs has no tenant in its path. */
	if (tenant.p != NULL && tenant_parse(&op->d->world, tenant) == TENANT_UNKNOWN)
		return tenant_refuse(tenant, "invalid_tenant", err);
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "keys");
	f = signing_key_each(op->txn, put_key, &op->out);
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	return f;
}
