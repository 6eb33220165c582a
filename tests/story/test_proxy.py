"""Azure's own names, by the proxy: which lead where, what the answers then say, and what is refused."""

import contextlib
import http.client
import json
import os
import re
import shlex
import socket
import ssl
import struct
import subprocess
import time
import urllib.parse

import pytest
from control import Control
from sandbox import Headers, Response, jwt_parts, program

LIMIT_S = 30
ARM = "management.azure.com"
LOGIN = "login.microsoftonline.com"
GET_TOKEN = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="


def port_of(sandbox, name="proxy"):
    return urllib.parse.urlsplit(sandbox.endpoints[name]).port


def dial(sandbox, host="127.0.0.1", source=None):
    return socket.create_connection((host, port_of(sandbox)), LIMIT_S, source_address=(source, 0) if source else None)


def read_head(sock):
    """Status and the rest of the head, to the byte: nothing behind it is taken."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        assert byte, head
        head += byte
    return int(head.split()[1]), head


def read_all(sock):
    got = b""
    while block := sock.recv(65536):
        got += block
    return got


def connect_tunnel(sandbox, target, **how):
    sock = dial(sandbox, **how)
    sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: story\r\n\r\n".encode())
    status, head = read_head(sock)
    assert status == 200, head
    return sock


@contextlib.contextmanager
def tls(sandbox, target, **how):
    """A TLS connection to HOST:PORT through the proxy, its certificate checked for that host."""
    with sandbox.tls_context.wrap_socket(connect_tunnel(sandbox, target, **how),
                                         server_hostname=target.partition(":")[0]) as sock:
        yield sock


def ask(sock, method, path, host, body=None, **headers):
    """One request on a connection that stays open."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
    answer = http.client.HTTPResponse(sock, method=method)
    answer.begin()
    return Response(answer.status, Headers(answer.getheaders()), answer.read())


def by_proxy(sandbox, method, host, path, body=None, **headers):
    with tls(sandbox, host + ":443") as sock:
        return ask(sock, method, path, host, body, **headers)


def sign_in(sandbox, resource):
    e = sandbox.endpoints
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": e["client_id"],
                                   "client_secret": e["client_secret"], "scope": resource + "/.default"})
    answer = by_proxy(sandbox, "POST", LOGIN, f"/{e['tenant']}/oauth2/v2.0/token", form.encode(),
                      Content_Type="application/x-www-form-urlencoded")
    return answer.ok().json()["access_token"]


def refused(sandbox, request):
    """(status, error object) of a head that the proxy refuses."""
    with dial(sandbox) as sock:
        sock.sendall(request)
        status, head = read_head(sock)
        body = read_all(sock)
    assert int(Headers(tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")[1:-2])["Content-Length"]) == len(body)
    return status, json.loads(body)["error"]


# ---- names ----

@pytest.mark.parametrize("host", [LOGIN, "login.windows.net", "sts.windows.net"])
def test_sign_in_names(sandbox, host):
    tenant = sandbox.endpoints["tenant"]
    got = by_proxy(sandbox, "GET", host, f"/{tenant}/v2.0/.well-known/openid-configuration").ok().json()
    assert got["issuer"] == f"https://{host}/{tenant}/v2.0"
    assert got["token_endpoint"] == f"https://{host}/{tenant}/oauth2/v2.0/token"
    assert got["jwks_uri"] == f"https://{host}/{tenant}/discovery/v2.0/keys"
    assert (got["cloud_instance_name"], got["msgraph_host"]) == ("microsoftonline.com", "graph.microsoft.com")
    assert "localhost" not in json.dumps(got)


def test_instance_discovery(sandbox):
    endpoint = urllib.parse.quote(f"https://{LOGIN}/common/oauth2/authorize", safe="")
    path = f"/common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}"
    got = by_proxy(sandbox, "GET", LOGIN, path).ok().json()
    assert got["tenant_discovery_endpoint"] == f"https://{LOGIN}/common/v2.0/.well-known/openid-configuration"
    assert got["metadata"][0]["preferred_network"] == LOGIN
    assert "login.windows.net" in got["metadata"][0]["aliases"]


def test_control_plane(sandbox):
    answer = by_proxy(sandbox, "GET", ARM, "/subscriptions?api-version=2022-12-01").ok(401)
    assert f'authorization_uri="https://{LOGIN}/{sandbox.endpoints["tenant"]}"' in answer.headers["WWW-Authenticate"]
    token = sign_in(sandbox, "https://management.azure.com")
    vault = sandbox.create_vault()
    path = vault.path.replace("{sub}", f"/subscriptions/{sandbox.endpoints['subscription']}") + "?api-version=2022-07-01"
    got = by_proxy(sandbox, "GET", ARM, path, Authorization=f"Bearer {token}").ok().json()
    assert got["properties"]["vaultUri"] == f"https://{vault.name}.vault.azure.net/"
    assert sandbox.arm("GET", vault.path).ok().json()["properties"]["vaultUri"] == vault.url + "/"


@pytest.mark.parametrize("resource", ["https://management.azure.com", "https://management.azure.com/",
                                      "https://management.core.windows.net/"])
def test_control_plane_audiences(sandbox, resource):
    token = sign_in(sandbox, resource)
    assert jwt_parts(token)[1]["aud"] == resource
    by_proxy(sandbox, "GET", ARM, "/subscriptions?api-version=2022-12-01", Authorization=f"Bearer {token}").ok()


@pytest.mark.parametrize("resource", ["https://graph.microsoft.com", "https://graph.microsoft.com/"])
def test_graph_tokens(sandbox, resource):
    assert jwt_parts(sign_in(sandbox, resource))[1]["aud"] == resource


CLOUD_SHAPES = {"2015-01-01": lambda cloud: cloud, "2019-05-01": lambda cloud: cloud[0], "2022-09-01": lambda cloud: cloud}


@pytest.mark.parametrize("version", CLOUD_SHAPES)
def test_the_public_cloud_describes_itself(sandbox, version):
    answer = by_proxy(sandbox, "GET", ARM, f"/metadata/endpoints?api-version={version}").ok()
    cloud = CLOUD_SHAPES[version](answer.json())
    assert cloud["authentication"]["loginEndpoint"].rstrip("/") == f"https://{LOGIN}"
    if version != "2015-01-01":
        assert (cloud["name"], cloud["suffixes"]["keyVaultDns"]) == ("AzureCloud", "vault.azure.net")
        assert cloud["resourceManager"] == "https://management.azure.com/"
    assert "localhost" not in answer.text


def test_a_vault(sandbox):
    vault = sandbox.create_vault()
    host, tenant = f"{vault.name}.vault.azure.net", sandbox.endpoints["tenant"]
    answer = by_proxy(sandbox, "GET", host, "/keys?api-version=7.5").ok(401)
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer authorization="https://{LOGIN}/{tenant}", resource="https://vault.azure.net"')
    token = sign_in(sandbox, "https://vault.azure.net")
    with tls(sandbox, host + ":443") as sock:
        for name in ("first", "second"):
            made = ask(sock, "POST", f"/keys/{name}/create?api-version=7.5", host, {"kty": "EC"},
                       Authorization=f"Bearer {token}", Content_Type="application/json").ok().json()
            assert re.fullmatch(rf"https://{re.escape(host)}/keys/{name}/[0-9a-f]{{32}}", made["key"]["kid"])
        page = ask(sock, "GET", "/keys?api-version=7.5&maxresults=1", host, Authorization=f"Bearer {token}").ok().json()
        assert page["value"][0]["kid"] == f"https://{host}/keys/first"
        assert page["nextLink"].startswith((f"https://{host}/keys?", f"https://{host}:443/keys?"))
        gone = ask(sock, "DELETE", "/keys/first?api-version=7.5", host, Authorization=f"Bearer {token}").ok().json()
        assert gone["recoveryId"] == f"https://{host}/deletedkeys/first"
    # The same key by the sandbox's own name.
    kid = vault.kv("GET", "/keys/second").ok().json()["key"]["kid"]
    assert kid.startswith(vault.url + "/keys/second/")


def test_a_vault_that_is_not(sandbox):
    answer = by_proxy(sandbox, "GET", "no-such-vault.vault.azure.net", "/keys?api-version=7.5").ok(404)
    assert "no-such-vault" in answer.error()["message"]


def test_own_names(sandbox):
    """Scheme A's names by the proxy: nothing has to be resolved."""
    vault = sandbox.create_vault()
    own = port_of(sandbox, "arm")
    for target, host in ((f"{vault.name}.vault.localhost:{own}",) * 2, (f"{vault.name}.vault.localhost:443", vault.host)):
        with tls(sandbox, target) as sock:
            answer = ask(sock, "GET", "/keys?api-version=7.5", host).ok(401)
        assert f'resource="https://vault.localhost:{own}"' in answer.headers["WWW-Authenticate"]
    with tls(sandbox, f"localhost:{own}") as sock:
        ask(sock, "GET", "/metadata/endpoints?api-version=2022-09-01", f"localhost:{own}").ok()
    login = port_of(sandbox, "login")
    with tls(sandbox, f"localhost:{login}") as sock:
        ask(sock, "GET", "/adfs/.well-known/openid-configuration", f"localhost:{login}").ok()


# ---- certificates ----

@pytest.mark.parametrize("name", ["arm", "login"])
def test_two_certificates(sandbox, name):
    """Each daemon shows Azure's names to those who ask for one, and its own to everybody else."""
    def shown(host):
        context = ssl.create_default_context(cafile=sandbox.endpoints["ca"])
        context.check_hostname = False
        with socket.create_connection(("127.0.0.1", port_of(sandbox, name)), LIMIT_S) as plain:
            with context.wrap_socket(plain, server_hostname=host) as sock:
                return {value for kind, value in sock.getpeercert()["subjectAltName"] if kind == "DNS"}

    azure = shown("v.vault.azure.net")
    assert azure == {"login.microsoftonline.com", "login.windows.net", "sts.windows.net", "management.azure.com",
                     "graph.microsoft.com", "*.vault.azure.net", "*.azurecr.io"}
    for host in azure - {"*.vault.azure.net", "*.azurecr.io"} | {"r.azurecr.io", "V.VAULT.AZURE.NET"}:
        assert shown(host) == azure
    own = shown("localhost")
    assert {"localhost", "*.vault.localhost", "*.azurecr.localhost"} <= own and not own & azure
    for host in ("v.vault.localhost", "example.com", "a.b.vault.azure.net", None):
        assert shown(host) == own


# ---- managed identity ----

def imds_request(target, *headers, host="169.254.169.254"):
    return "\r\n".join([f"GET {target} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def test_managed_identity(sandbox):
    with dial(sandbox) as sock:
        for _ in range(3):  # on one connection
            sock.sendall(imds_request(GET_TOKEN + "https://vault.azure.net", "Metadata: true", "Proxy-Connection: keep-alive"))
            answer = http.client.HTTPResponse(sock)
            answer.begin()
            assert answer.status == 200 and not answer.will_close
            token = json.loads(answer.read())["access_token"]
    assert jwt_parts(token)[1]["aud"] == "https://vault.azure.net"
    assert jwt_parts(token)[1]["xms_mirid"].endswith("/virtualMachines/devbox")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_own_names_of_imds(sandbox, host):
    port = port_of(sandbox, "imds")
    with dial(sandbox) as sock:
        sock.sendall(imds_request(f"http://{host}:{port}/metadata/instance?api-version=2021-02-01", "Metadata: true",
                                  "Connection: close", host=f"{host}:{port}"))
        assert read_head(sock)[0] == 200
        assert json.loads(read_all(sock))["compute"]["name"] == "devbox"


def test_imds_guards_stay(sandbox):
    for headers in ((), ("Metadata: true", "X-Forwarded-For: 10.0.0.1")):
        with dial(sandbox) as sock:
            sock.sendall(imds_request(GET_TOKEN + "https://vault.azure.net", *headers))
            assert read_head(sock)[0] == 400


# ---- refusals ----

REFUSED = {
    "another host": b"CONNECT example.com:443 HTTP/1.1\r\n\r\n",
    "another port": b"CONNECT management.azure.com:80 HTTP/1.1\r\n\r\n",
    "a local port": b"CONNECT localhost:22 HTTP/1.1\r\n\r\n",
    "an address": b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n",
    "a plain request to another host": b"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "a plain request to the control plane": b"GET http://management.azure.com/ HTTP/1.1\r\n\r\n",
    "an https URL": b"GET https://management.azure.com/ HTTP/1.1\r\n\r\n",
    "the host in the line counts": b"GET http://example.com/metadata/instance HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_targets(sandbox, case):
    control = Control(sandbox)
    since = control.now()
    status, error = refused(sandbox, REFUSED[case])
    target = REFUSED[case].decode().split()[1]
    host = urllib.parse.urlsplit(target if "//" in target else "//" + target).hostname
    assert (status, error["code"]) == (403, "ProxyTargetNotAllowed")
    assert host in error["message"] and "NAME.vault.azure.net" in error["message"] and "169.254.169.254" in error["message"]
    [line] = control.audit(since, operation="ProxyConnect")
    assert (line["operationName"], line["properties"]["httpStatusCode"]) == ("ProxyConnect", 403)
    assert line["properties"]["id"] == host and line["callerIpAddress"] == "127.0.0.1"
    assert line["decision"] == {"verdict": "deny", "reason": "proxy-target"}


def test_a_refusal_keeps_secrets_out_of_the_audit(sandbox):
    refused(sandbox, b"GET http://example.com/?sig=SECRET-IN-A-QUERY HTTP/1.1\r\n\r\n")
    assert "SECRET-IN-A-QUERY" not in json.dumps(Control(sandbox).audit(operation="ProxyConnect"))


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.1", b"CONNECT management.azure.com HTTP/1.1", b"CONNECT a:443 HTTP/2",
                                          b"\x16\x03\x01\x02\x00\x01", b"nonsense"])
def test_no_proxy_request(sandbox, request_line):
    status, error = refused(sandbox, request_line + b"\r\n\r\n")
    assert (status, error["code"]) == (400, "BadRequest")


def test_a_head_without_end(sandbox):
    assert refused(sandbox, b"CONNECT localhost:443 HTTP/1.1\r\n" + b"X: y\r\n" * 2000)[0] == 431


# ---- connections ----

def test_what_comes_with_the_head_is_not_lost(sandbox):
    """The client's first TLS bytes in the same packet as its CONNECT."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    side = sandbox.tls_context.wrap_bio(incoming, outgoing, server_hostname=ARM)
    with pytest.raises(ssl.SSLWantReadError):
        side.do_handshake()
    with dial(sandbox) as sock:
        sock.sendall(f"CONNECT {ARM}:443 HTTP/1.1\r\n\r\n".encode() + outgoing.read())
        assert read_head(sock)[0] == 200
        while True:
            try:
                side.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                block = sock.recv(65536)
                assert block
                incoming.write(block)
    assert side.version() == "TLSv1.2"


def test_ipv6(sandbox):
    with tls(sandbox, ARM + ":443", host="::1") as sock:
        ask(sock, "GET", "/metadata/endpoints?api-version=2022-09-01", ARM).ok()


def test_a_vaults_firewall_sees_the_client(sandbox):
    """Not the proxy: among loopback addresses, the client's own."""
    vault = sandbox.create_vault(networkAcls={"defaultAction": "Deny", "bypass": "None", "ipRules": []})
    token = sign_in(sandbox, "https://vault.azure.net")
    host = f"{vault.name}.vault.azure.net"
    with tls(sandbox, host + ":443", source="127.0.0.9") as sock:
        answer = ask(sock, "GET", "/keys?api-version=7.5", host, Authorization=f"Bearer {token}").ok(403)
    assert "Client address: 127.0.0.9" in answer.error()["message"]


def sockets(daemon):
    """How many a daemon has; descriptors come and go while they are counted."""
    found = 0
    for entry in os.scandir(f"/proc/{daemon.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found += os.readlink(entry.path).startswith("socket:")
    return found


def wait_for(happens):
    """Bounded polling of another process."""
    end = time.monotonic() + LIMIT_S
    while not happens():
        assert time.monotonic() < end
        os.sched_yield()


def leave_after_head(sandbox):
    dial(sandbox).close()
    connect_tunnel(sandbox, f"{ARM}:443").close()


def reset_in_a_tunnel(sandbox):
    sock = connect_tunnel(sandbox, f"{ARM}:443")
    sock.sendall(b"\x16\x03")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def leave_half_a_head(sandbox):
    with dial(sandbox) as sock:
        sock.sendall(b"CONNECT manage")


def leave_before_the_refusal(sandbox):
    with dial(sandbox) as sock:
        sock.sendall(b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")


def speak_no_tls(sandbox):
    with connect_tunnel(sandbox, f"{LOGIN}:443") as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        read_all(sock)


def test_clients_that_go_away(start_sandbox):
    sandbox = start_sandbox(mode="direct")
    before = sockets(sandbox.identityd), sockets(sandbox.vaultd)
    for leave in (leave_after_head, reset_in_a_tunnel, leave_half_a_head, leave_before_the_refusal, speak_no_tls):
        for _ in range(10):
            leave(sandbox)
        wait_for(lambda: (sockets(sandbox.identityd), sockets(sandbox.vaultd)) == before)


def test_vaultd_goes_and_comes(start_sandbox):
    sandbox = start_sandbox(mode="direct", ephemeral=False)
    sandbox.vaultd.kill()
    request = f"CONNECT {ARM}:443 HTTP/1.1\r\n\r\n".encode()
    status, error = refused(sandbox, request)
    assert status == 502 and ARM in error["message"] and "vaultd" in error["message"]
    by_proxy(sandbox, "GET", LOGIN, "/common/discovery/keys").ok()
    sandbox.restart(sandbox.vaultd)
    by_proxy(sandbox, "GET", ARM, "/metadata/endpoints?api-version=2022-09-01").ok()


def test_open_tunnels_do_not_hold_up_the_end(start_sandbox):
    sandbox = start_sandbox(mode="direct")
    with connect_tunnel(sandbox, f"{ARM}:443"), dial(sandbox):
        assert sandbox.identityd.stop() == 0


# ---- the environment ----

SCHEME_A_ALONE = {"AZURE_AUTHORITY_HOST", "ARM_CLOUD_METADATA_URL", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_ENDPOINT",
                  "IDENTITY_HEADER"}


def env_of(sandbox, *words):
    done = subprocess.run([program("sandvault"), "env", *words, "--data-dir", str(sandbox.data_dir)], capture_output=True,
                          text=True, check=True, timeout=LIMIT_S)
    return done.stdout


def test_environment(sandbox):
    e = sandbox.endpoints
    plain, proxied = (json.loads(env_of(sandbox, "--json", *words)) for words in ([], ["--proxy"]))
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        assert proxied[name] == e["proxy"] and name not in plain
    assert proxied["NO_PROXY"] == proxied["no_proxy"] == ""
    assert proxied["AZURE_TENANT_ID"] == e["tenant"] and proxied["AZURE_CLIENT_SECRET"] == e["client_secret"]
    assert SCHEME_A_ALONE <= set(plain) and not SCHEME_A_ALONE & set(proxied)
    assert {name for name, value in proxied.items() if value == e["ca"]} == {name for name, value in plain.items()
                                                                             if value == e["ca"]}
    assert proxied["AZURE_CONFIG_DIR"] != plain["AZURE_CONFIG_DIR"]
    assert {n for n in plain if n.startswith("SANDVAULT_")} == {n for n in proxied if n.startswith("SANDVAULT_")}


def test_environment_in_a_shell(sandbox):
    """One environment after the other leaves nothing of the first that leads past the proxy."""
    script = f"{env_of(sandbox)}\n{env_of(sandbox, '--shell', '--proxy')}\nenv"
    out = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True, timeout=LIMIT_S).stdout
    got = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    assert not SCHEME_A_ALONE & set(got)
    assert got["HTTPS_PROXY"] == sandbox.endpoints["proxy"] and got["NO_PROXY"] == ""
    dotenv = env_of(sandbox, "--dotenv", "--proxy").splitlines()
    assert f"HTTPS_PROXY={sandbox.endpoints['proxy']}" in dotenv and "NO_PROXY=" in dotenv


def test_curl(sandbox):
    """The environment is enough for a client that knows nothing of us."""
    url = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net"
    cloud = f"https://{ARM}/metadata/endpoints?api-version=2022-09-01"
    script = (f"{env_of(sandbox, '--proxy')}\ncurl -sS --fail -H Metadata:true {shlex.quote(url)}\necho\n"
              f"curl -sS --fail {shlex.quote(cloud)}")
    out = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True, timeout=LIMIT_S).stdout
    token, cloud = (json.loads(line) for line in out.splitlines())
    assert jwt_parts(token["access_token"])[1]["aud"] == "https://vault.azure.net"
    assert cloud["name"] == "AzureCloud"
