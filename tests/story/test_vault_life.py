"""Vaults and their keys between life and death: soft delete, recovery, purging, protection, retention, delays."""

import re

import pytest
from control import Control
from keys import new_ec
from sandbox import ALL_KEY_PERMISSIONS, b64u
from stories import story

DIGEST = b64u(b"d" * 32)
DELETED = "{sub}/providers/Microsoft.KeyVault/deletedVaults"


def move_clock(sandbox, **how):
    """{advance: "P1D"}, {freeze: True}; tokens of before are forgotten."""
    Control(sandbox).move(**how)
    sandbox._tokens.clear()


@pytest.fixture
def frozen(start_sandbox):
    """A sandbox whose clock stands still until it is moved."""
    sandbox = start_sandbox()
    move_clock(sandbox, freeze=True)
    return sandbox


def deleted_path(vault, location=None):
    return ("{sub}/providers/Microsoft.KeyVault/locations/" + (location or vault.location) + "/deletedVaults/"
            + vault.name)


def body_of(sandbox, location="westeurope", **properties):
    return {"location": location, "properties": {
        "tenantId": sandbox.endpoints["tenant"], "sku": {"family": "A", "name": "standard"}, **properties}}


def recover(vault, status=200, **more):
    return vault.sandbox.arm("PUT", vault.path, body_of(vault.sandbox, createMode="recover", **more)).ok(status)


def drop(vault):
    vault.sandbox.arm("DELETE", vault.path).ok(200)


def everything(vault):
    """What a client sees of a vault: the resource, its keys with all versions, and its deleted keys."""
    keys = vault.kv("GET", "/keys").ok().json()["value"]
    versions = {}
    for key in keys:
        name = key["kid"].rpartition("/")[2]
        listed = vault.kv("GET", f"/keys/{name}/versions").ok().json()["value"]
        versions[name] = [vault.kv("GET", "/keys/" + v["kid"].partition("/keys/")[2]).ok().json() for v in listed]
    resource = vault.sandbox.arm("GET", vault.path).ok().json()
    del resource["systemData"]
    return resource, keys, versions, vault.kv("GET", "/deletedkeys").ok().json()


@story("Vaults_Delete", "Vaults_CreateOrUpdate", "Vaults_GetDeleted", "Vaults_PurgeDeleted", "Vaults_ListDeleted")
class TestVault:
    def test_recovery_brings_everything_back(self, sandbox):
        vault = sandbox.create_vault(softDeleteRetentionInDays=8, enabledForDeployment=True, networkAcls={
            "defaultAction": "Deny", "ipRules": [{"value": "127.0.0.1"}]})
        sandbox.arm("PATCH", vault.path, {"tags": {"b": "1", "a": "2"}}).ok()
        first = vault.create_key("k1", tags={"n": "1"})["key"]["kid"].rpartition("/")[2]
        vault.create_key("k1", kty="RSA")
        vault.create_key("off", attributes={"enabled": False, "exp": 2524611661})
        vault.create_key("gone")
        vault.kv("DELETE", "/keys/gone").ok()
        signed = vault.kv("POST", f"/keys/k1/{first}/sign", {"alg": "ES256", "value": DIGEST}).ok().json()["value"]
        before = everything(vault)
        created = sandbox.arm("GET", vault.path).json()["systemData"]["createdAt"]
        drop(vault)
        # What else the body says is passed over.
        got = recover(vault, softDeleteRetentionInDays=90, enabledForDeployment=False, accessPolicies=[]).json()
        assert got["properties"]["provisioningState"] == "Succeeded" and "createMode" not in got["properties"]
        assert got["systemData"]["createdAt"] == created
        assert everything(vault) == before
        answer = vault.kv("POST", f"/keys/k1/{first}/verify", {"alg": "ES256", "digest": DIGEST, "value": signed})
        assert answer.ok().json() == {"value": True}
        # The key deleted before comes back too.
        vault.kv("POST", "/deletedkeys/gone/recover").ok()
        vault.kv("GET", "/keys/gone").ok()

    def test_twice_deleted_twice_recovered(self, sandbox):
        vault = sandbox.create_vault()
        vault.create_key("k1")
        before = everything(vault)
        for _ in range(2):
            drop(vault)
            recover(vault)
        assert everything(vault) == before

    def test_a_deleted_vault_is_nowhere(self, sandbox):
        vault = sandbox.create_vault()
        vault.create_key("k1")
        drop(vault)
        for method, path in (("GET", "/keys"), ("GET", "/keys/k1"), ("DELETE", "/keys/k1"), ("GET", "/deletedkeys")):
            assert vault.kv(method, path).ok(404).error()["code"] == "VaultNotFound"
        sandbox.arm("GET", vault.path).ok(404)
        sandbox.arm("PATCH", vault.path, {"tags": {}}).ok(404)
        sandbox.arm("PUT", vault.path + "/accessPolicies/add", {"properties": {"accessPolicies": []}}).ok(404)
        sandbox.arm("DELETE", vault.path).ok(204)
        listed = sandbox.arm("GET", vault.path.rpartition("/")[0]).ok().json()["value"]
        assert vault.name not in [v["name"] for v in listed]

    def test_its_name_stays_taken(self, sandbox):
        vault = sandbox.create_vault()
        drop(vault)
        elsewhere = sandbox.vault_path(sandbox.create_group(), vault.name.upper())
        for path in (vault.path, elsewhere):
            error = sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[])).ok(409).error()
            assert error["code"] == "ConflictError" and "linkid=2149745" in error["message"]
        got = sandbox.arm("POST", "{sub}/providers/Microsoft.KeyVault/checkNameAvailability",
                          {"name": vault.name, "type": "Microsoft.KeyVault/vaults"}).ok().json()
        assert (got["nameAvailable"], got["reason"]) == (False, "AlreadyExists")

    def test_recovery_wants_its_own_place(self, sandbox):
        vault = sandbox.create_vault()
        drop(vault)
        elsewhere = sandbox.vault_path(sandbox.create_group(), vault.name)
        wanted = body_of(sandbox, createMode="recover")
        assert sandbox.arm("PUT", elsewhere, wanted).ok(409).error()["code"] == "ConflictError"
        answer = sandbox.arm("PUT", vault.path, {**wanted, "location": "eastus"}).ok(409)
        assert answer.error()["code"] == "InvalidResourceLocation"
        sandbox.arm("GET", deleted_path(vault)).ok()
        sandbox.arm("PUT", vault.path, {**wanted, "location": "West Europe"}).ok()

    def test_recovering_what_is_not_deleted(self, sandbox):
        vault = sandbox.create_vault()
        before = everything(vault)
        recover(vault)
        assert everything(vault) == before
        path = sandbox.vault_path(vault.path.split("/")[2], sandbox.unique("kv-"))
        answer = sandbox.arm("PUT", path, body_of(sandbox, createMode="recover")).ok(404)
        assert answer.error()["code"] == "DeletedVaultNotFound"
        sandbox.arm("PUT", path, body_of(sandbox, createMode="revive")).ok(400)

    def test_deleted_vaults_are_of_their_location(self, sandbox):
        vault = sandbox.create_vault()
        drop(vault)
        for method, tail in (("GET", ""), ("POST", "/purge")):
            answer = sandbox.arm(method, deleted_path(vault, "eastus") + tail).ok(404)
            assert answer.error()["code"] == "DeletedVaultNotFound"
        sandbox.arm("GET", deleted_path(vault, "WestEurope")).ok()
        listed = sandbox.arm("GET", DELETED).ok().json()["value"]
        assert [v["properties"]["location"] for v in listed if v["name"] == vault.name] == ["westeurope"]
        sandbox.arm("POST", deleted_path(vault, "WESTEUROPE") + "/purge").ok(202)

    def test_purging_leaves_nothing(self, sandbox):
        vault = sandbox.create_vault()
        vault.create_key("k1")
        drop(vault)
        answer = sandbox.arm("POST", deleted_path(vault) + "/purge").ok(202)
        assert answer.body == b""
        got = sandbox.http("GET", answer.headers["Location"], token=sandbox.admin_token()).ok().json()
        assert got["status"] == "Succeeded"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", got["lastActionDateTime"])
        sandbox.arm("GET", deleted_path(vault)).ok(404)
        sandbox.arm("POST", deleted_path(vault) + "/purge").ok(404)
        assert recover(vault, 404).error()["code"] == "DeletedVaultNotFound"
        again = sandbox.create_vault(vault.name)
        assert again.kv("GET", "/keys").ok().json()["value"] == []
        assert again.kv("GET", "/deletedkeys").ok().json()["value"] == []
        again.create_key("k1")

    def test_a_living_vault_cannot_be_purged(self, sandbox):
        vault = sandbox.create_vault()
        sandbox.arm("POST", deleted_path(vault) + "/purge").ok(404)
        sandbox.arm("GET", vault.path).ok()


@story("Vaults_CreateOrUpdate", "Vaults_Update")
class TestSettings:
    NEVER_OFF = {"code": "BadRequest", "message": (
        'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an '
        "irreversible action.")}

    def test_purge_protection_is_for_ever_and_for_everybody(self, sandbox):
        vault = sandbox.create_vault()
        assert "enablePurgeProtection" not in vault.resource["properties"]
        got = sandbox.arm("PATCH", vault.path, {"properties": {"enablePurgeProtection": True}}).ok().json()
        assert got["properties"]["enablePurgeProtection"] is True
        off = {"enablePurgeProtection": False}
        assert sandbox.arm("PATCH", vault.path, {"properties": off}).ok(400).error() == self.NEVER_OFF
        assert sandbox.arm("PUT", vault.path, body_of(sandbox, **off)).ok(400).error() == self.NEVER_OFF
        # Leaving it out, or null, changes nothing.
        policies = [sandbox.policy(sandbox.admin_oid, ALL_KEY_PERMISSIONS)]
        for more in ({}, {"enablePurgeProtection": None}):
            got = sandbox.arm("PUT", vault.path, body_of(sandbox, accessPolicies=policies, **more)).ok().json()
            assert got["properties"]["enablePurgeProtection"] is True
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        assert "purge protection is enabled" in vault.kv("DELETE", "/deletedkeys/k1").ok(403).error()["message"]
        drop(vault)
        deleted = sandbox.arm("GET", deleted_path(vault)).ok().json()["properties"]
        assert deleted["purgeProtectionEnabled"] is True
        assert sandbox.arm("POST", deleted_path(vault) + "/purge").ok(405).error() == {
            "code": "MethodNotAllowed", "message": "Operation 'DeletedVaultPurge' is not allowed."}
        assert recover(vault).json()["properties"]["enablePurgeProtection"] is True
        vault.kv("GET", "/deletedkeys/k1").ok()

    def test_never_false_even_at_birth(self, sandbox):
        path = sandbox.vault_path(sandbox.create_group(), sandbox.unique("kv-"))
        answer = sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[], enablePurgeProtection=False)).ok(400)
        assert answer.error() == self.NEVER_OFF
        error = sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[], enableSoftDelete=False)).ok(400).error()
        assert error["code"] == "BadRequest" and "enableSoftDelete" in error["message"]
        sandbox.arm("GET", path).ok(404)

    def test_soft_delete_stays_on(self, sandbox):
        vault = sandbox.create_vault(enableSoftDelete=True)
        off = {"enableSoftDelete": False}
        sandbox.arm("PATCH", vault.path, {"properties": off}).ok(400)
        sandbox.arm("PUT", vault.path, body_of(sandbox, **off)).ok(400)
        got = sandbox.arm("PATCH", vault.path, {"properties": {"enableSoftDelete": True}}).ok().json()
        assert got["properties"]["enableSoftDelete"] is True

    def test_retention_is_fixed(self, sandbox):
        vault = sandbox.create_vault(softDeleteRetentionInDays=30)
        for days in (7, 29, 31, 90):
            change = {"softDeleteRetentionInDays": days}
            for answer in (sandbox.arm("PATCH", vault.path, {"properties": change}),
                           sandbox.arm("PUT", vault.path, body_of(sandbox, **change))):
                assert "softDeleteRetentionInDays" in answer.ok(400).error()["message"]
        sandbox.arm("PATCH", vault.path, {"properties": {"softDeleteRetentionInDays": 30}}).ok()
        got = sandbox.arm("PUT", vault.path, body_of(sandbox)).ok().json()
        assert got["properties"]["softDeleteRetentionInDays"] == 30

    @pytest.mark.parametrize("days", [6, 91, 0, -7, 7.5, "7", True])
    def test_retention_is_7_to_90(self, sandbox, days):
        path = sandbox.vault_path(sandbox.create_group(), sandbox.unique("kv-"))
        answer = sandbox.arm("PUT", path, body_of(sandbox, accessPolicies=[], softDeleteRetentionInDays=days))
        assert "softDeleteRetentionInDays" in answer.ok(400).error()["message"]
        sandbox.arm("GET", path).ok(404)


@story("GetKey", "GetKeys", "GetDeletedKey", "GetDeletedKeys")
@pytest.mark.parametrize("days", [7, 8, 89, 90, None])
@pytest.mark.parametrize("protected", [False, True])
def test_recovery_level(sandbox, days, protected):
    properties = {} if days is None else {"softDeleteRetentionInDays": days}
    vault = sandbox.create_vault(**properties, **({"enablePurgeProtection": True} if protected else {}))
    days = days or 90
    level = "Recoverable" if days == 90 else "CustomizedRecoverable"

    def check(bundle, level):
        attributes = bundle["attributes"]
        assert (attributes["recoveryLevel"], attributes["recoverableDays"]) == (level, days)

    def check_all(level):
        check(vault.kv("GET", "/keys/k1").ok().json(), level)
        check(vault.kv("GET", "/keys").ok().json()["value"][0], level)
        check(vault.kv("GET", "/keys/k1/versions").ok().json()["value"][0], level)
        check(vault.kv("GET", "/deletedkeys/k2").ok().json(), level)
        check(vault.kv("GET", "/deletedkeys").ok().json()["value"][0], level)

    vault.create_key("k1")
    vault.create_key("k2")
    gone = vault.kv("DELETE", "/keys/k2").ok().json()
    assert gone["scheduledPurgeDate"] - gone["deletedDate"] == days * 86400
    check(gone, level + ("" if protected else "+Purgeable"))
    check_all(level + ("" if protected else "+Purgeable"))
    if not protected:
        # Protection counts for keys that were deleted before it came.
        sandbox.arm("PATCH", vault.path, {"properties": {"enablePurgeProtection": True}}).ok()
        check_all(level)
        vault.kv("DELETE", "/deletedkeys/k2").ok(403)


@story("Vaults_GetDeleted", "Vaults_ListDeleted", "GetDeletedKey")
class TestScheduledPurge:
    def test_a_vault(self, frozen):
        vault = frozen.create_vault(softDeleteRetentionInDays=7, enablePurgeProtection=True)
        vault.create_key("k1")
        drop(vault)
        move_clock(frozen, advance="P6DT23H59M59S")
        frozen.arm("GET", deleted_path(vault)).ok()
        frozen.arm("PUT", vault.path, body_of(frozen, accessPolicies=[])).ok(409)
        move_clock(frozen, advance="PT1S")
        frozen.arm("GET", deleted_path(vault)).ok(404)
        assert frozen.arm("GET", DELETED).ok().json()["value"] == []
        assert recover(vault, 404).error()["code"] == "DeletedVaultNotFound"
        got = frozen.arm("POST", "{sub}/providers/Microsoft.KeyVault/checkNameAvailability",
                         {"name": vault.name, "type": "Microsoft.KeyVault/vaults"}).ok().json()
        assert got == {"nameAvailable": True}
        again = frozen.create_vault(vault.name, policies=None)
        assert again.kv("GET", "/keys").ok().json()["value"] == []

    def test_a_vault_recovered_in_time(self, frozen):
        vault = frozen.create_vault(softDeleteRetentionInDays=7)
        made = vault.create_key("k1")
        drop(vault)
        move_clock(frozen, advance="P6DT23H59M59S")
        frozen.arm("GET", deleted_path(vault)).ok()
        recover(vault)
        move_clock(frozen, advance="P30D")
        assert vault.kv("GET", "/keys/k1").ok().json() == made

    def test_a_key_in_a_protected_vault(self, frozen):
        vault = frozen.create_vault(softDeleteRetentionInDays=7, enablePurgeProtection=True)
        made = vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        move_clock(frozen, advance="P6DT23H59M59S")
        vault.kv("GET", "/deletedkeys/k1").ok()
        move_clock(frozen, advance="PT1S")
        vault.kv("GET", "/deletedkeys/k1").ok(404)
        assert vault.kv("GET", "/deletedkeys").ok().json()["value"] == []
        vault.kv("POST", "/deletedkeys/k1/recover").ok(404)
        again = vault.create_key("k1")
        assert again["key"]["kid"] != made["key"]["kid"]
        assert len(vault.kv("GET", "/keys/k1/versions").ok().json()["value"]) == 1

    def test_a_key_in_a_vault_that_was_deleted_meanwhile(self, frozen):
        """The key's own date counts, whatever befell its vault."""
        vault = frozen.create_vault(softDeleteRetentionInDays=7)
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        move_clock(frozen, advance="P4D")
        drop(vault)
        move_clock(frozen, advance="P4D")
        recover(vault)
        vault.kv("GET", "/deletedkeys/k1").ok(404)
        vault.create_key("k1")


@story("DeleteKey", "RecoverDeletedKey", "GetDeletedKey", "PurgeDeletedKey", "CreateKey", "ImportKey")
class TestDelay:
    """--deletion-delay: deleting and recovering take their time, as they do in Azure."""

    @pytest.fixture
    def vault(self, start_sandbox):
        sandbox = start_sandbox(vaultd_args=["--deletion-delay", "10"])
        move_clock(sandbox, freeze=True)
        return sandbox.create_vault()

    def conflicts(self, vault, inner, message):
        expected = {"code": "Conflict", "message": message, "innererror": {"code": inner}}
        assert vault.kv("POST", "/keys/k1/create", {"kty": "EC"}).ok(409).error() == expected
        jwk, _ = new_ec()
        assert vault.kv("PUT", "/keys/k1", {"key": jwk}).ok(409).error() == expected
        return expected

    def test_delete_and_recover(self, vault):
        made = vault.create_key("k1")
        version = made["key"]["kid"].rpartition("/")[2]
        deleted = vault.kv("DELETE", "/keys/k1").ok().json()
        for step in ("PT9S", "PT1S"):
            error = vault.kv("GET", "/deletedkeys/k1").ok(404).error()
            assert error == {"code": "KeyNotFound", "message": "Deleted Key not found: k1"}
            assert vault.kv("GET", "/deletedkeys").ok().json()["value"] == []
            vault.kv("GET", "/keys/k1").ok(404)
            busy = self.conflicts(vault, "ObjectIsBeingDeleted", "Key is currently being deleted.")
            assert vault.kv("DELETE", "/deletedkeys/k1").ok(409).error() == busy
            assert vault.kv("POST", "/deletedkeys/k1/recover").ok(409).error() == busy
            move_clock(vault.sandbox, advance=step)
        assert vault.kv("GET", "/deletedkeys/k1").ok().json() == deleted
        assert len(vault.kv("GET", "/deletedkeys").ok().json()["value"]) == 1
        error = vault.kv("POST", "/keys/k1/create", {"kty": "EC"}).ok(409).error()
        assert error["innererror"]["code"] == "ObjectIsDeletedButRecoverable"

        assert vault.kv("POST", "/deletedkeys/k1/recover").ok().json() == made
        for step in ("PT9S", "PT1S"):
            assert f"A key with (name/id) k1/{version} was not found" in (
                vault.kv("GET", f"/keys/k1/{version}").ok(404).error()["message"])
            assert vault.kv("GET", "/keys").ok().json()["value"] == []
            assert vault.kv("GET", "/keys/k1/versions").ok().json()["value"] == []
            vault.kv("PATCH", "/keys/k1", {}).ok(404)
            vault.kv("POST", "/keys/k1/sign", {"alg": "ES256", "value": DIGEST}).ok(404)
            vault.kv("DELETE", "/keys/k1").ok(404)
            vault.kv("GET", "/deletedkeys/k1").ok(404)
            self.conflicts(vault, "ObjectIsBeingRecovered",
                           "Key k1 is currently being recovered and cannot be re-created; retry later.")
            move_clock(vault.sandbox, advance=step)
        assert vault.kv("GET", "/keys/k1").ok().json() == made
        vault.create_key("k1")

    def test_purge(self, vault):
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        move_clock(vault.sandbox, advance="PT10S")
        vault.kv("DELETE", "/deletedkeys/k1").ok(204)
        # Purging has no delay of its own.
        vault.create_key("k1")

    def test_other_keys_are_not_touched(self, vault):
        for name in ("k1", "k2", "k3"):
            vault.create_key(name)
        vault.kv("DELETE", "/keys/k2").ok()
        page = vault.kv("GET", "/keys?maxresults=1").ok().json()
        seen = page["value"] + vault.sandbox.http("GET", page["nextLink"],
                                                  token=vault.sandbox.vault_admin_token()).ok().json()["value"]
        assert [k["kid"].rpartition("/")[2] for k in seen] == ["k1", "k3"]


@story("DeleteKey", "RecoverDeletedKey")
def test_without_the_setting_nothing_takes_time(vault):
    vault.create_key("k1")
    vault.kv("DELETE", "/keys/k1").ok()
    vault.kv("GET", "/deletedkeys/k1").ok()
    vault.kv("POST", "/deletedkeys/k1/recover").ok()
    vault.kv("GET", "/keys/k1").ok()
    vault.create_key("k1")
