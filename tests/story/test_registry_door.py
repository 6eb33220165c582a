"""A registry's front door: sign-in, blobs, manifests, lists, refusals; the customer's key lost in each way and found again."""

import contextlib
import http.client
import json
import os
import re
import subprocess

import pytest
from control import Control
from registries import VERBS, Registry, encrypted, encryption, unversioned, user_assigned
from registry_door import (
    INDEX, LAYER, MANIFEST, TOKEN_USER, Door, basic, descriptor, digest, manifest_of, problem,
)
from roles import grant, put_assignment, revoke
from sandbox import ARM
from stories import story

AUTHENTICATE = "authentication required, visit https://aka.ms/acr/authorization for more information."
MIB = 1 << 20


@pytest.fixture(scope="session")
def plain(sandbox):
    """The door of a registry without a customer's key; tests use repositories of their own."""
    registry = Registry(sandbox)
    registry.create().ok(201)
    return Door(registry)


def repository(sandbox):
    return sandbox.unique("team/app-")


def noise(n, seed=1):
    """n bytes that do not repeat."""
    return (b"".join(i.to_bytes(4, "big") for i in range(seed, seed + n // 4 + 1)))[:n]


class TestSignIn:
    @story("RegistryPing")
    def test_strangers_are_told_where_to_go(self, plain):
        answer = plain.http("GET", "/v2/").ok(401)
        assert answer.headers["WWW-Authenticate"] == (
            f'Bearer realm="https://{plain.host}/oauth2/token",service="{plain.host}"')
        assert problem(answer)[1:] == ("UNAUTHORIZED", AUTHENTICATE)
        answer = plain.http("GET", "/v2/team/a/manifests/1")
        assert answer.headers["WWW-Authenticate"].endswith(',scope="repository:team/a:pull"')
        assert answer.json()["errors"][0]["detail"] is None

    @story("RegistryPing", "RegistryGetToken")
    def test_with_name_and_password(self, plain):
        token = plain.token("repository:a:pull,push")
        assert plain.http("GET", "/v2/", token=token).ok().body == b"{}"
        assert plain.http("HEAD", "/v2/", token=token).ok().body == b""
        plain.http("GET", "/v2/", headers=basic(*plain.admin)).ok()

    @story("RegistryExchangeToken", "RegistryRequestToken")
    def test_with_a_token_of_the_cloud(self, plain):
        """az acr login --expose-token."""
        refresh = plain.refresh_token()
        answer = plain.post("/oauth2/token", grant_type="refresh_token", service=plain.host,
                            scope="repository:a:pull repository:b:push", refresh_token=refresh).ok()
        assert list(answer.json()) == ["access_token"]
        plain.http("GET", "/v2/", token=answer.json()["access_token"]).ok()
        plain.http("GET", "/v2/", token=plain.token("repository:a:pull", user=TOKEN_USER, password=refresh)).ok()
        again = plain.post("/oauth2/token", grant_type="password", username=TOKEN_USER, password=refresh,
                           service=plain.host)
        plain.http("GET", "/v2/", token=again.ok().json()["access_token"]).ok()

    @pytest.mark.parametrize("who", ["nobody", "a stranger", "a wrong secret", "not base64", "no colon", "an access token"])
    def test_refused(self, plain, who):
        headers = {
            "nobody": {}, "a stranger": basic("11111111-2222-4333-8444-555555555555", "x"),
            "a wrong secret": basic(plain.admin[0], "x"), "not base64": {"Authorization": "Basic ####"},
            "no colon": {"Authorization": "Basic YWJj"},
            "an access token": basic(TOKEN_USER, plain.token("repository:a:pull"))}[who]
        assert problem(plain.request_token("repository:a:pull", headers=headers)) == (401, "UNAUTHORIZED", AUTHENTICATE)

    @pytest.mark.parametrize("form", [
        {"grant_type": "access_token", "access_token": "x"}, {"grant_type": "access_token"}])
    def test_exchange_refused(self, plain, form):
        assert problem(plain.post("/oauth2/exchange", **form))[:2] == (401, "UNAUTHORIZED")

    @pytest.mark.parametrize("path", ["/oauth2/exchange", "/oauth2/token"])
    def test_unknown_grant(self, plain, path):
        assert problem(plain.post(path, grant_type="authorization_code"))[:2] == (400, "UNSUPPORTED")

    def test_a_vault_s_token_is_no_registry_s(self, plain):
        answer = plain.post("/oauth2/exchange", grant_type="access_token",
                            access_token=plain.sandbox.vault_admin_token())
        assert problem(answer)[:2] == (401, "UNAUTHORIZED")

    def test_tokens_are_of_one_registry(self, sandbox, plain):
        other = Registry(sandbox)
        other.create().ok(201)
        answer = Door(other).http("GET", "/v2/", token=plain.token("repository:a:pull"))
        assert answer.status == 401 and 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    def test_tokens_end(self, start_sandbox):
        sandbox = start_sandbox()
        registry = Registry(sandbox)
        registry.create().ok(201)
        door, control = Door(registry), Control(sandbox)
        token, refresh = door.token("repository:a:pull"), door.refresh_token()
        control.advance("PT75M")
        assert door.http("GET", "/v2/", token=token).status == 401
        door.token("repository:a:pull", user=TOKEN_USER, password=refresh)
        control.advance("PT2H")
        assert door.request_token("repository:a:pull", user=TOKEN_USER, password=refresh).status == 401

    @pytest.mark.parametrize("spoil", [lambda t: t[:-4] + "AAAA", lambda t: t[1:], lambda t: "", lambda t: "a.b.c"])
    def test_a_token_somebody_changed(self, plain, spoil):
        answer = plain.http("GET", "/v2/", token=spoil(plain.token("repository:a:pull")))
        assert problem(answer)[:2] == (401, "UNAUTHORIZED")

    def test_no_such_registry(self, sandbox, plain):
        url = plain.url.replace(plain.registry.name.lower(), "nobodyhasthis")
        assert problem(sandbox.http("GET", url + "/v2/"))[:2] == (404, "NAME_UNKNOWN")


class Member:
    """An identity, with a role at the registry unless it is None, that signs in as az acr login does."""

    def __init__(self, door, role, scope=None):
        self.door, sandbox = door, door.sandbox
        self.identity = sandbox.create_identity()
        self.given = role and grant(sandbox, scope or door.registry.path, role, self.identity["oid"])
        self.refresh = door.refresh_token(sandbox.imds_token(ARM, client_id=self.identity["client_id"]))

    def token(self, *scopes):
        return self.door.token(*scopes, user=TOKEN_USER, password=self.refresh)


class TestRoles:
    ROWS = [  # role, pull, push, delete
        ("AcrPull", True, False, False), ("AcrPush", True, True, False), ("AcrDelete", False, False, True),
        ("Reader", True, False, False), ("Contributor", True, True, True), (None, False, False, False)]

    @pytest.mark.parametrize("role,pull,push,delete", ROWS, ids=[str(r[0]) for r in ROWS])
    def test_what_a_role_gives(self, plain, role, pull, push, delete):
        app = repository(plain.sandbox)
        plain.push(app)
        member = Member(plain, role)
        token = member.token(f"repository:{app}:*", "registry:catalog:*")
        for allowed, good, method, path in (
                (pull, 200, "GET", "/manifests/1"), (pull, 200, "GET", "/blobs/" + digest(b"{}")),
                (pull, 200, "GET", "/tags/list"), (push, 202, "POST", "/blobs/uploads/"),
                (delete, 202, "DELETE", "/manifests/1")):
            answer = plain.http(method, f"/v2/{app}{path}", token=token)
            assert answer.status == (good if allowed else 401), (method, path, answer)
        assert plain.http("GET", "/v2/_catalog", token=token).status == (200 if pull else 401)

    def test_at_the_group(self, plain):
        member = Member(plain, "AcrPull", "{sub}/resourceGroups/" + plain.registry.group)
        assert plain.http("GET", "/v2/_catalog", token=member.token("registry:catalog:*")).status == 200

    def test_a_token_has_what_was_asked_for(self, plain):
        token = plain.token("repository:one:pull")
        answer = plain.http("POST", "/v2/one/blobs/uploads/", b"", token=token)
        assert problem(answer)[:2] == (401, "UNAUTHORIZED")
        assert answer.headers["WWW-Authenticate"].endswith(
            ',scope="repository:one:pull,push",error="insufficient_scope"')
        assert answer.json()["errors"][0]["detail"] == [{"Type": "repository", "Name": "one", "Action": "push"}]
        assert plain.http("GET", "/v2/two/tags/list", token=token).status == 401
        assert plain.http("GET", "/v2/_catalog", token=token).headers["WWW-Authenticate"].endswith(
            ',scope="registry:catalog:*",error="insufficient_scope"')
        assert plain.http("GET", "/v2/one/tags/list", token=token).status == 404

    def test_a_role_taken_back_counts_at_once(self, plain):
        member = Member(plain, "AcrPull")
        token = member.token("registry:catalog:*", "repository:a:pull")
        plain.http("GET", "/v2/_catalog", token=token).ok()
        revoke(plain.sandbox, member.given)
        control, since = Control(plain.sandbox), Control(plain.sandbox).now()
        answer = plain.http("GET", "/v2/_catalog", token=token)
        assert problem(answer) == (403, "DENIED", "requested access to the resource is denied")
        line = control.audit(since, operation="RegistryListRepositories")[-1]
        assert line["resultSignature"] == "Forbidden" and line["properties"]["reason"] == "no-role-assignment", line

    def test_an_identity_that_is_gone(self, plain):
        member = Member(plain, "AcrPull")
        token = member.token("registry:catalog:*")
        plain.sandbox.arm("DELETE", member.identity["id"]).ok()
        assert plain.http("GET", "/v2/_catalog", token=token).status == 401

    def test_everybody_pulls_where_the_registry_says_so(self, sandbox):
        registry = Registry(sandbox)
        registry.create(anonymousPullEnabled=True).ok(201)
        door = Door(registry)
        door.push("open/app")
        token = door.token("repository:open/app:pull,push", headers={})
        door.http("GET", "/v2/open/app/manifests/1", token=token).ok()
        door.http("GET", "/v2/open/app/tags/list", token=token).ok()
        assert door.http("POST", "/v2/open/app/blobs/uploads/", b"", token=token).status == 401
        assert door.http("GET", "/v2/_catalog", token=token).status == 401
        registry.ask("PATCH", {"properties": {"anonymousPullEnabled": False}}).ok()
        assert door.http("GET", "/v2/open/app/manifests/1", token=token).status == 403
        assert door.request_token("repository:open/app:pull", headers={}).status == 401


class TestBlobs:
    @story("RegistryStartUpload", "RegistryGetBlob", "RegistryCheckBlob")
    def test_in_one_go(self, plain):
        app, data = repository(plain.sandbox), noise(3000)
        answer = plain.push_blob(app, data)
        assert answer.headers["Location"] == f"/v2/{app}/blobs/{digest(data)}"
        assert answer.headers["Docker-Content-Digest"] == digest(data)
        got = plain.ask("GET", answer.headers["Location"]).ok()
        assert got.body == data and got.headers["Docker-Content-Digest"] == digest(data)
        head = plain.ask("HEAD", answer.headers["Location"]).ok()
        assert head.headers["Content-Length"] == "3000" and head.body == b""

    @story("RegistryStartUpload", "RegistryAppendUpload", "RegistryGetUpload", "RegistryFinishUpload")
    def test_in_chunks(self, plain):
        app, data = repository(plain.sandbox), noise(5 * MIB + 17)
        start = plain.ask("POST", f"/v2/{app}/blobs/uploads/", b"").ok(202)
        where, name = start.headers["Location"], start.headers["Docker-Upload-UUID"]
        assert where == f"/v2/{app}/blobs/uploads/{name}" and start.headers["Range"] == "0-0"
        at = 0
        for size in (1, MIB - 1, 2 * MIB + 5, 100):
            answer = plain.ask("PATCH", where, data[at:at + size], {
                "Content-Type": "application/octet-stream", "Content-Range": f"{at}-{at + size - 1}"}).ok(202)
            at += size
            assert answer.headers["Range"] == f"0-{at - 1}" and answer.headers["Location"] == where
        state = plain.ask("GET", where).ok(204)
        assert state.headers["Range"] == f"0-{at - 1}" and state.headers["Docker-Upload-UUID"] == name
        done = plain.ask("PUT", f"{where}?digest={digest(data)}", data[at:]).ok(201)
        assert done.headers["Location"] == f"/v2/{app}/blobs/{digest(data)}"
        assert plain.ask("GET", done.headers["Location"]).ok().body == data
        assert problem(plain.ask("GET", where))[:2] == (404, "BLOB_UPLOAD_UNKNOWN")

    def test_ranges(self, plain):
        app, data = repository(plain.sandbox), noise(3 * MIB)
        plain.push_blob(app, data)
        path = f"/v2/{app}/blobs/{digest(data)}"
        for asked, first, last in (("0-0", 0, 0), ("5-9", 5, 9), (f"{MIB - 3}-{MIB + 3}", MIB - 3, MIB + 3),
                                   (f"{2 * MIB + 1}-", 2 * MIB + 1, 3 * MIB - 1), ("-7", 3 * MIB - 7, 3 * MIB - 1),
                                   ("1-99999999", 1, 3 * MIB - 1)):
            answer = plain.ask("GET", path, headers={"Range": f"bytes={asked}"}).ok(206)
            assert answer.body == data[first:last + 1]
            assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(data)}"
        assert problem(plain.ask("GET", path, headers={"Range": f"bytes={3 * MIB}-"}))[:2] == (416, "RANGE_INVALID")
        for asked in ("bytes=x-y", "lines=1-2", "bytes=5"):
            assert plain.ask("GET", path, headers={"Range": asked}).ok().body == data

    def test_nothing_at_all(self, plain):
        app = repository(plain.sandbox)
        plain.push_blob(app, b"")
        assert plain.ask("GET", f"/v2/{app}/blobs/{digest(b'')}").ok().body == b""

    def test_many_on_the_way_at_once(self, plain):
        """Steps of one do not disturb the others."""
        app = repository(plain.sandbox)
        blobs = [noise(700000, seed=7 * n + 1) for n in range(4)]
        token = plain.token(f"repository:{app}:pull,push")
        where = [plain.http("POST", f"/v2/{app}/blobs/uploads/", b"", token=token).ok(202).headers["Location"]
                 for _ in blobs]
        for half in (0, 1):
            for place, blob in zip(where, blobs):
                plain.http("PATCH", place, blob[half * 350000:(half + 1) * 350000], token=token).ok(202)
        for place, blob in zip(where, blobs):
            plain.http("PUT", f"{place}?digest={digest(blob)}", b"", token=token).ok(201)
            assert plain.http("GET", f"/v2/{app}/blobs/{digest(blob)}", token=token).ok().body == blob

    @story("RegistryCancelUpload")
    def test_given_up(self, plain):
        app = repository(plain.sandbox)
        where = plain.ask("POST", f"/v2/{app}/blobs/uploads/", b"").ok(202).headers["Location"]
        plain.ask("PATCH", where, b"some").ok(202)
        plain.ask("DELETE", where).ok(204)
        assert problem(plain.ask("PATCH", where, b"more"))[:2] == (404, "BLOB_UPLOAD_UNKNOWN")

    def test_forgotten_after_a_day(self, start_sandbox):
        sandbox = start_sandbox()
        registry = Registry(sandbox)
        registry.create().ok(201)
        door = Door(registry)
        where = door.ask("POST", "/v2/app/blobs/uploads/", b"").ok(202).headers["Location"]
        Control(sandbox).advance("PT23H59M")
        door.ask("GET", where).ok(204)
        Control(sandbox).advance("PT2M")
        assert problem(door.ask("GET", where))[:2] == (404, "BLOB_UPLOAD_UNKNOWN")
        door.ask("POST", "/v2/app/blobs/uploads/", b"").ok(202)

    def test_from_another_repository(self, plain):
        one, two, data = repository(plain.sandbox), repository(plain.sandbox), noise(99)
        plain.push_blob(one, data)
        mount = f"/v2/{two}/blobs/uploads/?mount={digest(data)}&from={one}"
        narrow = plain.token(f"repository:{two}:pull,push")
        assert plain.http("POST", mount, b"", token=narrow).status == 202, "it may not read there"
        assert plain.ask("HEAD", f"/v2/{two}/blobs/{digest(data)}").status == 404
        wide = plain.token(f"repository:{two}:pull,push", f"repository:{one}:pull")
        answer = plain.http("POST", mount, b"", token=wide).ok(201)
        assert answer.headers["Location"] == f"/v2/{two}/blobs/{digest(data)}"
        assert plain.ask("GET", answer.headers["Location"]).ok().body == data
        assert plain.http("POST", mount.replace(digest(data), digest(b"?")), b"", token=wide).status == 202

    @story("RegistryDeleteBlob")
    def test_deleted_here_kept_there(self, plain):
        one, two, data = repository(plain.sandbox), repository(plain.sandbox), noise(200)
        for app in (one, two):
            plain.push_blob(app, data)
        plain.ask("DELETE", f"/v2/{one}/blobs/{digest(data)}").ok(202)
        assert problem(plain.ask("GET", f"/v2/{one}/blobs/{digest(data)}"))[:2] == (404, "BLOB_UNKNOWN")
        assert plain.ask("GET", f"/v2/{two}/blobs/{digest(data)}").ok().body == data
        plain.ask("DELETE", f"/v2/{two}/blobs/{digest(data)}").ok(202)
        assert plain.ask("DELETE", f"/v2/{two}/blobs/{digest(data)}").status == 404

    REFUSED = [  # method, path below the repository, body, headers, status, code
        ("POST", "/blobs/uploads/?digest=sha256:00", b"x", {}, 400, "DIGEST_INVALID"),
        ("POST", "/blobs/uploads/?digest=" + digest(b"other"), b"x", {}, 400, "DIGEST_INVALID"),
        ("POST", "/blobs/uploads/?digest=sha512:" + 128 * "0", b"x", {}, 400, "DIGEST_INVALID"),
        ("PUT", "{upload}", b"x", {}, 400, "DIGEST_INVALID"),
        ("PUT", "{upload}?digest=" + digest(b"other"), b"x", {}, 400, "DIGEST_INVALID"),
        ("PATCH", "{upload}", b"x", {"Content-Range": "5-5"}, 416, "BLOB_UPLOAD_INVALID"),
        ("PATCH", "{upload}", b"x", {"Content-Range": "0-5"}, 416, "BLOB_UPLOAD_INVALID"),
        ("PATCH", "{upload}", b"x", {"Content-Range": "all"}, 400, "BLOB_UPLOAD_INVALID"),
        ("PATCH", "/blobs/uploads/nothing", b"x", {}, 404, "BLOB_UPLOAD_UNKNOWN"),
        ("PATCH", "/blobs/uploads/11111111-2222-4333-8444-555555555555", b"x", {}, 404, "BLOB_UPLOAD_UNKNOWN"),
        ("GET", "/blobs/nothing", None, {}, 400, "DIGEST_INVALID"),
        ("GET", "/blobs/SHA256:" + 64 * "a", None, {}, 400, "DIGEST_INVALID"),
        ("GET", "/blobs/sha256:" + 64 * "A", None, {}, 400, "DIGEST_INVALID"),
        ("GET", "/blobs/sha256:" + 64 * "a", None, {}, 404, "BLOB_UNKNOWN"),
        ("DELETE", "/blobs/sha256:" + 64 * "a", None, {}, 404, "BLOB_UNKNOWN"),
        ("POST", "/blobs/sha256:" + 64 * "a", None, {}, 405, "UNSUPPORTED"),
        ("GET", "/nothing/at/all", None, {}, 404, "NOT_FOUND"),
    ]

    @pytest.mark.parametrize("method,path,body,headers,status,code", REFUSED)
    def test_refused(self, plain, method, path, body, headers, status, code):
        app = repository(plain.sandbox)
        where = plain.ask("POST", f"/v2/{app}/blobs/uploads/", b"").ok(202).headers["Location"]
        whole = path.replace("{upload}", where) if "{upload}" in path else f"/v2/{app}{path}"
        assert problem(plain.ask(method, whole, body, headers))[:2] == (status, code)

    @pytest.mark.parametrize("name", ["Upper", "a//b", "a/", "-a", "a..b", "a___b", "a" * 256, "%20", "a/-b"])
    def test_names_nobody_may_have(self, plain, name):
        answer = plain.http("GET", f"/v2/{name}/tags/list", token=plain.token("repository:a:pull"))
        assert answer.status in (400, 401, 404)
        if answer.status == 400:
            assert problem(answer)[1] == "NAME_INVALID"

    @pytest.mark.parametrize("name", ["a", "a-b", "a--b", "a__b", "a.b/c_d/e0", "a" * 255])
    def test_names_one_may_have(self, plain, name):
        assert problem(plain.ask("GET", f"/v2/{name}/tags/list"))[:2] == (404, "NAME_UNKNOWN")
