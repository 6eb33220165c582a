"""Tokens that are no good: 401 with the challenge, in JSON, before anything else is said.

Two ways to a bad token: claims of no account under a foreign signature; and, in a sandbox whose identityd was handed
its signing keys through its key stock, any claims under a genuine one.
"""

import json
import select
import time

import keys
import pytest
from sandbox import ARM, Sandbox, b64u, jwt_parts, unb64u
from stories import story

NO_TOKEN = "AKV10000: Request is missing a Bearer or PoP token."


@pytest.fixture(scope="module")
def stranger():
    """(JWK, PEM) of a key that signs no tokens here."""
    return keys.new_rsa()


@pytest.fixture(scope="module")
def genuine(sandbox):
    """(header, claims, token) of a token that is good."""
    token = sandbox.vault_admin_token()
    return (*jwt_parts(token), token)


def refused(vault, authorization, message=None):
    """Asserts the refusal on a read and on a write, and that the write did nothing."""
    for method, path, body in (("GET", "/keys/k1", None), ("POST", "/keys/intruder/create", {"kty": "EC"})):
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = vault.kv(method, path, body, token=None, headers=headers).ok(401)
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert answer.headers["WWW-Authenticate"].startswith('Bearer authorization="https://')
        assert answer.error()["code"] == "Unauthorized" and answer.error()["message"]
        if message is not None:
            assert answer.error()["message"] == message
    vault.kv("GET", "/keys/intruder").ok(404)
    return answer.error()["message"]


@story("GetKey", "CreateKey")
class TestRefused:
    @pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "PoPx abc"])
    def test_no_bearer_token(self, crypto_vault, authorization):
        refused(crypto_vault, authorization, NO_TOKEN)

    @pytest.mark.parametrize(
        "token",
        [
            "x",
            "a.b",
            "a.b.c",
            "..",
            "...",
            "a.b.c.d",
            "=.=.=",
            "e30.e30.",
            ".e30.AAAA",
            "bnVsbA.bnVsbA.AAAA",
            "W10.W10.AAAA",
            "e30.e30.e30",
            "{}.{}.{}",
            "\u00e4.\u00e4.\u00e4",
            "A" * 20000,
            "A." * 9000,
        ],
    )
    def test_malformed(self, crypto_vault, token):
        refused(crypto_vault, "Bearer " + token)

    def test_cut_short_or_changed(self, crypto_vault, genuine):
        header, claims, token = genuine
        head, body, signature = token.split(".")
        spoilt = bytearray(unb64u(signature))
        spoilt[10] ^= 1
        richer = b64u(json.dumps({**claims, "oid": "00000000-0000-0000-0000-000000000000"}).encode())
        for bad in (token[:-4], f"{head}.{body}.", f"{head}.{body}", f"{head}.{body}.{b64u(bytes(spoilt))}",
                    f"{head}.{richer}.{signature}", token + "AAAA", f"{head}.{body}.{signature}.{signature}"):
            refused(crypto_vault, "Bearer " + bad)

    @pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
    def test_unsigned(self, crypto_vault, genuine, alg):
        header, claims, token = genuine
        for made in ({**header, "alg": alg}, {"alg": alg, "typ": "JWT"}):
            unsigned = keys.jwt(made, claims, lambda _: b"")
            refused(crypto_vault, "Bearer " + unsigned)
            refused(crypto_vault, "Bearer " + unsigned + token.rpartition(".")[2])

    def test_hs256_with_the_public_key_as_its_secret(self, crypto_vault, genuine):
        header, claims, _ = genuine
        sandbox = crypto_vault.sandbox
        jwks = (
            sandbox.http("GET", f"{sandbox.login_root}/{sandbox.endpoints['tenant']}/discovery/keys")
            .ok()
            .json()["keys"]
        )
        jwk = next(k for k in jwks if k["kid"] == header["kid"])
        certificate = "\n".join(["-----BEGIN CERTIFICATE-----", *[jwk["x5c"][0][i : i + 64] for i in range(
            0, len(jwk["x5c"][0]), 64)], "-----END CERTIFICATE-----", ""]).encode()
        for secret in (keys.public_pem(jwk), keys.public_pem(jwk).rstrip(), certificate, unb64u(jwk["n"]),
                       jwk["n"].encode(), json.dumps(jwk).encode()):
            for made in ({**header, "alg": "HS256"}, {"alg": "HS256", "typ": "JWT"}, {**header, "alg": "RS256"}):
                refused(crypto_vault, "Bearer " + keys.jwt(made, claims, keys.hs256_signer(secret)))

    def test_signed_by_a_stranger(self, crypto_vault, genuine, stranger):
        header, claims, _ = genuine
        refused(crypto_vault, "Bearer " + keys.jwt(header, claims, keys.rs256_signer(stranger[1])))

    def test_a_key_in_the_header_is_not_believed(self, crypto_vault, genuine, stranger):
        header, claims, _ = genuine
        jwk = {k: stranger[0][k] for k in ("kty", "n", "e")}
        for more in ({"jwk": jwk}, {"jwk": jwk, "kid": "mine"}, {"jku": "https://localhost/keys", "kid": "mine"}):
            refused(crypto_vault, "Bearer " + keys.jwt({**header, **more}, claims, keys.rs256_signer(stranger[1])))

    def test_an_unknown_key_is_quoted(self, crypto_vault, genuine, stranger):
        header, claims, _ = genuine
        token = keys.jwt({**header, "kid": "nobody", "x5t": "nobody"}, claims, keys.rs256_signer(stranger[1]))
        refused(crypto_vault, "Bearer " + token,
                "AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: "
                f"'{token.split('.')[0]}'.")

    @pytest.mark.parametrize("changes", [
        {"nbf": 4000000000, "iat": 4000000000, "exp": 4000003600},
        {"nbf": 1500000000, "iat": 1500000000, "exp": 1500003600},
        {"iss": "https://sts.windows.net/00000000-0000-0000-0000-000000000000/",
         "tid": "00000000-0000-0000-0000-000000000000"},
        {"exp": "4000000000"}, {"exp": None}, {"exp": 1e300}, {"nbf": -1}, {"aud": ["a", "b"]}, {"oid": None},
    ])
    def test_claims_of_no_account_with_a_foreign_signature(self, crypto_vault, genuine, stranger, changes):
        header, claims, _ = genuine
        refused(crypto_vault, "Bearer " + keys.jwt(header, {**claims, **changes}, keys.rs256_signer(stranger[1])))

    def test_for_another_audience(self, crypto_vault, sandbox):
        expected = f"https://{sandbox.endpoints['vault_suffix']}"
        message = refused(crypto_vault, "Bearer " + sandbox.admin_token(ARM))
        assert message == f"AKV10022: Invalid audience. Expected {expected}, found: {ARM}."

    def test_for_the_vault_with_a_slash_behind(self, crypto_vault, sandbox):
        resource = sandbox.vault_resource + "/"
        answer = sandbox.imds(resource=resource)
        if answer.status == 200:
            token = answer.json()["access_token"]
            aud = jwt_parts(token)[1]["aud"]
            if aud.endswith("/"):
                assert refused(crypto_vault, "Bearer " + token) == (
                    f"AKV10022: Invalid audience. Expected {sandbox.vault_resource}, found: {resource}.")


@story("GetKey", "Tenants_List")
def test_of_another_sandbox(vault, start_sandbox):
    """Everything fits but the key: sandboxes share their tenant's name, not their keys."""
    other = start_sandbox()
    for token in (other.vault_admin_token(), other.admin_token()):
        assert refused(vault, "Bearer " + token).startswith("AKV10046: ")
    answer = vault.sandbox.arm("GET", "/tenants", token=other.admin_token()).ok(401)
    assert answer.error()["code"]


@story("GetKey")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_compares_without_case(vault, scheme):
    vault.create_key("k1")
    token = vault.sandbox.vault_admin_token()
    vault.kv("GET", "/keys/k1", token=None, headers={"Authorization": f"{scheme} {token}"}).ok()


@story("GetKey")
@pytest.mark.parametrize("resource", ["https://vault.localhost", "https://vault.azure.net"])
def test_audiences_of_old_and_of_the_real_name_are_good_too(vault, resource):
    vault.create_key("k1")
    vault.kv("GET", "/keys/k1", token=vault.sandbox.admin_token(resource)).ok()


@story("GetKey", "Subscriptions_List")
def test_expired(start_sandbox):
    sandbox = start_sandbox(identityd_args=["--token-lifetime=2"])
    tokens = {name: sandbox.admin_token(resource) for name, resource in
              (("vault", sandbox.vault_resource), ("arm", ARM))}
    exp = max(jwt_parts(t)[1]["exp"] for t in tokens.values())
    assert exp - time.time() < 400, "the lifetime setting does not reach the tokens"
    until(exp)
    sandbox._tokens.clear()
    vault = sandbox.create_vault()
    answer = sandbox.http("GET", f"{vault.url}/keys/k1?api-version=7.5", token=tokens["vault"]).ok(401)
    assert answer.error()["code"] == "Unauthorized"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization=")
    answer = sandbox.arm("GET", "/subscriptions", token=tokens["arm"]).ok(401)
    assert answer.error()["code"] == "ExpiredAuthenticationToken"


@pytest.fixture(scope="module")
def mint(tmp_path_factory):
    """mint(changes of claims, of the header) → (sandbox, token): an administrator's token with those changes, its
    signature genuine. A claim changed to ... is left out."""
    stock = tmp_path_factory.mktemp("stock")
    sizes = stock / "rsa-2048"
    for directory in (stock, sizes):
        directory.mkdir(mode=0o700, exist_ok=True)
        directory.chmod(0o700)
    made = [keys.new_rsa() for _ in range(4)]
    for i, (_, pem) in enumerate(made):
        path = sizes / f"{i:032x}.der"
        path.write_bytes(keys.openssl("rsa", "-traditional", "-outform", "DER", data=pem))
        path.chmod(0o600)
    with Sandbox(identityd_args=[f"--key-stock={stock}"]) as sandbox:
        genuine = sandbox.vault_admin_token()
        header, claims = jwt_parts(genuine)
        url = f"{sandbox.login_root}/common/discovery/keys"
        jwk = next(k for k in sandbox.http("GET", url).ok().json()["keys"] if k["kid"] == header["kid"])
        pem = next(p for j, p in made if j["n"] == jwk["n"])

        def make(changes=(), header_changes=()):
            return sandbox, keys.jwt(changed(header, header_changes), changed(claims, changes), keys.rs256_signer(pem))

        yield make


def changed(members, changes):
    return {k: v for k, v in {**members, **dict(changes)}.items() if v is not ...}


OTHER = "00000000-0000-0000-0000-000000000000"


@story("GetKey", "CreateKey", "Subscriptions_List")
class TestGenuinelySigned:
    @pytest.fixture
    def house(self, mint):
        sandbox, token = mint()
        vault = sandbox.create_vault()
        vault.create_key("k1")
        vault.kv("GET", "/keys/k1", token=token).ok()
        return vault

    def test_as_it_was(self, house, mint):
        """What the others change is what they are refused for."""
        house.kv("GET", "/keys/k1", token=mint({"x": "y"}, {"y": "x"})[1]).ok()
        house.sandbox.arm("GET", "/subscriptions", token=mint({"aud": ARM})[1]).ok()

    @pytest.mark.parametrize("shift", [-1, -3600, -10**9])
    def test_expired(self, house, mint, shift):
        now = int(time.time())
        times = {"iat": now + shift - 3600, "nbf": now + shift - 3600, "exp": now + shift}
        refused(house, "Bearer " + mint(times)[1])
        answer = house.sandbox.arm("GET", "/subscriptions", token=mint({**times, "aud": ARM})[1]).ok(401)
        assert answer.error()["code"] == "ExpiredAuthenticationToken"

    @pytest.mark.parametrize("shift", [3600, 10**9])
    def test_not_yet_valid(self, house, mint, shift):
        now = int(time.time())
        times = {"iat": now + shift, "nbf": now + shift, "exp": now + shift + 3600}
        refused(house, "Bearer " + mint(times)[1])
        house.sandbox.arm("GET", "/subscriptions", token=mint({**times, "aud": ARM})[1]).ok(401)

    def test_of_another_tenant(self, house, mint):
        tenant = house.sandbox.endpoints["tenant"]
        other = f"https://sts.windows.net/{OTHER}/"
        text = f"AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{tenant}/, found {other}."
        refused(house, "Bearer " + mint({"iss": other, "tid": OTHER, "idp": other})[1], text)
        refused(house, "Bearer " + mint({"iss": other})[1], text)
        refused(house, "Bearer " + mint({"tid": OTHER})[1])
        for iss in (
            f"https://sts.windows.net/{tenant}",
            f"https://login.microsoftonline.com/{tenant}/v2.0",
            "",
            7,
            ...,
        ):
            refused(house, "Bearer " + mint({"iss": iss})[1])
        token = mint({"iss": other, "tid": OTHER, "aud": ARM})[1]
        assert house.sandbox.arm("GET", "/subscriptions", token=token).ok(401).error()["code"] == (
            "InvalidAuthenticationTokenTenant")

    @pytest.mark.parametrize("audience", [
        "https://vault.azure.net/", "https://management.azure.com/", "spn:cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
        "https://vault.azure.net.example", "https://VAULT.azure.net", "HTTPS://vault.azure.net", "",
    ])
    def test_for_another_audience(self, house, mint, audience):
        message = refused(house, "Bearer " + mint({"aud": audience})[1])
        if audience:
            assert message.startswith("AKV10022: Invalid audience. Expected ")
            assert message.endswith(f", found: {audience}.")

    def test_for_one_vault(self, house, mint):
        message = refused(house, "Bearer " + mint({"aud": house.url})[1])
        assert message.endswith(f", found: {house.url}.")

    @pytest.mark.parametrize("changes", [
        {"exp": ...}, {"exp": "4000000000"}, {"exp": None}, {"exp": 1e300}, {"exp": 2**64}, {"exp": -1}, {"exp": []},
        {"nbf": ...}, {"nbf": "0"}, {"aud": ...}, {"aud": None}, {"aud": ["https://vault.azure.net"]}, {"aud": 7},
        {"oid": ...}, {"oid": ""}, {"oid": 7}, {"oid": "x" * 36 + "y"}, {"appid": ...}, {"appid": "x" * 5000},
        {"tid": ...}, {"tid": None}, {"aud": "a" * 5000},
    ], ids=repr)
    def test_claims_that_are_missing_or_odd(self, house, mint, changes):
        refused(house, "Bearer " + mint(changes)[1])

    @pytest.mark.parametrize("header", [{"alg": ...}, {"alg": "RS384"}, {"alg": "rs256"}, {"alg": 7}, {"alg": "PS256"},
                                        {"kid": ...}, {"kid": 7}, {"kid": ""}, {"kid": "x" * 5000}],
                             ids=repr)
    def test_headers_that_are_missing_or_odd(self, house, mint, header):
        refused(house, "Bearer " + mint({}, header)[1])

    def test_nobody_in_particular(self, house, mint):
        """A good token of a principal that is not there: known by nobody, so allowed nothing."""
        token = mint({"oid": OTHER, "sub": OTHER})[1]
        assert house.kv("GET", "/keys/k1", token=token).status in (401, 403)


def until(moment):
    """Waits for the machine's clock, on nothing else."""
    while (left := moment - time.time()) > 0:
        select.select([], [], [], left)


@story("Subscriptions_List", "ResourceGroups_CreateOrUpdate")
class TestControlPlane:
    @pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer e30.e30.AAAA"])
    def test_no_good_token(self, sandbox, authorization):
        headers = {} if authorization is None else {"Authorization": authorization}
        for method, path, body in (("GET", "/subscriptions", None),
                                   ("PUT", "{sub}/resourcegroups/intruders", {"location": "westus"})):
            answer = sandbox.arm(method, path, body, token=None, headers=headers).ok(401)
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            challenge = answer.headers["WWW-Authenticate"]
            root = f"{sandbox.login_root}/{sandbox.endpoints['tenant']}"
            assert challenge.startswith(
                f'Bearer authorization_uri="{root}", error="invalid_token", error_description="'
            )
            if authorization is None:
                assert answer.json() == {"error": {"code": "AuthenticationFailed", "message": (
                    "Authentication failed. The 'Authorization' header is missing.")}}
        sandbox.arm("GET", "{sub}/resourcegroups/intruders").ok(404)

    def test_forged(self, sandbox, stranger):
        header, claims = jwt_parts(sandbox.admin_token())
        for token in (keys.jwt(header, claims, keys.rs256_signer(stranger[1])),
                      keys.jwt({**header, "alg": "none"}, claims, lambda _: b"")):
            sandbox.arm("GET", "/subscriptions", token=token).ok(401)

    def test_for_a_vault(self, sandbox):
        answer = sandbox.arm("GET", "/subscriptions", token=sandbox.vault_admin_token()).ok(401)
        assert answer.error()["code"] == "InvalidAuthenticationTokenAudience"

    def test_only_the_administrator_writes(self, sandbox, identity):
        token = sandbox.imds_token(ARM, client_id=identity["client_id"])
        answer = sandbox.arm("PUT", "{sub}/resourcegroups/intruders", {"location": "westus"}, token=token).ok(403)
        error = answer.error()
        assert error["code"] == "AuthorizationFailed"
        assert error["message"].startswith(
            f"The client '{identity['client_id']}' with object id '{identity['oid']}' does not have authorization to "
            "perform action 'Microsoft.Resources/subscriptions/resourceGroups/write' over scope '/subscriptions/")
        assert answer.headers["x-ms-failure-cause"] == "gateway"
        sandbox.arm("GET", "{sub}/resourcegroups/intruders").ok(404)
