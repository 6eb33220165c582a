#include <stdarg.h>
#include <stdio.h>

#include "identityd/operation.h"

enum fault op_refuse(struct err *err, enum fault f, const char *code, enum refusal why, const char *fmt, ...)
{
	char text[ERR_MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_say_inner(err, f, code, refusal_name(why), "%s", text);
}

unsigned refusal_aadsts(enum refusal r)
{
	switch (r) {
	case REFUSAL_PARAMETER_MISSING:
		return 900144;
	case REFUSAL_PARAMETER_UNSUPPORTED:
		return 901002;
	case REFUSAL_TENANT_MISSING:
		return 50059;
	case REFUSAL_UNKNOWN_TENANT:
		return 90002;
	case REFUSAL_UNKNOWN_INSTANCE:
		return 50049;
	case REFUSAL_GRANT_UNSUPPORTED:
		return 70003;
	case REFUSAL_SCOPE_INVALID:
		return 70011;
	case REFUSAL_UNKNOWN_CLIENT:
		return 700016;
	case REFUSAL_CREDENTIAL_MISSING:
	case REFUSAL_CREDENTIAL_MALFORMED:
		return 7000218;
	case REFUSAL_WRONG_SECRET:
		return 7000215;
	case REFUSAL_ASSERTION_MALFORMED:
		return 50027;
	case REFUSAL_ASSERTION_UNKNOWN_KEY:
		return 700027;
	case REFUSAL_ASSERTION_EXPIRED:
		return 700024;
	case REFUSAL_NO_FEDERATED_CREDENTIAL:
		return 70021;
	case REFUSAL_UNKNOWN_RESOURCE:
		return 500011;
	case REFUSAL_NONE:
	case REFUSAL_API_VERSION_MISSING:
	case REFUSAL_API_VERSION_UNKNOWN:
	case REFUSAL_FORMAT_UNSUPPORTED:
	case REFUSAL_UNKNOWN_PATH:
	case REFUSAL_METADATA_HEADER_MISSING:
	case REFUSAL_REQUEST_FORWARDED:
	case REFUSAL_IDENTITY_HEADER_MISSING:
	case REFUSAL_WRONG_IDENTITY_HEADER:
	case REFUSAL_UNKNOWN_IDENTITY:
	case REFUSAL_IDENTITY_AMBIGUOUS:
	case REFUSAL_PROXY_TARGET:
	case REFUSAL_COUNT:
		break;
	}
	return 0;
}
