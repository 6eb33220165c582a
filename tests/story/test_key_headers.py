"""Headers, the challenge, and the order in which a vault looks at a request."""

import re

import pytest
from stories import story

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ALWAYS = {"cache-control", "pragma", "expires", "date", "strict-transport-security", "x-content-type-options",
          "x-ms-keyvault-region", "x-ms-keyvault-service-version", "x-ms-keyvault-network-info", "x-ms-request-id"}
WITH_BODY = ALWAYS | {"content-length", "content-type"}
NO_TOKEN = b'{"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}'


def assert_usual(headers, location):
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Pragma"] == "no-cache"
    assert headers["Expires"] == "-1"
    assert headers["Strict-Transport-Security"] == "max-age=31536000;includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["x-ms-keyvault-region"] == location
    assert re.fullmatch(r"1\.9\.\d+\.\d+", headers["x-ms-keyvault-service-version"])
    assert headers["x-ms-keyvault-network-info"] == "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;"
    assert GUID.fullmatch(headers["x-ms-request-id"])
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT", headers["Date"])


@story("GetKey", "PurgeDeletedKey")
def test_every_answer_has_the_recorded_headers_and_no_others(vault):
    vault.create_key("k1")
    vault.create_key("gone")
    vault.kv("DELETE", "/keys/gone").ok()
    answers = {
        200: vault.kv("GET", "/keys/k1"),
        404: vault.kv("GET", "/keys/nobody"),
        400: vault.kv("GET", "/keys/k1", api_version="1.0"),
        401: vault.kv("GET", "/keys/k1", token=None),
        204: vault.kv("DELETE", "/deletedkeys/gone"),
    }
    for status, answer in answers.items():
        answer.ok(status)
        assert_usual(answer.headers, vault.location)
        expected = ALWAYS if status == 204 else WITH_BODY | {"www-authenticate"} if status == 401 else WITH_BODY
        assert answer.headers.names == expected, status
        assert len(answer.headers.pairs) == len(answer.headers.names), "a header came twice"
        if status != 204:
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert int(answer.headers["Content-Length"]) == len(answer.body)


@story("GetKey")
def test_request_ids_differ(vault):
    ids = {vault.kv("GET", "/keys/nobody").headers["x-ms-request-id"] for _ in range(3)}
    assert len(ids) == 3


@story("GetKey")
def test_client_request_id_comes_back_when_asked_for(vault):
    wish = {"x-ms-client-request-id": "story-1", "x-ms-return-client-request-id": "true"}
    vault.create_key("k1")
    for answer in (vault.kv("GET", "/keys/k1", headers=wish).ok(),
                   vault.kv("GET", "/keys/nobody", headers=wish).ok(404),
                   vault.kv("GET", "/keys/k1", token=None, headers=wish).ok(401)):
        assert answer.headers["x-ms-client-request-id"] == "story-1"
    assert "x-ms-client-request-id" not in vault.kv("GET", "/keys/k1").headers


def challenge(sandbox, suffix=None):
    return (f'Bearer authorization="{sandbox.login_root}/{sandbox.endpoints["tenant"]}", '
            f'resource="https://{suffix or sandbox.endpoints["vault_suffix"]}"')


@pytest.mark.parametrize("method, path, version, body", [
    ("GET", "/keys/k1", "7.5", None),
    ("GET", "/keys/k1", "", None),
    ("GET", "/keys/k1", "0.1", None),
    ("GET", "/keys/k$()!1", "7.5", None),
    ("GET", "/nothing/of/ours", "7.5", None),
    ("GET", "/", "7.5", None),
    ("POST", "/keys/k1/create", "7.5", None),
    ("POST", "/keys/k1/create", "7.5", b"{not json"),
    ("POST", "/keys/k1/wrapkey", "7.5", {"alg": "nonsense"}),
    ("PUT", "/keys/k1", "7.5", None),
    ("DELETE", "/deletedkeys/k1", "7.5", None),
    ("POST", "/keys/k1/rotate", "7.5", None),
    ("GET", "/secrets/s1", "7.5", None),
])
def test_without_a_token_everything_is_the_challenge(crypto_vault, method, path, version, body):
    answer = crypto_vault.kv(method, path, body, token=None, api_version=version).ok(401)
    assert answer.body == NO_TOKEN and len(NO_TOKEN) == 97
    assert answer.headers.get_all("WWW-Authenticate") == [challenge(crypto_vault.sandbox)]


@story("GetKey")
def test_the_challenge_names_the_parent_domain_as_it_was_asked(vault):
    bare = f"{vault.name}.vault.localhost"
    answer = vault.kv("GET", "/keys/k1", token=None, headers={"Host": bare}).ok(401)
    assert answer.headers["WWW-Authenticate"] == challenge(vault.sandbox, "vault.localhost")


@story("GetKey")
def test_a_connection_survives_the_challenge(vault):
    """SDKs send the request again on the same connection."""
    connection = vault.sandbox.connection(vault.url)
    connection.connect()
    first = connection.sock
    for token in (None, vault.sandbox.vault_admin_token()):
        connection.putrequest("POST", "/keys/k1/create?api-version=7.5", skip_host=True)
        connection.putheader("Host", vault.host)
        body = b'{"kty":"EC"}' if token else b""
        if token:
            connection.putheader("Authorization", f"Bearer {token}")
            connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == (200 if token else 401)
    assert connection.sock is first
    connection.close()
    vault.kv("GET", "/keys/k1").ok()


@story("GetKey", "CreateKey")
def test_permission_comes_before_existence_and_body(sandbox, identity):
    vault = sandbox.create_vault(policies={identity["oid"]: ["list"]})
    token = sandbox.imds_token(client_id=identity["client_id"])
    vault.kv("GET", "/keys/nobody", token=token).ok(403)
    vault.kv("POST", "/keys/k1/create", b"{not json", token=token).ok(403)
    # Version and name come before permission.
    vault.kv("GET", "/keys/nobody", token=token, api_version="0.1").ok(400)
    vault.kv("GET", "/keys/no$body", token=token).ok(400)


@story("GetKey")
def test_two_vaults_share_nothing(sandbox):
    one, two = sandbox.create_vault(), sandbox.create_vault()
    one.create_key("k1")
    two.kv("GET", "/keys/k1").ok(404)


@story("GetKey")
@pytest.mark.parametrize("with_token", [False, True])
def test_an_unknown_vault_is_named(sandbox, with_token):
    token = sandbox.vault_admin_token() if with_token else None
    url = f"https://no-such-vault.{sandbox.endpoints['vault_suffix']}/keys/k1?api-version=7.5"
    answer = sandbox.http("GET", url, token=token).ok(404)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "no-such-vault" in answer.error()["message"]
    assert "create" in answer.error()["message"].lower()
