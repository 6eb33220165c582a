"""Federated identity credentials of user-assigned identities."""

import keys
import pytest
from control import Control
from sandbox import jwt_parts
from stories import story

ISSUER = "https://oidc.example/cluster"
AUDIENCE = "api://AzureADTokenExchange"
TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"


def path(identity, name=None):
    return f"{identity['id']}/federatedIdentityCredentials" + (f"/{name}" if name else "")


def body(issuer=ISSUER, subject="system:serviceaccount:ns:sa", audiences=(AUDIENCE,), **more):
    return {"properties": {"issuer": issuer, "subject": subject, "audiences": list(audiences), **more}}


def put(sandbox, identity, name="fic1", sent=None, **parts):
    return sandbox.arm("PUT", path(identity, name), body(**parts) if sent is None else sent)


@story("FederatedIdentityCredentials_CreateOrUpdate", "FederatedIdentityCredentials_Get",
       "FederatedIdentityCredentials_List", "FederatedIdentityCredentials_Delete")
class TestLife:
    def test_a_life(self, sandbox, identity):
        made = put(sandbox, identity).ok(201)
        assert made.headers["Location"] == path(identity, "fic1")
        assert made.json() == {
            "id": path(identity, "fic1"), "name": "fic1", "type": TYPE,
            "properties": {"issuer": ISSUER, "subject": "system:serviceaccount:ns:sa", "audiences": [AUDIENCE]},
        }
        assert list(made.json()) == ["id", "name", "type", "properties"]
        assert sandbox.arm("GET", path(identity, "fic1")).ok().json() == made.json()
        changed = put(sandbox, identity, "FIC1", subject="other").ok(200)
        assert "Location" not in changed.headers and changed.json()["name"] == "fic1"
        assert changed.json()["properties"]["subject"] == "other"
        second = put(sandbox, identity, "another").ok(201).json()
        assert sandbox.arm("GET", path(identity)).ok().json() == {"value": [second, changed.json()]}
        gone = sandbox.arm("DELETE", path(identity, "fic1")).ok(200)
        assert gone.body == b""
        sandbox.arm("DELETE", path(identity, "fic1")).ok(204)
        assert sandbox.arm("GET", path(identity)).ok().json() == {"value": [second]}

    def test_pages(self, sandbox, identity):
        for name in ("fic1", "fic2", "fic3"):
            put(sandbox, identity, name, subject=name).ok(201)
        first = sandbox.arm("GET", path(identity) + "?$top=2").ok().json()
        assert [one["name"] for one in first["value"]] == ["fic1", "fic2"] and first["nextLink"]

    def test_another_identity_is_another_matter(self, sandbox, identity):
        other = sandbox.create_identity()
        put(sandbox, identity).ok(201)
        put(sandbox, other).ok(201)
        sandbox.arm("DELETE", path(other, "fic1")).ok()
        sandbox.arm("GET", path(identity, "fic1")).ok()

    def test_they_go_with_their_identity(self, sandbox):
        one = sandbox.create_identity()
        put(sandbox, one).ok(201)
        sandbox.arm("DELETE", one["id"], api_version="2023-01-31").ok()
        error = sandbox.arm("GET", path(one)).ok(404).error()
        assert error["code"] == "ParentResourceNotFound"
        group = one["id"].split("/")[4]
        again = sandbox.create_identity(one["name"], group)
        assert sandbox.arm("GET", path(again)).ok().json() == {"value": []}


@story("FederatedIdentityCredentials_CreateOrUpdate")
class TestRules:
    @pytest.mark.parametrize("name", ["ab", "-ab", "_ab", "a b", "a.b", "a" * 121, "a%C3%A4b"])
    def test_names_that_are_none(self, sandbox, identity, name):
        assert put(sandbox, identity, name.replace(" ", "%20")).ok(400).error()["code"] == "BadRequest"
        assert sandbox.arm("GET", path(identity)).ok().json() == {"value": []}

    @pytest.mark.parametrize("name", ["abc", "0-_", "a" * 120])
    def test_names(self, sandbox, identity, name):
        assert put(sandbox, identity, name).ok(201).json()["name"] == name

    @pytest.mark.parametrize("sent", [
        {}, {"properties": {}}, {"properties": None}, body(issuer=""), body(subject=""), body(audiences=[]),
        body(audiences=[""]), body(audiences=[7]),
        {"properties": {"issuer": ISSUER, "subject": "s"}},
    ])
    def test_all_three_must_be_said(self, sandbox, identity, sent):
        error = put(sandbox, identity, sent=sent).ok(400).error()
        assert error == {
            "code": "BadRequest",
            "message": "The request format was unexpected. Federated Identity Credential must specify 'issuer', "
                       "'subject' and 'audience'.",
        }

    @pytest.mark.parametrize("parts", [
        {"issuer": "http://oidc.example"}, {"issuer": "oidc.example"}, {"issuer": "https://"},
        {"issuer": "https:///x"}, {"issuer": "https://oidc .example"}, {"issuer": " https://oidc.example"},
        {"issuer": "https://" + "x" * 600}, {"subject": "x" * 601}, {"audiences": ["x" * 601]},
        {"audiences": ["one", "two"]},
    ])
    def test_values_that_are_refused(self, sandbox, identity, parts):
        assert put(sandbox, identity, **parts).ok(400).error()["code"] == "BadRequest"

    @pytest.mark.parametrize("sent", [{"properties": []}, {"properties": {"issuer": 7, "subject": "s"}},
                                      {"properties": {"issuer": ISSUER, "subject": "s", "audiences": "x"}}])
    def test_wrong_types(self, sandbox, identity, sent):
        assert put(sandbox, identity, sent=sent).ok(400).error()["code"] == "InvalidRequestContent"

    def test_issuer_and_subject_are_one_s_own(self, sandbox, identity):
        put(sandbox, identity).ok(201)
        error = put(sandbox, identity, "fic2", audiences=["other"]).ok(409).error()
        assert error["message"] == "Issuer and subject combination already exists for this Managed Identity."
        put(sandbox, identity, "fic2", subject="System:serviceaccount:ns:sa").ok(201)
        put(sandbox, identity, "fic3", issuer=ISSUER + "/").ok(201)
        put(sandbox, identity, audiences=["other"]).ok(200)

    def test_twenty(self, sandbox, identity):
        for i in range(20):
            put(sandbox, identity, f"fic{i}", subject=str(i)).ok(201)
        assert "at most 20" in put(sandbox, identity, "fic20", subject="20").ok(400).error()["message"]
        put(sandbox, identity, "fic19", subject="20").ok(200)
        assert len(sandbox.arm("GET", path(identity)).ok().json()["value"]) == 20


@story("FederatedIdentityCredentials_Get", "FederatedIdentityCredentials_CreateOrUpdate")
def test_what_is_not_there(sandbox, identity):
    error = sandbox.arm("GET", path(identity, "nobody")).ok(404).error()
    assert error["code"] == "ResourceNotFound" and "federatedIdentityCredentials/nobody" in error["message"]
    for method, sent in (("GET", None), ("PUT", body()), ("DELETE", None)):
        answer = sandbox.arm(method, path({"id": identity["id"] + "-not"}, "fic1"), sent).ok(404)
        assert answer.error()["code"] == "ParentResourceNotFound"
        assert answer.headers["x-ms-failure-cause"] == "gateway"


@story("FederatedIdentityCredentials_CreateOrUpdate", "FederatedIdentityCredentials_List",
       "FederatedIdentityCredentials_Delete")
def test_who_may(sandbox, identity):
    stranger = sandbox.create_identity()
    token = sandbox.imds_token(resource="https://management.azure.com/", client_id=stranger["client_id"])
    for method, name, sent in (("PUT", "fic1", body()), ("GET", "fic1", None), ("GET", None, None),
                               ("DELETE", "fic1", None)):
        answer = sandbox.arm(method, path(identity, name), sent, token=token).ok(403)
        assert "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/" in answer.text
        sandbox.arm(method, path(identity, name), sent, token=None).ok(401)


JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@story("RequestTokenV2")
class TestSignIn:
    """A token that this sandbox issued stands for an identity that has a credential for it."""

    def trusted(self, sandbox, identity, **other):
        """The assertion of the sandbox's virtual machine, which identity now trusts."""
        assertion = sandbox.imds_token(resource=AUDIENCE)
        claims = jwt_parts(assertion)[1]
        put(sandbox, identity, **{"issuer": claims["iss"], "subject": claims["sub"], **other}).ok(201)
        return assertion

    def ask(self, sandbox, identity, assertion, resource=None, type=JWT_BEARER):
        return sandbox.request_token(grant_type="client_credentials", client_id=identity["client_id"],
                                     client_assertion_type=type, client_assertion=assertion,
                                     scope=(resource or sandbox.vault_resource) + "/.default")

    def refused(self, answer, status, number):
        assert answer.ok(status).json()["error_codes"] == [number], answer

    def test_in(self, sandbox, identity):
        token = self.ask(sandbox, identity, self.trusted(sandbox, identity)).ok().json()["access_token"]
        claims = jwt_parts(token)[1]
        assert claims["oid"] == identity["oid"] and claims["appid"] == identity["client_id"]
        assert claims["aud"] == sandbox.vault_resource
        assert claims["xms_mirid"].lower() == identity["id"].lower()
        vault = sandbox.create_vault(policies={identity["oid"]: ["list"]})
        vault.kv("GET", "/keys", token=token).ok()

    @pytest.mark.parametrize("other", [{"subject": "another"}, {"audiences": ["another"]},
                                       {"issuer": "https://oidc.example"}],
                             ids=["subject", "audience", "issuer"])
    def test_no_credential_fits(self, sandbox, identity, other):
        self.refused(self.ask(sandbox, identity, self.trusted(sandbox, identity, **other)), 400, 70021)

    def test_a_credential_that_went(self, sandbox, identity):
        assertion = self.trusted(sandbox, identity)
        sandbox.arm("DELETE", path(identity, "fic1")).ok()
        self.refused(self.ask(sandbox, identity, assertion), 400, 70021)

    def test_of_another_identity(self, sandbox, identity):
        assertion = self.trusted(sandbox, identity)
        self.refused(self.ask(sandbox, sandbox.create_identity(), assertion), 400, 70021)

    def test_a_foreign_issuer_s_keys_are_a_network_away(self, sandbox, identity):
        put(sandbox, identity, subject="sa").ok(201)
        claims = {"iss": ISSUER, "sub": "sa", "aud": AUDIENCE, "exp": 4000000000}
        foreign = keys.rs256_signer(keys.new_rsa()[1])
        self.refused(self.ask(sandbox, identity, keys.jwt({"alg": "RS256", "kid": "k"}, claims, foreign)), 401, 700027)

    def test_signed_by_a_stranger(self, sandbox, identity):
        header, claims = jwt_parts(self.trusted(sandbox, identity))
        foreign = keys.rs256_signer(keys.new_rsa()[1])
        self.refused(self.ask(sandbox, identity, keys.jwt(header, claims, foreign)), 401, 700027)
        unsigned = keys.jwt({**header, "alg": "none"}, claims, lambda _: b"")
        self.refused(self.ask(sandbox, identity, unsigned), 401, 700027)

    def test_malformed(self, sandbox, identity):
        assertion = self.trusted(sandbox, identity)
        self.refused(self.ask(sandbox, identity, "x.y"), 400, 50027)
        self.refused(self.ask(sandbox, identity, assertion, type="x"), 400, 50027)

    def test_expired(self, start_sandbox):
        sandbox = start_sandbox()
        identity = sandbox.create_identity()
        assertion = self.trusted(sandbox, identity)
        control = Control(sandbox)
        control.advance("P2D")
        since = control.now()
        self.refused(self.ask(sandbox, identity, assertion), 401, 700024)
        [line] = control.audit(since, operation="TokenIssue")
        assert line["decision"] == {"verdict": "deny", "reason": "assertion-expired"}

    def test_a_secret_is_no_way_in(self, sandbox, identity):
        self.trusted(sandbox, identity)
        answer = sandbox.request_token(grant_type="client_credentials", client_id=identity["client_id"],
                                       client_secret="x", scope=sandbox.vault_resource + "/.default")
        self.refused(answer, 400, 700016)
