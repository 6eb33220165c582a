"""Templates for tests, and their deployments: sent as az sends them, followed to their end."""

import json
import time
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "templates"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
VERSION = "2021-04-01"
LIMIT_S = 120
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
VAULT = "Microsoft.KeyVault/vaults"
DEPLOYMENT = "Microsoft.Resources/deployments"
VERSIONS = {"microsoft.managedidentity": "2023-01-31", "microsoft.keyvault": "2023-07-01",
            "microsoft.authorization": "2022-04-01", "microsoft.containerregistry": "2021-08-01-preview",
            "microsoft.resources": "2021-04-01"}


def fixture(name):
    return (FIXTURES / name).read_text()


def template(resources=(), **more):
    """A template with these resources: a list, or a dict by symbolic name."""
    symbols = {"languageVersion": "2.0"} if isinstance(resources, dict) else {}
    return {"$schema": SCHEMA, **symbols, "contentVersion": "1.0.0.0", **more,
            "resources": resources if symbols else list(resources)}


def resource(kind, name, **more):
    """One resource; apiVersion by its provider."""
    return {"type": kind, "apiVersion": VERSIONS[kind.split("/")[0].lower()], "name": name, **more}


def identity(name, **more):
    return resource(IDENTITY, name, location="[resourceGroup().location]", **more)


def vault(name, policies=(), **properties):
    return resource(VAULT, name, location="[resourceGroup().location]", properties={
        "tenantId": "[subscription().tenantId]", "sku": {"family": "A", "name": "standard"},
        "accessPolicies": list(policies), **properties})


def nested(name, inner, scope=None, parameters=None, **more):
    properties = {"mode": "Incremental", "template": inner}
    if scope:
        properties["expressionEvaluationOptions"] = {"scope": scope}
    if parameters:
        properties["parameters"] = values(parameters)
    return resource(DEPLOYMENT, name, properties=properties, **more)


def values(parameters):
    return {name: {"value": value} for name, value in parameters.items()}


def az_body(text, parameters=None, mode="Incremental"):
    """What az puts on the wire: the template's text as it is, its key without quotation marks."""
    head = json.dumps({"parameters": values(parameters or {}), "mode": mode})
    return ('{"properties": ' + head[:-1] + ", template:" + text + "}}").encode()


class Deployment:
    """A deployment by its name in a group; made when it is put."""

    def __init__(self, sandbox, name=None, group=None):
        self.sandbox = sandbox
        self.name = name or sandbox.unique("deploy-")
        self.group = group or sandbox.create_group()
        self.path = "{sub}/resourcegroups/" + self.group + "/providers/Microsoft.Resources/deployments/" + self.name
        self.answer = None

    @property
    def id(self):
        return self.resource_id("Microsoft.Resources/deployments", self.name)

    def resource_id(self, kind, name):
        subscription = self.sandbox.endpoints["subscription"]
        types, names = kind.split("/"), name.split("/")
        tail = "/".join(f"{t}/{n}" for t, n in zip(types[1:], names))
        return f"/subscriptions/{subscription}/resourceGroups/{self.group}/providers/{types[0]}/{tail}"

    def ask(self, method, suffix="", body=None, **more):
        return self.sandbox.arm(method, self.path + suffix, body, api_version=more.pop("version", VERSION), **more)

    def body(self, what, parameters=None, mode="Incremental"):
        """JSON of a template given as a dict; az's own body of one given as text."""
        if isinstance(what, str):
            return az_body(what, parameters, mode)
        return {"properties": {"mode": mode, "template": what, "parameters": values(parameters or {})}}

    def put(self, what, parameters=None, mode="Incremental", **more):
        self.answer = self.ask("PUT", "", self.body(what, parameters, mode), **more)
        return self.answer

    def validate(self, what, parameters=None, mode="Incremental", **more):
        return self.ask("POST", "/validate", self.body(what, parameters, mode), **more)

    def status(self):
        """What the address in the answer says now."""
        return self.sandbox.http("GET", self.answer.headers["Azure-AsyncOperation"],
                                 token=self.sandbox.admin_token()).ok().json()

    def get(self):
        """The deployment's properties."""
        return self.ask("GET").ok().json()["properties"]

    def ended(self):
        """Asks until it has ended; its properties. Each question is a request, so the daemon gets on meanwhile."""
        deadline = time.monotonic() + LIMIT_S
        while self.status()["status"] in ("Accepted", "Running"):
            assert time.monotonic() < deadline, "the deployment does not end"
        return self.get()

    def deploy(self, what, parameters=None, mode="Incremental", status=201):
        """PUT and wait; the properties of one that succeeded."""
        self.put(what, parameters, mode).ok(status)
        end = self.ended()
        assert end["provisioningState"] == "Succeeded", json.dumps(end.get("error"), indent=1)
        return end

    def fail(self, what, parameters=None, mode="Incremental"):
        """PUT and wait; the error of one that failed."""
        assert self.put(what, parameters, mode).status in (200, 201), self.answer
        end = self.ended()
        assert end["provisioningState"] == "Failed", end
        assert self.status() == {"status": "Failed", "error": end["error"]}
        return end["error"]

    def operations(self):
        return self.ask("GET", "/operations").ok().json()["value"]

    def outputs(self, what, parameters=None):
        """The values that a template gives back."""
        return {name: o.get("value") for name, o in self.deploy(what, parameters).get("outputs", {}).items()}

    def names(self):
        """Names of everything in the group."""
        listed = self.sandbox.arm("GET", "{sub}/resourceGroups/" + self.group + "/resources",
                                  api_version=VERSION).ok().json()["value"]
        return sorted(r["name"] for r in listed)
