#!/usr/bin/env python3
"""Makes fixtures/stores/VERSION: a data directory as this release writes it, for every later release to open.

Run it once for each release that changes what is stored:  ./dev run tests/support/make_store.py VERSION
The folder holds the store, the root key that opens its sealed keys, and facts.json: what must be found in it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from sandbox import Sandbox, b64u, kid_path  # noqa: E402

PLAIN = b"a data key of thirty-two bytes.."
GROUP = "old-group"
CRYPTO_OFFICER = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"


def wrap(vault, kid):
    body = {"alg": "RSA-OAEP-256", "value": b64u(PLAIN)}
    return vault.kv("POST", kid_path(kid) + "/wrapkey", body).ok().json()["value"]


def fill(sandbox):
    """A world with one of everything; returns the facts that a reader can check."""
    sandbox.create_group(GROUP)
    identity = sandbox.create_identity("old-identity", group=GROUP)
    oid = identity["properties"]["principalId"]
    policies = {sandbox.admin_oid: ["all", "purge"], oid: ["get", "unwrapKey"]}
    vault = sandbox.create_vault("old-vault", policies=policies, group=GROUP)
    roles = sandbox.create_vault("old-rbac-vault", group=GROUP, enableRbacAuthorization=True)
    role = f"{roles.path}/providers/Microsoft.Authorization/roleAssignments/11111111-2222-3333-4444-555555555555"
    definition = (f"/subscriptions/{sandbox.endpoints['subscription']}/providers/Microsoft.Authorization/roleDefinitions/"
                  f"{CRYPTO_OFFICER}")
    sandbox.arm("PUT", role, {"properties": {"roleDefinitionId": definition, "principalId": sandbox.admin_oid,
                                             "principalType": "ServicePrincipal"}},
                api_version="2022-04-01").ok(201)
    first = vault.create_key("rsa", kty="RSA", tags={"age": "old"}, attributes={"exp": 4102444800})["key"]["kid"]
    wrapped = wrap(vault, first)
    vault.kv("PUT", "/keys/rsa/rotationpolicy", {"lifetimeActions": [
        {"trigger": {"timeAfterCreate": "P20Y"}, "action": {"type": "Rotate"}}]}).ok()
    second = vault.create_key("rsa", kty="RSA")["key"]["kid"]
    ec = vault.create_key("ec", crv="P-256K")["key"]
    vault.create_key("gone")
    vault.kv("DELETE", "/keys/gone").ok()
    deleted = sandbox.create_vault("old-deleted-vault", group=GROUP)
    sandbox.arm("DELETE", deleted.path).ok()
    return {"vault": vault.name, "rbac_vault": roles.name, "deleted_vault": deleted.name, "group": GROUP,
            "identity": identity["name"], "identity_oid": oid, "first": kid_path(first), "second": kid_path(second),
            "wrapped": wrapped, "plain": b64u(PLAIN), "ec": {"path": kid_path(ec["kid"]), "x": ec["x"], "y": ec["y"]},
            "deleted_key": "gone", "role_assignment": role, "client_id": sandbox.endpoints["client_id"],
            "client_secret": sandbox.endpoints["client_secret"]}


def main(version):
    target = Path(__file__).resolve().parents[2] / "fixtures" / "stores" / version
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        with Sandbox(mode="direct", ephemeral=False, data_dir=data) as sandbox:
            facts = fill(sandbox)
        target.mkdir(parents=True)
        (target / "store").mkdir()
        shutil.copy(data / "root.key", target / "root.key")
        shutil.copy(data / "store" / "data.mdb", target / "store" / "data.mdb")
    (target / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")
    subprocess.run(["ls", "-lR", str(target)], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
