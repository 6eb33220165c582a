#include "vaultd/arm/arm_routes.h"

#include <stdio.h>

#include "vaultd/arm/arm_handlers.h"

#define SUB "/subscriptions/{subscription}"
#define GROUP SUB "/resourceGroups/{group}"
#define ANY_RESOURCE GROUP "/providers/{namespace}/{type}/{resource}"
#define KV "/providers/Microsoft.KeyVault"
#define VAULT GROUP KV "/vaults/{vault}"
#define MSI "/providers/Microsoft.ManagedIdentity"
#define IDENTITY GROUP MSI "/userAssignedIdentities/{identity}"
#define CREDENTIAL IDENTITY "/federatedIdentityCredentials/{credential}"
#define VM "/providers/Microsoft.Compute/virtualMachines"
/* At every scope: of the tenant, a subscription, a group, a resource, and what lies below it. */
#define AUTHORIZATION "/{scope*}/providers/Microsoft.Authorization"
#define ACR "/providers/Microsoft.ContainerRegistry"
#define REGISTRY GROUP ACR "/registries/{registry}"
#define RESOURCES "/providers/Microsoft.Resources"
#define DEPLOYMENT GROUP RESOURCES "/deployments/{deployment}"

enum { HTTP_ANY = 0xff };

/* The first fitting row answers: gaps that take the rest of a path stand behind the rows they would swallow. */
static const struct arm_row rows[] = {
	{ "Cloud_GetEndpoints", HTTP_GET, "/metadata/endpoints", NULL, TXN_READ, cloud_endpoints_get, 0 },
	{ "Tenants_List", HTTP_GET, "/tenants", "Microsoft.Resources/tenants/read", TXN_READ, tenants_list,
	  ARM_FILTERED },
	{ "Subscriptions_List", HTTP_GET, "/subscriptions", "Microsoft.Resources/subscriptions/read", TXN_READ,
	  subscriptions_list, ARM_FILTERED },
	{ "Subscriptions_Get", HTTP_GET, SUB, "Microsoft.Resources/subscriptions/read", TXN_READ, subscriptions_get,
	  0 },
	{ "Subscriptions_ListLocations", HTTP_GET, SUB "/locations", "Microsoft.Resources/subscriptions/locations/read",
	  TXN_READ, subscriptions_list_locations, 0 },
	{ "Providers_List", HTTP_GET, SUB "/providers", "Microsoft.Resources/subscriptions/providers/read", TXN_READ,
	  providers_list, 0 },
	{ "Providers_Get", HTTP_GET, SUB "/providers/{namespace}", "Microsoft.Resources/subscriptions/providers/read",
	  TXN_READ, providers_get, 0 },
	{ "Providers_Register", HTTP_POST, SUB "/providers/{namespace}/register", "{namespace}/register/action",
	  TXN_READ, providers_register, 0 },
	{ "Providers_Unregister", HTTP_POST, SUB "/providers/{namespace}/unregister", "{namespace}/unregister/action",
	  TXN_READ, NULL, 0 },

	{ "ResourceGroups_CreateOrUpdate", HTTP_PUT, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/write",
	  TXN_WRITE, resource_groups_put, 0 },
	{ "ResourceGroups_Get", HTTP_GET, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read", TXN_READ,
	  resource_groups_get, 0 },
	{ "ResourceGroups_CheckExistence", HTTP_HEAD, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read",
	  TXN_READ, resource_groups_head, 0 },
	{ "ResourceGroups_Update", HTTP_PATCH, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/write",
	  TXN_WRITE, resource_groups_patch, 0 },
	{ "ResourceGroups_Delete", HTTP_DELETE, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/delete",
	  TXN_WRITE, resource_groups_delete, 0 },
	{ "ResourceGroups_ExportTemplate", HTTP_POST, GROUP "/exportTemplate",
	  "Microsoft.Resources/subscriptions/resourceGroups/exportTemplate/action", TXN_READ, NULL, 0 },
	{ "ResourceGroups_List", HTTP_GET, SUB "/resourceGroups",
	  "Microsoft.Resources/subscriptions/resourceGroups/read", TXN_READ, resource_groups_list, ARM_FILTERED },
	{ "ResourceGroups_GetOperationResult", HTTP_GET, SUB "/operationresults/{operation}",
	  "Microsoft.Resources/subscriptions/operationresults/read", TXN_READ, operation_results_get, 0 },
	{ "Resources_List", HTTP_GET, SUB "/resources", "Microsoft.Resources/subscriptions/resources/read", TXN_READ,
	  resources_list, ARM_FILTERED },
	{ "Resources_ListByResourceGroup", HTTP_GET, GROUP "/resources",
	  "Microsoft.Resources/subscriptions/resourceGroups/resources/read", TXN_READ, resources_list, ARM_FILTERED },

	/* Before whatever takes the rest of a path: they stand below everything. */
	{ "RoleDefinitions_List", HTTP_GET, AUTHORIZATION "/roleDefinitions",
	  "Microsoft.Authorization/roleDefinitions/read", TXN_READ, role_definitions_list, 0 },
	{ "RoleDefinitions_Get", HTTP_GET, AUTHORIZATION "/roleDefinitions/{role}",
	  "Microsoft.Authorization/roleDefinitions/read", TXN_READ, role_definitions_get, 0 },
	{ "RoleDefinitions_CreateOrUpdate", HTTP_PUT, AUTHORIZATION "/roleDefinitions/{role}",
	  "Microsoft.Authorization/roleDefinitions/write", TXN_WRITE, role_definitions_put, 0 },
	{ "RoleDefinitions_Delete", HTTP_DELETE, AUTHORIZATION "/roleDefinitions/{role}",
	  "Microsoft.Authorization/roleDefinitions/delete", TXN_WRITE, role_definitions_delete, 0 },
	{ "RoleAssignments_ListForScope", HTTP_GET, AUTHORIZATION "/roleAssignments",
	  "Microsoft.Authorization/roleAssignments/read", TXN_READ, role_assignments_list, 0 },
	{ "RoleAssignments_Get", HTTP_GET, AUTHORIZATION "/roleAssignments/{assignment}",
	  "Microsoft.Authorization/roleAssignments/read", TXN_READ, role_assignments_get, 0 },
	{ "RoleAssignments_Create", HTTP_PUT, AUTHORIZATION "/roleAssignments/{assignment}",
	  "Microsoft.Authorization/roleAssignments/write", TXN_WRITE, role_assignments_put, 0 },
	{ "RoleAssignments_Delete", HTTP_DELETE, AUTHORIZATION "/roleAssignments/{assignment}",
	  "Microsoft.Authorization/roleAssignments/delete", TXN_WRITE, role_assignments_delete, 0 },
	{ "DenyAssignments_ListForScope", HTTP_GET, AUTHORIZATION "/denyAssignments",
	  "Microsoft.Authorization/denyAssignments/read", TXN_READ, deny_assignments_list, 0 },
	{ "DenyAssignments_Get", HTTP_GET, AUTHORIZATION "/denyAssignments/{assignment}",
	  "Microsoft.Authorization/denyAssignments/read", TXN_READ, deny_assignments_get, 0 },
	{ "DenyAssignments_Create", HTTP_PUT, AUTHORIZATION "/denyAssignments/{assignment}",
	  "Microsoft.Authorization/denyAssignments/write", TXN_WRITE, deny_assignments_put, 0 },
	{ "Authorization_Other", HTTP_ANY, AUTHORIZATION "/{rest*}", "Microsoft.Authorization/write", TXN_READ, NULL,
	  0 },

	{ "Vaults_CreateOrUpdate", HTTP_PUT, VAULT, "Microsoft.KeyVault/vaults/write", TXN_WRITE, vaults_put, 0 },
	{ "Vaults_Get", HTTP_GET, VAULT, "Microsoft.KeyVault/vaults/read", TXN_READ, vaults_get, 0 },
	{ "Vaults_Update", HTTP_PATCH, VAULT, "Microsoft.KeyVault/vaults/write", TXN_WRITE, vaults_patch, 0 },
	{ "Vaults_Delete", HTTP_DELETE, VAULT, "Microsoft.KeyVault/vaults/delete", TXN_WRITE, vaults_delete, 0 },
	{ "Vaults_ListByResourceGroup", HTTP_GET, GROUP KV "/vaults", "Microsoft.KeyVault/vaults/read", TXN_READ,
	  vaults_list, ARM_FILTERED },
	{ "Vaults_ListBySubscription", HTTP_GET, SUB KV "/vaults", "Microsoft.KeyVault/vaults/read", TXN_READ,
	  vaults_list, ARM_FILTERED },
	{ "Vaults_UpdateAccessPolicy", HTTP_PUT, VAULT "/accessPolicies/{operation}",
	  "Microsoft.KeyVault/vaults/accessPolicies/write", TXN_WRITE, vault_access_policies_put, 0 },
	{ "Vaults_ListDeleted", HTTP_GET, SUB KV "/deletedVaults", "Microsoft.KeyVault/deletedVaults/read", TXN_READ,
	  deleted_vaults_list, 0 },
	{ "Vaults_GetDeleted", HTTP_GET, SUB KV "/locations/{location}/deletedVaults/{vault}",
	  "Microsoft.KeyVault/locations/deletedVaults/read", TXN_READ, deleted_vaults_get, 0 },
	{ "Vaults_PurgeDeleted", HTTP_POST, SUB KV "/locations/{location}/deletedVaults/{vault}/purge",
	  "Microsoft.KeyVault/locations/deletedVaults/purge/action", TXN_WRITE, deleted_vaults_purge, 0 },
	{ "Vaults_GetOperationResult", HTTP_GET, SUB KV "/locations/{location}/operationResults/{operation}",
	  "Microsoft.KeyVault/locations/operationResults/read", TXN_READ, deleted_vaults_operation_result, 0 },
	{ "Vaults_CheckNameAvailability", HTTP_POST, SUB KV "/checkNameAvailability",
	  "Microsoft.KeyVault/checkNameAvailability/read", TXN_READ, check_vault_name, 0 },
	{ "ManagedHsms_CheckMhsmNameAvailability", HTTP_POST, SUB KV "/checkMhsmNameAvailability",
	  "Microsoft.KeyVault/checkMhsmNameAvailability/read", TXN_READ, check_managed_hsm_name, 0 },
	{ "ManagedHsms_ListBySubscription", HTTP_GET, SUB KV "/managedHSMs", "Microsoft.KeyVault/managedHSMs/read",
	  TXN_READ, managed_hsms_list, 0 },
	{ "ManagedHsms_ListByResourceGroup", HTTP_GET, GROUP KV "/managedHSMs", "Microsoft.KeyVault/managedHSMs/read",
	  TXN_READ, managed_hsms_list, 0 },
	{ "ManagedHsms_ListDeleted", HTTP_GET, SUB KV "/deletedManagedHSMs",
	  "Microsoft.KeyVault/deletedManagedHSMs/read", TXN_READ, managed_hsms_list, 0 },
	{ "ManagedHsms_One", HTTP_ANY, GROUP KV "/managedHSMs/{rest*}", "Microsoft.KeyVault/managedHSMs/write",
	  TXN_READ, NULL, 0 },
	{ "ManagedHsms_Deleted", HTTP_ANY, SUB KV "/locations/{location}/deletedManagedHSMs/{rest*}",
	  "Microsoft.KeyVault/locations/deletedManagedHSMs/read", TXN_READ, NULL, 0 },
	{ "Keys_CreateIfNotExist", HTTP_PUT, VAULT "/keys/{key}", "Microsoft.KeyVault/vaults/keys/write", TXN_READ,
	  vault_keys_put, 0 },
	{ "Keys_Get", HTTP_GET, VAULT "/keys/{key}", "Microsoft.KeyVault/vaults/keys/read", TXN_READ, vault_keys_get,
	  0 },
	{ "Keys_List", HTTP_GET, VAULT "/keys", "Microsoft.KeyVault/vaults/keys/read", TXN_READ, vault_keys_list, 0 },
	{ "Keys_GetVersion", HTTP_GET, VAULT "/keys/{key}/versions/{version}",
	  "Microsoft.KeyVault/vaults/keys/versions/read", TXN_READ, vault_key_versions_get, 0 },
	{ "Keys_ListVersions", HTTP_GET, VAULT "/keys/{key}/versions", "Microsoft.KeyVault/vaults/keys/versions/read",
	  TXN_READ, vault_key_versions_list, 0 },
	{ "Vaults_Secrets", HTTP_ANY, VAULT "/secrets/{rest*}", "Microsoft.KeyVault/vaults/secrets/write", TXN_READ,
	  NULL, 0 },
	{ "Vaults_PrivateEndpointConnections", HTTP_ANY, VAULT "/privateEndpointConnections/{rest*}",
	  "Microsoft.KeyVault/vaults/privateEndpointConnections/write", TXN_READ, NULL, 0 },
	{ "Vaults_PrivateLinkResources", HTTP_GET, VAULT "/privateLinkResources",
	  "Microsoft.KeyVault/vaults/privateLinkResources/read", TXN_READ, NULL, 0 },

	{ "UserAssignedIdentities_CreateOrUpdate", HTTP_PUT, IDENTITY,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/write", TXN_WRITE, identities_put, 0 },
	{ "UserAssignedIdentities_Get", HTTP_GET, IDENTITY, "Microsoft.ManagedIdentity/userAssignedIdentities/read",
	  TXN_READ, identities_get, 0 },
	{ "UserAssignedIdentities_Update", HTTP_PATCH, IDENTITY,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/write", TXN_WRITE, identities_patch, 0 },
	{ "UserAssignedIdentities_Delete", HTTP_DELETE, IDENTITY,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/delete", TXN_WRITE, identities_delete, 0 },
	{ "UserAssignedIdentities_ListByResourceGroup", HTTP_GET, GROUP MSI "/userAssignedIdentities",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/read", TXN_READ, identities_list, ARM_FILTERED },
	{ "UserAssignedIdentities_ListBySubscription", HTTP_GET, SUB MSI "/userAssignedIdentities",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/read", TXN_READ, identities_list, ARM_FILTERED },
	{ "UserAssignedIdentities_ListAssociatedResources", HTTP_POST, IDENTITY "/listAssociatedResources",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/listAssociatedResources/action", TXN_READ,
	  identities_list_associated, 0 },
	{ "FederatedIdentityCredentials_CreateOrUpdate", HTTP_PUT, CREDENTIAL,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", TXN_WRITE,
	  federated_credentials_put, 0 },
	{ "FederatedIdentityCredentials_Get", HTTP_GET, CREDENTIAL,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read", TXN_READ,
	  federated_credentials_get, 0 },
	{ "FederatedIdentityCredentials_Delete", HTTP_DELETE, CREDENTIAL,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/delete", TXN_WRITE,
	  federated_credentials_delete, 0 },
	{ "FederatedIdentityCredentials_List", HTTP_GET, IDENTITY "/federatedIdentityCredentials",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read", TXN_READ,
	  federated_credentials_list, 0 },
	{ "SystemAssignedIdentities_GetByScope", HTTP_GET, ANY_RESOURCE MSI "/identities/default",
	  "Microsoft.ManagedIdentity/identities/read", TXN_READ, system_identities_get, 0 },

	{ "VirtualMachines_Get", HTTP_GET, GROUP VM "/{vm}", "Microsoft.Compute/virtualMachines/read", TXN_READ,
	  virtual_machines_get, 0 },
	{ "VirtualMachines_Update", HTTP_PATCH, GROUP VM "/{vm}", "Microsoft.Compute/virtualMachines/write", TXN_WRITE,
	  virtual_machines_patch, 0 },
	{ "VirtualMachines_CreateOrDelete", HTTP_PUT | HTTP_DELETE, GROUP VM "/{vm}",
	  "Microsoft.Compute/virtualMachines/write", TXN_READ, NULL, 0 },
	{ "VirtualMachines_ListByResourceGroup", HTTP_GET, GROUP VM, "Microsoft.Compute/virtualMachines/read", TXN_READ,
	  NULL, 0 },
	{ "VirtualMachines_ListBySubscription", HTTP_GET, SUB VM, "Microsoft.Compute/virtualMachines/read", TXN_READ,
	  NULL, 0 },

	{ "Registries_Create", HTTP_PUT, REGISTRY, "Microsoft.ContainerRegistry/registries/write", TXN_WRITE,
	  registries_put, 0 },
	{ "Registries_Get", HTTP_GET, REGISTRY, "Microsoft.ContainerRegistry/registries/read", TXN_READ, registries_get,
	  0 },
	{ "Registries_Update", HTTP_PATCH, REGISTRY, "Microsoft.ContainerRegistry/registries/write", TXN_WRITE,
	  registries_patch, 0 },
	{ "Registries_Delete", HTTP_DELETE, REGISTRY, "Microsoft.ContainerRegistry/registries/delete", TXN_WRITE,
	  registries_delete, 0 },
	{ "Registries_ListByResourceGroup", HTTP_GET, GROUP ACR "/registries",
	  "Microsoft.ContainerRegistry/registries/read", TXN_READ, registries_list, ARM_FILTERED },
	{ "Registries_List", HTTP_GET, SUB ACR "/registries", "Microsoft.ContainerRegistry/registries/read", TXN_READ,
	  registries_list, ARM_FILTERED },
	{ "Registries_CheckNameAvailability", HTTP_POST, SUB ACR "/checkNameAvailability",
	  "Microsoft.ContainerRegistry/checkNameAvailability/read", TXN_READ, check_registry_name, 0 },
	{ "Registries_GetOperationStatus", HTTP_GET, REGISTRY "/operationStatuses/{operation}",
	  "Microsoft.ContainerRegistry/registries/operationStatuses/read", TXN_READ, registries_operation_status, 0 },
	{ "Registries_ListCredentials", HTTP_POST, REGISTRY "/listCredentials",
	  "Microsoft.ContainerRegistry/registries/listCredentials/action", TXN_READ, registries_credentials, 0 },
	{ "Registries_RegenerateCredential", HTTP_POST, REGISTRY "/regenerateCredential",
	  "Microsoft.ContainerRegistry/registries/regenerateCredential/action", TXN_READ, registries_credentials, 0 },
	{ "Registries_ListUsages", HTTP_GET, REGISTRY "/listUsages",
	  "Microsoft.ContainerRegistry/registries/listUsages/read", TXN_READ, NULL, 0 },
	{ "Registries_ImportImage", HTTP_POST, REGISTRY "/importImage",
	  "Microsoft.ContainerRegistry/registries/importImage/action", TXN_READ, NULL, 0 },
	{ "Webhooks_All", HTTP_ANY, REGISTRY "/webhooks/{rest*}",
	  "Microsoft.ContainerRegistry/registries/webhooks/write", TXN_READ, NULL, 0 },
	{ "Replications_All", HTTP_ANY, REGISTRY "/replications/{rest*}",
	  "Microsoft.ContainerRegistry/registries/replications/write", TXN_READ, NULL, 0 },
	{ "Tokens_All", HTTP_ANY, REGISTRY "/tokens/{rest*}", "Microsoft.ContainerRegistry/registries/tokens/write",
	  TXN_READ, NULL, 0 },
	{ "ScopeMaps_All", HTTP_ANY, REGISTRY "/scopeMaps/{rest*}",
	  "Microsoft.ContainerRegistry/registries/scopeMaps/write", TXN_READ, NULL, 0 },
	{ "Registries_Parts", HTTP_ANY, REGISTRY "/{part}/{rest*}", "Microsoft.ContainerRegistry/registries/write",
	  TXN_READ, NULL, 0 },
	{ "Registries_Locations", HTTP_ANY, SUB ACR "/locations/{rest*}",
	  "Microsoft.ContainerRegistry/locations/operationResults/read", TXN_READ, NULL, 0 },
	{ "Deployments_AtSubscription", HTTP_ANY, SUB RESOURCES "/deployments/{rest*}",
	  "Microsoft.Resources/deployments/write", TXN_READ, NULL, 0 },
	{ "Deployments_CreateOrUpdate", HTTP_PUT, DEPLOYMENT, "Microsoft.Resources/deployments/write", TXN_READ,
	  deployments_put, ARM_RAW_BODY },
	{ "Deployments_Get", HTTP_GET, DEPLOYMENT, "Microsoft.Resources/deployments/read", TXN_READ, deployments_get,
	  0 },
	{ "Deployments_CheckExistence", HTTP_HEAD, DEPLOYMENT, "Microsoft.Resources/deployments/read", TXN_READ,
	  deployments_head, 0 },
	{ "Deployments_Delete", HTTP_DELETE, DEPLOYMENT, "Microsoft.Resources/deployments/delete", TXN_WRITE,
	  deployments_delete, 0 },
	{ "Deployments_ListByResourceGroup", HTTP_GET, GROUP RESOURCES "/deployments",
	  "Microsoft.Resources/deployments/read", TXN_READ, deployments_list, 0 },
	{ "Deployments_Validate", HTTP_POST, DEPLOYMENT "/validate", "Microsoft.Resources/deployments/validate/action",
	  TXN_READ, deployments_validate, ARM_RAW_BODY },
	{ "Deployments_WhatIf", HTTP_POST, DEPLOYMENT "/whatIf", "Microsoft.Resources/deployments/whatIf/action",
	  TXN_READ, deployments_what_if, ARM_RAW_BODY },
	{ "Deployments_Cancel", HTTP_POST, DEPLOYMENT "/cancel", "Microsoft.Resources/deployments/cancel/action",
	  TXN_READ, deployments_cancel, 0 },
	{ "Deployments_ExportTemplate", HTTP_POST, DEPLOYMENT "/exportTemplate",
	  "Microsoft.Resources/deployments/exportTemplate/action", TXN_READ, deployments_export, 0 },
	{ "Deployments_GetOperationStatus", HTTP_GET, DEPLOYMENT "/operationStatuses/{operation}",
	  "Microsoft.Resources/deployments/operationstatuses/read", TXN_READ, deployments_operation_status, 0 },
	{ "DeploymentOperations_List", HTTP_GET, DEPLOYMENT "/operations",
	  "Microsoft.Resources/deployments/operations/read", TXN_READ, deployment_operations_list, 0 },
	{ "DeploymentOperations_Get", HTTP_GET, DEPLOYMENT "/operations/{operation}",
	  "Microsoft.Resources/deployments/operations/read", TXN_READ, deployment_operations_get, 0 },
	/* The older way to say the same, and the only one for az and the SDKs. */
	{ "DeploymentOperations_ListByResourceGroup", HTTP_GET, GROUP "/deployments/{deployment}/operations",
	  "Microsoft.Resources/deployments/operations/read", TXN_READ, deployment_operations_list, 0 },
	{ "DeploymentOperations_GetByResourceGroup", HTTP_GET, GROUP "/deployments/{deployment}/operations/{operation}",
	  "Microsoft.Resources/deployments/operations/read", TXN_READ, deployment_operations_get, 0 },
	{ "Deployments_OtherAtResourceGroup", HTTP_ANY, GROUP RESOURCES "/deployments/{rest*}",
	  "Microsoft.Resources/deployments/write", TXN_READ, NULL, 0 },
};

const struct arm_row *arm_find_row(const struct http_request *request, struct pool *pool, struct route_match *ret,
				   bool *ret_other_method)
{
	struct route_path path;

	*ret_other_method = false;
	if (route_split(request->path, &path) != FAULT_NONE)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!route_match(rows[i].pattern, &path, pool, ret))
			continue;
		if ((rows[i].methods & request->method) != 0)
			return &rows[i];
		*ret_other_method = true;
	}
	return NULL;
}

const struct arm_row *arm_row_named(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(name, span_cstr(rows[i].name)))
			return &rows[i];
	return NULL;
}

static void print_methods(unsigned methods)
{
	if (methods == HTTP_ANY)
		printf("%-7s", "*");
	for (unsigned m = HTTP_GET; methods != HTTP_ANY && m < HTTP_OTHER; m <<= 1)
		if ((methods & m) != 0)
			printf("%-7s", http_method_name((enum http_method)m));
}

void arm_print_operations(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		printf("arm       %-45s ", rows[i].name);
		print_methods(rows[i].methods);
		printf(" %s  %s%s\n", rows[i].pattern, rows[i].action == NULL ? "(no token)" : rows[i].action,
		       rows[i].handler == NULL		      ? "  (known gap: 501)"
		       : (rows[i].traits & ARM_FILTERED) != 0 ? "  (what may be read)"
							      : "");
	}
}
