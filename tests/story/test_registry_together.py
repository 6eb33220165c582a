"""Changes of registries that meet: two at once, a client that leaves, a daemon that stops while the vault is asked."""

import json

import pytest
from control import Control
from registries import VERSION, Registry, encrypted, encryption, unversioned, user_assigned


def send(sandbox, method, path, body):
    """Sends a request and does not wait: the socket."""
    data = json.dumps(body).encode()
    path = path.replace("{sub}", f"/subscriptions/{sandbox.endpoints['subscription']}")
    head = (f"{method} {path}?api-version={VERSION} HTTP/1.1\r\nHost: {sandbox.arm_root.partition('//')[2]}\r\n"
            f"Authorization: Bearer {sandbox.admin_token()}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n")
    sock = sandbox.raw(sandbox.arm_root)
    sock.sendall(head.encode() + data)
    return sock


def status(sock):
    with sock:
        return int(sock.recv(64).split()[1])


def rotation(registry, kid, identity, **more):
    return {**registry.changed(encryption=encryption(unversioned(kid), identity["client_id"])), **more}


def test_two_at_once_while_the_clock_stands_still(start_sandbox):
    world = start_sandbox()
    Control(world).move(freeze=True)
    registry, _vault, identity, kid = encrypted(world)
    bodies = [rotation(registry, kid, identity, tags={"n": str(i)}) for i in range(2)]
    socks = [send(world, "PATCH", registry.path, body) for body in bodies]
    got = [status(sock) for sock in socks]
    assert 201 in got and set(got) <= {201, 409}, got
    # Whoever was told that it worked last is who it is.
    assert registry.get()["tags"]["n"] == str(max(i for i in range(2) if got[i] == 201)), got


def new(kid, identity):
    return {"location": "westeurope", "sku": {"name": "Premium"}, "identity": user_assigned(identity),
            "properties": {"encryption": encryption(unversioned(kid), identity["client_id"])}}


def test_a_client_that_leaves(start_sandbox):
    world = start_sandbox()
    _registry, _vault, identity, kid = encrypted(world)
    for _ in range(8):
        send(world, "PUT", Registry(world).path, new(kid, identity)).close()
    Registry(world).ask("GET").ok(404)


@pytest.mark.parametrize("leaves", [False, True], ids=["who waits", "who has left"])
def test_a_daemon_that_stops(start_sandbox, leaves):
    world = start_sandbox(vaultd_args=["--log-level=error"])
    _registry, _vault, identity, kid = encrypted(world)
    socks = [send(world, "PUT", Registry(world).path, new(kid, identity)) for _ in range(6)]
    for sock in socks if leaves else ():
        sock.close()
    assert world.vaultd.stop() == 0
    for sock in socks:
        sock.close()


@pytest.mark.parametrize("back", [False, True], ids=["goes on", "is set back"])
def test_a_clock_that_moves_while_it_is_made(start_sandbox, back):
    """Nobody waits a day for an operation that began in a future that is none any more."""
    world = start_sandbox(vaultd_args=["--async-delay=60"])
    control = Control(world)
    control.advance("P1D")
    registry = Registry(world)
    registry.create().ok(201)
    assert registry.get()["properties"]["provisioningState"] == "Creating"
    control.move(reset=True) if back else control.advance("PT1M")
    world._tokens.clear()
    assert registry.get()["properties"]["provisioningState"] == "Succeeded"
