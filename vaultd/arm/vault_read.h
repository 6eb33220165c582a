#ifndef SANDVAULT_VAULTD_ARM_VAULT_READ_H
#define SANDVAULT_VAULTD_ARM_VAULT_READ_H

/*
 * The body of a vault's PUT and PATCH as a value: what was sent and what was not. Members that only the service writes
 * (vaultUri, provisioningState, …) are passed over. Pure.
 */

#include "vaultd/arm/access_policies.h"

enum { RETENTION_DAYS_MIN = 7, RETENTION_DAYS_MAX = 90 };

/* p NULL, has_… false or TRI_UNSET: not sent. */
struct vault_in {
	struct span location; /* borrowed from the body */
	char *tags;	      /* owned */
	bool has_sku, is_premium;
	char tenant_id[ID_SIZE];
	bool has_policies;
	struct access_policy_list policies; /* owned */
	enum tristate rbac, for_deployment, for_disk_encryption, for_template_deployment;
	int retention_days; /* 0: not sent */
	enum tristate soft_delete, purge_protection;
	enum tristate public_access; /* TRI_TRUE: Enabled */
	bool has_network_acls;
	char *network_acls; /* owned; NULL with has_network_acls: the default */
	bool is_recover;    /* createMode */
};

void vault_in_init(struct vault_in *in);
void vault_in_done(struct vault_in *in);
/* Into an initialised *ret. is_patch: a location need not be sent. */
enum fault vault_read(const struct json *body, bool is_patch, struct vault_in *ret, struct err *err) MUST_USE;

/* 3 to 24 letters, digits and hyphens; a letter first, no hyphen last, no two in a row. */
bool vault_name_is_valid(struct span name);
/* VaultNameNotValid. */
enum fault vault_check_name(struct span name, struct err *err) MUST_USE;

#endif
