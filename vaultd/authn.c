#include "vaultd/authn.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/io/http.h"
#include "common/io/json.h"
#include "common/io/jws.h"
#include "common/model/signing_key.h"
#include "common/plain/text.h"
#include "vaultd/vaultd.h"

enum { SLOTS = 1024, TOKEN_MAX = 16 << 10 };

/* A token that passed: everything about it but the audience question and the time, which are asked again each time. */
struct passed {
	struct secret token;
	uint64_t snapshot; /* the signing key was there in this state of the store */
	char kid[KID_SIZE];
	int64_t nbf_s, exp_s;
	struct caller caller;
};

struct authn {
	struct vaultd *d;
	uint64_t salt;
	struct passed slots[SLOTS];
};

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

enum fault authn_new(struct vaultd *d, struct authn **ret)
{
	struct authn *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return FAULT_MEMORY;
	a->d = d;
	if (rng_fill(&d->world.rng, &a->salt, sizeof(a->salt)) != FAULT_NONE) {
		free(a);
		return FAULT_RANDOM;
	}
	*ret = a;
	return FAULT_NONE;
}

void authn_free(struct authn *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		secret_done(&a->slots[i].token);
	free(a);
}

static struct span bearer_token(struct http_exchange *x)
{
	struct span value = span_cstr(http_exchange_header(x, "Authorization"));

	if (!span_starts_nocase(value, SPAN_LIT("Bearer ")))
		return SPAN_EMPTY;
	value = span_from(value, 7);
	while (value.len > 0 && value.p[0] == ' ')
		value = span_from(value, 1);
	return value;
}

/* Only a place to look: the whole token is compared afterwards. The signature, at the end, spreads best. */
static struct passed *slot_for(struct authn *a, struct span token)
{
	uint64_t h = a->salt ^ token.len;
	size_t from = token.len > 64 ? token.len - 64 : 0;

	for (size_t i = from; i < token.len; i++)
		h = (h ^ (unsigned char)token.p[i]) * 1099511628211u;
	return &a->slots[(h >> 20) % SLOTS];
}

static enum fault fail(struct authn_failure *out, enum authn_problem p, struct span found)
{
	out->problem = p;
	snprintf(out->found, sizeof(out->found), "%.*s", SPAN_ARG(found));
	return FAULT_UNAUTHENTICATED;
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

static enum fault read_claims(struct authn *a, struct span payload, struct passed *p, struct authn_failure *out)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	const struct json *c;
	char issuer[128];

	if (json_parse(payload, &doc, NULL) != FAULT_NONE || json_type(json_root(doc)) != JSON_OBJECT)
		return fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	c = json_root(doc);
	snprintf(issuer, sizeof(issuer), "https://sts.windows.net/%s/", a->d->world.tenant_id);
	if (!span_eq_cstr(json_string(json_get(c, "iss")), issuer) ||
	    !span_eq_nocase(json_string(json_get(c, "tid")), span_cstr(a->d->world.tenant_id)))
		return fail(out, AUTHN_BAD_ISSUER, json_string(json_get(c, "iss")));
	if (json_type(json_get(c, "exp")) != JSON_INT || json_type(json_get(c, "nbf")) != JSON_INT ||
	    !uuid_is_valid(json_string(json_get(c, "oid"))) || !uuid_is_valid(json_string(json_get(c, "appid"))) ||
	    json_string(json_get(c, "aud")).len >= AUDIENCE_SIZE)
		return fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
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
static enum fault read_header(const struct jws *j, struct passed *p, struct authn_failure *out)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct span kid;

	if (json_parse(buf_span(&j->header), &doc, NULL) != FAULT_NONE)
		return fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	/* RFC 7515 section 4.1.11: extensions that must be understood are none of ours. */
	if (json_get(json_root(doc), "crit") != NULL)
		return fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	if (!span_eq_cstr(json_string(json_get(json_root(doc), "alg")), "RS256"))
		return fail(out, AUTHN_BAD_ALGORITHM, json_string(json_get(json_root(doc), "alg")));
	kid = json_string(json_get(json_root(doc), "kid"));
	snprintf(out->header_b64, sizeof(out->header_b64), "%.*s", SPAN_ARG(j->header_b64));
	if (kid.len == 0 || kid.len >= KID_SIZE)
		return fail(out, AUTHN_UNKNOWN_KEY, SPAN_EMPTY);
	snprintf(p->kid, sizeof(p->kid), "%.*s", SPAN_ARG(kid));
	return FAULT_NONE;
}

static enum fault verify(struct authn *a, struct txn *t, struct span token, struct passed *p, struct authn_failure *out)
{
	SCOPED_DONE(jws) struct jws j = JWS_INIT;
	struct signing_key key;
	bool is_valid = false;
	enum fault f;

	if (token.len > TOKEN_MAX || jws_parse(token, &j) != FAULT_NONE)
		return fail(out, AUTHN_MALFORMED, SPAN_EMPTY);
	f = read_header(&j, p, out);
	if (f != FAULT_NONE)
		return f;
	f = signing_key_get(t, span_cstr(p->kid), &key);
	if (f == FAULT_NOT_FOUND)
		return fail(out, AUTHN_UNKNOWN_KEY, SPAN_EMPTY);
	if (f == FAULT_NONE)
		f = jws_verify_rs256(&j, &key.pub, &is_valid);
	if (f != FAULT_NONE)
		return f;
	if (!is_valid)
		return fail(out, AUTHN_BAD_SIGNATURE, SPAN_EMPTY);
	return read_claims(a, buf_span(&j.payload), p, out);
}

/* A key that left the store takes its tokens with it. */
static bool is_still_signed(struct passed *p, struct txn *t)
{
	struct signing_key key;

	if (p->snapshot == txn_snapshot(t))
		return true;
	if (signing_key_get(t, span_cstr(p->kid), &key) != FAULT_NONE)
		return false;
	p->snapshot = txn_snapshot(t);
	return true;
}

static enum fault find_passed(struct authn *a, struct txn *t, struct span token, struct passed **ret,
			      struct authn_failure *out)
{
	struct passed *p = slot_for(a, token), fresh = { .token = SECRET_INIT };
	enum fault f;

	if (p->token.len > 0 && constant_time_eq(secret_span(&p->token), token) && is_still_signed(p, t)) {
		*ret = p;
		return FAULT_NONE;
	}
	f = verify(a, t, token, &fresh, out);
	if (f == FAULT_NONE)
		f = secret_set(&fresh.token, token.p, token.len);
	if (f != FAULT_NONE)
		return f;
	fresh.snapshot = txn_snapshot(t);
	secret_done(&p->token);
	*p = fresh;
	*ret = p;
	return FAULT_NONE;
}

static bool audience_fits(const struct passed *p, const char *const *audiences)
{
	for (; *audiences != NULL; audiences++)
		if (strcmp(p->caller.audience, *audiences) == 0)
			return true;
	return false;
}

enum fault authenticate(struct authn *a, struct txn *t, struct http_exchange *x, const char *const *audiences,
			int64_t now_s, const struct caller **ret, struct authn_failure *ret_failure)
{
	struct span token = bearer_token(x);
	struct passed *p;
	enum fault f;

	*ret_failure = (struct authn_failure){ .problem = AUTHN_OK };
	if (token.len == 0)
		return fail(ret_failure, AUTHN_MISSING, SPAN_EMPTY);
	f = find_passed(a, t, token, &p, ret_failure);
	if (f != FAULT_NONE)
		return f;
	if (now_s >= p->exp_s)
		return fail(ret_failure, AUTHN_EXPIRED, SPAN_EMPTY);
	if (now_s < p->nbf_s)
		return fail(ret_failure, AUTHN_NOT_YET_VALID, SPAN_EMPTY);
	if (!audience_fits(p, audiences))
		return fail(ret_failure, AUTHN_BAD_AUDIENCE, span_cstr(p->caller.audience));
	*ret = &p->caller;
	return FAULT_NONE;
}
