#include "identityd/entra/credentials.h"

#include "identityd/entra/assertion.h"

enum { BASIC_MAX = 8192, ID_SHOWN = 64 };

void credentials_done(struct credentials *c)
{
	buf_done(&c->basic);
}

/* RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. '+' is kept, since many clients do not
 * encode at all. */
static enum fault read_basic(const char *authorization, struct credentials *c)
{
	SCOPED_DONE(buf) struct buf joined = BUF_SECRET_INIT(BASIC_MAX);
	struct span head, text = span_cut(span_cstr(authorization), ' ', &head), id, secret;
	size_t id_len;

	if (!span_eq_nocase(head, SPAN_LIT("Basic")) || text.p == NULL)
		return FAULT_NONE;
	if (base64_decode(&joined, text) != FAULT_NONE)
		return FAULT_INVALID;
	secret = span_cut(buf_span(&joined), ':', &id);
	if (secret.p == NULL)
		return FAULT_INVALID;
	percent_decode(&c->basic, id, false);
	id_len = c->basic.len;
	percent_decode(&c->basic, secret, false);
	if (buf_fault(&c->basic) != FAULT_NONE)
		return c->basic.fault;
	if (c->client_id.p == NULL && id_len > 0)
		c->client_id = span_of(c->basic.data, id_len);
	if (c->secret.p == NULL && c->basic.len > id_len)
		c->secret = span_of(c->basic.data + id_len, c->basic.len - id_len);
	return FAULT_NONE;
}

enum fault credentials_read(const struct form *form, const char *authorization, struct credentials *ret,
			    struct err *err)
{
	enum fault f = FAULT_NONE;

	*ret = (struct credentials){ .basic = BUF_SECRET_INIT(BASIC_MAX),
				     .client_id = form_get(form, "client_id"),
				     .secret = form_get(form, "client_secret"),
				     .assertion = form_get(form, "client_assertion"),
				     .assertion_type = form_get(form, "client_assertion_type") };
	if (authorization != NULL)
		f = read_basic(authorization, ret);
	if (f == FAULT_INVALID)
		return op_refuse(err, FAULT_UNAUTHENTICATED, "invalid_client", REFUSAL_CREDENTIAL_MALFORMED,
				 "The Authorization header is not well-formed HTTP Basic.");
	if (f == FAULT_NONE && ret->client_id.p == NULL)
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_PARAMETER_MISSING,
				 "The request body must contain the following parameter: 'client_id'.");
	return f;
}

/* A managed identity has a principal in the directory, and no application that could sign in here; a user-assigned one
 * may have federated credentials. */
static bool may_sign_in(const struct principal *p, const struct credentials *c)
{
	bool has_assertion = c->secret.p == NULL && c->assertion.p != NULL;

	return p->kind == PRINCIPAL_APPLICATION || (p->kind == PRINCIPAL_USER_ASSIGNED && has_assertion);
}

static enum fault find_client(const struct op *op, const struct credentials *c, struct principal *ret, struct err *err)
{
	enum fault f = principal_by_app_id(op->txn, c->client_id, ret);

	if (f == FAULT_NONE && !may_sign_in(ret, c))
		f = FAULT_NOT_FOUND;
	if (f != FAULT_NOT_FOUND)
		return f;
	return op_refuse(
		err, FAULT_INVALID, "unauthorized_client", REFUSAL_UNKNOWN_CLIENT,
		"Application with identifier '%.*s' was not found in the directory '%s'. This can happen if the "
		"application has not been installed by the administrator of the tenant or consented to by any "
		"user in the tenant. You may have sent your authentication request to the wrong tenant.",
		SPAN_ARG(span_first(c->client_id, ID_SHOWN)), op->d->world.tenant_id);
}

static enum fault check_secret(const struct op *op, const struct principal *p, struct span secret, struct err *err)
{
	SCOPED_DONE(secret) struct secret own = SECRET_INIT;
	enum fault f = principal_secret(&op->d->world, p, &own);

	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	if (f == FAULT_NONE && constant_time_eq(secret_span(&own), secret))
		return FAULT_NONE;
	return op_refuse(err, FAULT_UNAUTHENTICATED, "invalid_client", REFUSAL_WRONG_SECRET,
			 "Invalid client secret provided. Ensure the secret being sent in the request is the client "
			 "secret value, not the client secret ID, for a secret added to app '%s'.",
			 p->app_id);
}

enum fault credentials_check(const struct op *op, const struct credentials *c, struct principal *ret, struct err *err)
{
	enum fault f = find_client(op, c, ret, err);

	if (f != FAULT_NONE)
		return f;
	if (c->secret.p != NULL)
		return check_secret(op, ret, c->secret, err);
	if (c->assertion.p != NULL)
		return assertion_check(op, ret, c->assertion_type, c->assertion, err);
	return op_refuse(err, FAULT_UNAUTHENTICATED, "invalid_client", REFUSAL_CREDENTIAL_MISSING,
			 "The request body must contain the following parameter: 'client_assertion' or "
			 "'client_secret'.");
}
