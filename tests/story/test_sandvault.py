"""The front command as a person or a script meets it: up, down, status, env, hosts, token, and what it says when it cannot."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from sandbox import jwt_parts, program

LIMIT_S = 30
FREE_PORTS = ["--tls-port=0", "--login-port=0", "--imds-port=0", "--proxy-port=0"]


@pytest.fixture
def shell(tmp_path, key_stock):
    """shell(words…, data_dir=…) → the finished process; whatever it left running is brought down."""
    data = tmp_path / "data"

    def run(*words, status=0, data_dir=data):
        command = [program("sandvault"), *words]
        if data_dir is not None:
            command += ["--data-dir", str(data_dir)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done

    run.data = data
    run.up = lambda *words, **more: run("up", "--detach", "--key-stock", str(key_stock), *FREE_PORTS, *words, **more)
    yield run
    subprocess.run([program("sandvault"), "down", "--data-dir", str(data)], capture_output=True, timeout=LIMIT_S)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids):
    """Bounded polling: a process that is no child of ours tells nobody when it ends."""
    end = time.monotonic() + LIMIT_S
    while any(is_alive(p) for p in pids):
        assert time.monotonic() < end, "still running"
        os.sched_yield()


def test_a_life(shell):
    assert "no sandbox runs" in shell("status", status=3).stderr
    shell.up()
    endpoints = json.loads((shell.data / "endpoints.json").read_text())
    assert (shell.data / "endpoints.json").stat().st_mode & 0o777 == 0o600
    shell("status")
    environment = json.loads(shell("env", "--json").stdout)
    assert environment["AZURE_CLIENT_ID"] == endpoints["client_id"]
    assert "export AZURE_TENANT_ID=" in shell("env").stdout
    token = shell("token", "--as", "admin", "--resource", endpoints["arm"]).stdout.strip()
    assert jwt_parts(token)[1]["appid"] == endpoints["client_id"]
    token = shell("token", "--as", "system", "--resource", "https://" + endpoints["vault_suffix"]).stdout.strip()
    assert jwt_parts(token)[1]["xms_mirid"].endswith("/virtualMachines/devbox")
    assert "there-is-one.vault.localhost" in shell("hosts", "--vault", "there-is-one").stdout
    assert "cannot be the name of a vault" in shell("hosts", "--vault", "v" * 25, status=1).stderr
    shell("down")
    wait_until_gone(endpoints["pids"].values())
    shell("status", status=3)


def test_a_directory_in_use(shell):
    shell.up()
    assert "belongs to another run" in shell.up(status=1).stderr


def test_a_taken_port(shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = shell("up", "--detach", "--tls-port", str(port), "--login-port=0", "--imds-port=0", "--proxy-port=0", status=1).stderr
    assert f"port {port} on 127.0.0.1 is taken" in said


@pytest.mark.parametrize("daemon", ["vaultd", "identityd"])
def test_a_daemon_that_dies_ends_everything(shell, daemon):
    shell.up()
    pids = json.loads((shell.data / "endpoints.json").read_text())["pids"]
    os.kill(pids[daemon], signal.SIGKILL)
    wait_until_gone(pids.values())
    assert "sandvault.log" in shell("status", status=3).stderr
    assert f"{daemon} was ended by signal 9" in (shell.data / "sandvault.log").read_text()


def test_the_end_of_the_parent_ends_everything(shell, key_stock):
    parent = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])", program("sandvault"), "up", "--json",
         "--die-with-parent", "--data-dir", str(shell.data), "--key-stock", str(key_stock), *FREE_PORTS],
        stdout=subprocess.PIPE, text=True)
    try:
        pids = json.loads(parent.stdout.readline())["pids"]
    finally:
        parent.kill()
        parent.wait(LIMIT_S)
        parent.stdout.close()
    wait_until_gone(pids.values())


def test_wrong_words(shell):
    assert "dance" in shell("dance", status=2, data_dir=None).stderr
    assert "--help" in shell("up", "--tls-prot=1", status=2).stderr
