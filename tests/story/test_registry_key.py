"""The registry as a user of the customer's key: it follows new versions within the hour, loses the key by every way
there is, and finds it again without help. What it did is read from the vault's audit."""

import pytest
from control import Control
from registries import Registry, encrypted, encryption, unversioned, user_assigned, vault_for
from roles import grant, revoke
from stories import story

HOUR = "PT1H"


@pytest.fixture
def world(start_sandbox):
    """A sandbox whose clock is the test's own."""
    return start_sandbox()


@pytest.fixture
def control(world):
    return Control(world)


def advance(control, world, duration):
    """Moves the clock; tokens of before are forgotten."""
    control.advance(duration)
    world._tokens.clear()


def looks(control, since, vault):
    """(operation, status, reason) of what registries asked of the vault since then."""
    return [(line["operationName"], line["properties"]["httpStatusCode"], line["decision"]["reason"])
            for line in control.audit(since, vault=vault.name)
            if line["properties"]["clientInfo"] == "Microsoft.ContainerRegistry"]


def new_version(vault, kid):
    return vault.kv("POST", "/keys/" + kid.split("/")[4] + "/create", {"kty": "RSA"}).ok().json()["key"]["kid"]


def state(registry):
    key = registry.key()
    return key["versionedKeyIdentifier"], key.get("lastKeyRotationTimestamp")


def test_creating_gets_and_wraps(world, control):
    since = control.now()
    registry, vault, identity, kid = encrypted(world)
    assert looks(control, since, vault) == [(asked, 200, "access-policy") for asked in ("KeyGet", "KeyWrap", "KeyUnwrap")]
    line = [x for x in control.audit(since, vault=vault.name) if x["operationName"] == "KeyWrap"][0]
    assert line["identity"]["claim"]["appid"] == identity["client_id"]
    assert line["properties"]["id"] == kid
    assert registry.id.lower() in str(line["identity"]).lower()


def test_an_unversioned_key_is_followed_within_the_hour(world, control):
    registry, vault, _identity, kid = encrypted(world)
    assert state(registry) == (kid, None)
    newer = new_version(vault, kid)
    advance(control, world, "PT59M")
    assert state(registry) == (kid, None)
    since = control.now()
    advance(control, world, "PT1M")
    moved, at = state(registry)
    assert moved == newer and at.endswith("+00:00") and len(at) == len("2022-06-21T14:45:06.8203173+00:00")
    # The data key is opened with the version of before, and its new secret wrapped by the new one.
    asked = [x[0] for x in looks(control, since, vault)]
    assert asked[-3:] == ["KeyUnwrap", "KeyWrap", "KeyUnwrap"] and set(asked[:-3]) == {"KeyGet"}


def test_a_versioned_key_is_never_left(world, control):
    registry, vault, _identity, kid = encrypted(world, versioned=True)
    new_version(vault, kid)
    for _ in range(3):
        advance(control, world, HOUR)
    assert state(registry) == (kid, None)
    assert registry.key()["keyRotationEnabled"] is False


def test_each_hour_it_looks_once(world, control):
    _registry, vault, _identity, _kid = encrypted(world)
    for _ in range(3):
        since = control.now()
        advance(control, world, HOUR)
        assert looks(control, since, vault) == [("KeyGet", 200, "access-policy"),
                                                ("KeyUnwrap", 200, "access-policy")]
    since = control.now()
    advance(control, world, "PT59M")
    assert looks(control, since, vault) == []


def test_a_clock_set_back_does_not_stop_it(world, control):
    registry, vault, _identity, kid = encrypted(world)
    advance(control, world, "P30D")
    control.move(reset=True)
    world._tokens.clear()
    newer = new_version(vault, kid)
    advance(control, world, HOUR)
    assert state(registry)[0] == newer


def rights(vault, identity, keys):
    vault.sandbox.arm("PUT", vault.path + "/accessPolicies/replace", {"properties": {"accessPolicies": [
        vault.sandbox.policy(identity["oid"], keys)]}}).ok()


def change(vault, **properties):
    body = vault.sandbox.arm("GET", vault.path).ok().json()
    body["properties"].update(properties)
    vault.sandbox.arm("PUT", vault.path, body).ok()


def delete_vault(vault):
    vault.sandbox.arm("DELETE", vault.path).ok()


def recover_vault(vault):
    vault.sandbox.arm("PUT", vault.path, {"location": vault.location, "properties": {
        "tenantId": vault.sandbox.endpoints["tenant"], "sku": {"family": "A", "name": "standard"},
        "createMode": "recover"}}).ok()


def key_path(kid):
    return "/keys/" + kid.split("/")[4]


# Each takes (vault, identity, kid): what takes the key away, what gives it back, and how the vault answers meanwhile.
LOSSES = {
    "the policy without unwrapKey": (
        lambda v, i, k: rights(v, i, ["get", "wrapKey"]),
        lambda v, i, k: rights(v, i, ["get", "wrapKey", "unwrapKey"]),
        ("KeyUnwrap", 403, "access-policy-no-permission")),
    "the policy removed": (
        lambda v, i, k: rights(v, i, []),
        lambda v, i, k: rights(v, i, ["get", "wrapKey", "unwrapKey"]),
        ("KeyGet", 403, "access-policy-no-permission")),
    "the key disabled": (
        lambda v, i, k: v.kv("PATCH", key_path(k), {"attributes": {"enabled": False}}).ok(),
        lambda v, i, k: v.kv("PATCH", key_path(k), {"attributes": {"enabled": True}}).ok(),
        ("KeyUnwrap", 403, "key-disabled")),
    "the key deleted": (
        lambda v, i, k: v.kv("DELETE", key_path(k)).ok(),
        lambda v, i, k: v.kv("POST", "/deletedkeys/" + k.split("/")[4] + "/recover").ok(),
        ("KeyGet", 404, "key-deleted")),
    "the vault deleted": (lambda v, i, k: delete_vault(v), lambda v, i, k: recover_vault(v), None),
    "the firewall closed": (
        lambda v, i, k: change(v, networkAcls={"bypass": "AzureServices", "defaultAction": "Deny"}),
        lambda v, i, k: change(v, networkAcls={"bypass": "AzureServices", "defaultAction": "Allow"}),
        ("KeyGet", 403, "net-default")),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lost_key_is_noticed_and_found_again(world, control, loss):
    registry, vault, identity, kid = encrypted(world)
    take, give, answer = LOSSES[loss]
    take(vault, identity, kid)
    since = control.now()
    advance(control, world, HOUR)
    if answer is not None:
        got = looks(control, since, vault)[-1]
        assert got == answer
    # The registry itself can still be read.
    assert state(registry) == (kid, None)
    give(vault, identity, kid)
    newer = new_version(vault, kid)
    advance(control, world, HOUR)
    assert state(registry)[0] == newer


def test_a_role_taken_away_and_given_back(world, control):
    identity = world.create_identity()
    vault = world.create_vault(enableRbacAuthorization=True, policies={})
    grant(world, vault.path, "Key Vault Crypto Officer", world.admin_oid)
    kid = vault.create_key(kty="RSA")["key"]["kid"]
    given = grant(world, vault.path, "Key Vault Crypto Service Encryption User", identity["oid"])
    registry = Registry(world)
    registry.settled(registry.create(identity=user_assigned(identity),
                                     encryption=encryption(unversioned(kid), identity["client_id"])))
    revoke(world, given)
    since = control.now()
    advance(control, world, HOUR)
    assert [x[:2] for x in looks(control, since, vault)] == [("KeyGet", 403)]
    grant(world, vault.path, "Key Vault Crypto Service Encryption User", identity["oid"])
    newer = new_version(vault, kid)
    advance(control, world, HOUR)
    assert state(registry)[0] == newer


def test_automatic_rotation_in_the_vault_reaches_the_registry(world, control):
    registry, vault, _identity, kid = encrypted(world)
    vault.kv("PUT", key_path(kid) + "/rotationpolicy", {"lifetimeActions": [
        {"trigger": {"timeAfterCreate": "P30D"}, "action": {"type": "Rotate"}}],
        "attributes": {"expiryTime": "P90D"}}).ok()
    advance(control, world, "P30DT1H")
    moved = state(registry)[0]
    newest = vault.kv("GET", key_path(kid)).ok().json()["key"]["kid"]
    assert moved == newest != kid


def test_a_purged_key_stays_lost(world, control):
    registry, vault, _identity, kid = encrypted(world)
    name = kid.split("/")[4]
    vault.kv("DELETE", "/keys/" + name).ok()
    vault.kv("DELETE", "/deletedkeys/" + name).ok(204)
    vault.create_key(name, kty="RSA")
    advance(control, world, HOUR)
    # Another key under the same name cannot open what the former one wrapped.
    assert state(registry) == (kid, None)


def test_what_is_followed_outlives_a_restart(start_sandbox):
    world = start_sandbox(mode="direct", ephemeral=False)
    registry, vault, _identity, kid = encrypted(world)
    newer = new_version(vault, kid)
    world.vaultd.stop()
    world.restart(world.vaultd)
    advance(Control(world), world, HOUR)
    assert state(registry)[0] == newer


@story("Registries_Create", "Registries_Update")
def test_a_vault_behind_roles_and_firewall_lets_the_trusted_registry_in(world, control):
    """The system-assigned identity passes the closed firewall as a trusted service, the user-assigned one does not."""
    registry, vault, identity, kid = encrypted(world)
    body = registry.changed(identity={"type": "SystemAssigned, UserAssigned",
                                      "userAssignedIdentities": {identity["id"]: {}}})
    own = registry.settled(registry.ask("PATCH", body))["identity"]["principalId"]
    rights(vault, {"oid": own}, ["get", "wrapKey", "unwrapKey"])
    change(vault, networkAcls={"bypass": "AzureServices", "defaultAction": "Deny"},
           accessPolicies=vault.sandbox.arm("GET", vault.path).ok().json()["properties"]["accessPolicies"])
    since = control.now()
    registry.settled(registry.rotate(unversioned(kid), "system"))
    got = looks(control, since, vault)
    assert [x[:2] for x in got] == [
        ("KeyGet", 200), ("KeyUnwrap", 200), ("KeyWrap", 200), ("KeyUnwrap", 200)], got
    key = registry.key()
    assert key["identity"] == "system" and key["lastKeyRotationTimestamp"]
