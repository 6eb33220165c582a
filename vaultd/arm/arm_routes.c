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
#define VM "/providers/Microsoft.Compute/virtualMachines"
/* At every scope: of the tenant, a subscription, a group, a resource, and what lies below it. */
#define AUTHORIZATION "/{scope*}/providers/Microsoft.Authorization"
#define ACR "/providers/Microsoft.ContainerRegistry/{rest*}"
#define DEPLOYMENTS "/providers/Microsoft.Resources/deployments/{rest*}"

enum { HTTP_ANY = 0xff };

/* The first fitting row answers: gaps that take the rest of a path stand behind the rows they would swallow. */
static const struct arm_row rows[] = {
	{ "Cloud_GetEndpoints", HTTP_GET, "/metadata/endpoints", NULL, TXN_READ, cloud_endpoints_get, false },
	{ "Tenants_List", HTTP_GET, "/tenants", "Microsoft.Resources/tenants/read", TXN_READ, tenants_list, true },
	{ "Subscriptions_List", HTTP_GET, "/subscriptions", "Microsoft.Resources/subscriptions/read", TXN_READ,
	  subscriptions_list, true },
	{ "Subscriptions_Get", HTTP_GET, SUB, "Microsoft.Resources/subscriptions/read", TXN_READ, subscriptions_get,
	  false },
	{ "Subscriptions_ListLocations", HTTP_GET, SUB "/locations", "Microsoft.Resources/subscriptions/locations/read",
	  TXN_READ, subscriptions_list_locations, false },
	{ "Providers_List", HTTP_GET, SUB "/providers", "Microsoft.Resources/subscriptions/providers/read", TXN_READ,
	  providers_list, false },
	{ "Providers_Get", HTTP_GET, SUB "/providers/{namespace}", "Microsoft.Resources/subscriptions/providers/read",
	  TXN_READ, providers_get, false },
	{ "Providers_Register", HTTP_POST, SUB "/providers/{namespace}/register",
	  "Microsoft.Resources/subscriptions/providers/register/action", TXN_READ, providers_register, false },
	{ "Providers_Unregister", HTTP_POST, SUB "/providers/{namespace}/unregister",
	  "Microsoft.Resources/subscriptions/providers/unregister/action", TXN_READ, NULL, false },

	{ "ResourceGroups_CreateOrUpdate", HTTP_PUT, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/write",
	  TXN_WRITE, resource_groups_put, false },
	{ "ResourceGroups_Get", HTTP_GET, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read", TXN_READ,
	  resource_groups_get, false },
	{ "ResourceGroups_CheckExistence", HTTP_HEAD, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read",
	  TXN_READ, resource_groups_head, false },
	{ "ResourceGroups_Update", HTTP_PATCH, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/write",
	  TXN_WRITE, resource_groups_patch, false },
	{ "ResourceGroups_Delete", HTTP_DELETE, GROUP, "Microsoft.Resources/subscriptions/resourceGroups/delete",
	  TXN_WRITE, resource_groups_delete, false },
	{ "ResourceGroups_List", HTTP_GET, SUB "/resourceGroups",
	  "Microsoft.Resources/subscriptions/resourceGroups/read", TXN_READ, resource_groups_list, true },
	{ "ResourceGroups_GetOperationResult", HTTP_GET, SUB "/operationresults/{operation}",
	  "Microsoft.Resources/subscriptions/operationresults/read", TXN_READ, resource_groups_operation_result,
	  false },
	{ "Resources_List", HTTP_GET, SUB "/resources", "Microsoft.Resources/subscriptions/resources/read", TXN_READ,
	  resources_list, true },
	{ "Resources_ListByResourceGroup", HTTP_GET, GROUP "/resources",
	  "Microsoft.Resources/subscriptions/resourceGroups/resources/read", TXN_READ, resources_list, true },

	/* Before whatever takes the rest of a path: they stand below everything. */
	{ "RoleDefinitions_List", HTTP_GET, AUTHORIZATION "/roleDefinitions",
	  "Microsoft.Authorization/roleDefinitions/read", TXN_READ, role_definitions_list, false },
	{ "RoleDefinitions_Get", HTTP_GET, AUTHORIZATION "/roleDefinitions/{role}",
	  "Microsoft.Authorization/roleDefinitions/read", TXN_READ, role_definitions_get, false },
	{ "RoleDefinitions_CreateOrUpdate", HTTP_PUT, AUTHORIZATION "/roleDefinitions/{role}",
	  "Microsoft.Authorization/roleDefinitions/write", TXN_WRITE, role_definitions_put, false },
	{ "RoleDefinitions_Delete", HTTP_DELETE, AUTHORIZATION "/roleDefinitions/{role}",
	  "Microsoft.Authorization/roleDefinitions/delete", TXN_WRITE, role_definitions_delete, false },
	{ "RoleAssignments_ListForScope", HTTP_GET, AUTHORIZATION "/roleAssignments",
	  "Microsoft.Authorization/roleAssignments/read", TXN_READ, role_assignments_list, false },
	{ "RoleAssignments_Get", HTTP_GET, AUTHORIZATION "/roleAssignments/{assignment}",
	  "Microsoft.Authorization/roleAssignments/read", TXN_READ, role_assignments_get, false },
	{ "RoleAssignments_Create", HTTP_PUT, AUTHORIZATION "/roleAssignments/{assignment}",
	  "Microsoft.Authorization/roleAssignments/write", TXN_WRITE, role_assignments_put, false },
	{ "RoleAssignments_Delete", HTTP_DELETE, AUTHORIZATION "/roleAssignments/{assignment}",
	  "Microsoft.Authorization/roleAssignments/delete", TXN_WRITE, role_assignments_delete, false },
	{ "DenyAssignments_ListForScope", HTTP_GET, AUTHORIZATION "/denyAssignments",
	  "Microsoft.Authorization/denyAssignments/read", TXN_READ, deny_assignments_list, false },
	{ "DenyAssignments_Get", HTTP_GET, AUTHORIZATION "/denyAssignments/{assignment}",
	  "Microsoft.Authorization/denyAssignments/read", TXN_READ, deny_assignments_get, false },
	{ "Authorization_Other", HTTP_ANY, AUTHORIZATION "/{rest*}", "Microsoft.Authorization/write", TXN_READ, NULL,
	  false },

	{ "Vaults_CreateOrUpdate", HTTP_PUT, VAULT, "Microsoft.KeyVault/vaults/write", TXN_WRITE, vaults_put, false },
	{ "Vaults_Get", HTTP_GET, VAULT, "Microsoft.KeyVault/vaults/read", TXN_READ, vaults_get, false },
	{ "Vaults_Update", HTTP_PATCH, VAULT, "Microsoft.KeyVault/vaults/write", TXN_WRITE, vaults_patch, false },
	{ "Vaults_Delete", HTTP_DELETE, VAULT, "Microsoft.KeyVault/vaults/delete", TXN_WRITE, vaults_delete, false },
	{ "Vaults_ListByResourceGroup", HTTP_GET, GROUP KV "/vaults", "Microsoft.KeyVault/vaults/read", TXN_READ,
	  vaults_list, true },
	{ "Vaults_ListBySubscription", HTTP_GET, SUB KV "/vaults", "Microsoft.KeyVault/vaults/read", TXN_READ,
	  vaults_list, true },
	{ "Vaults_UpdateAccessPolicy", HTTP_PUT, VAULT "/accessPolicies/{operation}",
	  "Microsoft.KeyVault/vaults/accessPolicies/write", TXN_WRITE, vault_access_policies_put, false },
	{ "Vaults_ListDeleted", HTTP_GET, SUB KV "/deletedVaults", "Microsoft.KeyVault/deletedVaults/read", TXN_READ,
	  deleted_vaults_list, false },
	{ "Vaults_GetDeleted", HTTP_GET, SUB KV "/locations/{location}/deletedVaults/{vault}",
	  "Microsoft.KeyVault/locations/deletedVaults/read", TXN_READ, deleted_vaults_get, false },
	{ "Vaults_PurgeDeleted", HTTP_POST, SUB KV "/locations/{location}/deletedVaults/{vault}/purge",
	  "Microsoft.KeyVault/locations/deletedVaults/purge/action", TXN_WRITE, deleted_vaults_purge, false },
	{ "Vaults_GetOperationResult", HTTP_GET, SUB KV "/locations/{location}/operationResults/{operation}",
	  "Microsoft.KeyVault/locations/operationResults/read", TXN_READ, deleted_vaults_operation_result, false },
	{ "Vaults_CheckNameAvailability", HTTP_POST, SUB KV "/checkNameAvailability",
	  "Microsoft.KeyVault/checkNameAvailability/read", TXN_READ, check_vault_name, false },
	{ "ManagedHsms_ListBySubscription", HTTP_GET, SUB KV "/managedHSMs", "Microsoft.KeyVault/managedHSMs/read",
	  TXN_READ, managed_hsms_list, false },
	{ "ManagedHsms_ListByResourceGroup", HTTP_GET, GROUP KV "/managedHSMs", "Microsoft.KeyVault/managedHSMs/read",
	  TXN_READ, managed_hsms_list, false },
	{ "ManagedHsms_ListDeleted", HTTP_GET, SUB KV "/deletedManagedHSMs",
	  "Microsoft.KeyVault/deletedManagedHSMs/read", TXN_READ, managed_hsms_list, false },
	{ "ManagedHsms_One", HTTP_ANY, GROUP KV "/managedHSMs/{rest*}", "Microsoft.KeyVault/managedHSMs/write",
	  TXN_READ, NULL, false },
	{ "ManagedHsms_Deleted", HTTP_ANY, SUB KV "/locations/{location}/deletedManagedHSMs/{rest*}",
	  "Microsoft.KeyVault/locations/deletedManagedHSMs/read", TXN_READ, NULL, false },
	{ "Vaults_Keys", HTTP_ANY, VAULT "/keys/{rest*}", "Microsoft.KeyVault/vaults/keys/write", TXN_READ, NULL,
	  false },
	{ "Vaults_Secrets", HTTP_ANY, VAULT "/secrets/{rest*}", "Microsoft.KeyVault/vaults/secrets/write", TXN_READ,
	  NULL, false },
	{ "Vaults_PrivateEndpointConnections", HTTP_ANY, VAULT "/privateEndpointConnections/{rest*}",
	  "Microsoft.KeyVault/vaults/privateEndpointConnections/write", TXN_READ, NULL, false },
	{ "Vaults_PrivateLinkResources", HTTP_GET, VAULT "/privateLinkResources",
	  "Microsoft.KeyVault/vaults/privateLinkResources/read", TXN_READ, NULL, false },

	{ "UserAssignedIdentities_CreateOrUpdate", HTTP_PUT, IDENTITY,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/write", TXN_WRITE, identities_put, false },
	{ "UserAssignedIdentities_Get", HTTP_GET, IDENTITY, "Microsoft.ManagedIdentity/userAssignedIdentities/read",
	  TXN_READ, identities_get, false },
	{ "UserAssignedIdentities_Update", HTTP_PATCH, IDENTITY,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/write", TXN_WRITE, identities_patch, false },
	{ "UserAssignedIdentities_Delete", HTTP_DELETE, IDENTITY,
	  "Microsoft.ManagedIdentity/userAssignedIdentities/delete", TXN_WRITE, identities_delete, false },
	{ "UserAssignedIdentities_ListByResourceGroup", HTTP_GET, GROUP MSI "/userAssignedIdentities",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/read", TXN_READ, identities_list, true },
	{ "UserAssignedIdentities_ListBySubscription", HTTP_GET, SUB MSI "/userAssignedIdentities",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/read", TXN_READ, identities_list, true },
	{ "UserAssignedIdentities_ListAssociatedResources", HTTP_POST, IDENTITY "/listAssociatedResources",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/listAssociatedResources/action", TXN_READ,
	  identities_list_associated, false },
	{ "FederatedIdentityCredentials_One", HTTP_ANY, IDENTITY "/federatedIdentityCredentials/{rest*}",
	  "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", TXN_READ, NULL,
	  false },
	{ "SystemAssignedIdentities_GetByScope", HTTP_GET, ANY_RESOURCE MSI "/identities/default",
	  "Microsoft.ManagedIdentity/identities/read", TXN_READ, system_identities_get, false },

	{ "VirtualMachines_Get", HTTP_GET, GROUP VM "/{vm}", "Microsoft.Compute/virtualMachines/read", TXN_READ,
	  virtual_machines_get, false },
	{ "VirtualMachines_Update", HTTP_PATCH, GROUP VM "/{vm}", "Microsoft.Compute/virtualMachines/write", TXN_WRITE,
	  virtual_machines_patch, false },
	{ "VirtualMachines_CreateOrDelete", HTTP_PUT | HTTP_DELETE, GROUP VM "/{vm}",
	  "Microsoft.Compute/virtualMachines/write", TXN_READ, NULL, false },
	{ "VirtualMachines_ListByResourceGroup", HTTP_GET, GROUP VM, "Microsoft.Compute/virtualMachines/read", TXN_READ,
	  NULL, false },
	{ "VirtualMachines_ListBySubscription", HTTP_GET, SUB VM, "Microsoft.Compute/virtualMachines/read", TXN_READ,
	  NULL, false },

	{ "Registries_AtSubscription", HTTP_ANY, SUB ACR, "Microsoft.ContainerRegistry/registries/write", TXN_READ,
	  NULL, false },
	{ "Registries_AtResourceGroup", HTTP_ANY, GROUP ACR, "Microsoft.ContainerRegistry/registries/write", TXN_READ,
	  NULL, false },
	{ "Deployments_AtSubscription", HTTP_ANY, SUB DEPLOYMENTS, "Microsoft.Resources/deployments/write", TXN_READ,
	  NULL, false },
	{ "Deployments_AtResourceGroup", HTTP_ANY, GROUP DEPLOYMENTS, "Microsoft.Resources/deployments/write", TXN_READ,
	  NULL, false },
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
		       rows[i].handler == NULL ? "  (known gap: 501)"
		       : rows[i].is_filtered   ? "  (what may be read)"
					       : "");
	}
}
