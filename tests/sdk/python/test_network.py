"""Vaults that do not let the caller's address in: the SDK's permissions are in order, its network is not."""

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.keys import KeyClient
from test_errors import refusal

HERE = "127.0.0.1"
CLOSED = {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [], "virtualNetworkRules": []}
OPERATIONS = {
    "get": lambda c, n: c.get_key(n),
    "list": lambda c, n: list(c.list_properties_of_keys()),
    "create": lambda c, n: c.create_ec_key(n + "-new"),
    "update": lambda c, n: c.update_key_properties(n, enabled=False),
    "delete": lambda c, n: c.begin_delete_key(n),
    "get deleted": lambda c, n: c.get_deleted_key(n),
    "backup": lambda c, n: c.backup_key(n),
    "rotate": lambda c, n: c.rotate_key(n),
    "sign": lambda c, n: c.get_cryptography_client(n).sign("ES256", b"d" * 32),
}


@pytest.fixture
def vault(world):
    return world.new_vault(world.sandbox.unique("sdknet"))


@pytest.fixture
def inside(vault, admin, name):
    """A client of the vault, with one key in it; the vault is still open."""
    with KeyClient(vault.url, admin) as c:
        c.create_ec_key(name)
        yield c


def change(vault, **properties):
    vault.sandbox.arm("PATCH", vault.path, {"properties": properties}).ok()


def assert_kept_out(call, inner):
    status, code, got, message = refusal(call)
    assert (status, code, got) == (403, "Forbidden", inner)
    return message


def test_firewall(sandbox, vault, inside, name):
    change(vault, networkAcls=CLOSED)
    for operation, call in OPERATIONS.items():
        lines = assert_kept_out(lambda: call(inside, name), "ForbiddenByFirewall").split("\r\n")
        assert lines[:2] == ["Client address is not authorized and caller is not a trusted service.",
                             f"Client address: {HERE}"], operation
        assert lines[2].startswith(f"Caller: appid={sandbox.endpoints['client_id']};oid={sandbox.admin_oid};iss=")
        assert lines[3:] == [f"Vault: {vault.name};location={vault.location}"]
    # Each refusal came before anything was done.
    change(vault, networkAcls={**CLOSED, "ipRules": [{"value": "192.0.2.0/24"}, {"value": HERE}]})
    assert [p.name for p in inside.list_properties_of_keys()] == [name]
    assert [p.enabled for p in inside.list_properties_of_key_versions(name)] == [True]
    with pytest.raises(ResourceNotFoundError):
        inside.get_deleted_key(name)


def test_address_taken_off_the_list(vault, inside, name):
    for rules, is_open in (([HERE], True), (["192.0.2.1"], False), (["127.0.0.0/24"], True), ([], False)):
        change(vault, networkAcls={**CLOSED, "ipRules": [{"value": rule} for rule in rules]})
        if is_open:
            inside.get_key(name)
        else:
            assert_kept_out(lambda: inside.get_key(name), "ForbiddenByFirewall")


@pytest.mark.parametrize("who", ["system-assigned", "user-assigned"])
def test_managed_identity_of_a_machine_is_no_trusted_service(world, vault, inside, name, who):
    credential = ManagedIdentityCredential() if who == "system-assigned" else world.managed_identity(world.cmk)
    with KeyClient(vault.url, credential) as c:
        key = c.get_key(name)
        change(vault, networkAcls=CLOSED)
        message = assert_kept_out(lambda: c.get_key(name), "ForbiddenByFirewall")
        assert "caller is not a trusted service" in message and ";xms_mirid=/subscriptions/" in message
        change(vault, networkAcls={**CLOSED, "defaultAction": "Allow"})
        assert c.get_key(name).id == key.id


@pytest.mark.parametrize("bypass, says", [
    ("AzureServices", "Public network access is disabled and request is not from a trusted service nor via an approved "
                      "private link.\r\nCaller: appid="),
    ("None", "Connection is not an approved private link and caller was ignored because bypass is not set to "
             "'AzureServices' and PublicNetworkAccess is set to 'Disabled'.\r\nVault: "),
])
def test_no_public_access(vault, inside, name, bypass, says):
    """Rules that would let the address in are not asked."""
    acls = {**CLOSED, "bypass": bypass, "ipRules": [{"value": HERE}]}
    change(vault, publicNetworkAccess="Disabled", networkAcls=acls)
    for operation, call in OPERATIONS.items():
        message = assert_kept_out(lambda: call(inside, name), "ForbiddenByConnection")
        assert message.startswith(says), operation
    change(vault, publicNetworkAccess="Enabled")
    assert inside.get_key(name).properties.enabled


def test_the_network_is_looked_at_before_permissions(world, vault, inside, name):
    with KeyClient(vault.url, world.managed_identity(world.other)) as nobody:
        assert_kept_out(lambda: nobody.get_key(name), "AccessDenied")
        change(vault, networkAcls=CLOSED)
        assert_kept_out(lambda: nobody.get_key(name), "ForbiddenByFirewall")
