"""The control plane: common rules, subscriptions, providers, resource groups, the cloud's description."""

import json
import re

import pytest
from stories import story

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sub(sandbox):
    return f"/subscriptions/{sandbox.endpoints['subscription']}"


@story("Subscriptions_List", "ResourceGroups_CreateOrUpdate", "ResourceGroups_Get", "ResourceGroups_Delete")
def test_headers(sandbox):
    name = sandbox.unique("rg-")
    path = "{sub}/resourcegroups/" + name
    put = sandbox.arm("PUT", path, {"location": "westus"}).ok(201)
    got = sandbox.arm("GET", "/subscriptions").ok()
    missing = sandbox.arm("GET", path + "-not").ok(404)
    gone = sandbox.arm("DELETE", path).ok(202)
    for answer in (put, got, missing, gone):
        headers = answer.headers
        assert headers["cache-control"] == "no-cache" and headers["pragma"] == "no-cache" and headers["expires"] == "-1"
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert headers["x-content-type-options"] == "nosniff"
        assert GUID.fullmatch(headers["x-ms-request-id"])
    for answer in (put, got, missing):
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert b'": ' not in answer.body and not answer.body.endswith(b"\n")
    assert put.headers["x-ms-ratelimit-remaining-subscription-writes"] == "1199"
    assert gone.headers["x-ms-ratelimit-remaining-subscription-deletes"] == "14999"
    assert missing.headers["x-ms-failure-cause"] == "gateway"
    assert "x-ms-failure-cause" not in got.headers


@story("Tenants_List", "Subscriptions_List", "Subscriptions_Get")
class TestSubscriptions:
    def test_tenants(self, sandbox):
        tenant = sandbox.endpoints["tenant"]
        one = sandbox.arm("GET", "/tenants", api_version="2019-11-01").ok().json()["value"]
        assert len(one) == 1
        assert list(one[0]) == ["id", "tenantId", "tenantCategory", "displayName", "defaultDomain", "tenantType"]
        assert (one[0]["id"], one[0]["tenantId"]) == (f"/tenants/{tenant}", tenant)
        assert (one[0]["tenantCategory"], one[0]["tenantType"]) == ("Home", "AAD")
        old = sandbox.arm("GET", "/tenants", api_version="2016-06-01").ok()
        assert old.body == compact({"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant}]})

    def test_subscriptions(self, sandbox):
        one = sandbox.arm("GET", "{sub}", api_version="2019-11-01").ok()
        s = sandbox.endpoints["subscription"]
        assert one.body == compact(
            {
                "id": f"/subscriptions/{s}",
                "authorizationSource": "RoleBased",
                "managedByTenants": [],
                "subscriptionId": s,
                "tenantId": sandbox.endpoints["tenant"],
                "displayName": one.json()["displayName"],
                "state": "Enabled",
                "subscriptionPolicies": {
                    "locationPlacementId": "Public_2014-09-01",
                    "quotaId": "PayAsYouGo_2014-09-01",
                    "spendingLimit": "Off",
                },
            }
        )
        listed = sandbox.arm("GET", "/subscriptions", api_version="2019-11-01").ok()
        assert listed.body == b'{"value":[' + one.body + b'],"count":{"type":"Total","value":1}}'
        old = sandbox.arm("GET", "{sub}", api_version="2016-06-01").ok().json()
        assert "tenantId" not in old and "managedByTenants" not in old

    @pytest.mark.parametrize("id", ["00000000-0000-0000-0000-000000000000", "nonsense"])
    def test_of_somebody_else(self, sandbox, id):
        for path in (f"/subscriptions/{id}", f"/subscriptions/{id}/resourceGroups"):
            answer = sandbox.arm("GET", path)
            assert answer.status in (400, 404) and answer.error()["code"] in ("SubscriptionNotFound",
                                                                              "InvalidSubscriptionId")
        sandbox.arm("GET", "/subscriptions").ok()

    def test_paths_compare_without_case(self, sandbox):
        s = sandbox.endpoints["subscription"]
        for path in (f"/SUBSCRIPTIONS/{s.upper()}", f"//subscriptions//{s}", f"/subscriptions/{s}/"):
            assert sandbox.arm("GET", path).ok().json()["subscriptionId"] == s
        sandbox.arm("GET", "{sub}").ok()


@story("Subscriptions_ListLocations")
def test_locations(sandbox):
    listed = sandbox.arm("GET", "{sub}/locations").ok().json()["value"]
    by_name = {one["name"]: one for one in listed}
    assert by_name["westeurope"]["displayName"] == "West Europe"
    assert by_name["eastus"]["id"] == f"{sub(sandbox)}/locations/eastus"


@story("Providers_Get", "Providers_List", "Providers_Register")
def test_providers(sandbox):
    answer = sandbox.arm("GET", "{sub}/providers/microsoft.keyvault", api_version="2021-04-01").ok().json()
    assert answer["id"] == f"{sub(sandbox)}/providers/Microsoft.KeyVault"
    assert answer["namespace"] == "Microsoft.KeyVault"
    assert (answer["registrationState"], answer["registrationPolicy"]) == ("Registered", "RegistrationRequired")
    vaults = next(t for t in answer["resourceTypes"] if t["resourceType"] == "vaults")
    assert "East US" in vaults["locations"] and "2022-07-01" in vaults["apiVersions"]
    assert vaults["capabilities"]
    names = {p["namespace"] for p in sandbox.arm("GET", "{sub}/providers").ok().json()["value"]}
    assert {"Microsoft.KeyVault", "Microsoft.ManagedIdentity", "Microsoft.Resources"} <= names
    path = "{sub}/providers/Microsoft.KeyVault/register"
    registered = sandbox.arm("POST", path, api_version="2021-04-01").ok().json()
    assert registered["registrationState"] in ("Registering", "Registered")
    sandbox.arm("GET", "{sub}/providers/Microsoft.Nonsense", api_version="2021-04-01").ok(404).error()


@story("ResourceGroups_CreateOrUpdate", "ResourceGroups_Get", "ResourceGroups_CheckExistence", "ResourceGroups_Update",
       "ResourceGroups_Delete", "ResourceGroups_List", "ResourceGroups_GetOperationResult")
class TestResourceGroups:
    def shape(self, sandbox, name, location, **more):
        out = {"id": f"{sub(sandbox)}/resourceGroups/{name}", "name": name,
               "type": "Microsoft.Resources/resourceGroups", "location": location, **more,
               "properties": {"provisioningState": "Succeeded"}}
        return compact(out)

    def test_create_and_read(self, sandbox):
        name = sandbox.unique("Group_(1)-")
        path = "{sub}/resourcegroups/" + name
        body = {"location": "westus", "tags": {"a": "b"}}
        expected = self.shape(sandbox, name, "westus", tags={"a": "b"})
        assert sandbox.arm("PUT", path, body).ok(201).body == expected
        assert sandbox.arm("PUT", path, body).ok(200).body == expected
        assert sandbox.arm("GET", path).ok().body == expected
        assert sandbox.arm("GET", "{sub}/ResourceGroups/" + name.upper()).ok().body == expected
        listed = sandbox.arm("GET", "{sub}/resourcegroups").ok().json()["value"]
        assert json.loads(expected) in listed

    def test_existence(self, sandbox):
        path = "{sub}/resourcegroups/" + sandbox.create_group()
        assert sandbox.arm("HEAD", path).ok(204).body == b""
        assert sandbox.arm("HEAD", path + "-not").ok(404).body == b""

    def test_change_tags(self, sandbox):
        path = "{sub}/resourcegroups/" + sandbox.create_group(location="westus")
        assert sandbox.arm("PATCH", path, {"tags": {"c": "d"}}).ok().json()["tags"] == {"c": "d"}
        assert sandbox.arm("GET", path).ok().json()["tags"] == {"c": "d"}

    def test_missing(self, sandbox):
        path = "{sub}/resourcegroups/nobody"
        for answer in (sandbox.arm("GET", path), sandbox.arm("DELETE", path), sandbox.arm("PATCH", path, {"tags": {}})):
            assert answer.ok(404).json() == {"error": {"code": "ResourceGroupNotFound", "message": (
                "Resource group 'nobody' could not be found.")}}

    def test_delete_takes_what_is_inside(self, sandbox):
        group = sandbox.create_group()
        vault = sandbox.create_vault(group=group)
        identity = sandbox.create_identity(group=group)
        path = "{sub}/resourcegroups/" + group
        answer = sandbox.arm("DELETE", path).ok(202)
        assert answer.body == b""
        location = answer.headers["Location"]
        assert location.startswith(f"{sandbox.arm_root}{sub(sandbox)}/operationresults/")
        for _ in range(50):
            answer = sandbox.http("GET", location, token=sandbox.admin_token())
            if answer.status != 202:
                break
            assert "Location" in answer.headers
        assert answer.ok().body == b"" and "Location" not in answer.headers
        sandbox.arm("GET", path).ok(404)
        assert vault.kv("GET", "/keys").ok(404).error()
        sandbox.arm("GET", identity["id"]).ok(404)
        deleted = sandbox.arm("GET", "{sub}/providers/Microsoft.KeyVault/deletedVaults").ok().json()["value"]
        assert vault.name in {d["name"] for d in deleted}
        assert sandbox.imds(resource=sandbox.vault_resource, client_id=identity["client_id"]).status == 400

    @pytest.mark.parametrize("body", [{}, {"location": ""}, {"location": 7}, {"location": "atlantis" * 20}, [], "x",
                                      {"location": "westus", "tags": []}, {"location": "westus", "tags": {"a": 1}}])
    def test_bad_bodies(self, sandbox, body):
        path = "{sub}/resourcegroups/never"
        sandbox.arm("PUT", path, json.dumps(body)).ok(400).error()
        sandbox.arm("GET", path).ok(404)

    def test_another_location_is_refused(self, sandbox):
        path = "{sub}/resourcegroups/" + sandbox.create_group(location="westus")
        sandbox.arm("PUT", path, {"location": "eastus"}).ok(409).error()
        assert sandbox.arm("GET", path).ok().json()["location"] == "westus"

    @pytest.mark.parametrize("name", ["a%20b", "a" * 91, "ends-with-dot.", "a%2Fb", "a?b=", "%00"])
    def test_bad_names(self, sandbox, name):
        if "?" in name:
            name = "a%3Fb"
        answer = sandbox.arm("PUT", "{sub}/resourcegroups/" + name, {"location": "westus"})
        assert answer.status in (400, 404), repr(answer)
        answer.error()


@story("Resources_List", "Resources_ListByResourceGroup")
class TestResources:
    def test_by_type(self, sandbox):
        vault = sandbox.create_vault()
        query = "$filter=resourceType%20eq%20%27Microsoft.KeyVault%2Fvaults%27"
        listed = sandbox.arm("GET", "{sub}/resources?" + query, api_version="2015-11-01").ok().json()["value"]
        item = next(i for i in listed if i["name"] == vault.name)
        assert list(item) == ["id", "name", "type", "location", "tags"]
        assert item["id"] == vault.resource["id"] and item["type"] == "Microsoft.KeyVault/vaults"
        assert all(i["type"] == "Microsoft.KeyVault/vaults" for i in listed)

    def test_by_group(self, sandbox):
        group = sandbox.create_group()
        identity = sandbox.create_identity(group=group)
        vault = sandbox.create_vault(group=group)
        listed = sandbox.arm("GET", "{sub}/resourceGroups/" + group + "/resources").ok().json()["value"]
        assert {i["name"] for i in listed} == {identity["name"], vault.name}

    def test_by_filter(self, sandbox):
        group = sandbox.create_group()
        vault = sandbox.create_vault(group=group)
        sandbox.create_identity()

        def names(text):
            query = "$filter=" + text.replace(" ", "%20").replace("'", "%27")
            return {i["name"] for i in sandbox.arm("GET", "{sub}/resources?" + query).ok().json()["value"]}

        assert names(f"resourceGroup eq '{group}'") == {vault.name}
        assert names(f"resourceGroup eq '{group}' and location eq '{vault.location}'") == {vault.name}
        assert names(f"resourceGroup eq '{group}' and location eq 'elsewhere'") == set()

    @pytest.mark.parametrize("text", ["nonsense", "resourceType eq", "resourceType eq 'a' or", "'"])
    def test_filters_that_make_no_sense(self, sandbox, text):
        answer = sandbox.arm("GET", "{sub}/resources?$filter=" + text.replace(" ", "%20").replace("'", "%27"))
        assert answer.ok(400).error()["code"]


@story("Subscriptions_Get")
class TestRules:
    def test_api_version(self, sandbox):
        answer = sandbox.arm("GET", "{sub}", api_version="").ok(400)
        assert answer.error()["code"] == "MissingApiVersionParameter"
        for version in ("x", "20210401", "2021-13-77-x", "latest"):
            sandbox.arm("GET", "{sub}", api_version=version).ok(400).error()

    def test_unknown_paths(self, sandbox):
        for path in ("/", "/nothing", "{sub}/nothing", "{sub}/resourceGroups/x/providers/Microsoft.Nonsense/things/y",
                     "{sub}/resourceGroups/x/providers/Microsoft.KeyVault/nonsense/y"):
            answer = sandbox.arm("GET", path)
            assert answer.status in (400, 404), repr(answer)
            assert answer.error()["code"] and "json" in answer.headers["content-type"]
        sandbox.arm("GET", "{sub}").ok()

    def test_other_methods(self, sandbox):
        answer = sandbox.arm("DELETE", "{sub}")
        assert answer.status in (404, 405) and answer.error()["code"]
        sandbox.arm("GET", "{sub}").ok()

    @pytest.mark.parametrize("text", [b"{", b"[]", b"\xff", b'{"location":"westus","location":"eastus"}',
                                      b'{"a":' * 3000, b"null"])
    def test_bodies_that_are_no_json_object(self, sandbox, text):
        sandbox.arm("PUT", "{sub}/resourcegroups/never", text).ok(400).error()
        sandbox.arm("GET", "{sub}/resourcegroups/never").ok(404)
        sandbox.arm("GET", "{sub}").ok()

    def test_client_request_id(self, sandbox):
        wish = {"x-ms-client-request-id": "story-2", "x-ms-return-client-request-id": "true"}
        assert sandbox.arm("GET", "{sub}", headers=wish).headers["x-ms-client-request-id"] == "story-2"


@story("Cloud_GetEndpoints", "GetCloudMetadata")
class TestCloud:
    def doors(self, sandbox):
        return sandbox.arm_root, sandbox.login_root, sandbox.imds_root

    def test_array_for_2019(self, sandbox):
        for root in self.doors(sandbox):
            listed = sandbox.http("GET", root + "/metadata/endpoints?api-version=2019-05-01").ok().json()
            assert isinstance(listed, list) and len(listed) == 1
            cloud = listed[0]
            assert cloud["name"] != "AzureCloud"
            assert cloud["resourceManager"].rstrip("/") == sandbox.arm_root
            assert cloud["authentication"]["loginEndpoint"].startswith(sandbox.login_root)
            assert cloud["authentication"]["audiences"] and cloud["authentication"]["tenant"]
            assert cloud["suffixes"]["keyVaultDns"] == sandbox.endpoints["vault_suffix"]
            assert cloud["suffixes"]["acrLoginServer"].startswith("azurecr.localhost")
            for member in ("portal", "graphAudience", "microsoftGraphResourceId", "sqlManagement", "batch", "gallery",
                           "media", "vmImageAliasDoc", "activeDirectoryDataLake"):
                assert member in cloud, member

    @pytest.mark.parametrize("version", ["2022-09-01", "2023-11-01"])
    def test_object_for_2022_and_later(self, sandbox, version):
        for root in self.doors(sandbox):
            cloud = sandbox.http("GET", root + f"/metadata/endpoints?api-version={version}").ok().json()
            assert cloud["resourceManager"].rstrip("/") == sandbox.arm_root
            assert not cloud["authentication"]["loginEndpoint"].endswith("/")
            assert {"mhsmDns", "storage", "keyVaultDns"} <= set(cloud["suffixes"])

    def test_older_object_for_2015(self, sandbox):
        for root in self.doors(sandbox):
            cloud = sandbox.http("GET", root + "/metadata/endpoints?api-version=2015-01-01").ok().json()
            assert {"galleryEndpoint", "graphEndpoint", "authentication"} <= set(cloud)

    def test_bad_versions(self, sandbox):
        for root in self.doors(sandbox):
            for query in ("", "?api-version=", "?api-version=nonsense"):
                answer = sandbox.http("GET", root + "/metadata/endpoints" + query).ok(400)
                assert answer.json()


@story("VirtualMachines_Get", "VirtualMachines_Update", "SystemAssignedIdentities_GetByScope")
class TestDevbox:
    VM = "{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox"

    def test_it_is_there(self, sandbox):
        vm = sandbox.arm("GET", self.VM).ok().json()
        assert vm["name"] == "devbox" and vm["type"] == "Microsoft.Compute/virtualMachines"
        assert vm["identity"]["principalId"]
        sandbox.arm("GET", self.VM + "-not").ok(404)

    def test_its_system_assigned_identity(self, sandbox):
        vm = sandbox.arm("GET", self.VM).ok().json()
        path = self.VM + "/providers/Microsoft.ManagedIdentity/identities/default"
        one = sandbox.arm("GET", path).ok().json()
        assert one["name"] == "default" and one["type"] == "Microsoft.ManagedIdentity/identities"
        assert one["properties"]["principalId"] == vm["identity"]["principalId"]
        assert one["properties"]["tenantId"] == sandbox.endpoints["tenant"]

    def test_attaching_identities(self, start_sandbox):
        """A list of its own takes the place of "every identity there is"."""
        sandbox = start_sandbox()
        one, two = sandbox.create_identity(), sandbox.create_identity()
        body = {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {one["id"]: {}}}}
        assert sandbox.arm("PATCH", self.VM, body).status in (200, 201)
        sandbox.imds(resource=sandbox.vault_resource, client_id=one["client_id"]).ok()
        answer = sandbox.imds(resource=sandbox.vault_resource, client_id=two["client_id"]).ok(400)
        assert answer.json() == {"error": "invalid_request", "error_description": "Identity not found"}
