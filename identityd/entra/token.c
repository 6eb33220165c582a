#include <inttypes.h>

#include "identityd/entra/credentials.h"
#include "identityd/entra/entra.h"
#include "identityd/entra/issue.h"

enum { SHOWN_MAX = 256 };

/* What a token request asks for. */
struct target {
	struct span resource;
	bool is_v2_shaped;
};

static enum fault refuse_missing(const char *parameter, struct err *err)
{
	return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_PARAMETER_MISSING,
			 "The request body must contain the following parameter: '%s'.", parameter);
}

static enum fault check_tenant(const struct op *op, struct err *err)
{
	struct span segment = route_capture(&op->match, "tenant");

	switch (tenant_parse(&op->d->world, segment)) {
	case TENANT_HOME:
	case TENANT_ADFS:
		return FAULT_NONE;
	case TENANT_COMMON:
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_TENANT_MISSING,
				 "No tenant-identifying information found in either the request or implied by any "
				 "provided credentials.");
	case TENANT_UNKNOWN:
		break;
	}
	return tenant_refuse(segment, "invalid_request", err);
}

static enum fault check_grant(const struct form *form, struct err *err)
{
	struct span grant = form_get(form, "grant_type");

	if (grant.p == NULL)
		return refuse_missing("grant_type", err);
	if (span_eq_cstr(grant, "client_credentials"))
		return FAULT_NONE;
	return op_refuse(err, FAULT_INVALID, "unsupported_grant_type", REFUSAL_GRANT_UNSUPPORTED,
			 "The app requested an unsupported grant type '%.*s'.", SPAN_ARG(span_first(grant, SHOWN_MAX)));
}

/* One client sends a scope to the v1 endpoint of /adfs: the parameter says which form of reply is meant, not the path.
 */
static enum fault read_target(const struct form *form, bool is_v2_path, struct target *ret, struct err *err)
{
	struct span resource = form_get(form, "resource"), scope = form_get(form, "scope");

	if (is_v2_path && resource.p != NULL)
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_PARAMETER_UNSUPPORTED,
				 "The 'resource' request parameter is not supported.");
	if (resource.p != NULL) {
		*ret = (struct target){ resource, false };
		return FAULT_NONE;
	}
	if (scope.p == NULL)
		return refuse_missing(is_v2_path ? "scope" : "resource", err);
	ret->is_v2_shaped = true;
	if (resource_of_scope(scope, &ret->resource) == FAULT_NONE)
		return FAULT_NONE;
	return op_refuse(
		err, FAULT_INVALID, "invalid_scope", REFUSAL_SCOPE_INVALID,
		"The provided value for the input parameter 'scope' is not valid. The scope %.*s is not valid.",
		SPAN_ARG(span_first(scope, SHOWN_MAX)));
}

static enum fault check_resource(const struct op *op, struct span resource, struct err *err)
{
	struct endpoints at;
	enum fault f = endpoints_get(op->txn, &at);

	if (f != FAULT_NONE || resource_is_known(resource, &at))
		return f;
	return op_refuse(
		err, FAULT_INVALID, "invalid_resource", REFUSAL_UNKNOWN_RESOURCE,
		"The resource principal named %.*s was not found in the tenant named %s. This can happen if the "
		"application has not been installed by the administrator of the tenant or consented to by any "
		"user in the tenant. You might have sent your authentication request to the wrong tenant.",
		SPAN_ARG(span_first(resource, SHOWN_MAX)), op->d->world.tenant_id);
}

static enum fault order_for(struct op *op, const struct principal *p, const struct target *target, struct err *err)
{
	struct claims claims;
	enum fault f;

	claims_init(&claims, span_cstr(op->d->world.tenant_id), p, SPAN_EMPTY, target->resource);
	f = order_new(op, &claims, false, err);
	if (f == FAULT_NONE)
		op->order->is_v2_shaped = target->is_v2_shaped;
	return f;
}

static enum fault request_token(struct op *op, bool is_v2_path, struct err *err)
{
	SCOPED_DONE(form) struct form form = { .n = 0 };
	SCOPED_DONE(credentials) struct credentials given = { .client_id = SPAN_EMPTY };
	struct principal client;
	struct target target;
	enum fault f = check_tenant(op, err);

	if (f == FAULT_NONE)
		f = form_parse(op->request->body, &form);
	if (f == FAULT_NONE)
		f = check_grant(&form, err);
	if (f == FAULT_NONE)
		f = credentials_read(&form, http_exchange_header(op->x, "Authorization"), &given, err);
	if (f == FAULT_NONE)
		f = read_target(&form, is_v2_path, &target, err);
	if (f == FAULT_NONE)
		f = credentials_check(op, &given, &client, err);
	if (f == FAULT_NONE)
		f = check_resource(op, target.resource, err);
	return f != FAULT_NONE ? f : order_for(op, &client, &target, err);
}

enum fault op_token_v1(struct op *op, struct err *err)
{
	return request_token(op, false, err);
}

enum fault op_token_v2(struct op *op, struct err *err)
{
	return request_token(op, true, err);
}

/* v1 has all numbers as strings, and more of them. */
static void write_v1(struct json_out *o, const struct token_order *order)
{
	json_out_cstr(o, "token_type", "Bearer");
	json_out_fmt(o, "expires_in", "%" PRId64, order->expires_in_s);
	json_out_fmt(o, "ext_expires_in", "%" PRId64, order->expires_in_s);
	json_out_fmt(o, "expires_on", "%" PRId64, order->claims.expires_s);
	json_out_fmt(o, "not_before", "%" PRId64, order->claims.issued_s);
	json_out_cstr(o, "resource", order->claims.audience);
	json_out_str(o, "access_token", order->token);
}

static void write_v2(struct json_out *o, const struct token_order *order)
{
	json_out_cstr(o, "token_type", "Bearer");
	json_out_int(o, "expires_in", order->expires_in_s);
	json_out_int(o, "ext_expires_in", order->expires_in_s);
	json_out_str(o, "access_token", order->token);
}

enum fault op_token_finish(struct op *op, struct err *err UNUSED)
{
	json_out_object(&op->out, NULL);
	if (op->order->is_v2_shaped)
		write_v2(&op->out, op->order);
	else
		write_v1(&op->out, op->order);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
