"""Which operations a story shows, and whether that is so.

@story("CreateKey", "GetKey") names rows of `vaultd --print-operations` or `identityd --print-operations`. conftest.py
watches the requests of each story and fails it when a row that it names was not asked for (above a class: when a test
of the class asked for none of them); test_operations.py fails when a row stands in no story.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sandbox import print_operations


def story(*operations):
    """Marks a test (or a class of tests) with the operations it shows."""
    def mark(test):
        test.shown_operations = (*getattr(test, "shown_operations", ()), *operations)
        return test

    return mark


@dataclass(frozen=True)
class Row:
    """One line of a daemon's operation table."""

    door: str  # keyvault, arm, registry, login, host, login,host
    name: str
    methods: tuple  # () for any
    pattern: str
    is_gap: bool

    def matches(self, door, method, path):
        fits_door = door in self.door.split(",")
        return fits_door and (not self.methods or method in self.methods) and _regex(self.pattern).fullmatch(path)


@lru_cache(maxsize=None)
def _regex(pattern):
    out = ""
    for segment in pattern.strip("/").split("/"):
        if segment.endswith("*}"):
            out += "(/.*)?"
        elif segment.endswith("?}"):
            out += "(/+[^/]*)?"
        elif segment.startswith("{"):
            out += "/+[^/]+"
        else:
            out += "/+" + re.escape(segment)
    return re.compile(out + "/*", re.IGNORECASE)


@lru_cache(maxsize=None)
def rows(program):
    """The operation table of vaultd or identityd, in its order: the first fitting row answers."""
    found = []
    for line in print_operations(program):
        words = line.split()
        at = next((i for i, w in enumerate(words) if w.startswith("/")), None)
        if at is None:
            continue
        # DOOR NAME METHODS PATTERN …
        door, name = words[0], words[1]
        methods = tuple(m for w in words[2:at] for m in w.split(",") if m not in ("*", "ANY"))
        tail = line.partition(words[at])[2]
        found.append(Row(door, name, methods, words[at], "gap" in tail))
    return tuple(found)


def operation_of(sandbox, method, url):
    """Name of the row that answers this request; None for a request that fits none."""
    scheme, _, rest = url.partition("://")
    authority, slash, tail = rest.partition("/")
    path = slash + tail.partition("?")[0]
    daemon, door = _door(sandbox, scheme, authority)
    return next((row.name for row in rows(daemon) if row.matches(door, method, path)), None)


def _door(sandbox, scheme, authority):
    if scheme == "http":
        return "identityd", "host"
    if authority == sandbox.login_root.partition("://")[2]:
        return "identityd", "login"
    if authority.partition(":")[0].endswith(".azurecr.localhost"):
        return "vaultd", "registry"
    return "vaultd", "arm" if authority == sandbox.arm_root.partition("://")[2] else "keyvault"
