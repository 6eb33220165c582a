"""Keys of a vault as resources of the control plane: made once, shown with their versions, refused in the vault's words."""

import pytest
from control import Control
from roles import grant
from stories import story

VERSION = "2023-07-01"
ROTATION = {"lifetimeActions": [{"trigger": {"timeAfterCreate": "P90D"}, "action": {"type": "rotate"}}],
            "attributes": {"expiryTime": "P1Y"}}


class ArmKey:
    def __init__(self, vault, name="kek"):
        self.vault, self.name = vault, name
        self.path = f"{vault.path}/keys/{name}"
        self.id = self.path.replace("{sub}", f"/subscriptions/{vault.sandbox.endpoints['subscription']}")

    def ask(self, method, suffix="", body=None, **more):
        return self.vault.sandbox.arm(method, self.path + suffix, body, api_version=VERSION, **more)

    def put(self, tags=None, **properties):
        return self.ask("PUT", "", {"properties": properties, **({"tags": tags} if tags else {})})


@pytest.fixture
def key(vault):
    return ArmKey(vault)


@story("Keys_CreateIfNotExist", "Keys_Get")
def test_made_once(key):
    got = key.put({"a": "b"}, kty="RSA", keySize=2048, keyOps=["wrapKey", "unwrapKey"],
                  attributes={"enabled": True, "exp": 4102444800}).ok().json()
    assert list(got) == ["id", "name", "type", "location", "tags", "properties"]
    assert (got["id"], got["name"], got["type"]) == (key.id, "kek", "Microsoft.KeyVault/vaults/keys")
    assert got["location"] == "westeurope" and got["tags"] == {"a": "b"}
    p = got["properties"]
    assert list(p) == ["attributes", "kty", "keyOps", "keySize", "keyUri", "keyUriWithVersion"]
    assert p["kty"] == "RSA" and p["keySize"] == 2048 and p["keyOps"] == ["wrapKey", "unwrapKey"]
    assert p["keyUri"] == f"{key.vault.url}/keys/kek" and p["keyUriWithVersion"].startswith(p["keyUri"] + "/")
    assert set(p["attributes"]) == {"enabled", "exp", "created", "updated", "recoveryLevel", "exportable"}
    there = key.vault.kv("GET", "/keys/kek").ok().json()
    assert there["key"]["kid"] == p["keyUriWithVersion"] and there["tags"] == {"a": "b"}
    # Another PUT changes nothing, whatever it says.
    assert key.put(kty="EC", curveName="P-256").ok().json() == got
    assert key.ask("GET").ok().json() == got


@story("Keys_CreateIfNotExist")
def test_the_vault_is_told_who_asks(key):
    control = Control(key.vault.sandbox)
    since = control.now()
    key.put(kty="EC").ok()
    made, = control.audit(since, operation="KeyCreate")
    assert made["decision"] == {"verdict": "allow", "reason": "control-plane"}


@story("Keys_List", "Keys_GetVersion", "Keys_ListVersions", "Keys_CreateIfNotExist")
def test_lists_and_versions(key):
    key.put(kty="EC", curveName="P-384").ok()
    ArmKey(key.vault, "other").put(kty="EC").ok()
    second = key.vault.create_key("kek", kty="EC", crv="P-256")
    listed = key.vault.sandbox.arm("GET", key.vault.path + "/keys", api_version=VERSION).ok().json()["value"]
    assert [k["name"] for k in listed] == ["kek", "other"]
    assert listed[0]["id"] == key.id and listed[0]["properties"]["keyUri"] == f"{key.vault.url}/keys/kek"
    assert "keyUriWithVersion" not in listed[0]["properties"] and "kty" not in listed[0]["properties"]
    version = second["key"]["kid"].rpartition("/")[2]
    versions = key.ask("GET", "/versions").ok().json()["value"]
    assert len(versions) == 2 and version in [v["name"] for v in versions]
    one = key.ask("GET", f"/versions/{version}").ok().json()
    assert one["id"] == f"{key.id}/versions/{version}" and one["name"] == version
    assert one["type"] == "Microsoft.KeyVault/vaults/keys/versions"
    assert one["properties"]["curveName"] == "P-256"
    assert key.ask("GET").json()["properties"]["keyUriWithVersion"] == second["key"]["kid"]


@story("Keys_List", "Keys_ListVersions")
def test_pages(vault):
    """A page has 25; the next one's address is the control plane's."""
    names = [f"k{i:02}" for i in range(60)]
    for name in names:
        vault.create_key(name)
    target, seen = f"{ArmKey(vault).id.rpartition('/')[0]}?api-version={VERSION}", []
    url = vault.sandbox.arm_root + target
    while url:
        page = vault.sandbox.http("GET", url, token=vault.sandbox.admin_token()).ok().json()
        seen.append([k["name"] for k in page["value"]])
        url = page.get("nextLink")
        assert url is None or url.startswith(vault.sandbox.arm_root + "/subscriptions/")
    assert [len(s) for s in seen] == [25, 25, 10] and sum(seen, []) == names
    refused = ArmKey(vault, "k00").ask("GET", "/versions?$skiptoken=x").ok(400)
    assert refused.error()["code"] == "BadParameter"


@story("Keys_CreateIfNotExist")
def test_rotation_policy(key):
    key.put(kty="RSA", rotationPolicy=ROTATION).ok()
    got = key.vault.kv("GET", "/keys/kek/rotationpolicy").ok().json()
    assert got["attributes"]["expiryTime"] == "P1Y"
    assert {"trigger": {"timeAfterCreate": "P90D"}, "action": {"type": "Rotate"}} in got["lifetimeActions"]


REFUSED = {
    "kty": ({"kty": "DES"}, 400, "BadParameter"),
    "no kty": ({}, 400, "BadParameter"),
    "size": ({"kty": "RSA", "keySize": 1000}, 400, "BadParameter"),
    "curve": ({"kty": "EC", "curveName": "P-1"}, 400, "BadParameter"),
    "operation": ({"kty": "RSA", "keyOps": ["fly"]}, 400, "BadParameter"),
    "a string for a number": ({"kty": "RSA", "keySize": "2048"}, 400, "InvalidRequestContent"),
    "a string for a list": ({"kty": "RSA", "keyOps": "wrapKey"}, 400, "InvalidRequestContent"),
    "policy of a kind": ({"kty": "RSA", "rotationPolicy": []}, 400, "InvalidRequestContent"),
    "HSM in a standard vault": ({"kty": "RSA-HSM"}, 400, "BadParameter"),
}


@story("Keys_CreateIfNotExist", "Keys_Get")
@pytest.mark.parametrize("name", REFUSED)
def test_refused(key, name):
    properties, status, code = REFUSED[name]
    answer = key.put(**properties).ok(status)
    assert answer.error()["code"] == code and answer.error()["message"], answer
    key.ask("GET").ok(404)


@story("Keys_CreateIfNotExist", "Keys_Get", "Keys_List", "Keys_ListVersions")
def test_what_is_not_there(key):
    assert key.ask("GET").ok(404).error()["code"] == "KeyNotFound"
    assert key.ask("GET", "/versions/" + "0" * 32).ok(404).error()["code"] == "KeyNotFound"
    nowhere = key.vault.path.rpartition("/")[0] + "/kv-nowhere-at-all/keys"
    for method, path in (("GET", "/x"), ("PUT", "/x"), ("GET", ""), ("GET", "/x/versions")):
        answer = key.vault.sandbox.arm(method, nowhere + path, {"properties": {"kty": "EC"}}, api_version=VERSION).ok(404)
        assert answer.error()["code"] == "ResourceNotFound"


@story("Keys_CreateIfNotExist", "Keys_Get")
def test_rights_are_those_of_the_control_plane(sandbox):
    """Neither access policies nor data roles are asked: who may write the vault may make keys in it; a firewall does not
    matter. The data plane's own rights give nothing here."""
    who = sandbox.create_identity()
    vault = sandbox.create_vault(policies={who["oid"]: ["all"]}, networkAcls={"defaultAction": "Deny", "bypass": "None"})
    key = ArmKey(vault)
    token = sandbox.imds_token(resource="https://management.azure.com/", client_id=who["client_id"])
    body = {"properties": {"kty": "EC"}}
    refused = key.ask("PUT", "", body, token=token).ok(403).error()
    assert refused["code"] == "AuthorizationFailed" and "Microsoft.KeyVault/vaults/keys/write" in refused["message"]
    grant(sandbox, vault.path, "Key Vault Contributor", who["oid"])
    key.ask("PUT", "", body, token=token).ok()
    key.ask("GET", token=token).ok()


@story("Keys_CreateIfNotExist")
def test_deleted_key_of_that_name(key):
    key.put(kty="EC").ok()
    key.vault.kv("DELETE", "/keys/kek").ok()
    answer = key.put(kty="EC").ok(409)
    assert answer.error()["code"] == "Conflict"
