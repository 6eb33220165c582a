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
