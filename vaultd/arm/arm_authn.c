#include "vaultd/arm/arm_authn.h"

#include <stdio.h>

#include "common/model/azure_names.h"

enum { OWN_AUDIENCE_SIZE = 48, WHY_SIZE = 2048 };

#define ALLOWED_AUDIENCES                                                                                              \
	"'https://management.core.windows.net/','https://management.core.windows.net',"                                \
	"'https://management.azure.com/','https://management.azure.com'"

static void authority(struct arm_op *op, char *out, size_t size)
{
	char base[AUTHORITY_SIZE];
	struct endpoints e = { 0 };

	(void)!endpoints_get(op->txn, &e);
	azure_authority(op->request->host, &e, base);
	snprintf(out, size, "%s/%s", base, op->d->world.tenant_id);
}

static void add_challenge(struct arm_op *op, const char *why)
{
	char uri[128], header[WHY_SIZE];

	authority(op, uri, sizeof(uri));
	snprintf(header, sizeof(header),
		 "Bearer authorization_uri=\"%s\", error=\"invalid_token\", error_description=\"%s\"", uri, why);
	http_reply_header(op->x, "WWW-Authenticate", header);
}

/* Azure's sentences; its code is the third argument of err_say. */
static enum fault say_problem(struct arm_op *op, const struct authn_failure *why, struct err *err)
{
	const char *tenant = op->d->world.tenant_id;
	char uri[128];

	switch (why->problem) {
	case AUTHN_MISSING:
		if (http_exchange_header(op->x, "Authorization") == NULL)
			return err_say(err, FAULT_UNAUTHENTICATED, "AuthenticationFailed",
				       "Authentication failed. The 'Authorization' header is missing.");
		return err_say(err, FAULT_UNAUTHENTICATED, "AuthenticationFailedInvalidHeader",
			       "Authentication failed. The 'Authorization' header is provided in an invalid format.");
	case AUTHN_BAD_ISSUER:
		authority(op, uri, sizeof(uri));
		return err_say(
			err, FAULT_UNAUTHENTICATED, "InvalidAuthenticationTokenTenant",
			"The access token is from the wrong issuer '%s'. It must match the tenant "
			"'https://sts.windows.net/%s/' associated with this subscription. Please use the authority "
			"(URL) '%s' to get the token.",
			why->found, tenant, uri);
	case AUTHN_BAD_AUDIENCE:
		return err_say(
			err, FAULT_UNAUTHENTICATED, "InvalidAuthenticationTokenAudience",
			"The access token has been obtained for wrong audience or resource '%s'. It should exactly "
			"match with one of the allowed audiences " ALLOWED_AUDIENCES ".",
			why->found);
	case AUTHN_EXPIRED:
		return err_say(err, FAULT_UNAUTHENTICATED, "ExpiredAuthenticationToken",
			       "The access token expiry UTC time is earlier than current UTC time.");
	case AUTHN_NOT_YET_VALID:
		return err_say(err, FAULT_UNAUTHENTICATED, "InvalidAuthenticationToken",
			       "The access token is not yet valid.");
	case AUTHN_BAD_SIGNATURE:
	case AUTHN_UNKNOWN_KEY:
		return err_say(err, FAULT_UNAUTHENTICATED, "InvalidAuthenticationToken",
			       "The access token signature is invalid.");
	case AUTHN_OK:
	case AUTHN_MALFORMED:
	case AUTHN_BAD_ALGORITHM:
		break;
	}
	return err_say(err, FAULT_UNAUTHENTICATED, "InvalidAuthenticationToken", "The access token is invalid.");
}

/* What the token carried must not reach a header: only fixed words do. */
static const char *challenge_words(const struct authn_failure *why)
{
	switch (why->problem) {
	case AUTHN_MISSING:
		return "The authentication failed because of missing 'Authorization' header.";
	case AUTHN_EXPIRED:
		return "The access token has expired.";
	case AUTHN_BAD_AUDIENCE:
		return "The access token has been obtained for wrong audience or resource.";
	case AUTHN_BAD_ISSUER:
		return "The access token is from the wrong issuer.";
	case AUTHN_OK:
	case AUTHN_MALFORMED:
	case AUTHN_BAD_ALGORITHM:
	case AUTHN_UNKNOWN_KEY:
	case AUTHN_BAD_SIGNATURE:
	case AUTHN_NOT_YET_VALID:
		break;
	}
	return "The access token is invalid.";
}

enum fault arm_authenticate(struct arm_op *op, struct err *err)
{
	char own[OWN_AUDIENCE_SIZE], own_slash[OWN_AUDIENCE_SIZE];
	const char *const audiences[] = {
		"https://management.azure.com",
		"https://management.azure.com/",
		"https://management.core.windows.net",
		"https://management.core.windows.net/",
		own,
		own_slash,
		"https://localhost",
		"https://localhost/",
		NULL,
	};
	struct authn_failure why = { 0 };
	enum fault f;

	snprintf(own, sizeof(own), "https://localhost:%u", op->d->tls_port);
	snprintf(own_slash, sizeof(own_slash), "https://localhost:%u/", op->d->tls_port);
	f = authenticate(op->d->authn, op->txn, op->x, audiences, op->now_s, &op->caller, &why);
	if (f != FAULT_UNAUTHENTICATED)
		return f;
	op->authn_problem = why.problem;
	add_challenge(op, challenge_words(&why));
	return say_problem(op, &why, err);
}
