#include <stdio.h>

#include "common/model/endpoints.h"
#include "common/model/token_check.h"
#include "identityd/graph/graph.h"

enum { OWN_AUDIENCE_SIZE = 48 };

static enum fault say_problem(const struct authn_failure *why, struct err *err)
{
	static const char code[] = "InvalidAuthenticationToken";

	switch (why->problem) {
	case AUTHN_MISSING:
		return err_say(err, FAULT_UNAUTHENTICATED, code, "Access token is empty.");
	case AUTHN_BAD_AUDIENCE:
		return err_say(err, FAULT_UNAUTHENTICATED, code, "Access token validation failure. Invalid audience.");
	case AUTHN_BAD_ISSUER:
		return err_say(err, FAULT_UNAUTHENTICATED, code, "Access token validation failure. Invalid issuer.");
	case AUTHN_EXPIRED:
		return err_say(err, FAULT_UNAUTHENTICATED, code, "Lifetime validation failed, the token is expired.");
	case AUTHN_NOT_YET_VALID:
		return err_say(err, FAULT_UNAUTHENTICATED, code,
			       "Lifetime validation failed, the token is not yet valid.");
	case AUTHN_BAD_SIGNATURE:
	case AUTHN_UNKNOWN_KEY:
		return err_say(err, FAULT_UNAUTHENTICATED, code,
			       "Access token validation failure. Signature is invalid.");
	case AUTHN_OK:
	case AUTHN_MALFORMED:
	case AUTHN_BAD_ALGORITHM:
		break;
	}
	return err_say(err, FAULT_UNAUTHENTICATED, code, "CompactToken parsing failed with error code: 80049217");
}

static enum fault check(struct op *op, struct checked_token *ret, struct authn_failure *why)
{
	char own[OWN_AUDIENCE_SIZE], own_slash[OWN_AUDIENCE_SIZE];
	const char *const audiences[] = {
		"https://graph.microsoft.com", "https://graph.microsoft.com/", GRAPH_APP_ID, own, own_slash, NULL
	};
	struct span token = bearer_token(http_exchange_header(op->x, "Authorization"));
	enum fault f;

	snprintf(own, sizeof(own), "https://localhost:%u", op->d->login_port);
	snprintf(own_slash, sizeof(own_slash), "https://localhost:%u/", op->d->login_port);
	if (token.len == 0)
		return authn_fail(why, AUTHN_MISSING, SPAN_EMPTY);
	f = token_verify(&op->d->world, op->txn, token, ret, why);
	return f == FAULT_NONE ? token_accept(ret, audiences, op->now_s, why) : f;
}

enum fault graph_authenticate(struct op *op, struct err *err)
{
	struct checked_token *token = pool_alloc(http_exchange_pool(op->x), sizeof(*token));
	struct authn_failure why = { .problem = AUTHN_OK };
	enum fault f = token == NULL ? FAULT_MEMORY : check(op, token, &why);

	op->authn_problem = why.problem;
	if (f == FAULT_NONE)
		op->caller = &token->caller;
	return f == FAULT_UNAUTHENTICATED ? say_problem(&why, err) : f;
}
