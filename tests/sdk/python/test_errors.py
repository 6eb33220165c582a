"""Refusals arrive as the SDK's own exceptions, with status, code and inner code as Azure sends them."""

from datetime import datetime, timezone

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient, KeyWrapAlgorithm


def new_year(n):
    return datetime(n, 1, 1, tzinfo=timezone.utc)


def refusal(call, kind=HttpResponseError):
    """(status, code, inner code or None, message) of what call raises."""
    with pytest.raises(kind) as caught:
        call()
    error = caught.value.error
    inner = error.innererror["code"] if error.innererror else None
    return caught.value.status_code, error.code, inner, error.message


@pytest.fixture(scope="module")
def cmk_client(world):
    with KeyClient(world.vault.url, world.managed_identity(world.cmk)) as c:
        yield c


NOT_FOUND = {
    "get": lambda c, n: c.get_key(n),
    "get version": lambda c, n: c.get_key(n, "0" * 32),
    "update": lambda c, n: c.update_key_properties(n, enabled=True),
    "delete": lambda c, n: c.begin_delete_key(n),
    "get deleted": lambda c, n: c.get_deleted_key(n),
    "recover": lambda c, n: c.begin_recover_deleted_key(n),
    "purge": lambda c, n: c.purge_deleted_key(n),
    "sign": lambda c, n: c.get_cryptography_client(n).sign("ES256", b"d" * 32),
}


@pytest.mark.parametrize("operation", NOT_FOUND)
def test_unknown_key(client, name, operation):
    status, code, _, message = refusal(lambda: NOT_FOUND[operation](client, name), ResourceNotFoundError)
    assert (status, code) == (404, "KeyNotFound")
    assert name in message


def test_unknown_version_of_a_known_key(client, name):
    client.create_ec_key(name)
    status, code, _, message = refusal(lambda: client.get_key(name, "0" * 32), ResourceNotFoundError)
    assert (status, code) == (404, "KeyNotFound")
    assert f"{name}/{'0' * 32}" in message


FORBIDDEN = {
    "create": lambda c, n: c.create_ec_key(n),
    "list": lambda c, n: list(c.list_properties_of_keys()),
    "update": lambda c, n: c.update_key_properties(n, enabled=False),
    "delete": lambda c, n: c.begin_delete_key(n),
    "recover": lambda c, n: c.begin_recover_deleted_key(n),
    "purge": lambda c, n: c.purge_deleted_key(n),
    "sign": lambda c, n: c.get_cryptography_client(n).sign("ES256", b"d" * 32),
}


@pytest.mark.parametrize("operation", FORBIDDEN)
def test_missing_permission(world, client, cmk_client, name, operation):
    before = client.create_ec_key(name)
    status, code, inner, message = refusal(lambda: FORBIDDEN[operation](cmk_client, name))
    assert (status, code, inner) == (403, "Forbidden", "AccessDenied")
    assert f"does not have keys {operation} permission on key vault '{world.vault.name};location=" in message
    assert f"appid={world.cmk['client_id']};oid={world.cmk['oid']}" in message
    assert client.get_key(name).id == before.id


def test_caller_without_any_policy(world, client, name):
    client.create_ec_key(name)
    with KeyClient(world.vault.url, world.managed_identity(world.other)) as nobody:
        status, code, inner, message = refusal(lambda: nobody.get_key(name))
    assert (status, code, inner) == (403, "Forbidden", "AccessDenied")
    assert "does not have keys get permission" in message


@pytest.mark.parametrize("operation", ["sign", "unwrapKey", "decrypt"])
def test_disabled_key(world, client, blind, name, operation):
    client.create_rsa_key(name, enabled=False)
    crypto = CryptographyClient(f"{client.vault_url}/keys/{name}", blind)
    calls = {
        "sign": lambda: crypto.sign("RS256", b"d" * 32),
        "unwrapKey": lambda: crypto.unwrap_key("RSA-OAEP", b"c" * 256),
        "decrypt": lambda: crypto.decrypt("RSA-OAEP", b"c" * 256),
    }
    status, code, inner, message = refusal(calls[operation])
    assert (status, code, inner) == (403, "Forbidden", "KeyDisabled")
    assert message == f"Operation {operation} is not allowed on a disabled key."
    assert client.get_key(name).properties.enabled is False


def test_disabled_key_still_does_public_key_arithmetic(client, blind, name):
    """As a tester found the service to do: only what needs the private half is refused."""
    key = client.create_rsa_key(name)
    crypto = CryptographyClient(key.id, blind)
    signature = crypto.sign("RS256", b"d" * 32).signature
    client.update_key_properties(name, enabled=False)
    assert crypto.verify("RS256", b"d" * 32, signature).is_valid
    wrapped = crypto.wrap_key("RSA-OAEP", b"k" * 32).encrypted_key
    ciphertext = crypto.encrypt("RSA-OAEP", b"p").ciphertext
    client.update_key_properties(name, enabled=True)
    assert crypto.unwrap_key("RSA-OAEP", wrapped).key == b"k" * 32
    assert crypto.decrypt("RSA-OAEP", ciphertext).plaintext == b"p"


def test_only_the_version_asked_for_counts(client, blind, name):
    old = client.create_ec_key(name, enabled=False)
    client.create_ec_key(name)
    assert CryptographyClient(f"{client.vault_url}/keys/{name}", blind).sign("ES256", b"d" * 32).signature
    status, code, inner, _ = refusal(lambda: CryptographyClient(old.id, blind).sign("ES256", b"d" * 32))
    assert (status, code, inner) == (403, "Forbidden", "KeyDisabled")


def test_operation_not_among_key_ops(client, blind, name):
    client.create_rsa_key(name, key_operations=["wrapKey", "unwrapKey"])
    crypto = CryptographyClient(f"{client.vault_url}/keys/{name}", blind)
    status, code, inner, message = refusal(lambda: crypto.decrypt("RSA-OAEP", b"c" * 256))
    assert (status, code, inner) == (403, "Forbidden", "KeyOperationForbidden")
    assert message == "Operation decrypt is not permitted on this key."


BAD_PARAMETERS = {
    "key size": lambda c, n: c.create_rsa_key(n, size=1000),
    "curve": lambda c, n: c.create_ec_key(n, curve="P-999"),
    "key type": lambda c, n: c.create_key(n, "DSA"),
    "operation": lambda c, n: c.create_rsa_key(n, key_operations=["fold"]),
    "operation of another kind of key": lambda c, n: c.create_ec_key(n, key_operations=["wrapKey"]),
    "symmetric key": lambda c, n: c.create_oct_key(n),
}


@pytest.mark.parametrize("what", BAD_PARAMETERS)
def test_bad_parameter_of_create(client, name, what):
    status, code, _, _ = refusal(lambda: BAD_PARAMETERS[what](client, name))
    assert (status, code) == (400, "BadParameter")
    with pytest.raises(ResourceNotFoundError):
        client.get_key(name)


def test_symmetric_key_is_named(client, name):
    _, _, inner, message = refusal(lambda: client.create_oct_key(name))
    assert (inner, message) == ("KeyTypeNotSupported", "Invalid kty value: oct")


@pytest.mark.parametrize("bad", ["under_score", "dot.dot", "x" * 128])
def test_bad_name(client, bad):
    status, code, _, message = refusal(lambda: client.get_key(bad))
    assert (status, code) == (400, "BadParameter")
    assert message == f"The request URI contains an invalid name: {bad}"


BAD_CRYPTO = {
    "length of a digest": lambda c: c.sign("RS256", b"d" * 43),
    "algorithm of another kind of key": lambda c: c.sign("ES256", b"d" * 32),
    "unknown algorithm": lambda c: c.sign("RS1024", b"d" * 32),
    "signing algorithm to encrypt": lambda c: c.encrypt("RS256", b"p"),
    "symmetric algorithm": lambda c: c.wrap_key("A256KW", b"k" * 32),
    "plaintext too long": lambda c: c.encrypt("RSA-OAEP-256", b"p" * 191),
    "ciphertext of another length": lambda c: c.decrypt("RSA-OAEP-256", b"c" * 128),
    "ciphertext of another key": lambda c: c.unwrap_key("RSA-OAEP", b"\x01" * 256),
}


@pytest.mark.parametrize("what", BAD_CRYPTO)
def test_bad_parameter_of_crypto(client, blind, what):
    try:
        key = client.get_key("errors-rsa")
    except ResourceNotFoundError:
        key = client.create_rsa_key("errors-rsa")
    status, code, _, _ = refusal(lambda: BAD_CRYPTO[what](CryptographyClient(key.id, blind)))
    assert (status, code) == (400, "BadParameter")


def test_hsm_key_needs_a_premium_vault(sandbox, world, admin):
    with KeyClient(sandbox.create_vault("sdkpythonstd").url, admin) as standard:
        status, code, _, _ = refusal(lambda: standard.create_ec_key("k", hardware_protected=True))
        assert (status, code) == (400, "BadParameter")
        with pytest.raises(ResourceNotFoundError):
            standard.get_key("k")


@pytest.mark.parametrize("when", ["expired", "not yet valid"])
def test_outside_its_time(client, admin, blind, name, when):
    """What was made with a key can still be read and checked; nothing new is made with it."""
    client.create_rsa_key(name)
    crypto = CryptographyClient(f"{client.vault_url}/keys/{name}", blind)
    wrapped = crypto.wrap_key("RSA-OAEP", b"k" * 32).encrypted_key
    signature = crypto.sign("RS256", b"d" * 32).signature
    expired = {"not_before": new_year(2019), "expires_on": new_year(2020)}
    client.update_key_properties(name, **(expired if when == "expired" else {"not_before": new_year(2090)}))

    assert crypto.unwrap_key("RSA-OAEP", wrapped).key == b"k" * 32
    assert crypto.decrypt("RSA-OAEP", wrapped).plaintext == b"k" * 32
    assert crypto.verify("RS256", b"d" * 32, signature).is_valid
    for call in (lambda: crypto.wrap_key("RSA-OAEP", b"k"), lambda: crypto.encrypt("RSA-OAEP", b"p"),
                 lambda: crypto.sign("RS256", b"d" * 32)):
        status, code, inner, _ = refusal(call)
        assert (status, code, inner) == (403, "Forbidden", "KeyExpired" if when == "expired" else "KeyNotYetValid")
    # An ordinary client sees the dates and does not even ask.
    with pytest.raises(ValueError, match="useable"):
        CryptographyClient(client.get_key(name), admin).wrap_key(KeyWrapAlgorithm.rsa_oaep, b"k")
