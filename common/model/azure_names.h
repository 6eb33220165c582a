#ifndef SANDVAULT_MODEL_AZURE_NAMES_H
#define SANDVAULT_MODEL_AZURE_NAMES_H

/*
 * A request may come by this sandbox's own names or, through the proxy, by Azure's. What a reply says then stays with
 * the names that the request used.
 */

#include "common/model/endpoints.h"

#define AZURE_LOGIN "login.microsoftonline.com"
#define AZURE_VAULT_SUFFIX "vault.azure.net"

/* Whether a Host (a port may follow it) is one of Azure's own names. */
bool azure_name_is(struct span host);

enum { AUTHORITY_SIZE = 48 };
/* "https://localhost:8444", or Azure's: where those sign in who came by host. */
void azure_authority(struct span host, const struct endpoints *at, char out[AUTHORITY_SIZE]);

#endif
