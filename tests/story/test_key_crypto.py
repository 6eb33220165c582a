"""Encrypt, decrypt, wrap, unwrap, sign, verify: every algorithm, checked by the openssl command on the other side."""

import json
import secrets
import time

import keys
import pytest
from sandbox import b64u, kid_path, unb64u
from stories import story

ENCRYPTIONS = ["RSA1_5", "RSA-OAEP", "RSA-OAEP-256"]
RSA_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "RSNULL"]
EC_SIGNATURES = {"P-256": "ES256", "P-256K": "ES256K", "P-384": "ES384", "P-521": "ES512"}
FAR_PAST, FAR_FUTURE = 1500000000, 4000000000


def run(vault, key, operation, body, status=200):
    """POST of one operation with the key's versioned path."""
    return vault.kv("POST", f"{kid_path(key['kid'])}/{operation}", body).ok(status)


@pytest.fixture(scope="session")
def own(crypto_vault):
    """(JWK as served, PEM) of an RSA key made by openssl and imported: the private half is at hand."""
    jwk, pem = keys.new_rsa()
    ops = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
    name = crypto_vault.sandbox.unique("own")
    made = crypto_vault.kv("PUT", f"/keys/{name}", {"key": {**jwk, "key_ops": ops}}).ok().json()
    return made["key"], pem


@story("Encrypt", "Decrypt", "WrapKey", "UnwrapKey")
class TestEncryption:
    @pytest.mark.parametrize("there, back", [("encrypt", "decrypt"), ("wrapkey", "unwrapkey")])
    @pytest.mark.parametrize("alg", ENCRYPTIONS)
    def test_there_and_back(self, crypto_vault, own, alg, there, back):
        key, pem = own
        plain = secrets.token_bytes(32)
        answer = run(crypto_vault, key, there, {"alg": alg, "value": b64u(plain)})
        value = answer.json()["value"]
        assert answer.body == json.dumps({"kid": key["kid"], "value": value}, separators=(",", ":")).encode()
        assert len(unb64u(value)) == 256
        assert keys.decrypt(pem, alg, unb64u(value)) == plain
        foreign = b64u(keys.encrypt(key, alg, plain))
        for cipher in (value, foreign):
            answer = run(crypto_vault, key, back, {"alg": alg, "value": cipher})
            assert answer.json() == {"kid": key["kid"], "value": b64u(plain)}

    @pytest.mark.parametrize("bits", [3072, 4096])
    def test_larger_keys(self, crypto_vault, bits):
        key = crypto_vault.create_key(kty="RSA", key_size=bits)["key"]
        plain = secrets.token_bytes(32)
        for there, back in (("encrypt", "decrypt"), ("wrapkey", "unwrapkey")):
            cipher = run(crypto_vault, key, there, {"alg": "RSA-OAEP-256", "value": b64u(plain)}).json()["value"]
            assert len(unb64u(cipher)) == bits // 8
            answer = run(crypto_vault, key, back, {"alg": "RSA-OAEP-256", "value": cipher})
            assert unb64u(answer.json()["value"]) == plain

    def test_without_a_version_the_latest_works_and_is_named(self, vault):
        old = vault.create_key("k1", kty="RSA")["key"]["kid"]
        body = {"alg": "RSA-OAEP", "value": b64u(b"data key")}
        by_old = vault.kv("POST", "/keys/k1/wrapkey", body).ok().json()
        assert by_old["kid"] == old
        new = vault.create_key("k1", kty="RSA")["key"]["kid"]
        # JavaScript and Go leave the version segment empty.
        by_new = vault.kv("POST", "/keys/k1//wrapkey", body).ok().json()
        assert by_new["kid"] == new
        vault.kv("POST", "/keys/k1/encrypt", body).ok()
        answer = vault.kv("POST", f"{kid_path(old)}/unwrapkey", {"alg": "RSA-OAEP", "value": by_old["value"]}).ok()
        assert answer.json() == {"kid": old, "value": b64u(b"data key")}
        vault.kv("POST", "/keys/k1/decrypt", {"alg": "RSA-OAEP", "value": by_old["value"]}).ok(400)

    @pytest.mark.parametrize(
        "there, back", [("wrapKey", "unwrapKey"), ("WRAPKEY", "UnWrapKey"), ("Encrypt", "DECRYPT")]
    )
    def test_operations_in_any_casing(self, crypto_vault, rsa, there, back):
        cipher = run(crypto_vault, rsa, there, {"alg": "RSA-OAEP", "value": "AAAA"}).json()["value"]
        assert run(crypto_vault, rsa, back, {"alg": "RSA-OAEP", "value": cipher}).json()["value"] == "AAAA"

    def test_stray_trailing_bits_are_forgiven(self, crypto_vault, own):
        """"…183" comes back as "…18w": the same bytes, written properly."""
        key, _ = own
        for there, back in (("encrypt", "decrypt"), ("wrapkey", "unwrapkey")):
            cipher = run(crypto_vault, key, there, {"alg": "RSA-OAEP", "value": "MTIzNDU2Nzg5MDEyMzQ1Njc183"}).json()
            plain = run(crypto_vault, key, back, {"alg": "RSA-OAEP", "value": cipher["value"]}).json()["value"]
            assert plain == "MTIzNDU2Nzg5MDEyMzQ1Njc18w"

    def test_names_of_members_and_order_do_not_matter(self, crypto_vault, rsa):
        for operation in ("encrypt", "wrapkey"):
            run(crypto_vault, rsa, operation, b'{"extra":[1,{"x":null}],"value":"AAAA","alg":"RSA-OAEP"}')
        for operation in ("decrypt", "unwrapkey"):
            run(crypto_vault, rsa, operation, {"value": "AAAA", "alg": "RSA-OAEP"}, 400)


@story("Encrypt", "Decrypt", "WrapKey", "UnwrapKey")
@pytest.mark.parametrize("alg, longest", [("RSA1_5", 245), ("RSA-OAEP", 214), ("RSA-OAEP-256", 190)])
def test_plaintext_up_to_the_limit(crypto_vault, own, alg, longest):
    key, pem = own
    for there, back in (("encrypt", "decrypt"), ("wrapkey", "unwrapkey")):
        for n in (longest, 1, 0):
            plain = secrets.token_bytes(n)
            if n == 0:  # nothing to wrap: refused or wrapped, but never worse
                assert crypto_vault.kv("POST", f"{kid_path(key['kid'])}/{there}",
                                       {"alg": alg, "value": ""}).status in (200, 400)
                continue
            cipher = run(crypto_vault, key, there, {"alg": alg, "value": b64u(plain)}).json()["value"]
            assert keys.decrypt(pem, alg, unb64u(cipher)) == plain
            assert run(crypto_vault, key, back, {"alg": alg, "value": cipher}).json()["value"] == b64u(plain)
        error = run(crypto_vault, key, there, {"alg": alg, "value": b64u(bytes(longest + 1))}, 400).error()
        assert error["code"] == "BadParameter"


@story("Decrypt", "UnwrapKey")
class TestWrongCiphertext:
    @pytest.mark.parametrize("alg", ["RSA-OAEP", "RSA-OAEP-256"])
    def test_of_another_key(self, crypto_vault, rsa, own, alg):
        cipher = b64u(keys.encrypt(own[0], alg, b"data key"))
        for operation in ("decrypt", "unwrapkey"):
            error = run(crypto_vault, rsa, operation, {"alg": alg, "value": cipher}, 400).error()
            assert error == {"code": "BadParameter", "message": "Error occurred while decoding OAEP padding."}

    def test_wrapped_otherwise(self, crypto_vault, own):
        key, _ = own
        oaep, old = (b64u(keys.encrypt(key, alg, b"data key")) for alg in ("RSA-OAEP", "RSA1_5"))
        for operation in ("decrypt", "unwrapkey"):
            error = run(crypto_vault, key, operation, {"alg": "RSA-OAEP", "value": old}, 400).error()
            assert error["message"] == "Error occurred while decoding OAEP padding."
            error = run(crypto_vault, key, operation, {"alg": "RSA-OAEP-256", "value": oaep}, 400).error()
            assert error["message"] == "Error occurred while decoding OAEP padding."
            error = run(crypto_vault, key, operation, {"alg": "RSA1_5", "value": oaep}, 400).error()
            assert error["message"] == "Unable to decrypt specified value with this key"

    @pytest.mark.parametrize("n", [0, 1, 255, 257, 512, 3000])
    @pytest.mark.parametrize("alg", ENCRYPTIONS)
    def test_of_another_length(self, crypto_vault, rsa, alg, n):
        for operation in ("decrypt", "unwrapkey"):
            error = run(crypto_vault, rsa, operation, {"alg": alg, "value": b64u(bytes(n))}, 400).error()
            assert error["code"] == "BadParameter"

    def test_larger_than_the_modulus(self, crypto_vault, rsa):
        for operation in ("decrypt", "unwrapkey"):
            run(crypto_vault, rsa, operation, {"alg": "RSA-OAEP", "value": b64u(b"\xff" * 256)}, 400)


@story("Sign", "Verify")
class TestSignatures:
    @pytest.mark.parametrize("alg", RSA_SIGNATURES)
    def test_rsa(self, crypto_vault, own, alg):
        key, pem = own
        digest = keys.digest_for(alg)
        answer = run(crypto_vault, key, "sign", {"alg": alg, "value": b64u(digest)})
        signature = unb64u(answer.json()["value"])
        assert list(answer.json()) == ["kid", "value"] and answer.json()["kid"] == key["kid"]
        assert len(signature) == 256 and keys.verifies(key, alg, digest, signature)
        for one in (signature, keys.sign(pem, alg, digest)):
            body = {"alg": alg, "digest": b64u(digest), "value": b64u(one)}
            answer = run(crypto_vault, key, "verify", body)
            assert answer.body == b'{"value":true}' and len(answer.body) == 14

    @pytest.mark.parametrize("crv, alg", EC_SIGNATURES.items())
    def test_ec(self, crypto_vault, crv, alg):
        jwk, pem = keys.new_ec(crv)
        name = crypto_vault.sandbox.unique("ec")
        key = crypto_vault.kv("PUT", f"/keys/{name}", {"key": jwk}).ok().json()["key"]
        digest = keys.digest_for(alg)
        signature = unb64u(run(crypto_vault, key, "sign", {"alg": alg, "value": b64u(digest)}).json()["value"])
        assert len(signature) == {"P-521": 132, "P-384": 96}.get(crv, 64)
        assert keys.verifies(key, alg, digest, signature)
        for one in (signature, keys.sign(pem, alg, digest)):
            body = {"alg": alg, "digest": b64u(digest), "value": b64u(one)}
            assert run(crypto_vault, key, "verify", body).body == b'{"value":true}'

    @pytest.mark.parametrize("crv, alg", EC_SIGNATURES.items())
    def test_generated_ec_keys_sign(self, crypto_vault, crv, alg):
        key = crypto_vault.create_key(crv=crv)["key"]
        digest = keys.digest_for(alg)
        signature = unb64u(run(crypto_vault, key, "sign", {"alg": alg, "value": b64u(digest)}).json()["value"])
        assert keys.verifies(key, alg, digest, signature)
        run(crypto_vault, key, "verify", {"alg": alg, "digest": b64u(digest), "value": b64u(signature)})

    def test_what_is_not_signed_is_false(self, crypto_vault, own):
        key, pem = own
        digest = keys.digest_for("RS256")
        right = keys.sign(pem, "RS256", digest)
        other = run(crypto_vault, key, "sign", {"alg": "PS256", "value": b64u(digest)}).json()["value"]
        wrong = [bytes(256), right[:-1] + bytes([right[-1] ^ 1]), right[:-1], right + b"\0", b"x", unb64u(other)]
        for signature in wrong:
            body = {"alg": "RS256", "digest": b64u(digest), "value": b64u(signature)}
            assert run(crypto_vault, key, "verify", body).body == b'{"value":false}'
        body = {"alg": "RS256", "digest": b64u(keys.digest_for("RS256", b"else")), "value": b64u(right)}
        assert run(crypto_vault, key, "verify", body).body == b'{"value":false}'

    def test_what_is_not_signed_is_false_on_a_curve_too(self, crypto_vault):
        key = crypto_vault.create_key(crv="P-256")["key"]
        digest = keys.digest_for("ES256")
        right = unb64u(run(crypto_vault, key, "sign", {"alg": "ES256", "value": b64u(digest)}).json()["value"])
        for signature in (bytes(64), b"\xff" * 64, right[:-1] + bytes([right[-1] ^ 1]), right[:63], right + b"\0"):
            body = {"alg": "ES256", "digest": b64u(digest), "value": b64u(signature)}
            assert run(crypto_vault, key, "verify", body).body == b'{"value":false}', signature.hex()

    @pytest.mark.parametrize(
        "alg, n, wants", [("RS256", 31, 32), ("PS384", 32, 48), ("RS512", 65, 64), ("RS256", 0, 32)]
    )
    def test_digests_have_the_length_of_the_algorithm(self, crypto_vault, rsa, alg, n, wants):
        text = f"Invalid length of 'value': {n} bytes. {alg} requires {wants} bytes, encoded with base64url."
        error = run(crypto_vault, rsa, "sign", {"alg": alg, "value": b64u(bytes(n))}, 400).error()
        assert error == {"code": "BadParameter", "message": text}
        body = {"alg": alg, "digest": b64u(bytes(n)), "value": b64u(bytes(256))}
        assert run(crypto_vault, rsa, "verify", body, 400).error()["code"] == "BadParameter"

    def test_es256_says_what_it_wants(self, crypto_vault):
        key = crypto_vault.create_key(crv="P-256")["key"]
        error = run(crypto_vault, key, "sign", {"alg": "ES256", "value": b64u(bytes(43))}, 400).error()
        assert error == {"code": "BadParameter", "message": (
            "Invalid length of 'value': 43 bytes. ES256 requires 32 bytes, encoded with base64url.")}
        body = {"alg": "ES256", "digest": b64u(bytes(43)), "value": b64u(bytes(64))}
        run(crypto_vault, key, "verify", body, 400)


INVALID = {"code": "BadParameter", "message": "Property  has invalid value\r\n"}


@story("Encrypt", "Decrypt", "WrapKey", "UnwrapKey", "Sign", "Verify")
class TestAlgorithmsAndKeys:
    OPERATIONS = ["encrypt", "decrypt", "wrapkey", "unwrapkey", "sign", "verify"]

    @pytest.mark.parametrize("alg", [None, "", "rsa-oaep", "A256KW", "none", "nonsense", 7, ["RSA-OAEP"], "RSA-OAEP\0"])
    def test_unknown_ones(self, crypto_vault, rsa, alg):
        for operation in self.OPERATIONS:
            body = {"value": b64u(bytes(32)), "digest": b64u(bytes(32))} | ({} if alg is None else {"alg": alg})
            error = run(crypto_vault, rsa, operation, body, 400).error()
            assert error["code"] == "BadParameter"
            if alg is None or isinstance(alg, str):
                assert error == INVALID

    def test_those_of_another_operation(self, crypto_vault, rsa):
        for operation in self.OPERATIONS:
            alg = "RSA-OAEP" if operation in ("sign", "verify") else "RS256"
            body = {"alg": alg, "value": b64u(bytes(32)), "digest": b64u(bytes(32))}
            assert run(crypto_vault, rsa, operation, body, 400).error()["code"] == "BadParameter"

    def test_those_of_another_kind_of_key(self, crypto_vault, rsa):
        ec = crypto_vault.create_key()["key"]
        for operation in self.OPERATIONS:
            signs = operation in ("sign", "verify")
            body = {"value": b64u(bytes(32)), "digest": b64u(bytes(32))}
            answer = run(crypto_vault, rsa, operation, {"alg": "ES256", **body}, 400)
            assert answer.error()["code"] == "BadParameter"
            # An EC key has no encryption among its operations, and no algorithm for it.
            answer = crypto_vault.kv("POST", f"{kid_path(ec['kid'])}/{operation}",
                                     {"alg": "RS256" if signs else "RSA-OAEP", **body})
            assert answer.status == 400 if signs else answer.status in (400, 403)

    def test_those_of_another_curve(self, crypto_vault):
        key = crypto_vault.create_key(crv="P-256K")["key"]
        for operation in ("sign", "verify"):
            body = {"alg": "ES256", "value": b64u(bytes(32)), "digest": b64u(bytes(32))}
            error = run(crypto_vault, key, operation, body, 400).error()
            assert error == {
                "code": "BadParameter",
                "message": (
                    f"Key and signing algorithm are incompatible. Key {key['kid']} uses curve 'P-256K', and algorithm "
                    "'ES256' can only be used with curve 'P-256'."
                ),
            }

    @pytest.mark.parametrize("value", [
        "AAA=", "AA==", "A+/A", "A/AA", "A AA", "AAAA\n", "ä", "A", "AAAAA", "%41", "AA.AA",
    ])
    def test_values_are_base64url_without_padding(self, crypto_vault, rsa, value):
        text = "Content of 'value' is not base64url.\r\nProperty 'value' is required.\r\n"
        for operation in self.OPERATIONS:
            alg = "RS256" if operation in ("sign", "verify") else "RSA-OAEP"
            body = {"alg": alg, "value": value, "digest": b64u(bytes(32))}
            error = run(crypto_vault, rsa, operation, body, 400).error()
            assert error == {"code": "BadParameter", "message": text}, operation

    def test_a_digest_is_base64url_too(self, crypto_vault, rsa):
        body = {"alg": "RS256", "value": b64u(bytes(256)), "digest": b64u(bytes(31)) + "="}
        assert "'digest' is not base64url" in run(crypto_vault, rsa, "verify", body, 400).error()["message"]

    @pytest.mark.parametrize("value", [None, 7, True, ["AAAA"], {"a": "AAAA"}])
    def test_values_of_another_type(self, crypto_vault, rsa, value):
        for operation in self.OPERATIONS:
            alg = "RS256" if operation in ("sign", "verify") else "RSA-OAEP"
            body = {"alg": alg, "value": value, "digest": b64u(bytes(32))}
            assert run(crypto_vault, rsa, operation, body, 400).error()["code"] == "BadParameter"

    def test_missing_value(self, crypto_vault, rsa):
        for operation in self.OPERATIONS:
            alg = "RS256" if operation in ("sign", "verify") else "RSA-OAEP"
            error = run(crypto_vault, rsa, operation, {"alg": alg}, 400).error()
            assert "Property 'value' is required.\r\n" in error["message"]


def forbidden(operation):
    return {"code": "Forbidden", "message": f"Operation {operation} is not permitted on this key.",
            "innererror": {"code": "KeyOperationForbidden"}}


def disabled(operation):
    return {"code": "Forbidden", "message": f"Operation {operation} is not allowed on a disabled key.",
            "innererror": {"code": "KeyDisabled"}}


SPELLINGS = {"encrypt": "encrypt", "decrypt": "decrypt", "wrapkey": "wrapKey", "unwrapkey": "unwrapKey", "sign": "sign",
             "verify": "verify"}


@pytest.fixture
def work(vault):
    """A key, and for each operation a body that works with it."""
    key = vault.create_key("k1", kty="RSA")["key"]
    digest = b64u(keys.digest_for("RS256"))
    cipher = b64u(keys.encrypt(key, "RSA-OAEP", b"data key"))
    signature = run(vault, key, "sign", {"alg": "RS256", "value": digest}).json()["value"]
    return key, {
        "encrypt": {"alg": "RSA-OAEP", "value": "AAAA"},
        "wrapkey": {"alg": "RSA-OAEP", "value": "AAAA"},
        "decrypt": {"alg": "RSA-OAEP", "value": cipher},
        "unwrapkey": {"alg": "RSA-OAEP", "value": cipher},
        "sign": {"alg": "RS256", "value": digest},
        "verify": {"alg": "RS256", "digest": digest, "value": signature},
    }


@story("Encrypt", "Decrypt", "WrapKey", "UnwrapKey", "Sign", "Verify", "UpdateKey")
class TestKeyState:
    @pytest.mark.parametrize("allowed", SPELLINGS)
    def test_key_ops_allow_what_they_name(self, vault, work, allowed):
        key, bodies = work
        vault.kv("PATCH", "/keys/k1/", {"key_ops": [SPELLINGS[allowed]]}).ok()
        for operation, body in bodies.items():
            if operation == allowed:
                run(vault, key, operation, body)
            else:
                assert run(vault, key, operation, body, 403).error() == forbidden(SPELLINGS[operation])

    def test_no_key_ops_allow_nothing(self, vault, work):
        key, bodies = work
        vault.kv("PATCH", "/keys/k1/", {"key_ops": []}).ok()
        for operation, body in bodies.items():
            assert run(vault, key, operation, body, 403).error() == forbidden(SPELLINGS[operation])

    def test_a_disabled_key_uses_its_public_half_only(self, vault, work):
        key, bodies = work
        vault.kv("PATCH", "/keys/k1/", {"attributes": {"enabled": False}}).ok()
        for operation in ("encrypt", "wrapkey", "verify"):
            run(vault, key, operation, bodies[operation])
        for operation in ("decrypt", "unwrapkey", "sign"):
            assert run(vault, key, operation, bodies[operation], 403).error() == disabled(SPELLINGS[operation])
        vault.kv("PATCH", "/keys/k1/", {"attributes": {"enabled": True}}).ok()
        for operation, body in bodies.items():
            run(vault, key, operation, body)

    @pytest.mark.parametrize("times", [{"nbf": FAR_FUTURE}, {"exp": FAR_PAST}, {"nbf": FAR_PAST - 1, "exp": FAR_PAST}])
    def test_outside_its_time_a_key_finishes_what_was_begun(self, vault, work, times):
        key, bodies = work
        vault.kv("PATCH", "/keys/k1/", {"attributes": times}).ok()
        for operation in ("decrypt", "unwrapkey", "verify"):
            run(vault, key, operation, bodies[operation])
        for operation in ("encrypt", "wrapkey", "sign"):
            assert run(vault, key, operation, bodies[operation], 403).error()["code"] == "Forbidden"

    def test_within_its_time_a_key_does_everything(self, vault, work):
        key, bodies = work
        now = int(time.time())
        vault.kv("PATCH", "/keys/k1/", {"attributes": {"nbf": now - 3600, "exp": now + 3600}}).ok()
        for operation, body in bodies.items():
            run(vault, key, operation, body)

    def test_state_belongs_to_a_version(self, vault, work):
        key, bodies = work
        vault.kv("PATCH", kid_path(key["kid"]), {"attributes": {"enabled": False}}).ok()
        vault.create_key("k1", kty="RSA")
        for operation in ("encrypt", "wrapkey", "sign"):
            vault.kv("POST", f"/keys/k1/{operation}", bodies[operation]).ok()
        run(vault, key, "verify", bodies["verify"])
        for operation in ("decrypt", "unwrapkey"):
            run(vault, key, operation, bodies[operation], 403)

    def test_unknown_keys_do_no_work(self, vault, work):
        _, bodies = work
        vault.kv("PATCH", "/keys/k1/", {"tags": {}}).ok()
        for operation, body in bodies.items():
            for what in ("nobody", "k1/" + "0" * 32):
                error = vault.kv("POST", f"/keys/{what}/{operation}", body).ok(404).error()
                assert error["code"] == "KeyNotFound" and f"(name/id) {what} was not found" in error["message"]


@story("Encrypt", "Decrypt", "WrapKey", "UnwrapKey", "Sign", "Verify")
def test_hsm_kinds_do_the_same_work(premium):
    key = premium.create_key(kty="RSA-HSM")["key"]
    digest = b64u(keys.digest_for("PS256"))
    for there, back in (("encrypt", "decrypt"), ("wrapkey", "unwrapkey")):
        cipher = run(premium, key, there, {"alg": "RSA-OAEP-256", "value": "AAAA"}).json()["value"]
        assert run(premium, key, back, {"alg": "RSA-OAEP-256", "value": cipher}).json()["value"] == "AAAA"
    signature = run(premium, key, "sign", {"alg": "PS256", "value": digest}).json()["value"]
    body = {"alg": "PS256", "digest": digest, "value": signature}
    assert run(premium, key, "verify", body).body == b'{"value":true}'
    ec = premium.create_key(kty="EC-HSM")["key"]
    signature = run(premium, ec, "sign", {"alg": "ES256", "value": digest}).json()["value"]
    assert keys.verifies(ec, "ES256", unb64u(digest), unb64u(signature))
