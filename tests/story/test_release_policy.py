"""Exportable keys and their release policies; what a vault has no way to do."""

import json

import pytest
from sandbox import b64u, kid_path
from stories import story

POLICY = {"anyOf": [{"anyOf": [{"claim": "sdk-test", "equals": "true"}], "authority": "https://a.example"}],
          "version": "1.0.0"}
CONTENT_TYPE = "application/json; charset=utf-8"
NEEDS_POLICY = "AKV.SKR.1004: Exportable keys must have release policy."
NEEDS_EXPORTABLE = "AKV.SKR.1005: Non-exportable keys must not have release policy."
IMMUTABLE = "AKV.SKR.1020: Immutable Key Release Policy cannot be modified."


def data(policy):
    return b64u(json.dumps(policy, separators=(",", ":")).encode())


def exportable(policy=None, **more):
    return {"attributes": {"exportable": True}, "release_policy": {"data": data(policy or POLICY), **more}}


def refused(answer, message):
    assert answer.ok(400).error() == {"code": "BadParameter", "message": message}


@story("CreateKey")
class TestCreate:
    def test_the_bundle(self, vault):
        made = vault.create_key("k1", kty="RSA", **exportable())
        assert list(made) == ["key", "attributes", "release_policy"]
        assert made["attributes"]["exportable"] is True
        assert list(made["release_policy"].items()) == [("contentType", CONTENT_TYPE), ("data", data(POLICY))]
        assert "export" not in made["key"]["key_ops"]
        assert vault.kv("GET", "/keys/k1").json() == made

    def test_immutable_and_type_are_kept(self, vault):
        made = vault.create_key("k1", **exportable(immutable=True, contentType="application/json"))
        assert made["release_policy"] == {"contentType": "application/json", "data": data(POLICY), "immutable": True}

    def test_older_api_versions_know_nothing_of_it(self, vault):
        vault.create_key("k1", **exportable())
        for version, shows in (("7.2", False), ("7.3", True), ("7.4", True), ("7.5", True), ("7.6", True)):
            got = vault.kv("GET", "/keys/k1", api_version=version).ok().json()
            assert ("release_policy" in got, "exportable" in got["attributes"]) == (shows, shows), version

    def test_one_without_the_other(self, vault):
        create = "/keys/k1/create"
        refused(vault.kv("POST", create, {"kty": "EC", "attributes": {"exportable": True}}), NEEDS_POLICY)
        refused(vault.kv("POST", create, {"kty": "EC", "release_policy": {"data": data(POLICY)}}), NEEDS_EXPORTABLE)
        body = {"kty": "EC", **exportable(), "attributes": {"exportable": False}}
        refused(vault.kv("POST", create, body), NEEDS_EXPORTABLE)

    @pytest.mark.parametrize("policy, words", [
        ({"data": b64u(b"{")}, "its data is no JSON."),
        ({"data": b64u(b"[]")}, "its data is a JSON object."),
        ({"data": "+"}, "Content of 'data' is not base64url."),
        ({}, "Property 'data' is required."),
        ({"data": data({"anyOf": POLICY["anyOf"]})}, "has a version"),
        ({"data": data({"version": "1.0.0"})}, "list of authorities"),
        ({"data": data({"version": "1.0.0", "anyOf": []})}, "list of authorities"),
        ({"data": data({"version": "1.0.0", "anyOf": [{"anyOf": [{"claim": "c", "equals": "1"}]}]})}, "https address"),
        ({"data": data({"version": "1.0.0", "anyOf": [{"authority": "https://a.example"}]})}, "list of claims"),
        ({"data": data({"version": "1.0.0", "anyOf": [{"authority": "https://a.example", "allOf": [{"claim": "c"}]}]})},
         "list of claims"),
        ({"data": data(POLICY), "immutable": "yes"}, "Property 'immutable' has invalid value"),
        ({"data": b64u(b" " * 40000)}, "larger than 32 KiB"),
    ])
    def test_policies_that_are_none(self, vault, policy, words):
        body = {"kty": "EC", "attributes": {"exportable": True}, "release_policy": policy}
        error = vault.kv("POST", "/keys/k1/create", body).ok(400).error()
        assert error["code"] == "BadParameter" and words in error["message"]
        vault.kv("GET", "/keys/k1").ok(404)

    def test_nested_conditions(self, vault):
        nested = {"version": "1.0.0", "allOf": [{"authority": "https://a.example", "allOf": [
            {"claim": "x", "equals": 1}, {"anyOf": [{"claim": "y", "exists": True}, {"claim": "z", "equals": "1"}]}]}]}
        vault.create_key("k1", **exportable(nested))


@story("ImportKey")
def test_import_takes_it_too(vault):
    made = vault.create_key("k0")["key"]
    jwk = {"kty": "EC", "crv": "P-256", "x": made["x"], "y": made["y"], "d": b64u(bytes(31) + b"\1")}
    refused(vault.kv("PUT", "/keys/k1", {"key": jwk, "attributes": {"exportable": True}}), NEEDS_POLICY)
    from keys import new_ec

    got = vault.kv("PUT", "/keys/k1", {"key": new_ec()[0], **exportable()}).ok().json()
    assert got["release_policy"]["data"] == data(POLICY)


@story("UpdateKey")
class TestUpdate:
    OTHER = {"version": "1.0.0", "allOf": POLICY["anyOf"]}

    def test_a_policy_is_replaced(self, vault):
        vault.create_key("k1", **exportable())
        got = vault.kv("PATCH", "/keys/k1", {"release_policy": {"data": data(self.OTHER), "immutable": True}}).ok().json()
        assert got["release_policy"] == {"contentType": CONTENT_TYPE, "data": data(self.OTHER), "immutable": True}
        refused(vault.kv("PATCH", "/keys/k1", {"release_policy": {"data": data(POLICY)}}), IMMUTABLE)
        assert vault.kv("GET", "/keys/k1").json() == got

    def test_other_members_stay(self, vault):
        before = vault.create_key("k1", **exportable(immutable=True))
        got = vault.kv("PATCH", "/keys/k1", {"tags": {"a": "b"}, "attributes": {"exportable": True}}).ok().json()
        assert got["release_policy"] == before["release_policy"] and got["tags"] == {"a": "b"}

    def test_a_key_that_is_not_exportable(self, vault):
        vault.create_key("k1")
        vault.kv("PATCH", "/keys/k1", {"attributes": {"exportable": False}}).ok()
        refused(vault.kv("PATCH", "/keys/k1", {"release_policy": {"data": data(POLICY)}}), NEEDS_EXPORTABLE)
        refused(vault.kv("PATCH", "/keys/k1", {"attributes": {"exportable": True}}), NEEDS_POLICY)
        vault.kv("PATCH", "/keys/k1", exportable()).ok(400)

    def test_exportable_stays(self, vault):
        vault.create_key("k1", **exportable())
        vault.kv("PATCH", "/keys/k1", {"attributes": {"exportable": False}}).ok(400)
        assert vault.kv("GET", "/keys/k1").json()["attributes"]["exportable"] is True


@story("RotateKey", "BackupKey", "RestoreKey")
def test_it_goes_along(sandbox, vault):
    before = vault.create_key("k1", **exportable(immutable=False))
    got = vault.kv("POST", "/keys/k1/rotate").ok().json()
    assert got["release_policy"] == before["release_policy"] and got["attributes"]["exportable"] is True
    value = vault.kv("POST", "/keys/k1/backup").ok().json()["value"]
    got = sandbox.create_vault().kv("POST", "/keys/restore", {"value": value}).ok().json()
    assert got["release_policy"] == before["release_policy"] and got["attributes"]["exportable"] is True


@story("Release")
class TestRelease:
    def test_it_is_a_gap_that_says_why(self, vault):
        kid = vault.create_key("k1", **exportable())["key"]["kid"]
        for path in ("/keys/k1/release", "/keys/k1//release", kid_path(kid) + "/release"):
            error = vault.kv("POST", path, {"target": "a.b.c"}).ok(501).error()
            assert error["code"] == "NotImplemented" and "no attestation authority" in error["message"]

    def test_what_is_wrong_before(self, vault):
        assert vault.kv("POST", "/keys/k1/release", {"target": "a"}).ok(404).error()["code"] == "KeyNotFound"
        vault.create_key("k1")
        error = vault.kv("POST", "/keys/k1/release", {"target": "a"}).ok(403).error()
        assert error["innererror"]["code"] == "KeyOperationForbidden"
        vault.create_key("k1", **exportable())
        refused(vault.kv("POST", "/keys/k1/release", {}), "Property 'target' is required.\r\n")


@story("GetRandomBytes")
def test_a_vault_has_no_random_bytes(vault):
    refused(vault.kv("POST", "/rng", {"count": 10}), "Method POST does not allow operation 'rng'")


def test_a_vault_attests_nothing(vault):
    kid = vault.create_key("k1")["key"]["kid"]
    answer = vault.kv("GET", kid_path(kid) + "/attestation", api_version="7.6")
    refused(answer, "Method GET does not allow operation 'attestation'")


@pytest.mark.parametrize("kty", ["oct", "oct-HSM"])
@story("CreateKey")
def test_a_vault_has_no_symmetric_keys(premium, kty):
    error = premium.kv("POST", "/keys/k1/create", {"kty": kty, "key_size": 256}).ok(400).error()
    assert error == {"code": "BadParameter", "message": f"Invalid kty value: {kty}",
                     "innererror": {"code": "KeyTypeNotSupported"}}
