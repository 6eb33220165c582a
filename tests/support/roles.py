"""Role assignments for tests: built-in roles by name, and what they allow, read from fixtures/builtin-roles.json alone."""

import json
import re
import uuid
from functools import lru_cache
from pathlib import Path

AUTHORIZATION = "/providers/Microsoft.Authorization"
# Operations of the data plane (fixtures/sources.md#key-actions): permission in an access policy, data action below
# Microsoft.KeyVault/vaults/.
ASKS = {
    "CreateKey": ("create", "keys/create/action"),
    "ImportKey": ("import", "keys/import/action"),
    "GetKey": ("get", "keys/read"),
    "GetKeys": ("list", "keys/read"),
    "GetKeyVersions": ("list", "keys/read"),
    "GetDeletedKey": ("get", "keys/read"),
    "GetDeletedKeys": ("list", "keys/read"),
    "UpdateKey": ("update", "keys/update/action"),
    "DeleteKey": ("delete", "keys/delete"),
    "RecoverDeletedKey": ("recover", "keys/recover/action"),
    "PurgeDeletedKey": ("purge", "keys/purge/action"),
    "BackupKey": ("backup", "keys/backup/action"),
    "RestoreKey": ("restore", "keys/restore/action"),
    "Encrypt": ("encrypt", "keys/encrypt/action"),
    "Decrypt": ("decrypt", "keys/decrypt/action"),
    "WrapKey": ("wrapKey", "keys/wrap/action"),
    "UnwrapKey": ("unwrapKey", "keys/unwrap/action"),
    "Sign": ("sign", "keys/sign/action"),
    "Verify": ("verify", "keys/verify/action"),
    "RotateKey": ("rotate", "keys/rotate/action"),
    "GetKeyRotationPolicy": ("getrotationpolicy", "keyrotationpolicies/read"),
    "UpdateKeyRotationPolicy": ("setrotationpolicy", "keyrotationpolicies/write"),
    "Release": ("release", "keys/release/action"),
}

# Operations of the control plane (fixtures/sources.md#roles): the action that each asks for, below its provider.
_OF_PROVIDERS = {
    "Microsoft.Resources/": {
        "Subscriptions_Get": "subscriptions/read",
        "Subscriptions_ListLocations": "subscriptions/locations/read",
        "Providers_List": "subscriptions/providers/read",
        "Providers_Get": "subscriptions/providers/read",
        "ResourceGroups_CreateOrUpdate": "subscriptions/resourceGroups/write",
        "ResourceGroups_Get": "subscriptions/resourceGroups/read",
        "ResourceGroups_CheckExistence": "subscriptions/resourceGroups/read",
        "ResourceGroups_Update": "subscriptions/resourceGroups/write",
        "ResourceGroups_Delete": "subscriptions/resourceGroups/delete",
        "ResourceGroups_GetOperationResult": "subscriptions/operationresults/read",
        "Deployments_CreateOrUpdate": "deployments/write",
        "Deployments_Get": "deployments/read",
        "Deployments_CheckExistence": "deployments/read",
        "Deployments_Delete": "deployments/delete",
        "Deployments_ListByResourceGroup": "deployments/read",
        "Deployments_Validate": "deployments/validate/action",
        "Deployments_WhatIf": "deployments/whatIf/action",
        "Deployments_Cancel": "deployments/cancel/action",
        "Deployments_ExportTemplate": "deployments/exportTemplate/action",
        "Deployments_GetOperationStatus": "deployments/operationstatuses/read",
        "DeploymentOperations_List": "deployments/operations/read",
        "DeploymentOperations_Get": "deployments/operations/read",
        "DeploymentOperations_ListByResourceGroup": "deployments/operations/read",
        "DeploymentOperations_GetByResourceGroup": "deployments/operations/read",
    },
    "Microsoft.Authorization/": {
        "RoleDefinitions_List": "roleDefinitions/read",
        "RoleDefinitions_Get": "roleDefinitions/read",
        "RoleDefinitions_CreateOrUpdate": "roleDefinitions/write",
        "RoleDefinitions_Delete": "roleDefinitions/delete",
        "RoleAssignments_ListForScope": "roleAssignments/read",
        "RoleAssignments_Get": "roleAssignments/read",
        "RoleAssignments_Create": "roleAssignments/write",
        "RoleAssignments_Delete": "roleAssignments/delete",
        "DenyAssignments_ListForScope": "denyAssignments/read",
        "DenyAssignments_Get": "denyAssignments/read",
        "DenyAssignments_Create": "denyAssignments/write",
    },
    "Microsoft.KeyVault/": {
        "Providers_Register": "register/action",  # of the namespace in the path
        "Vaults_CreateOrUpdate": "vaults/write",
        "Vaults_Get": "vaults/read",
        "Vaults_Update": "vaults/write",
        "Vaults_Delete": "vaults/delete",
        "Vaults_UpdateAccessPolicy": "vaults/accessPolicies/write",
        "Vaults_ListDeleted": "deletedVaults/read",
        "Vaults_GetDeleted": "locations/deletedVaults/read",
        "Vaults_PurgeDeleted": "locations/deletedVaults/purge/action",
        "Vaults_GetOperationResult": "locations/operationResults/read",
        "Vaults_CheckNameAvailability": "checkNameAvailability/read",
        "ManagedHsms_CheckMhsmNameAvailability": "checkMhsmNameAvailability/read",
        "ManagedHsms_ListBySubscription": "managedHSMs/read",
        "ManagedHsms_ListByResourceGroup": "managedHSMs/read",
        "ManagedHsms_ListDeleted": "deletedManagedHSMs/read",
        "Keys_CreateIfNotExist": "vaults/keys/write",
        "Keys_Get": "vaults/keys/read",
        "Keys_List": "vaults/keys/read",
        "Keys_GetVersion": "vaults/keys/versions/read",
        "Keys_ListVersions": "vaults/keys/versions/read",
    },
    "Microsoft.ManagedIdentity/": {
        "UserAssignedIdentities_CreateOrUpdate": "userAssignedIdentities/write",
        "UserAssignedIdentities_Get": "userAssignedIdentities/read",
        "UserAssignedIdentities_Update": "userAssignedIdentities/write",
        "UserAssignedIdentities_Delete": "userAssignedIdentities/delete",
        "UserAssignedIdentities_ListAssociatedResources": "userAssignedIdentities/listAssociatedResources/action",
        "FederatedIdentityCredentials_CreateOrUpdate": "userAssignedIdentities/federatedIdentityCredentials/write",
        "FederatedIdentityCredentials_Get": "userAssignedIdentities/federatedIdentityCredentials/read",
        "FederatedIdentityCredentials_Delete": "userAssignedIdentities/federatedIdentityCredentials/delete",
        "FederatedIdentityCredentials_List": "userAssignedIdentities/federatedIdentityCredentials/read",
        "SystemAssignedIdentities_GetByScope": "identities/read",
    },
    "Microsoft.Compute/": {
        "VirtualMachines_Get": "virtualMachines/read",
        "VirtualMachines_Update": "virtualMachines/write",
    },
    "Microsoft.ContainerRegistry/": {
        "Registries_Create": "registries/write",
        "Registries_Get": "registries/read",
        "Registries_Update": "registries/write",
        "Registries_Delete": "registries/delete",
        "Registries_CheckNameAvailability": "checkNameAvailability/read",
        "Registries_GetOperationStatus": "registries/operationStatuses/read",
        "Registries_ListCredentials": "registries/listCredentials/action",
        "Registries_RegenerateCredential": "registries/regenerateCredential/action",
    },
}
ASKS_ARM = {name: provider + action for provider, of in _OF_PROVIDERS.items() for name, action in of.items()}
# Lists that nobody is refused: they show what the caller may read, be it nothing.
WHAT_MAY_BE_READ = {
    "Tenants_List", "Subscriptions_List", "ResourceGroups_List", "Resources_List", "Resources_ListByResourceGroup",
    "Vaults_ListByResourceGroup", "Vaults_ListBySubscription", "UserAssignedIdentities_ListByResourceGroup",
    "UserAssignedIdentities_ListBySubscription", "Registries_ListByResourceGroup", "Registries_List"}

ROLES_FILE = Path(__file__).resolve().parents[2] / "fixtures" / "builtin-roles.json"


@lru_cache(maxsize=None)
def builtin():
    """{role name: the file's entry}."""
    return {role["roleName"]: role for role in json.loads(ROLES_FILE.read_text())["roles"]}


def matches(pattern, action):
    """A star stands for any text, slashes included; without case."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), action, re.IGNORECASE) is not None


def allows(role, action, data=False):
    """Whether a built-in role has the action; what it has under a condition only, nobody can tell, so it has not."""
    has, has_not = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return any(any(matches(p, action) for p in one[has]) and not any(matches(p, action) for p in one[has_not])
               and not one["condition"] for one in builtin()[role]["permissions"])


def role_id(sandbox, role):
    """The resource id of a role: of a built-in one by name, of any by GUID."""
    guid = builtin()[role]["name"] if role in builtin() else role
    return f"/subscriptions/{sandbox.endpoints['subscription']}{AUTHORIZATION}/roleDefinitions/{guid}"


def assignment_path(scope, name):
    return f"{scope}{AUTHORIZATION}/roleAssignments/{name}"


def put_assignment(sandbox, scope, role, oid, name=None, **more):
    """PUT of an assignment; more: properties, and token=, api_version= of the request. (name, answer)."""
    name = name or str(uuid.uuid4())
    request = {k: more.pop(k) for k in ("token", "api_version") if k in more}
    body = {"properties": {"roleDefinitionId": role_id(sandbox, role), "principalId": oid, **more}}
    return name, sandbox.arm("PUT", assignment_path(scope, name), body, **request)


def grant(sandbox, scope, role, oid, **more):
    """Gives a role, as the administrator: what the control plane says of the assignment."""
    return put_assignment(sandbox, scope, role, oid, principalType="ServicePrincipal", **more)[1].ok(201).json()


def revoke(sandbox, assignment):
    return sandbox.arm("DELETE", assignment["id"]).ok()


def group_scope(group):
    return "{sub}/resourceGroups/" + group
