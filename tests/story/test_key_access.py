"""Access policies, to the letter of the denial."""

import pytest
from sandbox import b64u
from stories import story

LINK = "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"
CIPHER = {"alg": "RSA-OAEP", "value": "AAAA"}
# Permission, method, path, body. Every path is one that exists, so that only the permission is missing.
OPERATIONS = {
    "get": ("GET", "/keys/k1", None),
    "list": ("GET", "/keys", None),
    "create": ("POST", "/keys/k2/create", {"kty": "EC"}),
    "import": ("PUT", "/keys/k2", {"key": {}}),
    "update": ("PATCH", "/keys/k1/", {"tags": {}}),
    "delete": ("DELETE", "/keys/k1", None),
    "recover": ("POST", "/deletedkeys/d1/recover", None),
    "purge": ("DELETE", "/deletedkeys/d1", None),
    "encrypt": ("POST", "/keys/k1/encrypt", CIPHER),
    "decrypt": ("POST", "/keys/k1/decrypt", CIPHER),
    "wrapKey": ("POST", "/keys/k1/wrapkey", CIPHER),
    "unwrapKey": ("POST", "/keys/k1/unwrapkey", CIPHER),
    "sign": ("POST", "/keys/k1/sign", {"alg": "RS256", "value": b64u(bytes(32))}),
    "verify": ("POST", "/keys/k1/verify", {"alg": "RS256", "value": "AAAA", "digest": b64u(bytes(32))}),
    "backup": ("POST", "/keys/k1/backup", None),
    "restore": ("POST", "/keys/restore", {"value": "AAAA"}),
}
ALSO = [("get", "GET", "/deletedkeys/d1"), ("list", "GET", "/keys/k1/versions"), ("list", "GET", "/deletedkeys")]


@pytest.fixture
def furnished(sandbox, identity):
    """A vault with key k1, deleted key d1, and no permission for the identity."""
    vault = sandbox.create_vault()
    vault.create_key("k1", kty="RSA")
    vault.create_key("d1")
    vault.kv("DELETE", "/keys/d1").ok()
    return vault


def grant(vault, identity, permissions):
    """Leaves the identity with exactly these."""
    sandbox = vault.sandbox
    body = {"properties": {"accessPolicies": [sandbox.policy(identity["oid"], permissions)]}}
    answer = sandbox.arm("PUT", vault.path + "/accessPolicies/replace", body)
    assert answer.status in (200, 201), repr(answer)


def denial(vault, identity, permission):
    tenant = vault.sandbox.endpoints["tenant"]
    mirid = identity["id"]
    who = f"appid={identity['client_id']};oid={identity['oid']};iss=https://sts.windows.net/{tenant}/"
    tail = (
        f"' does not have keys {permission} permission on key vault '{vault.name};location={vault.location}'. " + LINK
    )
    return "The user, group or application '" + who, mirid, tail


def assert_denied(answer, vault, identity, permission):
    answer.ok(403)
    head, mirid, tail = denial(vault, identity, permission)
    error = answer.error()
    assert list(answer.json()) == ["error"] and list(error) == ["code", "message", "innererror"]
    assert error["code"] == "Forbidden" and error["innererror"] == {"code": "AccessDenied"}
    message = error["message"]
    assert message.startswith(head) and message.endswith(tail)
    # Between them, for a managed identity: whose it is, and which host asked.
    middle = message[len(head) : len(message) - len(tail)]
    if middle:
        assert middle.lower().startswith(f";xms_mirid={mirid}".lower())
        assert "\n" not in middle


@story(
    "GetKey",
    "GetKeys",
    "CreateKey",
    "ImportKey",
    "UpdateKey",
    "DeleteKey",
    "RecoverDeletedKey",
    "PurgeDeletedKey",
    "Encrypt",
    "Decrypt",
    "WrapKey",
    "UnwrapKey",
    "Sign",
    "Verify",
    "GetDeletedKey",
    "GetKeyVersions",
    "GetDeletedKeys",
)
def test_without_an_entry_nothing_is_allowed(sandbox, furnished, identity):
    token = sandbox.imds_token(client_id=identity["client_id"])
    for permission, (method, path, body) in OPERATIONS.items():
        assert_denied(furnished.kv(method, path, body, token=token), furnished, identity, permission)
    for permission, method, path in ALSO:
        assert_denied(furnished.kv(method, path, token=token), furnished, identity, permission)
    furnished.kv("GET", "/keys/k1").ok()


@story("GetKey")
def test_the_denial_names_an_application_without_more(sandbox):
    """The administrator's token is of an application: no xms_ claims, so the recorded text to the letter."""
    vault = sandbox.create_vault(policies={})
    app, oid, tenant = sandbox.endpoints["client_id"], sandbox.admin_oid, sandbox.endpoints["tenant"]
    answer = vault.kv("GET", "/keys/k1").ok(403)
    assert answer.text == (
        '{"error":{"code":"Forbidden","message":"The user, group or application '
        f"'appid={app};oid={oid};iss=https://sts.windows.net/{tenant}/' does not have keys get permission on key vault "
        f"'{vault.name};location={vault.location}'. {LINK}\","
        '"innererror":{"code":"AccessDenied"}}}')


@story("GetKey", "UnwrapKey")
@pytest.mark.parametrize("permission", [p for p in OPERATIONS if p not in ("backup", "restore")])
def test_one_permission_allows_one_thing(sandbox, furnished, identity, permission):
    grant(furnished, identity, [permission])
    token = sandbox.imds_token(client_id=identity["client_id"])
    for other, (method, path, body) in OPERATIONS.items():
        if other != permission:
            assert_denied(furnished.kv(method, path, body, token=token), furnished, identity, other)
    method, path, body = OPERATIONS[permission]
    answer = furnished.kv(method, path, body, token=token)
    assert answer.status not in (401, 403, 404, 500), repr(answer)
    for also, method, path in ALSO:
        if also == permission:
            furnished.kv(method, path, token=token).ok()


@story("GetKey", "PurgeDeletedKey", "WrapKey")
def test_all_does_not_include_purge(sandbox, furnished, identity):
    grant(furnished, identity, ["all"])
    token = sandbox.imds_token(client_id=identity["client_id"])
    furnished.kv("GET", "/keys/k1", token=token).ok()
    furnished.kv("POST", "/keys/k1/wrapkey", CIPHER, token=token).ok()
    assert_denied(furnished.kv("DELETE", "/deletedkeys/d1", token=token), furnished, identity, "purge")


@story("GetKey", "UnwrapKey")
@pytest.mark.parametrize("spelling", ["unwrapkey", "UNWRAPKEY", "unwrapKey"])
def test_permissions_compare_without_case(sandbox, furnished, identity, spelling):
    grant(furnished, identity, [spelling, "Get"])
    token = sandbox.imds_token(client_id=identity["client_id"])
    furnished.kv("GET", "/keys/k1", token=token).ok()
    assert furnished.kv("POST", "/keys/k1/unwrapkey", CIPHER, token=token).status == 400


@story("UnwrapKey", "WrapKey")
def test_a_customer_managed_key_from_grant_to_withdrawal(sandbox, identity):
    """The main job: wrap, unwrap, new version, old ciphertext; then the policy goes, and so does the access."""
    vault = sandbox.create_vault(enablePurgeProtection=True)
    grant(vault, identity, ["get", "wrapKey", "unwrapKey"])
    token = sandbox.imds_token(client_id=identity["client_id"])
    vault.create_key("cmk", kty="RSA")
    wrapped = vault.kv("POST", "/keys/cmk/wrapkey", {"alg": "RSA-OAEP-256", "value": b64u(bytes(range(32)))},
                       token=token).ok().json()
    vault.create_key("cmk", kty="RSA")
    path = wrapped["kid"].removeprefix(vault.url) + "/unwrapkey"
    body = {"alg": "RSA-OAEP-256", "value": wrapped["value"]}
    assert vault.kv("POST", path, body, token=token).ok().json()["value"] == b64u(bytes(range(32)))
    assert vault.kv("POST", "/keys/cmk/unwrapkey", body, token=token).ok(400)
    assert_denied(vault.kv("POST", "/keys/cmk/create", {"kty": "RSA"}, token=token), vault, identity, "create")
    remove = {"properties": {"accessPolicies": [sandbox.policy(identity["oid"], ["get", "wrapKey", "unwrapKey"])]}}
    assert sandbox.arm("PUT", vault.path + "/accessPolicies/remove", remove).status in (200, 201)
    assert_denied(vault.kv("POST", path, body, token=token), vault, identity, "unwrapKey")
    assert_denied(vault.kv("GET", "/keys/cmk", token=token), vault, identity, "get")


@story("GetKey")
def test_an_rbac_vault_ignores_its_policies(sandbox):
    """No role can be assigned yet, so nobody is allowed, in the words of 2024."""
    vault = sandbox.create_vault(enableRbacAuthorization=True)
    group = vault.resource["id"].split("/")[4]
    answer = vault.kv("GET", "/keys/k1").ok(403)
    error, tenant = answer.error(), sandbox.endpoints["tenant"]
    assert error["code"] == "Forbidden" and error["innererror"] == {"code": "ForbiddenByRbac"}
    assert error["message"] == (
        "Caller is not authorized to perform action on resource.\r\n"
        "If role assignments, deny assignments or role definitions were changed recently, please observe propagation "
        "time.\r\n"
        f"Caller: appid={sandbox.endpoints['client_id']};oid={sandbox.admin_oid};"
        f"iss=https://sts.windows.net/{tenant}/\r\n"
        "Action: 'Microsoft.KeyVault/vaults/keys/read'\r\n"
        f"Resource: '/subscriptions/{sandbox.endpoints['subscription']}/resourcegroups/{group.lower()}/providers/"
        f"microsoft.keyvault/vaults/{vault.name}/keys/k1'\r\n"
        "Assignment: (not found)\r\n"
        "DenyAssignmentId: null\r\n"
        "DecisionReason: null \r\n"
        f"Vault: {vault.name};location={vault.location}\r\n"
    )
    assert "x-ms-keyvault-rbac-assignment-id" not in answer.headers
