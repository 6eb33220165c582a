"""Clients that behave badly below HTTP, and requests that never become whole: others are served all the same."""

import contextlib
import re
import resource
import select
import socket
import ssl
import time
import warnings

import pytest
from stories import story

LIMIT_S = 30


@pytest.fixture(scope="module")
def hasty(key_stock):
    """A sandbox that waits one second for a request to be whole."""
    from sandbox import Sandbox

    with Sandbox(key_stock=key_stock, vaultd_args=["--request-timeout=1"]) as s:
        yield s


def read_to_end(sock, limit_s=LIMIT_S):
    """Everything until the other side closes; a reset counts as that. Fails after the limit."""
    sock.settimeout(limit_s)
    data = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while block := sock.recv(65536):
            data += block
    return data


def read_answer(sock):
    """One answer with the body that its Content-Length states, or everything until the other side closes."""
    data, deadline = b"", time.monotonic() + LIMIT_S
    with contextlib.suppress(ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        while time.monotonic() < deadline:
            sock.settimeout(LIMIT_S)
            block = sock.recv(65536)
            data += block
            head_end = data.find(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", data[: max(head_end, 0)])
            if not block or (length and len(data) >= head_end + 4 + int(length[1])):
                return data
    return data


def served(sandbox, vault):
    vault.kv("GET", "/keys/k1", keep_alive=False).ok()
    sandbox.arm("GET", "/subscriptions").ok()


@pytest.fixture
def door(hasty):
    vault = hasty.create_vault()
    vault.create_key("k1", tags={"a": "b"})
    return vault


def head(vault, method="POST", path="/keys/k2/create?api-version=7.5", length=12, more=""):
    token = vault.sandbox.vault_admin_token()
    return (f"{method} {path} HTTP/1.1\r\nHost: {vault.host}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n").encode()


@story("GetKey", "CreateKey")
class TestRequestsThatStop:
    @pytest.mark.parametrize("part", ["half a line", "half the headers", "headers alone", "half the body"])
    def test_they_are_closed_in_time_and_others_are_served(self, hasty, door, part):
        whole = head(door) + b'{"kty":"EC"}'
        cut = {"half a line": 10, "half the headers": 90, "headers alone": len(head(door)),
               "half the body": len(whole) - 5}[part]
        door.create_key("other")
        sock = hasty.raw(door.url)
        started = time.monotonic()
        sock.sendall(whole[:cut])
        served(hasty, door)
        said = read_to_end(sock)
        assert time.monotonic() - started < LIMIT_S
        assert said == b"" or said.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 400 ")), said
        sock.close()
        door.kv("GET", "/keys/k2").ok(404)

    def test_one_that_ends_half_way_changes_nothing(self, hasty, door):
        door.create_key("other")
        for end in (lambda s: s.close(), lambda s: s.unwrap(), lambda s: s.shutdown(socket.SHUT_WR)):
            sock = hasty.raw(door.url)
            sock.sendall(head(door, "PATCH", "/keys/k1/?api-version=7.5") + b'{"tags":')
            with contextlib.suppress(OSError, ssl.SSLError):
                end(sock)
            with contextlib.suppress(OSError, ssl.SSLError):
                read_to_end(sock)
            sock.close()
        assert door.kv("GET", "/keys/k1").ok().json()["tags"] == {"a": "b"}
        served(hasty, door)

    def test_one_byte_at_a_time(self, hasty, door):
        """Each byte comes well before the one before it is forgotten: it is the whole request that has a limit."""
        door.create_key("other")
        sock = hasty.raw(door.url)
        whole, deadline, closed = head(door), time.monotonic() + LIMIT_S, False
        for i in range(len(whole)):
            if time.monotonic() > deadline:
                break
            try:
                sock.sendall(whole[i : i + 1])
                readable, _, _ = select.select([sock], [], [], 0.2)
                if readable:
                    closed = not read_to_end(sock) or True
                    break
            except (ConnectionError, ssl.SSLError):
                closed = True
                break
            if i % 5 == 0:
                door.kv("GET", "/keys/k1").ok()
        assert closed, "a slow client was never shown the door"
        sock.close()
        door.kv("GET", "/keys/k2").ok(404)

    def test_answers_that_nobody_reads(self, hasty, door):
        for i in range(30):
            door.create_key(f"k{i}", tags={str(t): "x" * 256 for t in range(15)})
        sock = hasty.raw(door.url)
        sock.settimeout(5)
        ask = (f"GET /keys?api-version=7.5 HTTP/1.1\r\nHost: {door.host}\r\n"
               f"Authorization: Bearer {hasty.vault_admin_token()}\r\n\r\n").encode()
        with contextlib.suppress(OSError):
            for _ in range(100):
                sock.sendall(ask)
        served(hasty, door)
        sock.close()
        served(hasty, door)


@story("GetKey")
class TestHttp:
    def exchange(self, vault, data, read=read_to_end):
        sock = vault.sandbox.raw(vault.url)
        sock.sendall(data)
        said = read(sock)
        sock.close()
        vault.kv("GET", "/keys/k1").ok()
        return said

    @pytest.mark.parametrize("data", [
        b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"\0" * 100,
        b"GET  /  HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n", b"\xff\xfe" * 50 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ], ids=repr)
    def test_nonsense(self, door, data):
        said = self.exchange(door, data, read_answer)
        assert not said.startswith(b"HTTP/1.1 2"), said
        if b"\r\n\r\n" in said and not said.endswith(b"\r\n\r\n"):
            assert b"application/json" in said.lower(), said
            assert b"<html" not in said.lower()

    def test_headers_beyond_the_limit(self, door):
        for more in ("X-Long: " + "a" * 40000 + "\r\n", "".join(f"X-{i}: {'b' * 100}\r\n" for i in range(500))):
            said = self.exchange(door, head(door, "GET", "/keys/k1?api-version=7.5", 0, more), read_answer)
            assert said == b"" or said.split(b" ")[1] in (b"400", b"413", b"431"), said[:200]
            assert b"<html" not in said.lower()

    def test_headers_within_the_limit(self, door):
        door.kv("GET", "/keys/k1", headers={"X-Long": "a" * 20000}).ok()

    def test_a_host_nobody_knows(self, hasty, door):
        for host in ("example.org", "a.b.c.d", "", "vault.localhost", "x" * 300 + ".vault.localhost", "-", "[::1"):
            answer = door.kv("GET", "/keys/k1", headers={"Host": host}, keep_alive=False)
            assert 400 <= answer.status < 500, repr(answer)
            answer.json()
        door.kv("GET", "/keys/k1").ok()

    def test_expect_continue(self, door):
        body = b'{"kty":"EC"}'
        sock = door.sandbox.raw(door.url)
        sock.sendall(head(door, path="/keys/expected/create?api-version=7.5",
                          more="Expect: 100-continue\r\nConnection: close\r\n") + body)
        said = read_to_end(sock)
        sock.close()
        assert b"HTTP/1.1 200 " in said or b"HTTP/1.1 417 " in said, said
        door.kv("GET", "/keys/k1").ok()

    def test_chunked_bodies_are_understood(self, door):
        sock = door.sandbox.raw(door.url)
        text = head(door, path="/keys/in-chunks/create?api-version=7.5", more="Connection: close\r\n").replace(
            b"Content-Length: 12\r\n", b"Transfer-Encoding: chunked\r\n")
        sock.sendall(text + b'5\r\n{"kty\r\n7\r\n":"EC"}\r\n0\r\n\r\n')
        said = read_to_end(sock)
        sock.close()
        assert said.startswith(b"HTTP/1.1 200 "), said
        door.kv("GET", "/keys/in-chunks").ok()
        door.kv("GET", "/keys/k1").ok()

    def test_two_requests_in_one_breath(self, door):
        ask = (f"GET /keys/k1?api-version=7.5 HTTP/1.1\r\nHost: {door.host}\r\n"
               f"Authorization: Bearer {door.sandbox.vault_admin_token()}\r\n").encode()
        said = self.exchange(door, ask + b"\r\n" + ask + b"Connection: close\r\n\r\n")
        assert said.count(b"HTTP/1.1 200 ") == 2, said

    def test_the_old_protocol_version(self, door):
        ask = (f"GET /keys/k1?api-version=7.5 HTTP/1.0\r\nHost: {door.host}\r\n"
               f"Authorization: Bearer {door.sandbox.vault_admin_token()}\r\n\r\n").encode()
        assert b" 200 " in self.exchange(door, ask).split(b"\r\n")[0]


CLIENT_HELLO = bytes.fromhex("16030100c5010000c10303") + bytes(range(64))


@story("GetKey")
class TestTls:

    @pytest.mark.parametrize(
        "data",
        [
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            CLIENT_HELLO,
            CLIENT_HELLO[:5],
            CLIENT_HELLO[:1],
            b"\0" * 2000,
            bytes.fromhex("16030140ff") + b"\1" * 20000,
            b"\x15\x03\x01\x00\x02\x02\x00",
            b"\x80\x2e\x01\x00\x02",
        ],
        ids=[
            "plain HTTP",
            "half a hello",
            "a record's head",
            "one byte",
            "zeros",
            "a record too long",
            "an alert",
            "SSL 2",
        ],
    )
    def test_what_is_no_tls(self, hasty, door, data):
        port = hasty.connection(door.url).port
        for goes in (True, False):
            sock = socket.create_connection(("127.0.0.1", port), LIMIT_S)
            sock.sendall(data)
            if not goes:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_WR)
            served(hasty, door)
            if not goes:
                assert not read_to_end(sock).startswith(b"HTTP/1.1 2")
            sock.close()
        served(hasty, door)

    def test_cut_off_without_a_good_bye(self, hasty, door):
        sock = hasty.raw(door.url)
        sock.sendall(head(door)[:50])
        # The connection goes; TLS never said so.
        socket.socket(fileno=sock.detach()).close()
        served(hasty, door)

    def test_reset(self, hasty, door):
        sock = hasty.raw(door.url)
        sock.sendall(head(door)[:50])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        socket.socket(fileno=sock.detach()).close()
        served(hasty, door)

    def test_the_certificate_covers_every_name(self, hasty, door):
        for url in (door.url, hasty.arm_root, hasty.login_root, f"https://a.{hasty.endpoints['vault_suffix']}"):
            hasty.raw(url).close()
        door.kv("GET", "/keys/k1").ok()

    def test_old_versions_are_refused(self, hasty, door):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        sock = socket.create_connection(("127.0.0.1", hasty.connection(door.url).port), LIMIT_S)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(sock, server_hostname=door.host)
        sock.close()
        served(hasty, door)


@story("GetKey")
def test_a_thousand_idle_connections(start_sandbox):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65536, hard))
    sandbox = start_sandbox()
    vault = sandbox.create_vault()
    vault.create_key("k1")
    idle = []
    try:
        session = None
        for i in range(1000):
            if i % 4:
                port = sandbox.connection(vault.url).port
                idle.append(socket.create_connection(("127.0.0.1", port), LIMIT_S))
                continue
            raw = socket.create_connection(("127.0.0.1", sandbox.connection(vault.url).port), LIMIT_S)
            sock = sandbox.tls_context.wrap_socket(raw, server_hostname=vault.host.partition(":")[0], session=session)
            session = session or sock.session
            idle.append(sock)
        for _ in range(20):
            vault.kv("GET", "/keys/k1", keep_alive=False).ok()
        vault.create_key("k2")
        # And each of them is still good for a request.
        first = idle[0]
        first.sendall(
            f"GET /keys/k1?api-version=7.5 HTTP/1.1\r\nHost: {vault.host}\r\nConnection: close\r\n\r\n".encode()
        )
        assert read_to_end(first).startswith(b"HTTP/1.1 401 ")
    finally:
        for sock in idle:
            sock.close()
    vault.kv("GET", "/keys/k1", keep_alive=False).ok()


def test_a_head_reply_has_no_body(sandbox, vault):
    """Whatever is refused: a body behind a HEAD would be read as the next reply."""
    for url in (f"{vault.url}/keys/k?api-version=7.4", f"https://nothing.example{vault.host[vault.host.index(':'):]}/"):
        host = url.split("/")[2]
        with sandbox.raw(vault.url) as sock:
            sock.sendall(f"HEAD / HTTP/1.1\r\nHost: {host}\r\n\r\nGET /keys/k HTTP/1.1\r\nHost: {vault.host}\r\n"
                         "Connection: close\r\n\r\n".encode())
            answer = b""
            while piece := sock.recv(65536):
                answer += piece
        assert answer.count(b"\r\n\r\nHTTP/1.1 ") == 1, answer


def test_a_long_id_of_the_clients_is_left_out(sandbox, vault):
    headers = {"x-ms-client-request-id": "a" * 17000, "x-ms-return-client-request-id": "true"}
    answer = vault.kv("GET", "/keys", headers=headers).ok()
    assert "x-ms-client-request-id" not in answer.headers and answer.headers["Date"]
