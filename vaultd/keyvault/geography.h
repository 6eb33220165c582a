#ifndef SANDVAULT_VAULTD_KEYVAULT_GEOGRAPHY_H
#define SANDVAULT_VAULTD_KEYVAULT_GEOGRAPHY_H

/* Azure's geographies: a backup opens in the one it was made in. Source: fixtures/sources.md#backup */

/* A location that is in no list is a geography of its own. */
const char *geography_of(const char *location);

#endif
