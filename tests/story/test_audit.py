"""What happened and why: one line for each finished request of either daemon."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import urllib.parse
from pathlib import Path

import pytest
from control import Control, Refused
from roles import grant, revoke
from sandbox import ARM, program
from stories import rows

SYNCS = "fsync,fdatasync,msync,sync,syncfs,sync_file_range"
FIELDS = ["seq", "time", "resourceId", "operationName", "operationVersion", "category", "resultType", "resultSignature",
          "resultDescription", "durationMs", "callerIpAddress", "correlationId", "identity", "properties", "decision"]
SECRET = "do-not-write-this-down"


def sandbox_scope(sandbox, vault):
    return vault.path.replace("{sub}", "/subscriptions/" + sandbox.endpoints["subscription"])


@pytest.fixture
def control(sandbox):
    return Control(sandbox)


@pytest.fixture
def lines_of(control):
    """lines_of(action, **query): what the action left."""
    def look(action, **query):
        since = control.now()
        action()
        return control.audit(since, **query)

    return look


def test_a_line_in_full(sandbox, vault, identity, lines_of):
    vault.create_key("k1")
    token = sandbox.imds_token(client_id=identity["client_id"])
    headers = {"User-Agent": "a-client/1.0", "x-ms-client-request-id": "0c6f1d3a-3f43-4e6c-8a5e-0d1f2a3b4c5d"}
    [line] = lines_of(lambda: vault.kv("GET", "/keys/k1", token=token, headers=headers).ok(403), vault=vault.name)
    assert list(line) == FIELDS
    assert line["category"] == "AuditEvent" and line["operationName"] == "KeyGet"
    assert (line["resultType"], line["resultSignature"]) == ("Failure", "Forbidden")
    assert "does not have keys get permission" in line["resultDescription"]
    subscription = "/subscriptions/" + sandbox.endpoints["subscription"]
    assert line["resourceId"] == vault.path.replace("{sub}", subscription).upper()
    assert line["time"].endswith("0000Z") and len(line["time"]) == len("2016-01-05T01:32:01.2691226Z")
    assert line["durationMs"].isdigit()
    assert line["callerIpAddress"] == "127.0.0.1"
    assert line["correlationId"] == headers["x-ms-client-request-id"]
    claim = line["identity"]["claim"]
    assert claim["oid"] == identity["oid"] and claim["appid"] == identity["client_id"]
    assert claim["xms_mirid"].lower() == identity["id"].lower()
    assert line["properties"] == {
        "id": vault.url + "/keys/k1",
        "clientInfo": "a-client/1.0",
        "requestUri": vault.url + "/keys/k1?api-version=" + line["operationVersion"],
        "httpStatusCode": 403,
    }
    assert line["decision"] == {"verdict": "deny", "reason": "access-policy-no-entry"}


def test_every_operation_has_azure_s_name(vault, lines_of):
    b64 = "AAAA"
    digest = "A" * 43
    calls = [
        ("KeyCreate", "POST", "/keys/k1/create", {"kty": "RSA"}),
        ("KeyGet", "GET", "/keys/k1", None),
        ("KeyUpdate", "PATCH", "/keys/k1", {"tags": {}}),
        ("KeyList", "GET", "/keys", None),
        ("KeyListVersions", "GET", "/keys/k1/versions", None),
        ("KeyEncrypt", "POST", "/keys/k1/encrypt", {"alg": "RSA-OAEP", "value": b64}),
        ("KeyDecrypt", "POST", "/keys/k1/decrypt", {"alg": "RSA-OAEP", "value": b64}),
        ("KeyWrap", "POST", "/keys/k1/wrapkey", {"alg": "RSA-OAEP", "value": b64}),
        ("KeyUnwrap", "POST", "/keys/k1/unwrapkey", {"alg": "RSA-OAEP", "value": b64}),
        ("KeySign", "POST", "/keys/k1/sign", {"alg": "RS256", "value": digest}),
        ("KeyVerify", "POST", "/keys/k1/verify", {"alg": "RS256", "value": b64, "digest": digest}),
        ("KeyImport", "PUT", "/keys/k2", {"key": {}}),
        ("KeyDelete", "DELETE", "/keys/k1", None),
        ("KeyListDeleted", "GET", "/deletedkeys", None),
        ("KeyGetDeleted", "GET", "/deletedkeys/k1", None),
        ("KeyRecover", "POST", "/deletedkeys/k1/recover", None),
        ("KeyPurge", "DELETE", "/deletedkeys/k1", None),
    ]

    def all_of_them():
        for _, method, path, body in calls:
            vault.kv(method, path, body)

    assert [line["operationName"] for line in lines_of(all_of_them, vault=vault.name)] == [name for name, *_ in calls]


def test_a_success_is_explained_by_what_granted_it(vault, lines_of):
    [line] = lines_of(lambda: vault.create_key("k1"), vault=vault.name)
    assert (line["resultType"], line["resultSignature"], line["resultDescription"]) == ("Success", "OK", "")
    assert line["decision"]["verdict"] == "allow"
    assert line["decision"]["reason"] == "access-policy" and line["decision"]["rule"] == "accessPolicies/0"


@pytest.mark.parametrize("made, reason", [
    ({"attributes": {"enabled": False}}, "key-disabled"),
    ({"attributes": {"nbf": 2208992461}}, "key-not-yet-valid"),
    ({"attributes": {"exp": 1500000000}}, "key-expired"),
    ({"key_ops": ["verify"]}, "key-operation-not-listed"),
])
def test_a_state_that_refuses_is_the_reason(vault, lines_of, made, reason):
    vault.create_key("k1", **made)
    body = {"alg": "ES256", "value": "A" * 43}
    [line] = lines_of(lambda: vault.kv("POST", "/keys/k1/sign", body).ok(403), operation="KeySign")
    assert line["decision"] == {"verdict": "deny", "reason": reason}


def test_strangers_are_logged_as_attempts_to_sign_in(vault, lines_of):
    def knock():
        vault.kv("GET", "/keys/k1", token=None).ok(401)
        vault.kv("GET", "/keys/k1", token="no.token.atall").ok(401)

    first, second = lines_of(knock, vault=vault.name)
    assert first["operationName"] == second["operationName"] == "Authentication"
    assert first["resultSignature"] == "Unauthorized" and first["identity"] == {}
    assert first["decision"] == {"verdict": "deny", "reason": "token-missing"}
    assert second["decision"]["reason"] == "token-malformed"


@pytest.mark.parametrize("request_head, status", [
    (b"GET / HTTP/1.1\r\nHost\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n" + b"x" * 1048577, 413),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 40000 + b"\r\n\r\n", None),
], ids=["malformed", "a body too large", "a header too long"])
@pytest.mark.parametrize("door", ["arm_root", "login_root", "imds_root"])
def test_what_was_no_request_is_there_too(sandbox, lines_of, door, request_head, status):
    sock = sandbox.raw(getattr(sandbox, door))
    said = b""

    def act():
        nonlocal said
        sock.sendall(request_head)
        said = sock.recv(65536)

    lines = lines_of(act, operation="Unknown")
    sock.close()
    assert said.startswith(b"HTTP/1.1 4") and (status is None or int(said.split()[1]) == status), said
    [line] = lines
    assert line["properties"] == {"clientInfo": "", "requestUri": "", "httpStatusCode": int(said.split()[1])}
    assert line["callerIpAddress"] == "127.0.0.1" and line["identity"] == {} and line["resultType"] == "Failure"
    assert line["decision"] == {"verdict": "none", "reason": "none"}


class TestReasons:
    def reason(self, lines_of, act, **query):
        [line] = lines_of(act, **query)
        assert line["decision"]["verdict"] == "deny", line
        return line["decision"]["reason"]

    @pytest.mark.parametrize("token, reason", [
        (None, "token-missing"),
        ("no.token.atall", "token-malformed"),
        ("another resource's", "token-bad-audience"),
    ])
    def test_strangers_at_both_planes(self, sandbox, vault, lines_of, token, reason):
        arm_token = sandbox.vault_admin_token() if token and " " in token else token
        kv_token = sandbox.admin_token(ARM) if token and " " in token else token
        for act in (lambda: sandbox.arm("GET", "/subscriptions", token=arm_token).ok(401),
                    lambda: vault.kv("GET", "/keys", token=kv_token).ok(401)):
            assert self.reason(lines_of, act, operation="Authentication") == reason

    def test_a_token_that_has_expired(self, start_sandbox):
        s = start_sandbox()
        control, vault = Control(s), s.create_vault()
        tokens = s.admin_token(ARM), s.vault_admin_token()
        control.advance("P2D")
        since = control.now()
        s.arm("GET", "/subscriptions", token=tokens[0]).ok(401)
        vault.kv("GET", "/keys", token=tokens[1]).ok(401)
        lines = control.audit(since, operation="Authentication", result="token-expired")
        assert [line["properties"]["httpStatusCode"] for line in lines] == [401, 401]

    @pytest.mark.parametrize("change, reason", [
        ({"client_secret": SECRET}, "wrong-secret"),
        ({"client_secret": None}, "credential-missing"),
        ({"client_secret": None, "client_assertion": "x", "client_assertion_type": "y"}, "assertion-malformed"),
        ({"client_id": "11111111-2222-4333-8444-555555555555"}, "unknown-client"),
        ({"client_id": None}, "parameter-missing"),
        ({"grant_type": "password"}, "grant-unsupported"),
        ({"scope": "everything"}, "scope-invalid"),
        ({"scope": "https://nothing.example/.default"}, "unknown-resource"),
    ])
    def test_no_token_at_sign_in(self, sandbox, lines_of, change, reason):
        form = {"client_id": sandbox.endpoints["client_id"], "client_secret": sandbox.endpoints["client_secret"],
                "grant_type": "client_credentials", "scope": ARM + "/.default", **change}
        form = {name: value for name, value in form.items() if value is not None}
        assert self.reason(lines_of, lambda: sandbox.request_token(**form), operation="TokenIssue") == reason

    @pytest.mark.parametrize("headers, query, reason", [
        ({}, {}, "metadata-header-missing"),
        ({"X-Forwarded-For": "127.0.0.1"}, {}, "request-forwarded"),
        ({"Metadata": "true"}, {"api-version": "1999-01-01"}, "api-version-unknown"),
        ({"Metadata": "true"}, {"api-version": None}, "api-version-missing"),
        ({"Metadata": "true"}, {"resource": None}, "parameter-missing"),
        ({"Metadata": "true"}, {"resource": "https://nothing.example"}, "unknown-resource"),
        ({"Metadata": "true"}, {"client_id": "11111111-2222-4333-8444-555555555555"}, "unknown-identity"),
    ])
    def test_no_token_on_a_machine(self, sandbox, lines_of, headers, query, reason):
        query = {"api-version": "2018-02-01", "resource": ARM, **query}
        target = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        url = f"{sandbox.imds_root}/metadata/identity/oauth2/token?{target}"
        assert self.reason(lines_of, lambda: sandbox.http("GET", url, headers=headers).ok(400)) == reason

    @pytest.mark.parametrize("headers, form, reason", [
        ({"Metadata": None}, {}, "metadata-header-missing"),
        ({"X-Forwarded-For": "127.0.0.1"}, {}, "request-forwarded"),
        ({"Content-Type": "text/plain"}, {}, "format-unsupported"),
        ({}, {"resource": ""}, "parameter-missing"),
        ({}, {"resource": "https://nothing.example"}, "unknown-resource"),
        ({}, {"client_id": "11111111-2222-4333-8444-555555555555"}, "unknown-identity"),
    ])
    def test_no_token_in_cloud_shell(self, sandbox, lines_of, headers, form, reason):
        headers = {"Metadata": "true", "Content-Type": "application/x-www-form-urlencoded", **headers}
        headers = {name: value for name, value in headers.items() if value is not None}
        form = urllib.parse.urlencode({"resource": ARM, **form})
        assert self.reason(lines_of, lambda: sandbox.http("POST", f"{sandbox.imds_root}/oauth2/token", form,
                                                          headers=headers).ok(400), operation="TokenIssue") == reason

    @pytest.mark.parametrize("own, query, reason", [
        (None, {}, "identity-header-missing"),
        ("x", {}, "wrong-identity-header"),
        (True, {"api-version": "2017-09-01"}, "api-version-unknown"),
        (True, {"client_id": "11111111-2222-4333-8444-555555555555"}, "unknown-identity"),
        (True, {"resource": "https://nothing.example"}, "unknown-resource"),
    ])
    def test_no_token_on_a_site(self, sandbox, lines_of, own, query, reason):
        header = sandbox.endpoints["env"]["IDENTITY_HEADER"] if own is True else own
        target = urllib.parse.urlencode({"api-version": "2019-08-01", "resource": ARM, **query})
        headers = {} if header is None else {"X-IDENTITY-HEADER": header}
        assert self.reason(lines_of, lambda: sandbox.http("GET", f"{sandbox.imds_root}/msi/token?{target}",
                                                          headers=headers)) == reason

    def test_names_in_use(self, start_sandbox):
        s = start_sandbox(vaultd_args=["--deletion-delay", "10"])
        control, vault = Control(s), s.create_vault()
        control.move(freeze=True)

        def refused(method, path, body=None):
            since = control.now()
            vault.kv(method, path, body).ok(409)
            [line] = control.audit(since)
            assert line["decision"]["verdict"] == "deny" and "rule" not in line["decision"]
            return line["decision"]["reason"]

        vault.create_key("k1")
        blob = vault.kv("POST", "/keys/k1/backup").ok().json()
        assert refused("POST", "/keys/restore", blob) == "key-exists"
        vault.kv("DELETE", "/keys/k1").ok()
        again = [("POST", "/keys/k1/create", {"kty": "EC"}), ("POST", "/keys/restore", blob)]
        for call in [*again, ("DELETE", "/deletedkeys/k1"), ("POST", "/deletedkeys/k1/recover")]:
            assert refused(*call) == "key-changing"
        control.advance("PT10S")
        for call in again:
            assert refused(*call) == "key-deleted"
        vault.kv("POST", "/deletedkeys/k1/recover").ok()
        assert refused(*again[0]) == "key-changing"

    def test_keys_that_are_not_there(self, vault, lines_of):
        def missed(method, path, body=None):
            return self.reason(lines_of, lambda: vault.kv(method, path, body).ok(404), vault=vault.name)

        vault.create_key("k1", kty="RSA")
        unwrap = {"alg": "RSA-OAEP", "value": "AAAA"}
        for call in (("GET", "/keys/k2"), ("GET", "/keys/k1/" + "0" * 32), ("GET", "/deletedkeys/k1"),
                     ("POST", "/deletedkeys/k1/recover"), ("DELETE", "/deletedkeys/k1")):
            assert missed(*call) == "key-not-found"
        vault.kv("DELETE", "/keys/k1").ok()
        for call in (("GET", "/keys/k1"), ("POST", "/keys/k1/unwrapkey", unwrap), ("DELETE", "/keys/k1")):
            assert missed(*call) == "key-deleted"
        vault.kv("DELETE", "/deletedkeys/k1").ok(204)
        assert missed("GET", "/keys/k1") == "key-not-found"

    def test_purge_protection(self, sandbox, lines_of):
        vault = sandbox.create_vault(enablePurgeProtection=True)
        vault.create_key("k1")
        vault.kv("DELETE", "/keys/k1").ok()
        assert self.reason(lines_of, lambda: vault.kv("DELETE", "/deletedkeys/k1").ok(403)) == "purge-protected"

    def test_a_deleted_vault(self, sandbox, lines_of, control):
        vault = sandbox.create_vault()
        vault.create_key("k1")
        sandbox.arm("DELETE", vault.path).ok()
        since = control.now()
        error = vault.kv("GET", "/keys/k1").ok(404).error()
        assert error == {"code": "VaultNotFound", "message": (
            f"The vault '{vault.name}' is deleted. Recover it with: az keyvault recover --name {vault.name}")}
        [line] = control.audit(since)
        assert line["decision"] == {"verdict": "deny", "reason": "vault-deleted"}
        said = control.explain(caller="admin", vault=vault.name, key="k1", operation="GetKey")
        assert (said["verdict"], said["reason"], len(said["considered"])) == ("deny", "vault-deleted", 1)

    def test_a_name_in_deleted_state(self, sandbox, control):
        vault = sandbox.create_vault()
        sandbox.arm("DELETE", vault.path).ok()
        since = control.now()
        body = {"location": vault.location, "properties": {
            "tenantId": sandbox.endpoints["tenant"], "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}}
        assert sandbox.arm("PUT", vault.path, body).ok(409).error()["code"] == "ConflictError"
        [line] = [x for x in control.audit(since) if x["operationName"] == "VaultPut"]
        assert line["decision"] == {"verdict": "deny", "reason": "vault-deleted"}

    def test_roles(self, start_sandbox):
        s = start_sandbox(vaultd_args=["--propagation-delay", "60"])
        control, vault = Control(s), s.create_vault(policies={}, enableRbacAuthorization=True)
        identity = s.create_identity()

        def refused():
            since = control.now()
            vault.kv("GET", "/keys/k1", token=s.imds_token(client_id=identity["client_id"])).ok(403)
            [line] = control.audit(since, vault=vault.name)
            return line["decision"]["reason"]

        assert refused() == "no-role-assignment"
        grant(s, vault.path, "Reader", identity["oid"])
        assert refused() == "rbac-no-permission"
        given = grant(s, "{sub}", "Key Vault Crypto User", identity["oid"])
        assert refused() == "rbac-not-yet-effective"
        revoke(s, given)
        grant(s, vault.path, "Key Vault Crypto User", identity["oid"], conditionVersion="2.0",
              condition="@Resource[a] StringEquals 'b'")
        control.advance("PT1M")
        assert refused() == "rbac-condition"
        grant(s, "{sub}", "Key Vault Crypto User", identity["oid"])
        control.call("POST", "/denyAssignments", {
            "denyAssignmentName": "no reading", "scope": sandbox_scope(s, vault),
            "permissions": [{"dataActions": ["Microsoft.KeyVault/vaults/keys/read"]}],
            "principals": [{"id": identity["oid"], "type": "ServicePrincipal"}]})
        control.advance("PT1M")
        assert refused() == "rbac-deny-assignment"


def test_the_control_plane_and_sign_in_are_there_too(sandbox, identity, lines_of):
    def act():
        vault = sandbox.create_vault()
        sandbox.imds_token(client_id=identity["client_id"])
        sandbox.request_token(client_id=sandbox.endpoints["client_id"], client_secret=SECRET,
                              grant_type="client_credentials", scope=vault.url + "/.default").ok(401)

    lines = lines_of(act)
    by_name = {line["operationName"]: line for line in lines}
    assert by_name["VaultPut"]["identity"]["claim"]["appid"] == sandbox.endpoints["client_id"]
    issued = [line for line in lines if line["operationName"] == "TokenIssue"]
    assert issued[0]["identity"]["claim"]["oid"] == identity["oid"]
    assert issued[0]["decision"] == {"verdict": "allow", "reason": "token-issued"}
    assert issued[-1]["resultType"] == "Failure" and issued[-1]["decision"]["reason"] == "wrong-secret"
    assert [line["seq"] for line in lines] == sorted({line["seq"] for line in lines})


def test_nothing_secret_is_written(sandbox, control):
    vault = sandbox.create_vault()
    vault.create_key("k1", kty="RSA")
    token = sandbox.vault_admin_token()
    secret = {"alg": "RSA-OAEP", "value": "c2VjcmV0LWJ5dGVz"}
    wrapped = vault.kv("POST", "/keys/k1/wrapkey", secret).ok().json()["value"]
    vault.kv("POST", "/keys/k1/unwrapkey", {"alg": "RSA-OAEP", "value": wrapped}).ok()
    vault.kv("GET", f"/keys/k1?sig={SECRET}&api%2Dversion=7.4&code={SECRET}").ok()
    sandbox.http("GET", f"{sandbox.endpoints['imds']}/metadata/identity/oauth2/token?secret={SECRET}")
    control.page()  # reading through the API writes what waits for the end of a turn
    written = b"".join(p.read_bytes() for p in (sandbox.data_dir / "audit").iterdir()).decode()
    for never in (SECRET, secret["value"], wrapped, token, token.split(".")[2], sandbox.endpoints["client_secret"],
                  sandbox.endpoints["control_token"]):
        assert never not in written
    assert "sig=REDACTED" in written


class TestFilters:
    @pytest.fixture(scope="class")
    def seen(self, sandbox):
        """A vault in which the administrator succeeds and an identity fails."""
        identity, vault = sandbox.create_identity(), sandbox.create_vault()
        vault.create_key("k1")
        vault.kv("GET", "/keys/k1", token=sandbox.imds_token(client_id=identity["client_id"])).ok(403)
        vault.kv("GET", "/keys/nothing").ok(404)
        return vault, identity

    @pytest.mark.parametrize("query, names", [
        ({}, ["KeyCreate", "KeyGet", "KeyGet"]),
        ({"operation": "keycreate"}, ["KeyCreate"]),
        ({"operation": "CreateKey"}, ["KeyCreate"]),
        ({"operation": "KeyPurge"}, []),
        ({"caller": "admin"}, ["KeyCreate", "KeyGet"]),
        ({"result": "Forbidden"}, ["KeyGet"]),
        ({"result": "404"}, ["KeyGet"]),
        ({"result": "failure"}, ["KeyGet", "KeyGet"]),
        ({"result": "deny"}, ["KeyGet", "KeyGet"]),
        ({"result": "key-not-found"}, ["KeyGet"]),
        ({"result": "access-policy-no-entry"}, ["KeyGet"]),
        ({"result": "Success", "caller": "admin", "operation": "KeyGet"}, []),
    ])
    def test_by(self, control, seen, query, names):
        found = control.audit(vault=seen[0].name.upper(), **query)
        assert [line["operationName"] for line in found if line["operationName"].startswith("Key")] == names

    def test_by_each_id_of_a_caller(self, control, seen):
        vault, identity = seen
        for who in (identity["oid"], identity["client_id"].upper(), identity["id"]):
            assert [line["operationName"] for line in control.audit(vault=vault.name, caller=who)] == ["KeyGet"]

    @pytest.mark.parametrize("program", ["vaultd", "identityd"])
    def test_every_operation_may_be_asked_for(self, control, program):
        now = control.now()
        for row in rows(program):
            assert control.page(since=now, operation=row.name.upper())["value"] == [], row.name

    @pytest.mark.parametrize("result", ["success", "Failure", "200", "418", "not found", "Forbidden", "DENY", "allow",
                                        "cannot-tell", "none", "key-changing", "token-expired", "wrong-secret",
                                        "token-issued", "no-space"])
    def test_every_kind_of_result_may_be_asked_for(self, control, result):
        assert control.page(since=control.now(), result=result)["value"] == []

    @pytest.mark.parametrize("query, said", [
        ("result=abc", ["abc", "Success", "403", "Forbidden", "deny", "key-expired"]),
        ("result=1000", ["1000", "Success"]),
        ("operation=nonsense", ["nonsense", "--print-operations", "KeyUnwrap"]),
        ("follow&operation=Key", ["Key", "--print-operations"]),
    ])
    def test_words_that_no_line_has(self, control, query, said):
        with pytest.raises(Refused) as refused:
            control.call("GET", "/audit?" + query)
        assert refused.value.status == 400 and all(word in refused.value.message for word in said)
        assert refused.value.message.endswith(".") and "\n" not in refused.value.message

    @pytest.mark.parametrize("query", ["since=x", "since=-1", "operations=KeyGet", "vault=a&name=b"])
    def test_what_is_no_filter(self, control, query):
        with pytest.raises(Refused) as refused:
            control.call("GET", "/audit?" + query)
        assert refused.value.status == 400


def test_a_page_goes_on_where_the_last_one_ended(control, vault):
    since = control.now()
    vault.create_key("k1")
    first = control.page(since=since)
    assert not first["more"] and first["value"]
    assert control.page(since=first["next"])["value"] == []
    vault.kv("GET", "/keys/k1").ok()
    [line] = control.page(since=first["next"])["value"]
    assert line["operationName"] == "KeyGet"
    # A number inside a line leads to the next one.
    assert control.page(since=line["seq"] + 1)["value"] == []
    assert control.page(since=line["seq"])["value"] == [line]
    assert control.page(since=1 << 52)["value"] == []


def test_a_page_is_bounded(start_sandbox):
    s = start_sandbox()
    control = Control(s)
    for _ in range(1100):
        s.http("GET", s.endpoints["imds"] + "/metadata/instance").ok(400)
    page = control.page()
    assert len(page["value"]) <= 1000 and page["more"]
    assert len(control.audit()) >= 1100


class TestFollowing:
    def test_lines_of_both_daemons_come_as_they_happen(self, sandbox, vault, control):
        lines = control.follow(since=control.now())
        vault.create_key("k1")
        assert next(lines)["operationName"] == "KeyCreate"
        sandbox.http("GET", sandbox.endpoints["imds"] + "/metadata/instance").ok(400)
        assert next(lines)["operationName"] == "ImdsGetInstance"
        lines.close()

    def test_without_since_it_begins_now_and_filters_hold(self, vault, control):
        vault.create_key("before")
        lines = control.follow(vault=vault.name, operation="KeyCreate")
        got = []
        reader = threading.Thread(target=lambda: got.append(next(lines)), daemon=True)
        reader.start()
        # The reader may not have connected yet: something happens until it saw something.
        names = []
        while reader.is_alive():
            vault.kv("GET", "/keys").ok()
            names.append(f"k{len(names)}")
            vault.create_key(names[-1])
            reader.join(0.05)
        assert got[0]["operationName"] == "KeyCreate"
        assert got[0]["properties"]["id"].rpartition("/")[2] in names

    def test_those_who_leave_make_room(self, sandbox, control):
        for _ in range(3):
            open_ones = [control.send("GET", "/audit?follow")[0] for _ in range(16)]
            for connection in open_ones:
                connection.close()
            # The sandbox notices on its own: asked again until it has.
            for _ in range(1000):
                connection, response = control.send("GET", "/audit?follow")
                connection.close()
                if response.status == 200:
                    break
            assert response.status == 200

    def test_there_is_an_end_to_how_many(self, start_sandbox):
        control = Control(start_sandbox())
        open_ones = [control.send("GET", "/audit?follow") for _ in range(16)]
        assert all(response.status == 200 for _, response in open_ones)
        with pytest.raises(Refused) as refused:
            control.call("GET", "/audit?follow")
        assert refused.value.status == 503
        # They are still there when the sandbox ends: it does not wait for them.

    def test_one_who_does_not_read_holds_nobody_up(self, start_sandbox):
        s = start_sandbox()
        control = Control(s)
        lazy, _ = control.send("GET", "/audit?follow&since=0")
        lines = control.follow(since=0)
        for _ in range(2000):
            s.http("GET", s.endpoints["imds"] + "/metadata/instance").ok(400)
        for _ in range(2000):
            next(lines)
        lines.close()
        lazy.close()


def test_it_outlives_a_restart_and_goes_on(start_sandbox):
    s = start_sandbox(mode="direct")
    control = Control(s)
    s.create_vault()
    before = control.audit()
    assert s.vaultd.stop() == 0
    s.restart(s.vaultd)
    s.create_vault()
    after = control.audit()
    assert after[:len(before)] == before and len(after) > len(before)


def test_a_log_that_cannot_be_written_is_nobody_s_trouble(start_sandbox):
    s = start_sandbox(mode="direct")
    vault = s.create_vault()
    assert s.vaultd.stop() == 0
    log = s.data_dir / "audit"
    log.rename(s.data_dir / "audit.away")
    log.touch()
    s.restart(s.vaultd)
    for i in range(3):
        vault.create_key(f"k{i}")
    assert s.vaultd.stderr().count("the audit log") == 1


class Syncs:
    """The calls a process makes, while this runs, to have something written to the disk: .lines, after the end."""

    def __init__(self, pid, log):
        if shutil.which("strace") is None:
            pytest.skip("strace is not installed: ./dev test installs it")
        self.log, self.lines = log, None
        self.process = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=" + SYNCS, "-e", "signal=none", "-o",
                                         str(log), "-p", str(pid)], stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        # Without -q it would tell when it has attached; the kernel tells as well.
        status = f"/proc/{self.process.args[-1]}/status"
        while "TracerPid:\t0\n" in Path(status).read_text():
            if self.process.poll() is not None:
                pytest.skip("no process may be traced here: " + self.process.stderr.read().strip())
            os.sched_yield()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)
        self.lines = [line for line in self.log.read_text().splitlines() if re.search(r"\b\w*sync\w*\(", line)]


def test_a_read_costs_no_sync(start_sandbox, tmp_path):
    s = start_sandbox(ephemeral=False, vaultd_args=["--key-stock-2048=0", "--key-stock-larger=0"])
    control, vault = Control(s), s.create_vault()
    vault.create_key("k1")
    vault.kv("GET", "/keys/k1").ok()
    since = control.now()
    with Syncs(s.vaultd.pid, tmp_path / "reads") as reads:
        for _ in range(100):
            vault.kv("GET", "/keys/k1").ok()
            vault.kv("GET", "/keys/nothing").ok(404)
        audited = control.audit(since, vault=vault.name)
    assert len(audited) == 200 and reads.lines == []
    # What looks for syncs does see them.
    with Syncs(s.vaultd.pid, tmp_path / "a-write") as write:
        vault.kv("PATCH", "/keys/k1", {"tags": {"a": "b"}}).ok()
    assert write.lines


class TestExplain:
    def test_an_allow(self, vault, control):
        vault.create_key("k1", kty="RSA")
        said = control.explain(caller="admin", vault=vault.name, key="k1", operation="UnwrapKey")
        assert (said["verdict"], said["reason"], said["rule"]) == ("allow", "access-policy", "accessPolicies/0")
        assert [one["kind"] for one in said["considered"]] == ["network", "access-policy", "key"]

    @pytest.mark.parametrize("operation", ["UnwrapKey", "KeyUnwrap", "unwrapKey"])
    def test_says_what_the_request_is_then_told(self, sandbox, vault, identity, control, operation):
        vault.create_key("k1", kty="RSA", attributes={"enabled": False})
        for who in ("client_id", "oid", "id"):
            said = control.explain(caller=identity[who], vault=vault.name, key="k1", operation=operation)
            assert (said["verdict"], said["reason"]) == ("deny", "access-policy-no-entry")
            outcomes = {one["kind"]: (one["outcome"], one["because"]) for one in said["considered"]}
            assert outcomes["access-policy"] == ("no-match", "access-policy-no-entry")
            assert outcomes["key"] == ("deny", "key-disabled")
        since = control.now()
        token = sandbox.imds_token(client_id=identity["client_id"])
        vault.kv("POST", "/keys/k1/unwrapkey", {"alg": "RSA-OAEP", "value": "AAAA"}, token=token).ok(403)
        [line] = control.audit(since, operation="KeyUnwrap")
        assert line["decision"]["reason"] == said["reason"]

    def test_performs_nothing(self, vault, control):
        vault.create_key("k1")
        control.explain(caller="admin", vault=vault.name, key="k1", operation="DeleteKey")
        vault.kv("GET", "/keys/k1").ok()

    def test_one_version(self, vault, control):
        old = vault.create_key("k1", kty="RSA", attributes={"enabled": False})["key"]["kid"].rpartition("/")[2]
        new = vault.create_key("k1", kty="RSA")["key"]["kid"].rpartition("/")[2]
        asked = {"caller": "admin", "vault": vault.name, "operation": "UnwrapKey"}
        refused = {"verdict": "deny", "reason": "key-disabled", "rule": f"keys/k1/{old}"}
        for where in ({"key": "k1", "version": old}, {"key": f"k1/{old}"}, {"key": f"k1/{old}", "version": old}):
            said = control.explain(**asked, **where)
            assert {name: said[name] for name in refused} == refused
        for where in ({"key": "k1"}, {"key": "k1", "version": new}, {"key": "k1/"}):
            assert control.explain(**asked, **where)["verdict"] == "allow"
        nobody_s = "0" * 32
        said = control.explain(**{**asked, "operation": "GetKey"}, key="k1", version=nobody_s)
        assert (said["verdict"], said["reason"], said["rule"]) == ("deny", "key-not-found", f"keys/k1/{nobody_s}")

    def test_a_key_that_is_being_deleted_or_recovered(self, start_sandbox):
        s = start_sandbox(vaultd_args=["--deletion-delay", "10"])
        control, vault = Control(s), s.create_vault()
        control.move(freeze=True)

        def says(**reasons):
            for operation, reason in reasons.items():
                said = control.explain(caller="admin", vault=vault.name, key="k1", operation=operation)
                assert said["reason"] == reason, (operation, said)
                assert said["verdict"] == ("allow" if reason == "access-policy" else "deny")

        vault.create_key("k1", kty="RSA")
        free = "access-policy"
        says(GetKey=free, UnwrapKey=free, BackupKey=free, CreateKey=free, RestoreKey="key-exists",
             GetDeletedKey="key-not-found")
        vault.kv("DELETE", "/keys/k1").ok()
        busy = "key-changing"
        says(GetKey=busy, UnwrapKey=busy, BackupKey=busy, CreateKey=busy, RestoreKey=busy, GetDeletedKey=busy,
             RecoverDeletedKey=busy, PurgeDeletedKey=busy, GetKeys=free)
        vault.kv("POST", "/keys/k1/backup").ok(404)
        control.advance("PT10S")
        says(GetKey="key-deleted", CreateKey="key-deleted", RestoreKey="key-deleted", GetDeletedKey=free,
             RecoverDeletedKey=free, PurgeDeletedKey=free)
        vault.kv("POST", "/deletedkeys/k1/recover").ok()
        says(GetKey=busy, UnwrapKey=busy, BackupKey=busy, CreateKey=busy, GetKeyRotationPolicy=busy)
        vault.kv("POST", "/keys/k1/backup").ok(404)
        vault.kv("GET", "/keys/k1/rotationpolicy").ok(404)
        control.advance("PT10S")
        says(GetKey=free, UnwrapKey=free, BackupKey=free)
        vault.kv("POST", "/keys/k1/backup").ok()

    def test_the_control_plane(self, sandbox, vault, identity, control):
        write = "Microsoft.KeyVault/vaults/write"
        scope = sandbox_scope(sandbox, vault)
        said = control.explain(caller=identity["oid"], action=write, scope=scope)
        assert said == {"verdict": "deny", "reason": "no-role-assignment", "rule": "", "considered": []}
        reader = grant(sandbox, vault.path, "Reader", identity["oid"])["name"]
        considered = {"kind": "role-assignment", "rule": f"roleAssignments/{reader}"}
        said = control.explain(caller=identity["client_id"], action=write, scope=scope.upper() + "/")
        assert (said["verdict"], said["reason"]) == ("deny", "rbac-no-permission")
        assert said["considered"] == [{**considered, "outcome": "deny", "because": "no-permission"}]
        said = control.explain(caller=identity["id"], action="microsoft.keyvault/vaults/READ", scope=scope)
        assert (said["verdict"], said["rule"]) == ("allow", f"roleAssignments/{reader}")
        assert said["considered"] == [{**considered, "outcome": "allow", "because": "allow"}]
        # The same as the request itself is told.
        token = sandbox.imds_token(ARM, client_id=identity["client_id"])
        sandbox.arm("GET", vault.path, token=token).ok()
        since = control.now()
        sandbox.arm("PUT", vault.path, {}, token=token).ok(403)
        [line] = control.audit(since)
        assert line["decision"]["reason"] == "rbac-no-permission"

    def test_a_deny_assignment_wins(self, sandbox, identity, control):
        vault = sandbox.create_vault(group=sandbox.create_group())
        read, scope = "Microsoft.KeyVault/vaults/read", sandbox_scope(sandbox, vault)
        grant(sandbox, vault.path, "Owner", identity["oid"])
        made = control.call("POST", "/denyAssignments", {
            "denyAssignmentName": "no reading", "scope": scope, "permissions": [{"actions": [read]}],
            "principals": [{"id": identity["oid"], "type": "ServicePrincipal"}]})
        said = control.explain(caller=identity["oid"], action=read, scope=scope)
        assert (said["verdict"], said["reason"]) == ("deny", "rbac-deny-assignment")
        assert [one["kind"] for one in said["considered"]] == ["deny-assignment", "role-assignment"]
        assert made["name"] in said["rule"]

    @pytest.mark.parametrize("change", [
        {"vault": "kv"},
        {"key": "k1"},
        {"scope": None},
        {"scope": "here"},
        {"scope": "/subscriptions//x"},
        {"action": None},
        {"action": "write"},
        {"action": "*/write"},
        {"action": "Microsoft.KeyVault/vaults/keys/wrap/action"},
    ])
    def test_bad_questions_about_the_control_plane(self, control, change):
        question = {"caller": "admin", "action": "Microsoft.KeyVault/vaults/write", "scope": "/subscriptions/x", **change}
        with pytest.raises(Refused) as refused:
            control.explain(**{name: value for name, value in question.items() if value is not None})
        assert refused.value.status == 400 and refused.value.message

    @pytest.mark.parametrize("change, status", [
        ({"vault": "there-is-none"}, 404),
        ({"caller": "nobody"}, 404),
        ({"caller": "/subscriptions/x"}, 404),
        ({"operation": "Dance"}, 400),
        ({"operation": None}, 400),
        ({"address": "here"}, 400),
        ({"caller": 1}, 400),
        ({"who": "admin"}, 400),
        ({"version": "0" * 32}, 400),
        ({"key": "k1/1", "version": "2"}, 400),
        ({"key": "k1/1", "operation": "DeleteKey"}, 400),
        ({"key": "k1", "version": "1", "operation": "RotateKey"}, 400),
    ])
    def test_bad_questions(self, crypto_vault, control, change, status):
        question = {"caller": "admin", "vault": crypto_vault.name, "operation": "GetKey", **change}
        with pytest.raises(Refused) as refused:
            control.explain(**question)
        assert refused.value.status == status and refused.value.message


class TestAtTheShell:
    @pytest.fixture
    def shell(self, sandbox):
        def run(*args, status=0):
            env = {k: v for k, v in os.environ.items() if not k.startswith("SANDVAULT_")}
            done = subprocess.run([program("sandvault"), *args, "--data-dir", str(sandbox.data_dir)], env=env,
                                  capture_output=True, text=True, timeout=60)
            assert done.returncode == status, done.stderr
            return done.stdout if status == 0 else done.stderr

        return run

    def test_audit(self, vault, shell, control):
        since = control.now()
        vault.create_key("k1")
        vault.kv("GET", "/keys/k2").ok(404)
        made, missed = shell("audit", "--vault", vault.name, "--since", str(since)).splitlines()
        assert f"200  KeyCreate  {vault.name}/keys/k1" in made and "allow: access-policy (accessPolicies/0)" in made
        assert "404  KeyGet" in missed
        lines = [json.loads(line) for line in shell("audit", "--json", "--vault", vault.name).splitlines()]
        assert lines == control.audit(vault=vault.name)
        assert shell("audit", "--vault", vault.name, "--result", "403") == ""
        assert "since" in shell("audit", "--since", "yesterday", status=1)
        for word, said in (("--result=abc", "is no result"), ("--operation=nonsense", "is no operation")):
            assert said in shell("audit", word, status=1) and said in shell("audit", "--follow", word, status=1)

    def test_follow(self, sandbox, vault):
        process = subprocess.Popen(
            [program("sandvault"), "audit", "--follow", "--since=0", "--json", "--vault", vault.name, "--data-dir",
             str(sandbox.data_dir)], stdout=subprocess.PIPE, text=True)
        vault.create_key("k1")
        names = []
        while not names or names[-1] != "KeyCreate":
            names.append(json.loads(process.stdout.readline())["operationName"])
        process.terminate()
        process.communicate(timeout=60)

    def test_explain(self, vault, shell):
        vault.create_key("k1", kty="RSA")
        question = ("explain", "--caller", "system", "--vault", vault.name, "--key", "k1", "--operation", "UnwrapKey")
        first, *considered = shell(*question, "--address", "127.0.0.1").splitlines()
        assert first == "deny: access-policy-no-entry"
        assert [line.split()[0] for line in considered] == ["network", "access-policy", "key"]
        assert json.loads(shell(*question, "--json"))["verdict"] == "deny"
        assert "--caller" in shell("explain", "--vault", vault.name, status=2)

    def test_explain_a_version_and_an_action(self, sandbox, vault, shell):
        version = vault.create_key("k1", attributes={"enabled": False})["key"]["kid"].rpartition("/")[2]
        vault.create_key("k1")
        said = shell("explain", "--caller=admin", "--vault", vault.name, "--key", f"k1/{version}", "--operation=Sign")
        assert said.splitlines()[0] == f"deny: key-disabled (keys/k1/{version})"
        said = shell("explain", "--caller=admin", "--action=Microsoft.KeyVault/vaults/write", "--scope",
                     sandbox_scope(sandbox, vault))
        assert said.startswith("allow: rbac-assignment (roleAssignments/")
        assert "--action" in shell("explain", "--caller=admin", "--scope=/", status=2)
