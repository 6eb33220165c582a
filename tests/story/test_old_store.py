"""Data directories that earlier releases wrote are opened, and everything in them is still there and works."""

import json
import shutil
from pathlib import Path

import pytest
from sandbox import Sandbox, Vault

STORES = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "stores").iterdir())


@pytest.fixture(scope="module", params=STORES, ids=lambda p: p.name)
def old(request, tmp_path_factory):
    """(facts, sandbox on a copy of the old directory)."""
    data = tmp_path_factory.mktemp("old") / "data"
    shutil.copytree(request.param, data)
    facts = json.loads((data / "facts.json").read_text())
    (data / "facts.json").unlink()
    for path in [data, *data.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    with Sandbox(mode="direct", ephemeral=False, data_dir=data) as sandbox:
        yield facts, sandbox


def vault_of(sandbox, facts, name="vault"):
    path = sandbox.vault_path(facts["group"], facts[name])
    return Vault(sandbox, facts[name], facts["group"], "", sandbox.arm("GET", path).ok().json())


def test_the_administrator_is_who_he_was(old):
    facts, sandbox = old
    assert sandbox.endpoints["client_id"] == facts["client_id"]
    assert sandbox.endpoints["client_secret"] == facts["client_secret"]
    assert sandbox.admin_token()


def test_old_ciphertext_unwraps_as_the_old_identity(old):
    facts, sandbox = old
    token = sandbox.imds_token(object_id=facts["identity_oid"])
    answer = vault_of(sandbox, facts).kv("POST", facts["first"] + "/unwrapkey",
                                         {"alg": "RSA-OAEP-256", "value": facts["wrapped"]}, token=token).ok().json()
    assert answer["value"] == facts["plain"]


def test_versions_attributes_and_policy(old):
    facts, sandbox = old
    vault = vault_of(sandbox, facts)
    first = vault.kv("GET", facts["first"]).ok().json()
    assert first["tags"] == {"age": "old"} and first["attributes"]["exp"] == 4102444800
    assert vault.kv("GET", "/keys/rsa").ok().json()["key"]["kid"].endswith(facts["second"])
    policy = vault.kv("GET", "/keys/rsa/rotationpolicy").ok().json()
    assert policy["lifetimeActions"][0]["trigger"] == {"timeAfterCreate": "P20Y"}
    ec = vault.kv("GET", facts["ec"]["path"]).ok().json()["key"]
    assert (ec["crv"], ec["x"], ec["y"]) == ("P-256K", facts["ec"]["x"], facts["ec"]["y"])


def test_roles_still_grant(old):
    facts, sandbox = old
    vault = vault_of(sandbox, facts, "rbac_vault")
    assert vault.create_key("made-now")["key"]["crv"] == "P-256"
    assignment = sandbox.arm("GET", facts["role_assignment"], api_version="2022-04-01").ok().json()
    assert assignment["id"].endswith(facts["role_assignment"].removeprefix("{sub}"))
