"""Backup and restore: everything of a key goes along, and only where it may."""

import base64
import json

import pytest
from control import Control
from keys import new_rsa
from sandbox import Sandbox, b64u, kid_path, unb64u
from stories import story

MARKER = b"&AzureKeyVaultKeyBackupV1.microsoft.com"
CORRUPT = {"code": "Malformed backup blob", "message": "Backup blob is corrupt."}
CONFLICT = (
    "There was a conflict restoring the key '{}'. This can happen if either: a second key with the same name was created "
    "after the first key was deleted; thus trying to restore a key whose name is already in use. To fix this, rename the "
    "second key to something else so that the restore works. The second probable cause of this exception is when multiple "
    "operations are performed in parallel against the key. To avoid this error, perform operations against a key in a "
    "sequential manner."
)


def backup(vault, name):
    return vault.kv("POST", f"/keys/{name}/backup").ok().json()["value"]


def restore(vault, value):
    return vault.kv("POST", "/keys/restore", {"value": value})


def moved(value, source, target):
    """JSON of one vault as it reads in the other."""
    return json.loads(json.dumps(value).replace(source.url, target.url))


def everything(vault, name):
    listed = vault.kv("GET", f"/keys/{name}/versions").ok().json()["value"]
    bundles = [vault.kv("GET", kid_path(v["kid"])).ok().json() for v in listed]
    return [bundles, vault.kv("GET", f"/keys/{name}").json(), vault.kv("GET", f"/keys/{name}/rotationpolicy").json()]


@story("BackupKey")
class TestBackup:
    def test_the_form(self, vault):
        vault.create_key("k1")
        blob = unb64u(backup(vault, "k1"))
        assert blob.startswith(MARKER)
        parts = blob[len(MARKER):].split(b".")
        header = unb64u(parts[0].decode())
        assert len(parts) == 5 and header.startswith(b'{"kid":"')
        assert header[44:] == b'","alg":"RSA-OAEP-256","enc":"A256CBC-HS512"}'

    def test_no_private_key_shows(self, vault):
        jwk, _ = new_rsa()
        vault.kv("PUT", "/keys/k1", {"key": jwk}).ok()
        blob = unb64u(backup(vault, "k1"))
        inside = b"".join(base64.urlsafe_b64decode(p + b"=" * (-len(p) % 4)) for p in blob[len(MARKER):].split(b"."))
        assert unb64u(jwk["d"])[:16] not in inside and unb64u(jwk["n"])[:16] not in inside

    def test_two_of_a_key_differ(self, vault):
        vault.create_key("k1")
        assert backup(vault, "k1") != backup(vault, "k1")

    def test_a_disabled_key(self, vault):
        vault.create_key("k1", attributes={"enabled": False})
        backup(vault, "k1")

    def test_an_unknown_key(self, vault):
        assert vault.kv("POST", "/keys/k1/backup").ok(404).error()["code"] == "KeyNotFound"

    def test_a_key_that_would_not_fit_back_in(self, vault):
        tags = {f"{i:02}" + "n" * 250: "v" * 256 for i in range(15)}
        for _ in range(80):
            vault.create_key("k1", tags=tags)
        error = vault.kv("POST", "/keys/k1/backup").ok(400).error()
        assert error["code"] == "BadParameter" and "too large to be backed up" in error["message"]

    def test_the_largest_that_is_made_is_restored(self, sandbox, vault):
        tags = {f"{i:02}" + "n" * 250: "v" * 256 for i in range(15)}
        for _ in range(68):
            vault.create_key("k1", tags=tags)
        value = backup(vault, "k1")
        assert len(value) > 900_000
        restore(sandbox.create_vault(), value).ok()


@story("RestoreKey")
class TestRestore:
    def test_into_the_same_vault_after_a_purge(self, vault):
        vault.create_key("K-one", kty="RSA", tags={"a": "b"})
        vault.create_key("K-one", kty="EC", attributes={"enabled": False, "nbf": 2208992461, "exp": 2524611661})
        vault.create_key("K-one", kty="RSA", key_ops=["unwrapKey", "wrapKey"])
        body = {"lifetimeActions": [], "attributes": {"expiryTime": "P2M"}}
        vault.kv("PUT", "/keys/K-one/rotationpolicy", body).ok()
        before = everything(vault, "K-one")
        value = backup(vault, "k-ONE")
        vault.kv("DELETE", "/keys/K-one").ok()
        vault.kv("DELETE", "/deletedkeys/K-one").ok(204)
        assert restore(vault, value).ok().json() == before[1]
        assert everything(vault, "K-one") == before

    def test_into_another_vault_of_the_geography_where_it_works(self, sandbox, vault):
        vault.create_key("k1", kty="RSA")
        wrapped = vault.kv("POST", "/keys/k1/wrapkey", {"alg": "RSA-OAEP", "value": b64u(b"secret")}).json()["value"]
        other = sandbox.create_vault(location="northeurope")
        got = restore(other, backup(vault, "k1")).ok().json()
        assert got == moved(vault.kv("GET", "/keys/k1").json(), vault, other)
        answer = other.kv("POST", kid_path(got["key"]["kid"]) + "/unwrapkey", {"alg": "RSA-OAEP", "value": wrapped})
        assert unb64u(answer.ok().json()["value"]) == b"secret"

    def test_imported_bytes_stay_as_they_came(self, sandbox, vault):
        jwk, _ = new_rsa()
        jwk["n"] = b64u(b"\0" + unb64u(jwk["n"]))
        vault.kv("PUT", "/keys/k1", {"key": jwk}).ok()
        other = sandbox.create_vault()
        assert restore(other, backup(vault, "k1")).ok().json()["key"]["n"] == jwk["n"]

    def test_with_a_doubled_slash(self, sandbox, vault):
        vault.create_key("k1")
        answer = sandbox.create_vault().kv("POST", "/keys//restore", {"value": backup(vault, "k1")})
        assert answer.ok().json()["key"]["kid"].endswith("/" + vault.kv("GET", "/keys/k1").json()["key"]["kid"][-32:])

    def test_a_name_in_use(self, vault):
        kid = vault.create_key("k1")["key"]["kid"]
        value = backup(vault, "k1")
        vault.create_key("k1")
        error = restore(vault, value).ok(409).error()
        assert error == {"code": "Conflict", "message": CONFLICT.format(kid)}

    def test_a_name_deleted_but_recoverable(self, vault):
        vault.create_key("k1")
        value = backup(vault, "k1")
        vault.kv("DELETE", "/keys/k1").ok()
        error = restore(vault, value).ok(409).error()
        assert error["innererror"] == {"code": "ObjectIsDeletedButRecoverable"}

    def test_what_is_no_backup(self, vault):
        for value in (b"", b"abc", MARKER, MARKER + b"a.b.c.d.e", MARKER + b"....", b"\0" * 9000):
            assert restore(vault, b64u(value)).ok(400).error() == CORRUPT

    def test_a_changed_one(self, vault):
        vault.create_key("k1")
        value = backup(vault, "k1")
        vault.kv("DELETE", "/keys/k1").ok()
        vault.kv("DELETE", "/deletedkeys/k1").ok(204)
        for at in (len(MARKER) * 2, len(value) // 2, len(value) - 30):
            other = "A" if value[at] != "A" else "B"
            assert restore(vault, value[:at] + other + value[at + 1:]).ok(400).error() == CORRUPT
        assert restore(vault, value[:-40]).ok(400).error() == CORRUPT
        vault.kv("GET", "/keys/k1").ok(404)

    @pytest.mark.parametrize("body, message", [
        ({}, "Property 'value' is required.\r\n"),
        ({"value": 1}, "Property 'value' has invalid value\r\n"),
        ({"value": "+/=="}, "Content of 'value' is not base64url.\r\n"),
    ])
    def test_bad_bodies(self, vault, body, message):
        assert vault.kv("POST", "/keys/restore", body).ok(400).error() == {"code": "BadParameter", "message": message}

    def test_in_another_geography(self, sandbox, vault):
        vault.create_key("k1")
        for location in ("eastus", "uksouth"):
            error = restore(sandbox.create_vault(location=location), backup(vault, "k1")).ok(400).error()
            assert error["code"] == "BadParameter" and "another geography (Europe)" in error["message"]

    def test_an_hsm_key_into_a_standard_vault(self, premium, vault):
        premium.create_key("k1", kty="EC-HSM")
        error = restore(vault, backup(premium, "k1")).ok(400).error()
        assert error["innererror"] == {"code": "KeyTypeNotSupported"}

    def test_in_another_sandbox(self, vault, start_sandbox):
        vault.create_key("k1")
        assert restore(start_sandbox().create_vault(), backup(vault, "k1")).ok(400).error() == CORRUPT

    def test_over_the_remains_of_a_key_whose_retention_ran_out(self, start_sandbox):
        sandbox = start_sandbox()
        vault = sandbox.create_vault(softDeleteRetentionInDays=7)
        vault.create_key("k1")
        value = backup(vault, "k1")
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        Control(sandbox).advance("P8D")
        sandbox._tokens.clear()
        restore(vault, value).ok()
        assert len(vault.kv("GET", "/keys/k1/versions").json()["value"]) == 1

    def test_after_a_restart(self, tmp_path, key_stock):
        with Sandbox(data_dir=tmp_path / "data", ephemeral=False, key_stock=key_stock, mode="direct") as s:
            vault = s.create_vault()
            vault.create_key("k1")
            value = backup(vault, "k1")
            vault.kv("DELETE", "/keys/k1").ok()
            vault.kv("DELETE", "/deletedkeys/k1").ok(204)
            s.vaultd.stop()
            s.restart(s.vaultd)
            restore(vault, value).ok()
