"""az acr: registries with and without a key of their owner's."""

import pytest

CANNOT_USE = "Verify that identity '{}' has 'Get, Wrap Key, Unwrap Key' permission on key"
PERMISSIONS = ("get", "wrapKey", "unwrapKey")


@pytest.fixture(scope="module")
def kid(az, sandbox, vault, identity):
    """A key, with its version, that the identity may use."""
    az("keyvault", "set-policy", "--name", vault, "--object-id", identity["principalId"], "--key-permissions",
       *PERMISSIONS)
    made = az("keyvault", "key", "create", "--vault-name", vault, "--name", sandbox.unique("acr-"))
    return made["key"]["kid"]


@pytest.fixture(scope="module")
def encrypted(az, sandbox, group, identity, kid):
    """The name of a registry that uses the key."""
    name = sandbox.unique("acrcmk")
    az("acr", "create", "--name", name, "--resource-group", group, "--sku", "Premium", "--identity", identity["id"],
       "--key-encryption-key", kid)
    return name


@pytest.fixture
def plain(az, sandbox, group):
    name = sandbox.unique("acrplain")
    az("acr", "create", "--name", name, "--resource-group", group, "--sku", "Basic")
    return name


class TestLife:
    def test_plain(self, az, group, plain):
        shown = az("acr", "show", "--name", plain)
        assert (shown["sku"]["name"], shown["encryption"]["status"]) == ("Basic", "disabled")
        assert shown["loginServer"].startswith(plain + ".azurecr.localhost")
        assert shown == az("acr", "show", "--name", plain, "--resource-group", group)
        assert plain in [r["name"] for r in az("acr", "list")]
        assert plain in [r["name"] for r in az("acr", "list", "--resource-group", group)]
        changed = az("acr", "update", "--name", plain, "--sku", "Standard", "--admin-enabled", "true", "--tags", "a=b")
        assert (changed["sku"]["name"], changed["adminUserEnabled"], changed["tags"]) == ("Standard", True, {"a": "b"})
        taken = az("acr", "check-name", "--name", plain)
        assert (taken["nameAvailable"], taken["reason"]) == (False, "AlreadyExists")
        az("acr", "delete", "--name", plain, "--yes")
        assert az("acr", "check-name", "--name", plain)["nameAvailable"] is True
        assert plain not in [r["name"] for r in az("acr", "list")]

    def test_encrypted(self, az, identity, encrypted, kid):
        shown = az("acr", "encryption", "show", "--name", encrypted)
        assert shown["status"] == "enabled"
        properties = shown["keyVaultProperties"]
        assert (properties["keyIdentifier"], properties["versionedKeyIdentifier"]) == (kid, kid)
        assert (properties["identity"], properties["keyRotationEnabled"]) == (identity["clientId"], False)
        held = az("acr", "identity", "show", "--name", encrypted)
        assert held["type"] == "userAssigned" and [i["clientId"] for i in held["userAssignedIdentities"].values()] == [
            identity["clientId"]]


class TestIdentity:
    def test_on_and_off(self, az, plain, identity):
        words = ("--name", plain, "--identities")
        first = az("acr", "identity", "assign", *words, "[system]")["identity"]["principalId"]
        both = az("acr", "identity", "assign", *words, identity["id"])["identity"]
        assert both["type"] == "systemAssigned, userAssigned" and both["principalId"] == first
        left = az("acr", "identity", "remove", *words, "[system]")["identity"]
        assert left["type"] == "userAssigned"
        az("acr", "identity", "remove", *words, identity["id"])
        assert az("acr", "identity", "show", "--name", plain) is None
        again = az("acr", "identity", "assign", *words, "[system]")["identity"]["principalId"]
        assert again != first

    def test_the_one_in_use(self, az, encrypted, identity):
        said = az.refused("acr", "identity", "remove", "--name", encrypted, "--identities", identity["id"])
        assert f"does not have access to identity '{identity['clientId']}' Try forcibly adding the identity" in said


class TestFrontDoor:
    def test_sign_in(self, az, plain):
        got = az("acr", "login", "--name", plain, "--expose-token")
        assert got["loginServer"].startswith(plain + ".azurecr.localhost") and got["refreshToken"]
        assert az("acr", "repository", "list", "--name", plain) == []


class TestGaps:
    @pytest.mark.parametrize("words, what", [
        (("show-usage", "--name"), "Registries_ListUsages"),
        (("credential", "show", "--name"), "the admin user of a registry"),
        (("replication", "list", "--registry"), "Replications_All"),
        (("webhook", "list", "--registry"), "Webhooks_All"),
        (("token", "list", "--registry"), "Tokens_All"),
    ])
    def test_say_so(self, az, encrypted, words, what):
        az("acr", "update", "--name", encrypted, "--admin-enabled", "true")
        said = az.refused("acr", *words, encrypted)
        assert "(NotImplemented) Sandvault does not imitate" in said and what in said


class TestRefused:
    def test_without_permissions(self, az, sandbox, group, vault, kid):
        other = az("identity", "create", "--name", sandbox.unique("az-id-"), "--resource-group", group)
        said = az.refused("acr", "create", "--name", sandbox.unique("acr"), "--resource-group", group, "--sku", "Premium",
                          "--identity", other["id"], "--key-encryption-key", kid)
        assert CANNOT_USE.format(other["clientId"]) in said

    def test_what_az_itself_refuses(self, az, plain, identity, kid):
        said = az.refused("acr", "encryption", "rotate-key", "--name", plain, "--identity", identity["id"],
                          "--key-encryption-key", kid)
        assert "only applicable to registries with CMK enabled" in said

    def test_a_name_that_is_taken(self, az, sandbox, group, plain):
        other = sandbox.create_group()
        said = az.refused("acr", "create", "--name", plain, "--resource-group", other, "--sku", "Basic")
        assert "ERROR: (AlreadyInUse)" in said

    def test_what_is_not_there(self, az, group):
        assert "(ResourceNotFound)" in az.refused("acr", "show", "--name", "nobody", "--resource-group", group)
