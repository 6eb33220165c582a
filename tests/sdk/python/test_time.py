"""A sandbox of its own, whose clock the tests move: pollers that have to wait, keys that run out or rotate themselves.

Its keys take ten minutes to be deleted and to be recovered, as they may in Azure: no poller can finish unless the clock
is moved.
"""

from datetime import timedelta

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.keys import KeyClient, KeyRotationLifetimeAction, KeyRotationPolicy
from azure.keyvault.keys.crypto import CryptographyClient
from control import Control
from sandbox import Sandbox
from test_deleted_keys import WAIT_S
from test_errors import refusal

DELAY = "PT10M"


@pytest.fixture(scope="module")
def slow():
    with Sandbox(vaultd_args=["--deletion-delay=600", "--key-stock-2048=1", "--key-stock-larger=0"]) as s:
        Control(s).move(freeze=True)
        yield s


@pytest.fixture(scope="module")
def control(slow):
    return Control(slow)


def sign_in(slow):
    """The administrator's credential, which keeps its token: after a jump of the clock by days another is needed."""
    e = slow.endpoints
    return ClientSecretCredential("adfs", e["client_id"], e["client_secret"], authority=e["login"],
                                  connection_verify=e["ca"])


@pytest.fixture
def vault(slow):
    slow._tokens.clear()
    return slow.create_vault()


@pytest.fixture
def make_client(slow, vault):
    """make_client() → a client of the vault with a token of now."""
    made = []

    def make():
        made.append(KeyClient(vault.url, sign_in(slow), connection_verify=slow.endpoints["ca"]))
        return made[-1]

    yield make
    for c in made:
        c.close()


@pytest.fixture
def client(make_client):
    return make_client()


def finish(poller):
    """Waits for a poller that is due."""
    poller.wait(WAIT_S)
    assert poller.done() and poller.status() == "finished"


def test_delete_and_recover_take_their_time(client, control):
    key = client.create_ec_key("k")
    poller = client.begin_delete_key("k")
    poller.wait(0)
    assert not poller.done() and poller.status() == "polling"
    assert poller.result().id == key.id
    for gone in (lambda: client.get_key("k"), lambda: client.get_deleted_key("k")):
        assert refusal(gone, ResourceNotFoundError)[:2] == (404, "KeyNotFound")
    for early in (lambda: client.create_ec_key("k"), lambda: client.purge_deleted_key("k"),
                  lambda: client.begin_recover_deleted_key("k")):
        status, code, inner, message = refusal(early, ResourceExistsError)
        assert (status, code, inner) == (409, "Conflict", "ObjectIsBeingDeleted")
        assert message == "Key is currently being deleted."
    control.advance(DELAY)
    finish(poller)
    assert client.get_deleted_key("k").id == key.id

    poller = client.begin_recover_deleted_key("k")
    poller.wait(0)
    assert not poller.done()
    assert refusal(lambda: client.get_key("k"), ResourceNotFoundError)[:2] == (404, "KeyNotFound")
    status, code, inner, _ = refusal(lambda: client.create_ec_key("k"), ResourceExistsError)
    assert (status, code, inner) == (409, "Conflict", "ObjectIsBeingRecovered")
    control.advance(DELAY)
    finish(poller)
    assert client.get_key("k").id == poller.result().id == key.id


def test_purge_after_the_wait(client, control):
    client.create_ec_key("k")
    poller = client.begin_delete_key("k")
    control.advance(DELAY)
    finish(poller)
    client.purge_deleted_key("k")
    assert refusal(lambda: client.get_deleted_key("k"), ResourceNotFoundError)[:2] == (404, "KeyNotFound")
    client.create_ec_key("k")


@pytest.mark.parametrize("what", ["nbf", "exp"])
def test_a_key_meets_its_date(slow, vault, client, control, what):
    """Through a caller who may not read it: the SDK's own look at the dates would go by the machine's clock."""
    created = client.create_rsa_key("k").properties.created_on
    date = created + timedelta(minutes=5)
    slow.arm("PUT", vault.path + "/accessPolicies/replace", {"properties": {"accessPolicies": [
        slow.policy(slow.admin_oid, ["update", "wrapKey", "unwrapKey"])]}})
    key = client.update_key_properties("k", **({"not_before": date} if what == "nbf" else {"expires_on": date}))
    crypto = CryptographyClient(key.id, sign_in(slow), connection_verify=slow.endpoints["ca"])

    def refused():
        return refusal(lambda: crypto.wrap_key("RSA-OAEP", b"data key"))[:3]

    if what == "nbf":
        assert refused() == (403, "Forbidden", "KeyNotYetValid")
        control.advance("PT5M")
        wrapped = crypto.wrap_key("RSA-OAEP", b"data key").encrypted_key
    else:
        wrapped = crypto.wrap_key("RSA-OAEP", b"data key").encrypted_key
        control.advance("PT5M")
        assert refused() == (403, "Forbidden", "KeyExpired")
    assert crypto.unwrap_key("RSA-OAEP", wrapped).key == b"data key"


def test_a_key_rotates_itself(make_client, client, control):
    old = client.create_ec_key("k")
    client.update_key_rotation_policy("k", KeyRotationPolicy(), expires_in="P90D", lifetime_actions=[
        KeyRotationLifetimeAction("Rotate", time_after_create="P30D")])
    control.advance("P30D")
    client = make_client()
    new = client.get_key("k")
    assert new.id != old.id
    assert new.properties.created_on - old.properties.created_on == timedelta(days=30)
    assert new.properties.expires_on - new.properties.created_on == timedelta(days=90)


def test_a_deleted_key_is_purged_when_its_time_has_come(make_client, client, control):
    client.create_ec_key("k")
    poller = client.begin_delete_key("k")
    control.advance(DELAY)
    finish(poller)
    assert client.get_deleted_key("k").scheduled_purge_date - poller.result().deleted_date == timedelta(days=90)
    control.advance("P90D")
    client = make_client()
    assert refusal(lambda: client.get_deleted_key("k"), ResourceNotFoundError)[:2] == (404, "KeyNotFound")
    client.create_ec_key("k")
