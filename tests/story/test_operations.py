"""The operation tables against the stories: every row is told, every gap says that it is one."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest
from sandbox import print_operations
from registries import Registry
from registry_door import Door
from stories import rows

HERE = Path(__file__).resolve().parent


def told():
    """Names of the operations that some story shows."""
    names = set()
    sys.path.insert(0, str(HERE))
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for _, one in inspect.getmembers(module):
            for thing in [one, *(vars(one).values() if inspect.isclass(one) else ())]:
                names.update(getattr(thing, "shown_operations", ()))
    return names


@pytest.mark.parametrize("program", ["vaultd", "identityd"])
def test_every_row_has_its_story(program):
    untold = [r.name for r in rows(program) if not r.is_gap and r.name not in told()]
    assert not untold, f"no story shows {untold}"


def test_every_story_is_of_a_row():
    known = {r.name for program in ("vaultd", "identityd") for r in rows(program) if not r.is_gap}
    assert told() <= known, f"stories name operations that are not there: {sorted(told() - known)}"


VALUES = {
    "{scope*}": "subscriptions/{subscription}",
    "{role}": "x",
    "{assignment}": "x",
    "{key-name}": "k1",
    "{key-version?}": "0" * 32,
    "{rest*}": "one/two",
    "{version?}": "v2.0",
    "{leaf?}": "name",
    "{vault}": "kv-any",
    "{identity}": "id-any",
    "{vm}": "vm-any",
    "{registry}": "registryany",
    "{part}": "part",
    "{location}": "westeurope",
    "{group}": "sandbox",
    "{namespace}": "Microsoft.KeyVault",
    "{type}": "vaults",
    "{resource}": "kv-any",
    "{operation}": "x",
}


def path_of(row, sandbox):
    path = row.pattern.replace("{scope*}", VALUES["{scope*}"])
    path = path.replace("{subscription}", sandbox.endpoints["subscription"])
    path = path.replace("{tenant}", sandbox.endpoints["tenant"])
    for name, value in VALUES.items():
        path = path.replace(name, value)
    assert "{" not in path, path
    return path


def ask_gap(sandbox, vault, door, row, method):
    path = path_of(row, sandbox)
    if row.door == "keyvault":
        return vault.kv(method, path)
    if row.door == "arm":
        return sandbox.arm(method, path, api_version="2021-04-01")
    if row.door == "registry":
        return door.http(method, path, token=door.token())
    root = sandbox.login_root if "login" in row.door else sandbox.imds_root
    return sandbox.http(method, root + path, headers={"Metadata": "true"})


def test_every_gap_answers_501(sandbox):
    """In JSON and at once, whatever the method, so that nobody takes a gap for a fault of their own."""
    vault, registry = sandbox.create_vault(), Registry(sandbox)
    registry.create().ok(201)
    for row in [r for program in ("vaultd", "identityd") for r in rows(program) if r.is_gap]:
        for method in row.methods or ("GET", "PUT", "POST", "PATCH", "DELETE"):
            answer = ask_gap(sandbox, vault, Door(registry), row, method)
            assert answer.status == 501, f"{row.name} {method}: {answer!r}"
            if method != "HEAD":
                assert "json" in answer.headers["Content-Type"] and row.name in answer.text, f"{row.name}: {answer!r}"


def test_what_only_a_managed_hsm_has_says_so():
    [line] = [line for line in print_operations("vaultd") if "GetRandomBytes" in line]
    assert line.endswith("(managed HSM only: 400)")
