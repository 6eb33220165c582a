"""kill -9 of either daemon at random moments under write load: what was acknowledged is there and works."""

import http.client
import os
import random
import threading
import time

import keys
import pytest
from sandbox import Sandbox, b64u, jwt_parts, kid_path

KILLS = 50
WRITERS = 3
LIMIT_S = 300
BROKEN = (ConnectionError, http.client.HTTPException, TimeoutError, OSError)


class Incarnations:
    """Counts a daemon's starts, so that who lost it can wait for the next one."""

    def __init__(self):
        self.count = 0
        self.changed = threading.Condition()

    def next(self):
        with self.changed:
            self.count += 1
            self.changed.notify_all()

    def after(self, seen, limit_s=60):
        with self.changed:
            return self.changed.wait_for(lambda: self.count > seen, limit_s)


class Load(threading.Thread):
    """Repeats one step until told to stop; a step cut off by a kill waits for the daemon to come back."""

    progress = threading.Condition()

    def __init__(self, incarnations):
        super().__init__(daemon=True)
        self.incarnations = incarnations
        self.checked = 0  # the incarnation in which settle was last done
        self.stopping = threading.Event()
        self.acknowledged = 0
        self.cut_off = 0
        self.failure = None

    def run(self):
        try:
            while not self.stopping.is_set():
                seen = self.incarnations.count
                try:
                    if self.checked != seen:
                        self.settle()
                        self.checked = seen
                    self.step()
                except BROKEN:
                    self.cut_off += 1
                    assert self.incarnations.after(seen), "the daemon did not come back"
                    continue
                with self.progress:
                    self.acknowledged += 1
                    self.progress.notify_all()
        except BaseException as e:  # shown by the main thread
            with self.progress:
                self.failure = e
                self.progress.notify_all()

    def settle(self):
        """The daemon has been started anew: what does it remember?"""

    def end(self):
        self.stopping.set()
        self.incarnations.next()
        self.join(60)
        assert not self.is_alive()


class Writer(Load):
    """Makes, changes, deletes and recovers keys of its own; knows of each what was acknowledged last."""

    def __init__(self, vault, number, ready_made, seed, incarnations):
        super().__init__(incarnations)
        self.vault = vault
        self.number = number
        self.ready_made = ready_made
        self.random = random.Random(seed)
        self.made = {}  # kid: index of the ready-made key, or None for a P-256 key made by the service
        self.tags = {}  # name: tags that the current version may have: the acknowledged, and one that was cut off
        self.gone = {}  # name: states it may be in: False living, True deleted
        self.touched = set()

    def kv(self, method, path, body=None, **more):
        return self.vault.kv(method, path, body, **more).ok().json()

    def step(self):
        living = [n for n, states in self.gone.items() if states == {False}]
        deleted = [n for n, states in self.gone.items() if states == {True}]
        choice = self.random.random()
        if choice < 0.35 or not living:
            self.make()
        elif choice < 0.85:
            self.update(self.random.choice(living))
        elif choice < 0.93 or not deleted:
            self.delete(self.random.choice(living))
        else:
            self.recover(self.random.choice(deleted))

    def make(self):
        name = f"w{self.number}-{len(self.gone)}-{self.cut_off}"
        tags = {"n": str(self.acknowledged)}
        if self.random.random() < 0.4:
            at = self.random.randrange(len(self.ready_made))
            made = self.kv("PUT", f"/keys/{name}", {"key": self.ready_made[at][0], "tags": tags})
        else:
            at, made = None, self.kv("POST", f"/keys/{name}/create", {"kty": "EC", "tags": tags})
        self.made[made["key"]["kid"]] = at
        self.tags[name], self.gone[name] = [tags], {False}
        self.touched.add(name)

    def update(self, name):
        tags = {"n": str(self.acknowledged), "x": "y" * self.random.randrange(256)}
        self.tags[name].append(tags)
        self.touched.add(name)
        assert self.kv("PATCH", f"/keys/{name}/", {"tags": tags})["tags"] == tags
        self.tags[name] = [tags]

    def delete(self, name):
        self.touched.add(name)
        self.gone[name] = {False, True}
        # On a connection of its own: one that is kept may be tried twice, and then there is nothing left to delete.
        self.kv("DELETE", f"/keys/{name}", keep_alive=False)
        self.gone[name] = {True}

    def recover(self, name):
        self.touched.add(name)
        self.gone[name] = {False, True}
        self.kv("POST", f"/deletedkeys/{name}/recover", keep_alive=False)
        self.gone[name] = {False}

    def check(self, names):
        for name in names:
            answer = self.vault.kv("GET", f"/keys/{name}")
            deleted = answer.status == 404
            if deleted:
                answer = self.vault.kv("GET", f"/deletedkeys/{name}").ok()
            assert deleted in self.gone[name], f"{name} is {'deleted' if deleted else 'living'}: {self.gone[name]}"
            assert answer.json()["tags"] in self.tags[name], f"{name}: {answer!r}, expected one of {self.tags[name]}"
            self.gone[name], self.tags[name] = {deleted}, [answer.json()["tags"]]
            if not deleted:
                self.use(answer.json()["key"])

    def use(self, key):
        assert key["kid"] in self.made
        at = self.made[key["kid"]]
        if at is None:
            body = {"alg": "ES256", "value": b64u(bytes(32))}
            self.kv("POST", f"{kid_path(key['kid'])}/sign", body)
            return
        _, plain, cipher = self.ready_made[at]
        body = {"alg": "RSA-OAEP-256", "value": b64u(cipher)}
        assert self.kv("POST", f"{kid_path(key['kid'])}/unwrapkey", body)["value"] == b64u(plain)

    def settle(self):
        """What was acknowledged is there; what was cut off has happened or has not, and from now on that is known."""
        self.check(sorted(self.touched))
        self.touched = set()


class Asker(Load):
    """Asks for tokens; identityd changes its signing key every second, so it writes as well."""

    def __init__(self, sandbox, incarnations):
        super().__init__(incarnations)
        self.sandbox = sandbox
        self.tokens = {}  # signing key id: a token that it signed

    def step(self):
        e = self.sandbox.endpoints
        answer = self.sandbox.request_token(grant_type="client_credentials", client_id=e["client_id"],
                                            client_secret=e["client_secret"],
                                            scope=self.sandbox.vault_resource + "/.default").ok()
        token = answer.json()["access_token"]
        self.tokens[jwt_parts(token)[0]["kid"]] = token


@pytest.fixture
def ready_made():
    """RSA keys, each with a plaintext and what openssl made of it."""
    out = []
    for _ in range(4):
        jwk, _pem = keys.new_rsa()
        plain = keys.random_bytes(32)
        out.append((jwk, plain, keys.encrypt(jwk, "RSA-OAEP-256", plain)))
    return out


def busy_moment(loads, chance, deadline):
    """Lets a random number of acknowledgements pass; the moment then is a random one for all other requests."""
    goal = sum(load.acknowledged for load in loads) + chance.randrange(3, 40)

    def is_reached():
        return sum(load.acknowledged for load in loads) >= goal or any(load.failure for load in loads)

    with Load.progress:
        assert Load.progress.wait_for(is_reached, max(deadline - time.monotonic(), 0)), "the load stands still"
    for load in loads:
        if load.failure:
            raise load.failure


def test_fifty_kills(key_stock, ready_made):
    seed = int(os.environ.get("SANDVAULT_TEST_SEED", random.randrange(1 << 32)))
    print(f"SANDVAULT_TEST_SEED={seed}")
    chance = random.Random(seed)
    deadline = time.monotonic() + LIMIT_S
    with Sandbox(mode="direct", ephemeral=False, key_stock=key_stock, vaultd_args=["--key-stock-2048=0"],
                 identityd_args=["--signing-key-age=1"]) as sandbox:
        vault = sandbox.create_vault()
        sandbox.vault_admin_token()
        vaults, identities = Incarnations(), Incarnations()
        writers = [Writer(vault, i, ready_made, chance.random(), vaults) for i in range(WRITERS)]
        asker = Asker(sandbox, identities)
        for load in (*writers, asker):
            load.start()
        try:
            for _ in range(KILLS):
                busy_moment(writers, chance, deadline)
                if chance.random() < 0.6:
                    sandbox.vaultd.kill()
                    # The other one works on.
                    assert sandbox.imds(resource=sandbox.vault_resource).status == 200
                    sandbox.restart(sandbox.vaultd)
                    vaults.next()
                else:
                    sandbox.identityd.kill()
                    vault.kv("GET", "/keys/nobody").ok(404)
                    sandbox.restart(sandbox.identityd)
                    identities.next()
        finally:
            for load in (*writers, asker):
                load.end()
        for load in (*writers, asker):
            if load.failure:
                raise load.failure
        for writer in writers:
            writer.check(sorted(writer.gone))
        for token in (*asker.tokens.values(), sandbox.vault_admin_token()):
            vault.kv("GET", "/keys/nobody", token=token).ok(404)
        listed, url = 0, f"{vault.url}/keys?api-version=7.5"
        while url:
            page = sandbox.http("GET", url, token=sandbox.vault_admin_token()).ok().json()
            listed, url = listed + len(page["value"]), page["nextLink"]
        assert listed >= sum(states == {False} for w in writers for states in w.gone.values())
        done = sum(w.acknowledged for w in writers)
        print(f"{done} writes acknowledged, {sum(w.cut_off for w in writers)} cut off, "
              f"{asker.acknowledged} tokens by {len(asker.tokens)} keys")
