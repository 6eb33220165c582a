#ifndef SANDVAULT_IDENTITYD_ENTRA_H
#define SANDVAULT_IDENTITYD_ENTRA_H

/* Sign-in: discovery documents, signing keys, the token endpoint. Sources: fixtures/sources.md#entra */

#include "identityd/operation.h"

/* The first segment of a path. */
enum tenant_kind {
	TENANT_HOME,   /* the sandbox's tenant, by its id */
	TENANT_ADFS,   /* the same tenant, in the form that clients take without asking the public cloud */
	TENANT_COMMON, /* "common", "organizations": whichever tenant the caller turns out to be of */
	TENANT_UNKNOWN,
};
enum tenant_kind tenant_parse(const struct world *w, struct span segment);
/* AADSTS90002, which discovery and tokens call by different words. */
enum fault tenant_refuse(struct span segment, const char *error, struct err *err);

op_handler op_discovery_adfs, op_discovery_v2, op_discovery_v1, op_discover_instance, op_jwks;
op_handler op_token_v1, op_token_v2, op_token_finish;

#endif
