"""A vault that asks for roles: what the SDK meets without one, with one, with one for a single key, when it is gone.

Roles are given and taken through the control plane; the clients of the vault are never made anew for it.
"""

import uuid

import pytest
from azure.keyvault.keys import KeyClient, KeyRotationPolicy
from azure.keyvault.keys.crypto import CryptographyClient, KeyWrapAlgorithm
from control import Control
from roles import AUTHORIZATION, grant, revoke
from test_errors import refusal
from test_keys import ec_jwk

ENCRYPTION_USER = "Key Vault Crypto Service Encryption User"
OAEP = KeyWrapAlgorithm.rsa_oaep_256


@pytest.fixture(scope="module")
def vault(sandbox):
    """The administrator alone has a role in it, for everything with keys. Its access policies count for nothing."""
    made = sandbox.create_vault("sdkpythonrbac", enableRbacAuthorization=True)
    grant(sandbox, made.path, "Key Vault Administrator", sandbox.admin_oid)
    return made


@pytest.fixture(scope="module")
def officer(vault, admin):
    with KeyClient(vault.url, admin) as c:
        yield c


@pytest.fixture
def identity(sandbox):
    return sandbox.create_identity()


@pytest.fixture
def credential(world, identity):
    return world.managed_identity(identity)


@pytest.fixture
def caller(vault, credential):
    with KeyClient(vault.url, credential) as c:
        yield c


@pytest.fixture
def key(officer, name):
    return officer.create_rsa_key(name)


def resource_of(sandbox, vault, name=None):
    path = vault.path.replace("{sub}", f"/subscriptions/{sandbox.endpoints['subscription']}")
    return (path + (f"/keys/{name}" if name else "")).lower()


def assert_forbidden(call):
    status, code, inner, message = refusal(call)
    assert (status, code, inner) == (403, "Forbidden", "ForbiddenByRbac")
    return message


# What is called, and its action below Microsoft.KeyVault/vaults/.
OF_A_KEY = {
    "get": ("keys/read", lambda c, n: c.get_key(n)),
    "versions": ("keys/read", lambda c, n: list(c.list_properties_of_key_versions(n))),
    "create": ("keys/create/action", lambda c, n: c.create_ec_key(n)),
    "import": ("keys/import/action", lambda c, n: c.import_key(n, ec_jwk("P-256"))),
    "update": ("keys/update/action", lambda c, n: c.update_key_properties(n, enabled=False)),
    "delete": ("keys/delete", lambda c, n: c.begin_delete_key(n)),
    "get deleted": ("keys/read", lambda c, n: c.get_deleted_key(n)),
    "recover": ("keys/recover/action", lambda c, n: c.begin_recover_deleted_key(n)),
    "purge": ("keys/purge/action", lambda c, n: c.purge_deleted_key(n)),
    "backup": ("keys/backup/action", lambda c, n: c.backup_key(n)),
    "rotate": ("keys/rotate/action", lambda c, n: c.rotate_key(n)),
    "get rotation policy": ("keyrotationpolicies/read", lambda c, n: c.get_key_rotation_policy(n)),
    "update rotation policy": ("keyrotationpolicies/write",
                               lambda c, n: c.update_key_rotation_policy(n, KeyRotationPolicy())),
    "encrypt": ("keys/encrypt/action", lambda c, n: c.get_cryptography_client(n).encrypt("RSA-OAEP", b"p")),
    "decrypt": ("keys/decrypt/action", lambda c, n: c.get_cryptography_client(n).decrypt("RSA-OAEP", b"c" * 256)),
    "wrap": ("keys/wrap/action", lambda c, n: c.get_cryptography_client(n).wrap_key(OAEP, b"k" * 32)),
    "unwrap": ("keys/unwrap/action", lambda c, n: c.get_cryptography_client(n).unwrap_key(OAEP, b"c" * 256)),
    "sign": ("keys/sign/action", lambda c, n: c.get_cryptography_client(n).sign("RS256", b"d" * 32)),
    "verify": ("keys/verify/action",
               lambda c, n: c.get_cryptography_client(n).verify("RS256", b"d" * 32, b"s" * 256)),
}
OF_THE_VAULT = {
    "list": ("keys/read", lambda c: list(c.list_properties_of_keys())),
    "list deleted": ("keys/read", lambda c: list(c.list_deleted_keys())),
    "restore": ("keys/restore/action", lambda c: c.restore_key_backup(b"backup")),
}


def assert_says(message, vault, identity, action, resource):
    lines = message.split("\r\n")
    assert lines[0] == "Caller is not authorized to perform action on resource."
    assert lines[2].startswith(f"Caller: appid={identity['client_id']};oid={identity['oid']};iss=")
    assert lines[3:] == [
        f"Action: 'Microsoft.KeyVault/vaults/{action}'", f"Resource: '{resource}'", "Assignment: (not found)",
        "DenyAssignmentId: null", "DecisionReason: null ", f"Vault: {vault.name};location={vault.location}", ""]


@pytest.mark.parametrize("operation", OF_A_KEY)
def test_without_a_role(sandbox, vault, officer, identity, caller, key, operation):
    action, call = OF_A_KEY[operation]
    message = assert_forbidden(lambda: call(caller, key.name))
    assert_says(message, vault, identity, action, resource_of(sandbox, vault, key.name))
    assert officer.get_key(key.name).id == key.id


@pytest.mark.parametrize("operation", OF_THE_VAULT)
def test_without_a_role_in_the_vault(sandbox, vault, identity, caller, operation):
    action, call = OF_THE_VAULT[operation]
    message = assert_forbidden(lambda: call(caller))
    assert message.split("\r\n")[3] == f"Action: 'Microsoft.KeyVault/vaults/{action}'"
    if operation != "restore":
        assert_says(message, vault, identity, action, resource_of(sandbox, vault))


def test_the_check_comes_before_the_key(officer, caller, name):
    """Who may not look does not learn whether it is there."""
    assert "keys/read" in assert_forbidden(lambda: caller.get_key(name))
    assert name not in [p.name for p in officer.list_properties_of_keys()]


def test_owner_of_the_control_plane_may_nothing_with_keys(sandbox, admin, name):
    """The administrator owns the subscription: that is no right to data."""
    closed = sandbox.create_vault(enableRbacAuthorization=True)
    with KeyClient(closed.url, admin) as c:
        assert "keys/create/action" in assert_forbidden(lambda: c.create_ec_key(name))


def test_encryption_user(sandbox, vault, identity, credential, caller, key):
    """What a service gets for a customer's key: it looks at it, wraps and unwraps, and no more."""
    grant(sandbox, vault.path, ENCRYPTION_USER, identity["oid"])
    assert caller.get_key(key.name).id == key.id
    crypto = CryptographyClient(key.id, credential)
    wrapped = crypto.wrap_key(OAEP, b"data key")
    assert crypto.unwrap_key(OAEP, wrapped.encrypted_key).key == b"data key"
    for operation, (action, call) in OF_A_KEY.items():
        # The SDK encrypts and verifies by itself with the public half that it may read.
        if action in ("keys/read", "keys/wrap/action", "keys/unwrap/action") or operation in ("encrypt", "verify"):
            continue
        assert f"vaults/{action}'" in assert_forbidden(lambda: call(caller, key.name)), operation


def test_wrapping_in_the_vault(sandbox, vault, identity, credential, caller, key):
    """A custom role without read: the SDK gets no public key and leaves wrapping, too, to the vault."""
    actions = [f"Microsoft.KeyVault/vaults/keys/{a}/action" for a in ("wrap", "unwrap")]
    guid, at = str(uuid.uuid4()), vault.path.partition("/providers/")[0]
    scope = at.replace("{sub}", f"/subscriptions/{sandbox.endpoints['subscription']}")
    sandbox.arm("PUT", f"{at}{AUTHORIZATION}/roleDefinitions/{guid}", {"properties": {
        "roleName": f"Wrapper {guid}", "type": "CustomRole", "assignableScopes": [scope],
        "permissions": [{"actions": [], "notActions": [], "dataActions": actions, "notDataActions": []}]}}).ok(201)
    crypto = CryptographyClient(key.id, credential)
    assert "keys/wrap/action" in assert_forbidden(lambda: crypto.wrap_key(OAEP, b"data key"))
    grant(sandbox, vault.path, guid, identity["oid"])
    wrapped = crypto.wrap_key(OAEP, b"data key")
    assert wrapped.key_id == key.id
    assert crypto.unwrap_key(OAEP, wrapped.encrypted_key).key == b"data key"
    assert "keys/read" in assert_forbidden(lambda: caller.get_key(key.name))


def test_role_for_a_single_key(sandbox, vault, officer, identity, credential, caller, key):
    other = officer.create_rsa_key(key.name + "-2")
    grant(sandbox, f"{vault.path}/keys/{key.name}", ENCRYPTION_USER, identity["oid"])
    crypto = CryptographyClient(key.id, credential)
    assert crypto.unwrap_key(OAEP, crypto.wrap_key(OAEP, b"data key").encrypted_key).key == b"data key"
    assert [p.id for p in caller.list_properties_of_key_versions(key.name)] == [key.id]
    # A further version is the same key.
    second = officer.create_rsa_key(key.name)
    assert caller.get_key(key.name).id == second.id

    message = assert_forbidden(lambda: caller.get_key(other.name))
    assert f"Resource: '{resource_of(sandbox, vault, other.name)}'" in message
    assert_forbidden(lambda: CryptographyClient(other.id, credential).unwrap_key(OAEP, b"c" * 256))
    message = assert_forbidden(lambda: list(caller.list_properties_of_keys()))
    assert f"Resource: '{resource_of(sandbox, vault)}'" in message


@pytest.mark.parametrize("where", ["vault", "key"])
def test_role_removed(sandbox, vault, identity, credential, caller, key, where):
    """The next request is refused: neither the token nor the client is new."""
    scope = vault.path if where == "vault" else f"{vault.path}/keys/{key.name}"
    given = grant(sandbox, scope, ENCRYPTION_USER, identity["oid"])
    crypto = CryptographyClient(key.id, credential)
    wrapped = crypto.wrap_key(OAEP, b"data key").encrypted_key
    assert crypto.unwrap_key(OAEP, wrapped).key == b"data key"

    revoke(sandbox, given)
    assert "keys/unwrap/action" in assert_forbidden(lambda: crypto.unwrap_key(OAEP, wrapped))
    assert "keys/read" in assert_forbidden(lambda: caller.get_key(key.name))
    grant(sandbox, scope, ENCRYPTION_USER, identity["oid"])
    assert crypto.unwrap_key(OAEP, wrapped).key == b"data key"


def test_deny_assignment_wins(sandbox, vault, identity, caller, key):
    grant(sandbox, vault.path, "Key Vault Administrator", identity["oid"])
    caller.get_key(key.name)
    control = Control(sandbox)
    denied = control.call("POST", "/denyAssignments", {
        "denyAssignmentName": "keep out", "scope": resource_of(sandbox, vault), "principals": [{"id": identity["oid"]}],
        "permissions": [{"dataActions": ["Microsoft.KeyVault/vaults/keys/read"]}]})
    message = assert_forbidden(lambda: caller.get_key(key.name))
    assert f"DenyAssignmentId: '{denied['name']}'\r\nDecisionReason: 'DeniedByDenyAssignment' \r\n" in message
    control.call("DELETE", f"/denyAssignments?id={denied['name']}")
    assert caller.get_key(key.name).id == key.id


def test_access_policies_do_not_count(sandbox, identity, credential, name):
    """Nor do roles where access policies do: the switch of the vault says which refusal it is, and at once."""
    made = sandbox.create_vault(policies={identity["oid"]: ["all"]}, enableRbacAuthorization=False)
    with KeyClient(made.url, credential) as c:
        key = c.create_ec_key(name)
        sandbox.arm("PATCH", made.path, {"properties": {"enableRbacAuthorization": True}}).ok()
        assert_forbidden(lambda: c.get_key(name))
        grant(sandbox, made.path, "Key Vault Crypto User", identity["oid"])
        assert c.get_key(name).id == key.id
        sandbox.arm("PATCH", made.path,
                    {"properties": {"enableRbacAuthorization": False, "accessPolicies": []}}).ok()
        status, code, inner, message = refusal(lambda: c.get_key(name))
    assert (status, code, inner) == (403, "Forbidden", "AccessDenied")
    assert "does not have keys get permission" in message
