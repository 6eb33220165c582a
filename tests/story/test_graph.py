"""The few reads of Microsoft Graph that az makes: who a principal is."""

import re
import urllib.parse

import keys
import pytest
from control import Control
from sandbox import ADMIN, ARM, jwt_parts
from stories import story

NOBODY = "00000000-0000-0000-0000-000000000000"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ODATA_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


def graph_resource(sandbox):
    return sandbox.login_root + "/"


def graph(sandbox, method, path, body=None, token=ADMIN, headers=()):
    token = sandbox.admin_token(graph_resource(sandbox)) if token is ADMIN else token
    return sandbox.http(method, sandbox.login_root + "/v1.0" + path, body, headers, token)


def find(sandbox, filter, collection="servicePrincipals", quote=True, token=ADMIN):
    text = urllib.parse.quote(filter, safe="") if quote else filter.replace(" ", "%20")
    return graph(sandbox, "GET", f"/{collection}?$filter={text}", token=token)


def refused(answer, status, code, message=None):
    """Asserts a refusal in Graph's shape."""
    error = answer.ok(status).json()["error"]
    assert list(answer.json()) == ["error"] and list(error) == ["code", "message", "innerError"]
    assert list(error["innerError"]) == ["date", "request-id", "client-request-id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", error["innerError"]["date"])
    assert GUID.fullmatch(error["innerError"]["request-id"])
    assert error["code"] == code, error
    if message is not None:
        assert error["message"] == message
    return error["message"]


NAMES = "servicePrincipalNames/any(c:c eq '{}')"


@story("GraphListServicePrincipals")
class TestServicePrincipals:
    @pytest.mark.parametrize("quote", [True, False], ids=["encoded", "as it is"])
    def test_by_name(self, sandbox, identity, quote):
        answer = find(sandbox, NAMES.format(identity["client_id"]), quote=quote).ok()
        got = answer.json()
        assert answer.headers["Content-Type"] == ODATA_JSON and answer.headers["OData-Version"] == "4.0"
        assert got["@odata.context"] == sandbox.login_root + "/v1.0/$metadata#servicePrincipals"
        [one] = got["value"]
        assert one["id"] == identity["oid"] and one["appId"] == identity["client_id"]
        assert one["displayName"] == identity["name"] and one["accountEnabled"] is True
        assert one["servicePrincipalType"] == "ManagedIdentity"
        assert one["servicePrincipalNames"] == [identity["client_id"]]
        assert one["alternativeNames"] == ["isExplicit=True", identity["id"]]
        assert one["appOwnerOrganizationId"] is None and one["appDisplayName"] is None

    def test_an_application(self, sandbox):
        [one] = find(sandbox, NAMES.format(sandbox.endpoints["client_id"])).ok().json()["value"]
        assert one["id"] == sandbox.admin_oid and one["servicePrincipalType"] == "Application"
        assert one["appOwnerOrganizationId"] == sandbox.endpoints["tenant"] and one["alternativeNames"] == []
        assert one["appDisplayName"] == one["displayName"]

    def test_a_system_assigned_identity(self, sandbox):
        oid = jwt_parts(sandbox.imds_token())[1]["oid"]
        [one] = find(sandbox, f"id eq '{oid}'").ok().json()["value"]
        assert one["alternativeNames"][0] == "isExplicit=False"
        assert one["alternativeNames"][1].lower().endswith("/virtualmachines/devbox")

    def test_names_hold_the_client_id_not_the_object_id(self, sandbox, identity):
        assert find(sandbox, NAMES.format(identity["oid"])).ok().json()["value"] == []
        assert find(sandbox, NAMES.format(NOBODY)).ok().json()["value"] == []

    @pytest.mark.parametrize("filter", [
        "appId eq '{client_id}'", "appId  eq  '{client_id}'", "appid EQ '{client_id}'", "id eq '{oid}'",
        "displayName eq '{name}'", "startswith(displayName,'{name}')", "startsWith(displayName, '{name}')",
        "servicePrincipalNames/any(name:name eq '{client_id}')", "alternativeNames/any(x:x eq '{id}')",
    ])
    def test_filters(self, sandbox, identity, filter):
        [one] = find(sandbox, filter.format(**identity)).ok().json()["value"]
        assert one["id"] == identity["oid"]

    def test_texts_compare_without_case(self, sandbox, identity):
        for filter in (f"displayName eq '{identity['name'].upper()}'", f"appId eq '{identity['client_id'].upper()}'"):
            assert len(find(sandbox, filter).ok().json()["value"]) == 1

    @pytest.mark.parametrize("filter", [
        "", " ", "appId", "appId eq", "appId eq 'x", "appId eq x'", "appId ne 'x'", "appId eq 'x' and id eq 'y'",
        "appId eq null", "createdDateTime eq 'x'", "servicePrincipalNames eq 'x'", "appId/any(c:c eq 'x')",
        "servicePrincipalNames/any(c:d eq 'x')", "servicePrincipalNames/all(c:c eq 'x')", "startswith(displayName)",
        "servicePrincipalNames/any(c:c eq 'x'", "startswith('x',displayName)", "'x'", "()", "\u00e4 eq 'x'",
    ])
    def test_filters_that_are_not_understood(self, sandbox, filter):
        refused(find(sandbox, filter), 400, "Request_UnsupportedQuery")

    def test_a_quote_in_a_text_is_doubled(self, sandbox):
        assert find(sandbox, "displayName eq 'it''s'").ok().json()["value"] == []
        refused(find(sandbox, "displayName eq 'it's'"), 400, "Request_UnsupportedQuery")

    def test_az_s_words_for_the_managed_identity_that_it_is(self, sandbox, identity):
        for word, query in (("systemAssignedIdentity", {}), ("userAssignedIdentity",
                                                             {"client_id": identity["client_id"]})):
            token = sandbox.imds_token(resource=graph_resource(sandbox), **query)
            [one] = find(sandbox, NAMES.format(word), token=token).ok().json()["value"]
            assert one["id"] == jwt_parts(token)[1]["oid"] and one["servicePrincipalType"] == "ManagedIdentity"

    def test_pages(self, sandbox, identity):
        everyone = graph(sandbox, "GET", "/servicePrincipals?$top=999").ok().json()
        assert "@odata.nextLink" not in everyone
        ids = [one["id"] for one in everyone["value"]]
        assert identity["oid"] in ids and sandbox.admin_oid in ids
        seen, path = [], "/servicePrincipals?$top=2&$filter=" + urllib.parse.quote("startswith(displayName,'')")
        while path:
            page = graph(sandbox, "GET", path).ok().json()
            seen += [one["id"] for one in page["value"]]
            assert len(page["value"]) <= 2
            path = page.get("@odata.nextLink", "").removeprefix(sandbox.login_root + "/v1.0")
        assert seen == ids
        for bad in ("$top=0", "$top=1000", "$top=x", "$skiptoken=x"):
            refused(graph(sandbox, "GET", "/servicePrincipals?" + bad), 400, "Request_BadRequest")


@story("GraphGetServicePrincipal", "GraphGetByAppId", "GraphGetDirectoryObject", "GraphGetApplication")
def test_one_by_its_id(sandbox, identity):
    root, admin = sandbox.login_root + "/v1.0/$metadata#", sandbox.endpoints["client_id"]
    got = graph(sandbox, "GET", f"/servicePrincipals/{identity['oid']}").ok().json()
    assert got["@odata.context"] == root + "servicePrincipals/$entity" and got["appId"] == identity["client_id"]
    assert graph(sandbox, "GET", f"/servicePrincipals(appId='{identity['client_id']}')").ok().json() == got
    assert graph(sandbox, "GET", f"/servicePrincipals%28appId=%27{identity['client_id']}%27%29").ok().json() == got
    got = graph(sandbox, "GET", f"/directoryObjects/{identity['oid']}").ok().json()
    assert got["@odata.type"] == "#microsoft.graph.servicePrincipal" and got["id"] == identity["oid"]
    got = graph(sandbox, "GET", f"/applications(appId='{admin}')").ok().json()
    assert got["appId"] == admin
    assert graph(sandbox, "GET", f"/applications/{got['id']}").ok().json() == got
    for path in ("/servicePrincipals/{}", "/servicePrincipals(appId='{}')", "/directoryObjects/{}",
                 "/applications/{}", "/applications(appId='{}')"):
        refused(graph(sandbox, "GET", path.format(NOBODY)), 404, "Request_ResourceNotFound",
                f"Resource '{NOBODY}' does not exist or one of its queried reference-property objects are not present.")


@story("GraphListApplications")
def test_applications(sandbox, identity):
    admin = sandbox.endpoints["client_id"]
    [one] = find(sandbox, f"appId eq '{admin}'", "applications").ok().json()["value"]
    assert one["appId"] == admin and one["displayName"] and "servicePrincipalType" not in one
    assert find(sandbox, f"id eq '{one['id']}'", "applications").ok().json()["value"] == [one]
    assert find(sandbox, f"appId eq '{identity['client_id']}'", "applications").ok().json()["value"] == []
    listed = graph(sandbox, "GET", "/applications").ok().json()
    assert listed["@odata.context"].endswith("$metadata#applications") and one in listed["value"]
    refused(find(sandbox, "servicePrincipalType eq 'x'", "applications"), 400, "Request_UnsupportedQuery")


@story("GraphGetByIds")
class TestGetByIds:
    def ask(self, sandbox, body):
        return graph(sandbox, "POST", "/directoryObjects/getByIds", body)

    def test_those_that_exist(self, sandbox, identity):
        types = ["user", "group", "servicePrincipal", "directoryObjectPartnerReference"]
        got = self.ask(sandbox, {"ids": [NOBODY, identity["oid"], sandbox.admin_oid], "types": types}).ok().json()
        assert [one["id"] for one in got["value"]] == [identity["oid"], sandbox.admin_oid]
        assert {one["@odata.type"] for one in got["value"]} == {"#microsoft.graph.servicePrincipal"}
        assert got["@odata.context"].endswith("$metadata#directoryObjects")
        assert self.ask(sandbox, {"ids": [identity["oid"]]}).ok().json()["value"][0]["displayName"] == identity["name"]

    def test_other_types_only(self, sandbox, identity):
        assert self.ask(sandbox, {"ids": [identity["oid"]], "types": ["user"]}).ok().json()["value"] == []
        assert self.ask(sandbox, {"ids": []}).ok().json()["value"] == []

    def test_one_that_was_deleted(self, sandbox):
        gone = sandbox.create_identity()
        sandbox.arm("DELETE", gone["id"], api_version="2023-01-31").ok()
        assert self.ask(sandbox, {"ids": [gone["oid"]]}).ok().json()["value"] == []

    @pytest.mark.parametrize("body", [None, b"", b"{", b"[]", {}, {"ids": None}, {"ids": "x"}, {"ids": ["x"]},
                                      {"ids": [7]}, {"ids": [NOBODY] * 1001}])
    def test_bodies_that_are_not_understood(self, sandbox, body):
        answer = self.ask(sandbox, body).ok(400)
        refused(answer, 400, answer.json()["error"]["code"])


@story("GraphGetMe")
def test_nobody_is_a_person(sandbox):
    text = "/me request is only valid with delegated authentication flow."
    for token in (ADMIN, sandbox.imds_token(resource=graph_resource(sandbox))):
        refused(graph(sandbox, "GET", "/me", token=token), 400, "BadRequest", text)


@story("GraphListUsers", "GraphListGroups", "GraphGetUser", "GraphGetGroup")
def test_there_are_no_people(sandbox):
    for collection in ("users", "groups"):
        got = find(sandbox, "userPrincipalName eq 'someone@example.com'", collection).ok().json()
        assert got["value"] == [] and got["@odata.context"].endswith("$metadata#" + collection)
        refused(graph(sandbox, "GET", f"/{collection}/someone"), 404, "Request_ResourceNotFound")


@story("GraphListServicePrincipals", "GraphGetMe")
class TestTokens:
    @pytest.mark.parametrize("resource", ["https://graph.microsoft.com", "https://graph.microsoft.com/",
                                          "00000003-0000-0000-c000-000000000000", "{login}", "{login}/"])
    def test_audiences(self, sandbox, resource):
        token = sandbox.admin_token(resource.format(login=sandbox.login_root))
        graph(sandbox, "GET", "/servicePrincipals", token=token).ok()

    def refused(self, answer, message):
        refused(answer, 401, "InvalidAuthenticationToken", message)
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="", authorization_uri="https://')

    def test_none(self, sandbox):
        self.refused(graph(sandbox, "GET", "/me", token=None), "Access token is empty.")
        self.refused(graph(sandbox, "GET", "/me", token=None, headers={"Authorization": "Basic YTpi"}),
                     "Access token is empty.")

    def test_no_token_at_all(self, sandbox):
        for text in ("x", "a.b.c", "..", "A" * 20000):
            self.refused(graph(sandbox, "GET", "/me", token=text),
                         "CompactToken parsing failed with error code: 80049217")

    def test_for_another_audience(self, sandbox):
        for resource in (ARM, sandbox.vault_resource, "https://graph.windows.net/"):
            self.refused(graph(sandbox, "GET", "/servicePrincipals", token=sandbox.admin_token(resource)),
                         "Access token validation failure. Invalid audience.")

    def test_signed_by_a_stranger(self, sandbox):
        header, claims = jwt_parts(sandbox.admin_token(graph_resource(sandbox)))
        token = keys.jwt(header, claims, keys.rs256_signer(keys.new_rsa()[1]))
        self.refused(graph(sandbox, "GET", "/me", token=token),
                     "Access token validation failure. Signature is invalid.")

    def test_expired(self, start_sandbox):
        sandbox = start_sandbox()
        token = sandbox.admin_token(graph_resource(sandbox))
        graph(sandbox, "GET", "/servicePrincipals", token=token).ok()
        Control(sandbox).advance("P2D")
        self.refused(graph(sandbox, "GET", "/servicePrincipals", token=token),
                     "Lifetime validation failed, the token is expired.")


@story("GraphListServicePrincipals")
def test_under_its_real_name(sandbox):
    headers = {"Host": "graph.microsoft.com"}
    got = graph(sandbox, "GET", "/servicePrincipals", headers=headers).ok().json()
    assert got["@odata.context"] == "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals"
    challenge = graph(sandbox, "GET", "/servicePrincipals", token=None, headers=headers).headers["WWW-Authenticate"]
    assert "https://login.microsoftonline.com/common/oauth2/authorize" in challenge


def test_what_is_not_there_says_so(sandbox, identity):
    for method, path in (("POST", "/servicePrincipals"), ("PATCH", f"/servicePrincipals/{identity['oid']}"),
                         ("GET", "/organization"), ("GET", f"/servicePrincipals/{identity['oid']}/memberOf"),
                         ("DELETE", "/me"), ("GET", "/users(appId='x')")):
        refused(graph(sandbox, method, path, {} if method in ("POST", "PATCH") else None), 501, "NotImplemented")


def test_the_correlation_is_the_client_s(sandbox):
    id = "01234567-89ab-cdef-0123-456789abcdef"
    answer = graph(sandbox, "GET", "/me", headers={"client-request-id": id}).ok(400)
    assert answer.json()["error"]["innerError"]["client-request-id"] == id == answer.headers["client-request-id"]


def test_audit(sandbox, identity):
    control = Control(sandbox)
    since = control.now()
    token = sandbox.imds_token(resource=graph_resource(sandbox), client_id=identity["client_id"])
    find(sandbox, f"id eq '{identity['oid']}'", token=token).ok()
    graph(sandbox, "GET", "/me", token=None).ok(401)
    [line] = control.audit(since, operation="GraphListServicePrincipals")
    assert line["identity"]["claim"]["oid"] == identity["oid"] and line["properties"]["httpStatusCode"] == 200
    [line] = control.audit(since, operation="GraphGetMe")
    assert line["decision"] == {"verdict": "deny", "reason": "token-missing"}
