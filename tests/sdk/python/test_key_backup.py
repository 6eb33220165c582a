"""KeyClient: backup and restore, there and back and where it does not go."""

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.keyvault.keys import KeyClient
from test_deleted_keys import delete
from test_errors import new_year, refusal


@pytest.fixture
def elsewhere(world, admin):
    """elsewhere(location) → a client of a fresh vault there."""
    clients = []

    def make(location):
        clients.append(KeyClient(world.sandbox.create_vault(location=location).url, admin))
        return clients[-1]

    yield make
    for c in clients:
        c.close()


def test_there_and_back(client, name):
    old = client.create_rsa_key(name, tags={"n": "1"})
    wrapped = client.get_cryptography_client(name).wrap_key("RSA-OAEP-256", b"data key")
    new = client.create_rsa_key(name, tags={"n": "2"}, enabled=False, expires_on=new_year(2090))
    client.update_key_rotation_policy(name, client.get_key_rotation_policy(name), expires_in="P90D")
    backup = client.backup_key(name)
    assert isinstance(backup, bytes)
    delete(client, name)
    client.purge_deleted_key(name)
    with pytest.raises(ResourceNotFoundError):
        client.get_key(name)

    restored = client.restore_key_backup(backup)
    for got in (restored, client.get_key(name)):
        assert (got.id, got.key.n, got.properties.tags) == (new.id, new.key.n, {"n": "2"})
        assert got.properties.enabled is False and got.properties.expires_on == new_year(2090)
    assert {p.id for p in client.list_properties_of_key_versions(name)} == {old.id, new.id}
    assert client.get_key_rotation_policy(name).expires_in == "P90D"
    crypto = client.get_cryptography_client(name, key_version=old.properties.version)
    assert crypto.unwrap_key("RSA-OAEP-256", wrapped.encrypted_key).key == b"data key"


def test_into_another_vault(client, elsewhere, name):
    key = client.create_ec_key(name)
    signature = client.get_cryptography_client(name).sign("ES256", b"d" * 32).signature
    other = elsewhere("northeurope")
    restored = other.restore_key_backup(client.backup_key(name))
    assert restored.id == key.id.replace(client.vault_url, other.vault_url)
    assert (restored.key.x, restored.key.y) == (key.key.x, key.key.y)
    assert other.get_cryptography_client(name).verify("ES256", b"d" * 32, signature).is_valid


@pytest.mark.parametrize("taken_by", ["itself", "another", "a deleted one"])
def test_name_is_taken(client, name, taken_by):
    key = client.create_ec_key(name)
    backup = client.backup_key(name)
    if taken_by != "itself":
        delete(client, name)
    if taken_by == "another":
        client.purge_deleted_key(name)
        client.create_ec_key(name)
    status, code, inner, message = refusal(lambda: client.restore_key_backup(backup), ResourceExistsError)
    assert (status, code) == (409, "Conflict")
    if taken_by == "a deleted one":
        assert inner == "ObjectIsDeletedButRecoverable" and client.get_deleted_key(name).id == key.id
    else:
        assert inner is None and message.startswith("There was a conflict restoring the key '")
        assert (client.get_key(name).id == key.id) is (taken_by == "itself")


def test_what_is_no_backup(client, name):
    client.create_ec_key(name)
    backup = client.backup_key(name)
    delete(client, name)
    client.purge_deleted_key(name)
    for bad in (b"backup", backup[:-40], backup[:200] + bytes([backup[200] ^ 1]) + backup[201:]):
        status, code, _, message = refusal(lambda: client.restore_key_backup(bad))
        assert (status, code, message) == (400, "Malformed backup blob", "Backup blob is corrupt.")
    with pytest.raises(ResourceNotFoundError):
        client.get_key(name)


def test_another_geography(client, elsewhere, name):
    client.create_ec_key(name)
    backup, far = client.backup_key(name), elsewhere("eastus")
    status, code, _, _ = refusal(lambda: far.restore_key_backup(backup))
    assert (status, code) == (400, "BadParameter")
    assert list(far.list_properties_of_keys()) == []


def test_unknown_key(client, name):
    status, code, _, message = refusal(lambda: client.backup_key(name), ResourceNotFoundError)
    assert (status, code) == (404, "KeyNotFound") and name in message


@pytest.mark.parametrize("operation", ["backup", "restore"])
def test_missing_permission(world, client, name, operation):
    client.create_ec_key(name)
    backup = client.backup_key(name)
    with KeyClient(world.vault.url, world.managed_identity(world.cmk)) as c:
        call = {"backup": lambda: c.backup_key(name), "restore": lambda: c.restore_key_backup(backup)}[operation]
        status, code, inner, message = refusal(call)
    assert (status, code, inner) == (403, "Forbidden", "AccessDenied")
    assert f"does not have keys {operation} permission on key vault" in message
