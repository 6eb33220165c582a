"""What happened and why: one line for each finished request of either daemon."""

import json
import os
import subprocess
import threading

import pytest
from control import Control, Refused
from sandbox import program

FIELDS = ["seq", "time", "resourceId", "operationName", "operationVersion", "category", "resultType", "resultSignature",
          "resultDescription", "durationMs", "callerIpAddress", "correlationId", "identity", "properties", "decision"]
SECRET = "do-not-write-this-down"


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


def test_a_state_that_refuses_is_the_reason(vault, lines_of):
    vault.create_key("k1", kty="RSA", attributes={"enabled": False})
    body = {"alg": "RSA-OAEP", "value": "AAAA"}
    [line] = lines_of(lambda: vault.kv("POST", "/keys/k1/unwrapkey", body).ok(403), operation="KeyUnwrap")
    assert line["decision"] == {"verdict": "deny", "reason": "key-disabled"}


def test_strangers_are_logged_as_attempts_to_sign_in(vault, lines_of):
    def knock():
        vault.kv("GET", "/keys/k1", token=None).ok(401)
        vault.kv("GET", "/keys/k1", token="no.token.atall").ok(401)

    first, second = lines_of(knock, vault=vault.name)
    assert first["operationName"] == second["operationName"] == "Authentication"
    assert first["resultSignature"] == "Unauthorized" and first["identity"] == {}
    assert first["decision"] == {"verdict": "deny", "reason": "token-missing"}
    assert second["decision"]["reason"] == "token-malformed"


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
    assert issued[0]["identity"]["claim"]["oid"] == identity["oid"] and issued[0]["decision"]["verdict"] == "allow"
    assert issued[-1]["resultType"] == "Failure" and issued[-1]["decision"]["reason"] == "invalid_client"
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
        ({"operation": "Key"}, []),
        ({"caller": "admin"}, ["KeyCreate", "KeyGet"]),
        ({"result": "Forbidden"}, ["KeyGet"]),
        ({"result": "404"}, ["KeyGet"]),
        ({"result": "failure"}, ["KeyGet", "KeyGet"]),
        ({"result": "deny"}, ["KeyGet"]),
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

    @pytest.mark.parametrize("change, status", [
        ({"vault": "there-is-none"}, 404),
        ({"caller": "nobody"}, 404),
        ({"caller": "/subscriptions/x"}, 404),
        ({"operation": "Dance"}, 400),
        ({"operation": None}, 400),
        ({"address": "here"}, 400),
        ({"caller": 1}, 400),
        ({"who": "admin"}, 400),
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
