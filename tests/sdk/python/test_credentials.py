"""Who the SDK's credentials turn out to be, and that what they get opens the vault to exactly that caller."""

import json
import os
import subprocess

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential, DefaultAzureCredential, ManagedIdentityCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import KeyWrapAlgorithm
from sandbox import jwt_parts, program

NAMINGS = {
    "client id": lambda identity: {"client_id": identity["client_id"]},
    "object id": lambda identity: {"identity_config": {"object_id": identity["oid"]}},
    "resource id": lambda identity: {"identity_config": {"resource_id": identity["id"]}},
}


@pytest.fixture(scope="session")
def sandbox_env(sandbox):
    """The variables of `sandvault env`."""
    command = [program("sandvault"), "env", "--json", "--data-dir", sandbox.endpoints["data_dir"]]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.fixture(params=["IMDS", "App Service"])
def dialect(request, sandbox_env, monkeypatch):
    names = {
        "IMDS": ["AZURE_POD_IDENTITY_AUTHORITY_HOST"],
        "App Service": ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"],
    }
    for variable in names[request.param]:
        monkeypatch.setenv(variable, sandbox_env[variable])
    return request.param


@pytest.fixture(scope="session")
def key(client):
    return client.create_rsa_key("credentials", size=2048)


def claims(world, credential):
    return jwt_parts(credential.get_token(f"{world.sandbox.vault_resource}/.default").token)[1]


@pytest.mark.parametrize("naming", NAMINGS)
def test_user_assigned_identity(world, key, dialect, naming):
    credential = ManagedIdentityCredential(**NAMINGS[naming](world.cmk))
    got = claims(world, credential)
    assert (got["oid"], got["appid"]) == (world.cmk["oid"], world.cmk["client_id"])
    assert got["xms_mirid"].lower() == world.cmk["id"].lower()

    vault = KeyClient(world.vault.url, credential)
    assert vault.get_key(key.name).id == key.id
    crypto = vault.get_cryptography_client(key.name)
    wrapped = crypto.wrap_key(KeyWrapAlgorithm.rsa_oaep_256, b"data key")
    assert crypto.unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key).key == b"data key"
    with pytest.raises(HttpResponseError) as refused:
        list(vault.list_properties_of_keys())
    assert refused.value.status_code == 403


def test_system_assigned_identity(world, key, dialect):
    credential = ManagedIdentityCredential()
    got = claims(world, credential)
    assert got["oid"] == world.system_oid
    assert got["xms_mirid"].lower().endswith("/providers/microsoft.compute/virtualmachines/devbox")

    vault = KeyClient(world.vault.url, credential)
    assert key.name in [properties.name for properties in vault.list_properties_of_keys()]


@pytest.mark.parametrize("naming", NAMINGS)
def test_unknown_identity(world, dialect, naming):
    nobody = {
        "client_id": "00000000-1111-2222-3333-444444444444",
        "oid": "00000000-1111-2222-3333-444444444444",
        "id": world.cmk["id"] + "-which-is-not",
    }
    with pytest.raises(ClientAuthenticationError):
        claims(world, ManagedIdentityCredential(**NAMINGS[naming](nobody)))


def test_client_secret(world, key):
    e = world.sandbox.endpoints
    with world.client_secret_credential() as credential:
        assert claims(world, credential)["appid"] == e["client_id"]
        assert KeyClient(world.vault.url, credential).get_key(key.name).id == key.id


def test_wrong_client_secret(world):
    with world.client_secret_credential("not the secret") as credential:
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
            claims(world, credential)


def test_unknown_application(world):
    credential = ClientSecretCredential("adfs", "00000000-1111-2222-3333-444444444444", "x",
                                        authority=world.sandbox.endpoints["login"])
    with credential, pytest.raises(ClientAuthenticationError, match="AADSTS700016"):
        claims(world, credential)


@pytest.fixture
def whole_env(sandbox_env, monkeypatch):
    for variable, value in sandbox_env.items():
        monkeypatch.setenv(variable, value)


def test_default_credential_is_the_administrator(world, key, whole_env):
    credential = DefaultAzureCredential()
    assert claims(world, credential)["appid"] == world.sandbox.endpoints["client_id"]
    assert KeyClient(world.vault.url, credential).get_key(key.name).id == key.id


def test_default_credential_without_secret_is_the_machine(world, whole_env, monkeypatch):
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    monkeypatch.delenv("AZURE_CLIENT_ID")
    assert claims(world, DefaultAzureCredential())["oid"] == world.system_oid


def test_default_credential_takes_the_named_identity(world, whole_env, monkeypatch):
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    monkeypatch.setenv("AZURE_CLIENT_ID", world.cmk["client_id"])
    assert claims(world, DefaultAzureCredential())["oid"] == world.cmk["oid"]


def test_default_credential_finds_imds_by_its_probe(world, sandbox_env, monkeypatch):
    """Without the App Service pair, DefaultAzureCredential first asks IMDS whether it is there."""
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", sandbox_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"])
    assert claims(world, DefaultAzureCredential())["oid"] == world.system_oid


def test_env_names_the_sandbox_authority(sandbox, sandbox_env):
    assert sandbox_env["REQUESTS_CA_BUNDLE"] == os.environ["REQUESTS_CA_BUNDLE"] == sandbox.endpoints["ca"]
