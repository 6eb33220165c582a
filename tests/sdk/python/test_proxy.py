"""Azure's own names: what `sandvault env --proxy` sets is all that the SDK is told, and no option of it is changed."""

import json
import os
import subprocess

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential, DefaultAzureCredential, ManagedIdentityCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import KeyWrapAlgorithm
from sandbox import jwt_parts, program

VAULT_SCOPE = "https://vault.azure.net/.default"


@pytest.fixture(scope="session")
def proxy_env(sandbox):
    command = [program("sandvault"), "env", "--json", "--proxy", "--data-dir", sandbox.endpoints["data_dir"]]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.fixture
def proxied(proxy_env, monkeypatch):
    """The environment, and nothing that leads past the proxy."""
    monkeypatch.delenv("AZURE_POD_IDENTITY_AUTHORITY_HOST")
    for name, value in proxy_env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def url(world):
    """The shared vault, as it is called in Azure."""
    return f"https://{world.vault.name}.vault.azure.net"


def secret_credential(world, **more):
    e = world.sandbox.endpoints
    return ClientSecretCredential(e["tenant"], e["client_id"], e["client_secret"], **more)


def test_client_secret(world, url, proxied, name):
    with secret_credential(world) as credential, KeyClient(url, credential) as client:
        made = client.create_rsa_key(name, size=2048)
        assert made.id.startswith(f"{url}/keys/{name}/") and made.properties.vault_url == url
        assert client.get_key(name).id == made.id
        crypto = client.get_cryptography_client(name)
        wrapped = crypto.wrap_key(KeyWrapAlgorithm.rsa_oaep_256, b"data key")
        assert wrapped.key_id == made.id
        assert crypto.unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key).key == b"data key"


def test_pages(world, url, proxied):
    """nextLink leads through the proxy again."""
    with secret_credential(world) as credential, KeyClient(url, credential) as client:
        names = [world.sandbox.unique("page-") for _ in range(3)]
        for one in names:
            client.create_ec_key(one)
        pages = client.list_properties_of_keys(max_page_size=1)
        assert set(names) <= {properties.name for properties in pages}


def test_delete_and_recover(world, url, proxied, name):
    with secret_credential(world) as credential, KeyClient(url, credential) as client:
        client.create_ec_key(name)
        gone = client.begin_delete_key(name).result()
        assert gone.recovery_id == f"{url}/deletedkeys/{name}"
        with pytest.raises(ResourceNotFoundError):
            client.get_key(name)
        assert client.begin_recover_deleted_key(name).result().name == name


def test_proxies_as_an_option(world, url, proxy_env, monkeypatch):
    """The SDK's own option in place of the environment."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", proxy_env["REQUESTS_CA_BUNDLE"])
    proxies = {"http": proxy_env["HTTP_PROXY"], "https": proxy_env["HTTPS_PROXY"]}
    assert not any("PROXY" in variable.upper() for variable in os.environ)
    with secret_credential(world, proxies=proxies) as credential, KeyClient(url, credential, proxies=proxies) as client:
        assert isinstance(list(client.list_properties_of_keys()), list)


def test_managed_identity(world, url, proxied):
    """IMDS at its own address, by a plain request to the proxy."""
    with ManagedIdentityCredential(client_id=world.cmk["client_id"]) as credential:
        claims = jwt_parts(credential.get_token(VAULT_SCOPE).token)[1]
        assert (claims["aud"], claims["oid"]) == ("https://vault.azure.net", world.cmk["oid"])
        with KeyClient(url, credential) as client, pytest.raises(HttpResponseError) as refused:
            list(client.list_properties_of_keys())
    assert refused.value.status_code == 403
    with ManagedIdentityCredential() as credential, KeyClient(url, credential) as client:
        assert isinstance(list(client.list_properties_of_keys()), list)


def test_default_credential_is_the_administrator(world, proxied):
    with DefaultAzureCredential() as credential:
        claims = jwt_parts(credential.get_token(VAULT_SCOPE).token)[1]
    assert claims["appid"] == world.sandbox.endpoints["client_id"]


def test_default_credential_finds_imds_by_its_probe(world, proxied, monkeypatch):
    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(name)
    with DefaultAzureCredential() as credential:
        claims = jwt_parts(credential.get_token(VAULT_SCOPE).token)[1]
    assert claims["oid"] == world.system_oid


def test_another_name_is_refused(world, proxied):
    with secret_credential(world) as credential, KeyClient("https://kv.vault.example.net", credential) as client:
        with pytest.raises(Exception, match="403|Tunnel|tunnel"):
            client.get_key("any", retry_total=0)
