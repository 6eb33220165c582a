"""The turns of a daemon's loop, as preload/turns.c measures them."""

import contextlib
import os
import struct
import subprocess
from pathlib import Path

RECORD = struct.Struct("ddL")  # longest and sum in seconds, how many


@contextlib.contextmanager
def measured_turns(work_dir):
    """Daemons that are started within leave their turns in work_dir."""
    library = work_dir / "turns.so"
    source = Path(__file__).parent / "preload" / "turns.c"
    subprocess.run(["cc", "-O1", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    os.environ |= {"LD_PRELOAD": str(library), "TURNS_DIR": str(work_dir)}
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"], os.environ["TURNS_DIR"]


class Turns:
    def __init__(self, work_dir, pid):
        self.path = work_dir / str(pid)

    def forget(self):
        with open(self.path, "r+b") as file:
            file.write(bytes(RECORD.size))

    def longest_us(self):
        return RECORD.unpack(self.path.read_bytes()[:RECORD.size])[0] * 1e6
