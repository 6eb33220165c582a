"""A key's life in a vault: made, read, listed, changed, deleted, recovered, purged; bundles to the byte."""

import json
import re
import time

import pytest
from sandbox import kid_path
from stories import story

RSA_OPS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
VERSION = re.compile(r"[0-9a-f]{32}")
NOT_FOUND = (
    "A key with (name/id) {} was not found in this key vault. If you recently deleted this key you may be able to "
    "recover it using the correct recovery command. For help resolving this issue, please see "
    "https://go.microsoft.com/fwlink/?linkid=2125182"
)


def compact(value):
    """The service's way of writing JSON: no spaces, members in order, nothing escaped that need not be."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def refusal(code, message, inner=None):
    error = {"code": code, "message": message}
    if inner:
        error["innererror"] = {"code": inner}
    return compact({"error": error})


def not_found(what):
    return refusal("KeyNotFound", NOT_FOUND.format(what))


def bundle(kid, public, attributes, tags=None):
    """A KeyBundle in the recorded order; public begins with kty and key_ops."""
    out = {"key": {"kid": kid, **public}, "attributes": attributes}
    return out if tags is None else {**out, "tags": tags}


def attributes_of(made, enabled=True, level="Recoverable+Purgeable", days=90, hsm="0", **times):
    got = made["attributes"]
    return {"enabled": enabled, **times, "created": got["created"], "updated": got["updated"], "recoveryLevel": level,
            "recoverableDays": days, "exportable": False, "hsmPlatform": hsm}


@story("CreateKey")
class TestCreate:
    def test_rsa_by_default_has_2048_bits_and_every_operation(self, vault):
        before = int(time.time())
        answer = vault.kv("POST", "/keys/k1/create", {"kty": "RSA"}).ok()
        made = answer.json()
        key = made["key"]
        assert VERSION.fullmatch(key["kid"].removeprefix(f"{vault.url}/keys/k1/"))
        assert len(key["n"]) == 342 and key["e"] == "AQAB"
        assert before <= made["attributes"]["created"] == made["attributes"]["updated"] <= time.time()
        public = {"kty": "RSA", "key_ops": RSA_OPS, "n": key["n"], "e": "AQAB"}
        assert answer.body == compact(bundle(key["kid"], public, attributes_of(made)))

    @pytest.mark.parametrize("bits, length", [(2048, 342), (3072, 512), (4096, 683)])
    def test_rsa_sizes(self, crypto_vault, bits, length):
        key = crypto_vault.create_key(kty="RSA", key_size=bits)["key"]
        assert len(key["n"]) == length

    def test_rsa_with_a_public_exponent(self, vault):
        assert vault.create_key(kty="RSA", public_exponent=3)["key"]["e"] == "Aw"

    def test_rsa_ignores_an_empty_curve(self, vault):
        assert vault.create_key(kty="RSA", crv="")["key"]["kty"] == "RSA"

    def test_ec_by_default_is_p256_and_signs(self, vault):
        answer = vault.kv("POST", "/keys/e1/create", {"kty": "EC"}).ok()
        made = answer.json()
        key = made["key"]
        public = {"kty": "EC", "key_ops": ["sign", "verify"], "crv": "P-256", "x": key["x"], "y": key["y"]}
        assert answer.body == compact(bundle(key["kid"], public, attributes_of(made)))

    @pytest.mark.parametrize("crv, length", [("P-256", 43), ("P-384", 64), ("P-521", 88), ("P-256K", 43)])
    def test_ec_curves(self, vault, crv, length):
        key = vault.create_key(crv=crv)["key"]
        assert (key["crv"], len(key["x"]), len(key["y"])) == (crv, length, length)

    def test_ec_with_a_size_and_no_curve_is_p256(self, vault):
        assert vault.create_key(kty="EC", key_size=2048)["key"]["crv"] == "P-256"

    def test_attributes_and_tags_come_back_in_order(self, vault):
        tags = {"zeta": "1", "alpha": "ä/+'\"", "": "x"}
        body = {"kty": "EC", "attributes": {"enabled": False, "nbf": 2208992461, "exp": 2524611661}, "tags": tags}
        answer = vault.kv("POST", "/keys/k1/create", body).ok()
        made = answer.json()
        key = made["key"]
        public = {k: key[k] for k in ("kty", "key_ops", "crv", "x", "y")}
        expected = attributes_of(made, enabled=False, nbf=2208992461, exp=2524611661)
        assert answer.body == compact(bundle(key["kid"], public, expected, tags))

    def test_empty_tags_are_no_tags(self, vault):
        assert "tags" not in vault.create_key(tags={})

    def test_key_ops_are_kept_in_the_order_sent(self, vault):
        ops = ["unwrapKey", "wrapKey"]
        assert vault.create_key(kty="RSA", key_ops=ops)["key"]["key_ops"] == ops

    def test_again_makes_a_new_version(self, vault):
        first, second = (vault.create_key("k1") for _ in range(2))
        assert first["key"]["kid"] != second["key"]["kid"]
        assert vault.kv("GET", "/keys/k1").json()["key"]["kid"] == second["key"]["kid"]
        assert vault.kv("GET", kid_path(first["key"]["kid"])).json() == first

    def test_hsm_kinds_need_a_premium_vault(self, vault):
        for kty in ("RSA-HSM", "EC-HSM"):
            answer = vault.kv("POST", "/keys/h1/create", {"kty": kty}).ok(400)
            assert answer.error()["code"] == "BadParameter"
        vault.kv("GET", "/keys/h1").ok(404)

    @pytest.mark.parametrize("kty", ["RSA-HSM", "EC-HSM"])
    def test_hsm_kinds_in_a_premium_vault(self, premium, kty):
        made = premium.create_key(kty=kty)
        assert made["key"]["kty"] == kty
        assert made["attributes"]["hsmPlatform"] == "2"

    def test_client_may_ask_without_a_body_first(self, vault):
        """SDKs send an empty POST to get the challenge, then the whole request."""
        vault.kv("POST", "/keys/k1/create", token=None).ok(401)
        vault.kv("POST", "/keys/k1/create", {"kty": "EC"}).ok()

    def test_a_deleted_name_stays_taken(self, vault):
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        answer = vault.kv("POST", "/keys/k1/create", {"kty": "EC"}).ok(409)
        assert answer.error()["code"] == "Conflict"
        assert answer.error()["innererror"] == {"code": "ObjectIsDeletedButRecoverable"}
        assert (
            "k1 is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the"
            in (answer.error()["message"])
        )
        # Names compare without case.
        vault.kv("POST", "/keys/K1/create", {"kty": "EC"}).ok(409)


@story("GetKey")
class TestGet:
    def test_latest_by_name_slash_or_empty_version(self, vault):
        made = vault.create_key("k1")
        for path in ("/keys/k1", "/keys/k1/", kid_path(made["key"]["kid"]), kid_path(made["key"]["kid"]) + "/"):
            assert vault.kv("GET", path).ok().json() == made, path

    def test_doubled_slashes_are_understood(self, vault):
        made = vault.create_key("k1")
        assert vault.kv("GET", "//keys/k1").ok().json() == made
        assert vault.kv("GET", "/keys//k1").ok().json() == made

    def test_names_compare_without_case(self, vault):
        made = vault.create_key("MixedCase")
        assert vault.kv("GET", "/keys/mixedcase").ok().json()["key"]["kid"].lower() == made["key"]["kid"].lower()

    def test_unknown_name_and_unknown_version(self, vault):
        vault.create_key("k1")
        for what in ("nobody", "k1/" + "0" * 32, "nobody/" + "0" * 32):
            assert vault.kv("GET", f"/keys/{what}").ok(404).body == not_found(what)

    def test_disabled_keys_can_be_read(self, vault):
        made = vault.create_key("k1", attributes={"enabled": False})
        assert vault.kv("GET", "/keys/k1").ok().json() == made
        assert made["attributes"]["enabled"] is False

    def test_time_limits_hide_nothing(self, vault):
        vault.create_key("future", attributes={"nbf": 2208992461})
        vault.create_key("past", attributes={"exp": 1500000000})
        for name in ("future", "past"):
            vault.kv("GET", f"/keys/{name}").ok()

    def test_kid_repeats_host_and_port_as_asked(self, vault):
        vault.create_key("k1")
        bare = f"{vault.name}.vault.localhost"
        kid = vault.kv("GET", "/keys/k1", headers={"Host": bare}).ok().json()["key"]["kid"]
        assert kid.startswith(f"https://{bare}/keys/k1/")

    def test_query_names_may_be_escaped(self, vault):
        vault.create_key("k1")
        vault.kv("GET", "/keys/k1?api%2Dversion=2025-07-01", api_version="").ok()

    def test_head_has_headers_and_no_body(self, vault):
        vault.create_key("k1")
        answer = vault.kv("HEAD", "/keys/k1")
        assert answer.body == b""
        # And the connection goes on.
        vault.kv("GET", "/keys/k1").ok()


@story("GetKey", "GetKeys", "GetDeletedKey")
@pytest.mark.parametrize("version, fields", [
    ("2016-10-01", ()),
    ("7.0", ()),
    ("7.1", ("recoverableDays",)),
    ("7.2", ("recoverableDays",)),
    ("7.3-preview", ("recoverableDays",)),
    ("7.3", ("recoverableDays",)),
    ("7.4", ("recoverableDays",)),
    ("7.5-preview.1", ("recoverableDays", "exportable", "hsmPlatform")),
    ("7.5", ("recoverableDays", "exportable", "hsmPlatform")),
    ("7.6-preview.1", ("recoverableDays", "exportable", "hsmPlatform")),
    ("7.6-preview.2", ("recoverableDays", "exportable", "hsmPlatform")),
    ("7.6", ("recoverableDays", "exportable", "hsmPlatform")),
    ("2025-06-01-preview", ("recoverableDays", "exportable", "hsmPlatform")),
    ("2025-07-01", ("recoverableDays", "exportable", "hsmPlatform")),
])
def test_api_versions_decide_the_attributes(sandbox, version, fields):
    vault = sandbox.create_vault()
    vault.create_key("k1")
    vault.create_key("k2")
    vault.kv("DELETE", "/keys/k2").ok()
    expected = ["enabled", "created", "updated", "recoveryLevel", *fields]
    if version == "7.4":  # not recorded: either is right
        expected = None
    for path, pick in (("/keys/k1", lambda b: b), ("/keys", lambda b: b["value"][0]), ("/deletedkeys/k2", lambda b: b)):
        got = list(pick(vault.kv("GET", path, api_version=version).ok().json())["attributes"])
        assert got == expected or (expected is None and got[:5] == ["enabled", "created", "updated", "recoveryLevel",
                                                                    "recoverableDays"]), path


@story("GetKey")
@pytest.mark.parametrize("properties, level, days", [
    ({}, "Recoverable+Purgeable", 90),
    ({"enablePurgeProtection": True}, "Recoverable", 90),
    ({"softDeleteRetentionInDays": 7}, "CustomizedRecoverable+Purgeable", 7),
    ({"softDeleteRetentionInDays": 7, "enablePurgeProtection": True}, "CustomizedRecoverable", 7),
])
def test_recovery_level_follows_the_vault(sandbox, properties, level, days):
    vault = sandbox.create_vault(**properties)
    vault.create_key("k1")
    got = vault.kv("GET", "/keys/k1").ok().json()["attributes"]
    assert (got["recoveryLevel"], got["recoverableDays"]) == (level, days)


@story("GetKeys")
class TestList:
    def test_empty(self, vault):
        assert vault.kv("GET", "/keys").ok().body == b'{"value":[],"nextLink":null}'

    def test_items_are_short_and_in_order_of_upper_case(self, vault):
        made = {name: vault.create_key(name, tags={"n": name}) for name in ("b", "a-1", "C", "A")}
        items = [{"kid": f"{vault.url}/keys/{n}", "attributes": made[n]["attributes"], "tags": {"n": n}}
                 for n in ("b", "C")]
        # "A" replaces no "a": a name is one key in any casing.
        answer = vault.kv("GET", "/keys").ok()
        assert [i["kid"].rpartition("/")[2] for i in answer.json()["value"]] == ["A", "a-1", "b", "C"]
        assert answer.body.endswith(compact(items)[1:] + b',"nextLink":null}')

    def test_pages_of_one(self, vault):
        for name in ("k1", "k2", "k3"):
            vault.create_key(name)
        seen, url = [], f"{vault.url}/keys?api-version=7.2&maxresults=1"
        for _ in range(5):
            page = vault.sandbox.http("GET", url, token=vault.sandbox.vault_admin_token()).ok().json()
            assert len(page["value"]) <= 1
            seen += [i["kid"] for i in page["value"]]
            url = page["nextLink"]
            if url is None:
                break
            link = re.fullmatch(
                re.escape(f"{vault.url}/keys?api-version=7.2&$skiptoken=") + "([A-Za-z0-9_-]+)(.*)", url
            )
            assert link and link[2] == "&maxresults=1"
        assert url is None
        assert seen == [f"{vault.url}/keys/{n}" for n in ("k1", "k2", "k3")]

    def test_pages_are_of_25_by_default(self, vault):
        names = [f"k{i:02}" for i in range(27)]
        for name in names:
            vault.create_key(name)
        first = vault.kv("GET", "/keys").ok().json()
        assert len(first["value"]) == 25
        assert first["nextLink"].startswith(f"{vault.url}/keys?api-version=7.5&$skiptoken=")
        assert "maxresults" not in first["nextLink"]
        second = vault.sandbox.http("GET", first["nextLink"], token=vault.sandbox.vault_admin_token()).ok().json()
        got = [i["kid"].rpartition("/")[2] for i in first["value"] + second["value"]]
        assert got == names and second["nextLink"] is None

    def test_next_link_states_the_usual_port(self, vault):
        for name in ("k1", "k2"):
            vault.create_key(name)
        bare = f"{vault.name}.vault.localhost"
        page = vault.kv("GET", "/keys?maxresults=1", headers={"Host": bare}).ok().json()
        assert page["value"][0]["kid"] == f"https://{bare}/keys/k1"
        assert page["nextLink"].startswith(f"https://{bare}:443/keys?api-version=7.5&$skiptoken=")

    @pytest.mark.parametrize("n", ["0", "26", "-1", "x", ""])
    def test_sizes_out_of_range(self, vault, n):
        assert vault.kv("GET", f"/keys?maxresults={n}").ok(400).error()["code"] == "BadParameter"

    def test_a_spoilt_skiptoken(self, vault):
        assert vault.kv("GET", "/keys?$skiptoken=AAAA").ok(400).error()["code"] == "BadParameter"

    def test_deleted_keys_are_not_listed(self, vault):
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        assert vault.kv("GET", "/keys").json()["value"] == []


@story("GetKeyVersions")
class TestVersions:
    def test_unknown_key_has_none(self, vault):
        answer = vault.kv("GET", "/keys/nobody/versions").ok()
        assert answer.body == b'{"value":[],"nextLink":null}' and len(answer.body) == 28

    def test_each_has_its_kid(self, vault):
        made = [vault.create_key("k1", tags={"n": str(i)}) for i in range(3)]
        items = vault.kv("GET", "/keys/k1/versions").ok().json()["value"]
        expected = [{"kid": m["key"]["kid"], "attributes": m["attributes"], "tags": m["tags"]} for m in made]
        assert sorted(items, key=lambda i: i["kid"]) == sorted(expected, key=lambda i: i["kid"])
        assert all(list(i) == ["kid", "attributes", "tags"] for i in items)

    def test_pages(self, vault):
        made = {vault.create_key("k1")["key"]["kid"] for _ in range(3)}
        first = vault.kv("GET", "/keys/k1/versions?maxresults=2").ok().json()
        assert first["nextLink"].startswith(f"{vault.url}/keys/k1/versions?api-version=7.5&$skiptoken=")
        assert first["nextLink"].endswith("&maxresults=2")
        second = vault.sandbox.http("GET", first["nextLink"], token=vault.sandbox.vault_admin_token()).ok().json()
        assert (len(first["value"]), len(second["value"]), second["nextLink"]) == (2, 1, None)
        assert {i["kid"] for i in first["value"] + second["value"]} == made


@story("UpdateKey")
class TestUpdate:
    def test_what_is_not_sent_stays(self, vault):
        made = vault.create_key("k1", attributes={"exp": 2524611661}, tags={"a": "1"})
        answer = vault.kv("PATCH", "/keys/k1/", {"attributes": {"enabled": False}}).ok()
        got = answer.json()
        assert got["attributes"]["updated"] >= made["attributes"]["updated"]
        expected = {**made, "attributes": {**made["attributes"], "enabled": False,
                                           "updated": got["attributes"]["updated"]}}
        assert answer.body == compact(expected)
        assert vault.kv("GET", "/keys/k1").ok().body == answer.body

    def test_tags_and_key_ops_are_replaced_as_a_whole(self, vault):
        vault.create_key("k1", kty="RSA", tags={"a": "1", "b": "2"})
        got = vault.kv("PATCH", "/keys/k1", {"tags": {"c": "3"}, "key_ops": ["sign"]}).ok().json()
        assert got["tags"] == {"c": "3"} and got["key"]["key_ops"] == ["sign"]
        assert "tags" not in vault.kv("PATCH", "/keys/k1", {"tags": {}}).ok().json()

    def test_a_version_of_its_own_and_the_latest(self, vault):
        first, second = (vault.create_key("k1") for _ in range(2))
        path = kid_path(first["key"]["kid"])
        got = vault.kv("PATCH", path, {"tags": {"old": "yes"}}).ok().json()
        assert got["key"]["kid"] == first["key"]["kid"]
        assert "tags" not in vault.kv("GET", "/keys/k1").json()
        got = vault.kv("PATCH", "/keys/k1/", {"tags": {"new": "yes"}}).ok().json()
        assert got["key"]["kid"] == second["key"]["kid"]

    def test_saying_that_it_is_not_exportable_is_fine(self, vault):
        vault.create_key("k1")
        vault.kv("PATCH", "/keys/k1/", {"attributes": {"exportable": False}}).ok()

    def test_unknown(self, vault):
        assert vault.kv("PATCH", "/keys/nobody/", {"tags": {}}).ok(404).body == not_found("nobody")

    def test_a_disabled_key_can_be_enabled_again(self, vault):
        vault.create_key("k1", attributes={"enabled": False})
        assert vault.kv("PATCH", "/keys/k1/", {"attributes": {"enabled": True}}).ok().json()["attributes"]["enabled"]


def deleted(vault, name, made, days=90):
    """The DeletedKeyBundle of what was made, with the dates of answer."""
    def of(answer):
        date = answer["deletedDate"]
        return {"recoveryId": f"{vault.url}/deletedkeys/{name}", "deletedDate": date,
                "scheduledPurgeDate": date + days * 86400, **made}

    return of


@story("DeleteKey", "GetDeletedKey", "RecoverDeletedKey", "PurgeDeletedKey", "GetDeletedKeys")
class TestSoftDelete:
    def test_the_whole_cycle(self, vault):
        first = vault.create_key("k1", tags={"a": "1"})
        made = vault.create_key("k1", tags={"a": "2"})
        before = int(time.time())
        answer = vault.kv("DELETE", "/keys/k1").ok()
        assert before <= answer.json()["deletedDate"] <= time.time()
        assert answer.body == compact(deleted(vault, "k1", made)(answer.json()))
        assert vault.kv("GET", "/keys/k1").ok(404).body == not_found("k1")
        assert vault.kv("GET", "/deletedkeys/k1").ok().body == answer.body

        item = {k: answer.json()[k] for k in ("recoveryId", "deletedDate", "scheduledPurgeDate")}
        item |= {"kid": f"{vault.url}/keys/k1", "attributes": made["attributes"], "tags": made["tags"]}
        assert vault.kv("GET", "/deletedkeys").ok().body == compact({"value": [item], "nextLink": None})

        assert vault.kv("POST", "/deletedkeys/k1/recover").ok().body == compact(made)
        assert vault.kv("GET", "/keys/k1").ok().json() == made
        assert vault.kv("GET", kid_path(first["key"]["kid"])).ok().json() == first
        vault.kv("GET", "/deletedkeys/k1").ok(404)

        vault.kv("DELETE", "/keys/k1").ok()
        gone = vault.kv("DELETE", "/deletedkeys/k1").ok(204)
        assert gone.body == b"" and "content-type" not in gone.headers.names
        assert vault.kv("GET", "/deletedkeys").json()["value"] == []
        assert vault.kv("GET", "/keys/k1").ok(404).body == not_found("k1")
        # The name is free, and nothing of the old key shows.
        again = vault.create_key("k1")
        assert [i["kid"] for i in vault.kv("GET", "/keys/k1/versions").json()["value"]] == [again["key"]["kid"]]

    def test_a_purge_says_nothing_about_its_body(self, vault):
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        assert "content-length" not in vault.kv("DELETE", "/deletedkeys/k1").ok(204).headers.names

    def test_retention_counts_days(self, sandbox):
        vault = sandbox.create_vault(softDeleteRetentionInDays=7)
        made = vault.create_key("k1")
        answer = vault.kv("DELETE", "/keys/k1").ok()
        assert answer.body == compact(deleted(vault, "k1", made, days=7)(answer.json()))

    def test_disabled_keys_can_be_deleted(self, vault):
        vault.create_key("k1", attributes={"enabled": False})
        vault.kv("DELETE", "/keys/k1").ok()
        assert vault.kv("POST", "/deletedkeys/k1/recover").ok().json()["attributes"]["enabled"] is False

    def test_unknown_names(self, vault):
        assert vault.kv("DELETE", "/keys/nobody").ok(404).body == not_found("nobody")
        unknown = refusal("KeyNotFound", "Deleted Key not found: nobody")
        assert vault.kv("GET", "/deletedkeys/nobody").ok(404).body == unknown
        assert vault.kv("POST", "/deletedkeys/nobody/recover").ok(404).body == not_found("nobody")
        assert vault.kv("DELETE", "/deletedkeys/nobody").ok(404).error()["code"] == "KeyNotFound"
        # A living key is no deleted one.
        vault.create_key("k1")
        assert vault.kv("GET", "/deletedkeys/k1").ok(404).body == refusal("KeyNotFound", "Deleted Key not found: k1")

    def test_deleted_keys_do_no_work(self, vault):
        kid = vault.create_key("k1", kty="RSA")["key"]["kid"]
        vault.kv("DELETE", "/keys/k1").ok()
        body = {"alg": "RSA-OAEP", "value": "AAAA"}
        for path in ("/keys/k1", kid_path(kid)):
            answer = vault.kv("POST", f"{path}/wrapkey", body).ok(404)
            assert answer.body == not_found(path.removeprefix("/keys/"))

    def test_purge_protection(self, sandbox):
        vault = sandbox.create_vault(enablePurgeProtection=True)
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        error = vault.kv("DELETE", "/deletedkeys/k1").ok(403).error()
        assert error["code"] == "Forbidden"
        assert error["message"] == (
            'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service '
            "will automatically purge it after the retention period has passed.\r\n"
            f"Vault: {vault.name};location={vault.location}"
        )
        vault.kv("GET", "/deletedkeys/k1").ok()

    def test_deleted_lists_have_pages(self, vault):
        for name in ("c", "B", "a"):
            vault.create_key(name)
            vault.kv("DELETE", f"/keys/{name}").ok()
        first = vault.kv("GET", "/deletedkeys?maxresults=2").ok().json()
        assert first["nextLink"].startswith(f"{vault.url}/deletedkeys?api-version=7.5&$skiptoken=")
        second = vault.sandbox.http("GET", first["nextLink"], token=vault.sandbox.vault_admin_token()).ok().json()
        assert second["nextLink"] is None
        kids = [i["kid"].rpartition("/")[2] for i in first["value"] + second["value"]]
        assert kids == ["a", "B", "c"]

    def test_deleting_a_version_deletes_nothing(self, vault):
        kid = vault.create_key("k1")["key"]["kid"]
        assert vault.kv("DELETE", kid_path(kid)).status in (400, 404, 405)
        vault.kv("DELETE", "/keys/k1").ok()
