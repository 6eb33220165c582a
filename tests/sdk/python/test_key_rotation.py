"""KeyClient: rotation policies, rotation by hand, and what is refused of both."""

from datetime import datetime, timedelta, timezone

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.keyvault.keys import KeyClient, KeyRotationLifetimeAction, KeyRotationPolicy, KeyRotationPolicyAction
from test_deleted_keys import delete
from test_errors import refusal

NOTIFY, ROTATE = KeyRotationPolicyAction.notify, KeyRotationPolicyAction.rotate


def action(what, **trigger):
    return KeyRotationLifetimeAction(what, **trigger)


def actions(policy):
    return [(a.action, a.time_after_create, a.time_before_expiry) for a in policy.lifetime_actions]


def test_policy_of_a_fresh_key(client, name):
    client.create_ec_key(name)
    policy = client.get_key_rotation_policy(name)
    assert actions(policy) == [(NOTIFY, None, "P30D")]
    assert policy.expires_in is None and policy.created_on is None and policy.updated_on is None


def test_policy_is_kept(client, name):
    client.create_ec_key(name)
    sent = KeyRotationPolicy(expires_in="P90D", lifetime_actions=[
        action(ROTATE, time_after_create="P60D"), action(NOTIFY, time_before_expiry="P20D")])
    for got in (client.update_key_rotation_policy(name, sent), client.get_key_rotation_policy(name)):
        assert actions(got) == actions(sent) and got.expires_in == "P90D"
        assert got.id == f"{client.vault_url}/keys/{name}/rotationpolicy"
        assert abs(got.created_on - datetime.now(timezone.utc)) < timedelta(minutes=1)
        assert got.updated_on >= got.created_on


def test_policy_is_changed(client, name):
    """As the SDK's documentation shows it: what was got, with something in its place."""
    client.create_ec_key(name)
    client.update_key_rotation_policy(name, KeyRotationPolicy(), expires_in="P90D",
                                      lifetime_actions=[action(ROTATE, time_before_expiry="P30D")])
    policy = client.get_key_rotation_policy(name)
    changed = client.update_key_rotation_policy(name, policy, expires_in="P2Y")
    assert changed.expires_in == "P2Y" and changed.created_on == policy.created_on
    assert actions(changed) == [(ROTATE, None, "P30D"), (NOTIFY, None, "P30D")]


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_rotate(client, name, kind):
    old = client.create_key(name, kind, tags={"kept": "yes"})
    client.update_key_rotation_policy(name, KeyRotationPolicy(), expires_in="P90D")
    new = client.rotate_key(name)
    assert new.id != old.id and client.get_key(name).id == new.id
    assert (new.key_type, new.key.crv, new.key_operations) == (old.key_type, old.key.crv, old.key_operations)
    assert (new.key.n, new.key.x) != (old.key.n, old.key.x)
    assert new.properties.tags == {"kept": "yes"}
    assert new.properties.expires_on - new.properties.created_on == timedelta(days=90)
    assert client.get_key(name, old.properties.version).properties.expires_on is None
    assert {p.id for p in client.list_properties_of_key_versions(name)} == {old.id, new.id}


def test_what_was_wrapped_before_is_unwrapped_after(client, name):
    old = client.create_rsa_key(name)
    before = client.get_cryptography_client(name)
    wrapped = before.wrap_key("RSA-OAEP-256", b"data key")
    new = client.rotate_key(name)
    after = client.get_cryptography_client(name)
    assert after.wrap_key("RSA-OAEP-256", b"data key").key_id == new.id
    old_version = client.get_cryptography_client(name, key_version=old.properties.version)
    assert old_version.unwrap_key("RSA-OAEP-256", wrapped.encrypted_key).key == b"data key"


def test_a_disabled_key_is_rotated(client, name):
    client.create_ec_key(name, enabled=False)
    assert client.rotate_key(name).properties.enabled
    assert client.get_cryptography_client(name).sign("ES256", b"d" * 32).signature


OF_A_KEY = {
    "rotate": lambda c, n: c.rotate_key(n),
    "getrotationpolicy": lambda c, n: c.get_key_rotation_policy(n),
    "setrotationpolicy": lambda c, n: c.update_key_rotation_policy(n, KeyRotationPolicy()),
}


@pytest.mark.parametrize("operation", OF_A_KEY)
@pytest.mark.parametrize("state", ["unknown", "deleted"])
def test_no_such_key(client, name, operation, state):
    if state == "deleted":
        client.create_ec_key(name)
        delete(client, name)
    status, code, _, message = refusal(lambda: OF_A_KEY[operation](client, name), ResourceNotFoundError)
    assert (status, code) == (404, "KeyNotFound")
    assert f"(name/id) {name} was not found" in message


@pytest.mark.parametrize("operation", OF_A_KEY)
def test_missing_permission(world, client, name, operation):
    client.create_ec_key(name)
    with KeyClient(world.vault.url, world.managed_identity(world.cmk)) as c:
        status, code, inner, message = refusal(lambda: OF_A_KEY[operation](c, name))
    assert (status, code, inner) == (403, "Forbidden", "AccessDenied")
    assert f"does not have keys {operation} permission on key vault" in message
    assert len(list(client.list_properties_of_key_versions(name))) == 1


INVALID = {
    "expiry too short": ("P27D", []),
    "expiry that is no duration": ("90 days", []),
    "rotation too early": (None, [action(ROTATE, time_after_create="P6D")]),
    "rotation too near to expiry": ("P90D", [action(ROTATE, time_after_create="P89D")]),
    "before an expiry that there is not": (None, [action(ROTATE, time_before_expiry="P30D")]),
    "no trigger": ("P90D", [action(ROTATE)]),
    "both triggers": ("P90D", [action(ROTATE, time_after_create="P30D", time_before_expiry="P30D")]),
    "two rotations": ("P90D", [action(ROTATE, time_after_create="P30D"), action(ROTATE, time_after_create="P40D")]),
    "unknown action": ("P90D", [action("Destroy", time_after_create="P30D")]),
}


@pytest.mark.parametrize("what", INVALID)
def test_invalid_policy(client, name, what):
    expires_in, lifetime_actions = INVALID[what]
    client.create_ec_key(name)
    policy = KeyRotationPolicy(expires_in=expires_in, lifetime_actions=lifetime_actions)
    status, code, _, _ = refusal(lambda: client.update_key_rotation_policy(name, policy))
    assert (status, code) == (400, "BadParameter")
    assert client.get_key_rotation_policy(name).created_on is None
