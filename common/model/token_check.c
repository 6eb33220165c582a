#include "common/model/token_check.h"

#include <stdio.h>

#include "common/io/json.h"
#include "common/plain/text.h"

enum { TOKEN_MAX = 16 << 10 };

const char *authn_problem_name(enum authn_problem p)
{
	switch (p) {
	case AUTHN_OK:
		return "none";
	case AUTHN_MISSING:
		return "token-missing";
	case AUTHN_MALFORMED:
		return "token-malformed";
	case AUTHN_BAD_ALGORITHM:
		return "token-bad-algorithm";
	case AUTHN_UNKNOWN_KEY:
		return "token-unknown-key";
	case AUTHN_BAD_SIGNATURE:
		return "token-bad-signature";
	case AUTHN_BAD_ISSUER:
		return "token-bad-issuer";
	case AUTHN_BAD_AUDIENCE:
		return "token-bad-audience";
	case AUTHN_EXPIRED:
		return "token-expired";
	case AUTHN_NOT_YET_VALID:
		return "token-not-yet-valid";
	}
	return "unknown";
}

enum fault authn_fail(struct authn_failure *out, enum authn_problem p, struct span found)
{
	out->problem = p;
	snprintf(out->found, sizeof(out->found), "%.*s", SPAN_ARG(found));
	return FAULT_UNAUTHENTICATED;
}

struct span bearer_token(const char *authorization)
{
	struct span value = span_cstr(authorization);

	if (!span_starts_nocase(value, SPAN_LIT("Bearer ")))
		return SPAN_EMPTY;
	value = span_from(value, 7);
	while (value.len > 0 && value.p[0] == ' ')
		value = span_from(value, 1);
	return value;
}

static void copy_claim(char *out, size_t cap, const struct json *claims, const char *name)
{
	snprintf(out, cap, "%.*s", SPAN_ARG(json_string(json_get(claims, name))));
}

static void lower_claim(char *out, size_t cap, const struct json *claims, const char *name)
{
	copy_claim(out, cap, claims, name);
	ascii_lower_str(out);
}

static enum fault read_claims(const struct world *w, struct span payload, struct checked_token *p,
			      struct authn_failure *out)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *c;
	char issuer[128];

	if (json_parse(payload, &doc, NULL) != FAULT_NONE || json_type(json_root(doc)) != JSON_OBJECT)
		return authn_fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	c = json_root(doc);
	snprintf(issuer, sizeof(issuer), "https://sts.windows.net/%s/", w->tenant_id);
	if (!span_eq_cstr(json_string(json_get(c, "iss")), issuer) ||
	    !span_eq_nocase(json_string(json_get(c, "tid")), span_cstr(w->tenant_id)))
		return authn_fail(out, AUTHN_BAD_ISSUER, json_string(json_get(c, "iss")));
	if (json_type(json_get(c, "exp")) != JSON_INT || json_type(json_get(c, "nbf")) != JSON_INT ||
	    !uuid_is_valid(json_string(json_get(c, "oid"))) || !uuid_is_valid(json_string(json_get(c, "appid"))) ||
	    json_string(json_get(c, "aud")).len >= AUDIENCE_SIZE)
		return authn_fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	p->exp_s = json_int(json_get(c, "exp"));
	p->nbf_s = json_int(json_get(c, "nbf"));
	lower_claim(p->caller.tenant_id, sizeof(p->caller.tenant_id), c, "tid");
	lower_claim(p->caller.object_id, sizeof(p->caller.object_id), c, "oid");
	lower_claim(p->caller.app_id, sizeof(p->caller.app_id), c, "appid");
	copy_claim(p->caller.audience, sizeof(p->caller.audience), c, "aud");
	copy_claim(p->caller.xms_mirid, sizeof(p->caller.xms_mirid), c, "xms_mirid");
	copy_claim(p->caller.xms_az_rid, sizeof(p->caller.xms_az_rid), c, "xms_az_rid");
	return FAULT_NONE;
}

/* The algorithm is ours to choose, not the token's: RS256 or nothing. */
static enum fault read_header(const struct jws *j, char ret_kid[KID_SIZE], struct authn_failure *out)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct span kid;

	if (json_parse(buf_span(&j->header), &doc, NULL) != FAULT_NONE)
		return authn_fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	/* RFC 7515 section 4.1.11: extensions that must be understood are none of ours. */
	if (json_get(json_root(doc), "crit") != NULL)
		return authn_fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	if (!span_eq_cstr(json_string(json_get(json_root(doc), "alg")), "RS256"))
		return authn_fail(out, AUTHN_BAD_ALGORITHM, json_string(json_get(json_root(doc), "alg")));
	kid = json_string(json_get(json_root(doc), "kid"));
	snprintf(out->header_b64, sizeof(out->header_b64), "%.*s", SPAN_ARG(j->header_b64));
	if (kid.len == 0 || kid.len >= KID_SIZE)
		return authn_fail(out, AUTHN_UNKNOWN_KEY, SPAN_EMPTY);
	snprintf(ret_kid, KID_SIZE, "%.*s", SPAN_ARG(kid));
	return FAULT_NONE;
}

enum fault jwt_verify(struct txn *t, struct span token, struct jws *ret, char kid[KID_SIZE], struct authn_failure *out)
{
	struct signing_key key;
	bool is_valid = false;
	enum fault f;

	if (token.len > TOKEN_MAX || jws_parse(token, ret) != FAULT_NONE)
		return authn_fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	f = read_header(ret, kid, out);
	if (f != FAULT_NONE)
		return f;
	f = signing_key_get(t, span_cstr(kid), &key);
	if (f == FAULT_NOT_FOUND)
		return authn_fail(out, AUTHN_UNKNOWN_KEY, SPAN_EMPTY);
	if (f == FAULT_NONE)
		f = jws_verify_rs256(ret, &key.pub, &is_valid);
	if (f != FAULT_NONE)
		return f;
	return is_valid ? FAULT_NONE : authn_fail(out, AUTHN_BAD_SIGNATURE, SPAN_EMPTY);
}

enum fault token_verify(const struct world *w, struct txn *t, struct span token, struct checked_token *ret,
			struct authn_failure *out)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;
	enum fault f = jwt_verify(t, token, &j, ret->kid, out);

	return f == FAULT_NONE ? read_claims(w, buf_span(&j.payload), ret, out) : f;
}

static bool audience_fits(const struct checked_token *c, const char *const *audiences)
{
	for (; *audiences != NULL; audiences++)
		if (strcmp(c->caller.audience, *audiences) == 0)
			return true;
	return false;
}

enum fault token_accept(const struct checked_token *c, const char *const *audiences, int64_t now_s,
			struct authn_failure *out)
{
	if (now_s >= c->exp_s)
		return authn_fail(out, AUTHN_EXPIRED, SPAN_EMPTY);
	if (now_s < c->nbf_s)
		return authn_fail(out, AUTHN_NOT_YET_VALID, SPAN_EMPTY);
	if (!audience_fits(c, audiences))
		return authn_fail(out, AUTHN_BAD_AUDIENCE, span_cstr(c->caller.audience));
	return FAULT_NONE;
}
