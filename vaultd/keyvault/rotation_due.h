#ifndef SANDVAULT_VAULTD_KEYVAULT_ROTATION_DUE_H
#define SANDVAULT_VAULTD_KEYVAULT_ROTATION_DUE_H

/*
 * Rows of due.c: keys whose rotation policy says so get a new version (rotation_dates.h says with which date), or their
 * near expiry is told in the audit, once for each version. Source: fixtures/sources.md#rotation
 */

#include "vaultd/control/due.h"

due_step rotation_due_keys, rotation_due_notices;

#endif
