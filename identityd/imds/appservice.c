#include <inttypes.h>

#include "identityd/entra/issue.h"
#include "identityd/imds/imds.h"

#define API_VERSION "2019-08-01"

static enum fault check_header(struct op *op, struct err *err)
{
	const char *sent = http_exchange_header(op->x, "X-IDENTITY-HEADER");
	char own[IDENTITY_HEADER_SIZE];
	bool is_own;
	enum fault f = identity_header_get(&op->d->world, op->txn, own);

	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? FAULT_STORE : f;
	is_own = sent != NULL && constant_time_eq(span_cstr(sent), span_cstr(own));
	wipe(own, sizeof(own));
	if (is_own)
		return FAULT_NONE;
	if (sent == NULL)
		return op_refuse(err, FAULT_UNAUTHENTICATED, "", REFUSAL_IDENTITY_HEADER_MISSING,
				 "The X-IDENTITY-HEADER header is missing.");
	return op_refuse(err, FAULT_UNAUTHENTICATED, "", REFUSAL_WRONG_IDENTITY_HEADER,
			 "The X-IDENTITY-HEADER header is not this site's.");
}

static enum fault check_query(const struct op *op, struct err *err)
{
	struct span version = http_query(op->request, "api-version");
	struct span resource = http_query(op->request, "resource");

	if (!span_eq_cstr(version.p == NULL ? SPAN_EMPTY : version, API_VERSION))
		return op_refuse(err, FAULT_INVALID, "",
				 version.len == 0 ? REFUSAL_API_VERSION_MISSING : REFUSAL_API_VERSION_UNKNOWN,
				 "The api-version query parameter must be " API_VERSION ".");
	if (resource.p == NULL || resource.len == 0)
		return op_refuse(err, FAULT_INVALID, "", REFUSAL_PARAMETER_MISSING,
				 "The resource query parameter is missing.");
	return FAULT_NONE;
}

static struct identity_hint read_hint(const struct http_request *r)
{
	struct identity_hint hint = { http_query(r, "client_id"), http_query(r, "object_id"),
				      http_query(r, "mi_res_id") };

	if (hint.object_id.p == NULL)
		hint.object_id = http_query(r, "principal_id");
	return hint;
}

static enum fault refuse_identity(enum fault f, struct err *err)
{
	if (f != FAULT_NOT_FOUND && f != FAULT_CONFLICT)
		return f;
	return op_refuse(err, FAULT_INVALID, "",
			 f == FAULT_NOT_FOUND ? REFUSAL_UNKNOWN_IDENTITY : REFUSAL_IDENTITY_AMBIGUOUS,
			 "No User Assigned or Delegated Managed Identity found for specified "
			 "ClientId/ResourceId/PrincipalId.");
}

/* The service says so little, and with this status. */
static enum fault refuse_resource(struct op *op)
{
	op->status = 500;
	op->refusal = REFUSAL_UNKNOWN_RESOURCE;
	json_out_object(&op->out, NULL);
	json_out_int(&op->out, "statusCode", op->status);
	json_out_cstr(&op->out, "message", "An unexpected error occurred while fetching the token.");
	json_out_cstr(&op->out, "correlationId", op->correlation_id);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

enum fault op_app_service_token(struct op *op, struct err *err)
{
	struct identity_hint hint = read_hint(op->request);
	struct principal p;
	struct host host;
	enum fault f = check_header(op, err);

	if (f == FAULT_NONE)
		f = check_query(op, err);
	if (f != FAULT_NONE)
		return f;
	f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), &host);
	if (f == FAULT_NONE)
		f = identity_select(op, &host, &hint, &p);
	if (f != FAULT_NONE)
		return refuse_identity(f, err);
	f = managed_order(op, &host, &p, http_query(op->request, "resource"), err);
	return f == FAULT_INVALID ? refuse_resource(op) : f;
}

/* No expires_in: clients work it out. */
enum fault op_app_service_finish(struct op *op, struct err *err UNUSED)
{
	const struct token_order *order = op->order;
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_str(o, "access_token", order->token);
	json_out_fmt(o, "expires_on", "%" PRId64, order->claims.expires_s);
	json_out_cstr(o, "resource", order->claims.audience);
	json_out_cstr(o, "token_type", "Bearer");
	json_out_cstr(o, "client_id", order->claims.app_id);
	json_out_object_end(o);
	return FAULT_NONE;
}
