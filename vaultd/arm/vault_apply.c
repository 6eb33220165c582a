#include "vaultd/arm/vault_apply.h"

#include <stdlib.h>

#include "vaultd/arm/arm_text.h"

static enum fault missing(struct err *err, const char *name)
{
	return err_say(err, FAULT_INVALID, "BadRequest", "The parameter %s is not specified or has an invalid value.",
		       name);
}

/* Gives the vault this list; the former one is freed. */
static void set_policies(struct vault *v, struct access_policy_list *take_l)
{
	struct access_policy_list former = { v->policies, v->n_policies };

	access_policy_list_done(&former);
	v->n_policies = take_l->n;
	v->policies = TAKE(take_l->entries);
	take_l->n = 0;
}

static void set_text(char **into, char **take_text)
{
	free(*into);
	*into = TAKE(*take_text);
}

static void set_sent_flag(enum tristate *into, enum tristate sent)
{
	if (sent != TRI_UNSET)
		*into = sent;
}

/* What neither PUT nor PATCH can take back. */
static enum fault apply_lasting(struct vault *v, const struct vault_in *in, struct err *err)
{
	if (in->retention_days != 0 && in->retention_days != v->retention_days)
		return err_say(
			err, FAULT_INVALID, "BadRequest",
			"The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.");
	if (in->purge_protection == TRI_TRUE)
		v->is_purge_protected = true;
	set_sent_flag(&v->rbac, in->rbac);
	return FAULT_NONE;
}

/* An absent list is an empty one. */
static enum fault apply_whole(struct vault *v, struct vault_in *in, struct err *err)
{
	if (!in->has_sku)
		return missing(err, "sku");
	if (in->tenant_id[0] == '\0')
		return missing(err, "tenantId");
	memcpy(v->tenant_id, in->tenant_id, sizeof(v->tenant_id));
	v->is_premium = in->is_premium;
	v->for_deployment = in->for_deployment;
	v->for_disk_encryption = in->for_disk_encryption;
	v->for_template_deployment = in->for_template_deployment;
	v->public_access_disabled = in->public_access == TRI_FALSE;
	set_text(&v->tags, &in->tags);
	set_text(&v->network_acls, &in->network_acls);
	set_policies(v, &in->policies);
	return FAULT_NONE;
}

static enum fault check_policies(const struct vault *v, struct err *err)
{
	const struct access_policy_list l = { v->policies, v->n_policies };

	return access_policies_check_tenant(&l, v->tenant_id, err);
}

enum fault vault_apply_create(struct vault *v, struct vault_in *in, struct span api_version, struct err *err)
{
	enum fault f;

	v->retention_days = in->retention_days != 0 ? in->retention_days : RETENTION_DAYS_MAX;
	v->rbac = arm_version_before(api_version, "2026-02-01") ? TRI_UNSET : TRI_TRUE;
	f = apply_lasting(v, in, err);
	if (f == FAULT_NONE)
		f = apply_whole(v, in, err);
	return f == FAULT_NONE ? check_policies(v, err) : f;
}

enum fault vault_apply_replace(struct vault *v, struct vault_in *in, struct err *err)
{
	enum fault f = apply_lasting(v, in, err);

	if (f == FAULT_NONE)
		f = apply_whole(v, in, err);
	return f == FAULT_NONE ? check_policies(v, err) : f;
}

enum fault vault_apply_merge(struct vault *v, struct vault_in *in, struct err *err)
{
	enum fault f = apply_lasting(v, in, err);

	if (f != FAULT_NONE)
		return f;
	if (in->tenant_id[0] != '\0')
		memcpy(v->tenant_id, in->tenant_id, sizeof(v->tenant_id));
	if (in->has_sku)
		v->is_premium = in->is_premium;
	set_sent_flag(&v->for_deployment, in->for_deployment);
	set_sent_flag(&v->for_disk_encryption, in->for_disk_encryption);
	set_sent_flag(&v->for_template_deployment, in->for_template_deployment);
	if (in->public_access != TRI_UNSET)
		v->public_access_disabled = in->public_access == TRI_FALSE;
	if (in->tags != NULL)
		set_text(&v->tags, &in->tags);
	if (in->has_network_acls)
		set_text(&v->network_acls, &in->network_acls);
	if (in->has_policies)
		set_policies(v, &in->policies);
	return check_policies(v, err);
}
