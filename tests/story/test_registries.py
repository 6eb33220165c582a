"""Container registries of the control plane: shapes, api-versions, identities, the key, writes that take time."""

import json
import re
import subprocess

import pytest
from control import Control
from registries import (
    VERBS,
    VERSION,
    Registry,
    cannot_access,
    encrypted,
    encryption,
    registry_path,
    unversioned,
    user_assigned,
    vault_for,
)
from sandbox import program
from stories import story

ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00")
CREATION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")
OPERATION = re.compile(r"registries-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def expected(registry, got, state="Succeeded", identity=None, encrypted_with=None):
    """The whole resource of 2021-08-01-preview, in its order; times are taken from what was got."""
    policies, port = got["properties"]["policies"], registry.sandbox.arm_root.rpartition(":")[2]
    assert ZONED.fullmatch(policies["retentionPolicy"]["lastUpdatedTime"])
    assert CREATION.fullmatch(got["properties"]["creationDate"])
    head = {"sku": {"name": "Premium", "tier": "Premium"}, "type": "Microsoft.ContainerRegistry/registries"}
    if identity:
        head["identity"] = identity
    return head | {
        "id": registry.id, "name": registry.name, "location": "westeurope", "tags": {},
        "systemData": got["systemData"],
        "properties": {
            "loginServer": f"{registry.name.lower()}.azurecr.localhost:{port}",
            "creationDate": got["properties"]["creationDate"],
            "provisioningState": state, "adminUserEnabled": False,
            "networkRuleSet": {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []},
            "policies": {
                "quarantinePolicy": {"status": "disabled"}, "trustPolicy": {"type": "Notary", "status": "disabled"},
                "retentionPolicy": {"days": 7, "lastUpdatedTime": policies["retentionPolicy"]["lastUpdatedTime"],
                                    "status": "disabled"},
                "exportPolicy": {"status": "enabled"}},
            "encryption": encrypted_with or {"status": "disabled"},
            "dataEndpointEnabled": False, "dataEndpointHostNames": [], "privateEndpointConnections": [],
            "publicNetworkAccess": "Enabled", "networkRuleBypassOptions": "AzureServices",
            "zoneRedundancy": "Disabled", "anonymousPullEnabled": False}}


def shown_identity(*identities):
    return {"type": "userAssigned", "userAssignedIdentities": {
        i["id"]: {"principalId": i["oid"], "clientId": i["client_id"]} for i in identities}}


@story("Registries_Create", "Registries_Get", "Registries_GetOperationStatus")
class TestCreate:
    def test_with_a_key_byte_by_byte(self, sandbox):
        identity = sandbox.create_identity()
        vault = vault_for(sandbox, identity["oid"])
        kid = vault.create_key(kty="RSA")["key"]["kid"]
        registry = Registry(sandbox)
        answer = registry.create(identity=user_assigned(identity), adminUserEnabled=False, anonymousPullEnabled=False,
                                 encryption=encryption(kid, identity["client_id"])).ok(201)
        got = answer.json()
        assert answer.body == compact(expected(registry, got, "Creating"))
        assert answer.headers["Retry-After"] == "1" and answer.headers["Server"] == "Microsoft-HTTPAPI/2.0"
        assert answer.headers["api-supported-versions"] == VERSION
        where = answer.headers["Azure-AsyncOperation"]
        url, _, query = where.partition("?")
        assert url.startswith(f"{sandbox.arm_root}{registry.id}/operationStatuses/")
        assert query == f"api-version={VERSION}"
        assert OPERATION.fullmatch(url.rpartition("/")[2])
        status = sandbox.http("GET", where, token=sandbox.admin_token()).ok()
        assert status.body == b'{"status":"Succeeded"}' and status.headers["Azure-AsyncOperation"] == where
        after = registry.ask("GET").ok()
        assert after.body == compact(expected(registry, after.json(), "Succeeded", shown_identity(identity), {
            "status": "enabled", "keyVaultProperties": {
                "keyIdentifier": kid, "versionedKeyIdentifier": kid, "identity": identity["client_id"],
                "keyRotationEnabled": False}}))
        data = after.json()["systemData"]
        assert list(data) == ["createdBy", "createdByType", "createdAt", "lastModifiedBy", "lastModifiedByType",
                              "lastModifiedAt"] and ZONED.fullmatch(data["createdAt"])
        assert data["createdBy"] == sandbox.endpoints["client_id"] and data["createdByType"] == "Application"

    def test_key_without_version_and_names_in_another_case(self, sandbox):
        """The published template says KeyIdentifier, and so does what people write next to it."""
        identity = sandbox.create_identity()
        vault = vault_for(sandbox, identity["oid"])
        kid = vault.create_key(kty="RSA")["key"]["kid"]
        registry = Registry(sandbox)
        body = {"location": "West Europe", "SKU": {"Name": "premium", "tier": "Premium"},
                "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity["id"].upper(): {}}},
                "properties": {"Encryption": {"Status": "Enabled", "KeyVaultProperties": {
                    "Identity": identity["client_id"], "KeyIdentifier": unversioned(kid)}}}}
        got = registry.settled(registry.ask("PUT", body, version="2019-12-01-preview"))
        assert got["properties"]["encryption"]["keyVaultProperties"] == {
            "keyIdentifier": unversioned(kid), "versionedKeyIdentifier": kid, "identity": identity["client_id"],
            "keyRotationEnabled": True}
        assert list(got["identity"]["userAssignedIdentities"]) == [identity["id"]]

    def test_a_plain_one(self, sandbox):
        registry = Registry(sandbox)
        registry.create("Basic").ok(201)
        got = registry.get()
        assert got["sku"] == {"name": "Basic", "tier": "Basic"} and "identity" not in got
        assert got["properties"]["encryption"] == {"status": "disabled"}
        assert "networkRuleSet" not in got["properties"]

    def test_with_an_identity_of_its_own(self, sandbox):
        registry = Registry(sandbox)
        answer = registry.create(identity={"type": "systemassigned"}).ok(201)
        assert "identity" not in answer.json()
        identity = registry.get()["identity"]
        assert list(identity) == ["type", "principalId", "tenantId"] and identity["type"] == "systemAssigned"
        assert identity["tenantId"] == sandbox.endpoints["tenant"]

    def test_again_as_it_is_takes_no_time(self, sandbox):
        """A template deployed again."""
        registry, _, _, _ = encrypted(sandbox, versioned=True)
        body = registry.get()
        registry.ask("PUT", body).ok(200)
        again = registry.get()
        for one in (body, again):
            del one["systemData"]
        assert again == body


# Which members came when; {} by 2019-05-01.
VERSIONS = {
    "2019-05-01": ("identity encryption dataEndpointEnabled publicNetworkAccess exportPolicy anonymousPullEnabled "
                   "systemData", ""),
    "2019-12-01-preview": ("publicNetworkAccess exportPolicy anonymousPullEnabled systemData",
                           "identity encryption dataEndpointEnabled virtualNetworkRules"),
    "2020-11-01-preview": ("exportPolicy anonymousPullEnabled", "identity encryption publicNetworkAccess systemData"),
    "2021-08-01-preview": ("softDeletePolicy", "exportPolicy anonymousPullEnabled virtualNetworkRules"),
    "2021-09-01": ("anonymousPullEnabled softDeletePolicy virtualNetworkRules", "exportPolicy encryption"),
    "2022-02-01-preview": ("metadataSearch", "softDeletePolicy azureADAuthenticationAsArmPolicy virtualNetworkRules"),
    "2023-07-01": ("anonymousPullEnabled softDeletePolicy virtualNetworkRules metadataSearch", "exportPolicy"),
    "2024-11-01-preview": ("virtualNetworkRules", "softDeletePolicy metadataSearch autoGeneratedDomainNameLabelScope"),
}


@story("Registries_Get")
@pytest.mark.parametrize("version", VERSIONS)
def test_members_by_version(sandbox, version):
    registry = Registry(sandbox)
    registry.create(identity={"type": "SystemAssigned"}).ok(201)
    text = registry.ask("GET", version=version).ok().text
    absent, present = (names.split() for names in VERSIONS[version])
    assert [n for n in absent if f'"{n}"' in text] == []
    assert [n for n in present if f'"{n}"' not in text] == []


@story("Registries_Update", "Registries_Create")
class TestSettings:
    def test_what_is_sent_changes_and_the_rest_stays(self, sandbox):
        registry = Registry(sandbox)
        registry.create().ok(201)
        answer = registry.ask("PATCH", {"tags": {"a": "b"}, "properties": {
            "publicNetworkAccess": "disabled", "AdminUserEnabled": True, "networkRuleBypassOptions": "None",
            "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.0/24"}]},
            "policies": {"retentionPolicy": {"days": 3, "status": "Enabled"}, "exportPolicy": {"status": "disabled"}},
            "dataEndpointEnabled": True}}).ok(200)
        got = answer.json()
        assert got == registry.get() and got["tags"] == {"a": "b"}
        p = got["properties"]
        assert (p["provisioningState"], p["publicNetworkAccess"], p["adminUserEnabled"]) == (
            "Succeeded", "Disabled", True)
        assert p["networkRuleSet"] == {"defaultAction": "Deny", "virtualNetworkRules": [], "ipRules": [
            {"action": "Allow", "value": "1.2.3.0/24"}]}
        assert p["policies"]["retentionPolicy"]["days"] == 3 and p["policies"]["exportPolicy"]["status"] == "disabled"
        assert p["networkRuleBypassOptions"] == "None"
        assert p["dataEndpointHostNames"] == [f"{registry.name.lower()}.westeurope.data.azurecr.io"]
        registry.ask("PATCH", {"properties": {"anonymousPullEnabled": True}}).ok(200)
        assert registry.get()["properties"] == p | {"anonymousPullEnabled": True}

    def test_put_replaces(self, sandbox):
        registry = Registry(sandbox)
        registry.create(adminUserEnabled=True, policies={"quarantinePolicy": {"status": "enabled"}}).ok(201)
        registry.ask("PUT", {"location": "westeurope", "sku": {"name": "Standard"}}).ok(200)
        got = registry.get()
        assert got["sku"]["name"] == "Standard" and not got["properties"]["adminUserEnabled"]
        assert got["properties"]["policies"]["quarantinePolicy"]["status"] == "disabled"


@story("Registries_Update", "Registries_Create")
class TestIdentities:
    def test_assign_and_remove_as_az_does(self, sandbox):
        """Every casing and spacing of the type; PATCH adds and null takes away; PUT says all there is."""
        one, two = sandbox.create_identity(), sandbox.create_identity()
        registry = Registry(sandbox)
        registry.create().ok(201)
        answer = registry.patch(identity={"type": "systemassigned,USERASSIGNED", "userAssignedIdentities": {
            one["id"]: {}}}).ok(201)
        assert answer.json()["properties"]["provisioningState"] == "Updating" and "identity" not in answer.json()
        got = registry.settled(answer)["identity"]
        assert list(got) == ["type", "principalId", "tenantId", "userAssignedIdentities"]
        assert got["type"] == "systemAssigned, userAssigned"
        # The whole of it comes back, with what the service said inside.
        got["userAssignedIdentities"][two["id"]] = {}
        both = registry.settled(registry.patch(identity=got))["identity"]
        assert set(both["userAssignedIdentities"]) == {one["id"], two["id"]}
        assert both["principalId"] == got["principalId"]
        left = registry.settled(registry.ask("PATCH", {"identity": {
            "type": "SystemAssigned , UserAssigned", "userAssignedIdentities": {one["id"]: None}}}))["identity"]
        assert list(left["userAssignedIdentities"]) == [two["id"]]
        body = registry.changed(identity={"type": "UserAssigned", "userAssignedIdentities": {two["id"]: {}}})
        assert registry.settled(registry.ask("PUT", body))["identity"] == shown_identity(two)
        body = registry.changed(identity={"type": "None"})
        assert "identity" not in registry.settled(registry.ask("PUT", body))

    def test_its_own_is_another_one_each_time(self, sandbox):
        registry = Registry(sandbox)
        registry.create(identity={"type": "SystemAssigned"}).ok(201)
        first = registry.get()["identity"]["principalId"]
        assert registry.ask("PATCH", {"identity": {"type": "SystemAssigned"}}).ok(200).json()["identity"][
            "principalId"] == first
        registry.ask("PATCH", {"identity": {"type": "None"}}).ok(201)
        registry.ask("PATCH", {"identity": {"type": "SystemAssigned"}}).ok(201)
        assert registry.get()["identity"]["principalId"] != first

    @story("SystemAssignedIdentities_GetByScope")
    def test_identities_default(self, sandbox):
        registry = Registry(sandbox)
        registry.create(identity={"type": "SystemAssigned"}).ok(201)
        path = registry.path + "/providers/Microsoft.ManagedIdentity/identities/default"
        got = sandbox.arm("GET", path).ok().json()
        assert got["id"] == registry.id + "/providers/Microsoft.ManagedIdentity/identities/default"
        assert got["properties"]["principalId"] == registry.get()["identity"]["principalId"]
        registry.ask("PATCH", {"identity": {"type": "None"}}).ok(201)
        assert sandbox.arm("GET", path).ok(404).error()["code"] == "ResourceNotFound"

    @story("UserAssignedIdentities_ListAssociatedResources")
    def test_who_uses_an_identity(self, sandbox):
        identity = sandbox.create_identity()
        registry = Registry(sandbox)
        registry.create(identity=user_assigned(identity)).ok(201)
        path = identity["id"] + "/listAssociatedResources"
        got = sandbox.arm("POST", path, api_version="2022-01-31-preview").ok().json()
        assert got["totalCount"] == 1 and got["value"][0]["id"] == registry.id
        registry.ask("DELETE").ok(200)
        assert sandbox.arm("POST", path, api_version="2022-01-31-preview").ok().json() == {"totalCount": 0, "value": []}


@story("Registries_Update", "Registries_Create")
class TestRotation:
    def test_to_another_version(self, sandbox):
        registry, vault, identity, kid = encrypted(sandbox, versioned=True)
        new = vault.create_key(kid.split("/")[-2], kty="RSA")["key"]["kid"]
        answer = registry.rotate(new, identity["client_id"]).ok(201)
        before = answer.json()
        assert before["properties"]["provisioningState"] == "Updating"
        assert before["identity"] == shown_identity(identity)
        assert before["properties"]["encryption"]["keyVaultProperties"]["keyIdentifier"] == kid
        key = registry.settled(answer)["properties"]["encryption"]["keyVaultProperties"]
        assert list(key) == ["keyIdentifier", "versionedKeyIdentifier", "identity", "keyRotationEnabled",
                             "lastKeyRotationTimestamp"]
        assert (key["keyIdentifier"], key["versionedKeyIdentifier"]) == (new, new)
        assert ZONED.fullmatch(key["lastKeyRotationTimestamp"])

    def test_the_same_unversioned_key_again(self, sandbox):
        """az acr encryption rotate-key with what it is already: looks for a new version."""
        registry, vault, identity, kid = encrypted(sandbox)
        registry.settled(registry.rotate(unversioned(kid), identity["client_id"]))
        assert "lastKeyRotationTimestamp" not in registry.key()
        new = vault.create_key(kid.split("/")[-2], kty="RSA")["key"]["kid"]
        registry.settled(registry.rotate(unversioned(kid), identity["client_id"]))
        key = registry.key()
        assert key["versionedKeyIdentifier"] == new and key["keyRotationEnabled"]
        assert "lastKeyRotationTimestamp" in key

    def test_to_another_vault_and_identity(self, sandbox):
        registry, _, first, _ = encrypted(sandbox)
        second = sandbox.create_identity()
        other = vault_for(sandbox, second["oid"])
        kid = other.create_key(kty="RSA")["key"]["kid"]
        registry.settled(registry.patch(identity=user_assigned(first, second)))
        registry.settled(registry.rotate(kid, second["client_id"]))
        assert registry.key()["identity"] == second["client_id"]
        # The one that is no longer used can go.
        registry.settled(registry.ask("PUT", registry.changed(identity=user_assigned(second))))

    def test_what_changes_something_else_asks_no_vault(self, sandbox):
        registry, vault, identity, _ = encrypted(sandbox)
        control = Control(sandbox)
        since = control.now()
        registry.ask("PATCH", {"tags": {"x": "y"}}).ok(200)
        registry.settled(registry.patch(identity={"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {
            identity["id"]: {}}}))
        assert [line for line in control.audit(since) if line["operationName"].startswith("Key")] == []

    def test_what_the_registry_does_to_the_key(self, sandbox):
        """Gets it, and wraps a secret: as the identity it was given, through the audit like anybody."""
        control = Control(sandbox)
        since = control.now()
        _, _, identity, _ = encrypted(sandbox)
        lines = [line for line in control.audit(since) if line["operationName"] in ("KeyGet", "KeyWrap")]
        assert [line["operationName"] for line in lines] == ["KeyGet", "KeyWrap"]
        assert {line["identity"]["claim"]["appid"] for line in lines} == {identity["client_id"]}


def as_admin(vault, **properties):
    """The vault with other properties."""
    body = vault.sandbox.arm("GET", vault.path).ok().json()
    body["properties"].update(properties)
    vault.sandbox.arm("PUT", vault.path, body).ok()


@story("Registries_Update", "Registries_Create")
def test_the_advanced_scenario(sandbox):
    """Created while the vault is open; the firewall closes; only the registry's own identity is a trusted service's."""
    registry, vault, identity, kid = encrypted(sandbox, versioned=True)
    control = Control(sandbox)
    as_admin(vault, networkAcls={"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [
        {"value": "127.0.0.1"}], "virtualNetworkRules": []})
    new = vault.create_key(kid.split("/")[-2], kty="RSA")["key"]["kid"]
    since = control.now()
    error = registry.rotate(new, identity["client_id"]).ok(400).error()
    assert error["message"] == cannot_access(new, identity["client_id"])
    refused = [line for line in control.audit(since) if line["operationName"] == "KeyGet"][-1]
    assert refused["decision"] == {"verdict": "deny", "reason": "net-default"}
    assert registry.key()["keyIdentifier"] == kid
    # az acr identity assign --identities [system]: the key goes along as it is, and is not looked at.
    registry.settled(registry.patch(identity={"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {
        identity["id"]: {}}}))
    own = registry.get()["identity"]["principalId"]
    # It has no permission yet.
    assert registry.rotate(new, "system").ok(400).error()["message"].startswith(f"Failed to access KeyId '{new}'")
    body = sandbox.arm("GET", vault.path).ok().json()
    body["properties"]["accessPolicies"].append(sandbox.policy(own, VERBS))
    sandbox.arm("PUT", vault.path, body).ok()
    since = control.now()
    got = registry.settled(registry.rotate(new, "system"))
    assert got["properties"]["encryption"]["keyVaultProperties"]["identity"] == "system"
    assert registry.key()["versionedKeyIdentifier"] == new
    lines = [line for line in control.audit(since) if line["operationName"] in ("KeyGet", "KeyWrap", "KeyUnwrap")]
    assert {line["operationName"] for line in lines} == {"KeyGet", "KeyWrap", "KeyUnwrap"}
    for line in lines:
        assert (line["identity"]["claim"]["oid"], line["decision"]["verdict"]) == (own, "allow")
        # From an address that the firewall does not know, as before.
        assert line["callerIpAddress"] == refused["callerIpAddress"]
    said = {oid: control.explain(caller=oid, vault=vault.name, key=new.split("/")[-2], operation="WrapKey",
                                 address=refused["callerIpAddress"]) for oid in (own, identity["oid"])}
    assert "net-trusted-service" in json.dumps(said[own]) and said[own]["verdict"] == "allow"
    assert "net-trusted-service" not in json.dumps(said[identity["oid"]]) and said[identity["oid"]]["verdict"] == "deny"


@story("Registries_Create", "Registries_Update", "Registries_GetOperationStatus", "Registries_Get")
def test_a_slow_answer(start_sandbox):
    """--async-delay, on the sandbox's clock: until then everybody sees what was there before."""
    sandbox = start_sandbox(vaultd_args=["--async-delay", "20"])
    control = Control(sandbox)
    identity = sandbox.create_identity()
    vault = vault_for(sandbox, identity["oid"])
    kid = vault.create_key(kty="RSA")["key"]["kid"]
    registry = Registry(sandbox)

    def status(answer):
        return sandbox.http("GET", answer.headers["Azure-AsyncOperation"], token=sandbox.admin_token()).ok()

    key = encryption(kid, identity["client_id"])
    answer = registry.create(identity=user_assigned(identity), encryption=key).ok(201)
    assert status(answer).json() == {"status": "Creating"} and status(answer).headers["Retry-After"] == "1"
    assert registry.get()["properties"]["provisioningState"] == "Creating"
    assert "identity" not in registry.get() and registry.get()["properties"]["encryption"] == {"status": "disabled"}
    control.advance("PT21S")
    assert status(answer).json() == {"status": "Succeeded"}
    assert registry.get()["properties"]["provisioningState"] == "Succeeded"
    new = vault.create_key(kid.split("/")[-2], kty="RSA")["key"]["kid"]
    answer = registry.rotate(new, identity["client_id"]).ok(201)
    assert status(answer).json() == {"status": "Updating"} and registry.key()["keyIdentifier"] == kid
    control.advance("PT21S")
    assert status(answer).json() == {"status": "Succeeded"} and registry.key()["keyIdentifier"] == new


class TestLists:
    @story("Registries_ListByResourceGroup", "Registries_List")
    def test_by_group_and_subscription(self, sandbox):
        group = sandbox.create_group()
        registries = [Registry(sandbox, group=group) for _ in range(2)]
        for registry in registries:
            registry.create("Standard").ok(201)
        path = registry_path(group.upper(), "").rstrip("/")
        got = sandbox.arm("GET", path, api_version=VERSION).ok().json()["value"]
        assert sorted(got, key=lambda r: r["name"]) == sorted((r.get() for r in registries), key=lambda r: r["name"])
        everywhere = sandbox.arm("GET", "{sub}/providers/Microsoft.ContainerRegistry/registries",
                                 api_version=VERSION).ok().json()["value"]
        assert {r.id for r in registries} <= {r["id"] for r in everywhere}

    @story("Resources_List")
    def test_generic(self, sandbox):
        """az looks a registry up by it when no group is said."""
        registry, _, identity, _ = encrypted(sandbox)
        what = ("{sub}/resources?$filter=resourceType%20eq%20'Microsoft.ContainerRegistry%2Fregistries'%20and%20name"
                f"%20eq%20'{registry.name}'")
        (got,) = sandbox.arm("GET", what, api_version="2021-04-01").ok().json()["value"]
        assert list(got) == ["id", "name", "type", "sku", "location", "identity", "tags", "systemData"]
        assert got["id"] == registry.id and got["identity"]["type"] == "UserAssigned"
        assert got["sku"] == {"name": "Premium", "tier": "Premium"}
        (old,) = sandbox.arm("GET", what, api_version="2015-11-01").ok().json()["value"]
        assert list(old) == ["id", "name", "type", "location", "tags"]

    def test_names_to_resolve(self, sandbox):
        registry, vault, _, _ = encrypted(sandbox)
        lines = subprocess.run([program("sandvault"), "hosts", "--data-dir", sandbox.data_dir], capture_output=True,
                               text=True, timeout=30, check=True).stdout.splitlines()
        assert f"127.0.0.1 {vault.name}.vault.localhost" in lines
        assert f"127.0.0.1 {registry.name}.azurecr.localhost" in lines


class TestEnd:
    @story("Registries_Delete")
    def test_deleted_and_not_there(self, sandbox):
        registry, _, identity, kid = encrypted(sandbox)
        assert registry.ask("DELETE").ok(200).body == b""
        registry.ask("GET").ok(404)
        registry.ask("DELETE").ok(204)
        # The name is free again, and what takes it is another one.
        registry.settled(registry.create(identity=user_assigned(identity), encryption=encryption(
            kid, identity["client_id"])))

    @story("ResourceGroups_Delete")
    def test_with_its_group(self, sandbox):
        registry = Registry(sandbox, group=sandbox.create_group())
        registry.create(identity={"type": "SystemAssigned"}).ok(201)
        sandbox.arm("DELETE", "{sub}/resourcegroups/" + registry.group).ok(202)
        free = sandbox.arm("POST", "{sub}/providers/Microsoft.ContainerRegistry/checkNameAvailability", {
            "name": registry.name, "type": "Microsoft.ContainerRegistry/registries"}, api_version=VERSION)
        assert free.ok().json() == {"nameAvailable": True}

    @story("UserAssignedIdentities_Delete")
    def test_its_identity_can_be_deleted(self, sandbox):
        registry, _, identity, _ = encrypted(sandbox)
        sandbox.arm("DELETE", identity["id"], api_version="2023-01-31").ok(200)
        assert registry.get()["properties"]["encryption"]["status"] == "enabled"
