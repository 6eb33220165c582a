#ifndef SANDVAULT_VAULTD_KEYVAULT_ROTATION_AUDIT_H
#define SANDVAULT_VAULTD_KEYVAULT_ROTATION_AUDIT_H

/* What a rotation policy brought about, in the audit. Source: fixtures/sources.md#rotation */

#include "vaultd/keyvault/due_find.h"
#include "vaultd/vaultd.h"

enum rotation_audit_kind { ROTATION_AUDIT_ROTATED, ROTATION_AUDIT_NEAR_EXPIRY };

void rotation_audit(struct vaultd *d, const struct due_key *k, const char *version, int64_t now_s,
		    enum rotation_audit_kind kind);

#endif
