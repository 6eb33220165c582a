#ifndef SANDVAULT_VAULTD_DUE_PURGE_H
#define SANDVAULT_VAULTD_DUE_PURGE_H

/* Rows of due.c: deleted keys and deleted vaults whose purge date has passed are removed. */

#include "vaultd/control/due.h"

due_step due_purge_keys, due_purge_vaults;

#endif
