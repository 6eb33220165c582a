"""NAME.vault.localhost is loopback by RFC 6761, but plain glibc looks it up in the DNS, where it is not.

A user adds lines to /etc/hosts (`sandvault hosts`) or has libnss-myhostname; tests change neither the machine nor az, so
the answer is given here, one level below it: Python imports this file by itself when its folder is on PYTHONPATH.
"""

import socket

_resolve = socket.getaddrinfo


def _getaddrinfo(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and name.endswith(".localhost"):
        host = "127.0.0.1"
    return _resolve(host, *args, **kwargs)


socket.getaddrinfo = _getaddrinfo
