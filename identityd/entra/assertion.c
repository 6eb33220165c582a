#include "identityd/entra/assertion.h"

#include "common/io/json.h"
#include "common/io/jws.h"
#include "common/model/federated_credential.h"
#include "common/model/token_check.h"

enum { SHOWN = 256 };
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static enum fault refuse_malformed(struct err *err)
{
	return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_ASSERTION_MALFORMED,
			 "JWT token is invalid or malformed.");
}

static enum fault refuse_key(struct err *err)
{
	return op_refuse(err, FAULT_UNAUTHENTICATED, "invalid_client", REFUSAL_ASSERTION_UNKNOWN_KEY,
			 "Client assertion contains an invalid signature. [Reason - The key was not found.]");
}

static enum fault refuse_unmatched(const struct json *claims, struct err *err)
{
	return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_NO_FEDERATED_CREDENTIAL,
			 "No matching federated identity record found for presented assertion. Assertion Issuer: "
			 "'%.*s'. Assertion Subject: '%.*s'.",
			 SPAN_ARG(span_first(json_string(json_get(claims, "iss")), SHOWN)),
			 SPAN_ARG(span_first(json_string(json_get(claims, "sub")), SHOWN)));
}

/* Whether some credential names what the assertion says; all three compare to the letter. */
struct search {
	const struct json *claims;
	bool is_found;
};

static bool has_audience(const struct json *aud, const char *wanted)
{
	if (json_type(aud) == JSON_STRING)
		return span_eq_cstr(json_string(aud), wanted);
	for (size_t i = 0; i < json_array_len(aud); i++)
		if (span_eq_cstr(json_string(json_array_at(aud, i)), wanted))
			return true;
	return false;
}

static enum fault compare(const struct federated_credential *c, void *arg)
{
	struct search *s = arg;

	if (span_eq_cstr(json_string(json_get(s->claims, "iss")), c->issuer) &&
	    span_eq_cstr(json_string(json_get(s->claims, "sub")), c->subject) &&
	    has_audience(json_get(s->claims, "aud"), c->audience))
		s->is_found = true;
	return FAULT_NONE;
}

static enum fault check_times(const struct op *op, const struct json *claims, struct err *err)
{
	const struct json *nbf = json_get(claims, "nbf"), *exp = json_get(claims, "exp");

	if (json_type(exp) == JSON_INT && op->now_s < json_int(exp) &&
	    (nbf == NULL || (json_type(nbf) == JSON_INT && op->now_s >= json_int(nbf))))
		return FAULT_NONE;
	return op_refuse(err, FAULT_UNAUTHENTICATED, "invalid_client", REFUSAL_ASSERTION_EXPIRED,
			 "Client assertion is not within its valid time range.");
}

static enum fault check_federated(const struct op *op, const struct principal *client, struct span assertion,
				  const struct json *claims, struct err *err)
{
	SCOPED_DONE(jws) struct jws jws = JWS_INIT;
	struct search s = { .claims = claims };
	struct authn_failure why = { .problem = AUTHN_OK };
	char kid[KID_SIZE];
	enum fault f = federated_credential_each(op->txn, span_cstr(client->object_id), compare, &s);

	if (f != FAULT_NONE)
		return f;
	if (!s.is_found)
		return refuse_unmatched(claims, err);
	f = jwt_verify(op->txn, assertion, &jws, kid, &why);
	if (f == FAULT_UNAUTHENTICATED)
		return why.problem == AUTHN_MALFORMED ? refuse_malformed(err) : refuse_key(err);
	return f == FAULT_NONE ? check_times(op, claims, err) : f;
}

enum fault assertion_check(const struct op *op, const struct principal *client, struct span type, struct span assertion,
			   struct err *err)
{
	SCOPED_DONE(jws) struct jws jws = JWS_INIT;
	SCOPED(json_doc) struct json_doc *doc = NULL;

	if (!span_eq_cstr(type, ASSERTION_TYPE))
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_ASSERTION_MALFORMED,
				 "The client assertion type is not '" ASSERTION_TYPE "'.");
	if (jws_parse(assertion, &jws) != FAULT_NONE || json_parse(buf_span(&jws.payload), &doc, NULL) != FAULT_NONE)
		return refuse_malformed(err);
	if (client->kind == PRINCIPAL_USER_ASSIGNED)
		return check_federated(op, client, assertion, json_root(doc), err);
	/* Of the application's own making: signed with a certificate. */
	if (span_eq_nocase(json_string(json_get(json_root(doc), "iss")), span_cstr(client->app_id)))
		return refuse_key(err);
	return refuse_unmatched(json_root(doc), err);
}
