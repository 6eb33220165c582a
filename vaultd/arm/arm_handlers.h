#ifndef SANDVAULT_VAULTD_ARM_ARM_HANDLERS_H
#define SANDVAULT_VAULTD_ARM_ARM_HANDLERS_H

/* Every handler the rows of arm_routes.c name; one file per provider or resource. */

#include "vaultd/arm/arm.h"

/* tenants.c, subscriptions.c, providers.c, cloud.c */
arm_handler tenants_list;
arm_handler subscriptions_list, subscriptions_get, subscriptions_list_locations;
arm_handler providers_list, providers_get, providers_register;
arm_handler cloud_endpoints_get;

/* resource_groups.c, resources.c */
arm_handler resource_groups_put, resource_groups_get, resource_groups_head, resource_groups_patch;
arm_handler resource_groups_delete, resource_groups_list, operation_results_get;
arm_handler resources_list;

/* vaults.c, vault_access_policies.c, deleted_vaults.c, check_name.c, managed_hsms.c */
arm_handler vaults_put, vaults_get, vaults_patch, vaults_delete, vaults_list;
arm_handler vault_access_policies_put;
arm_handler vault_keys_put, vault_keys_get, vault_keys_list, vault_key_versions_get, vault_key_versions_list;
arm_handler deleted_vaults_list, deleted_vaults_get, deleted_vaults_purge, deleted_vaults_operation_result;
arm_handler check_vault_name;
arm_handler check_managed_hsm_name;
arm_handler managed_hsms_list;

/* identities.c, identity_users.c, federated_credentials.c, system_identities.c, compute.c */
arm_handler identities_put, identities_get, identities_patch, identities_delete, identities_list;
arm_handler identities_list_associated;
arm_handler federated_credentials_put, federated_credentials_get, federated_credentials_delete;
arm_handler federated_credentials_list;
arm_handler system_identities_get;
arm_handler virtual_machines_get, virtual_machines_patch;

/* registries.c, registry_operation.c, registry_credentials.c, check_name.c */
arm_handler registries_put, registries_get, registries_patch, registries_delete, registries_list;
arm_handler registries_operation_status, registries_credentials;
arm_handler check_registry_name;

/* role_definitions.c, role_definition_put.c, role_assignments.c, role_assignment_put.c, deny_assignments.c */
arm_handler role_definitions_list, role_definitions_get, role_definitions_put, role_definitions_delete;
arm_handler role_assignments_list, role_assignments_get, role_assignments_put, role_assignments_delete;
arm_handler deny_assignments_list, deny_assignments_get, deny_assignments_put;

arm_handler deployments_put, deployments_get, deployments_head, deployments_delete, deployments_list,
	deployments_validate, deployments_what_if, deployments_cancel, deployments_export, deployments_operation_status,
	deployment_operations_list, deployment_operations_get;

#endif
