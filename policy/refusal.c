#include "policy/refusal.h"

#include "common/plain/base.h"

static const char *const names[REFUSAL_COUNT] = {
	[REFUSAL_NONE] = "none",
	[REFUSAL_PARAMETER_MISSING] = "parameter-missing",
	[REFUSAL_PARAMETER_UNSUPPORTED] = "parameter-unsupported",
	[REFUSAL_API_VERSION_MISSING] = "api-version-missing",
	[REFUSAL_API_VERSION_UNKNOWN] = "api-version-unknown",
	[REFUSAL_FORMAT_UNSUPPORTED] = "format-unsupported",
	[REFUSAL_UNKNOWN_PATH] = "unknown-path",
	[REFUSAL_TENANT_MISSING] = "tenant-missing",
	[REFUSAL_UNKNOWN_TENANT] = "unknown-tenant",
	[REFUSAL_UNKNOWN_INSTANCE] = "unknown-instance",
	[REFUSAL_GRANT_UNSUPPORTED] = "grant-unsupported",
	[REFUSAL_SCOPE_INVALID] = "scope-invalid",
	[REFUSAL_UNKNOWN_CLIENT] = "unknown-client",
	[REFUSAL_CREDENTIAL_MISSING] = "credential-missing",
	[REFUSAL_CREDENTIAL_MALFORMED] = "credential-malformed",
	[REFUSAL_WRONG_SECRET] = "wrong-secret",
	[REFUSAL_ASSERTION_MALFORMED] = "assertion-malformed",
	[REFUSAL_ASSERTION_UNKNOWN_KEY] = "assertion-unknown-key",
	[REFUSAL_ASSERTION_EXPIRED] = "assertion-expired",
	[REFUSAL_NO_FEDERATED_CREDENTIAL] = "no-federated-credential",
	[REFUSAL_METADATA_HEADER_MISSING] = "metadata-header-missing",
	[REFUSAL_REQUEST_FORWARDED] = "request-forwarded",
	[REFUSAL_IDENTITY_HEADER_MISSING] = "identity-header-missing",
	[REFUSAL_WRONG_IDENTITY_HEADER] = "wrong-identity-header",
	[REFUSAL_UNKNOWN_IDENTITY] = "unknown-identity",
	[REFUSAL_IDENTITY_AMBIGUOUS] = "identity-ambiguous",
	[REFUSAL_PROXY_TARGET] = "proxy-target",
	[REFUSAL_UNKNOWN_RESOURCE] = "unknown-resource",
};

const char *refusal_name(enum refusal r)
{
	return (size_t)r < ARRAY_LEN(names) && names[r] != NULL ? names[r] : "unknown";
}

enum refusal refusal_named(struct span name)
{
	for (int r = REFUSAL_NONE + 1; r < REFUSAL_COUNT; r++)
		if (span_eq_cstr(name, names[r]))
			return (enum refusal)r;
	return REFUSAL_NONE;
}
