"""A registry's front door for tests: signing in, pushing and pulling by hand.

    door = Door(Registry(sandbox))
    door.push("app", tag="1")
    door.ask("GET", "/v2/app/manifests/1", "pull").ok()
"""

import base64
import hashlib
import json
import urllib.parse

from sandbox import ARM

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN_USER = "00000000-0000-0000-0000-000000000000"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def descriptor(data, media_type):
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


def manifest_of(config, *layers):
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(config, CONFIG),
                       "layers": [descriptor(one, LAYER) for one in layers]}).encode()


def problem(answer):
    """(status, code, message) of a refusal, after asserting its shape."""
    body = answer.json()
    assert list(body) == ["errors"] and len(body["errors"]) == 1, body
    assert list(body["errors"][0]) == ["code", "message", "detail"], body
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    return answer.status, body["errors"][0]["code"], body["errors"][0]["message"]


class Door:
    def __init__(self, registry):
        self.registry = registry
        self.sandbox = registry.sandbox
        self.host = f"{registry.name.lower()}.azurecr.localhost:{self.sandbox.arm_root.rpartition(':')[2]}"
        self.url = f"https://{self.host}"

    @property
    def admin(self):
        return self.sandbox.endpoints["client_id"], self.sandbox.endpoints["client_secret"]

    def http(self, method, path, body=None, headers=(), token=None, **more):
        return self.sandbox.http(method, self.url + path, body, headers, token, **more)

    # ---- sign-in ----

    def request_token(self, *scopes, user=None, password=None, headers=None):
        """GET /oauth2/token with a name and password (the administrator's unless given); the raw answer."""
        if headers is None:
            headers = basic(*(self.admin if user is None else (user, password)))
        query = urllib.parse.urlencode([("service", self.host), *(("scope", s) for s in scopes)])
        return self.http("GET", "/oauth2/token?" + query, headers=headers)

    def token(self, *scopes, **who):
        return self.request_token(*scopes, **who).ok().json()["access_token"]

    def post(self, path, **form):
        return self.http("POST", path, urllib.parse.urlencode(form).encode(), FORM)

    def refresh_token(self, access_token=None):
        """What az acr login --expose-token gets."""
        answer = self.post("/oauth2/exchange", grant_type="access_token", service=self.host,
                           tenant=self.sandbox.endpoints["tenant"],
                           access_token=access_token or self.sandbox.admin_token(ARM))
        return answer.ok().json()["refresh_token"]

    # ---- with the administrator's rights ----

    def ask(self, method, path, body=None, headers=(), **more):
        """A request with a token that has everything asked for in path's repository."""
        repository = path.removeprefix("/v2/").rpartition("/blobs/")[0] or path.removeprefix("/v2/").rpartition(
            "/manifests/")[0] or path.removeprefix("/v2/").rpartition("/tags/")[0]
        if "/blobs/uploads" in path:
            repository = path.removeprefix("/v2/").partition("/blobs/uploads")[0]
        scope = f"repository:{repository}:*" if repository else "registry:catalog:*"
        return self.http(method, path, body, headers, self.token(scope), **more)

    def push_blob(self, repository, data):
        """Monolithic: one POST; its answer."""
        return self.ask("POST", f"/v2/{repository}/blobs/uploads/?digest={digest(data)}", data,
                        {"Content-Type": "application/octet-stream"}).ok(201)

    def put_manifest(self, repository, reference, manifest, media_type=MANIFEST):
        return self.ask("PUT", f"/v2/{repository}/manifests/{reference}", manifest, {"Content-Type": media_type})

    def push(self, repository, tag="1", config=b"{}", layers=(b"layer",)):
        """An image; its manifest's bytes."""
        manifest = manifest_of(config, *layers)
        for blob in (config, *layers):
            self.push_blob(repository, blob)
        self.put_manifest(repository, tag, manifest).ok(201)
        return manifest
