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
    """A story must have asked for each operation that it names; a story of a class, for at least one of the class's."""
    own = set(getattr(request.function, "shown_operations", ()))
    of_class = set(getattr(request.cls, "shown_operations", ()))
    asked = set()

    def watch(sandbox, method, url):
        asked.add(operation_of(sandbox, method, url))

    if own or of_class:
        Sandbox.watchers.append(watch)
    yield
    if own or of_class:
        Sandbox.watchers.remove(watch)
        assert own <= asked, f"this story names {sorted(own - asked)} and never asked for it"
        assert not of_class or of_class & asked, f"this story's class names {sorted(of_class)}; it asked for none"
