"""A running sandbox for tests: starts the daemons, speaks raw HTTP to them, stops them, and looks at what they leave.

    with Sandbox() as s:
        vault = s.create_vault("kv1")
        vault.kv("POST", "/keys/k1/create", {"kty": "EC"}).json()["key"]["kid"]

Names under .localhost are never resolved: every connection goes to 127.0.0.1, with SNI and Host as the URL says, and
the certificate is verified against the sandbox's own authority. Nothing sleeps: whatever waits, waits for a descriptor,
with a limit. Leaving the `with` block stops the programs and asserts that they ended with status 0, left no process and
no file behind, and reported nothing to a sanitizer.

Where the programs are is said by SANDVAULT_BIN (default: build/ beside this tree's tests/). Standard library only.
"""

import base64
import http.client
import itertools
import json
import os
import re
import secrets
import select
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ARM = "https://management.azure.com/"
LOCATION = "westeurope"
TIMEOUT_S = 60  # of one request: creating an RSA-4096 key under a sanitizer takes its time
START_S = 60
STOP_S = 30

ARM_VERSIONS = {
    "microsoft.authorization": "2022-04-01",
    "microsoft.keyvault": "2022-07-01",
    "microsoft.managedidentity": "2023-01-31",
    "microsoft.compute": "2023-03-01",
}
ARM_VERSION_DEFAULT = "2021-04-01"

ALL_KEY_PERMISSIONS = ["all", "purge"]
ADMIN = object()  # "the administrator's token", as opposed to None: no token

SANITIZER_MARKS = (
    "AddressSanitizer",
    "LeakSanitizer",
    "UndefinedBehaviorSanitizer",
    "ThreadSanitizer",
    "runtime error:",
)


def bin_dir():
    """Where the built programs are."""
    default = Path(__file__).resolve().parents[2] / "build"
    return Path(os.environ.get("SANDVAULT_BIN", default)).resolve()


def program(name):
    """Path of a built program; a clear failure when it is not there."""
    for path in (bin_dir() / name, bin_dir() / name / name):
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise FileNotFoundError(f"{name} is not in {bin_dir()}: build first, or say where it is in SANDVAULT_BIN")


def print_operations(name):
    """The lines of `NAME --print-operations`."""
    out = subprocess.run(
        [program(name), "--print-operations"], capture_output=True, text=True, timeout=START_S, check=True
    )
    return out.stdout.splitlines()


def b64u(data):
    """base64url without padding, as text."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text):
    """Bytes of base64url without padding; anything else raises ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError(f"not base64url: {text!r}")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwt_parts(token):
    """(header, claims) of a JWT, unverified."""
    header, claims, _signature = token.split(".")
    return json.loads(unb64u(header)), json.loads(unb64u(claims))


class Headers:
    """Response headers by name in any casing; .names is the order-insensitive set of lower-case names."""

    def __init__(self, pairs):
        self.pairs = list(pairs)

    def get(self, name, default=None):
        return next((v for n, v in self.pairs if n.lower() == name.lower()), default)

    def get_all(self, name):
        return [v for n, v in self.pairs if n.lower() == name.lower()]

    def __getitem__(self, name):
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name):
        return self.get(name) is not None

    @property
    def names(self):
        return {n.lower() for n, _ in self.pairs}

    def __repr__(self):
        return repr(self.pairs)


class Response:
    """One answer: status, headers, body (bytes)."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def ok(self, status=200):
        """This response, after asserting its status: a failure shows the body."""
        assert self.status == status, f"expected {status}, got {self!r}"
        return self

    def error(self):
        """The "error" object of a Key Vault or ARM refusal."""
        return self.json()["error"]

    def __repr__(self):
        return f"<{self.status} {self.headers!r} {self.body[:2000]!r}>"


class Daemon:
    """One started program; its stderr goes to a file, its readiness line comes by a pipe."""

    def __init__(self, name, args, directory):
        self.name = name
        self.args = args
        self.stderr_path = Path(directory) / f"{name}.stderr"
        self.process = None
        self.ready = None
        self.killed = False

    def start(self, ready_from_stdout=False):
        read_fd, write_fd = os.pipe()
        env = {k: v for k, v in os.environ.items() if not k.startswith("SANDVAULT_")}
        command = [program(self.name), *self.args]
        if not ready_from_stdout:
            command += ["--ready-fd", str(write_fd)]
        self.killed = False
        with open(self.stderr_path, "ab") as err:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=write_fd if ready_from_stdout else subprocess.DEVNULL,
                stderr=err,
                env=env,
                pass_fds=(write_fd,) if not ready_from_stdout else (),
            )
        os.close(write_fd)
        try:
            self.ready = json.loads(self._read_line(read_fd))
        except BaseException:
            self.process.kill()
            self.process.wait(STOP_S)
            raise
        finally:
            os.close(read_fd)
        return self.ready

    def _read_line(self, fd):
        line, deadline = b"", time.monotonic() + START_S
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            readable, _, _ = select.select([fd], [], [], max(left, 0))
            block = os.read(fd, 65536) if readable else b""
            if not block:
                reason = "was not ready in time" if not readable else f"ended with {self.process.wait(STOP_S)}"
                raise AssertionError(f"{self.name} {reason}:\n{self.stderr()}")
            line += block
        return line

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, how=signal.SIGTERM):
        """Asks it to end; its exit status (negative: the signal that ended it)."""
        if self.is_running():
            self.process.send_signal(how)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_S)
            raise AssertionError(f"{self.name} did not end within {STOP_S} s:\n{self.stderr()}") from None

    def kill(self):
        """kill -9."""
        self.killed = True
        self.process.kill()
        self.process.wait(STOP_S)

    def stderr(self):
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    def assert_clean(self, status=0):
        got, said = self.process.returncode, self.stderr()
        assert not any(mark in said for mark in SANITIZER_MARKS), f"{self.name} was reported:\n{said}"
        if not self.killed:
            assert got == status, f"{self.name} ended with {got}, expected {status}:\n{said}"


class _Loopback:
    """Connects to 127.0.0.1 whatever the host is called."""

    def _dial(self):
        sock = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


class _PlainConnection(_Loopback, http.client.HTTPConnection):
    def connect(self):
        self.sock = self._dial()


class _TlsConnection(_Loopback, http.client.HTTPSConnection):
    def __init__(self, host, port, context, timeout):
        super().__init__(host, port, context=context, timeout=timeout)
        self.tls = context

    def connect(self):
        self.sock = self.tls.wrap_socket(self._dial(), server_hostname=self.host)


class Sandbox:
    """Both daemons and a client for them.

    mode "front": through `sandvault up`; "direct": vaultd and identityd as children of this process (then .vaultd and
    .identityd are Daemon objects that can be killed, stopped and restarted on the same ports). Default: front when it
    is built and nothing asks for daemon arguments.
    data_dir: default a temporary one. ephemeral=False writes durably. key_stock: a directory of ready-made RSA keys, to
    be shared between sandboxes; vaultd_args, identityd_args: further flags (direct mode).
    """

    watchers = []  # called with (sandbox, method, url) before each request

    def __init__(self, mode=None, ephemeral=True, data_dir=None, key_stock=None, vaultd_args=(), identityd_args=(),
                 front_args=()):
        if mode is None:
            needs_direct = vaultd_args or identityd_args or not ephemeral
            mode = "direct" if needs_direct or not self._has_front() else "front"
        self.mode = mode
        self.ephemeral = ephemeral
        self.key_stock = str(key_stock) if key_stock else None
        self.work_dir = Path(tempfile.mkdtemp(prefix="sandvault-test-"))
        self.data_dir = Path(data_dir) if data_dir else self.work_dir / "data"
        self.keeps_data = data_dir is not None
        self.extra = {"vaultd": list(vaultd_args), "identityd": list(identityd_args), "sandvault": list(front_args)}
        self.endpoints = None
        self.vaultd = self.identityd = self.front = None
        self._context = None
        self._connections = threading.local()
        self._tokens = {}
        self._counter = itertools.count(1)

    @staticmethod
    def _has_front():
        try:
            program("sandvault")
        except FileNotFoundError:
            return False
        return True

    # ---- life ----

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, _value, _trace):
        self.stop(check=kind is None)

    def start(self):
        try:
            self._start_front() if self.mode == "front" else self._start_direct()
        except BaseException:
            self.stop(check=False)
            raise
        return self

    def _start_front(self):
        args = ["up", "--json", "--die-with-parent"]
        if self.ephemeral:
            args.append("--ephemeral")
        else:
            args += ["--data-dir", str(self.data_dir), "--tls-port=0", "--login-port=0", "--imds-port=0",
                     "--proxy-port=0"]
        if self.key_stock:
            args += ["--key-stock", self.key_stock]
        self.front = Daemon("sandvault", args + self.extra["sandvault"], self.work_dir)
        self.endpoints = self.front.start(ready_from_stdout=True)
        self.data_dir = Path(self.endpoints["data_dir"])

    def _daemon(self, name, ports):
        args = ["--data-dir", str(self.data_dir), "--die-with-parent", "--log-level=warn", *ports]
        if self.ephemeral:
            args.append("--ephemeral")
        if self.key_stock:
            args += ["--key-stock", self.key_stock]
        return Daemon(name, args + self.extra[name], self.work_dir)

    def _start_direct(self):
        self.vaultd = self._daemon("vaultd", ["--tls-port=0"])
        self.identityd = self._daemon("identityd", ["--login-port=0", "--imds-port=0", "--proxy-port=0"])
        self.vaultd.start()
        # The second one's line knows both.
        self.endpoints = self.identityd.start()
        self._fix_ports()

    def _fix_ports(self):
        """From now on the daemons come back where they were."""
        def port(name):
            return urllib.parse.urlsplit(self.endpoints[name]).port

        self.vaultd.args = [a if a != "--tls-port=0" else f"--tls-port={port('arm')}" for a in self.vaultd.args]
        fixed = {f"--{name}-port=0": f"--{name}-port={port(name)}" for name in ("login", "imds", "proxy")}
        self.identityd.args = [fixed.get(a, a) for a in self.identityd.args]

    def restart(self, daemon):
        """Starts a daemon that has ended, on the same directory and ports."""
        assert not daemon.is_running()
        self.close_connections()
        daemon.start()

    def stop(self, check=True):
        """Stops everything; with check, asserts that it went as it should."""
        self.close_connections()
        started = [d for d in (self.front, self.vaultd, self.identityd) if d is not None and d.process is not None]
        pids = [int(p) for p in (self.endpoints or {}).get("pids", {}).values()] + [d.pid for d in started]
        try:
            for daemon in started:
                daemon.stop()
            if check:
                for daemon in started:
                    daemon.assert_clean()
                self._assert_nothing_left(pids)
        finally:
            for daemon in started:
                if daemon.is_running():
                    daemon.kill()
            shutil.rmtree(self.work_dir, ignore_errors=True)

    def _assert_nothing_left(self, pids):
        alive = [p for p in pids if Path(f"/proc/{p}").exists() and "Z" not in _state_of(p)]
        assert not alive, f"processes {alive} are still there"
        if self.front is not None and self.ephemeral:
            assert not self.data_dir.exists(), f"{self.data_dir} is still there: {sorted(self.data_dir.rglob('*'))}"
        elif self.data_dir.exists():
            left = [p for p in self.data_dir.rglob("*") if re.search(r"(\.tmp|\.new|~|\.[A-Za-z0-9]{6})$", p.name)
                    or p.is_socket()]
            assert not left, f"left behind: {left}"

    # ---- HTTP ----

    @property
    def tls_context(self):
        """Verifies against the sandbox's authority, and resumes nothing by itself."""
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self.endpoints["ca"])
        return self._context

    def connection(self, url, timeout=TIMEOUT_S):
        """A new http.client connection for that URL's scheme, host and port, not yet connected."""
        scheme, host, port, _target = split_url(url)
        if scheme == "https":
            return _TlsConnection(host, port, self.tls_context, timeout)
        return _PlainConnection(host, port, timeout)

    def raw(self, url, timeout=TIMEOUT_S):
        """A connected socket (TLS for https), for those who write their own HTTP."""
        connection = self.connection(url, timeout)
        connection.connect()
        return connection.sock

    def close_connections(self):
        for connection in getattr(self._connections, "by_door", {}).values():
            connection.close()
        self._connections.by_door = {}

    def http(self, method, url, body=None, headers=(), token=None, timeout=TIMEOUT_S, keep_alive=True):
        """One request. body: None, bytes, str, or anything JSON can say. token: sent as Bearer.

        The request target is sent as it stands in url, unnormalised. Content-Length is always there where a body may
        be; Content-Type is application/json unless headers say otherwise.
        """
        scheme, host, port, target = split_url(url)
        for watch in self.watchers:
            watch(self, method, url)
        given = dict(headers)
        names = {n.lower() for n in given}
        data = body
        if isinstance(body, str):
            data = body.encode()
        elif body is not None and not isinstance(body, (bytes, bytearray)):
            data = json.dumps(body).encode()
        if data is not None and "content-type" not in names:
            given["Content-Type"] = "application/json"
        if "content-length" not in names and (data is not None or method in ("POST", "PUT", "PATCH")):
            given["Content-Length"] = str(len(data or b""))
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        if "host" not in names:
            given["Host"] = f"{host}:{port}" if has_port(url) else host
        return self._send((scheme, host, port), url, method, target, data, given, timeout, keep_alive)

    def _send(self, door, url, method, target, data, headers, timeout, keep_alive):
        pool = self._connections.__dict__.setdefault("by_door", {})
        old = pool.pop(door, None) if keep_alive else None
        # A kept connection may have been closed by the other side: then, and only then, once more.
        for connection in [old, None] if old else [None]:
            fresh = connection is None
            connection = connection or self.connection(url, timeout)
            try:
                response = _exchange(connection, method, target, data, headers)
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                connection.close()
                if fresh:
                    raise
                continue
            except BaseException:
                connection.close()
                raise
            if keep_alive and connection.sock is not None:
                pool[door] = connection
            else:
                connection.close()
            return response
        raise AssertionError("unreachable")

    # ---- tokens ----

    def request_token(self, **form):
        """POST to the v2 token endpoint of the tenant; the raw Response."""
        url = f"{self.login_root}/{self.endpoints['tenant']}/oauth2/v2.0/token"
        return self.http("POST", url, urllib.parse.urlencode(form).encode(),
                         {"Content-Type": "application/x-www-form-urlencoded"})

    @property
    def login_root(self):
        """https://HOST:PORT of the sign-in door, without a path."""
        scheme, host, port, _ = split_url(self.endpoints["login"])
        return f"{scheme}://{host}:{port}"

    @property
    def imds_root(self):
        scheme, host, port, _ = split_url(self.endpoints["imds"])
        return f"{scheme}://{host}:{port}"

    @property
    def arm_root(self):
        scheme, host, port, _ = split_url(self.endpoints["arm"])
        return f"{scheme}://{host}:{port}"

    @property
    def vault_resource(self):
        """The audience of vault tokens: https://vault.localhost:PORT."""
        return f"https://{self.endpoints['vault_suffix']}"

    def admin_token(self, resource=ARM):
        """The administrator's token for a resource; asked for once."""
        if resource not in self._tokens:
            # With a slash at its end the resource gets two: that is how the audience keeps it.
            answer = self.request_token(grant_type="client_credentials", client_id=self.endpoints["client_id"],
                                        client_secret=self.endpoints["client_secret"], scope=resource + "/.default")
            self._tokens[resource] = answer.ok().json()["access_token"]
        return self._tokens[resource]

    def vault_admin_token(self):
        return self.admin_token(self.vault_resource)

    def imds_token(self, resource=None, **identity):
        """A managed identity's token; identity: client_id=, object_id= or msi_res_id=, or nothing (system-assigned)."""
        return self.imds(resource=resource or self.vault_resource, **identity).ok().json()["access_token"]

    def imds(self, path="/metadata/identity/oauth2/token", headers=(("Metadata", "true"),), **query):
        """GET at the IMDS door; api-version is 2018-02-01 unless given (as api_version; None leaves it out)."""
        version = query.pop("api_version", "2018-02-01")
        pairs = ([("api-version", version)] if version is not None else []) + [(k, v) for k, v in query.items()
                                                                              if v is not None]
        tail = "?" + urllib.parse.urlencode(pairs) if pairs else ""
        return self.http("GET", self.imds_root + path + tail, headers=dict(headers))

    @property
    def admin_oid(self):
        return jwt_parts(self.admin_token())[1]["oid"]

    # ---- control plane ----

    def arm(self, method, path, body=None, api_version=None, token=ADMIN, headers=()):
        """A request to the control plane. "{sub}" in path stands for the subscription's path. api_version: by provider
        unless given; "" leaves it out."""
        path = path.replace("{sub}", f"/subscriptions/{self.endpoints['subscription']}")
        if api_version is None:
            provider = path.lower().rpartition("/providers/")[2].split("/")[0].split("?")[0]
            api_version = ARM_VERSIONS.get(provider, ARM_VERSION_DEFAULT)
        if api_version:
            path += ("&" if "?" in path else "?") + "api-version=" + api_version
        token = self.admin_token() if token is ADMIN else token
        return self.http(method, self.arm_root + path, body, headers, token)

    def unique(self, prefix):
        """A name that nothing else has: prefix, a random part, a counter; 24 characters at most for short prefixes."""
        return f"{prefix}{secrets.token_hex(3)}{next(self._counter)}"

    def create_group(self, name=None, location=LOCATION):
        """Makes a resource group; its name."""
        name = name or self.unique("rg-")
        answer = self.arm("PUT", "{sub}/resourcegroups/" + name, {"location": location})
        assert answer.status in (200, 201), repr(answer)
        return name

    def _default_group(self):
        if not hasattr(self, "_group"):
            self._group = self.create_group()
        return self._group

    def identity_path(self, group, name):
        return ("{sub}/resourceGroups/" + group
                + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + name)

    def create_identity(self, name=None, group=None, location=LOCATION):
        """Makes a user-assigned identity: its resource as a dict, with clientId, principalId and id at hand."""
        path = self.identity_path(group or self._default_group(), name or self.unique("id-"))
        resource = self.arm("PUT", path, {"location": location}).ok(201).json()
        return {**resource, "client_id": resource["properties"]["clientId"],
                "oid": resource["properties"]["principalId"]}

    def vault_path(self, group, name):
        return "{sub}/resourceGroups/" + group + "/providers/Microsoft.KeyVault/vaults/" + name

    def policy(self, oid, permissions):
        """One access policy entry for keys."""
        return {"tenantId": self.endpoints["tenant"], "objectId": oid, "permissions": {"keys": list(permissions)}}

    def create_vault(self, name=None, policies=None, group=None, location=LOCATION, sku="standard", **properties):
        """Makes a vault. policies: {object id: [key permissions]}; None: the administrator may do everything."""
        name = name or self.unique("kv-")
        group = group or self._default_group()
        if policies is None:
            policies = {self.admin_oid: ALL_KEY_PERMISSIONS}
        body = {"location": location, "properties": {
            "tenantId": self.endpoints["tenant"], "sku": {"family": "A", "name": sku},
            "accessPolicies": [self.policy(oid, p) for oid, p in policies.items()], **properties}}
        resource = self.arm("PUT", self.vault_path(group, name), body).ok().json()
        return Vault(self, name, group, location, resource)


class Vault:
    """A vault's data plane, and where it stands in the control plane (.path)."""

    def __init__(self, sandbox, name, group, location, resource):
        self.sandbox = sandbox
        self.name = name
        self.location = location
        self.resource = resource
        self.path = sandbox.vault_path(group, name)

    @property
    def host(self):
        return f"{self.name}.{self.sandbox.endpoints['vault_suffix']}"

    @property
    def url(self):
        return f"https://{self.host}"

    def kv(self, method, path, body=None, token=ADMIN, api_version="7.5", headers=(), **more):
        """A request to the vault; path may hold a query of its own. api_version "" leaves it out; token None: none."""
        if api_version:
            path += ("&" if "?" in path else "?") + "api-version=" + api_version
        token = self.sandbox.vault_admin_token() if token is ADMIN else token
        return self.sandbox.http(method, self.url + path, body, headers, token, **more)

    def create_key(self, name=None, **body):
        """Makes a key (EC P-256 unless body says otherwise): its bundle."""
        return self.kv("POST", f"/keys/{name or self.sandbox.unique('k')}/create", {"kty": "EC", **body}).ok().json()

    def __repr__(self):
        return f"<vault {self.name}>"


def split_url(url):
    """(scheme, host, port, target): nothing is normalised."""
    scheme, _, rest = url.partition("://")
    authority, slash, tail = rest.partition("/")
    if "?" in authority:
        authority, _, query = authority.partition("?")
        slash, tail = "/", "?" + query
    host, _, port = authority.partition(":")
    return scheme, host, int(port) if port else {"https": 443, "http": 80}[scheme], slash + tail or "/"


def has_port(url):
    return ":" in url.partition("://")[2].partition("/")[0]


def kid_path(kid):
    """Path of a key identifier: /keys/NAME/VERSION."""
    return split_url(kid)[3]


def _exchange(connection, method, target, data, headers):
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(data)
    answer = connection.getresponse()
    body = answer.read()
    response = Response(answer.status, Headers(answer.getheaders()), body)
    if answer.will_close:
        connection.close()
    return response


def _state_of(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
