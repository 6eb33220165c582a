#include "identityd/imds/imds.h"

#include <inttypes.h>

#include "identityd/entra/issue.h"

enum { SHOWN_MAX = 256 };

enum fault op_imds_unknown_source(struct op *op, struct err *err)
{
	return op_refuse(err, FAULT_UNAUTHENTICATED, "unknown_source", REFUSAL_UNKNOWN_PATH, "Unknown Source %.*s",
			 SPAN_ARG(span_first(op->request->target, SHOWN_MAX)));
}

/* The documented name, the App Service spelling that libraries use here as well. */
static struct span resource_id_hint(const struct http_request *r)
{
	struct span id = http_query(r, "msi_res_id");

	return id.p != NULL ? id : http_query(r, "mi_res_id");
}

static enum fault say_identity(enum fault f, struct err *err)
{
	if (f == FAULT_NOT_FOUND)
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_UNKNOWN_IDENTITY, "Identity not found");
	if (f == FAULT_CONFLICT)
		return op_refuse(
			err, FAULT_INVALID, "invalid_request", REFUSAL_IDENTITY_AMBIGUOUS,
			"Multiple user assigned identities exist, please specify the clientId / resourceId of the "
			"identity in the token request");
	return f;
}

static enum fault refuse_resource(const struct op *op, struct span resource, struct err *err)
{
	SCOPED_DONE(buf) struct buf trace = BUF_INIT(512);

	entra_trace_write(&trace, op);
	return op_refuse(
		err, FAULT_INVALID, "invalid_resource", REFUSAL_UNKNOWN_RESOURCE,
		"AADSTS50001: The application named %.*s wasn't found in the tenant named %s. This can happen if the "
		"application has not been installed by the administrator of the tenant or consented to by any user in "
		"the tenant. You might have sent your authentication request to the wrong tenant.%s",
		SPAN_ARG(span_first(resource, SHOWN_MAX)), op->d->world.tenant_id, buf_cstr(&trace));
}

enum fault imds_order(struct op *op, const struct identity_hint *hint, struct span resource, struct err *err)
{
	struct principal p;
	struct host host;
	enum fault f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), &host);

	if (f == FAULT_NONE)
		f = identity_select(op, &host, hint, &p);
	if (f != FAULT_NONE)
		return say_identity(f, err);
	f = managed_order(op, &host, &p, resource, err);
	return f == FAULT_INVALID ? refuse_resource(op, resource, err) : f;
}

enum fault op_imds_token(struct op *op, struct err *err)
{
	struct identity_hint hint = { http_query(op->request, "client_id"), http_query(op->request, "object_id"),
				      resource_id_hint(op->request) };
	struct span resource = http_query(op->request, "resource");
	bool is_done;
	enum fault f = imds_guard(op, &is_done, err);

	if (f != FAULT_NONE || is_done)
		return f;
	if (resource.p == NULL || resource.len == 0)
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_PARAMETER_MISSING,
				 "Required query variable 'resource' is missing");
	return imds_order(op, &hint, resource, err);
}

/* Every value is a string. */
enum fault op_imds_finish(struct op *op, struct err *err UNUSED)
{
	const struct token_order *order = op->order;
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_str(o, "access_token", order->token);
	json_out_cstr(o, "client_id", order->claims.app_id);
	json_out_cstr(o, "refresh_token", "");
	json_out_fmt(o, "expires_in", "%" PRId64, order->expires_in_s);
	json_out_fmt(o, "expires_on", "%" PRId64, order->claims.expires_s);
	json_out_fmt(o, "ext_expires_in", "%" PRId64, order->expires_in_s);
	json_out_fmt(o, "not_before", "%" PRId64, order->claims.issued_s);
	json_out_cstr(o, "resource", order->claims.audience);
	json_out_cstr(o, "token_type", "Bearer");
	json_out_object_end(o);
	return FAULT_NONE;
}
