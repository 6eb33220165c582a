"""Deployments: their life, the body that az sends, what they deploy, what they give back, how they fail."""

import json
import re
import signal
import uuid

import pytest
from registries import VERBS
from roles import grant, role_id
from stories import story
from templates import (DEPLOYMENT, IDENTITY, VAULT, Deployment, az_body, fixture, identity, nested, resource, template,
                       values, vault)

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")
DURATION = re.compile(r"PT(0S|(\d+H)?(\d+M)?\d+\.\d{7}S)")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FAILED = ("At least one resource deployment operation failed. Please list deployment operations for details. Please see "
          "https://aka.ms/DeployOperations for usage details.")


@pytest.fixture
def deployment(sandbox):
    return Deployment(sandbox)


def violation(error):
    """(line, position, path) of the one place that an error names."""
    [info] = error["additionalInfo"]
    assert info["type"] == "TemplateViolation"
    return info["info"]["lineNumber"], info["info"]["linePosition"], info["info"]["path"]


# Takes long enough to be looked at while it is under way.
LONG = template([identity("[concat('id-', copyIndex())]", copy={"name": "ids", "count": 400})])


class TestLife:
    @story("Deployments_CreateOrUpdate", "Deployments_Get", "Deployments_GetOperationStatus")
    def test_put_byte_by_byte(self, deployment):
        what = template([identity("[parameters('name')]")], parameters={"name": {"type": "String"}},
                        outputs={"client": {"type": "string", "value": "[reference(parameters('name')).clientId]"}})
        answer = deployment.put(what, {"name": "one"}).ok(201)
        got = answer.json()
        assert list(got) == ["id", "name", "type", "properties"] and "outputs" not in got["properties"]
        p = got["properties"]
        assert (got["id"], got["name"], got["type"]) == (deployment.id, deployment.name, DEPLOYMENT)
        assert TIME.fullmatch(p["timestamp"]) and UUID.fullmatch(p["correlationId"]) and p["templateHash"].isdigit()
        assert {k: v for k, v in p.items() if k not in ("timestamp", "correlationId", "templateHash")} == {
            "parameters": {"name": {"type": "String", "value": "one"}}, "mode": "Incremental",
            "provisioningState": "Accepted", "duration": "PT0S", "dependencies": [], "providers": [
                {"namespace": "Microsoft.ManagedIdentity",
                 "resourceTypes": [{"resourceType": "userAssignedIdentities", "locations": ["westeurope"]}]}]}
        where, _, query = answer.headers["Azure-AsyncOperation"].partition("?")
        sub = deployment.sandbox.endpoints["subscription"]
        start = (f"{deployment.sandbox.arm_root}/subscriptions/{sub}/resourcegroups/{deployment.group}/providers/"
                 f"Microsoft.Resources/deployments/{deployment.name}/operationStatuses/")
        assert where.startswith(start) and re.fullmatch(r"\d{20}", where[len(start):])
        assert query == "api-version=2021-04-01" and answer.headers["Retry-After"] == "1"
        end = deployment.ended()
        assert deployment.status() == {"status": "Succeeded"}
        assert end["outputResources"] == [{"id": deployment.resource_id(IDENTITY, "one")}]
        assert DURATION.fullmatch(end["duration"]) and TIME.fullmatch(end["timestamp"])
        client = deployment.sandbox.arm("GET", deployment.resource_id(IDENTITY, "one")).ok().json()
        assert end["outputs"] == {"client": {"type": "String", "value": client["properties"]["clientId"]}}
        for name in ("templateHash", "parameters", "correlationId", "providers", "mode"):
            assert end[name] == p[name], name

    @story("Deployments_CreateOrUpdate")
    def test_again_is_the_same(self, deployment):
        what = template([identity("one"), vault(deployment.sandbox.unique("kv-"))])
        first = deployment.deploy(what)
        again = deployment.deploy(what, status=200)
        assert again["outputResources"] == first["outputResources"]
        assert again["templateHash"] == first["templateHash"] and again["correlationId"] != first["correlationId"]
        assert len(deployment.names()) == 2

    @story("Deployments_Validate")
    def test_validate_deploys_nothing(self, deployment):
        got = deployment.validate(template([identity("one")])).ok().json()
        assert got["id"] == deployment.id and got["name"] == deployment.name and got["type"] == DEPLOYMENT
        p = got["properties"]
        assert p["provisioningState"] == "Succeeded" and p["duration"] == "PT0S" and UUID.fullmatch(p["correlationId"])
        assert p["validatedResources"] == [{"id": deployment.resource_id(IDENTITY, "one")}] and p["dependencies"] == []
        assert deployment.names() == []
        deployment.ask("GET").ok(404)

    @story("Deployments_CheckExistence", "Deployments_Get", "Deployments_Delete", "Deployments_ListByResourceGroup")
    def test_head_get_list_delete(self, deployment):
        assert deployment.ask("HEAD").ok(404).body == b""
        assert deployment.ask("GET").ok(404).error() == {
            "code": "DeploymentNotFound", "message": f"Deployment '{deployment.name}' could not be found."}
        deployment.ask("DELETE").ok(204)
        deployment.deploy(template([identity("one")]))
        other = Deployment(deployment.sandbox, "a-other", deployment.group)
        other.fail(template([resource(VAULT, "x", location="westeurope", properties={})]))
        assert deployment.ask("HEAD").ok(204).body == b""
        path = deployment.path.rpartition("/")[0]

        def listed(query=""):
            return deployment.sandbox.arm("GET", path + query, api_version="2021-04-01").ok().json()

        assert [d["name"] for d in listed()["value"]] == ["a-other", deployment.name]
        assert listed()["value"][1] == deployment.ask("GET").json()
        page = listed("?$top=1")
        assert [d["name"] for d in page["value"]] == ["a-other"] and "skiptoken=1" in page["nextLink"]
        assert [d["name"] for d in listed("?$filter=provisioningState%20eq%20'Failed'")["value"]] == ["a-other"]
        refused = deployment.sandbox.arm("GET", path + "?$filter=name%20eq%20'x'", api_version="2021-04-01").ok(400)
        assert refused.error()["code"] == "InvalidFilterInQueryString"
        gone = deployment.ask("DELETE").ok(202)
        assert gone.body == b""
        deployment.sandbox.http("GET", gone.headers["Location"], token=deployment.sandbox.admin_token()).ok(200)
        deployment.ask("HEAD").ok(404)
        assert deployment.names() == ["one"], "what it deployed stays"

    @story("DeploymentOperations_List", "DeploymentOperations_Get")
    def test_operations(self, deployment):
        deployment.deploy(template([identity("one"), identity("two", dependsOn=["one"]),
                                    identity("never", condition=False)]))
        operations = deployment.operations()
        assert [o["properties"]["targetResource"] for o in operations] == [
            {"id": deployment.resource_id(IDENTITY, n), "resourceType": IDENTITY, "resourceName": n}
            for n in ("one", "two")]
        for o in operations:
            p = o["properties"]
            assert o["id"] == f"{deployment.id}/operations/{o['operationId']}"
            assert p["provisioningOperation"] == "Create" and p["provisioningState"] == "Succeeded"
            assert p["statusCode"] == "Created" and UUID.fullmatch(p["trackingId"])
            assert TIME.fullmatch(p["timestamp"]) and DURATION.fullmatch(p["duration"])
            assert deployment.ask("GET", f"/operations/{o['operationId']}").ok().json() == o
        refused = deployment.ask("GET", "/operations/0123456789ABCDEF").ok(404)
        assert refused.error()["code"] == "DeploymentOperationNotFound"
        other = deployment.ask("GET", "/operationStatuses/08500000000000000000").ok(404)
        assert other.error()["code"] == "DeploymentOperationStatusNotFound"

    @story("Deployments_ExportTemplate")
    def test_export(self, deployment):
        deployment.deploy(fixture("CMKtemplate.json"), cmk(deployment.sandbox, deployment.group))
        text = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", "", fixture("CMKtemplate.json"))
        assert deployment.ask("POST", "/exportTemplate").ok().json() == {"template": json.loads(text)}

    @story("Deployments_WhatIf")
    def test_what_if(self, deployment):
        deployment.deploy(template([identity("one")]))
        got = deployment.ask("POST", "/whatIf", deployment.body(template([
            identity("one"), identity("two"), identity("never", condition=False)]))).ok().json()
        assert got["status"] == "Succeeded"
        changes = got["properties"]["changes"]
        assert [(c["resourceId"], c["changeType"]) for c in changes] == [
            (deployment.resource_id(IDENTITY, "one"), "Deploy"), (deployment.resource_id(IDENTITY, "two"), "Create")]
        assert changes[0]["before"]["name"] == "one" and "before" not in changes[1]
        assert changes[1]["after"] == {"apiVersion": "2023-01-31", "id": deployment.resource_id(IDENTITY, "two"),
                                       "name": "two", "resourceGroup": deployment.group, "type": IDENTITY}
        assert deployment.names() == ["one"]
        bad = deployment.ask("POST", "/whatIf", deployment.body(template([identity("[nothing()]")]))).ok(400)
        assert bad.error()["code"] == "InvalidTemplate" and violation(bad.error())

    @story("Deployments_Cancel", "Deployments_CreateOrUpdate", "Deployments_Delete")
    def test_one_at_a_time_and_cancel(self, deployment):
        deployment.put(LONG).ok(201)
        active = deployment.put(LONG).ok(409).error()
        assert active["code"] == "DeploymentActive"
        date = r"'\d+/\d+/\d{4} \d+:\d\d:\d\d [AP]M'"
        assert re.fullmatch(rf"Unable to edit or replace deployment '{deployment.name}': previous deployment from {date} is "
                            rf"still active \(expiration time is {date}\)\. Please see https://aka.ms/arm-deploy for "
                            r"usage details\.", active["message"])
        assert deployment.ask("DELETE").ok(409).error()["code"] == "DeploymentActive"
        assert deployment.get()["provisioningState"] == "Running"
        assert deployment.ask("POST", "/cancel").ok(204).body == b""
        # The answer that still has the address is the first.
        url = f"{deployment.sandbox.arm_root}{deployment.id}"
        while (p := deployment.get())["provisioningState"] == "Running":
            continue
        assert p["provisioningState"] == "Canceled" and url
        assert p["error"]["code"] == "DeploymentCanceled"
        assert len(deployment.names()) < 400
        again = deployment.ask("POST", "/cancel").ok(409).error()
        assert again["code"] == "DeploymentCannotBeCancelled"
        deployment.deploy(template([identity("one")]), status=200)

    @story("Deployments_CreateOrUpdate")
    @pytest.mark.parametrize("name,status", {"a": 201, "A-b_c.d(e)": 201, "x" * 64: 201, "x" * 65: 400,
                                             "a%20b": 400, "%C3%A4": 400}.items())
    def test_names(self, sandbox, name, status):
        d = Deployment(sandbox, name)
        answer = d.put(template()).ok(status)
        if status == 400:
            assert answer.error()["code"] == "InvalidDeploymentName"
        else:
            assert d.ended()["provisioningState"] == "Succeeded"

    @story("Deployments_CreateOrUpdate")
    def test_without_a_group(self, sandbox):
        answer = Deployment(sandbox, group="nobody").put(template()).ok(404)
        assert answer.error()["code"] == "ResourceGroupNotFound"


def cmk(sandbox, group):
    """What the template of the tutorial is given."""
    there = sandbox.create_vault(group=group)
    kid = there.create_key(kty="RSA")["key"]["kid"]
    return {"vault_name": there.name, "registry_name": sandbox.unique("Reg"), "identity_name": "cmk-identity",
            "kek_id": kid.rpartition("/")[0]}


class TestBody:
    """clients.md says that az's body is no JSON: there, and only there, it is taken."""

    TEXT = ('{\r\n\t// "comments" and CRLF\r\n\t"$schema": "https://schema.management.azure.com/schemas/2015-01-01/'
            'deploymentTemplate.json#",\r\n\t"contentVersion": "1.0.0.0", /* of\r\nevery { kind */\r\n\t"resources": []\r\n}\r\n')

    @story("Deployments_CreateOrUpdate", "Deployments_Validate", "Deployments_WhatIf")
    def test_where_it_is_taken(self, deployment):
        body = az_body(self.TEXT)
        assert b", template:{\r\n\t//" in body
        deployment.ask("POST", "/validate", body).ok(200)
        deployment.ask("POST", "/whatIf", body).ok(200)
        deployment.answer = deployment.ask("PUT", "", body).ok(201)
        assert deployment.ended()["provisioningState"] == "Succeeded"

    def test_and_where_not(self, deployment):
        sandbox = deployment.sandbox
        for body in (b'{location:"westeurope"}', b'{"location":"westeurope" // here\n}', b"{template:{}}"):
            answer = sandbox.arm("PUT", "{sub}/resourcegroups/never", body, api_version="2021-04-01").ok(400)
            assert answer.error()["code"] == "InvalidRequestContent"
            answer = sandbox.arm("PUT", sandbox.identity_path(deployment.group, "never"), body).ok(400)
            assert answer.error()["code"] == "InvalidRequestContent"
        # In the body of a deployment it is that one name that may stand so, and nothing else.
        answer = deployment.ask("PUT", "", b'{properties: {"mode":"Incremental"}}').ok(400)
        assert answer.error()["code"] == "InvalidRequestContent"

    BAD = {
        "nothing": (b"", "InvalidRequestContent"),
        "no JSON": (b"template", "InvalidRequestContent"),
        "half": (b'{"properties": {"mode": "Incremental", template:{', "InvalidRequestContent"),
        "a list": (b"[]", "InvalidRequestContent"),
        "a string": (b'"x"', "InvalidRequestContent"),
        "no properties": (b"{}", "InvalidRequestContent"),
        "properties of a kind": (b'{"properties":[]}', "InvalidRequestContent"),
        "not UTF-8": (b'{"properties":{"mode":"Incremental","template":"\xff"}}', "InvalidRequestContent"),
        "twice": (b'{"properties":{"mode":"Incremental","mode":"Incremental"}}', "InvalidRequestContent"),
        "deep": (b'{"properties":' + b"[" * 5000, "InvalidRequestContent"),
        "a comment that does not end": (b'{"properties":{"mode":"Incremental"}} /* x', "InvalidRequestContent"),
        "no mode": (b'{"properties":{"template":{}}}', "InvalidDeploymentMode"),
        "another mode": (b'{"properties":{"mode":"Some","template":{}}}', "InvalidDeploymentMode"),
        "no template": (b'{"properties":{"mode":"Incremental"}}', "InvalidTemplate"),
        "a template of a kind": (b'{"properties":{"mode":"Incremental","template":"x"}}', "InvalidTemplate"),
        "an empty template": (b'{"properties":{"mode":"Incremental","template":{}}}', "InvalidTemplate"),
    }

    @story("Deployments_CreateOrUpdate", "Deployments_Validate", "Deployments_WhatIf")
    @pytest.mark.parametrize("name", BAD)
    def test_bad(self, deployment, name):
        body, code = self.BAD[name]
        for method, suffix in (("PUT", ""), ("POST", "/validate"), ("POST", "/whatIf")):
            answer = deployment.ask(method, suffix, body).ok(400)
            assert answer.error()["code"] == code, answer
        deployment.ask("GET").ok(404)

    @story("Deployments_CreateOrUpdate")
    def test_too_large(self, deployment):
        text = self.TEXT.replace("comments", "x" * (1 << 20))
        assert deployment.ask("PUT", "", az_body(text)).status == 413
        # Quick to say, and long: what it makes is refused before memory is gone.
        doubling = {"v0": "x" * 1000, **{f"v{i}": f"[concat(variables('v{i - 1}'), variables('v{i - 1}'))]"
                                         for i in range(1, 40)}}
        answer = deployment.put(template([identity("[variables('v39')]")], variables=doubling)).ok(413)
        assert answer.error()["message"]

    @story("Deployments_CreateOrUpdate")
    @pytest.mark.parametrize("member, value", [
        ("templateLink", {"uri": "https://example.com/t.json"}),
        ("parametersLink", {"uri": "https://example.com/p.json"}),
        ("onErrorDeployment", {"type": "LastSuccessful"}),
    ])
    def test_what_is_not_imitated(self, deployment, member, value):
        body = deployment.body(template([identity("one")]))
        body["properties"][member] = value
        for method, suffix in (("PUT", ""), ("POST", "/validate")):
            answer = deployment.ask(method, suffix, body).ok(501)
            assert answer.error()["code"] == "NotImplemented" and member in answer.error()["message"]
        body["properties"][member] = None
        deployment.ask("POST", "/validate", body).ok(200)


class TestTutorial:
    @story("Deployments_Validate", "Deployments_CreateOrUpdate")
    def test_its_mistake(self, deployment):
        """The published command gives key_id; the published template declares kek_id."""
        given = cmk(deployment.sandbox, deployment.group)
        given["key_id"] = given.pop("kek_id")
        for answer in (deployment.validate(fixture("CMKtemplate.json"), given), deployment.put(fixture("CMKtemplate.json"), given)):
            error = answer.ok(400).error()
            assert error["code"] == "InvalidTemplate" and violation(error)[2] == "properties.template.parameters"
            assert error["message"] == (
                "Deployment template validation failed: 'The following parameters were supplied, but do not correspond to "
                "any parameters defined in the template: 'key_id'. The parameters defined in the template are: 'vault_name, "
                "registry_name, identity_name, kek_id'. Please see https://aka.ms/arm-pass-parameter-values for usage "
                "details.'.")

    @story("Deployments_Validate", "Deployments_CreateOrUpdate")
    def test_as_published(self, deployment):
        sandbox = deployment.sandbox
        given = cmk(sandbox, deployment.group)
        deployment.validate(fixture("CMKtemplate.json"), given).ok(200)
        end = deployment.deploy(fixture("CMKtemplate.json"), given)
        registry = sandbox.arm("GET", deployment.resource_id("Microsoft.ContainerRegistry/registries",
                                                             given["registry_name"]), api_version="2019-12-01-preview")
        encryption = registry.ok().json()["properties"]["encryption"]
        assert encryption["keyVaultProperties"]["keyIdentifier"] == given["kek_id"]
        assert [d["resourceType"] for d in end["dependencies"]] == [
            "Microsoft.ContainerRegistry/registries", "Microsoft.KeyVault/vaults/accessPolicies"]
        identity_id = deployment.resource_id(IDENTITY, given["identity_name"])
        for d in end["dependencies"]:
            assert {x["id"] for x in d["dependsOn"]} == {identity_id}
        assert len(end["outputResources"]) == 3
        assert deployment.deploy(fixture("CMKtemplate.json"), given, status=200)["outputResources"] == end["outputResources"]


class TestValues:
    @story("Deployments_CreateOrUpdate")
    def test_parameters_of_every_type(self, deployment):
        kinds = {"string": "x", "securestring": "hidden", "int": -7, "bool": False, "object": {"a": [1]},
                 "secureObject": {"hidden": "too"}, "array": [1, "b", None]}
        what = template(parameters={f"p{k}": {"type": k} for k in kinds},
                        outputs={f"o{k}": {"type": k, "value": f"[parameters('p{k}')]"} for k in kinds})
        end = deployment.deploy(what, {f"p{k}": v for k, v in kinds.items()})
        for k, v in kinds.items():
            word = {"securestring": "SecureString", "secureObject": "SecureObject"}.get(k, k.capitalize())
            secret = "ecure" in k.lower()
            for shown in (end["parameters"][f"p{k}"], end["outputs"][f"o{k}"]):
                assert shown == ({"type": word} if secret else {"type": word, "value": v})
        assert "hidden" not in deployment.ask("GET").text + json.dumps(deployment.operations())

    @story("Deployments_CreateOrUpdate")
    def test_functions_of_the_place(self, sandbox):
        d = Deployment(sandbox)
        sandbox.arm("PATCH", "{sub}/resourcegroups/" + d.group, {"tags": {"a": "b"}}, api_version="2021-04-01").ok()
        got = d.outputs(template(parameters={"now": {"type": "string", "defaultValue": "[utcNow()]"}}, outputs={
            "group": {"type": "object", "value": "[resourceGroup()]"},
            "subscription": {"type": "object", "value": "[subscription()]"},
            "name": {"type": "string", "value": "[deployment().name]"},
            "mode": {"type": "string", "value": "[deployment().properties.mode]"},
            "arm": {"type": "string", "value": "[environment().resourceManager]"},
            "suffix": {"type": "string", "value": "[environment().suffixes.keyvaultDns]"},
            "now": {"type": "string", "value": "[parameters('now')]"},
            "same": {"type": "bool", "value": "[equals(uniqueString(resourceGroup().id), uniqueString(resourceGroup().id))]"}}))
        assert got["group"]["name"] == d.group and got["group"]["tags"] == {"a": "b"}
        assert got["subscription"]["subscriptionId"] == sandbox.endpoints["subscription"]
        assert got["subscription"]["tenantId"] == sandbox.endpoints["tenant"]
        assert got["name"] == d.name and got["mode"] == "Incremental" and got["same"]
        assert got["arm"] == sandbox.arm_root + "/" and got["suffix"] == "." + sandbox.endpoints["vault_suffix"]
        assert re.fullmatch(r"\d{8}T\d{6}Z", got["now"])

    @story("Deployments_CreateOrUpdate")
    def test_functions_of_its_own(self, deployment):
        def named(prefix):
            return [{"namespace": "names", "members": {"of": {
                "parameters": [{"name": "x", "type": "string"}],
                "output": {"type": "string", "value": f"[concat('{prefix}-', toLower(parameters('x')))]"}}}}]

        inner = template([identity("[names.of('C')]")], functions=named("inner"))
        deployment.deploy(template([identity("[Names.of('A')]"), nested("outside", template([identity("[names.of('B')]")])),
                                    nested("inside", inner, "inner")], functions=named("outer")))
        assert deployment.names() == ["inner-c", "outer-a", "outer-b"]

    @story("Deployments_CreateOrUpdate")
    def test_references(self, deployment):
        there = deployment.sandbox.create_identity("there", group=deployment.group)
        ref = f"resourceId('{IDENTITY}', 'there')"
        got = deployment.outputs(template([
            identity("one", tags={"of": f"[reference({ref}, '2023-01-31').clientId]"}),
            identity("two", tags={"of": "[reference('one').principalId]"})], outputs={
                "one": {"type": "object", "value": "[reference('one', '2023-01-31', 'Full')]"},
                "tag": {"type": "string", "value": "[reference('two', '2023-01-31', 'full').tags.of]"}}))
        assert got["one"]["tags"] == {"of": there["client_id"]} and got["one"]["location"] == "westeurope"
        assert got["tag"] == got["one"]["properties"]["principalId"]

    @story("Deployments_CreateOrUpdate")
    def test_output_that_fails(self, deployment):
        error = deployment.fail(template([identity("one")], outputs={
            "good": {"type": "string", "value": "x"},
            "bad": {"type": "string", "value": "[reference('one').nothing]"}}))
        assert error["code"] == "DeploymentOutputEvaluationFailed"
        assert error["message"] == (
            "Unable to evaluate template outputs: 'bad'. Please see error details and deployment operations. Please see "
            "https://aka.ms/arm-common-errors for usage details.")
        [detail] = error["details"]
        assert detail["code"] == "DeploymentOutputEvaluationFailed" and detail["target"] == "bad"
        assert detail["message"].startswith("The template output 'bad' is not valid: The language expression property "
                                            "'nothing' doesn't exist, available properties are '")
        assert violation(detail)[2] == "properties.template.outputs.bad.value"
        assert deployment.names() == ["one"] and "outputs" not in deployment.get()

    @story("Deployments_CreateOrUpdate")
    def test_output_of_what_is_not_there(self, deployment):
        what = template(outputs={"x y": {"type": "object", "value": f"[reference(resourceId('{IDENTITY}', 'none'), '2023-01-31')]"}})
        error = deployment.fail(what)
        assert error["code"] == "DeploymentOutputEvaluationFailed" and error["details"][0]["target"] == "x y"
        assert error["details"][0]["code"] == "ResourceNotFound" and "none" in error["details"][0]["message"]


class TestResources:
    @story("Deployments_CreateOrUpdate")
    def test_conditions_and_loops(self, deployment):
        what = template([
            identity("never", condition="[parameters('x')]"),
            identity("[format('id-{0}-{1}', copyIndex(5), parameters('names')[copyIndex()])]",
                     copy={"name": "loop", "count": "[length(parameters('names'))]", "mode": "serial", "batchSize": 1}),
            identity("last", dependsOn=["loop", "never"])],
            parameters={"x": {"type": "bool", "defaultValue": False},
                        "names": {"type": "array", "defaultValue": ["a", "b", "c"]}})
        deployment.deploy(what)
        assert deployment.names() == ["id-5-a", "id-6-b", "id-7-c", "last"]
        ended = [o["properties"]["targetResource"]["resourceName"] for o in
                 sorted(deployment.operations(), key=lambda o: o["properties"]["timestamp"])]
        assert ended[-1] == "last"
        deployment.deploy(what, {"x": True, "names": []}, status=200)
        assert deployment.names() == ["id-5-a", "id-6-b", "id-7-c", "last", "never"]

    @story("Deployments_CreateOrUpdate")
    def test_children_scopes_and_assignments(self, deployment):
        """A vault with roles, a key in it, an identity with a federated credential, and the identity's right to the vault."""
        sandbox, name = deployment.sandbox, deployment.sandbox.unique("kv-")
        role = role_id(sandbox, "Key Vault Crypto User")
        what = template([
            identity("who", resources=[
                {"type": "federatedIdentityCredentials", "apiVersion": "2023-01-31", "name": "github", "dependsOn": ["who"],
                 "properties": {"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:a/b:ref:x",
                                "audiences": ["api://AzureADTokenExchange"]}}]),
            vault(name, enableRbacAuthorization=True),
            resource(f"{VAULT}/keys", f"{name}/kek", dependsOn=[name], tags={"a": "b"}, properties={
                "kty": "RSA", "keySize": 2048, "keyOps": ["wrapKey", "unwrapKey"],
                "rotationPolicy": {"lifetimeActions": [{"trigger": {"timeAfterCreate": "P90D"},
                                                        "action": {"type": "rotate"}}],
                                   "attributes": {"expiryTime": "P1Y"}}}),
            resource("Microsoft.Authorization/roleAssignments", "[guid(resourceGroup().id, 'who')]",
                     scope=f"[resourceId('{VAULT}', '{name}')]", dependsOn=[name, "who"], properties={
                         "roleDefinitionId": role, "principalType": "ServicePrincipal",
                         "principalId": "[reference('who').principalId]"})],
            outputs={"kid": {"type": "string", "value": f"[reference(resourceId('{VAULT}/keys', '{name}', 'kek')).keyUriWithVersion]"},
                     "principal": {"type": "string", "value": "[reference('who').principalId]"},
                     "client": {"type": "string", "value": "[reference('who').clientId]"}})
        end = deployment.deploy(what)
        got = {k: v["value"] for k, v in end["outputs"].items()}
        path = deployment.resource_id(VAULT, name)
        [assignment] = [a for a in sandbox.arm("GET", path + "/providers/Microsoft.Authorization/roleAssignments").ok()
                        .json()["value"] if a["properties"]["principalId"] == got["principal"]]
        assert assignment["properties"]["scope"] == path
        token = sandbox.imds_token(client_id=got["client"])
        wrapped = sandbox.http("POST", got["kid"] + "/wrapkey?api-version=7.4",
                               {"alg": "RSA-OAEP", "value": "AAAA"}, token=token).ok().json()
        assert wrapped["kid"] == got["kid"]
        credentials = sandbox.arm("GET", deployment.resource_id(IDENTITY, "who") + "/federatedIdentityCredentials").ok()
        assert [c["name"] for c in credentials.json()["value"]] == ["github"]
        again = deployment.deploy(what, status=200)
        assert again["outputs"] == end["outputs"], "a key that is there stays as it is"

    @story("Deployments_CreateOrUpdate")
    def test_access_policies(self, deployment):
        there = deployment.sandbox.create_vault(group=deployment.group)
        entry = {"tenantId": "[subscription().tenantId]", "objectId": "[reference('who').principalId]",
                 "permissions": {"keys": list(VERBS)}}

        def change(how):
            return template([identity("who"), resource(f"{VAULT}/accessPolicies", f"{there.name}/{how}",
                                                       properties={"accessPolicies": [entry]})])

        def policies():
            return deployment.sandbox.arm("GET", there.path).ok().json()["properties"]["accessPolicies"]

        deployment.deploy(change("add"))
        assert len(policies()) == 2
        deployment.deploy(change("remove"), status=200)
        assert len(policies()) == 1

    @story("Deployments_CreateOrUpdate")
    def test_nested(self, deployment):
        """Outer scope sees the outer parameters, inner scope its own."""
        inner = template([identity("[parameters('x')]")], parameters={"x": {"type": "string", "defaultValue": "dflt"}},
                         outputs={"made": {"type": "string", "value": "[parameters('x')]"}})
        outer_made = template([identity("[concat(parameters('x'), '-outer')]")],
                              outputs={"id": {"type": "string", "value": f"[resourceId('{IDENTITY}', 'z')]"}})
        end = deployment.deploy(template([
            nested("inside", inner, "inner", {"x": "[concat(parameters('x'), '-inner')]"}),
            nested("outside", outer_made, dependsOn=["inside"]),
            identity("end", dependsOn=["outside"], tags={"t": "[reference('inside').outputs.made.value]"})],
            parameters={"x": {"type": "string"}}, outputs={
                "made": {"type": "string", "value": "[reference('inside').outputs.made.value]"}}), {"x": "n"})
        assert end["outputs"]["made"]["value"] == "n-inner"
        assert deployment.names() == ["end", "n-inner", "n-outer"]
        assert {r["id"].rpartition("/")[2] for r in end["outputResources"]} == {"end", "n-inner", "n-outer"}
        child = Deployment(deployment.sandbox, "inside", deployment.group).get()
        assert child["provisioningState"] == "Succeeded" and child["parameters"]["x"]["value"] == "n-inner"

    @story("Deployments_CreateOrUpdate")
    def test_nested_in_another_group(self, deployment):
        other = deployment.sandbox.create_group()
        end = deployment.deploy(template([nested("away", template([identity("far")]), resourceGroup=other)]))
        assert deployment.names() == [] and Deployment(deployment.sandbox, group=other).names() == ["far"]
        assert end["outputResources"][0]["id"].split("/")[4] == other

    @story("Deployments_CreateOrUpdate")
    def test_nested_that_fails(self, deployment):
        error = deployment.fail(template([
            nested("bad", template([vault("x"), identity("made")])), identity("after", dependsOn=["bad"]),
            nested("refused", template(parameters={"p": {"type": "string"}}), "inner")]))
        assert error["code"] == "DeploymentFailed"
        bad, refused = error["details"]
        assert bad["code"] == "DeploymentFailed" and bad["target"].endswith("/deployments/bad")
        assert bad["details"][0]["target"] == deployment.resource_id(VAULT, "x")
        assert refused["code"] == "InvalidTemplate" and refused["target"].endswith("/deployments/refused")
        assert violation(refused)[2] == "properties.template.parameters.p"
        assert deployment.names() == ["made"]

    @story("Deployments_CreateOrUpdate")
    def test_bicep(self, deployment):
        """Symbolic names, an existing resource of another group, a module, definitions."""
        sandbox = deployment.sandbox
        name = sandbox.unique("kv-")
        common = sandbox.create_group()
        there = sandbox.create_vault(name, group=common)
        there.create_key("kek", kty="RSA")
        what = json.loads(fixture("bicep-2.json").replace("sharedvault", name).replace('"common"', f'"{common}"')
                          .replace('"name": "hub"', f'"name": "{sandbox.unique("hub")}"'))
        for who in ("who0", "who1"):
            made = sandbox.create_identity(who, group=deployment.group)
            sandbox.arm("PUT", there.path + "/accessPolicies/add", {"properties": {
                "accessPolicies": [sandbox.policy(made["oid"], VERBS)]}}).ok()
        hub = what["resources"]["hub"]
        hub["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {
            f"[resourceId('{IDENTITY}', 'who1')]": {}}}
        end = deployment.deploy(what)
        assert end["outputs"]["ids"]["value"] == [deployment.resource_id(IDENTITY, w) for w in ("who0", "who1")]
        assert "never" not in end["outputs"] and end["outputs"]["secret"] == {"type": "SecureString"}
        assert len(end["outputResources"]) == 3

    @story("Deployments_Validate", "Deployments_CreateOrUpdate")
    def test_bicep_of_before(self, deployment):
        """A list of resources: a loop inside a property, one of resources, a key, assignments at a scope."""
        sandbox, name = deployment.sandbox, deployment.sandbox.unique("kv-")
        who = [sandbox.create_identity()["oid"] for _ in range(2)]
        given = {"vaultName": name, "readers": who}
        deployment.validate(fixture("bicep-1.json"), given).ok(200)
        end = deployment.deploy(fixture("bicep-1.json"), given)
        path = deployment.resource_id(VAULT, name)
        assert {k: v["value"] for k, v in end["outputs"].items()} == {
            "vaultUri": f"https://{name}.{sandbox.endpoints['vault_suffix']}/", "keyId": path + "/keys/kek"}
        made = sandbox.arm("GET", path).ok().json()["properties"]
        assert [p["objectId"] for p in made["accessPolicies"]] == who
        assigned = sandbox.arm("GET", path + "/providers/Microsoft.Authorization/roleAssignments").ok().json()["value"]
        assert {a["properties"]["principalId"] for a in assigned if a["properties"]["scope"] == path} == set(who)
        assert deployment.deploy(fixture("bicep-1.json"), given, status=200)["outputs"] == end["outputs"]
        assert violation(deployment.validate(fixture("bicep-1.json")).ok(400).error())[2] == (
            "properties.template.parameters.vaultName")

    @story("Deployments_CreateOrUpdate")
    def test_complete_mode(self, deployment):
        deployment.sandbox.create_identity("old", group=deployment.group)
        old_vault = deployment.sandbox.create_vault(group=deployment.group)
        deployment.deploy(template([identity("kept")]))
        assert deployment.names() == sorted(["kept", "old", old_vault.name])
        what = template([identity("kept"), identity("gone", condition=False), identity("new"),
                         nested("module", template([identity("made-inside")]))])
        deployment.deploy(what, mode="Complete", status=200)
        assert deployment.names() == ["kept", "made-inside", "new"]
        assert deployment.get()["mode"] == "Complete"
        again = Deployment(deployment.sandbox, group=deployment.group)
        again.deploy(template(), mode="Complete")
        assert again.names() == []

    @story("Deployments_CreateOrUpdate")
    def test_complete_mode_of_what_fails(self, deployment):
        deployment.sandbox.create_identity("old", group=deployment.group)
        deployment.fail(template([vault("x")]), mode="Complete")
        assert deployment.names() == ["old"], "nothing is deleted unless everything was deployed"


class TestFailing:
    @story("Deployments_CreateOrUpdate", "DeploymentOperations_List", "Deployments_GetOperationStatus")
    def test_what_depends_is_left_out(self, deployment):
        error = deployment.fail(template([
            identity("one"), vault("x"), identity("after", dependsOn=[f"[resourceId('{VAULT}', 'x')]"]),
            identity("later", dependsOn=["after"]), identity("beside")]))
        assert error["code"] == "DeploymentFailed" and error["message"] == FAILED and error["target"] == deployment.id
        [detail] = error["details"]
        direct = deployment.sandbox.arm("PUT", deployment.resource_id(VAULT, "x"), {
            "location": "westeurope", "properties": {"tenantId": deployment.sandbox.endpoints["tenant"],
                                                     "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}})
        assert detail == direct.ok(400).error() | {"target": deployment.resource_id(VAULT, "x")}
        assert deployment.names() == ["beside", "one"]
        failed = {o["properties"]["targetResource"]["resourceName"]: o["properties"] for o in deployment.operations()}
        assert set(failed) == {"one", "x", "beside"}
        assert failed["x"]["provisioningState"] == "Failed" and failed["x"]["statusCode"] == "BadRequest"
        assert failed["x"]["statusMessage"] == {"status": "Failed", "error": detail}
        assert "outputResources" not in deployment.get()

    @story("Deployments_CreateOrUpdate")
    def test_expression_that_fails_late(self, deployment):
        error = deployment.fail(template([identity("one"), identity("two", tags={"t": "[reference('one').nothing]"})]))
        [detail] = error["details"]
        assert detail["code"] == "InvalidTemplate" and detail["target"] == deployment.resource_id(IDENTITY, "two")
        assert detail["message"].startswith(f"Unable to process template language expressions for resource '{detail['target']}'")
        assert violation(detail)[2] == "properties.template.resources[1].tags.t"

    @story("Deployments_CreateOrUpdate")
    def test_reference_to_what_is_not_there(self, deployment):
        ref = f"[reference(resourceId('{IDENTITY}', 'none'), '2023-01-31').clientId]"
        error = deployment.fail(template([identity("two", tags={"t": ref})]))
        assert error["details"][0]["code"] == "ResourceNotFound" and "none" in error["details"][0]["message"]

    PLACES = {
        "function": ([identity("x", tags={"t": "[nothing(1)]"})], {}, "resources[0].tags.t"),
        "name in brackets": ([identity("x", tags={"a b": "[nothing(1)]"})], {}, "resources[0].tags['a b']"),
        "segments": ([resource(VAULT, "a/b", properties={})], {}, "resources[0].type"),
        "dependsOn": ([identity("x"), identity("y", dependsOn=["z"])], {}, "resources[1]"),
        "parameter missing": ([], {"parameters": {"p": {"type": "string"}}}, "parameters.p"),
        "type of output": ([], {"outputs": {"o": {"type": "some", "value": 1}}}, "outputs.o.type"),
    }

    @story("Deployments_Validate")
    @pytest.mark.parametrize("name", PLACES)
    def test_places(self, deployment, name):
        resources, more, path = self.PLACES[name]
        text = json.dumps(template(resources, **more), indent=1)
        error = deployment.validate(text).ok(400).error()
        line, position, where = violation(error)
        assert where.startswith("properties.template." + path)
        assert 1 < line <= text.count("\n") + 1 and position > 0

    @story("Deployments_CreateOrUpdate", "Deployments_Validate")
    def test_each_resource_as_whom_it_is_asked(self, sandbox):
        """Who may deploy may not make everything: each resource asks for its own right."""
        who = sandbox.create_identity()
        d = Deployment(sandbox)
        token = sandbox.imds_token(resource="https://management.azure.com/", client_id=who["client_id"])
        what = template([identity("one"), vault(sandbox.unique("kv-"))])
        refused = d.put(what, token=token).ok(403).error()
        assert refused["code"] == "AuthorizationFailed" and "Microsoft.Resources/deployments/write" in refused["message"]
        group = "{sub}/resourceGroups/" + d.group
        grant(sandbox, group, "Managed Identity Contributor", who["oid"])
        assert d.validate(what, token=token).ok(200)
        d.put(what, token=token).ok(201)
        end = d.ended()
        [detail] = end["error"]["details"]
        assert detail["code"] == "AuthorizationFailed" and "Microsoft.KeyVault/vaults/write" in detail["message"]
        assert who["oid"] in detail["message"]
        assert d.names() == ["one"]
        failed = [o["properties"] for o in d.operations() if o["properties"]["provisioningState"] == "Failed"]
        assert [f["statusCode"] for f in failed] == ["Forbidden"]

    @story("Deployments_CreateOrUpdate")
    def test_two_with_modules_of_one_name(self, deployment):
        """The second of two that meet at a nested deployment's name is refused there."""
        inner = template([identity("[concat('in-', copyIndex())]", copy={"name": "l", "count": 300})])
        other = Deployment(deployment.sandbox, group=deployment.group)
        deployment.put(template([nested("module", inner, "inner")])).ok(201)
        other.put(template([nested("module", inner, "inner")])).ok(201)
        ends = [deployment.ended(), other.ended()]
        assert [e["provisioningState"] for e in ends] == ["Succeeded", "Failed"]
        assert ends[1]["error"]["details"][0]["code"] == "DeploymentActive"


@story("Deployments_CreateOrUpdate", "Deployments_Get")
def test_killed_in_the_middle(start_sandbox, tmp_path):
    """It has failed when the daemon is there again; what it made is there; it can be deployed again."""
    sandbox = start_sandbox(mode="direct", ephemeral=False, data_dir=tmp_path / "data")
    d = Deployment(sandbox)
    d.put(LONG).ok(201)
    while d.get()["provisioningState"] != "Running":
        continue
    sandbox.vaultd.kill()
    sandbox.restart(sandbox.vaultd)
    p = d.get()
    assert p["provisioningState"] == "Failed" and p["error"]["code"] == "DeploymentFailed"
    assert "stopped" in p["error"]["message"] and d.status()["status"] == "Failed"
    assert len(d.names()) < 400
    d.deploy(LONG, status=200)
    assert len(d.names()) == 400


@story("Deployments_CreateOrUpdate")
def test_stopped_in_the_middle(start_sandbox, tmp_path):
    """An orderly end does not wait for it either."""
    sandbox = start_sandbox(mode="direct", ephemeral=False, data_dir=tmp_path / "data")
    d = Deployment(sandbox)
    d.put(template([nested("inside", LONG, "inner")])).ok(201)
    d.ask("POST", "/whatIf", d.body(template([identity("x")]))).ok(200)
    assert sandbox.vaultd.stop(signal.SIGTERM) == 0
    sandbox.vaultd.assert_clean()
    sandbox.restart(sandbox.vaultd)
    assert d.get()["provisioningState"] == "Failed"
    assert Deployment(sandbox, "inside", d.group).get()["provisioningState"] == "Failed"


@story("Deployments_CreateOrUpdate", "Deployments_Cancel")
def test_cancel_reaches_modules(sandbox):
    d = Deployment(sandbox)
    d.put(template([nested("inside", LONG, "inner"), identity("after", dependsOn=["inside"])])).ok(201)
    inside = Deployment(sandbox, "inside", d.group)
    while inside.ask("HEAD").status == 404:
        continue
    d.ask("POST", "/cancel").ok(204)
    assert d.ended()["provisioningState"] == "Canceled"
    assert inside.get()["provisioningState"] == "Canceled"
    assert "after" not in d.names() and len(d.names()) < 400


@story("Deployments_CreateOrUpdate")
def test_hundreds_with_what_they_need(sandbox):
    """600 resources, each looked up by another: in order, and all of them."""
    d = Deployment(sandbox)
    what = template([
        identity("[concat('a-', copyIndex())]", copy={"name": "as", "count": 300}),
        identity("[concat('b-', copyIndex())]", copy={"name": "bs", "count": 300},
                 tags={"of": "[reference(concat('a-', copyIndex())).clientId]"})],
        outputs={"last": {"type": "string", "value": "[reference('b-299', '2023-01-31', 'Full').tags.of]"},
                 "same": {"type": "string", "value": "[reference('a-299').clientId]"}})
    end = d.deploy(what)
    assert end["outputs"]["last"]["value"] == end["outputs"]["same"]["value"] and len(end["outputResources"]) == 600
    many = {"properties": {"mode": "Incremental", "template": template([identity("[concat('a-', copyIndex())]", copy={
        "name": "as", "count": 801})])}}
    refused = d.ask("PUT", "", many).ok(400).error()
    assert refused["code"] == "InvalidTemplate" and "800" in refused["message"]


def test_the_subscription_has_none(sandbox):
    answer = sandbox.arm("PUT", "{sub}/providers/Microsoft.Resources/deployments/x",
                         {"location": "westeurope", "properties": values({})}, api_version="2021-04-01").ok(501)
    assert answer.error()["code"] == "NotImplemented"
    assert uuid.UUID(answer.headers["x-ms-request-id"])
