"""Requests that are no good: refused with the service's error object, and nothing is changed."""

import json

import pytest
from sandbox import b64u, kid_path
from stories import story

LATEST = "2025-07-01"


def bad(answer, status=400, code="BadParameter"):
    answer.ok(status)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.error()["code"] == code and answer.error()["message"]
    return answer.error()


@story("GetKey", "CreateKey")
class TestApiVersion:

    @pytest.mark.parametrize(
        "version", ["7.9", "1.0", "2015-06-01", "7.5 ", "07.5", "7.50", "latest", "2030-01-01", "%00", "x" * 300]
    )
    def test_unknown(self, crypto_vault, version):
        error = bad(crypto_vault.kv("GET", "/keys/k1", api_version=version.replace(" ", "%20")))
        if len(version) < 20 and "%" not in version:
            assert error["message"] == (
                f"The specified version ({version}) is not recognized. Consider using the latest "
                f"supported version ({LATEST})."
            )
        bad(crypto_vault.kv("POST", "/keys/versionless/create", {"kty": "EC"}, api_version=version.replace(" ", "%20")))
        crypto_vault.kv("GET", "/keys/versionless").ok(404)

    @pytest.mark.parametrize("query", ["", "?", "?api-version=", "?api-version", "?version=7.5", "?x=1&y", "?=7.5"])
    def test_missing(self, crypto_vault, query):
        bad(crypto_vault.kv("GET", "/keys/k1" + query, api_version=""))
        bad(crypto_vault.kv("POST", "/keys/versionless/create" + query, {"kty": "EC"}, api_version=""))
        crypto_vault.kv("GET", "/keys/versionless").ok(404)

    def test_its_name_compares_without_case(self, crypto_vault):
        crypto_vault.kv("GET", "/keys?API-Version=7.5", api_version="").ok()
        bad(crypto_vault.kv("GET", "/keys/k1", api_version=""))


@story("GetKey", "CreateKey", "ImportKey", "UpdateKey", "DeleteKey", "GetDeletedKey", "GetKeyVersions", "Encrypt")
class TestNames:
    @pytest.mark.parametrize("raw, shown", [
        ("key$%23()!37", "key$#()!37"), ("a_b", "a_b"), ("a.b", "a.b"), ("a%20b", "a b"), ("%C3%A4", "ä"),
        ("a%2Fb", "a/b"), ("a:b", "a:b"), ("a%3Fb", "a?b"), ("a@b", "a@b"), ("..%5C", "..\\"),
    ])
    def test_foreign_characters(self, crypto_vault, raw, shown):
        text = f"The request URI contains an invalid name: {shown}"
        for method, path, body in (
            ("GET", f"/keys/{raw}", None),
            ("POST", f"/keys/{raw}/create", {"kty": "EC"}),
            ("DELETE", f"/keys/{raw}", None),
            ("PUT", f"/keys/{raw}", {}),
            ("PATCH", f"/keys/{raw}/", {}),
            ("GET", f"/deletedkeys/{raw}", None),
            ("GET", f"/keys/{raw}/versions", None),
            ("POST", f"/keys/{raw}/encrypt", {}),
        ):
            assert bad(crypto_vault.kv(method, path, body))["message"] == text, (method, path)

    def test_lengths(self, vault):
        vault.create_key("a" * 127)
        vault.kv("GET", "/keys/" + "a" * 127).ok()
        bad(vault.kv("POST", f"/keys/{'a' * 128}/create", {"kty": "EC"}))
        bad(vault.kv("GET", f"/keys/{'a' * 5000}"))
        vault.create_key("-")
        vault.create_key("0")

    def test_control_characters_and_broken_escapes(self, crypto_vault):
        for raw in ("%00", "a%00b", "%0d%0aSet-Cookie:x", "%", "%zz", "%f"):
            answer = crypto_vault.kv("GET", f"/keys/{raw}").ok(400)
            assert "set-cookie" not in answer.headers.names
            answer.error()


@story("CreateKey")
class TestCreateBodies:

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"kty": None},
            {"kty": ""},
            {"kty": 7},
            {"kty": "rsa"},
            {"kty": "RSA "},
            {"key_size": 2048},
            {"kty": "RSA", "key_size": 0},
            {"kty": "RSA", "key_size": 1024},
            {"kty": "RSA", "key_size": 2049},
            {"kty": "RSA", "key_size": 8192},
            {"kty": "RSA", "key_size": -2048},
            {"kty": "RSA", "key_size": "2048"},
            {"kty": "RSA", "key_size": 2048.5},
            {"kty": "RSA", "key_size": 2**70},
            {"kty": "RSA", "public_exponent": 1},
            {"kty": "RSA", "public_exponent": 4},
            {"kty": "RSA", "public_exponent": "3"},
            {"kty": "EC", "crv": "P-224"},
            {"kty": "EC", "crv": "SECP256K1"},
            {"kty": "EC", "crv": "p-256"},
            {"kty": "EC", "crv": 256},
            {"kty": "EC", "crv": "Ed25519"},
            {"kty": "EC", "key_ops": ["dance"]},
            {"kty": "EC", "key_ops": "sign"},
            {"kty": "EC", "key_ops": [7]},
            {"kty": "EC", "key_ops": [None]},
            {"kty": "EC", "key_ops": ["encrypt"]},
            {"kty": "RSA", "key_ops": ["sign", "nonsense"]},
            {"kty": "RSA", "key_ops": {"0": "sign"}},
            {"kty": "EC", "attributes": []},
            {"kty": "EC", "attributes": "x"},
            {"kty": "EC", "attributes": {"enabled": "yes"}},
            {"kty": "EC", "attributes": {"enabled": 1}},
            {"kty": "EC", "attributes": {"exp": "tomorrow"}},
            {"kty": "EC", "attributes": {"nbf": 1.5}},
            {"kty": "EC", "attributes": {"exp": -1}},
            {"kty": "EC", "attributes": {"nbf": 2000000000, "exp": 1900000000}},
            {"kty": "EC", "tags": []},
            {"kty": "EC", "tags": "x"},
            {"kty": "EC", "tags": {"a": 1}},
            {"kty": "EC", "tags": {"a": {"b": "c"}}},
            {"kty": "EC", "tags": {str(i): "" for i in range(16)}},
            {"kty": "EC", "tags": {"a" * 257: ""}},
            {"kty": "EC", "tags": {"a": "b" * 257}},
            [],
            "RSA",
            7,
            None,
            True,
        ],
        ids=lambda b: json.dumps(b)[:60],
    )
    def test_refused(self, crypto_vault, body):
        name = crypto_vault.sandbox.unique("never")
        bad(crypto_vault.kv("POST", f"/keys/{name}/create", json.dumps(body).encode()))
        crypto_vault.kv("GET", f"/keys/{name}").ok(404)

    def test_kinds_of_managed_hsm(self, crypto_vault):
        for kty in ("oct", "oct-HSM"):
            assert bad(crypto_vault.kv("POST", "/keys/never/create", {"kty": kty})) == {
                "code": "BadParameter", "message": f"Invalid kty value: {kty}",
                "innererror": {"code": "KeyTypeNotSupported"}}

    def test_exportable_keys_belong_to_release_policies(self, crypto_vault):
        body = {"kty": "RSA", "attributes": {"exportable": True}}
        assert bad(crypto_vault.kv("POST", "/keys/never/create", body))["message"] == (
            "AKV.SKR.1004: Exportable keys must have release policy.")
        body = {"kty": "RSA", "release_policy": {"data": b64u(b'{"anyOf":[],"version":"1.0.0"}')}}
        assert bad(crypto_vault.kv("POST", "/keys/never/create", body))["message"] == (
            "AKV.SKR.1005: Non-exportable keys must not have release policy.")

    def test_limits_themselves_are_fine(self, vault):
        made = vault.create_key(tags={str(i) + "a" * 250: "b" * 256 for i in range(15)}, attributes={"exp": 2**33})
        assert len(made["tags"]) == 15


@story("CreateKey", "UpdateKey", "ImportKey", "Sign", "WrapKey")
class TestJson:
    TEXTS = {
        "empty object": b"{}",
        "nothing": b"",
        "cut short": b'{"kty":"EC"',
        "two values": b'{"kty":"EC"}{"kty":"EC"}',
        "words after": b'{"kty":"EC"} x',
        "single quotes": b"{'kty':'EC'}",
        "comment": b'{"kty":"EC"/*x*/}',
        "comma": b'{"kty":"EC",}',
        "no quotes": b'{kty:"EC"}',
        "not a number": b'{"kty":"EC","key_size":NaN}',
        "leading zero": b'{"kty":"EC","key_size":0256}',
        "plus": b'{"kty":"EC","key_size":+256}',
        "duplicate": b'{"kty":"EC","kty":"EC"}',
        "duplicate, escaped": b'{"kty":"EC","k\\u0074y":"RSA"}',
        "duplicate inside": b'{"kty":"EC","tags":{"a":"1","a":"2"}}',
        "not UTF-8": b'{"kty":"EC","tags":{"a":"\xff"}}',
        "overlong UTF-8": b'{"kty":"EC","tags":{"a":"\xc0\xaf"}}',
        "UTF-8 of a surrogate": b'{"kty":"EC","tags":{"a":"\xed\xa0\x80"}}',
        "lone surrogate": b'{"kty":"EC","tags":{"a":"\\ud800"}}',
        "control character": b'{"kty":"EC","tags":{"a":"\x01"}}',
        "NUL byte": b'{"kty":"EC"\x00}',
        "UTF-16": '{"kty":"EC"}'.encode("utf-16"),
        "deep arrays": b'{"kty":"EC","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        "deep objects": b'{"kty":"EC","x":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        "deep and never closed": b"[" * 500000,
        "bad escape": b'{"kty":"\\x45C"}',
        "form": b"kty=EC",
    }

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    def test_refused(self, crypto_vault, rsa, text):
        name = crypto_vault.sandbox.unique("never")
        bad(crypto_vault.kv("POST", f"/keys/{name}/create", text))
        bad(crypto_vault.kv("PUT", f"/keys/{name}", text))
        crypto_vault.kv("GET", f"/keys/{name}").ok(404)
        path = kid_path(rsa["kid"])
        for operation in ("sign", "wrapkey"):
            bad(crypto_vault.kv("POST", f"{path}/{operation}", text))

    @pytest.mark.parametrize("name", [n for n in TEXTS if n not in ("empty object", "nothing", "duplicate inside")])
    def test_an_update_changes_nothing(self, vault, name):
        before = vault.create_key("k1", tags={"a": "b"})
        text = self.TEXTS[name].replace(b'"EC"', b'"EC","tags":{}', 1) if name == "words after" else self.TEXTS[name]
        bad(vault.kv("PATCH", "/keys/k1/", text))
        assert vault.kv("GET", "/keys/k1").ok().json() == before

    @pytest.mark.parametrize("body", [{"key_ops": ["dance"]}, {"attributes": {"enabled": "no"}}, {"tags": {"a": 1}},
                                      {"attributes": {"exp": 5, "nbf": 6}}, {"attributes": {"exportable": True}}, []])
    def test_an_update_is_whole_or_not_at_all(self, vault, body):
        before = vault.create_key("k1", tags={"a": "b"})
        if isinstance(body, dict) and "tags" not in body:
            body = {"tags": {"changed": "yes"}, **body}
        bad(vault.kv("PATCH", "/keys/k1/", body))
        assert vault.kv("GET", "/keys/k1").ok().json() == before

    def test_a_byte_order_mark_harms_nothing(self, crypto_vault):
        answer = crypto_vault.kv("POST", "/keys/with-mark/create", b'\xef\xbb\xbf{"kty":"EC"}')
        assert answer.status in (200, 400)

    def test_a_little_depth_is_fine(self, vault):
        vault.kv("POST", "/keys/k1/create", b'{"kty":"EC","x":' + b"[" * 10 + b"]" * 10 + b"}").ok()

    def test_more_than_a_mebibyte(self, crypto_vault, sandbox):
        for n in (1 << 20, 5 << 20):
            answer = crypto_vault.kv(
                "POST", "/keys/huge/create", b'{"kty":"EC","x":"' + b"a" * n + b'"}', keep_alive=False
            )
            bad(answer, 413, answer.error()["code"])
        answer = sandbox.arm("PUT", "{sub}/resourcegroups/never", b'{"location":"' + b"a" * (1 << 20) + b'"}')
        bad(answer, 413, answer.error()["code"])
        crypto_vault.kv("GET", "/keys/huge").ok(404)

    def test_just_a_mebibyte(self, vault):
        body = b'{"kty":"EC","x":"' + b"a" * ((1 << 20) - 19) + b'"}'
        assert len(body) == 1 << 20
        vault.kv("POST", "/keys/k1/create", body).ok()


@story("GetKey")
class TestRoutes:
    @pytest.mark.parametrize("method, path", [
        ("GET", "/"), ("GET", "/nothing"), ("GET", "/keys/k1/1/2/3"), ("GET", "/key/k1"), ("POST", "/keys/k1/v/dance"),
        ("PUT", "/deletedkeys/k1"), ("POST", "/keys"), ("DELETE", "/keys"), ("PATCH", "/keys"), ("OPTIONS", "/keys/k1"),
        ("POST", "/keys/k1"), ("POST", "/keys/k1/"), ("GET", "/keys/k1/create/x"), ("GET", "/%2e%2e/keys"),
        ("GET", "/" + "a/" * 200),
    ])
    def test_what_is_not_there(self, crypto_vault, method, path):
        answer = crypto_vault.kv(method, path)
        assert answer.status in (400, 404, 405), repr(answer)
        assert answer.error()["code"]
        crypto_vault.kv("GET", "/keys/nobody").ok(404)

    @pytest.mark.parametrize("method", ["BREW", "TRACE", "CONNECT", "PROPFIND", "get", "X"])
    @pytest.mark.parametrize("door", ["vault", "arm", "login", "imds"])
    def test_unknown_methods(self, crypto_vault, sandbox, method, door):
        url = {"vault": f"{crypto_vault.url}/keys/k1?api-version=7.5", "arm": sandbox.arm_root + "/subscriptions",
               "login": sandbox.login_root + "/adfs/.well-known/openid-configuration",
               "imds": sandbox.imds_root + "/metadata/instance"}[door]
        crypto_vault.kv("GET", "/keys/nobody").ok(404)
        answer = sandbox.http(method, url, token=sandbox.vault_admin_token(), keep_alive=False, timeout=10)
        assert answer.status in (400, 401, 404, 405, 501), repr(answer)
        assert "json" in answer.headers["Content-Type"] and answer.json(), repr(answer)

    def test_attestation_is_for_managed_hsm(self, vault):
        kid = vault.create_key("k1")["key"]["kid"]
        error = bad(vault.kv("GET", kid_path(kid) + "/attestation"))
        assert error["message"] == "Method GET does not allow operation 'attestation'"
        vault.kv("GET", "/keys/k1").ok()

    def test_long_queries_and_many_parameters(self, crypto_vault):
        for query in ("x=" + "a" * 8000, "&".join(f"p{i}=1" for i in range(500)), "%" * 200, "&" * 1000):
            answer = crypto_vault.kv("GET", f"/keys/nobody?{query}")
            assert answer.status in (400, 404, 414), repr(answer)
            answer.error()
