"""A template given at the start: there before anybody is told that the sandbox is ready, or nothing starts at all."""

import json
import os
import subprocess

import pytest
from sandbox import START_S, program
from stories import story
from templates import IDENTITY, VAULT, Deployment, fixture, identity, resource, template, vault

KINDS = template(
    parameters={"name": {"type": "string"}, "n": {"type": "int"}, "flag": {"type": "bool", "defaultValue": False},
                "tags": {"type": "object", "defaultValue": {}}, "tier": {"$ref": "#/definitions/tier", "defaultValue": "1"}},
    definitions={"tier": {"type": "string"}},
    resources={"who": identity("[parameters('name')]", tags="[parameters('tags')]")},
    outputs={"n": {"type": "int", "value": "[add(parameters('n'), 1)]"},
             "flag": {"type": "bool", "value": "[parameters('flag')]"},
             "tier": {"type": "string", "value": "[parameters('tier')]"}})


@pytest.fixture
def write(tmp_path):
    def file(what, name="my template.json"):
        path = tmp_path / name
        path.write_text(what if isinstance(what, str) else json.dumps(what))
        return path

    return file


@story("Deployments_Get")
@pytest.mark.parametrize("mode", ["front", "direct"])
def test_there_when_ready(start_sandbox, write, mode):
    """Each parameter in its type; the deployment has the file's name, in the group that was made for it."""
    words = ["--template", str(write(KINDS)), "--parameter", "name=abc", "--parameter", "n=41", "--parameter", "flag=true",
             "--parameter", 'tags={"a":"b=c"}', "--parameter", "tier=2", "--template-group", "Mine"]
    sandbox = start_sandbox(mode=mode, **{"front_args" if mode == "front" else "vaultd_args": words})
    d = Deployment(sandbox, "my-template", "mine")
    p = d.get()
    assert p["provisioningState"] == "Succeeded"
    assert {k: v["value"] for k, v in p["outputs"].items()} == {"n": 42, "flag": True, "tier": "2"}
    assert d.names() == ["abc"] and "resourceGroups/Mine/" in p["outputResources"][0]["id"]
    assert sandbox.arm("GET", p["outputResources"][0]["id"]).ok().json()["tags"] == {"a": "b=c"}


@story("Deployments_Get")
def test_a_registry_with_its_key(start_sandbox, write):
    """Everything that a customer-managed key needs, from nothing: vault, key, identity, right, registry."""
    registry = {**resource("Microsoft.ContainerRegistry/registries", "atstart", location="[resourceGroup().location]",
                           sku={"name": "Premium"}, identity={"type": "UserAssigned", "userAssignedIdentities": {
                               f"[resourceId('{IDENTITY}', 'who')]": {}}}, dependsOn=["who", "kv-at-start"], properties={
                                   "encryption": {"status": "enabled", "keyVaultProperties": {
                                       "identity": "[reference('who').clientId]", "keyIdentifier":
                                           f"[reference(resourceId('{VAULT}/keys', 'kv-at-start', 'kek')).keyUri]"}}})}
    policy = {"tenantId": "[subscription().tenantId]", "objectId": "[reference('who').principalId]",
              "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]}}
    what = template([registry, identity("who"), vault("kv-at-start", [policy], enablePurgeProtection=True),
                     resource(f"{VAULT}/keys", "kv-at-start/kek", dependsOn=["kv-at-start"], properties={"kty": "RSA"})])
    sandbox = start_sandbox(mode="direct", vaultd_args=["--template", str(write(what, "CMKtemplate.json"))])
    p = Deployment(sandbox, "CMKtemplate", "sandbox").get()
    assert p["provisioningState"] == "Succeeded" and len(p["outputResources"]) == 4
    shown = sandbox.arm("GET", "{sub}/resourceGroups/sandbox/providers/Microsoft.ContainerRegistry/registries/atstart",
                        api_version="2021-08-01-preview").ok().json()["properties"]["encryption"]["keyVaultProperties"]
    assert shown["versionedKeyIdentifier"].startswith(shown["keyIdentifier"] + "/")


@story("Deployments_Get")
def test_again_on_the_same_directory(start_sandbox, write, tmp_path):
    """What is there stays as it is."""
    words = ["--template", str(write(KINDS)), "--parameter", "name=abc", "--parameter", "n=1"]
    sandbox = start_sandbox(mode="direct", ephemeral=False, data_dir=tmp_path / "data", vaultd_args=words)
    before = sandbox.arm("GET", sandbox.identity_path("sandbox", "abc")).ok().json()
    sandbox.vaultd.stop()
    sandbox.restart(sandbox.vaultd)
    assert sandbox.arm("GET", sandbox.identity_path("sandbox", "abc")).ok().json() == before
    assert Deployment(sandbox, "my-template", "sandbox").get()["provisioningState"] == "Succeeded"


@story("Deployments_ExportTemplate", "DeploymentOperations_List")
def test_nearly_four_mebibytes(start_sandbox, write):
    what = template([identity(f"id-{i}") for i in range(300)], metadata={"pad": "x" * (4 << 20)})
    text = json.dumps(what)
    text = text.replace("x" * (len(text) - (4 << 20) + 1), "", 1)
    sandbox = start_sandbox(mode="direct", vaultd_args=["--template", str(write(text, "large.json"))])
    d = Deployment(sandbox, "large", "sandbox")
    assert len(d.operations()) == 300
    assert len(d.ask("POST", "/exportTemplate").ok().body) > 3 << 20


MANY = template([identity("[parameters('name')]")], parameters={"name": {"type": "string"}, "n": {"type": "int"}})
REFUSED = {
    "no such file": (None, [], "cannot be read"),
    "no JSON": ('{"a":', [], "line 1, column 6"),
    "a list": ("[]", [], "The template must be an object"),
    "too large": ('"' + "x" * (4 << 20) + '"', [], "larger than 4 MiB"),
    "too many values": (json.dumps({"metadata": [0] * 1000000}), [], "more values than"),
    "parameter missing": (MANY, ["n=1"], "template parameter 'name' at line"),
    "the tutorial's mistake": (fixture("CMKtemplate.json"), ["kek_id=x", "key_id=y"], "do not correspond to any parameters"),
    "parameter of no form": (MANY, ["name"], '"name" has not the form name=value'),
    "parameter of no name": (MANY, ["=x"], '"=x" has not the form name=value'),
    "parameter of another type": (MANY, ["name=abc", "n=x"], 'n takes JSON, which "x" is not'),
    "parameter twice": (MANY, ["name=abc", "NAME=abd"], "NAME is given twice"),
    "parameter of the wrong kind": (MANY, ["name=abc", 'n="x"'], "'n'"),
    "a resource refuses": (MANY, ["name=a", "n=1"], "userAssignedIdentities/a: BadRequest: The identity name 'a' is invalid"),
    "a group's name": (MANY, ["name=abc", "n=1"], "resource group name 'a/b' is invalid", "--template-group=a/b"),
}


@pytest.mark.parametrize("program_name", ["vaultd", "sandvault"])
@pytest.mark.parametrize("name", REFUSED)
def test_refused(write, tmp_path, key_stock, name, program_name):
    """One sentence, status 1, and nobody was told that anything is ready."""
    what, parameters, sentence, *more = REFUSED[name]
    path = tmp_path / "none.json" if what is None else write(what)
    words = ["--template", str(path), *(w for p in parameters for w in ("--parameter", p)), *more,
             "--key-stock", str(key_stock)]
    if program_name == "vaultd":
        words += ["--data-dir", str(tmp_path / "data"), "--ephemeral", "--tls-port=0", "--log-level=warn"]
    else:
        words = ["up", "--ephemeral", "--json", "--log-level=warn", *words]
    env = {k: v for k, v in os.environ.items() if not k.startswith("SANDVAULT_")}
    done = subprocess.run([program(program_name), *words], capture_output=True, text=True, timeout=START_S, env=env,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and done.stdout == "", done
    assert sentence in done.stderr and "Sanitizer" not in done.stderr, done.stderr


def test_stopped_before_it_is_ready(write, tmp_path):
    """Whoever stops it meanwhile gets the status of one that was stopped, not of one that failed."""
    file = write(template([identity("[concat('identity', copyIndex())]", copy={"name": "all", "count": 300})]))
    with subprocess.Popen(
            [program("vaultd"), "--data-dir", str(tmp_path / "data"), "--tls-port=0", "--template", str(file)],
            stderr=subprocess.PIPE, text=True) as vaultd:
        # As many resources are there as one turn begins, and some: it listens to signals.
        made = (line for line in vaultd.stderr if "UserAssignedIdentities_CreateOrUpdate" in line)
        for _ in range(20):
            next(made)
        vaultd.terminate()
        said = vaultd.stderr.read()
        assert vaultd.wait(START_S) == 0, said
        assert "vaultd: template:" not in said
