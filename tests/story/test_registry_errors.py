"""What a registry refuses: before the vault is asked, by what the vault answers, and what cannot be taken back."""

import pytest
from registries import (
    CMK,
    VERSION,
    Registry,
    cannot_access,
    encrypted,
    encryption,
    unversioned,
    user_assigned,
    vault_for,
)
from roles import grant
from stories import story

ACR = "{sub}/providers/Microsoft.ContainerRegistry"
NOBODY = "11111111-2222-3333-4444-555555555555"


def no_access_to(registry, client):
    return (f"Azure resource '{registry.id}' does not have access to identity '{client}' Try forcibly adding the "
            f"identity to the registry {registry.name}. {CMK}")


def refused(answer, code, message=None, status=400):
    error = answer.ok(status).error()
    assert error["code"] == code, error
    assert message is None or error["message"] == message, error
    assert "Azure-AsyncOperation" not in answer.headers
    return error["message"]


@pytest.fixture
def tools(sandbox):
    """(identity, vault, kid): all that a registry needs."""
    identity = sandbox.create_identity()
    vault = vault_for(sandbox, identity["oid"])
    return identity, vault, vault.create_key(kty="RSA")["key"]["kid"]


def try_create(sandbox, identity, key, sku="Premium"):
    registry = Registry(sandbox)
    answer = registry.create(sku, identity=user_assigned(identity), encryption=encryption(key, identity["client_id"]))
    if answer.status != 201:
        registry.ask("GET").ok(404)
    return answer


@story("Registries_Create")
class TestKeyAtCreation:
    @pytest.mark.parametrize("verbs", [
        (), ("get", "unwrapKey"), ("wrapKey", "unwrapKey"), ("get", "wrapKey")],
        ids=["nothing", "no wrapKey", "no get", "no unwrapKey"])
    def test_permissions(self, sandbox, verbs):
        identity = sandbox.create_identity()
        vault = sandbox.create_vault(policies={sandbox.admin_oid: ["all"], identity["oid"]: verbs})
        key = unversioned(vault.create_key(kty="RSA")["key"]["kid"])
        refused(try_create(sandbox, identity, key), "BadRequest", cannot_access(key, identity["client_id"]))

    def test_firewall(self, sandbox, tools):
        identity, _, _ = tools
        vault = vault_for(sandbox, identity["oid"])
        key = vault.create_key(kty="RSA")["key"]["kid"]
        body = sandbox.arm("GET", vault.path).ok().json()
        body["properties"]["networkAcls"] = {"defaultAction": "Deny", "bypass": "AzureServices"}
        sandbox.arm("PUT", vault.path, body).ok()
        refused(try_create(sandbox, identity, key), "BadRequest", cannot_access(key, identity["client_id"]))

    def test_disabled_deleted_and_absent(self, sandbox, tools):
        identity, vault, kid = tools
        vault.kv("PATCH", "/keys/" + "/".join(kid.split("/")[-2:]), {"attributes": {"enabled": False}}).ok()
        refused(try_create(sandbox, identity, kid), "BadRequest", cannot_access(kid, identity["client_id"]))
        vault.kv("DELETE", "/keys/" + kid.split("/")[-2]).ok()
        refused(try_create(sandbox, identity, kid), "BadRequest", cannot_access(kid, identity["client_id"]))
        absent = f"{vault.url}/keys/nosuch"
        refused(try_create(sandbox, identity, absent), "BadRequest", cannot_access(absent, identity["client_id"]))

    def test_kinds_of_key(self, sandbox, tools):
        identity, vault, _ = tools
        ec = vault.create_key(kty="EC")["key"]["kid"]
        assert "'EC'" in refused(try_create(sandbox, identity, ec), "BadRequest")
        hsm = vault_for(sandbox, identity["oid"], sku="premium").create_key(kty="RSA-HSM")["key"]["kid"]
        try_create(sandbox, identity, hsm).ok(201)

    def test_sku(self, sandbox, tools):
        identity, _, kid = tools
        for sku in ("Basic", "Standard"):
            said = refused(try_create(sandbox, identity, kid, sku), "EncryptionNotSupported")
            assert f"for the SKU {sku}." in said

    def test_its_own_identity_has_been_given_nothing_yet(self, sandbox, tools):
        _, _, kid = tools
        registry = Registry(sandbox)
        answer = registry.create(identity={"type": "SystemAssigned"}, encryption=encryption(kid, "system"))
        refused(answer, "BadRequest", cannot_access(kid, "system"))

    @pytest.mark.parametrize("key", ["k1", "https://example.com/keys/k1", "https://kv.vault.localhost:1/secrets/s1",
                                     "https://kv.vault.localhost:1/keys/k1/v/w"])
    def test_what_is_no_key(self, sandbox, tools, key):
        refused(try_create(sandbox, tools[0], key), "BadRequest")

    @pytest.mark.parametrize("change", [
        lambda kid: kid.replace(":" + kid.split(":")[2].split("/")[0], ":1"),
        lambda kid: kid.replace("/keys/", "x/keys/"),
        lambda kid: kid.replace(".vault.localhost:", ".vault.azure.net:"),
        lambda kid: kid + "?api-version=7.4&x=",
        lambda kid: kid + "#x",
        lambda kid: kid.replace("/keys/k", "/keys/%6b"),
        lambda kid: kid + "//",
        lambda kid: unversioned(kid) + "k" * 130,
    ], ids=["another sandbox", "no port", "Azure's name with a port", "query", "fragment", "escape", "segments", "long"])
    def test_what_is_not_the_key_of_a_vault_here(self, sandbox, tools, change):
        identity, _, kid = tools
        key = change(kid)
        assert key != kid
        assert f"The key identifier '{key}' is invalid." in refused(try_create(sandbox, identity, key), "BadRequest")

    @pytest.mark.parametrize("change", [
        lambda kid: kid.replace("/keys/", "@").upper().replace("@", "/keys/").replace("HTTPS", "https"),
        lambda kid: unversioned(kid) + "/",
        lambda kid: "https://" + kid.split("/")[2].split(":")[0] + "/keys/" + "/".join(kid.split("/")[4:]),
    ], ids=["upper case", "an empty version", "no port"])
    def test_other_ways_to_write_it(self, sandbox, tools, change):
        identity, _, kid = tools
        try_create(sandbox, identity, change(kid)).ok(201)

    def test_incomplete(self, sandbox, tools):
        identity, _, kid = tools
        for block in ({"status": "enabled"}, {"keyVaultProperties": {"keyIdentifier": kid}},
                      {"status": "enabled", "keyVaultProperties": {"identity": identity["client_id"]}}):
            refused(Registry(sandbox).create(identity=user_assigned(identity), encryption=block), "BadRequest")
        refused(Registry(sandbox).create(encryption={"status": "perhaps"}), "InvalidParameter")

    def test_an_identity_that_is_not_the_registrys(self, sandbox, tools):
        _, _, kid = tools
        other = sandbox.create_identity()
        for client in (NOBODY, other["client_id"]):
            registry = Registry(sandbox)
            refused(registry.create(identity=user_assigned(tools[0]), encryption=encryption(kid, client)), "BadRequest",
                    no_access_to(registry, client))

    def test_content_trust(self, sandbox, tools):
        identity, _, kid = tools
        registry = Registry(sandbox)
        answer = registry.create(identity=user_assigned(identity), encryption=encryption(kid, identity["client_id"]),
                                 policies={"trustPolicy": {"type": "Notary", "status": "enabled"}})
        refused(answer, "BlockedForEncryptionEnabledRegistry",
                "this feature 'ContenTrust' is currently not supported when encryption is enable for the resource "
                f"{registry.id}. For more information on customer-managed keys, please visit 'https://aka.ms/acr/cmk'.")


@story("Registries_Update", "Registries_Create")
class TestKeyAfterCreation:
    def test_never_on_later(self, sandbox, tools):
        identity, _, kid = tools
        registry = Registry(sandbox)
        registry.create(identity=user_assigned(identity)).ok(201)
        refused(registry.rotate(kid, identity["client_id"]), "BadRequest")
        assert registry.get()["properties"]["encryption"] == {"status": "disabled"}

    def test_never_off(self, sandbox):
        registry, _, _, _ = encrypted(sandbox)
        for method in ("PATCH", "PUT"):
            refused(registry.ask(method, registry.changed(encryption={"status": "disabled"})), "BadRequest")
        refused(registry.ask("PATCH", {"sku": {"name": "Basic"}}), "EncryptionNotSupported")
        refused(registry.ask("PATCH", {"properties": {"policies": {"trustPolicy": {"status": "enabled"}}}}),
                "BlockedForEncryptionEnabledRegistry")

    def test_removing_the_identity_in_use(self, sandbox):
        """The tutorial's own message, by every way of removing."""
        registry, _, identity, _ = encrypted(sandbox)
        said = no_access_to(registry, identity["client_id"])
        for block in ({"type": "None"}, {"type": "SystemAssigned"}):
            refused(registry.ask("PUT", registry.changed(identity=block)), "BadRequest", said)
        other = sandbox.create_identity()
        refused(registry.ask("PATCH", {"identity": {"type": "UserAssigned", "userAssignedIdentities": {
            identity["id"]: None, other["id"]: {}}}}), "BadRequest", said)
        assert list(registry.get()["identity"]["userAssignedIdentities"]) == [identity["id"]]

    def test_removing_its_own_in_use(self, sandbox):
        registry, vault, identity, kid = encrypted(sandbox)
        registry.settled(registry.patch(identity={"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {
            identity["id"]: {}}}))
        own = registry.get()["identity"]["principalId"]
        body = sandbox.arm("GET", vault.path).ok().json()
        body["properties"]["accessPolicies"].append(sandbox.policy(own, ["get", "wrapKey", "unwrapKey"]))
        sandbox.arm("PUT", vault.path, body).ok()
        registry.settled(registry.rotate(kid, "system"))
        default = registry.path + "/providers/Microsoft.ManagedIdentity/identities/default"
        client = sandbox.arm("GET", default).ok().json()["properties"]["clientId"]
        refused(registry.ask("PUT", registry.changed(identity=user_assigned(identity))), "BadRequest",
                no_access_to(registry, client))

    def test_rotating_while_the_identity_is_gone(self, sandbox):
        """A deleted identity leaves a registry that can be given another one, and rotated to it."""
        registry, vault, identity, kid = encrypted(sandbox, versioned=True)
        sandbox.arm("DELETE", identity["id"], api_version="2023-01-31").ok(200)
        new = vault.create_key(kid.split("/")[-2], kty="RSA")["key"]["kid"]
        client = identity["client_id"]
        refused(registry.rotate(new, client), "BadRequest", no_access_to(registry, client))
        assert registry.key()["keyIdentifier"] == kid
        other = sandbox.create_identity()
        body = sandbox.arm("GET", vault.path).ok().json()
        body["properties"]["accessPolicies"].append(sandbox.policy(other["oid"], ["get", "wrapKey", "unwrapKey"]))
        sandbox.arm("PUT", vault.path, body).ok()
        registry.settled(registry.ask("PATCH", {"identity": user_assigned(other)}))
        registry.settled(registry.rotate(new, other["client_id"]))
        assert registry.key()["versionedKeyIdentifier"] == new

    def test_failed_rotation_leaves_what_was(self, sandbox):
        registry, vault, identity, kid = encrypted(sandbox)
        before = registry.ask("GET").ok().body
        absent = f"{vault.url}/keys/nosuch"
        client = identity["client_id"]
        refused(registry.rotate(absent, client), "BadRequest", cannot_access(absent, client))
        assert registry.ask("GET").ok().body == before


@story("Registries_Create", "Registries_Update")
class TestIdentityBlock:
    def test_unknown(self, sandbox):
        registry = Registry(sandbox)
        absent = sandbox.create_identity()["id"] + "x"
        refused(registry.create(identity={"type": "UserAssigned", "userAssignedIdentities": {absent: {}}}),
                "FailedIdentityOperation",
                f"Identity operation for resource '{registry.id}' failed with error 'Failed to perform resource "
                "identity operation. Status: 'BadRequest'. Response: '{\"error\":{\"code\":\"BadRequest\","
                f"\"message\":\"Resource '{absent}' was not found.\"}}}}'.'.")

    def test_none_named(self, sandbox):
        for block in ({"type": "UserAssigned"}, {"type": "UserAssigned", "userAssignedIdentities": {}}):
            refused(Registry(sandbox).create(identity=block), "MissingIdentityIds")

    @pytest.mark.parametrize("kind", ["", "Everything", "None, SystemAssigned", "SystemAssigned UserAssigned"])
    def test_type(self, sandbox, kind):
        refused(Registry(sandbox).create(identity={"type": kind}), "InvalidParameter")

    def test_who_may_not_assign_an_identity_cannot_lend_it(self, sandbox):
        """A contributor of the registry's group alone."""
        mine, group = sandbox.create_identity(), sandbox.create_group()
        foreign = sandbox.create_identity(group=sandbox.create_group())
        scope = f"/subscriptions/{sandbox.endpoints['subscription']}/resourceGroups/{group}"
        grant(sandbox, scope, "Contributor", mine["oid"])
        token = sandbox.imds_token("https://management.azure.com/", client_id=mine["client_id"])
        registry = Registry(sandbox, group=group)
        body = {"location": "westeurope", "sku": {"name": "Basic"}, "identity": user_assigned(foreign)}
        refused(registry.ask("PUT", body, token=token), "AuthorizationFailed", status=403)
        del body["identity"]
        registry.ask("PUT", body, token=token).ok(201)
        registry.settled(registry.ask("PATCH", {"identity": user_assigned(foreign)}))
        # What is there already can be sent along.
        registry.ask("PATCH", registry.get() | {"tags": {"a": "b"}}, token=token).ok(200)


@story("Registries_Create")
class TestTheRest:
    @pytest.mark.parametrize("name", ["abcd", "a" * 51, "with-dash", "under_score"])
    def test_names(self, sandbox, name):
        refused(Registry(sandbox, name).create(), "InvalidResourceName",
                "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters")

    def test_a_name_of_somebody_elses(self, sandbox):
        registry = Registry(sandbox)
        registry.create("Basic").ok(201)
        other = Registry(sandbox, registry.name.upper(), sandbox.create_group())
        said = refused(other.create("Basic"), "AlreadyInUse", status=409)
        assert said.startswith(f"The registry DNS name {other.name}.azurecr.io is already in use.")
        other.ask("GET").ok(404)

    def test_places(self, sandbox):
        registry = Registry(sandbox)
        refused(registry.ask("PUT", {"sku": {"name": "Basic"}}), "LocationRequired")
        refused(registry.ask("PUT", {"location": "on the moon!", "sku": {"name": "Basic"}}),
                "LocationNotAvailableForResourceType")
        registry.create("Basic").ok(201)
        refused(registry.ask("PUT", {"location": "eastus", "sku": {"name": "Basic"}}), "InvalidResourceLocation",
                status=409)
        refused(registry.ask("PATCH", {"location": "eastus"}), "InvalidResourceLocation", status=409)
        refused(Registry(sandbox, group="nosuch").create(), "ResourceGroupNotFound", status=404)
        assert refused(Registry(sandbox).ask("PATCH", {}), "ResourceNotFound", status=404).startswith(
            "The Resource 'Microsoft.ContainerRegistry/registries/")

    @pytest.mark.parametrize("properties", [
        {"publicNetworkAccess": "perhaps"}, {"networkRuleBypassOptions": "All"}, {"zoneRedundancy": ""},
        {"networkRuleSet": {"defaultAction": "Ignore"}}, {"networkRuleSet": {"ipRules": [{"value": "1.2.3"}]}},
        {"networkRuleSet": {"ipRules": [{"value": "1.2.3.4", "action": "Deny"}]}},
        {"networkRuleSet": {"virtualNetworkRules": [{}]}},
        {"networkRuleSet": {"ipRules": [{"value": "1.2.3.4"}] * 101}},
        {"policies": {"retentionPolicy": {"days": 366}}}, {"policies": {"quarantinePolicy": {"status": "on"}}},
    ], ids=str)
    def test_values(self, sandbox, properties):
        refused(Registry(sandbox).create(**properties), "InvalidParameter")

    @pytest.mark.parametrize("properties", [{"adminUserEnabled": "yes"}, {"networkRuleSet": []}, {"policies": 1}],
                             ids=str)
    def test_types(self, sandbox, properties):
        refused(Registry(sandbox).create(**properties), "InvalidRequestContent")

    def test_skus(self, sandbox):
        refused(Registry(sandbox).create("Classic"), "InvalidParameter")
        refused(Registry(sandbox).create("Basic", publicNetworkAccess="Disabled"), "PublicNetworkAccessNotSupported",
                "Disabling public network access is not supported for the SKU Basic. For more information, please "
                "visit https://aka.ms/acr/private-link.")
        for properties in ({"dataEndpointEnabled": True}, {"zoneRedundancy": "Enabled"},
                           {"networkRuleSet": {"defaultAction": "Deny"}}):
            refused(Registry(sandbox).create("Standard", **properties), "FeatureNotSupported")

    def test_zones_stay(self, sandbox):
        registry = Registry(sandbox)
        registry.create(zoneRedundancy="Enabled").ok(201)
        refused(registry.ask("PATCH", {"properties": {"zoneRedundancy": "Disabled"}}), "InvalidParameter")

    def test_versions_that_know_no_keys(self, sandbox, tools):
        identity, _, kid = tools
        registry = Registry(sandbox)
        registry.create(identity=user_assigned(identity), encryption=encryption(kid, identity["client_id"]),
                        version="2019-05-01").ok(201)
        assert registry.get()["properties"]["encryption"] == {"status": "disabled"} and "identity" not in registry.get()


class TestNames:
    @story("Registries_CheckNameAvailability")
    def test_check(self, sandbox):
        registry = Registry(sandbox)

        def ask(name, kind="Microsoft.ContainerRegistry/registries"):
            body = {"name": name, "type": kind}
            return sandbox.arm("POST", ACR + "/checkNameAvailability", body, api_version=VERSION)

        assert ask(registry.name).ok().body == b'{"nameAvailable":true}'
        registry.create("Basic").ok(201)
        assert ask(registry.name.lower()).ok().json() == {
            "nameAvailable": False, "reason": "AlreadyExists",
            "message": f"The registry {registry.name.lower()} is already in use."}
        assert ask("a-b").ok().json()["reason"] == "Invalid"
        refused(ask(registry.name, "Microsoft.KeyVault/vaults"), "BadRequest")


class TestOperations:
    @story("Registries_GetOperationStatus")
    def test_unknown(self, sandbox):
        registry, other = Registry(sandbox), Registry(sandbox)
        mine = registry.create("Basic").headers["Azure-AsyncOperation"].partition("?")[0].rpartition("/")[2]
        other.create("Basic").ok(201)
        refused(other.ask("GET", suffix="/operationStatuses/" + mine), "OperationNotFound", status=404)
        refused(other.ask("GET", suffix=f"/operationStatuses/registries-{NOBODY}"), "OperationNotFound", status=404)

    @story("Registries_ListCredentials", "Registries_RegenerateCredential")
    def test_admin_user(self, sandbox):
        registry = Registry(sandbox)
        registry.create("Basic").ok(201)
        for suffix in ("/listCredentials", "/regenerateCredential"):
            refused(registry.ask("POST", {"name": "password"}, suffix), "UnAuthorizedForCredentialOperations",
                    f"Cannot perform credential operations for {registry.id} as admin user is disabled. Kindly enable "
                    "admin user as per docs: https://docs.microsoft.com/en-us/azure/container-registry/"
                    "container-registry-authentication#admin-account")
        registry.ask("PATCH", {"properties": {"adminUserEnabled": True}}).ok(200)
        registry.ask("POST", None, "/listCredentials").ok(501)
