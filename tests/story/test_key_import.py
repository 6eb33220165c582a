"""Keys made elsewhere and brought in."""

import json
import secrets

import keys
import pytest
from sandbox import b64u, kid_path, unb64u
from stories import story

RSA_OPS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]


def bring(vault, jwk, name="k1", status=200, **more):
    return vault.kv("PUT", f"/keys/{name}", {"key": jwk, **more}).ok(status)


@story("ImportKey")
class TestImport:
    @pytest.mark.parametrize("bits", [2048, 3072, 4096])
    def test_rsa(self, vault, bits):
        jwk, pem = keys.new_rsa(bits)
        answer = bring(vault, {**jwk, "key_ops": RSA_OPS})
        made = answer.json()
        key = {"kid": made["key"]["kid"], "kty": "RSA", "key_ops": RSA_OPS, "n": jwk["n"], "e": jwk["e"]}
        attributes = {"enabled": True, "created": made["attributes"]["created"],
                      "updated": made["attributes"]["created"], "recoveryLevel": "Recoverable+Purgeable",
                      "recoverableDays": 90, "exportable": False, "hsmPlatform": "0"}
        assert answer.body == json.dumps({"key": key, "attributes": attributes}, separators=(",", ":")).encode()
        plain = secrets.token_bytes(32)
        body = {"alg": "RSA-OAEP-256", "value": b64u(keys.encrypt(jwk, "RSA-OAEP-256", plain))}
        answer = vault.kv("POST", f"{kid_path(key['kid'])}/unwrapkey", body).ok()
        assert unb64u(answer.json()["value"]) == plain

    def test_a_leading_zero_stays(self, vault):
        jwk, _ = keys.new_rsa()
        padded = {**jwk, "n": b64u(b"\0" + unb64u(jwk["n"]))}
        assert padded["n"].startswith("A")
        assert bring(vault, padded).json()["key"]["n"] == padded["n"]
        made = vault.kv("GET", "/keys/k1").ok().json()["key"]
        assert made["n"] == padded["n"]
        plain = secrets.token_bytes(32)
        body = {"alg": "RSA-OAEP", "value": b64u(keys.encrypt(jwk, "RSA-OAEP", plain))}
        assert unb64u(vault.kv("POST", "/keys/k1/unwrapkey", body).ok().json()["value"]) == plain

    @pytest.mark.parametrize(
        "crv, alg", [("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512"), ("P-256K", "ES256K")]
    )
    def test_ec(self, vault, crv, alg):
        jwk, _ = keys.new_ec(crv)
        got = bring(vault, jwk).json()["key"]
        expected = {"kid": got["kid"], "kty": "EC", "key_ops": ["sign", "verify"],
                    **{k: jwk[k] for k in ("crv", "x", "y")}}
        assert list(got.items()) == list(expected.items())
        digest = keys.digest_for(alg)
        answer = vault.kv("POST", "/keys/k1/sign", {"alg": alg, "value": b64u(digest)}).ok()
        assert keys.verifies(jwk, alg, digest, unb64u(answer.json()["value"]))

    def test_private_members_never_come_back(self, vault):
        jwk, _ = keys.new_rsa()
        bring(vault, jwk)
        for answer in (vault.kv("GET", "/keys/k1"), vault.kv("PATCH", "/keys/k1/", {"tags": {"a": "b"}}),
                       vault.kv("DELETE", "/keys/k1")):
            text = answer.ok().text
            assert all(jwk[k] not in text for k in ("d", "p", "q", "dp", "dq", "qi"))

    def test_attributes_tags_and_operations(self, vault):
        jwk, _ = keys.new_ec()
        attributes = {"enabled": False, "nbf": 2208992461, "exp": 2524611661}
        made = bring(vault, {**jwk, "key_ops": ["verify"]}, attributes=attributes, tags={"a": "b"}).json()
        assert made["key"]["key_ops"] == ["verify"] and made["tags"] == {"a": "b"}
        assert {k: made["attributes"][k] for k in attributes} == attributes

    def test_over_an_existing_key_is_a_new_version(self, vault):
        first = vault.create_key("k1")["key"]["kid"]
        second = bring(vault, keys.new_ec()[0]).json()["key"]["kid"]
        assert first != second and vault.kv("GET", "/keys/k1").json()["key"]["kid"] == second

    def test_a_deleted_name_stays_taken(self, vault):
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        error = bring(vault, keys.new_ec()[0], status=409).error()
        assert error["code"] == "Conflict" and error["innererror"] == {"code": "ObjectIsDeletedButRecoverable"}

    def test_as_hsm_key(self, vault, premium):
        jwk, _ = keys.new_ec()
        for flag in ("Hsm", "hsm"):
            made = bring(premium, jwk, name=f"by-{flag}-{flag == 'Hsm'}", **{flag: True}).json()
            assert made["key"]["kty"] == "EC-HSM" and made["attributes"]["hsmPlatform"] == "2"
        assert bring(premium, {**jwk, "kty": "EC-HSM"}).json()["key"]["kty"] == "EC-HSM"
        assert bring(vault, jwk, status=400, Hsm=True).error()["code"] == "BadParameter"
        assert bring(vault, jwk, Hsm=False).json()["key"]["kty"] == "EC"


def spoil(jwk, **changes):
    return {k: v for k, v in {**jwk, **changes}.items() if v is not None}


def flip(text):
    raw = bytearray(unb64u(text))
    raw[-2] ^= 2
    return b64u(bytes(raw))


@story("ImportKey")
class TestRefused:
    """Whatever is wrong: 400 BadParameter, and no key afterwards."""

    def refuse(self, vault, body):
        answer = vault.kv("PUT", "/keys/k1", body).ok(400)
        assert answer.error()["code"] == "BadParameter"
        vault.kv("GET", "/keys/k1").ok(404)

    @pytest.mark.parametrize("member", ["n", "e", "d"])
    def test_rsa_without_a_member(self, vault, member):
        self.refuse(vault, {"key": spoil(keys.new_rsa()[0], **{member: None})})

    @pytest.mark.parametrize("member", ["x", "y", "d", "crv"])
    def test_ec_without_a_member(self, vault, member):
        jwk, _ = keys.new_ec()
        answer = vault.kv("PUT", "/keys/k1", {"key": spoil(jwk, **{member: None})})
        # A point can be calculated from d; nothing else can be left out.
        assert answer.status == 400 or (member in "xy" and answer.json()["key"][member] == jwk[member])

    @pytest.mark.parametrize("member", ["n", "d", "p", "q"])
    def test_rsa_whose_numbers_do_not_fit(self, vault, member):
        jwk, _ = keys.new_rsa()
        self.refuse(vault, {"key": {**jwk, member: flip(jwk[member])}})

    @pytest.mark.parametrize("member", ["x", "y", "d"])
    def test_ec_whose_numbers_do_not_fit(self, vault, member):
        jwk, _ = keys.new_ec()
        self.refuse(vault, {"key": {**jwk, member: flip(jwk[member])}})

    @pytest.mark.parametrize("bits", [1024, 2047])
    def test_rsa_sizes_that_are_not_served(self, vault, bits):
        self.refuse(vault, {"key": keys.new_rsa(bits)[0]})

    def test_of_another_kind(self, vault):
        jwk, _ = keys.new_ec()
        for kty in ("oct", "oct-HSM", "OKP", "", "ec"):
            self.refuse(vault, {"key": {**jwk, "kty": kty, "k": "AAAA"}})
        error = vault.kv("PUT", "/keys/k1", {"key": {"kty": "oct", "k": "AAAA"}}).ok(400).error()
        assert error == {"code": "BadParameter", "message": "Invalid kty value: oct",
                         "innererror": {"code": "KeyTypeNotSupported"}}

    def test_of_another_curve(self, vault):
        jwk, _ = keys.new_ec()
        for crv in ("P-384", "SECP256K1", "Ed25519", ""):
            self.refuse(vault, {"key": {**jwk, "crv": crv}})

    def test_shapes(self, vault):
        jwk, _ = keys.new_ec()
        for body in ({}, {"key": None}, {"key": []}, {"key": "x"}, {"key": {}}, [], jwk, {"key": {**jwk, "x": 7}},
                     {"key": {**jwk, "d": jwk["d"] + "="}}, {"key": {**jwk, "key_ops": ["dance"]}},
                     {"key": jwk, "Hsm": "yes"}, {"key": jwk, "tags": []}):
            self.refuse(vault, body)
