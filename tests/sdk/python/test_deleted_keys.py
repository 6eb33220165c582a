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


def test_purge_protection(world, admin):
    vault = KeyClient(world.new_vault("sdkpythonkeep", enablePurgeProtection=True).url, admin)
    key = vault.create_ec_key("kept")
    assert key.properties.recovery_level == "Recoverable"
    delete(vault, "kept")
    with pytest.raises(HttpResponseError) as refused:
        vault.purge_deleted_key("kept")
    assert (refused.value.status_code, refused.value.error.code) == (403, "Forbidden")
    assert "purge protection is enabled" in refused.value.message
    assert vault.get_deleted_key("kept").id == key.id
