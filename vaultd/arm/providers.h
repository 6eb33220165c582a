#ifndef SANDVAULT_VAULTD_ARM_PROVIDERS_H
#define SANDVAULT_VAULTD_ARM_PROVIDERS_H

/* Resource providers: namespaces, their types and api-versions. All are registered, always. */

#include "common/plain/span.h"

bool provider_is_known(struct span namespace);

#endif
