"""One sandbox for all tests of az, signed in to as its administrator."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE)]

from client import Az  # noqa: E402
from sandbox import LOCATION, Sandbox  # noqa: E402

ALL_KEYS = ["all", "purge"]


@pytest.fixture(scope="session")
def key_stock(tmp_path_factory):
    """RSA keys that no test has to wait for twice."""
    return tmp_path_factory.mktemp("key-stock")


@pytest.fixture(scope="session")
def sandbox(key_stock):
    with Sandbox(key_stock=key_stock) as s:
        yield s


@pytest.fixture(scope="session")
def az(sandbox):
    """az as the administrator."""
    client = Az(sandbox)
    client.login()
    return client


@pytest.fixture
def stranger(sandbox, tmp_path):
    """az with a configuration of its own, signed in as nobody."""
    return Az(sandbox, config=tmp_path / "azure")


@pytest.fixture(scope="session")
def group(az, sandbox):
    """A resource group."""
    name = sandbox.unique("az-")
    az("group", "create", "--name", name, "--location", LOCATION)
    return name


@pytest.fixture(scope="session")
def vault(az, sandbox, group):
    """The name of a vault with access policies in which the administrator may do everything with keys."""
    name = sandbox.unique("az-")
    az("keyvault", "create", "--name", name, "--resource-group", group, "--enable-rbac-authorization", "false",
       "--no-self-perms")
    az("keyvault", "set-policy", "--name", name, "--object-id", sandbox.admin_oid, "--key-permissions", *ALL_KEYS)
    return name


@pytest.fixture(scope="session")
def identity(az, sandbox, group):
    """A user-assigned identity, as az shows it."""
    return az("identity", "create", "--name", sandbox.unique("az-id-"), "--resource-group", group)


@pytest.fixture
def name(request, sandbox):
    """A name of this test's own."""
    return sandbox.unique("k-" + "".join(c if c.isalnum() else "-" for c in request.node.originalname)[5:40] + "-")
