#include "vaultd/control/audit_words.h"

#include "common/io/audit.h"
#include "common/plain/text.h"
#include "policy/refusal.h"
#include "vaultd/arm/arm_audit.h"
#include "vaultd/keyvault/kv.h"
#include "vaultd/registry/reg.h"

enum { SHOWN_MAX = 64 };

/* What happens without a request, what is no operation, and the other daemon's: its table is not linked here. */
static const struct {
	const char *name, *audit; /* audit NULL: the same */
} others[] = {
	{ "Authentication", NULL },
	{ "Unknown", NULL },
	{ "KeyRotateIfDue", NULL },
	{ "KeyNearExpiryEventGridNotification", NULL },
	{ "TokenIssue", NULL },
	{ "RequestToken", "TokenIssue" },
	{ "RequestTokenV2", "TokenIssue" },
	{ "ImdsRequestToken", "TokenIssue" },
	{ "AppServiceRequestToken", "TokenIssue" },
	{ "CloudShellRequestToken", "TokenIssue" },
	{ "ImdsUnknownSource", NULL },
	{ "ImdsGetInstance", NULL },
	{ "ImdsGetCompute", NULL },
	{ "ImdsGetNetwork", NULL },
	{ "ImdsGetAttestedDocument", NULL },
	{ "GetCloudMetadata", NULL },
	{ "GetOpenIdConfiguration", NULL },
	{ "GetOpenIdConfigurationV2", NULL },
	{ "GetOpenIdConfigurationAdfs", NULL },
	{ "DiscoverInstance", NULL },
	{ "GetKeys", NULL },
	{ "GetKeysV2", NULL },
	{ "GetKeysAdfs", NULL },
	{ "Authorize", NULL },
	{ "AuthorizeV2", NULL },
	{ "RequestDeviceCode", NULL },
	{ "RequestDeviceCodeV2", NULL },
	{ "LogOut", NULL },
	{ "ProxyConnect", NULL },
	{ "Graph", NULL },
	{ "GraphGetMe", NULL },
	{ "GraphListServicePrincipals", NULL },
	{ "GraphGetServicePrincipal", NULL },
	{ "GraphListApplications", NULL },
	{ "GraphGetApplication", NULL },
	{ "GraphListUsers", NULL },
	{ "GraphGetUser", NULL },
	{ "GraphListGroups", NULL },
	{ "GraphGetGroup", NULL },
	{ "GraphGetByIds", NULL },
	{ "GraphGetDirectoryObject", NULL },
	{ "GraphGetByAppId", NULL },
};

static const char *other_named(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (span_eq_nocase(name, span_cstr(others[i].name)))
			return others[i].audit == NULL ? others[i].name : others[i].audit;
	return NULL;
}

enum fault audit_operation_word(struct span *name, struct err *err)
{
	/* Names that lines have come before those of the tables: GetKeys is sign-in's, and KeyList is the vault's. */
	const char *audit = other_named(*name);

	if (name->len == 0)
		return FAULT_NONE;
	if (audit == NULL)
		audit = kv_audit_named(*name);
	if (audit == NULL)
		audit = arm_audit_named(*name);
	if (audit == NULL)
		audit = reg_audit_named(*name);
	if (audit == NULL)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"%.*s\" is no operation; vaultd --print-operations and identityd --print-operations "
			       "list them, and the audit's own names (KeyUnwrap, VaultPut, TokenIssue, Authentication, "
			       "Unknown) will do.",
			       SPAN_ARG(span_first(*name, SHOWN_MAX)));
	*name = span_cstr(audit);
	return FAULT_NONE;
}

static bool is_status(struct span word)
{
	int64_t n;

	if (int_parse(word, &n) == FAULT_NONE)
		return n >= 100 && n <= 599;
	for (int status = 100; status <= 599; status++)
		if (span_eq_nocase(word, span_cstr(audit_signature(status))))
			return true;
	return false;
}

/* Names of an enumeration end with the first that nobody gave a name. */
static bool is_reason(struct span word)
{
	const char *name;

	if (span_eq_nocase(word, SPAN_LIT("token-issued")))
		return true;
	for (int r = 0; strcmp(name = reason_name((enum reason)r), "unknown") != 0; r++)
		if (span_eq_nocase(word, span_cstr(name)))
			return true;
	for (int p = 0; strcmp(name = authn_problem_name((enum authn_problem)p), "unknown") != 0; p++)
		if (span_eq_nocase(word, span_cstr(name)))
			return true;
	for (int r = 0; r < REFUSAL_COUNT; r++)
		if (span_eq_nocase(word, span_cstr(refusal_name((enum refusal)r))))
			return true;
	for (int f = 0; strcmp(name = fault_name((enum fault)f), "unknown") != 0; f++)
		if (span_eq_nocase(word, span_cstr(name)))
			return true;
	return false;
}

enum fault audit_result_word(struct span word, struct err *err)
{
	static const char *const words[] = { "Success", "Failure", "allow", "deny", "cannot-tell" };
	bool is_known = word.len == 0 || is_status(word) || is_reason(word);

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		is_known = is_known || span_eq_nocase(word, span_cstr(words[i]));
	if (is_known)
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "\"%.*s\" is no result; there are Success and Failure, a status (403) or its phrase "
		       "(Forbidden), a verdict (allow, deny, cannot-tell), or a reason (key-expired, wrong-secret and "
		       "the like).",
		       SPAN_ARG(span_first(word, SHOWN_MAX)));
}
