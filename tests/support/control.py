"""The control API of a sandbox, by its socket: the clock, the audit, explanations.

    control = Control(sandbox)
    control.advance("P1D")
    control.audit(operation="KeyUnwrap", result="403")
"""

import http.client
import json
import socket
import urllib.parse

TIMEOUT_S = 60


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Refused(Exception):
    """A control call that was not answered with 200: .status, .message."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body!r}")
        self.status = status
        self.message = json.loads(body)["error"]["message"]


class Control:
    def __init__(self, sandbox, timeout=TIMEOUT_S):
        self.path = sandbox.endpoints["control"]
        self.timeout = timeout

    def send(self, method, target, body=None):
        """(connection, response) of one call, its body unread; body: None, bytes, or anything JSON can say."""
        connection = _SocketConnection(self.path, self.timeout)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, target, data, {"Content-Type": "application/json"} if data is not None else {})
        return connection, connection.getresponse()

    def call(self, method, target, body=None):
        """The JSON of a 200; anything else raises Refused."""
        connection, response = self.send(method, target, body)
        try:
            text = response.read()
            if response.status != 200:
                raise Refused(response.status, text)
            return json.loads(text)
        finally:
            connection.close()

    # ---- clock ----

    def clock(self):
        return self.call("GET", "/clock")

    def move(self, **body):
        return self.call("POST", "/clock", body)

    def advance(self, duration):
        return self.move(advance=duration)

    # ---- audit ----

    def page(self, **query):
        return self.call("GET", "/audit?" + urllib.parse.urlencode(query))

    def now(self):
        """The sequence number that what happens next will have at least."""
        return self._pages(0, {})[1]

    def audit(self, since=0, **query):
        """Every line from since on that fits."""
        return self._pages(since, query)[0]

    def _pages(self, since, query):
        lines, more = [], True
        while more:
            page = self.page(since=since, **query)
            lines += page["value"]
            since, more = page["next"], page["more"]
        return lines, since

    def follow(self, **query):
        """Lines as they come, for as long as the iterator is asked."""
        connection, response = self.send("GET", "/audit?follow&" + urllib.parse.urlencode(query))
        assert response.status == 200
        try:
            while True:
                line = response.readline()
                if not line:
                    return
                yield json.loads(line)
        finally:
            connection.close()

    # ---- explain ----

    def explain(self, **question):
        return self.call("POST", "/explain", question)
