"""tutorial.sh from beginning to end, in a sandbox of its own, under each way to reach one."""

import subprocess

import pytest
from client import HERE, Az
from sandbox import Sandbox

LIMIT_S = 600


@pytest.mark.parametrize("proxy", [False, True], ids=["names of its own", "Azure's names, by the proxy"])
def test_the_tutorial(key_stock, proxy):
    with Sandbox(key_stock=key_stock) as sandbox:
        az = Az(sandbox, proxy=proxy, config=sandbox.work_dir / "azure")
        done = subprocess.run([HERE / "tutorial.sh"], capture_output=True, text=True, timeout=LIMIT_S, env=az.env,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "\n0 steps" not in done.stdout and " steps passed\n" in done.stdout
