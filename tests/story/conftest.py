"""Sandboxes for stories: one shared by a worker's tests, others on demand; key stock shared by all of them."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from sandbox import Sandbox  # noqa: E402
from stories import operation_of  # noqa: E402


@pytest.fixture(scope="session")
def key_stock(tmp_path_factory):
    """RSA keys made by earlier sandboxes serve later ones: beside pytest's numbered directories, so that it stays."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent.parent if os.environ.get("PYTEST_XDIST_WORKER") else base.parent
    stock = base / "sandvault-key-stock"
    stock.mkdir(mode=0o700, exist_ok=True)
    return stock


@pytest.fixture(scope="session")
def sandbox(key_stock):
    """The worker's sandbox. Tests make their own vaults and groups in it and rely on nothing else being there."""
    with Sandbox(key_stock=key_stock) as s:
        yield s


@pytest.fixture
def start_sandbox(key_stock):
    """start_sandbox(**arguments of Sandbox) → a started sandbox of the test's own, stopped and checked after it."""
    with ExitStack() as stack:
        yield lambda **arguments: stack.enter_context(Sandbox(**{"key_stock": key_stock, **arguments}))


@pytest.fixture
def vault(sandbox):
    """A vault of the test's own; the administrator may do everything in it."""
    return sandbox.create_vault()


@pytest.fixture
def premium(sandbox):
    return sandbox.create_vault(sku="premium")


@pytest.fixture(scope="session")
def crypto_vault(sandbox):
    """A vault whose keys are shared: tests use them and leave them as they are."""
    return sandbox.create_vault()


@pytest.fixture(scope="session")
def rsa(crypto_vault):
    """The JWK of a shared RSA-2048 key."""
    return crypto_vault.create_key(kty="RSA")["key"]


@pytest.fixture
def identity(sandbox):
    """A managed identity of the test's own, as create_identity returns it."""
    return sandbox.create_identity()


@pytest.fixture(autouse=True)
def _shows_what_it_says(request):
    """A story that names an operation must have asked for it."""
    named = {*getattr(request.function, "shown_operations", ()), *getattr(request.cls, "shown_operations", ())}
    asked = set()

    def watch(sandbox, method, url):
        asked.add(operation_of(sandbox, method, url))

    Sandbox.watchers.append(watch) if named else None
    yield
    if named:
        Sandbox.watchers.remove(watch)
        missing = named - asked
        assert not missing, f"this story says that it shows {sorted(missing)}, but never asked for it"
