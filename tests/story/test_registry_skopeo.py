"""A real client at a registry's door: skopeo pushes an image, is refused while the key is lost, and pulls it afterwards."""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile

import pytest
from registries import VERBS, encrypted
from registry_door import TOKEN_USER, Door

TIMEOUT_S = 120
SKOPEO = shutil.which("skopeo")
MIB = 1 << 20

pytestmark = pytest.mark.skipif(SKOPEO is None, reason="skopeo is not installed")


def layer(name, data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def make_image(directory, **files):
    """An OCI layout with one layer for each file: its path, as skopeo names it."""
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(data, media_type):
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"mediaType": "application/vnd.oci.image." + media_type, "digest": "sha256:" + name, "size": len(data)}

    tars = [layer(name, data) for name, data in files.items()]
    config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [
        "sha256:" + hashlib.sha256(t).hexdigest() for t in tars]}}).encode(), "config.v1+json")
    layers = [put(gzip.compress(t, mtime=0), "layer.v1.tar+gzip") for t in tars]
    manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                               "config": config, "layers": layers}).encode(), "manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "1"}
    (directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (directory / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    return f"oci:{directory}:1"


def blobs_of(directory):
    return {p.name: p.read_bytes() for p in (directory / "blobs" / "sha256").iterdir()}


class Skopeo:
    """skopeo behind the sandbox's proxy, which knows every name; nothing on the machine is set up for it."""

    def __init__(self, sandbox, directory, user, password):
        self.credentials = f"{user}:{password}"
        self.certs = directory / "certs"
        self.certs.mkdir()
        shutil.copy(sandbox.endpoints["ca"], self.certs / "ca.crt")
        self.env = {"PATH": os.environ["PATH"], "HOME": str(directory), "HTTPS_PROXY": sandbox.endpoints["proxy"]}

    def run(self, *words):
        return subprocess.run([SKOPEO, "--insecure-policy", *map(str, words)], capture_output=True, text=True,
                              timeout=TIMEOUT_S, env=self.env, stdin=subprocess.DEVNULL)

    def __call__(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, f"skopeo {' '.join(map(str, words))}\n{done.stderr}"
        return done.stdout

    def refused(self, *words):
        done = self.run(*words)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def push(self, image, reference):
        return ("copy", "--dest-cert-dir", self.certs, "--dest-creds", self.credentials, image, "docker://" + reference)

    def pull(self, reference, directory):
        return ("copy", "--src-cert-dir", self.certs, "--src-creds", self.credentials, "docker://" + reference,
                f"oci:{directory}:1")

    def inspect(self, reference):
        return ("inspect", "--cert-dir", self.certs, "--creds", self.credentials, "docker://" + reference)


def own_name(door):
    return door.host


def azure_name(door):
    return door.registry.name.lower() + ".azurecr.io"


@pytest.mark.parametrize("name", [own_name, azure_name], ids=["own name", "Azure's name"])
@pytest.mark.parametrize("credentials", ["secret", "token"])
def test_push_lose_heal_pull(sandbox, tmp_path, name, credentials):
    registry, vault, identity, _ = encrypted(sandbox)
    door = Door(registry)
    user, password = door.admin if credentials == "secret" else (TOKEN_USER, door.refresh_token())
    skopeo = Skopeo(sandbox, tmp_path, user, password)
    image = make_image(tmp_path / "image", small=b"hello\n", large=os.urandom(3 * MIB + 11))
    reference = name(door) + "/team/app:1"
    skopeo(*skopeo.push(image, reference))
    said = json.loads(skopeo(*skopeo.inspect(reference)))
    assert said["RepoTags"] == ["1"] and len(said["Layers"]) == 2 and said["Name"] == name(door) + "/team/app"

    entry = {"properties": {"accessPolicies": [sandbox.policy(identity["oid"], VERBS)]}}
    sandbox.arm("PUT", vault.path + "/accessPolicies/remove", entry).ok()
    for words in (skopeo.pull(reference, tmp_path / "refused"), skopeo.inspect(reference)):
        assert "denied: Failed to access KeyId" in skopeo.refused(*words)
    assert "403 (Forbidden)" in skopeo.refused(*skopeo.push(image, reference))
    sandbox.arm("PUT", vault.path + "/accessPolicies/add", entry).ok()

    skopeo(*skopeo.pull(reference, tmp_path / "pulled"))
    assert blobs_of(tmp_path / "pulled") == blobs_of(tmp_path / "image")


def test_a_wrong_password(sandbox, tmp_path):
    door = Door(encrypted(sandbox)[0])
    skopeo = Skopeo(sandbox, tmp_path, door.admin[0], "wrong")
    assert "unauthorized" in skopeo.refused(*skopeo.inspect(door.host + "/team/app:1")).lower()


def test_between_two_registries(sandbox, tmp_path):
    """Each has a data key of its own."""
    one, two = (Door(encrypted(sandbox)[0]) for _ in range(2))
    skopeo = Skopeo(sandbox, tmp_path, *one.admin)
    image = make_image(tmp_path / "image", file=os.urandom(MIB))
    skopeo(*skopeo.push(image, one.host + "/app:1"))
    skopeo("copy", "--src-cert-dir", skopeo.certs, "--dest-cert-dir", skopeo.certs, "--src-creds", skopeo.credentials,
           "--dest-creds", skopeo.credentials, f"docker://{one.host}/app:1", f"docker://{two.host}/other/app:2")
    skopeo(*skopeo.pull(two.host + "/other/app:2", tmp_path / "pulled"))
    assert blobs_of(tmp_path / "pulled") == blobs_of(tmp_path / "image")
