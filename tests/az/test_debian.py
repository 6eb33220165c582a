"""The az that Debian 12 packages (2.45), for the commands that the package can run.

Not `keyvault key` and not `role assignment`: there the package itself is at fault, whatever it talks to.
"""

import os

import pytest
from client import DEBIAN, Az
from roles import grant, revoke
from sandbox import LOCATION, jwt_parts
from templates import FIXTURES


@pytest.fixture(scope="module")
def version(sandbox, tmp_path_factory):
    """Where it is."""
    if not os.access(DEBIAN, os.X_OK):
        pytest.skip("Debian's azure-cli is not installed")
    if not Az(sandbox, DEBIAN, config=tmp_path_factory.mktemp("version"))("version")["azure-cli"].startswith("2.45."):
        pytest.skip(f"{DEBIAN} is not Debian 12's")
    return DEBIAN


@pytest.fixture(scope="module")
def az(version, sandbox, tmp_path_factory):
    config = tmp_path_factory.mktemp("azure-debian")
    client = Az(sandbox, version, config=config)
    client.login()
    return client


@pytest.fixture(scope="module")
def group(az, sandbox):
    name = sandbox.unique("deb-")
    az("group", "create", "--name", name, "--location", LOCATION)
    return name


def test_cloud_and_account(az):
    assert az("cloud", "show")["name"] == "Sandvault"
    assert az("account", "show")["id"] == az.env["SANDVAULT_SUBSCRIPTION"]
    assert [a["name"] for a in az("account", "list", "--refresh")] == ["Sandvault"]
    assert az("account", "get-access-token")["tokenType"] == "Bearer"


def test_register_a_cloud(version, sandbox, tmp_path):
    az = Az(sandbox, version, config=tmp_path)
    del az.env["ARM_CLOUD_METADATA_URL"]
    az("cloud", "register", "--name", "Mine", "--endpoint-resource-manager", az.env["SANDVAULT_ARM"])
    az("cloud", "set", "--name", "Mine")
    az.login()
    assert az("group", "exists", "--name", "sandbox") is True


def test_managed_identity(version, sandbox, tmp_path):
    """By the proxy: this one asks the address of IMDS itself."""
    az = Az(sandbox, version, proxy=True, config=tmp_path)
    account, = az("login", "--identity", "--allow-no-subscriptions")
    assert account["user"]["assignedIdentityInfo"] == "MSI"
    made = sandbox.create_identity()
    for kind in ("client_id", "oid", "id"):
        account, = az("login", "--identity", "--username", made[kind], "--allow-no-subscriptions")
        assert account["user"]["assignedIdentityInfo"].endswith("-" + made[kind])
    assert "managed service identity id" in az.refused("login", "--identity", "--username", sandbox.admin_oid)


def test_managed_identity_by_msi_endpoint(version, sandbox, tmp_path):
    """Under the sandbox's own names: the one variable by which it can be led away from IMDS's address."""
    az = Az(sandbox, version, config=tmp_path)
    az.env["MSI_ENDPOINT"] = az.env["SANDVAULT_IMDS"] + "/oauth2/token"
    assert "No access was configured" in az.refused("login", "--identity")
    vm = "{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox"
    system, made = sandbox.arm("GET", vm).ok().json()["identity"]["principalId"], sandbox.create_identity()
    given = [grant(sandbox, "{sub}", "Reader", oid) for oid in (system, made["oid"])]
    try:
        account, = az("login", "--identity")
        assert account["id"] == az.env["SANDVAULT_SUBSCRIPTION"]
        assert account["user"]["assignedIdentityInfo"] == "MSI"
        assert az("group", "show", "--name", "sandbox")["name"] == "sandbox"
        for kind, info in (("client_id", "MSIClient"), ("id", "MSIResource")):
            account, = az("login", "--identity", "--username", made[kind])
            assert account["user"]["assignedIdentityInfo"] == f"{info}-{made[kind]}"
        assert jwt_parts(az("account", "get-access-token")["accessToken"])[1]["oid"] == made["oid"]
        # It sends an object id as a client id first, and here, unlike at IMDS, makes nothing of the 400.
        assert "<Response [400]>" in az.refused("login", "--identity", "--username", made["oid"])
    finally:
        for assignment in given:
            revoke(sandbox, assignment)


def test_group(az, sandbox):
    name = sandbox.unique("deb-")
    az("group", "create", "--name", name, "--location", LOCATION)
    assert name in [g["name"] for g in az("group", "list")]
    az("group", "delete", "--yes", "--name", name)
    assert az("group", "exists", "--name", name) is False


def test_identity(az, group):
    made = az("identity", "create", "--name", "deb-id", "--resource-group", group)
    assert az("identity", "show", "--name", "deb-id", "--resource-group", group) == made
    assert made["id"] in [i["id"] for i in az("identity", "list", "--resource-group", group)]
    az("identity", "delete", "--name", "deb-id", "--resource-group", group)


def test_registry(az, sandbox, group):
    """With a key that somebody else made."""
    vault = sandbox.create_vault()
    kid = vault.create_key(kty="RSA")["key"]["kid"]
    made = az("identity", "create", "--name", "deb-acr", "--resource-group", group)
    az("keyvault", "set-policy", "--name", vault.name, "--object-id", made["principalId"], "--key-permissions", "get",
       "wrapKey", "unwrapKey")
    name = sandbox.unique("debacr")
    az("acr", "create", "--name", name, "--resource-group", group, "--sku", "Premium", "--identity", made["id"],
       "--key-encryption-key", kid)
    unversioned = kid.rpartition("/")[0]
    az("acr", "encryption", "rotate-key", "--name", name, "--key-encryption-key", unversioned, "--identity", made["id"])
    assert az("acr", "encryption", "show", "--name", name)["keyVaultProperties"]["keyIdentifier"] == unversioned
    assert az("acr", "identity", "assign", "--name", name, "--identities", "[system]")["identity"]["principalId"]
    az("acr", "identity", "remove", "--name", name, "--identities", "[system]")
    assert name in [r["name"] for r in az("acr", "list")]
    assert az("acr", "check-name", "--name", name)["nameAvailable"] is False
    az("acr", "delete", "--yes", "--name", name)


def test_deployment(az, sandbox, group):
    vault = sandbox.create_vault(group=group)
    kid = vault.create_key(kty="RSA")["key"]["kid"]
    registry = sandbox.unique("debtemplate")
    made = az("deployment", "group", "create", "--resource-group", group, "--template-file", FIXTURES / "CMKtemplate.json",
              "--parameters", f"registry_name={registry}", "identity_name=deb-template", f"vault_name={vault.name}",
              f"kek_id={kid}")
    assert made["properties"]["provisioningState"] == "Succeeded"
    assert az("deployment", "group", "show", "--resource-group", group, "--name", "CMKtemplate")["id"] == made["id"]
    assert az("acr", "encryption", "show", "--name", registry)["status"] == "enabled"


def test_vault(az, sandbox, group):
    """This one makes vaults with access policies, and asks Graph who it is."""
    name = sandbox.unique("deb-")
    made = az("keyvault", "create", "--name", name, "--resource-group", group, "--location", LOCATION)
    assert [p["objectId"] for p in made["properties"]["accessPolicies"]] == [sandbox.admin_oid]
    assert az("keyvault", "show", "--name", name)["id"] == made["id"]
    assert name in [v["name"] for v in az("keyvault", "list")]
    other = "11111111-2222-3333-4444-555555555555"
    az("keyvault", "set-policy", "--name", name, "--object-id", other, "--key-permissions", "get", "wrapKey", "unwrapKey")
    left = az("keyvault", "delete-policy", "--name", name, "--object-id", other)["properties"]["accessPolicies"]
    assert [p["objectId"] for p in left] == [sandbox.admin_oid]
    rules = ("--name", name, "--ip-address", "203.0.113.7/32")
    assert az("keyvault", "network-rule", "add", *rules)["properties"]["networkAcls"]["ipRules"]
    az("keyvault", "network-rule", "remove", *rules)
    assert az("keyvault", "update", "--name", name, "--enabled-for-deployment", "true")["properties"][
        "enabledForDeployment"] is True
    az("keyvault", "delete", "--name", name)
    assert name in [v["name"] for v in az("keyvault", "list-deleted")]
    az("keyvault", "recover", "--name", name)
    az("keyvault", "delete", "--name", name)
    az("keyvault", "purge", "--name", name)
