"""One clock over both daemons: tokens, attributes, retention; what falls due is done when the mover gets its answer."""

import calendar
import json
import os
import subprocess
import time

import pytest
from control import Control, Refused
from sandbox import Sandbox, jwt_parts, program

DAY_S = 86400


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


@pytest.fixture
def moving(start_sandbox):
    """A sandbox whose clock is the test's own."""
    return start_sandbox()


@pytest.fixture
def control(moving):
    return Control(moving)


def test_at_first_it_is_the_machine_s(control):
    clock = control.clock()
    assert clock["offsetMs"] == 0 and clock["frozen"] is False
    assert clock["now"] == clock["machine"]


def test_moves_add_up_and_a_reset_ends_them(control):
    start = control.clock()["nowMs"]
    assert control.advance("P1DT1H")["offsetMs"] == (DAY_S + 3600) * 1000
    assert control.advance("PT1S")["offsetMs"] == (DAY_S + 3601) * 1000
    assert control.move(set="2031-02-03T04:05:06Z")["now"].startswith("2031-02-03T04:05:0")
    assert control.move(reset=True)["offsetMs"] == 0
    assert control.clock()["nowMs"] - start < 60_000


def test_months_are_the_calendar_s(control):
    control.move(set="2031-01-31T00:00:00Z")
    control.move(freeze=True)
    assert control.advance("P1M")["now"].startswith("2031-02-28T00:00:0")


def test_frozen_it_stands_until_it_is_moved(control):
    frozen = control.move(freeze=True)
    assert frozen["frozen"] is True
    assert control.clock()["nowMs"] == frozen["nowMs"]
    assert control.advance("PT1H")["nowMs"] == frozen["nowMs"] + 3600_000
    going = control.move(freeze=False)
    assert going["frozen"] is False and 0 <= going["nowMs"] - frozen["nowMs"] - 3600_000 < 60_000


def test_it_does_not_go_back(control):
    now = control.move(freeze=True)["now"]
    with pytest.raises(Refused) as refused:
        control.move(set="2020-01-01T00:00:00Z")
    assert refused.value.status == 400
    assert refused.value.message == (
        f"The clock only goes forward: it says {now} already. A reset returns it to the machine's time.")
    assert control.move(set=now)["now"] == now


BAD_MOVES = {
    "nothing": {},
    "two at once": {"advance": "PT1H", "freeze": True},
    "unknown member": {"forward": "PT1H"},
    "a duration that is none": {"advance": "1h"},
    "a negative duration": {"advance": "-PT1H"},
    "a number for a duration": {"advance": 3600},
    "a time that is none": {"set": "tomorrow"},
    "a number for a time": {"set": 1},
    "a text for freeze": {"freeze": "yes"},
    "a false reset": {"reset": False},
    "null": {"advance": None},
    "beyond the calendar": {"advance": "P9000Y"},
    "no object": [],
    "no JSON": b"advance",
    "no body": b"",
}


@pytest.mark.parametrize("body", BAD_MOVES.values(), ids=BAD_MOVES.keys())
def test_what_is_no_move_is_refused_with_one_sentence(sandbox, body):
    control = Control(sandbox)
    with pytest.raises(Refused) as refused:
        control.call("POST", "/clock", body)
    assert refused.value.status == 400
    assert refused.value.message and "\n" not in refused.value.message
    assert control.clock()["offsetMs"] == 0


def test_tokens_are_of_the_sandbox_s_time_and_end_with_it(moving, control):
    vault = moving.create_vault()
    vault.create_key("k1")
    old = moving.vault_admin_token()
    now_s = control.advance("P2D")["nowMs"] // 1000
    vault.kv("GET", "/keys/k1", token=old).ok(401)
    moving._tokens.clear()
    token = moving.vault_admin_token()
    claims = jwt_parts(token)[1]
    assert abs(claims["nbf"] - now_s) < 600 and claims["exp"] > now_s
    vault.kv("GET", "/keys/k1", token=token).ok()


def test_imds_gives_a_fresh_token_when_the_kept_one_has_ended(moving, control):
    first = moving.imds_token()
    assert moving.imds_token() == first
    control.advance("P2D")
    second = moving.imds_token()
    assert jwt_parts(second)[1]["nbf"] >= jwt_parts(first)[1]["nbf"] + 2 * DAY_S


def test_attributes_follow_it(moving, control):
    vault = moving.create_vault()
    now_s = control.move(freeze=True)["nowMs"] // 1000
    attributes = {"nbf": now_s + 3600, "exp": now_s + 7200}
    made = vault.create_key("k1", kty="RSA", attributes=attributes)
    assert made["attributes"]["created"] == now_s
    encrypt = {"alg": "RSA-OAEP", "value": "AAAA"}

    def answer():
        moving._tokens.clear()
        return vault.kv("POST", "/keys/k1/encrypt", encrypt)

    assert answer().ok(403).error()["innererror"]["code"] == "KeyNotYetValid"
    control.advance("PT1H")
    answer().ok()
    control.advance("PT1H")
    assert answer().ok(403).error()["innererror"]["code"] == "KeyExpired"


def test_a_deleted_key_is_gone_with_its_retention(moving, control):
    vault = moving.create_vault()
    vault.create_key("k1")
    deleted = vault.kv("DELETE", "/keys/k1").ok().json()
    left = deleted["scheduledPurgeDate"] - deleted["deletedDate"]
    control.move(freeze=True)
    control.advance(f"PT{left - 60}S")
    moving._tokens.clear()
    vault.kv("GET", "/deletedkeys/k1").ok()
    control.advance("PT2M")
    moving._tokens.clear()
    vault.kv("GET", "/deletedkeys/k1").ok(404)
    vault.create_key("k1")
    versions = vault.kv("GET", "/keys/k1/versions").ok().json()["value"]
    assert len(versions) == 1, "the purged key's versions are not the new key's"


def test_a_large_deleted_vault_gives_its_name_back(moving, control):
    vault = moving.create_vault()
    for i in range(40):
        vault.create_key(f"k{i}")
    for i in range(0, 40, 3):
        vault.kv("DELETE", f"/keys/k{i}").ok()
    assert moving.arm("DELETE", vault.path).status in (200, 204)
    control.advance("P91D")
    moving._tokens.clear()
    again = moving.create_vault(vault.name)
    assert again.kv("GET", "/keys").ok().json()["value"] == []
    assert again.kv("GET", "/deletedkeys").ok().json()["value"] == []


def test_it_survives_a_restart_of_either_daemon(start_sandbox):
    s = start_sandbox(mode="direct")
    control = Control(s)
    now = control.move(set="2031-01-01T00:00:00Z")["now"]
    assert now.startswith("2031-01-01")
    for daemon in (s.vaultd, s.identityd):
        assert daemon.stop() == 0
        s.restart(daemon)
    assert control.clock()["now"].startswith("2031-01-01")
    assert jwt_parts(s.imds_token())[1]["nbf"] > seconds("2030-12-31T00:00:00Z")


def test_certificates_stay_on_the_machine_s_time(moving, control):
    control.advance("P30Y")
    moving.close_connections()
    moving._tokens.clear()
    moving.create_vault().create_key("k1")


def shell(sandbox, *args, status=0):
    done = subprocess.run(
        [program("sandvault"), *args, "--data-dir", str(sandbox.data_dir)], capture_output=True, text=True, timeout=60,
        env={k: v for k, v in os.environ.items() if not k.startswith("SANDVAULT_")})
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_at_the_shell(moving, control):
    assert "ahead" not in shell(moving, "clock")
    assert "1 d 02:00:00 ahead of the machine's time" in shell(moving, "clock", "advance", "PT26H")
    assert shell(moving, "clock", "set", "2031-01-01T00:00:00Z").startswith("2031-01-01T00:00:0")
    assert "standing still" in shell(moving, "clock", "freeze")
    assert json.loads(shell(moving, "clock", "show", "--json")) == control.clock() | {
        "machine": json.loads(shell(moving, "clock", "--json"))["machine"],
        "offsetMs": pytest.approx(control.clock()["offsetMs"], abs=60_000),
    }
    assert "standing" not in shell(moving, "clock", "unfreeze")
    assert "ahead" not in shell(moving, "clock", "reset")
    assert "goes forward" in shell(moving, "clock", "set", "2020-01-01T00:00:00Z", status=1)
    assert "one value" in shell(moving, "clock", "advance", status=2)
    assert "\"backwards\"" in shell(moving, "clock", "backwards", status=2)


class TestTheWayIn:
    def test_the_socket_is_the_owner_s_alone(self, sandbox):
        path = sandbox.endpoints["control"]
        assert path == str(sandbox.data_dir / "control.sock")
        assert os.stat(path).st_mode & 0o777 == 0o600
        token = sandbox.data_dir / "control.token"
        assert token.stat().st_mode & 0o777 == 0o600
        assert token.read_text().strip() == sandbox.endpoints["control_token"]

    def test_health(self, sandbox):
        control = Control(sandbox)
        assert control.call("GET", "/healthz") == {"status": "ok"}
        assert control.call("GET", "/readyz") == {"status": "ready"}

    def test_unknown_calls(self, sandbox):
        for method, target, status in [("GET", "/nothing", 404), ("DELETE", "/clock", 405), ("GET", "/explain", 405)]:
            with pytest.raises(Refused) as refused:
                Control(sandbox).call(method, target)
            assert refused.value.status == status

    def test_not_on_the_imitated_surface(self, sandbox):
        for root in (sandbox.arm_root, sandbox.endpoints["imds"], sandbox.login_root):
            assert sandbox.http("GET", root + "/clock").status in (401, 404)

    def test_a_network_has_to_show_the_token(self, start_sandbox):
        s = start_sandbox(mode="direct", vaultd_args=["--control", "127.0.0.1:0"])
        url = s.endpoints["control"]
        assert url.startswith("http://127.0.0.1:")
        s.http("GET", url + "/clock").ok(401)
        s.http("GET", url + "/clock", token="wrong").ok(401)
        s.http("GET", url + "/clock", token=s.endpoints["control_token"][:-1]).ok(401)
        s.http("GET", url + "/healthz").ok(401)
        s.http("GET", url + "/clock", token=s.endpoints["control_token"]).ok()
        assert "ahead" not in shell(s, "clock")

    def test_a_dead_vaultd_s_socket_is_taken_over(self, start_sandbox):
        s = start_sandbox(mode="direct", ephemeral=False)
        Control(s).advance("PT1H")
        s.vaultd.kill()
        assert os.path.exists(s.endpoints["control"])
        s.restart(s.vaultd)
        assert Control(s).clock()["offsetMs"] == 3600_000

    def test_a_long_path_will_do(self, tmp_path_factory):
        long = tmp_path_factory.mktemp("deep") / ("d" * 100) / "data"
        with Sandbox(mode="direct", data_dir=long) as s:
            assert len(s.endpoints["control"]) > 108
            assert shell(s, "clock").startswith("20")
