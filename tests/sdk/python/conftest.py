"""One sandbox for all tests of the Python SDKs, and the world they expect in it.

The SDKs are the official ones, unmodified, with the check of the challenge's resource on (its default). Two things are
arranged around them: the sandbox's certificate authority by REQUESTS_CA_BUNDLE, as `sandvault env` does it, and names.
"""

import os
import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from azure.identity import ClientSecretCredential, ManagedIdentityCredential  # noqa: E402
from azure.keyvault.keys import KeyClient  # noqa: E402
from sandbox import Sandbox  # noqa: E402

# Variables that steer a credential or a proxy: what the machine at hand has set must not take part.
FOREIGN_PREFIXES = (
    "AZURE_", "IDENTITY_", "IMDS_", "MSI_", "MSAL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

CMK_PERMISSIONS = ["get", "wrapKey", "unwrapKey"]
CRYPTO_PERMISSIONS = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]


def _resolve_localhost_names():
    """NAME.vault.localhost is loopback by RFC 6761, but plain glibc looks it up in the DNS, where it is not.

    A user adds lines to /etc/hosts (`sandvault hosts`) or has libnss-myhostname; tests change neither the machine nor
    the SDKs, so the answer is given here, one level below them.
    """
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name.endswith(".localhost"):
            host = "127.0.0.1"
        return resolve(host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


_resolve_localhost_names()


@pytest.fixture(scope="session")
def sandbox():
    for name in list(os.environ):
        if name.upper().startswith(FOREIGN_PREFIXES):
            del os.environ[name]
    with Sandbox() as s:
        os.environ["REQUESTS_CA_BUNDLE"] = s.endpoints["ca"]
        # The SDK looks at it whenever it asks for a token, so it stays set.
        os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = s.imds_root
        yield s


class World:
    """A group, identities and a premium vault (both kinds of key) that they may use in different ways."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.cmk = sandbox.create_identity("cmk")
        self.other = sandbox.create_identity("other")  # so that naming an identity matters
        self.blind = sandbox.create_identity("blind")  # may compute with keys, not look at them
        devbox = sandbox.arm("GET", "{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox")
        self.system_oid = devbox.ok().json()["identity"]["principalId"]
        self.vault = self.new_vault("sdkpython")

    def new_vault(self, name, **properties):
        policies = {
            self.sandbox.admin_oid: ["all", "purge"],
            self.cmk["oid"]: CMK_PERMISSIONS,
            self.system_oid: ["get", "list"],
            self.blind["oid"]: CRYPTO_PERMISSIONS,
        }
        return self.sandbox.create_vault(name, policies, sku="premium", **properties)

    def client_secret_credential(self, secret=None):
        e = self.sandbox.endpoints
        return ClientSecretCredential("adfs", e["client_id"], secret or e["client_secret"], authority=e["login"])

    def managed_identity(self, identity):
        """A credential for a user-assigned identity by IMDS."""
        return ManagedIdentityCredential(client_id=identity["client_id"])


@pytest.fixture(scope="session")
def world(sandbox):
    return World(sandbox)


@pytest.fixture(scope="session")
def admin(world):
    """The administrator's credential."""
    with world.client_secret_credential() as credential:
        yield credential


@pytest.fixture(scope="session")
def blind(world):
    """A credential that may compute with keys and not read them: the SDK has no public key, so all of it is remote."""
    return world.managed_identity(world.blind)


@pytest.fixture(scope="session")
def client(world, admin):
    with KeyClient(world.vault.url, admin) as key_client:
        yield key_client


@pytest.fixture
def name(request, sandbox):
    """A key name of this test's own."""
    return sandbox.unique("".join(c if c.isalnum() else "-" for c in request.node.originalname) + "-")
