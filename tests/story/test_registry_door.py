"""A registry's front door: sign-in, blobs, manifests, lists, refusals; the customer's key lost in each way and found again."""

import http.client
import json
import re

import pytest
from control import Control
from registries import VERBS, Registry, encrypted, encryption, unversioned, user_assigned
from registry_door import (
    INDEX, MANIFEST, TOKEN_USER, Door, basic, descriptor, digest, manifest_of, problem,
)
from roles import grant, revoke
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
        control = Control(plain.sandbox)
        since = control.now()
        answer = plain.http("POST", "/v2/one/blobs/uploads/", b"", token=token)
        assert control.audit(since)[-1]["decision"] == {"verdict": "deny", "reason": "token-scope"}
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
        assert line["resultSignature"] == "Forbidden" and line["decision"]["reason"] == "no-role-assignment", line

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


@story("RegistryPutManifest", "RegistryGetManifest", "RegistryCheckManifest", "RegistryDeleteManifest")
class TestManifests:
    def test_by_tag_and_by_digest(self, plain):
        app = repository(plain.sandbox)
        manifest = plain.push(app, "v1", layers=[noise(50)])
        again = plain.put_manifest(app, "latest", manifest).ok(201)
        assert again.headers["Docker-Content-Digest"] == digest(manifest)
        assert again.headers["Location"] == f"/v2/{app}/manifests/{digest(manifest)}"
        plain.put_manifest(app, digest(manifest), manifest).ok(201)
        for reference in ("v1", "latest", digest(manifest)):
            got = plain.ask("GET", f"/v2/{app}/manifests/{reference}").ok()
            assert got.body == manifest and got.headers["Content-Type"] == MANIFEST
            assert got.headers["Docker-Content-Digest"] == digest(manifest)
            head = plain.ask("HEAD", f"/v2/{app}/manifests/{reference}").ok()
            assert head.headers["Content-Length"] == str(len(manifest)) and head.headers["Content-Type"] == MANIFEST

    def test_docker_s_media_type_and_an_index(self, plain):
        app, docker = repository(plain.sandbox), "application/vnd.docker.distribution.manifest.v2+json"
        plain.push(app)
        body = json.loads(manifest_of(b"{}", b"layer")) | {"mediaType": docker}
        one = json.dumps(body).encode()
        plain.put_manifest(app, "docker", one, docker).ok(201)
        assert plain.ask("GET", f"/v2/{app}/manifests/docker").headers["Content-Type"] == docker
        index = json.dumps({"schemaVersion": 2, "manifests": [descriptor(one, docker)]}).encode()
        plain.put_manifest(app, "index", index, INDEX + "; charset=utf-8").ok(201)
        got = plain.ask("GET", f"/v2/{app}/manifests/index").ok()
        assert got.headers["Content-Type"] == INDEX and got.body == index

    def test_a_tag_moves(self, plain):
        app = repository(plain.sandbox)
        plain.push(app, layers=[b"one"])
        second = plain.push(app, layers=[b"two"])
        assert plain.ask("GET", f"/v2/{app}/manifests/1").ok().body == second

    def test_deleted(self, plain):
        app = repository(plain.sandbox)
        manifest = plain.push(app, "a")
        for tag in "bcd":
            plain.put_manifest(app, tag, manifest).ok(201)
        plain.ask("DELETE", f"/v2/{app}/manifests/b").ok(202)
        assert problem(plain.ask("GET", f"/v2/{app}/manifests/b")) == (
            404, "MANIFEST_UNKNOWN", 'manifest tagged by "b" is not found')
        assert plain.ask("GET", f"/v2/{app}/tags/list").json()["tags"] == ["a", "c", "d"]
        plain.ask("DELETE", f"/v2/{app}/manifests/{digest(manifest)}").ok(202)
        for reference in ("a", digest(manifest)):
            assert problem(plain.ask("GET", f"/v2/{app}/manifests/{reference}"))[:2] == (404, "MANIFEST_UNKNOWN")
        assert problem(plain.ask("GET", f"/v2/{app}/tags/list"))[:2] == (404, "NAME_UNKNOWN")

    REFUSED = [  # reference, body, media type, code
        ("1", b"{", MANIFEST, "MANIFEST_INVALID"), ("1", b"", MANIFEST, "MANIFEST_INVALID"),
        ("1", b"[]", MANIFEST, "MANIFEST_INVALID"), ("1", b'{"schemaVersion":1}', MANIFEST, "MANIFEST_INVALID"),
        ("1", b'{"schemaVersion":2}', "application/json", "MANIFEST_INVALID"),
        ("1", b'{"schemaVersion":2}', MANIFEST, "MANIFEST_INVALID"),
        ("1", b'{"schemaVersion":2}', INDEX, "MANIFEST_INVALID"),
        ("1", json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode(), MANIFEST, "MANIFEST_INVALID"),
        ("1", manifest_of(b"nobody has this"), MANIFEST, "MANIFEST_BLOB_UNKNOWN"),
        ("1", manifest_of(b"{}", b"nor this"), MANIFEST, "MANIFEST_BLOB_UNKNOWN"),
        ("1", json.dumps({"schemaVersion": 2, "manifests": [descriptor(b"?", MANIFEST)]}).encode(), INDEX,
         "MANIFEST_UNKNOWN"),
        ("sha256:" + 64 * "0", manifest_of(b"{}"), MANIFEST, "DIGEST_INVALID"),
        ("sha256:0", manifest_of(b"{}"), MANIFEST, "DIGEST_INVALID"),
        (".tag", manifest_of(b"{}"), MANIFEST, "TAG_INVALID"), ("t" * 129, manifest_of(b"{}"), MANIFEST, "TAG_INVALID"),
    ]

    @pytest.mark.parametrize("reference,body,media_type,code", REFUSED)
    def test_refused(self, plain, reference, body, media_type, code):
        app = repository(plain.sandbox)
        plain.push_blob(app, b"{}")
        assert problem(plain.put_manifest(app, reference, body, media_type))[:2] == (400, code)
        assert plain.ask("GET", f"/v2/{app}/tags/list").status == 404


class TestLists:
    @story("RegistryListTags")
    def test_tags_by_pages(self, plain):
        app = repository(plain.sandbox)
        manifest = plain.push(app, "a")
        for tag in ("b", "c-1", "c.2", "d"):
            plain.put_manifest(app, tag, manifest).ok(201)
        answer = plain.ask("GET", f"/v2/{app}/tags/list").ok()
        assert answer.json() == {"name": app, "tags": ["a", "b", "c-1", "c.2", "d"]} and "Link" not in answer.headers
        seen, path = [], f"/v2/{app}/tags/list?n=2"
        while path:
            answer = plain.http("GET", path, token=plain.token(f"repository:{app}:metadata_read")).ok()
            seen.append(answer.json()["tags"])
            path = (re.match(r'<(.*)>; rel="next"$', answer.headers.get("Link", "")) or [None, None])[1]
        assert seen == [["a", "b"], ["c-1", "c.2"], ["d"]]

    @story("RegistryListRepositories")
    def test_repositories(self, sandbox):
        registry = Registry(sandbox)
        registry.create().ok(201)
        door = Door(registry)
        assert door.ask("GET", "/v2/_catalog").ok().json() == {"repositories": []}
        for app in ("team/b", "team/a", "zoo", "team"):
            door.push(app)
        assert door.ask("GET", "/v2/_catalog").ok().json() == {"repositories": ["team", "team/a", "team/b", "zoo"]}
        token = door.token("registry:catalog:*")
        page = door.http("GET", "/v2/_catalog?n=2&last=team", token=token).ok()
        assert page.json() == {"repositories": ["team/a", "team/b"]}
        assert page.headers["Link"] == '</v2/_catalog?last=team%2Fb&n=2&orderby=>; rel="next"'
        assert problem(door.http("GET", "/v2/_catalog?n=many", token=token))[:2] == (400, "PAGINATION_NUMBER_INVALID")

    def test_a_name_that_comes_again_has_nothing_of_the_former(self, sandbox):
        registry = Registry(sandbox)
        registry.create().ok(201)
        door = Door(registry)
        door.push("app")
        token = door.token("repository:app:pull")
        registry.ask("DELETE")
        assert door.http("GET", "/v2/", token=token).status == 404
        registry.create().ok(201)
        assert door.http("GET", "/v2/app/manifests/1", token=token).status == 401
        assert door.ask("GET", "/v2/_catalog").ok().json() == {"repositories": []}


def chunked(door, path, token, blocks, expect=False):
    """PATCH with a chunked body, as skopeo and Docker send it; status and headers."""
    sock = door.sandbox.raw(door.url)
    head = (f"PATCH {path} HTTP/1.1\r\nHost: {door.host}\r\nAuthorization: Bearer {token}\r\n"
            "Transfer-Encoding: chunked\r\n" + ("Expect: 100-continue\r\n" if expect else "") + "\r\n")
    sock.sendall(head.encode())
    if expect:
        assert sock.recv(4096).startswith(b"HTTP/1.1 100 ")
    for block in blocks:
        sock.sendall(b"%x\r\n%b\r\n" % (len(block), block))
    sock.sendall(b"0\r\n\r\n")
    answer = http.client.HTTPResponse(sock, method="PATCH")
    answer.begin()
    answer.read()
    sock.close()
    return answer


class TestLargeBodies:
    @pytest.mark.parametrize("expect", [False, True], ids=["", "100-continue"])
    def test_a_chunked_layer(self, plain, expect):
        app = repository(plain.sandbox)
        token = plain.token(f"repository:{app}:pull,push")
        where = plain.http("POST", f"/v2/{app}/blobs/uploads/", b"", token=token).ok(202).headers["Location"]
        data = noise(9 * MIB)
        answer = chunked(plain, where, token, [data[:5], data[5:3 * MIB], data[3 * MIB:]], expect)
        assert answer.status == 202 and answer.headers["Range"] == f"0-{len(data) - 1}"
        plain.http("PUT", f"{where}?digest={digest(data)}", b"", token=token).ok(201)
        assert plain.ask("GET", f"/v2/{app}/blobs/{digest(data)}").ok().body == data

    def test_one_of_64_mib_and_one_of_more(self, plain):
        app = repository(plain.sandbox)
        data = b"x" * (64 * MIB)
        plain.push_blob(app, data)
        answer = plain.ask("HEAD", f"/v2/{app}/blobs/{digest(data)}").ok()
        assert answer.headers["Content-Length"] == str(len(data))
        more = plain.http("POST", f"/v2/{app}/blobs/uploads/?digest={digest(data)}", data + b"x",
                          token=plain.token(f"repository:{app}:push"))
        assert (more.status, more.json()["errors"][0]["code"]) == (413, "SIZE_INVALID")

    def test_the_others_doors_take_as_little_as_ever(self, plain, vault):
        """Whatever name TLS is asked for."""
        sock = plain.sandbox.raw(plain.url)
        body = b"{" + b" " * MIB + b"}"
        sock.sendall(f"POST /keys/k/create?api-version=7.5 HTTP/1.1\r\nHost: {vault.host}\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        assert answer.status == 413 and json.loads(answer.read())["error"]["code"] == "RequestEntityTooLarge"
        sock.close()

    def test_clients_that_leave(self, start_sandbox):
        """In the middle of a blob, and of an upload: nothing is left of them, and vaultd ends in peace."""
        sandbox = start_sandbox()
        registry = Registry(sandbox)
        registry.create().ok(201)
        door = Door(registry)
        data = noise(24 * MIB)
        door.push_blob("app", data)
        token = door.token("repository:app:pull,push")
        where = door.http("POST", "/v2/app/blobs/uploads/", b"", token=token).ok(202).headers["Location"]
        socks = []
        for left_open in (False, True):
            for request in (f"GET /v2/app/blobs/{digest(data)} HTTP/1.1\r\nHost: {door.host}\r\n"
                            f"Authorization: Bearer {token}\r\n\r\n",
                            f"PATCH {where} HTTP/1.1\r\nHost: {door.host}\r\nAuthorization: Bearer {token}\r\n"
                            "Content-Length: 5000000\r\n\r\n" + "x" * 2000000):
                socks.append(sandbox.raw(door.url))
                socks[-1].sendall(request.encode())
                if request.startswith("GET"):
                    assert socks[-1].recv(15) == b"HTTP/1.1 200 OK"
                if not left_open:
                    socks.pop().close()
        assert door.http("GET", where, token=token).ok(204).headers["Range"] == "0-0"
        assert door.http("GET", f"/v2/app/blobs/{digest(data)}", token=token).ok().body == data
        for sock in socks:
            sock.close()

    def test_deleted_while_it_is_sent(self, plain):
        """The reply ends before its time, so that nobody takes a part for the whole."""
        app, data = repository(plain.sandbox), noise(24 * MIB, seed=3)
        plain.push_blob(app, data)
        sock = plain.sandbox.raw(plain.url)
        sock.sendall(f"GET /v2/{app}/blobs/{digest(data)} HTTP/1.1\r\nHost: {plain.host}\r\n"
                     f"Authorization: Bearer {plain.token(f'repository:{app}:pull')}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        assert answer.status == 200 and answer.headers["Content-Length"] == str(len(data))
        plain.ask("DELETE", f"/v2/{app}/blobs/{digest(data)}").ok(202)
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        sock.close()

    def test_two_at_one_upload(self, plain):
        """One of them wins each time; what the other sent is not mixed in."""
        app = repository(plain.sandbox)
        token = plain.token(f"repository:{app}:pull,push")
        where = plain.http("POST", f"/v2/{app}/blobs/uploads/", b"", token=token).ok(202).headers["Location"]
        socks = [plain.sandbox.raw(plain.url) for _ in range(2)]
        for n, sock in enumerate(socks):
            body = bytes([65 + n]) * 900000
            sock.sendall(f"PATCH {where} HTTP/1.1\r\nHost: {plain.host}\r\nAuthorization: Bearer {token}\r\n"
                         f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        statuses = []
        for sock in socks:
            answer = http.client.HTTPResponse(sock)
            answer.begin()
            answer.read()
            statuses.append(answer.status)
            sock.close()
        assert sorted(statuses) in ([202, 202], [202, 409]), statuses
        got = plain.http("GET", where, token=token).ok(204).headers["Range"]
        assert got == f"0-{900000 * statuses.count(202) - 1}"

    def test_what_is_no_upload_is_small(self, plain):
        answer = plain.http("POST", "/oauth2/token", b"x" * (2 * MIB))
        assert problem(answer)[:2] == (413, "SIZE_INVALID")


class TestNetwork:
    @pytest.mark.parametrize("change", [
        {"publicNetworkAccess": "Disabled"}, {"networkRuleSet": {"defaultAction": "Deny"}},
        {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]}}])
    def test_closed(self, sandbox, change):
        registry = Registry(sandbox)
        registry.create(**change).ok(201)
        door = Door(registry)
        for path in ("/v2/", "/oauth2/token", "/v2/app/manifests/1"):
            assert problem(door.http("GET", path)) == (
                403, "DENIED", "client with IP '127.0.0.1' is not allowed access. Refer https://aka.ms/acr/firewall to "
                "grant access.")

    def test_open_to_some(self, sandbox):
        registry = Registry(sandbox)
        registry.create(networkRuleSet={"defaultAction": "Deny", "ipRules": [{"value": "127.0.0.0/8"}]}).ok(201)
        Door(registry).push("app")


# Each takes the key from the registry, and gives what gives it back; None: nothing does.

def policy_removed(sandbox, vault, identity, kid):
    entry = {"properties": {"accessPolicies": [sandbox.policy(identity["oid"], VERBS)]}}
    sandbox.arm("PUT", vault.path + "/accessPolicies/remove", entry).ok()
    return lambda: sandbox.arm("PUT", vault.path + "/accessPolicies/add", entry).ok()


def unwrap_removed(sandbox, vault, identity, kid):
    def put(verbs):
        return sandbox.arm("PUT", vault.path + "/accessPolicies/add", {"properties": {"accessPolicies": [
            sandbox.policy(identity["oid"], verbs)]}}).ok()

    sandbox.arm("PUT", vault.path + "/accessPolicies/remove", {"properties": {"accessPolicies": [
        sandbox.policy(identity["oid"], ["unwrapKey"])]}}).ok()
    return lambda: put(["unwrapKey"])


def key_disabled(sandbox, vault, identity, kid):
    path = kid.partition(vault.host)[2]
    vault.kv("PATCH", path, {"attributes": {"enabled": False}}).ok()
    return lambda: vault.kv("PATCH", path, {"attributes": {"enabled": True}}).ok()


def key_ops_changed(sandbox, vault, identity, kid):
    path = kid.partition(vault.host)[2]
    vault.kv("PATCH", path, {"key_ops": ["sign"]}).ok()
    return lambda: vault.kv("PATCH", path, {"key_ops": ["wrapKey", "unwrapKey"]}).ok()


def key_deleted(sandbox, vault, identity, kid):
    name = kid.split("/")[-2]
    vault.kv("DELETE", f"/keys/{name}").ok()
    return lambda: vault.kv("POST", f"/deletedkeys/{name}/recover").ok()


def key_purged(sandbox, vault, identity, kid):
    name = kid.split("/")[-2]
    vault.kv("DELETE", f"/keys/{name}").ok()
    vault.kv("DELETE", f"/deletedkeys/{name}").ok(204)


def vault_deleted(sandbox, vault, identity, kid):
    sandbox.arm("DELETE", vault.path).ok()
    return lambda: sandbox.arm("PUT", vault.path, {"location": vault.location, "properties": {
        "tenantId": sandbox.endpoints["tenant"], "createMode": "recover"}}).ok()


def firewall_closed(sandbox, vault, identity, kid):
    def put(action):
        return sandbox.arm("PATCH", vault.path, {"properties": {"networkAcls": {
            "defaultAction": action, "bypass": "AzureServices"}}}).ok()

    put("Deny")
    return lambda: put("Allow")


def identity_deleted(sandbox, vault, identity, kid):
    sandbox.arm("DELETE", identity["id"]).ok()


WAYS = [policy_removed, unwrap_removed, key_disabled, key_ops_changed, key_deleted, key_purged, vault_deleted,
        firewall_closed, identity_deleted]


def is_readable(door, manifest, token):
    """Whether an image can be pulled; asserts that everything that touches it says the same."""
    path = "/v2/app"
    answers = [door.http(method, path + tail, body, {"Content-Type": MANIFEST}, token) for method, tail, body in (
        ("GET", "/manifests/1", None), ("GET", "/blobs/" + digest(b"layer"), None), ("GET", "/tags/list", None),
        ("POST", "/blobs/uploads/?digest=" + digest(b"new"), b"new"), ("PUT", "/manifests/2", manifest))]
    heads = [door.http("HEAD", path + tail, token=token).status for tail in ("/manifests/1", "/blobs/" + digest(b"layer"))]
    door.http("GET", "/v2/", token=token).ok()
    door.token("repository:app:pull")
    if answers[0].status == 403:
        assert heads == [403, 403]
        said = {problem(a) for a in answers}
        assert len(said) == 1, said
        return said.pop()
    assert answers[0].ok().body == manifest and answers[1].ok().body == b"layer"
    assert [a.status for a in answers] == [200, 200, 200, 201, 201]
    assert heads == [200, 200]
    return True


class TestTheKey:
    @pytest.mark.parametrize("way", WAYS, ids=[w.__name__ for w in WAYS])
    @pytest.mark.parametrize("versioned", [True, False], ids=["versioned", "unversioned"])
    def test_lost_and_found(self, sandbox, way, versioned):
        registry, vault, identity, kid = encrypted(sandbox, versioned)
        door = Door(registry)
        manifest = door.push("app")
        token = door.token("repository:app:pull,push")
        assert is_readable(door, manifest, token) is True
        control, since = Control(sandbox), Control(sandbox).now()
        give_back = way(sandbox, vault, identity, kid)
        status, code, message = is_readable(door, manifest, token)
        assert (status, code) == (403, "DENIED")
        named = kid if versioned else unversioned(kid)
        assert message == (
            "The identity associated with the registry is inactive. This could be due to attempted removal of the "
            "identity. Reassign the identity manually" if way is identity_deleted else
            f"Failed to access KeyId '{named}'. Verify that identity '{identity['client_id']}' has 'Get, Wrap Key, "
            f"Unwrap Key' permission on key '{named}'. For more information on bring your own key, please visit "
            "'https://aka.ms/acr/cmk'.")
        line = control.audit(since, operation="RegistryGetManifest")[-1]
        assert line["decision"]["reason"] == "registry-key-lost", line
        if give_back:
            give_back()
            assert is_readable(door, manifest, token) is True

    def test_role_taken_and_given(self, sandbox):
        identity = sandbox.create_identity()
        vault = sandbox.create_vault(enableRbacAuthorization=True)
        role = "Key Vault Crypto Service Encryption User"
        grant(sandbox, vault.path, "Key Vault Crypto Officer", sandbox.admin_oid)
        given = grant(sandbox, vault.path, role, identity["oid"])
        kid = vault.create_key(kty="RSA")["key"]["kid"]
        registry = Registry(sandbox)
        registry.settled(registry.create(identity=user_assigned(identity), encryption=encryption(
            unversioned(kid), identity["client_id"])))
        door = Door(registry)
        manifest = door.push("app")
        token = door.token("repository:app:pull,push")
        assert is_readable(door, manifest, token) is True
        revoke(sandbox, given)
        assert is_readable(door, manifest, token)[:2] == (403, "DENIED")
        grant(sandbox, vault.path, role, identity["oid"])
        assert is_readable(door, manifest, token) is True

    def test_what_is_stored_outlives_rotation(self, sandbox):
        """The data key is wrapped anew, and what it encrypts stays as it is."""
        registry, vault, identity, kid = encrypted(sandbox, versioned=True)
        door = Door(registry)
        manifest = door.push("app")
        newer = vault.create_key(kid.split("/")[-2], kty="RSA")["key"]["kid"]
        registry.settled(registry.rotate(newer, identity["client_id"]))
        key_disabled(sandbox, vault, identity, kid)
        token = door.token("repository:app:pull,push")
        assert is_readable(door, manifest, token) is True
        key_disabled(sandbox, vault, identity, newer)
        assert is_readable(door, manifest, token)[:2] == (403, "DENIED")

    def test_nothing_lies_in_the_open(self, start_sandbox, tmp_path):
        """Neither layers nor manifests, with and without a customer's key."""
        sandbox = start_sandbox(ephemeral=False, data_dir=tmp_path / "data")
        secret = noise(300000, seed=90000)
        registry = Registry(sandbox)
        registry.create().ok(201)
        for one in (Door(registry), Door(encrypted(sandbox)[0])):
            one.push("app", config=b'{"author":"Not to be read"}', layers=[secret])
        stored = b"".join(p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file())
        assert b"Not to be read" not in stored and secret[1000:1100] not in stored
        assert b"application/vnd.oci.image.config" not in stored

    def test_what_is_pushed_is_there_after_a_crash(self, start_sandbox, tmp_path):
        sandbox = start_sandbox(ephemeral=False, data_dir=tmp_path / "data")
        registry = encrypted(sandbox)[0]
        door = Door(registry)
        manifest = door.push("app", layers=[noise(2 * MIB)])
        data = noise(3 * MIB, seed=5)
        where = door.ask("POST", "/v2/app/blobs/uploads/", b"").ok(202).headers["Location"]
        door.ask("PATCH", where, data[:2 * MIB]).ok(202)
        sandbox.vaultd.kill()
        sandbox.restart(sandbox.vaultd)
        assert door.ask("GET", "/v2/app/manifests/1").ok().body == manifest
        assert door.ask("GET", where).ok(204).headers["Range"] == f"0-{2 * MIB - 1}"
        door.ask("PUT", f"{where}?digest={digest(data)}", data[2 * MIB:]).ok(201)
        assert door.ask("GET", f"/v2/app/blobs/{digest(data)}").ok().body == data
