"""Rotation: by hand, the policy to the byte, and by itself when the clock says so."""

import json

import pytest
from control import Control
from sandbox import b64u, kid_path
from stories import story

DAY_S = 86400
NOTIFY_30 = {"trigger": {"timeBeforeExpiry": "P30D"}, "action": {"type": "Notify"}}
NOT_FOUND = "A key with (name/id) {} was not found in this key vault."


def rotate_at(**trigger):
    return {"trigger": trigger, "action": {"type": "Rotate"}}


def notify_at(duration):
    return {"trigger": {"timeBeforeExpiry": duration}, "action": {"type": "Notify"}}


def put_policy(vault, name, actions, expiry=None):
    body = {"lifetimeActions": actions}
    if expiry:
        body["attributes"] = {"expiryTime": expiry}
    return vault.kv("PUT", f"/keys/{name}/rotationpolicy", body)


def versions(vault, name):
    """Attributes of all versions, oldest first, each with its kid."""
    found, path = [], f"/keys/{name}/versions"
    while path:
        page = vault.kv("GET", path).ok().json()
        found += [{"kid": v["kid"], **v["attributes"]} for v in page["value"]]
        path = page["nextLink"]
        if path:
            path = "/" + path.split("/", 3)[3].replace("api-version=7.5&", "")
    return sorted(found, key=lambda v: v["created"])


def version_of(bundle):
    return bundle["key"]["kid"].rpartition("/")[2]


@story("RotateKey")
class TestByHand:
    @pytest.mark.parametrize("body", [{"kty": "EC"}, {"kty": "EC", "crv": "P-521"}, {"kty": "RSA"},
                                      {"kty": "RSA", "key_size": 3072}, {"kty": "RSA", "public_exponent": 3}])
    def test_the_new_version_is_of_the_same_kind(self, vault, body):
        old = vault.create_key("k1", **body)
        new = vault.kv("POST", "/keys/k1/rotate").ok().json()
        assert version_of(new) != version_of(old)
        same = ("kty", "crv", "key_ops", "e")
        assert [new["key"].get(m) for m in same] == [old["key"].get(m) for m in same]
        material = "n" if body["kty"] == "RSA" else "x"
        assert len(new["key"][material]) == len(old["key"][material]) and new["key"][material] != old["key"][material]
        assert vault.kv("GET", "/keys/k1").json() == new
        assert vault.kv("GET", kid_path(old["key"]["kid"])).json() == old

    def test_hsm_keys_stay_hsm_keys(self, premium):
        premium.create_key("k1", kty="EC-HSM")
        new = premium.kv("POST", "/keys/k1/rotate").ok().json()
        assert (new["key"]["kty"], new["attributes"]["hsmPlatform"]) == ("EC-HSM", "2")

    def test_without_an_expiry_time_it_lives_for_ever(self, vault):
        vault.create_key("k1", attributes={"nbf": 2208992461, "exp": 2524611661})
        attributes = vault.kv("POST", "/keys/k1/rotate").ok().json()["attributes"]
        assert "exp" not in attributes and "nbf" not in attributes and attributes["enabled"] is True

    def test_the_policy_s_expiry_time_counts_from_creation(self, vault):
        vault.create_key("k1")
        put_policy(vault, "k1", [], "P90D").ok()
        attributes = vault.kv("POST", "/keys/k1/rotate").ok().json()["attributes"]
        assert attributes["exp"] - attributes["created"] == 7776000

    def test_key_ops_and_tags_go_on(self, vault):
        vault.create_key("k1", kty="RSA", key_ops=["wrapKey", "unwrapKey"], tags={"a": "b"})
        new = vault.kv("POST", "/keys/k1/rotate").ok().json()
        assert (new["key"]["key_ops"], new["tags"]) == (["wrapKey", "unwrapKey"], {"a": "b"})

    def test_a_disabled_key_gets_an_enabled_version(self, vault):
        vault.create_key("k1", attributes={"enabled": False})
        assert vault.kv("POST", "/keys/k1/rotate").ok().json()["attributes"]["enabled"] is True

    def test_both_versions_work(self, vault):
        old = vault.create_key("k1", kty="RSA")
        wrapped = vault.kv("POST", "/keys/k1/wrapkey", {"alg": "RSA-OAEP-256", "value": b64u(b"secret")}).json()
        new = vault.kv("POST", "/keys/k1/rotate").ok().json()
        again = vault.kv("POST", "/keys/k1/wrapkey", {"alg": "RSA-OAEP-256", "value": b64u(b"secret")}).json()
        assert (wrapped["kid"], again["kid"]) == (old["key"]["kid"], new["key"]["kid"])
        for one in (wrapped, again):
            body = {"alg": "RSA-OAEP-256", "value": one["value"]}
            assert vault.kv("POST", kid_path(one["kid"]) + "/unwrapkey", body).ok().json()["value"] == b64u(b"secret")

    def test_an_unknown_key(self, vault):
        error = vault.kv("POST", "/keys/k1/rotate").ok(404).error()
        assert error["code"] == "KeyNotFound" and error["message"].startswith(NOT_FOUND.format("k1"))

    def test_a_deleted_key(self, vault):
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        vault.kv("POST", "/keys/k1/rotate").ok(404)


class TestPolicy:
    @story("GetKeyRotationPolicy")
    def test_a_key_without_one_shows_the_default(self, vault):
        vault.create_key("k1")
        answer = vault.kv("GET", "/keys/k1/rotationpolicy").ok()
        assert answer.body == (b'{"lifetimeActions":[{"trigger":{"timeBeforeExpiry":"P30D"},"action":{"type":"Notify"}}],'
                               b'"attributes":null}')

    @story("GetKeyRotationPolicy", "UpdateKeyRotationPolicy")
    def test_an_unknown_key(self, vault):
        for answer in (vault.kv("GET", "/keys/k1/rotationpolicy"), put_policy(vault, "k1", [])):
            error = answer.ok(404).error()
            assert error["code"] == "KeyNotFound" and error["message"].startswith(NOT_FOUND.format("k1"))

    @story("GetKeyRotationPolicy", "UpdateKeyRotationPolicy")
    def test_to_the_byte(self, vault):
        vault.create_key("K1")
        answer = put_policy(vault, "k1", [rotate_at(timeAfterCreate="P2M"), notify_at("P15D")], "P90D").ok()
        at = answer.json()["attributes"]
        assert at["created"] == at["updated"]
        expected = {"id": f"{vault.url}/keys/K1/rotationpolicy",
                    "lifetimeActions": [rotate_at(timeAfterCreate="P2M"), notify_at("P15D")],
                    "attributes": {"expiryTime": "P90D", "created": at["created"], "updated": at["updated"]}}
        assert answer.body == json.dumps(expected, separators=(",", ":")).encode()
        assert vault.kv("GET", "/keys/k1/rotationpolicy").ok().body == answer.body

    @story("UpdateKeyRotationPolicy")
    @pytest.mark.parametrize("sent, kept", [
        ([], [NOTIFY_30]),
        ([rotate_at(timeAfterCreate="P18M")], [rotate_at(timeAfterCreate="P18M"), NOTIFY_30]),
        ([notify_at("P60D")], [notify_at("P60D")]),
        ([notify_at("P60D"), rotate_at(timeAfterCreate="P1Y")], [notify_at("P60D"), rotate_at(timeAfterCreate="P1Y")]),
        ([{"trigger": {"timeAfterCreate": "P7D"}, "action": {"type": "rOTATE"}}],
         [rotate_at(timeAfterCreate="P7D"), NOTIFY_30]),
    ])
    def test_the_list_is_replaced_and_gets_a_notify(self, vault, sent, kept):
        vault.create_key("k1")
        put_policy(vault, "k1", [rotate_at(timeAfterCreate="P50D")]).ok()
        got = put_policy(vault, "k1", sent).ok().json()
        assert got["lifetimeActions"] == kept
        assert set(got["attributes"]) == {"created", "updated"}

    @story("UpdateKeyRotationPolicy")
    @pytest.mark.parametrize("actions, expiry, words", [
        ([rotate_at(timeAfterCreate="P30D"), rotate_at(timeAfterCreate="P40D")], None, "at most one lifetime action of type Rotate"),
        ([notify_at("P30D"), notify_at("P40D")], None, "at most one lifetime action of type Notify"),
        ([{"trigger": {"timeAfterCreate": "P30D"}, "action": {"type": "Notify"}}], None, "takes the trigger timeBeforeExpiry"),
        ([], "P27D", "at least 28 days"),
        ([rotate_at(timeBeforeExpiry="P30D")], None, "needs an expiryTime"),
        ([rotate_at(timeAfterCreate="P6D")], None, "at least 7 days after"),
        ([rotate_at(timeAfterCreate="P85D")], "P90D", "at least 7 days before"),
        ([rotate_at(timeBeforeExpiry="P85D")], "P90D", "at least 7 days after"),
        ([rotate_at(timeAfterCreate="30 days")], None, "Property 'timeAfterCreate' has invalid value"),
        ([notify_at("")], None, "Property 'timeBeforeExpiry' has invalid value"),
        ([], "P90", "Property 'expiryTime' has invalid value"),
        ([rotate_at()], None, "exactly one of"),
        ([rotate_at(timeAfterCreate="P30D", timeBeforeExpiry="P30D")], "P90D", "exactly one of"),
        ([{"trigger": {"timeAfterCreate": "P30D"}, "action": {"type": "Destroy"}}], None, "Property 'type' has invalid value"),
        ([{"action": {"type": "Rotate"}}], None, "Property 'trigger' is required."),
        (["Rotate"], None, "Property 'trigger' is required."),
        ("Rotate", None, "Property 'lifetimeActions' has invalid value"),
    ])
    def test_what_is_not_valid_changes_nothing(self, vault, actions, expiry, words):
        vault.create_key("k1")
        error = put_policy(vault, "k1", actions, expiry).ok(400).error()
        assert error["code"] == "BadParameter" and words in error["message"]
        assert vault.kv("GET", "/keys/k1/rotationpolicy").json()["attributes"] is None

    @story("GetKeyRotationPolicy")
    def test_it_survives_deletion_and_new_versions(self, vault):
        vault.create_key("k1")
        before = put_policy(vault, "k1", [], "P90D").ok().json()
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        vault.kv("POST", "/deletedkeys/k1/recover").ok()
        assert vault.kv("GET", "/keys/k1/rotationpolicy").json() == before


@pytest.fixture
def moving(start_sandbox):
    """A sandbox whose clock is the test's own, standing still."""
    sandbox = start_sandbox()
    Control(sandbox).move(freeze=True)
    return sandbox


@pytest.fixture
def control(moving):
    return Control(moving)


@pytest.fixture
def later(moving, control):
    """Moves the clock; tokens of before are forgotten."""
    def move(duration):
        control.advance(duration)
        moving._tokens.clear()

    return move


class TestByItself:
    def test_after_creation(self, moving, control, later):
        vault = moving.create_vault()
        first = vault.create_key("k1", kty="RSA", tags={"a": "b"})
        put_policy(vault, "k1", [rotate_at(timeAfterCreate="P30D")], "P90D").ok()
        later("P29D")
        assert len(versions(vault, "k1")) == 1
        later("P1D")
        second = vault.kv("GET", "/keys/k1").ok().json()
        assert version_of(second) != version_of(first) and second["tags"] == {"a": "b"}
        assert second["attributes"]["created"] - first["attributes"]["created"] == 30 * DAY_S
        assert second["attributes"]["exp"] - second["attributes"]["created"] == 90 * DAY_S
        events = control.audit(operation="KeyRotateIfDue")
        assert [e["properties"]["id"] for e in events] == [second["key"]["kid"]]

    def test_before_expiry(self, moving, later):
        vault = moving.create_vault()
        now = vault.create_key("k0")["attributes"]["created"]
        vault.create_key("k1", attributes={"exp": now + 60 * DAY_S})
        vault.create_key("k2")
        for name in ("k1", "k2"):
            put_policy(vault, name, [rotate_at(timeBeforeExpiry="P20D")], "P90D").ok()
        later("P39D")
        assert len(versions(vault, "k1")) == 1
        later("P1D")
        assert [v["created"] - now for v in versions(vault, "k1")] == [0, 40 * DAY_S]
        assert len(versions(vault, "k2")) == 1, "a version that never expires is never due before its expiry"

    def test_a_jump_makes_the_versions_that_it_passed(self, moving, later):
        vault = moving.create_vault()
        now = vault.create_key("k1")["attributes"]["created"]
        put_policy(vault, "k1", [rotate_at(timeAfterCreate="P30D")], "P60D").ok()
        later("P100D")
        made = versions(vault, "k1")
        assert [(v["created"] - now) // DAY_S for v in made] == [0, 30, 60, 90]
        assert [(v["exp"] - now) // DAY_S for v in made[1:]] == [90, 120, 150]
        assert vault.kv("GET", "/keys/k1").json()["key"]["kid"] == made[-1]["kid"]

    def test_a_jump_of_years_makes_the_last_twelve(self, moving, later):
        vault = moving.create_vault()
        now = vault.create_key("k1")["attributes"]["created"]
        put_policy(vault, "k1", [rotate_at(timeAfterCreate="P30D")], "P60D").ok()
        later("P3000D")
        made = versions(vault, "k1")
        assert [(v["created"] - now) // DAY_S for v in made] == [0, *range(3000 - 11 * 30, 3001, 30)]
        assert made[-1]["exp"] > now + 3000 * DAY_S

    def test_an_old_key_is_not_rotated_into_the_past(self, moving, later):
        vault = moving.create_vault()
        now = vault.create_key("k1")["attributes"]["created"]
        later("P400D")
        put_policy(vault, "k1", [rotate_at(timeAfterCreate="P30D")]).ok()
        later("P1D")
        assert [(v["created"] - now) // DAY_S for v in versions(vault, "k1")] == [0, 400]

    def test_what_is_disabled_or_deleted_is_left_alone(self, moving, later):
        vault = moving.create_vault()
        vault.create_key("off", attributes={"enabled": False})
        vault.create_key("gone")
        for name in ("off", "gone"):
            put_policy(vault, name, [rotate_at(timeAfterCreate="P30D")]).ok()
        vault.kv("DELETE", "/keys/gone").ok()
        later("P40D")
        vault.kv("POST", "/deletedkeys/gone/recover").ok()
        assert [len(versions(vault, name)) for name in ("off", "gone")] == [1, 1]

    def test_many_keys_at_once(self, moving, later):
        vaults = [moving.create_vault() for _ in range(2)]
        for vault in vaults:
            for i in range(15):
                vault.create_key(f"k{i}")
                put_policy(vault, f"k{i}", [rotate_at(timeAfterCreate="P30D")]).ok()
        later("P30D")
        assert all(len(versions(vault, f"k{i}")) == 2 for vault in vaults for i in range(15))

    def test_a_near_expiry_is_told_once(self, moving, control, later):
        vault = moving.create_vault()
        now = vault.create_key("never")["attributes"]["created"]
        by_default = vault.create_key("k1", attributes={"exp": now + 100 * DAY_S})
        early = vault.create_key("k2", attributes={"exp": now + 100 * DAY_S})
        put_policy(vault, "k2", [notify_at("P60D")]).ok()
        told = []
        for _ in range(10):
            later("P10D")
            told.append([e["properties"]["id"] for e in control.audit(operation="KeyNearExpiryEventGridNotification")])
        assert told[2] == [] and told[3] == told[5] == [early["key"]["kid"]]
        assert told[6] == told[9] == [early["key"]["kid"], by_default["key"]["kid"]]

    def test_a_notice_comes_before_the_rotation_that_overtakes_it(self, moving, control, later):
        vault = moving.create_vault()
        now = vault.create_key("k0")["attributes"]["created"]
        first = vault.create_key("k1", attributes={"exp": now + 100 * DAY_S})
        put_policy(vault, "k1", [rotate_at(timeBeforeExpiry="P10D"), notify_at("P20D")], "P90D").ok()
        later("P95D")
        lines = [e for e in control.audit() if e["operationName"].startswith(("KeyNear", "KeyRotateIf"))]
        assert [e["operationName"] for e in lines] == ["KeyNearExpiryEventGridNotification", "KeyRotateIfDue"]
        assert lines[0]["properties"]["id"] == first["key"]["kid"]
