#include "vaultd/arm/vault_reply.h"

#include <stdio.h>

#include "common/model/azure_names.h"
#include "vaultd/arm/access_policies.h"
#include "vaultd/arm/arm_text.h"

void vault_print_id(char out[VAULT_ID_SIZE], const struct vault *v)
{
	snprintf(out, VAULT_ID_SIZE, "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/%s",
		 v->subscription_id, v->group, v->name);
}

void vault_write_id(struct json_out *o, const char *key, const struct vault *v)
{
	json_out_fmt(o, key, "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/%s",
		     v->subscription_id, v->group, v->name);
}

/* The vault's host behind the door this request came through: Azure's own names through the proxy, ours otherwise. */
static void write_uri(struct arm_op *op, const struct vault *v)
{
	struct span name, port = span_cut(op->request->host, ':', &name);

	if (azure_name_is(name))
		json_out_fmt(&op->out, "vaultUri", "https://%s." AZURE_VAULT_SUFFIX "/", v->name);
	else if (!span_eq_nocase(name, SPAN_LIT("localhost")))
		json_out_fmt(&op->out, "vaultUri", "https://%s.vault.localhost:%u/", v->name, op->d->tls_port);
	else if (port.len > 0)
		json_out_fmt(&op->out, "vaultUri", "https://%s.vault.localhost:%.*s/", v->name, SPAN_ARG(port));
	else
		json_out_fmt(&op->out, "vaultUri", "https://%s.vault.localhost/", v->name);
}

static void write_system_data(struct json_out *o, const struct vault *v)
{
	char created[TIME_MS_SIZE], modified[TIME_MS_SIZE];

	arm_time_format(created, v->created_ms);
	arm_time_format(modified, v->modified_ms);
	json_out_object(o, "systemData");
	json_out_cstr(o, "createdBy", v->created_by);
	json_out_cstr(o, "createdByType", v->created_by_type);
	json_out_cstr(o, "createdAt", created);
	json_out_cstr(o, "lastModifiedBy", v->modified_by);
	json_out_cstr(o, "lastModifiedByType", v->modified_by_type);
	json_out_cstr(o, "lastModifiedAt", modified);
	json_out_object_end(o);
}

static void write_flag(struct json_out *o, const char *key, enum tristate flag)
{
	if (flag != TRI_UNSET)
		json_out_bool(o, key, flag == TRI_TRUE);
}

/* Members the service does not write unless they were set stay away. */
static void write_properties(struct arm_op *op, const struct vault *v)
{
	struct json_out *o = &op->out;

	json_out_object(o, "properties");
	json_out_object(o, "sku");
	json_out_cstr(o, "family", "A");
	json_out_cstr(o, "name", v->is_premium ? "premium" : "standard");
	json_out_object_end(o);
	json_out_cstr(o, "tenantId", v->tenant_id);
	if (v->network_acls != NULL)
		json_out_raw(o, "networkAcls", span_cstr(v->network_acls));
	access_policies_write(o, "accessPolicies", v->policies, v->n_policies);
	json_out_bool(o, "enabledForDeployment", v->for_deployment == TRI_TRUE);
	write_flag(o, "enabledForDiskEncryption", v->for_disk_encryption);
	write_flag(o, "enabledForTemplateDeployment", v->for_template_deployment);
	json_out_bool(o, "enableSoftDelete", true);
	json_out_int(o, "softDeleteRetentionInDays", v->retention_days);
	write_flag(o, "enableRbacAuthorization", v->rbac);
	if (v->is_purge_protected)
		json_out_bool(o, "enablePurgeProtection", true);
	write_uri(op, v);
	json_out_cstr(o, "provisioningState", "Succeeded");
	json_out_cstr(o, "publicNetworkAccess", v->public_access_disabled ? "Disabled" : "Enabled");
	json_out_object_end(o);
}

static void write_head(struct json_out *o, const struct vault *v)
{
	vault_write_id(o, "id", v);
	json_out_cstr(o, "name", v->name);
	json_out_cstr(o, "type", "Microsoft.KeyVault/vaults");
	json_out_cstr(o, "location", v->location);
	json_out_raw(o, "tags", v->tags == NULL ? SPAN_LIT("{}") : span_cstr(v->tags));
}

void vault_write(struct arm_op *op, const struct vault *v)
{
	json_out_object(&op->out, NULL);
	write_head(&op->out, v);
	write_system_data(&op->out, v);
	write_properties(op, v);
	json_out_object_end(&op->out);
}

void vault_write_generic(struct arm_op *op, const struct vault *v)
{
	json_out_object(&op->out, NULL);
	write_head(&op->out, v);
	if (!arm_version_before(op->api_version, "2021-04-01"))
		write_system_data(&op->out, v);
	json_out_object_end(&op->out);
}
