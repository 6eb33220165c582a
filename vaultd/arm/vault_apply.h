#ifndef SANDVAULT_VAULTD_ARM_VAULT_APPLY_H
#define SANDVAULT_VAULTD_ARM_VAULT_APPLY_H

/*
 * What a PUT or PATCH makes of a vault. Soft delete, its retention and purge protection never go backwards. What the
 * body owned moves into the vault. A fault leaves the vault for vault_done alone. Pure.
 */

#include "vaultd/arm/vault_read.h"

/* A new vault's properties; name, group and ids are the caller's. From api-version 2026-02-01 on roles are the default.
 */
enum fault vault_apply_create(struct vault *v, struct vault_in *in, struct span api_version, struct err *err) MUST_USE;
/* PUT: what is not sent falls back to its default, except retention, purge protection and the permission model. */
enum fault vault_apply_replace(struct vault *v, struct vault_in *in, struct err *err) MUST_USE;
/* PATCH: what is not sent stays. */
enum fault vault_apply_merge(struct vault *v, struct vault_in *in, struct err *err) MUST_USE;

#endif
