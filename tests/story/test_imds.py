"""What a host resource sees: IMDS, the App Service dialect, the description of the machine."""

import re
import time
import urllib.parse

import pytest
from sandbox import ARM, jwt_parts
from stories import story

NO_HEADER = "Required metadata header not specified"
NOT_FOUND = {"error": "invalid_request", "error_description": "Identity not found"}
FIELDS = {
    "access_token",
    "client_id",
    "expires_in",
    "expires_on",
    "ext_expires_in",
    "not_before",
    "resource",
    "token_type",
}


@story("ImdsRequestToken")
class TestImds:
    def test_every_value_is_a_string(self, sandbox, identity):
        before = int(time.time())
        answer = sandbox.imds(resource=sandbox.vault_resource, client_id=identity["client_id"]).ok()
        got = answer.json()
        assert FIELDS <= set(got) <= FIELDS | {"refresh_token"}
        assert all(isinstance(v, str) for v in got.values())
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert (got["token_type"], got["resource"]) == ("Bearer", sandbox.vault_resource)
        assert got["client_id"] == identity["client_id"]
        _, claims = jwt_parts(got["access_token"])
        assert int(got["expires_on"]) == claims["exp"]
        assert 0 < int(got["expires_in"]) <= claims["exp"] - before + 1

    def test_three_ways_to_name_an_identity(self, sandbox, identity):
        by = [{"client_id": identity["client_id"]}, {"object_id": identity["oid"]}, {"msi_res_id": identity["id"]},
              {"mi_res_id": identity["id"]}, {"msi_res_id": identity["id"].replace("resourcegroups", "resourceGroups")},
              {"client_id": identity["client_id"].upper()}]
        for how in by:
            got = sandbox.imds(resource=sandbox.vault_resource, **how).ok().json()
            assert jwt_parts(got["access_token"])[1]["oid"] == identity["oid"], how

    def test_claims_of_a_user_assigned_identity(self, sandbox, identity):
        _, claims = jwt_parts(sandbox.imds_token(client_id=identity["client_id"]))
        assert claims["appid"] == identity["client_id"] and claims["appidacr"] == "2"
        assert claims["oid"] == claims["sub"] == identity["oid"]
        assert claims["xms_mirid"] == identity["id"] and "/resourcegroups/" in claims["xms_mirid"]
        assert claims["xms_az_rid"].lower().endswith("/providers/microsoft.compute/virtualmachines/devbox")
        assert claims["aud"] == sandbox.vault_resource and claims["idtyp"] == "app"

    def test_nobody_named_is_the_machine_itself(self, sandbox):
        _, claims = jwt_parts(sandbox.imds_token())
        assert claims["xms_mirid"].lower().endswith("/providers/microsoft.compute/virtualmachines/devbox")
        vm = "{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox"
        assert claims["oid"] == sandbox.arm("GET", vm).ok().json()["identity"]["principalId"]

    def test_repeated_calls_give_the_same_token(self, sandbox, identity):
        one, two = (sandbox.imds_token(client_id=identity["client_id"]) for _ in range(2))
        assert one == two
        assert sandbox.imds_token(ARM, client_id=identity["client_id"]) != one

    def test_resources(self, sandbox):
        for resource in (ARM, ARM.rstrip("/"), "https://vault.azure.net", "https://graph.microsoft.com",
                         sandbox.vault_resource):
            got = sandbox.imds(resource=resource).ok().json()
            assert got["resource"] == resource and jwt_parts(got["access_token"])[1]["aud"] == resource

    def test_paths_and_encodings_of_clients(self, sandbox):
        root, resource = sandbox.imds_root, sandbox.vault_resource
        for path in (
            "/metadata/identity/oauth2/token",
            "/metadata/identity/oauth2/token/",
            "//metadata/identity/oauth2/token",
        ):
            for value in (resource, urllib.parse.quote(resource, safe="")):
                url = f"{root}{path}?api-version=2018-02-01&resource={value}"
                sandbox.http("GET", url, headers={"Metadata": "true"}).ok()

    @pytest.mark.parametrize("headers", [{}, {"Metadata": "false"}, {"Metadata": ""}, {"Metadata": "1"}])
    def test_without_the_header(self, sandbox, headers):
        for query in ({"resource": ARM}, {"api_version": None}):
            got = sandbox.imds(headers=headers, **query).ok(400).json()
            assert got["error_description"] == NO_HEADER
            assert got["error"] in ("invalid_request", "bad_request_102")

    def test_api_version(self, sandbox):
        for version in (None, "", "nonsense", "1999-01-01"):
            got = sandbox.imds(api_version=version, resource=ARM).ok(400).json()
            assert got["error"]
        for version in ("2018-02-01", "2019-08-01", "2021-02-01"):
            assert sandbox.imds(api_version=version, resource=ARM).status == 200

    def test_without_a_resource(self, sandbox):
        for query in ({}, {"resource": ""}):
            assert sandbox.imds(**query).ok(400).json()["error"] == "invalid_request"

    @pytest.mark.parametrize("how", ["client_id", "object_id", "msi_res_id", "mi_res_id"])
    @pytest.mark.parametrize("value", ["00000000-0000-0000-0000-000000000000", "nonsense", "", "/subscriptions/x"])
    def test_unknown_identities(self, sandbox, how, value):
        if value == "":
            assert sandbox.imds(resource=ARM, **{how: value}).status in (200, 400)
        else:
            assert sandbox.imds(resource=ARM, **{how: value}).ok(400).json() == NOT_FOUND

    def test_an_application_is_no_identity(self, sandbox):
        for how in ({"client_id": sandbox.endpoints["client_id"]}, {"object_id": sandbox.admin_oid}):
            assert sandbox.imds(resource=ARM, **how).ok(400).json() == NOT_FOUND

    def test_unknown_resources(self, sandbox):
        for resource in ("https://nobody.example", "nonsense", "https://vault.azure.net.evil.example"):
            got = sandbox.imds(resource=resource).ok(400).json()
            assert got["error"] == "invalid_resource" and re.match("AADSTS(50001|500011): ", got["error_description"])
            assert resource in got["error_description"]

    def test_several_identities_and_none_named(self, start_sandbox):
        """Without a system-assigned identity the only attached one answers; with two, somebody must choose."""
        sandbox = start_sandbox()
        vm = "{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox"
        one, two = sandbox.create_identity(), sandbox.create_identity()

        def attach(*ids):
            body = {"identity": {"type": "UserAssigned" if ids else "None",
                                 "userAssignedIdentities": {i["id"]: {} for i in ids} or None}}
            if not ids:
                del body["identity"]["userAssignedIdentities"]
            answer = sandbox.arm("PATCH", vm, body)
            assert answer.status in (200, 201), repr(answer)

        attach(one)
        if one["id"].lower() not in map(str.lower, sandbox.arm("GET", vm).json()["identity"]["userAssignedIdentities"]):
            pytest.fail("the identity is not attached")
        listed = sandbox.arm("GET", vm).json()["identity"]["userAssignedIdentities"]
        for id in [k for k in listed if k.lower() != one["id"].lower()]:
            sandbox.arm("PATCH", vm, {"identity": {"type": "UserAssigned", "userAssignedIdentities": {id: None}}})
        assert jwt_parts(sandbox.imds_token())[1]["oid"] == one["oid"]
        attach(one, two)
        assert sandbox.imds(resource=ARM).ok(400).json() == {
            "error": "invalid_request",
            "error_description": (
                "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in "
                "the token request"
            ),
        }
        attach()
        assert sandbox.imds(resource=ARM).ok(400).json() == NOT_FOUND

    def test_other_methods(self, sandbox):
        for method in ("POST", "PUT", "DELETE"):
            url = f"{sandbox.imds_root}/metadata/identity/oauth2/token?api-version=2018-02-01&resource={ARM}"
            answer = sandbox.http(method, url, headers={"Metadata": "true"})
            assert answer.status in (400, 401, 404, 405) and answer.json(), repr(answer)
        sandbox.imds(resource=ARM).ok()


@story("ImdsUnknownSource")
def test_paths_that_are_nobodys(sandbox):
    for path in ("/metadata/identity/nonsense", "/metadata/identity/oauth2/tokens", "/metadata/identity"):
        answer = sandbox.imds(path, resource=ARM)
        assert answer.status in (400, 401, 404) and answer.json()["error"], repr(answer)
    assert sandbox.imds("/metadata/identity/nonsense").json()["error"] == "unknown_source"


@story("ImdsGetInstance", "ImdsGetCompute")
class TestInstance:
    def test_the_machine(self, sandbox):
        got = sandbox.imds("/metadata/instance", api_version="2021-02-01").ok().json()
        compute = got["compute"]
        assert (compute["name"], compute["subscriptionId"]) == ("devbox", sandbox.endpoints["subscription"])
        assert {"azEnvironment", "location", "resourceGroupName", "resourceId", "vmId", "osType"} <= set(compute)
        part = sandbox.imds("/metadata/instance/compute", api_version="2021-02-01").ok().json()
        assert part["name"] == "devbox"
        leaf = sandbox.imds("/metadata/instance/compute/name", api_version="2021-02-01", format="text").ok()
        assert leaf.text == "devbox" and leaf.headers["Content-Type"].startswith("text/plain")

    def test_refusals(self, sandbox):
        for path in ("/metadata/instance", "/metadata/instance/compute"):
            assert sandbox.imds(path, headers={}, api_version="2021-02-01").ok(400).json()["error"]
            got = sandbox.imds(path, api_version=None).ok(400).json()
            assert got["error"].startswith("Bad request. api-version was not specified in the request.")
            assert got["newest-versions"]
            forwarded = {"Metadata": "true", "X-Forwarded-For": "10.0.0.1"}
            assert sandbox.imds(path, headers=forwarded, api_version="2021-02-01").ok(400).json()["error"]


@story("AppServiceRequestToken")
class TestAppService:
    def ask(self, sandbox, headers=None, **query):
        e = sandbox.endpoints["env"]
        endpoint = e.get("IDENTITY_ENDPOINT", sandbox.imds_root + "/msi/token")
        query = {"api-version": "2019-08-01", **query}
        url = endpoint + "?" + urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        headers = {"X-IDENTITY-HEADER": e["IDENTITY_HEADER"]} if headers is None else headers
        return sandbox.http("GET", url, headers=headers)

    def test_token(self, sandbox, identity):
        for how in (
            {"client_id": identity["client_id"]},
            {"object_id": identity["oid"]},
            {"mi_res_id": identity["id"]},
        ):
            got = self.ask(sandbox, resource=sandbox.vault_resource, **how).ok().json()
            assert {"access_token", "expires_on", "resource", "token_type", "client_id"} == set(got)
            assert got["expires_on"].isdigit() and got["token_type"] == "Bearer"
            assert got["client_id"] == identity["client_id"]
            claims = jwt_parts(got["access_token"])[1]
            assert claims["oid"] == identity["oid"] and claims["aud"] == sandbox.vault_resource
        assert self.ask(sandbox, resource=ARM).ok().json()["access_token"]

    def test_unknown_identities(self, sandbox):
        for how in ("client_id", "object_id", "mi_res_id"):
            got = self.ask(sandbox, resource=ARM, **{how: "00000000-0000-0000-0000-000000000000"}).ok(400).json()
            assert got["statusCode"] == 400
            assert got["message"] == ("No User Assigned or Delegated Managed Identity found for specified "
                                      "ClientId/ResourceId/PrincipalId.")

    @pytest.mark.parametrize("headers", [{}, {"X-IDENTITY-HEADER": ""}, {"X-IDENTITY-HEADER": "wrong"},
                                         {"Metadata": "true"}])
    def test_who_does_not_know_the_header_gets_nothing(self, sandbox, headers):
        answer = self.ask(sandbox, headers=headers, resource=ARM)
        assert answer.status in (400, 401, 403) and "access_token" not in answer.json()

    def test_refusals(self, sandbox):
        assert self.ask(sandbox, resource=None).status == 400
        assert self.ask(sandbox, resource=ARM, **{"api-version": None}).status == 400
        assert self.ask(sandbox, resource="https://nobody.example").status in (400, 500)


@story("CloudShellRequestToken")
class TestCloudShell:
    """IMDS's reply to a form; refusals as the control plane words them."""

    FORM = "application/x-www-form-urlencoded"

    def ask(self, sandbox, headers=None, path="/oauth2/token", method="POST", **form):
        headers = {"Metadata": "true", "Content-Type": self.FORM, **(headers or {})}
        body = urllib.parse.urlencode(form) if method == "POST" else None
        return sandbox.http(method, sandbox.imds_root + path, body,
                            headers={k: v for k, v in headers.items() if v is not None})

    def refused(self, sandbox, **request):
        error = self.ask(sandbox, **request).ok(400).json()["error"]
        assert set(error) == {"code", "message"}
        return error["code"], error["message"]

    def test_every_value_is_a_string(self, sandbox):
        answer = self.ask(sandbox, resource=ARM).ok()
        got = answer.json()
        assert FIELDS <= set(got) <= FIELDS | {"refresh_token"}
        assert all(isinstance(v, str) for v in got.values())
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert (got["token_type"], got["resource"]) == ("Bearer", ARM)
        assert int(got["expires_on"]) == jwt_parts(got["access_token"])[1]["exp"]

    def test_it_is_the_token_of_imds(self, sandbox, identity):
        for how in ({}, {"client_id": identity["client_id"]}):
            got = self.ask(sandbox, resource=sandbox.vault_resource, **how).ok().json()
            assert got["access_token"] == sandbox.imds_token(**how)

    @pytest.mark.parametrize("how, member", [("client_id", "client_id"), ("object_id", "oid"), ("msi_res_id", "id"),
                                             ("mi_res_id", "id")])
    def test_ways_to_name_an_identity(self, sandbox, identity, how, member):
        got = self.ask(sandbox, resource=ARM, **{how: identity[member]}).ok().json()
        assert jwt_parts(got["access_token"])[1]["oid"] == identity["oid"]
        assert got["client_id"] == identity["client_id"]

    def test_paths_and_types_of_clients(self, sandbox):
        for path in ("/oauth2/token", "/oauth2/token/", "//oauth2/token"):
            self.ask(sandbox, path=path, resource=ARM).ok()
        for type in (self.FORM + "; charset=utf-8", self.FORM + ";charset=UTF-8", self.FORM.upper()):
            self.ask(sandbox, headers={"Content-Type": type}, resource=ARM).ok()

    @pytest.mark.parametrize("sent", [None, "false", "", "1"])
    def test_without_the_header(self, sandbox, sent):
        for form in ({"resource": ARM}, {}):
            assert self.refused(sandbox, headers={"Metadata": sent}, **form) == ("bad_request_102", NO_HEADER)

    def test_forwarded(self, sandbox):
        code, _ = self.refused(sandbox, headers={"X-Forwarded-For": "10.0.0.1"}, resource=ARM)
        assert code == "bad_request"

    @pytest.mark.parametrize("type", [None, "", "application/json", "text/plain", "multipart/form-data; boundary=x",
                                      "application/x-www-form-urlencoded-not"])
    def test_what_is_no_form(self, sandbox, type):
        headers = {"Metadata": "true", **({} if type is None else {"Content-Type": type})}
        answer = sandbox.http("POST", sandbox.imds_root + "/oauth2/token", None if type is None else f"resource={ARM}",
                              headers=headers)
        assert answer.ok(400).json()["error"]["code"] == "invalid_request"
        assert self.FORM in answer.json()["error"]["message"]

    def test_without_a_resource(self, sandbox):
        for form in ({}, {"resource": ""}, {"Resource": ARM}):
            code, message = self.refused(sandbox, **form)
            assert code == "invalid_request" and "'resource'" in message
        assert self.refused(sandbox, path="/oauth2/token?" + urllib.parse.urlencode({"resource": ARM}))

    @pytest.mark.parametrize("how", ["client_id", "object_id", "msi_res_id", "mi_res_id"])
    @pytest.mark.parametrize("value", ["00000000-0000-0000-0000-000000000000", "nonsense", "/subscriptions/x", "\0"])
    def test_unknown_identities(self, sandbox, how, value):
        assert self.refused(sandbox, resource=ARM, **{how: value}) == ("invalid_request", "Identity not found")

    def test_an_application_is_no_identity(self, sandbox):
        for how in ({"client_id": sandbox.endpoints["client_id"]}, {"object_id": sandbox.admin_oid}):
            assert self.refused(sandbox, resource=ARM, **how) == ("invalid_request", "Identity not found")

    def test_unknown_resources(self, sandbox):
        for resource in ("https://nobody.example", "nonsense"):
            code, message = self.refused(sandbox, resource=resource)
            assert code == "invalid_resource" and message.startswith("AADSTS50001: ") and resource in message

    def test_other_methods(self, sandbox):
        for method in ("GET", "PUT", "DELETE"):
            assert self.ask(sandbox, method=method).ok(405).json()["error"]["code"] == "MethodNotAllowed"
        self.ask(sandbox, resource=ARM).ok()

    def test_it_is_not_at_sign_in(self, sandbox):
        self.ask(sandbox, resource=ARM).ok()
        answer = sandbox.http("POST", sandbox.login_root + "/oauth2/token", f"resource={ARM}",
                              headers={"Metadata": "true", "Content-Type": self.FORM})
        assert answer.status == 404, repr(answer)
