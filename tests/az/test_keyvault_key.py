"""az keyvault key: every command that a software-protected key has."""

import base64
import hashlib
import subprocess

import pytest

DIGEST = base64.b64encode(hashlib.sha256(b"abc").digest()).decode()


def key(az, command, vault, name, *words):
    return az("keyvault", "key", command, "--vault-name", vault, "--name", name, *words)


def version_of(bundle):
    return bundle["key"]["kid"].rpartition("/")[2]


@pytest.fixture
def made(az, vault, name):
    """An RSA key of this test's own."""
    return key(az, "create", vault, name)


class TestCreate:
    def test_defaults(self, az, vault, name, made):
        assert made["key"]["kid"].startswith(f"https://{vault}.{az.env['SANDVAULT_VAULT_SUFFIX']}/keys/{name}/")
        assert made["key"]["kty"] == "RSA" and made["key"]["e"] == "AQAB"
        assert made["key"]["keyOps"] == ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
        assert made["attributes"]["enabled"] is True

    @pytest.mark.parametrize("words, member, value", [
        (("--kty", "EC", "--curve", "P-384"), "crv", "P-384"),
        (("--size", "3072"), "kty", "RSA"),
        (("--ops", "wrapKey", "unwrapKey"), "keyOps", ["wrapKey", "unwrapKey"]),
    ])
    def test_options(self, az, vault, name, words, member, value):
        assert key(az, "create", vault, name, *words)["key"][member] == value

    def test_dates_and_tags(self, az, vault, name):
        got = key(az, "create", vault, name, "--disabled", "--tags", "a=b", "--not-before", "2030-01-01T00:00:00Z",
                  "--expires", "2031-01-01T00:00:00Z")
        assert got["attributes"]["enabled"] is False and got["tags"] == {"a": "b"}
        assert got["attributes"]["notBefore"].startswith("2030-01-01")
        assert got["attributes"]["expires"].startswith("2031-01-01")


class TestRead:
    def test_show_and_lists(self, az, vault, name, made):
        second = key(az, "create", vault, name)
        assert key(az, "show", vault, name)["key"]["kid"] == second["key"]["kid"]
        assert key(az, "show", vault, name, "--version", version_of(made))["key"]["kid"] == made["key"]["kid"]
        assert az("keyvault", "key", "show", "--id", made["key"]["kid"])["key"]["n"] == made["key"]["n"]
        unversioned = made["key"]["kid"].rpartition("/")[0]
        assert unversioned in [k["kid"] for k in az("keyvault", "key", "list", "--vault-name", vault)]
        versions = {k["kid"] for k in key(az, "list-versions", vault, name)}
        assert versions == {made["key"]["kid"], second["key"]["kid"]}
        assert len(az("keyvault", "key", "list", "--vault-name", vault, "--maxresults", "1")) == 1

    def test_download(self, az, sandbox, vault, name, made):
        path = sandbox.work_dir / f"{name}.pem"
        key(az, "download", vault, name, "--file", path)
        said = subprocess.run(["openssl", "pkey", "-pubin", "-noout", "-text", "-in", path], capture_output=True,
                              text=True, check=True).stdout
        assert "Public-Key: (2048 bit)" in said


class TestChange:
    def test_attributes(self, az, vault, name, made):
        got = key(az, "set-attributes", vault, name, "--enabled", "false", "--tags", "a=b", "--ops", "wrapKey")
        assert got["attributes"]["enabled"] is False and got["tags"] == {"a": "b"} and got["key"]["keyOps"] == ["wrapKey"]

    def test_rotate(self, az, vault, name, made):
        rotated = key(az, "rotate", vault, name)
        assert version_of(rotated) != version_of(made) and rotated["key"]["n"] != made["key"]["n"]

    def test_rotation_policy(self, az, vault, name, made):
        policy = ('{"lifetimeActions": [{"trigger": {"timeAfterCreate": "P90D"}, "action": {"type": "Rotate"}}], '
                  '"attributes": {"expiryTime": "P2Y"}}')
        az("keyvault", "key", "rotation-policy", "update", "--vault-name", vault, "--name", name, "--value", policy)
        got = az("keyvault", "key", "rotation-policy", "show", "--vault-name", vault, "--name", name)
        assert got["expiresIn"] == "P2Y"
        assert {"Rotate": "P90D"}.items() <= {a["action"]: a["timeAfterCreate"] for a in got["lifetimeActions"]}.items()


class TestUse:
    def test_encrypt_and_decrypt(self, az, vault, name, made):
        words = ("--algorithm", "RSA-OAEP-256", "--data-type", "plaintext")
        sealed = key(az, "encrypt", vault, name, *words, "--value", "a secret")["result"]
        assert key(az, "decrypt", vault, name, *words, "--value", sealed)["result"] == "a secret"

    def test_sign_and_verify(self, az, vault, name, made):
        words = ("--algorithm", "RS256", "--digest", DIGEST)
        signature = key(az, "sign", vault, name, *words)["signature"]
        assert key(az, "verify", vault, name, *words, "--signature", signature)["isValid"] is True

    def test_refused(self, az, vault, name, made):
        key(az, "set-attributes", vault, name, "--enabled", "false")
        said = az.refused("keyvault", "key", "decrypt", "--vault-name", vault, "--name", name, "--algorithm", "RSA-OAEP",
                          "--value", "YWJj")
        assert "(Forbidden) Operation decrypt is not allowed on a disabled key." in said
        assert '"code": "KeyDisabled"' in said
        said = az.refused("keyvault", "key", "show", "--vault-name", vault, "--name", "nobody")
        assert "(KeyNotFound) A key with (name/id) nobody was not found in this key vault." in said


class TestMove:
    def test_backup_and_restore(self, az, sandbox, vault, name, made):
        path = sandbox.work_dir / f"{name}.backup"
        key(az, "backup", vault, name, "--file", path)
        key(az, "delete", vault, name)
        key(az, "purge", vault, name)
        restored = az("keyvault", "key", "restore", "--vault-name", vault, "--file", path)
        assert restored["key"]["kid"] == made["key"]["kid"]

    @pytest.mark.parametrize("kind, words", [
        ("RSA", ["rsa", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("EC", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ])
    def test_import(self, az, sandbox, vault, name, kind, words):
        path = sandbox.work_dir / f"{name}.pem"
        subprocess.run(["openssl", "genpkey", "-out", path, "-algorithm", *words], check=True, capture_output=True)
        assert key(az, "import", vault, name, "--pem-file", path)["key"]["kty"] == kind


class TestSoftDelete:
    def test_a_life(self, az, vault, name, made):
        key(az, "delete", vault, name)
        unversioned = made["key"]["kid"].rpartition("/")[0]
        assert unversioned in [k["kid"] for k in az("keyvault", "key", "list-deleted", "--vault-name", vault)]
        assert key(az, "show-deleted", vault, name)["key"]["kid"] == made["key"]["kid"]
        said = az.refused("keyvault", "key", "create", "--vault-name", vault, "--name", name)
        assert f"(Conflict) Key {name} is currently in a deleted but recoverable state" in said
        assert key(az, "recover", vault, name)["key"]["kid"] == made["key"]["kid"]
        key(az, "delete", vault, name)
        key(az, "purge", vault, name)
        key(az, "create", vault, name)
