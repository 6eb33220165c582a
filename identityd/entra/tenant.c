#include "identityd/entra/entra.h"

enum tenant_kind tenant_parse(const struct world *w, struct span segment)
{
	if (span_eq_nocase(segment, span_cstr(w->tenant_id)))
		return TENANT_HOME;
	if (span_eq_nocase(segment, SPAN_LIT("adfs")))
		return TENANT_ADFS;
	if (span_eq_nocase(segment, SPAN_LIT("common")) || span_eq_nocase(segment, SPAN_LIT("organizations")))
		return TENANT_COMMON;
	return TENANT_UNKNOWN;
}

enum fault tenant_refuse(struct span segment, const char *error, struct err *err)
{
	return op_refuse(err, FAULT_INVALID, error, REFUSAL_UNKNOWN_TENANT,
			 "Tenant '%.*s' not found. Check to make sure you have the correct tenant ID and are signing "
			 "into the correct cloud. Check with your subscription administrator, this may happen if there "
			 "are no active subscriptions for the tenant.",
			 SPAN_ARG(span_first(segment, 256)));
}
