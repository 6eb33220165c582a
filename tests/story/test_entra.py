"""The sign-in door: discovery, signing keys, tokens for applications, refusals in AADSTS words."""

import base64
import hashlib
import re
import time
import urllib.parse

import keys
import pytest
from sandbox import ARM, jwt_parts, unb64u
from stories import story

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TENANT_NOT_FOUND = (
    "AADSTS90002: Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing "
    "into the correct cloud. Check with your subscription administrator, this may happen if there are no "
    "active subscriptions for the tenant."
)


def post(sandbox, path, headers=(), body=None, **form):
    data = urllib.parse.urlencode(form).encode() if body is None else body
    return sandbox.http("POST", sandbox.login_root + path, data, {**FORM, **dict(headers)})


def paths(sandbox):
    t = sandbox.endpoints["tenant"]
    return {"v1": f"/{t}/oauth2/token", "v2": f"/{t}/oauth2/v2.0/token", "adfs": "/adfs/oauth2/token"}


def secret(sandbox, **more):
    return {"grant_type": "client_credentials", "client_id": sandbox.endpoints["client_id"],
            "client_secret": sandbox.endpoints["client_secret"], **more}


@story("GetOpenIdConfiguration", "GetOpenIdConfigurationV2", "GetOpenIdConfigurationAdfs", "GetKeys", "GetKeysV2",
       "GetKeysAdfs", "DiscoverInstance")
class TestDiscovery:
    def get(self, sandbox, path):
        return sandbox.http("GET", sandbox.login_root + path)

    def test_three_forms(self, sandbox):
        t, root = sandbox.endpoints["tenant"], sandbox.login_root
        for path, issuer, token in (
            (f"/{t}", f"https://sts.windows.net/{t}/", f"/{t}/oauth2/token"),
            (f"/{t}/v2.0", f"{root}/{t}/v2.0", f"/{t}/oauth2/v2.0/token"),
            ("/adfs", f"{root}/adfs", "/adfs/oauth2/token"),
        ):
            answer = self.get(sandbox, path + "/.well-known/openid-configuration").ok()
            got = answer.json()
            assert answer.headers["Content-Type"].startswith("application/json")
            assert got["issuer"] == issuer
            assert got["token_endpoint"] == root + token
            assert got["authorization_endpoint"].startswith(root + "/")
            assert self.get(sandbox, got["jwks_uri"].removeprefix(root)).ok().json()["keys"]

    def test_common(self, sandbox):
        for path in ("/common", "/organizations"):
            got = self.get(sandbox, path + "/v2.0/.well-known/openid-configuration").ok().json()
            assert got["token_endpoint"] == f"{sandbox.login_root}{path}/oauth2/v2.0/token"
            assert "{tenantid}" in got["issuer"]

    def test_documents_repeat_the_host_of_the_request(self, sandbox):
        t = sandbox.endpoints["tenant"]
        for host in ("localhost", "login.microsoftonline.com"):
            url = f"{sandbox.login_root}/{t}/v2.0/.well-known/openid-configuration"
            got = sandbox.http("GET", url, headers={"Host": host}).ok().json()
            assert got["token_endpoint"].startswith(f"https://{host}/")

    def test_head(self, sandbox):
        answer = sandbox.http("HEAD", f"{sandbox.login_root}/adfs/.well-known/openid-configuration").ok()
        assert answer.body == b""

    def test_keys(self, sandbox):
        t = sandbox.endpoints["tenant"]
        bodies = {self.get(sandbox, p).ok().body for p in (f"/{t}/discovery/keys", f"/{t}/discovery/v2.0/keys",
                                                           "/common/discovery/keys", "/adfs/discovery/keys")}
        assert len(bodies) == 1
        listed = self.get(sandbox, f"/{t}/discovery/keys").json()["keys"]
        assert len(listed) >= 2, "two keys at once: one that signs, one that comes next"
        for one in listed:
            assert (one["kty"], one["use"], one["e"], one["x5t"]) == ("RSA", "sig", "AQAB", one["kid"])
            certificate = base64.b64decode(one["x5c"][0])
            assert hashlib.sha1(certificate).digest() == unb64u(one["x5t"])
            public = keys.openssl("x509", "-inform", "DER", "-noout", "-pubkey", data=certificate)
            assert public == keys.public_pem(one)

    def test_unknown_tenants(self, sandbox):
        for path in ("/nobody/.well-known/openid-configuration", "/nobody/v2.0/.well-known/openid-configuration",
                     "/nobody/discovery/keys"):
            got = self.get(sandbox, path).ok(400).json()
            assert got["error_codes"] == [90002] and got["error"] == "invalid_tenant"
            assert got["error_description"].startswith(TENANT_NOT_FOUND.format("nobody"))

    def test_instances(self, sandbox):
        t, root = sandbox.endpoints["tenant"], sandbox.login_root
        ask = "/common/discovery/instance?api-version=1.1&authorization_endpoint="
        got = self.get(sandbox, ask + urllib.parse.quote(f"{root}/{t}/oauth2/v2.0/authorize", safe="")).ok().json()
        assert got["tenant_discovery_endpoint"] == f"{root}/{t}/v2.0/.well-known/openid-configuration"
        assert got["metadata"][0]["aliases"] and got["api-version"] == "1.1"
        for endpoint in ("https%3A%2F%2Fevil.example%2Fcommon", "nonsense", ""):
            assert self.get(sandbox, ask + endpoint).ok(400).json()["error"] in ("invalid_instance", "invalid_request")
        real = (
            self.get(sandbox, ask + urllib.parse.quote(f"https://login.microsoftonline.com/{t}", safe="")).ok().json()
        )
        assert real["metadata"]


@story("RequestToken", "RequestTokenV2")
class TestTokens:
    def test_v2_answers_numbers(self, sandbox):
        answer = post(sandbox, paths(sandbox)["v2"], **secret(sandbox, scope=sandbox.vault_resource + "/.default")).ok()
        got = answer.json()
        assert list(got) == ["token_type", "expires_in", "ext_expires_in", "access_token"]
        assert got["token_type"] == "Bearer" and type(got["expires_in"]) is int
        assert got["ext_expires_in"] == got["expires_in"] > 0

    def test_v1_answers_strings(self, sandbox):
        for path in (paths(sandbox)["v1"], paths(sandbox)["adfs"], paths(sandbox)["v1"] + "?api-version=1.0"):
            before = int(time.time())
            got = post(sandbox, path, **secret(sandbox, resource=sandbox.vault_resource)).ok().json()
            assert list(got) == ["token_type", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource",
                                 "access_token"]
            assert all(isinstance(v, str) for v in got.values())
            assert got["resource"] == sandbox.vault_resource
            assert before + int(got["expires_in"]) <= int(got["expires_on"]) + 1
            assert abs(int(got["not_before"]) - before) <= 400

    def test_headers(self, sandbox):
        good = post(sandbox, paths(sandbox)["v2"], **secret(sandbox, scope=ARM + ".default"))
        bad = post(sandbox, paths(sandbox)["v2"], grant_type="client_credentials")
        for answer in (good, bad):
            headers = answer.headers
            assert headers["Cache-Control"] == "no-store, no-cache"
            assert headers["Pragma"] == "no-cache" and headers["Expires"] == "-1"
            assert GUID.fullmatch(headers["x-ms-request-id"]) and headers["x-ms-ests-server"]
            assert headers["Content-Type"] == "application/json; charset=utf-8"
            cookies = " ".join(headers.get_all("Set-Cookie"))
            assert all(name in cookies for name in ("fpc=", "x-ms-gateway-slice=", "stsservicecookie="))
        assert good.headers["x-ms-clitelem"] == "1,0,0,,"

    def test_claims_of_an_application(self, sandbox):
        scope = sandbox.vault_resource + "/.default"
        header, claims = jwt_parts(sandbox.request_token(**secret(sandbox, scope=scope)).ok().json()["access_token"])
        t = sandbox.endpoints["tenant"]
        assert list(header) == ["typ", "alg", "x5t", "kid"]
        assert (header["typ"], header["alg"], header["x5t"]) == ("JWT", "RS256", header["kid"])
        assert claims["aud"] == sandbox.vault_resource
        assert claims["iss"] == claims["idp"] == f"https://sts.windows.net/{t}/"
        assert claims["iat"] == claims["nbf"] < claims["exp"]
        assert all(type(claims[k]) is int for k in ("iat", "nbf", "exp"))
        assert claims["appid"] == sandbox.endpoints["client_id"] and claims["appidacr"] == "1"
        assert claims["idtyp"] == "app" and claims["tid"] == t and claims["ver"] == "1.0"
        assert claims["sub"] == claims["oid"] and GUID.fullmatch(claims["oid"])
        assert claims["rh"].startswith("0.") and claims["uti"] and claims["aio"]
        assert "xms_mirid" not in claims and "roles" not in claims and "groups" not in claims

    def test_signature(self, sandbox):
        for token in (sandbox.vault_admin_token(), sandbox.imds_token()):
            header, _ = jwt_parts(token)
            url = f"{sandbox.login_root}/common/discovery/keys"
            jwk = next(k for k in sandbox.http("GET", url).json()["keys"] if k["kid"] == header["kid"])
            head, body, signature = token.split(".")
            digest = hashlib.sha256(f"{head}.{body}".encode()).digest()
            assert keys.verifies(jwk, "RS256", digest, unb64u(signature))
        sandbox.request_token(**secret(sandbox, scope=ARM + "/.default")).ok()

    @pytest.mark.parametrize("scope, audience", [
        ("https://management.azure.com//.default", "https://management.azure.com/"),
        ("https://management.azure.com/.default", "https://management.azure.com"),
        ("https://vault.azure.net/.default", "https://vault.azure.net"),
        ("https://vault.localhost/.default", "https://vault.localhost"),
        ("https://graph.microsoft.com/.default", "https://graph.microsoft.com"),
    ])
    def test_the_audience_is_the_resource_as_requested(self, sandbox, scope, audience):
        token = post(sandbox, paths(sandbox)["v2"], **secret(sandbox, scope=scope)).ok().json()["access_token"]
        assert jwt_parts(token)[1]["aud"] == audience

    def test_basic_authentication(self, sandbox):
        e = sandbox.endpoints
        pair = ":".join(urllib.parse.quote(x, safe="") for x in (e["client_id"], e["client_secret"]))
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        for path in paths(sandbox).values():
            wants = {"scope": ARM + ".default"} if "v2.0" in path else {"resource": ARM}
            post(sandbox, path, headers, grant_type="client_credentials", **wants).ok()
        wrong = {"Authorization": "Basic " + base64.b64encode(f"{e['client_id']}:wrong".encode()).decode()}
        answer = post(
            sandbox, paths(sandbox)["v2"], wrong, grant_type="client_credentials", scope=ARM + ".default"
        ).ok(401)
        assert answer.json()["error_codes"] == [7000215]

    def test_what_msal_adds_is_ignored(self, sandbox):
        more = {"x-client-SKU": "MSAL.Python", "client_info": "1", "x-client-current-telemetry": "4|730,2|",
                "claims": '{"access_token":{"xms_cc":{"values":["cp1"]}}}', "client-request-id": "x"}
        post(sandbox, paths(sandbox)["v2"], **secret(sandbox, scope=ARM + ".default"), **more).ok()

    def test_client_request_id_becomes_the_correlation(self, sandbox):
        id = "01234567-89ab-cdef-0123-456789abcdef"
        answer = post(sandbox, paths(sandbox)["v2"], {"client-request-id": id, "return-client-request-id": "true"},
                      grant_type="client_credentials")
        assert answer.json()["correlation_id"] == id and answer.headers["client-request-id"] == id


def aadsts(answer, status, error, number, text):
    """Asserts a refusal: its shape, and that its description begins with text."""
    got = answer.ok(status).json()
    members = ["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id"]
    assert [k for k in got if k != "error_uri"] == members
    assert (got["error"], got["error_codes"]) == (error, [number])
    lines = got["error_description"].split("\r\n")
    assert lines[0].startswith(f"AADSTS{number}: {text}"), lines[0]
    assert lines[1:] == [f"Trace ID: {got['trace_id']}", f"Correlation ID: {got['correlation_id']}",
                         f"Timestamp: {got['timestamp']}"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", got["timestamp"])
    assert GUID.fullmatch(got["trace_id"]) and GUID.fullmatch(got["correlation_id"])
    if "error_uri" in got:
        assert got["error_uri"].endswith(f"/error?code={number}")


@story("RequestToken", "RequestTokenV2")
@pytest.mark.parametrize("version", ["v1", "v2", "adfs"])
class TestRefusals:
    def ask(self, sandbox, version, **change):
        form = secret(sandbox, **({"scope": ARM + ".default"} if version == "v2" else {"resource": ARM}))
        form = {k: v for k, v in {**form, **change}.items() if v is not None}
        return post(sandbox, paths(sandbox)[version], **form)

    def test_wrong_secret(self, sandbox, version):
        app = sandbox.endpoints["client_id"]
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{app}'."
        )
        for wrong in ("wrong", sandbox.endpoints["client_secret"] + "x", sandbox.endpoints["client_secret"][:-1]):
            aadsts(self.ask(sandbox, version, client_secret=wrong), 401, "invalid_client", 7000215, text)

    def test_unknown_application(self, sandbox, version):
        app = "00000000-0000-0000-0000-000000000000"
        text = f"Application with identifier '{app}' was not found in the directory"
        aadsts(self.ask(sandbox, version, client_id=app), 400, "unauthorized_client", 700016, text)

    def test_an_identity_has_no_secret(self, sandbox, version, identity):
        answer = self.ask(sandbox, version, client_id=identity["client_id"])
        assert answer.status in (400, 401) and answer.json()["error_codes"]

    def test_no_credential(self, sandbox, version):
        for change in ({"client_secret": None}, {"client_secret": ""}):
            aadsts(self.ask(sandbox, version, **change), 401, "invalid_client", 7000218, "")

    @pytest.mark.parametrize("name", ["grant_type", "client_id"])
    def test_missing_parameters(self, sandbox, version, name):
        text = f"The request body must contain the following parameter: '{name}'."
        aadsts(self.ask(sandbox, version, **{name: None}), 400, "invalid_request", 900144, text)

    def test_missing_target(self, sandbox, version):
        answer = self.ask(sandbox, version, scope=None, resource=None)
        assert answer.ok(400).json()["error"] in ("invalid_request", "invalid_resource", "invalid_scope")

    def test_unknown_resource(self, sandbox, version):
        change = (
            {"scope": "https://nobody.example/.default"} if version == "v2" else {"resource": "https://nobody.example"}
        )
        text = "The resource principal named https://nobody.example was not found in the tenant named "
        aadsts(self.ask(sandbox, version, **change), 400, "invalid_resource", 500011, text)

    @pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "nonsense", ""])
    def test_other_grants(self, sandbox, version, grant):
        answer = self.ask(sandbox, version, grant_type=grant)
        assert 400 <= answer.status <= 501 and answer.json()["error"]


@story("RequestTokenV2", "RequestToken")
class TestOddRequests:
    @pytest.mark.parametrize("scope", ["openid", "https://management.azure.com/user_impersonation", ".default", "a b",
                                       "https://vault.azure.net/.default https://graph.microsoft.com/.default", " "])
    def test_bad_scopes(self, sandbox, scope):
        answer = post(sandbox, paths(sandbox)["v2"], **secret(sandbox, scope=scope)).ok(400)
        got = answer.json()
        assert got["error"] in ("invalid_scope", "invalid_request"), got
        if got["error_codes"] == [70011]:
            text = f"The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            aadsts(answer, 400, "invalid_scope", 70011, text)

    def test_unknown_tenants(self, sandbox):
        for version in ("/oauth2/token", "/oauth2/v2.0/token"):
            answer = post(sandbox, "/nobody" + version, **secret(sandbox, scope=ARM + ".default", resource=ARM))
            aadsts(answer, 400, "invalid_request", 90002, TENANT_NOT_FOUND.format("nobody")[len("AADSTS90002: "):])

    @pytest.mark.parametrize("body", [b"", b"&&&", b"=", b"%", b"grant_type=%zz", b"\xff\xfe", b"{}", b"a" * 100000,
                                      b"a=b&" * 5000, b"grant_type=client_credentials&grant_type=client_credentials"],
                             ids=lambda b: repr(b[:40]))
    def test_bodies_that_are_no_form(self, sandbox, body):
        for path in paths(sandbox).values():
            got = post(sandbox, path, body=body)
            assert got.status in (400, 401, 413) and got.json()["error"], repr(got)

    def test_wrong_methods(self, sandbox):
        for method in ("GET", "PUT", "DELETE"):
            for path in paths(sandbox).values():
                answer = sandbox.http(method, sandbox.login_root + path)
                assert answer.status in (404, 405) and answer.json()["error"], repr(answer)
        post(sandbox, paths(sandbox)["v2"]).ok(400)

    def test_unknown_paths(self, sandbox):
        for path in ("/", "/nothing/at/all", f"/{sandbox.endpoints['tenant']}"):
            answer = sandbox.http("GET", sandbox.login_root + path)
            assert answer.status in (400, 404) and answer.json(), repr(answer)
        post(sandbox, paths(sandbox)["v1"]).ok(400)

    def test_too_large(self, sandbox):
        answer = post(sandbox, paths(sandbox)["v2"], body=b"a" * ((1 << 20) + 1)).ok(413)
        assert answer.json()["error"]


@story("RequestTokenV2")
def test_signing_keys_are_rotated_and_old_tokens_stay_good(start_sandbox):
    sandbox = start_sandbox(identityd_args=["--signing-key-age=1"])
    vault = sandbox.create_vault()
    vault.create_key("k1")
    first = sandbox.vault_admin_token()
    deadline = time.monotonic() + 60
    token = first
    while jwt_parts(token)[0]["kid"] == jwt_parts(first)[0]["kid"]:
        assert time.monotonic() < deadline, "the signing key was never rotated"
        answer = sandbox.request_token(**secret(sandbox, scope=sandbox.vault_resource + "/.default")).ok()
        token = answer.json()["access_token"]
    for one in (first, token):
        vault.kv("GET", "/keys/k1", token=one).ok()
    kids = {k["kid"] for k in sandbox.http("GET", f"{sandbox.login_root}/common/discovery/keys").json()["keys"]}
    assert {jwt_parts(t)[0]["kid"] for t in (first, token)} <= kids
