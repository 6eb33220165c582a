"""Vaults and identities as resources."""

import json
import re
from datetime import datetime, timezone

import pytest
from sandbox import ALL_KEY_PERMISSIONS
from stories import story

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sub(sandbox):
    return f"/subscriptions/{sandbox.endpoints['subscription']}"


def body_of(sandbox, location="westeurope", sku="standard", tags=None, **properties):
    out = {
        "location": location,
        "properties": {
            "tenantId": sandbox.endpoints["tenant"],
            "sku": {"family": "A", "name": sku},
            "accessPolicies": [],
            **properties,
        },
    }
    return out if tags is None else {**out, "tags": tags}


@pytest.fixture
def place(sandbox):
    """(path, name, id) of a vault that is not there yet."""
    group, name = sandbox.create_group(), sandbox.unique("kv-")
    return sandbox.vault_path(group, name), name, (
        f"{sub(sandbox)}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}")


@story("Vaults_CreateOrUpdate", "Vaults_Get")
class TestCreate:
    def test_the_least(self, sandbox, place):
        path, name, id = place
        policy = {"tenantId": sandbox.endpoints["tenant"], "objectId": sandbox.admin_oid,
                  "permissions": {"keys": ["wrapKey", "Get", "unwrapKey"]}}
        answer = sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[policy])).ok(200)
        got = answer.json()
        uri = f"https://{name}.{sandbox.endpoints['vault_suffix']}"
        expected = {
            "id": id, "name": name, "type": "Microsoft.KeyVault/vaults", "location": "westeurope", "tags": {},
            "systemData": got["systemData"],
            "properties": {
                "sku": {"family": "A", "name": "standard"}, "tenantId": sandbox.endpoints["tenant"],
                "accessPolicies": [policy], "enabledForDeployment": False, "enableSoftDelete": True,
                "softDeleteRetentionInDays": 90, "vaultUri": got["properties"]["vaultUri"],
                "provisioningState": got["properties"]["provisioningState"], "publicNetworkAccess": "Enabled"}}
        assert answer.body == compact(expected)
        state = got["properties"]["provisioningState"], got["properties"]["vaultUri"]
        assert state in (("RegisteringDns", uri), ("Succeeded", uri + "/"))
        data = got["systemData"]
        assert list(data) == ["createdBy", "createdByType", "createdAt", "lastModifiedBy", "lastModifiedByType",
                              "lastModifiedAt"]
        assert data["createdByType"] == "Application" and TIME.fullmatch(data["createdAt"])
        expected["properties"] |= {"vaultUri": uri + "/", "provisioningState": "Succeeded"}
        assert sandbox.arm("GET", path).ok().body == compact(expected)
        # An update of a living vault has Succeeded at once.
        again = sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[policy])).ok().json()
        assert again["properties"]["provisioningState"] == "Succeeded"
        assert again["properties"]["vaultUri"] == uri + "/"

    def test_everything(self, sandbox, place):
        path, _, _ = place
        acls = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4/32"}],
                "virtualNetworkRules": []}
        body = body_of(sandbox, tags={"b": "1", "a": "2"}, sku="premium", enabledForDeployment=True,
                       enabledForDiskEncryption=True, enabledForTemplateDeployment=True, enableSoftDelete=True,
                       softDeleteRetentionInDays=7, enableRbacAuthorization=True, enablePurgeProtection=True,
                       networkAcls=acls, publicNetworkAccess="Enabled")
        sandbox.arm("PUT", path, body).ok()
        got = sandbox.arm("GET", path).ok().json()
        assert got["tags"] == {"b": "1", "a": "2"} and list(got["tags"]) == ["b", "a"]
        names = ["sku", "tenantId", "networkAcls", "accessPolicies", "enabledForDeployment", "enabledForDiskEncryption",
                 "enabledForTemplateDeployment", "enableSoftDelete", "softDeleteRetentionInDays",
                 "enableRbacAuthorization", "enablePurgeProtection", "vaultUri", "provisioningState",
                 "publicNetworkAccess"]
        assert list(got["properties"]) == names
        sent = body["properties"]
        for name in set(names) - {"vaultUri", "provisioningState"}:
            assert got["properties"][name] == sent[name], name

    def test_the_default_network_rule_is_dropped(self, sandbox, place):
        path, _, _ = place
        acls = {"bypass": "AzureServices", "defaultAction": "Allow"}
        got = sandbox.arm("PUT", path, body_of(sandbox, networkAcls=acls)).ok().json()
        assert "networkAcls" not in got["properties"]
        got = sandbox.arm("PUT", path, body_of(sandbox, networkAcls={"defaultAction": "Deny"})).ok().json()
        assert got["properties"]["networkAcls"] == {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [],
                                                    "virtualNetworkRules": []}

    def test_the_reply_can_be_sent_back(self, sandbox, place):
        """az updates by sending what it read, read-only members and all."""
        path, _, _ = place
        sandbox.arm("PUT", path, body_of(sandbox, softDeleteRetentionInDays=7)).ok()
        got = sandbox.arm("GET", path).ok().json()
        got["properties"]["enabledForDeployment"] = True
        after = sandbox.arm("PUT", path, got).ok().json()
        assert {**after, "systemData": 0} == {**got, "systemData": 0}

    def test_a_put_replaces_but_never_goes_back(self, sandbox, place):
        path, _, _ = place
        policy = sandbox.policy(sandbox.admin_oid, ["get"])
        sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[policy], enablePurgeProtection=True,
                                         softDeleteRetentionInDays=7)).ok()
        body = body_of(sandbox)
        del body["properties"]["accessPolicies"]
        answer = sandbox.arm("PUT", path, body)
        if answer.status == 200:
            got = answer.json()["properties"]
            assert got["accessPolicies"] == []
            assert got["enablePurgeProtection"] is True and got["softDeleteRetentionInDays"] == 7
        else:
            answer.ok(400)

    def test_purge_protection_cannot_be_refused(self, sandbox, place):
        path, _, _ = place
        expected = {
            "error": {
                "code": "BadRequest",
                "message": (
                    'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a '
                    "vault is an irreversible action."
                ),
            }
        }
        assert sandbox.arm("PUT", path, body_of(sandbox, enablePurgeProtection=False)).ok(400).json() == expected
        sandbox.arm("GET", path).ok(404)
        sandbox.arm("PUT", path, body_of(sandbox, enablePurgeProtection=True)).ok()
        assert sandbox.arm("PUT", path, body_of(sandbox, enablePurgeProtection=False)).ok(400).json() == expected

    @pytest.mark.parametrize("change", [
        {"softDeleteRetentionInDays": 6}, {"softDeleteRetentionInDays": 91}, {"softDeleteRetentionInDays": "7"},
        {"sku": None}, {"sku": {"family": "A", "name": "deluxe"}}, {"sku": {"family": "B", "name": "standard"}},
        {"tenantId": None}, {"tenantId": "nonsense"}, {"accessPolicies": {}}, {"accessPolicies": [7]},
        {"accessPolicies": [{"objectId": "x"}]}, {"enableSoftDelete": "yes"}, {"enableRbacAuthorization": 1},
        {"networkAcls": []}, {"networkAcls": {"defaultAction": "Maybe"}}, {"networkAcls": {"bypass": "Everybody"}},
        {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3"}]}},
        {"networkAcls": {"defaultAction": "Deny", "ipRules": "1.2.3.4"}}, {"publicNetworkAccess": "Sometimes"},
    ], ids=str)
    def test_bad_properties(self, sandbox, place, change):
        path, _, _ = place
        body = body_of(sandbox)
        body["properties"] |= change
        body["properties"] = {k: v for k, v in body["properties"].items() if v is not None}
        sandbox.arm("PUT", path, body).ok(400).error()
        sandbox.arm("GET", path).ok(404)

    @pytest.mark.parametrize("permissions", [{"keys": ["dance"]}, {"keys": "get"}, {"keys": [7]}, [], "get"], ids=str)
    def test_bad_permissions(self, sandbox, place, permissions):
        path, _, _ = place
        policy = {"tenantId": sandbox.endpoints["tenant"], "objectId": sandbox.admin_oid, "permissions": permissions}
        sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[policy])).ok(400).error()
        sandbox.arm("GET", path).ok(404)

    @pytest.mark.parametrize(
        "name", ["ab", "a" * 25, "1abc", "-abc", "abc-", "a--b", "a_b", "a.b", "a%20b", "%C3%A4bc"]
    )
    def test_bad_names(self, sandbox, name):
        group = sandbox.create_group()
        answer = sandbox.arm("PUT", sandbox.vault_path(group, name), body_of(sandbox))
        assert answer.status == 400, repr(answer)
        assert answer.error()["code"]
        sandbox.arm("PUT", sandbox.vault_path(group, sandbox.unique("kv-")), body_of(sandbox)).ok()

    def test_group_must_be_there(self, sandbox):
        answer = sandbox.arm("PUT", sandbox.vault_path("nobody", sandbox.unique("kv-")), body_of(sandbox)).ok(404)
        assert answer.json() == {"error": {"code": "ResourceGroupNotFound", "message": (
            "Resource group 'nobody' could not be found.")}}

    def test_missing(self, sandbox, place):
        path, name, id = place
        group = id.split("/")[4]
        assert sandbox.arm("GET", path).ok(404).json() == {"error": {"code": "ResourceNotFound", "message": (
            f"The Resource 'Microsoft.KeyVault/vaults/{name}' under resource group '{group}' was not found. For more "
            "details please go to https://aka.ms/ARMResourceNotFoundFix")}}

    def test_names_are_global(self, sandbox, place):
        path, name, _ = place
        sandbox.arm("PUT", path, body_of(sandbox)).ok()
        other = sandbox.vault_path(sandbox.create_group(), name.upper())
        assert sandbox.arm("PUT", other, body_of(sandbox)).ok(409).error()["code"] == "VaultAlreadyExists"


@story("Vaults_Update")
def test_patch_merges(sandbox):
    vault = sandbox.create_vault()
    before = sandbox.arm("GET", vault.path).ok().json()
    body = {"tags": {"a": "b"}, "properties": {"enabledForDeployment": True}}
    answer = sandbox.arm("PATCH", vault.path, body)
    assert answer.status in (200, 201)
    got = answer.json()
    assert got["tags"] == {"a": "b"} and got["properties"]["enabledForDeployment"] is True
    assert got["properties"]["accessPolicies"] == before["properties"]["accessPolicies"]
    assert {**got, "systemData": 0} == {**sandbox.arm("GET", vault.path).json(), "systemData": 0}
    sandbox.arm("PATCH", vault.path, {"properties": {"enablePurgeProtection": False}}).ok(400).error()
    sandbox.arm("PATCH", vault.path + "-not", {"tags": {}}).ok(404)


@story("Vaults_ListByResourceGroup", "Vaults_ListBySubscription")
def test_lists(sandbox):
    group = sandbox.create_group()
    vaults = sorted(sandbox.create_vault(group=group).name for _ in range(3))
    path = "{sub}/resourceGroups/" + group + "/providers/Microsoft.KeyVault/vaults"
    listed = sandbox.arm("GET", path).ok().json()["value"]
    assert sorted(v["name"] for v in listed) == vaults
    assert listed[0] == sandbox.arm("GET", sandbox.vault_path(group, listed[0]["name"])).json()
    everywhere = sandbox.arm("GET", "{sub}/providers/Microsoft.KeyVault/vaults").ok().json()["value"]
    assert set(vaults) <= {v["name"] for v in everywhere}
    seen, url = [], sandbox.arm_root + path.replace("{sub}", sub(sandbox)) + "?api-version=2022-07-01&$top=2"
    while url and len(seen) < 9:
        page = sandbox.http("GET", url, token=sandbox.admin_token()).ok().json()
        assert len(page["value"]) <= 2
        seen += [v["name"] for v in page["value"]]
        url = page.get("nextLink")
    assert sorted(seen) == vaults
    sandbox.arm("GET", "{sub}/resourceGroups/nobody/providers/Microsoft.KeyVault/vaults").ok(404)


@story("Vaults_UpdateAccessPolicy")
class TestAccessPolicies:
    A, B = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"

    def change(self, vault, how, *policies):
        sandbox = vault.sandbox
        body = {"properties": {"accessPolicies": list(policies)}}
        answer = sandbox.arm("PUT", f"{vault.path}/accessPolicies/{how}", body)
        assert answer.status in (200, 201), repr(answer)
        got = answer.json()
        assert got["type"] == "Microsoft.KeyVault/vaults/accessPolicies"
        assert got["id"].startswith(vault.resource["id"] + "/accessPolicies/")
        after = sandbox.arm("GET", vault.path).ok().json()["properties"]["accessPolicies"]
        assert got["properties"]["accessPolicies"] == after
        return {p["objectId"]: p["permissions"].get("keys") for p in after}

    def test_add_replace_remove(self, sandbox):
        vault = sandbox.create_vault(policies={self.A: ["get"]})
        assert self.change(vault, "add", sandbox.policy(self.B, ["list"])) == {self.A: ["get"], self.B: ["list"]}
        merged = self.change(vault, "add", sandbox.policy(self.A, ["wrapKey", "get"]))
        assert sorted(merged[self.A]) == ["get", "wrapKey"]
        assert self.change(vault, "replace", sandbox.policy(self.A, ["sign"])) == {self.A: ["sign"], self.B: ["list"]}
        left = self.change(vault, "remove", sandbox.policy(self.A, ["sign"]))
        assert not left.get(self.A) and left[self.B] == ["list"]

    @pytest.mark.parametrize("how", ["Add", "ADD"])
    def test_words_compare_without_case(self, sandbox, how):
        vault = sandbox.create_vault(policies={})
        assert self.change(vault, how, sandbox.policy(self.A, ["get"])) == {self.A: ["get"]}

    def test_refused(self, sandbox):
        vault = sandbox.create_vault(policies={self.A: ["get"]})
        good = {"properties": {"accessPolicies": [sandbox.policy(self.B, ["get"])]}}
        answer = sandbox.arm("PUT", vault.path + "/accessPolicies/dance", good)
        assert answer.status in (400, 404) and answer.error()["code"]
        sandbox.arm("PUT", vault.path + "-not/accessPolicies/add", good).ok(404)
        for body in ({}, {"properties": {}}, {"properties": {"accessPolicies": [{}]}}, [],
                     {"properties": {"accessPolicies": [sandbox.policy(self.B, ["dance"])]}}):
            sandbox.arm("PUT", vault.path + "/accessPolicies/add", json.dumps(body)).ok(400).error()
        after = sandbox.arm("GET", vault.path).json()["properties"]["accessPolicies"]
        assert [p["objectId"] for p in after] == [self.A]


def seconds(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


@story("Vaults_Delete", "Vaults_GetDeleted", "Vaults_ListDeleted", "Vaults_PurgeDeleted", "Vaults_GetOperationResult",
       "Vaults_CreateOrUpdate", "Vaults_CheckNameAvailability")
class TestSoftDelete:
    def deleted_path(self, vault):
        return "{sub}/providers/Microsoft.KeyVault/locations/" + vault.location + "/deletedVaults/" + vault.name

    def poll(self, sandbox, answer):
        location = answer.headers["Location"]
        for _ in range(50):
            answer = sandbox.http("GET", location, token=sandbox.admin_token())
            if answer.status != 202:
                break
        return answer.ok()

    @pytest.mark.parametrize("properties, days", [({}, 90), ({"softDeleteRetentionInDays": 7}, 7)])
    def test_deleted_vaults(self, sandbox, properties, days):
        vault = sandbox.create_vault(**properties)
        vault.create_key("k1")
        answer = sandbox.arm("DELETE", vault.path).ok(200)
        assert answer.body == b"" and "Location" not in answer.headers
        assert sandbox.arm("DELETE", vault.path).status in (204, 404)
        sandbox.arm("GET", vault.path).ok(404)
        vault.kv("GET", "/keys/k1").ok(404)
        answer = sandbox.arm("GET", self.deleted_path(vault)).ok()
        got = answer.json()
        dates = {k: got["properties"][k] for k in ("deletionDate", "scheduledPurgeDate")}
        assert answer.body == compact({
            "id": self.deleted_path(vault).replace("{sub}", sub(sandbox)), "name": vault.name,
            "type": "Microsoft.KeyVault/deletedVaults",
            "properties": {"vaultId": vault.resource["id"], "location": vault.location, "tags": {}, **dates}})
        assert seconds(dates["scheduledPurgeDate"]) - seconds(dates["deletionDate"]) == days * 86400
        listed = sandbox.arm("GET", "{sub}/providers/Microsoft.KeyVault/deletedVaults").ok().json()["value"]
        assert got in listed

    def test_recover(self, sandbox):
        vault = sandbox.create_vault()
        made = vault.create_key("k1")
        before = sandbox.arm("GET", vault.path).json()
        sandbox.arm("DELETE", vault.path).ok()
        body = body_of(sandbox, sku="premium", createMode="recover")
        del body["properties"]["accessPolicies"]
        got = sandbox.arm("PUT", vault.path, body).ok().json()
        assert {**got, "systemData": 0} == {**before, "systemData": 0}
        assert got["systemData"]["createdAt"] == before["systemData"]["createdAt"]
        assert "createMode" not in got["properties"]
        assert vault.kv("GET", "/keys/k1").ok().json() == made
        sandbox.arm("GET", self.deleted_path(vault)).ok(404)

    def test_a_deleted_name_stays_taken(self, sandbox):
        vault = sandbox.create_vault()
        sandbox.arm("DELETE", vault.path).ok()
        answer = sandbox.arm("PUT", vault.path, body_of(sandbox)).ok(409)
        assert answer.error() == {
            "code": "ConflictError",
            "message": (
                "A vault with the same name already exists in deleted state. You need to either recover or purge "
                "existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more "
                "information on soft delete."
            ),
        }

    def test_purge(self, sandbox):
        vault = sandbox.create_vault()
        vault.create_key("k1")
        sandbox.arm("DELETE", vault.path).ok()
        answer = sandbox.arm("POST", self.deleted_path(vault) + "/purge")
        assert answer.status in (200, 202), repr(answer)
        if answer.status == 202:
            assert answer.body == b""
            prefix = f"{sandbox.arm_root}{sub(sandbox)}/providers/Microsoft.KeyVault/locations/{vault.location}"
            assert answer.headers["Location"].startswith(prefix + "/operationResults/")
            got = self.poll(sandbox, answer).json()
            assert list(got) == ["createdDateTime", "lastActionDateTime", "status"] and got["status"] == "Succeeded"
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", got["createdDateTime"])
        sandbox.arm("GET", self.deleted_path(vault)).ok(404)
        # The name is free again, and the new vault is empty.
        sandbox.arm("PUT", vault.path, body_of(sandbox, accessPolicies=[
            sandbox.policy(sandbox.admin_oid, ALL_KEY_PERMISSIONS)])).ok()
        assert vault.kv("GET", "/keys").ok().json()["value"] == []
        vault.kv("GET", "/keys/k1").ok(404)

    def test_purge_protection(self, sandbox):
        vault = sandbox.create_vault(enablePurgeProtection=True)
        sandbox.arm("DELETE", vault.path).ok()
        got = sandbox.arm("GET", self.deleted_path(vault)).ok().json()["properties"]
        assert list(got)[-1] == "purgeProtectionEnabled" and got["purgeProtectionEnabled"] is True
        answer = sandbox.arm("POST", self.deleted_path(vault) + "/purge")
        assert 400 <= answer.status < 500
        assert answer.error() == {"code": "MethodNotAllowed", "message": (
            "Operation 'DeletedVaultPurge' is not allowed.")}
        sandbox.arm("GET", self.deleted_path(vault)).ok()

    def test_unknown(self, sandbox):
        path = "{sub}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/nobody"
        sandbox.arm("GET", path).ok(404).error()
        sandbox.arm("POST", path + "/purge").ok(404).error()
        sandbox.arm("DELETE", sandbox.vault_path(sandbox.create_group(), "nobody")).ok(204)
        got = sandbox.create_vault()
        assert sandbox.arm("GET", self.deleted_path(got)).ok(404)

    def test_is_a_name_free(self, sandbox):
        path = "{sub}/providers/Microsoft.KeyVault/checkNameAvailability"

        def ask(name):
            return sandbox.arm("POST", path, {"name": name, "type": "Microsoft.KeyVault/vaults"}).ok().json()

        assert ask(sandbox.unique("kv-")) == {"nameAvailable": True}
        taken = ask(sandbox.create_vault().name)
        assert (taken["nameAvailable"], taken["reason"]) == (False, "AlreadyExists") and taken["message"]
        wrong = ask("1-")
        assert (wrong["nameAvailable"], wrong["reason"]) == (False, "AccountNameInvalid") and wrong["message"]


@story("ManagedHsms_ListBySubscription", "ManagedHsms_ListByResourceGroup", "ManagedHsms_ListDeleted")
def test_there_are_no_managed_hsms(sandbox):
    group = sandbox.create_group()
    for path in (
        "{sub}/providers/Microsoft.KeyVault/managedHSMs",
        "{sub}/providers/Microsoft.KeyVault/deletedManagedHSMs",
        "{sub}/resourceGroups/" + group + "/providers/Microsoft.KeyVault/managedHSMs",
    ):
        assert sandbox.arm("GET", path).ok().json()["value"] == []


@story("ManagedHsms_CheckMhsmNameAvailability")
def test_every_good_name_is_free_for_a_managed_hsm(sandbox):
    path = "{sub}/providers/Microsoft.KeyVault/checkMhsmNameAvailability"
    vault = sandbox.create_vault()
    assert sandbox.arm("POST", path, {"name": vault.name}).ok().json() == {"nameAvailable": True}
    wrong = sandbox.arm("POST", path, {"name": "1-"}).ok().json()
    assert (wrong["nameAvailable"], wrong["reason"]) == (False, "AccountNameInvalid") and wrong["message"]
    assert sandbox.arm("POST", path, {}).ok(400).error()["code"] == "BadRequest"


@story("UserAssignedIdentities_CreateOrUpdate", "UserAssignedIdentities_Get", "UserAssignedIdentities_Update",
       "UserAssignedIdentities_Delete", "UserAssignedIdentities_ListByResourceGroup",
       "UserAssignedIdentities_ListBySubscription", "UserAssignedIdentities_ListAssociatedResources")
class TestIdentities:
    @pytest.fixture
    def place(self, sandbox):
        group, name = sandbox.create_group(), sandbox.unique("Id_")
        return sandbox.identity_path(group, name), name, (
            f"{sub(sandbox)}/resourcegroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}")

    def test_create_and_read(self, sandbox, place):
        path, name, id = place
        answer = sandbox.arm("PUT", path, {"location": "westus", "tags": {"a": "b"}}).ok(201)
        assert answer.headers["Location"] == id
        got = answer.json()
        properties = got["properties"]
        assert answer.body == compact({
            "id": id, "name": name, "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "location": "westus",
            "tags": {"a": "b"}, "properties": {"tenantId": sandbox.endpoints["tenant"],
                                               "principalId": properties["principalId"],
                                               "clientId": properties["clientId"]}})
        assert len({properties["principalId"], properties["clientId"], properties["tenantId"]}) == 3
        assert all(GUID.fullmatch(properties[k]) for k in ("principalId", "clientId"))
        again = sandbox.arm("PUT", path, {"location": "westus", "tags": {"a": "b"}}).ok(200)
        assert again.body == answer.body and "Location" not in again.headers
        assert sandbox.arm("GET", path).ok().body == answer.body
        assert sandbox.arm("GET", path.upper().replace("{SUB}", "{sub}"),
                           api_version="2023-01-31").ok().body == answer.body

    def test_2024_has_an_isolation_scope(self, sandbox, place):
        path, _, _ = place
        got = sandbox.arm("PUT", path, {"location": "westus"}, api_version="2024-11-30").ok(201).json()
        assert got["properties"]["isolationScope"] == "None"
        assert list(got)[:2] == ["location", "tags"]

    def test_change_tags(self, sandbox, place):
        path, _, _ = place
        before = sandbox.arm("PUT", path, {"location": "westus", "tags": {"a": "b"}}).ok(201).json()
        got = sandbox.arm("PATCH", path, {"tags": {"c": "d"}}).ok().json()
        assert got == {**before, "tags": {"c": "d"}}

    def test_delete_and_make_again(self, sandbox, place):
        path, _, _ = place
        before = sandbox.arm("PUT", path, {"location": "westus"}).ok(201).json()["properties"]
        client_id = before["clientId"]
        sandbox.imds_token(client_id=client_id)
        assert sandbox.arm("DELETE", path).ok(200).body == b""
        sandbox.arm("DELETE", path).ok(204)
        answer = sandbox.arm("GET", path).ok(404)
        assert answer.error()["code"] == "ResourceNotFound"
        assert sandbox.imds(resource=sandbox.vault_resource, client_id=client_id).status == 400
        after = sandbox.arm("PUT", path, {"location": "westus"}).ok(201).json()["properties"]
        assert not set(before.values()) & set(after.values()) - {sandbox.endpoints["tenant"]}

    def test_lists(self, sandbox):
        group = sandbox.create_group()
        made = [sandbox.create_identity(group=group) for _ in range(2)]
        path = "{sub}/resourceGroups/" + group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        listed = sandbox.arm("GET", path).ok().json()["value"]
        assert sorted(i["id"] for i in listed) == sorted(m["id"] for m in made)
        everywhere = sandbox.arm("GET", "{sub}/providers/Microsoft.ManagedIdentity/userAssignedIdentities").ok().json()
        assert {m["id"] for m in made} <= {i["id"] for i in everywhere["value"]}

    def test_associated_resources(self, sandbox, identity):
        path = identity["id"] + "/listAssociatedResources"
        got = sandbox.arm("POST", path, api_version="2021-09-30-preview").ok().json()
        assert list(got)[:2] == ["totalCount", "value"] and got["totalCount"] == len(got["value"])

    def test_refused(self, sandbox, place):
        path, _, _ = place
        for body in ({}, {"location": 7}, [], {"location": "westus", "tags": "x"}):
            sandbox.arm("PUT", path, json.dumps(body)).ok(400).error()
        sandbox.arm("GET", path).ok(404)
        sandbox.arm("PUT", sandbox.identity_path("nobody", "x123"), {"location": "westus"}).ok(404)
        for name in ("a%20b", "a" * 129, "-", "%C3%A4"):
            answer = sandbox.arm("PUT", sandbox.identity_path(path.split("/")[2], name), {"location": "westus"})
            assert answer.status in (400, 404), (name, answer)
