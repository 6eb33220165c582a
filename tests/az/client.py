"""The real `az`, set up by nothing but `sandvault env`.

    az = Az(sandbox, "tests/az/.venv/bin/az")
    az.login()
    az("group", "create", "--name", "rg", "--location", "westeurope")["properties"]

The environment of each process is what `sandvault env` prints, with PATH, HOME and the folder `names` added: nothing that
the machine at hand has set takes part.
"""

import json
import os
import subprocess
from pathlib import Path

from sandbox import program

HERE = Path(__file__).resolve().parent
PINNED = HERE / ".venv" / "bin" / "az"
DEBIAN = Path("/usr/bin/az")
TIMEOUT_S = 120


class Az:
    """One installation of az; config: a directory of its own, else the sandbox's."""

    def __init__(self, sandbox, path=PINNED, proxy=False, config=None, **more):
        self.sandbox = sandbox
        self.path = str(path)
        command = [program("sandvault"), "env", "--json", "--data-dir", str(sandbox.data_dir)]
        if proxy:
            command.append("--proxy")
        said = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True).stdout
        self.env = {
            **{name: value for name, value in json.loads(said).items() if value is not None},
            "PATH": f"{Path(self.path).parent}:{os.path.dirname(program('sandvault'))}:/usr/bin:/bin",
            "HOME": str(sandbox.work_dir),
            "PYTHONPATH": str(HERE / "names"),
            **more,
        }
        if config is not None:
            self.env["AZURE_CONFIG_DIR"] = str(config)

    def run(self, *words):
        """The finished process."""
        return subprocess.run(
            [self.path, *map(str, words)], capture_output=True, text=True, timeout=TIMEOUT_S, env=self.env,
            stdin=subprocess.DEVNULL, cwd=self.sandbox.work_dir)

    def __call__(self, *words):
        """What the command prints: JSON as Python has it, None when it prints nothing. Fails when az fails."""
        done = self.run(*words)
        assert done.returncode == 0, f"az {' '.join(map(str, words))}\nended with {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, *words):
        """What az says when it fails, as it must, without a traceback."""
        done = self.run(*words)
        assert done.returncode != 0, f"az {' '.join(map(str, words))} passed:\n{done.stdout}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr

    def login(self):
        """As the administrator."""
        return self("login", "--service-principal", "--username", self.env["AZURE_CLIENT_ID"], "--password",
                    self.env["AZURE_CLIENT_SECRET"], "--tenant", self.env["SANDVAULT_TENANT"])
