"""KeyClient: delete, and what can be done with a deleted key."""

from datetime import timedelta

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.keyvault.keys import KeyClient

WAIT_S = 30  # far more than needed; a poller that never ends must not hang the tests


def delete(client, name):
    poller = client.begin_delete_key(name)
    poller.wait(WAIT_S)
    assert poller.done()
    return poller.result()


def test_delete_then_get_deleted(client, name):
    key = client.create_rsa_key(name, tags={"kept": "yes"})
    deleted = delete(client, name)
    for got in (deleted, client.get_deleted_key(name)):
        assert (got.id, got.name, got.key.n) == (key.id, name, key.key.n)
        assert got.recovery_id == f"{client.vault_url}/deletedkeys/{name}"
        assert got.scheduled_purge_date - got.deleted_date == timedelta(days=90)
        assert got.properties.tags == {"kept": "yes"}
    with pytest.raises(ResourceNotFoundError):
        client.get_key(name)
    with pytest.raises(ResourceNotFoundError):
        client.get_key(name, key.properties.version)
    assert name not in [p.name for p in client.list_properties_of_keys()]


def test_list_deleted_in_pages(world, admin):
    vault = KeyClient(world.new_vault("sdkpythondel", softDeleteRetentionInDays=7).url, admin)
    names = [f"gone-{n}" for n in range(5)]
    for name in names:
        vault.create_ec_key(name)
        delete(vault, name)
    listed = list(vault.list_deleted_keys())
    assert [d.name for d in listed] == names
    for deleted in listed:
        assert deleted.scheduled_purge_date - deleted.deleted_date == timedelta(days=7)
        assert deleted.recovery_id.endswith(f"/deletedkeys/{deleted.name}")
        assert deleted.properties.recovery_level == "CustomizedRecoverable+Purgeable"
    pages = [[d.name for d in page] for page in vault.list_deleted_keys(max_page_size=2).by_page()]
    assert [n for page in pages for n in page] == names and max(map(len, pages)) == 2


def test_recover_brings_all_versions_back(client, name):
    versions = [client.create_ec_key(name, tags={"n": str(n)}) for n in range(3)]
    crypto = client.get_cryptography_client(name)
    signature = crypto.sign("ES256", b"d" * 32).signature
    delete(client, name)

    poller = client.begin_recover_deleted_key(name)
    poller.wait(WAIT_S)
    assert poller.done() and poller.result().id == versions[-1].id
    assert client.get_key(name).id == versions[-1].id
    assert {p.id: p.tags for p in client.list_properties_of_key_versions(name)} == {
        key.id: key.properties.tags for key in versions}
    assert crypto.verify("ES256", b"d" * 32, signature).is_valid
    assert crypto.sign("ES256", b"d" * 32).key_id == versions[-1].id
    with pytest.raises(ResourceNotFoundError):
        client.get_deleted_key(name)


def test_purge_frees_the_name(client, name):
    old = client.create_ec_key(name)
    delete(client, name)
    assert client.purge_deleted_key(name) is None
    with pytest.raises(ResourceNotFoundError):
        client.get_deleted_key(name)
    with pytest.raises(ResourceNotFoundError):
        client.begin_recover_deleted_key(name)
    new = client.create_ec_key(name)
    assert new.id != old.id
    assert [p.id for p in client.list_properties_of_key_versions(name)] == [new.id]


@pytest.mark.parametrize("again", ["create", "import"])
def test_name_of_deleted_key_is_taken(client, name, again):
    from test_keys import ec_jwk

    client.create_ec_key(name)
    delete(client, name)
    with pytest.raises(ResourceExistsError) as conflict:
        client.create_ec_key(name) if again == "create" else client.import_key(name, ec_jwk("P-256"))
    assert conflict.value.status_code == 409
    assert conflict.value.error.code == "Conflict"
    assert conflict.value.error.innererror["code"] == "ObjectIsDeletedButRecoverable"


OF_A_LIVING_KEY = {
    "get": lambda c, n: c.get_key(n),
    "update": lambda c, n: c.update_key_properties(n, enabled=False),
    "delete": lambda c, n: c.begin_delete_key(n),
    "backup": lambda c, n: c.backup_key(n),
    "rotate": lambda c, n: c.rotate_key(n),
    "sign": lambda c, n: c.get_cryptography_client(n).sign("ES256", b"d" * 32),
}


@pytest.mark.parametrize("operation", OF_A_LIVING_KEY)
def test_a_deleted_key_is_not_found(client, name, operation):
    key = client.create_ec_key(name)
    delete(client, name)
    with pytest.raises(ResourceNotFoundError) as refused:
        OF_A_LIVING_KEY[operation](client, name)
    assert (refused.value.status_code, refused.value.error.code) == (404, "KeyNotFound")
    assert client.get_deleted_key(name).id == key.id


def test_pollers_of_who_may_not_look(world, client, name):
    """They ask for what they wait for; that they are refused tells them that it is there."""
    identity = world.sandbox.create_identity()
    world.sandbox.arm("PUT", world.vault.path + "/accessPolicies/add", {"properties": {"accessPolicies": [
        world.sandbox.policy(identity["oid"], ["delete", "recover"])]}}).ok()
    key = client.create_ec_key(name)
    with KeyClient(world.vault.url, world.managed_identity(identity)) as c:
        assert delete(c, name).id == key.id
        poller = c.begin_recover_deleted_key(name)
        poller.wait(WAIT_S)
        assert poller.done() and poller.result().id == key.id
    assert client.get_key(name).id == key.id


def test_a_deleted_vault_and_its_recovery(sandbox, world, admin):
    vault = world.new_vault("sdkpythongone")
    with KeyClient(vault.url, admin) as client:
        key = client.create_ec_key("k")
        sandbox.arm("DELETE", vault.path).ok()
        with pytest.raises(ResourceNotFoundError) as caught:
            client.get_key("k")
        assert caught.value.error.code == "VaultNotFound" and "az keyvault recover" in caught.value.error.message
        sandbox.arm("PUT", vault.path, {"location": vault.location, "properties": {
            "tenantId": sandbox.endpoints["tenant"], "sku": {"family": "A", "name": "premium"},
            "createMode": "recover"}}).ok()
        assert client.get_key("k").id == key.id


@pytest.mark.parametrize("days, level", [(90, "Recoverable"), (7, "CustomizedRecoverable")])
def test_purge_protection(world, admin, days, level):
    """The administrator, too, waits until the retention is over."""
    made = world.new_vault(f"sdkpythonkeep{days}", enablePurgeProtection=True, softDeleteRetentionInDays=days)
    vault = KeyClient(made.url, admin)
    key = vault.create_ec_key("kept")
    assert (key.properties.recovery_level, key.properties.recoverable_days) == (level, days)
    delete(vault, "kept")
    with pytest.raises(HttpResponseError) as refused:
        vault.purge_deleted_key("kept")
    assert (refused.value.status_code, refused.value.error.code) == (403, "Forbidden")
    assert refused.value.error.message == (
        'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will '
        f"automatically purge it after the retention period has passed.\r\nVault: {made.name};location={made.location}")
    assert vault.get_deleted_key("kept").id == key.id
    poller = vault.begin_recover_deleted_key("kept")
    poller.wait(WAIT_S)
    assert poller.done() and vault.get_key("kept").id == key.id
