"""Every operation on keys: whose grant, in which kind of vault, through which firewall, on a key in which state.

The operations come from `vaultd --print-operations`; what a role allows, from fixtures/builtin-roles.json; everything
else that is expected, from the tables below, written from the documentation (sections are those of its pages on keys).
Each pair of an operation and one other thing is asked, and a sample of everything at once. The grants are real and so
are the keys: whoever may, succeeds, and what the success changed is put back.
"""

import http.client
import json
import random
import socket
from dataclasses import dataclass

import keys
import pytest
from roles import ASKS, allows, builtin, grant, group_scope
from sandbox import TIMEOUT_S, Headers, Response, Sandbox, b64u, kid_path
from stories import rows

# ---- what is documented ----

# fixtures/sources.md#keys: managed HSM's. Which permission it would want in a vault is not documented, nor whether it is asked first.
NOT_IN_VAULTS = "GetRandomBytes"

OK, GONE = (200, None, None), (204, None, None)
NOT_FOUND, CONFLICT = (404, "KeyNotFound", None), (409, "Conflict", None)
NO_OPERATION = (400, "BadParameter", None)
NO_AUTHORITY = (501, "NotImplemented", None)  # the table of operations says so of Release
ANY = object()  # an inner code that nobody has seen


def forbidden(inner):
    return 403, "Forbidden", inner


# fixtures/sources.md#attributes: what a key outside its times refuses (the inner code is not known), and what a disabled one.
OUTSIDE_ITS_TIME = dict.fromkeys(("Encrypt", "Sign", "WrapKey"), [forbidden(ANY)])
DISABLED = {**dict.fromkeys(("Decrypt", "Sign", "UnwrapKey"), [forbidden("KeyDisabled")]),
            "Release": [NO_AUTHORITY, forbidden("KeyDisabled")]}  # release: not documented
# fixtures/sources.md#denials.
LACKING = dict.fromkeys(("Encrypt", "Decrypt", "WrapKey", "UnwrapKey", "Sign", "Verify"),
                        [forbidden("KeyOperationForbidden")])
# fixtures/sources.md#keys, #backup (lists; versions of an unknown key: none; the words of restoring over a deleted key: not known).
WITH_A_KEY = {"GetDeletedKey": [NOT_FOUND], "RecoverDeletedKey": [NOT_FOUND], "PurgeDeletedKey": [NOT_FOUND],
              "RestoreKey": [CONFLICT], "Release": [NO_AUTHORITY]}
WITHOUT = {**dict.fromkeys(ASKS, [NOT_FOUND]), "GetKeys": [OK], "GetKeyVersions": [OK], "GetDeletedKeys": [OK]}
NAME_IS_TAKEN = (409, "Conflict", "ObjectIsDeletedButRecoverable")
STATES = {
    "enabled": WITH_A_KEY,
    "disabled": {**WITH_A_KEY, **DISABLED},
    "not yet valid": {**WITH_A_KEY, **OUTSIDE_ITS_TIME},
    "expired": {**WITH_A_KEY, **OUTSIDE_ITS_TIME},
    "lacking the key_op": {**WITH_A_KEY, **LACKING},
    "deleted": {**WITHOUT, "GetDeletedKey": [OK], "RecoverDeletedKey": [OK], "PurgeDeletedKey": [GONE],
                "CreateKey": [NAME_IS_TAKEN], "ImportKey": [NAME_IS_TAKEN], "RestoreKey": [CONFLICT, NAME_IS_TAKEN]},
    "absent": {**WITHOUT, "CreateKey": [OK], "ImportKey": [OK], "RestoreKey": [OK]},
}
# fixtures/sources.md#network-rules. Firewall: how the client stands to it, the inner code of the refusal.
FIREWALLS = {"open": None, "address allowed": None, "address not allowed": "ForbiddenByFirewall",
             "public access disabled": "ForbiddenByConnection"}
# fixtures/sources.md#roles, #denials. Model of permission: inner code of the refusal.
MODELS = {"policy": "AccessDenied", "roles": "ForbiddenByRbac"}

ROLES = sorted({*(role["roleName"] for role in builtin().values() for one in role["permissions"]
                  for action in one["dataActions"] if action.startswith(("Microsoft.KeyVault/", "*"))),
                "Reader", "Contributor", "Owner"})
REACHING = ("subscription", "group", "vault", "this key")  # the last: what names a key
SCOPES = (*REACHING, "another key", "another vault")
PERMISSIONS = sorted({permission for permission, _ in ASKS.values()})
TABLE = {row.name: row for row in rows("vaultd") if row.door == "keyvault" and not row.is_gap}
OPERATIONS = sorted(TABLE)
SAMPLES, SAMPLE = 15, 100


@dataclass(frozen=True)
class Case:
    """One request. A grant is ("policy", permission), ("roles", role, scope) or ("none",)."""

    operation: str
    grant: tuple
    model: str
    firewall: str = "open"
    state: str = "enabled"

    def __str__(self):
        return (f"{self.operation} with {' '.join(self.grant)} | vault of {self.model} | {self.firewall} | "
                f"key {self.state}")


def is_granted(case):
    """A grant of the other model counts for nothing; at a key, what names that key is given."""
    kind, *what = case.grant
    permission, action = ASKS[case.operation]
    if kind != case.model:
        return False
    if kind == "policy":
        return what[0] == permission
    role, scope = what
    is_here = scope in REACHING and (scope != "this key" or "{key-name}" in TABLE[case.operation].pattern)
    return is_here and allows(role, "Microsoft.KeyVault/vaults/" + action, data=True)


def expected(case):
    """Answers that agree with the documentation, as (status, code, inner code): fixtures/sources.md#order-of-checks has the order."""
    if FIREWALLS[case.firewall]:
        return [forbidden(FIREWALLS[case.firewall])]
    if case.operation == NOT_IN_VAULTS:
        return [NO_OPERATION, forbidden(MODELS[case.model])]
    if not is_granted(case):
        return [forbidden(MODELS[case.model])]
    return STATES[case.state].get(case.operation, [OK])


def names_what_is_missing(case, answer):
    """A refusal says which action or permission was wanted."""
    error = answer.json()["error"]
    permission, action = ASKS.get(case.operation, ("", ""))
    words = {"AccessDenied": f"does not have keys {permission} permission on key vault",
             "ForbiddenByRbac": f"Action: 'Microsoft.KeyVault/vaults/{action}'\r\n"}
    word = words.get(error.get("innererror", {}).get("code"))
    return case.operation == NOT_IN_VAULTS or word is None or word in error["message"]


def shows_its_assignment(case, answer):
    """The assignment's header: in vaults of roles, when granted; of a 409, a 501 and a refusal by the key's state: see below."""
    is_there = "x-ms-keyvault-rbac-assignment-id" in answer.headers
    if case.model == "policy" or FIREWALLS[case.firewall]:
        return not is_there
    if case.operation == NOT_IN_VAULTS or (is_granted(case) and answer.status in (403, 409, 501)):
        return True
    return is_there == is_granted(case)


def differences(case, answer):
    """What is wrong with an answer: [] or one line."""
    error = answer.json()["error"] if answer.status >= 400 else {}
    got = answer.status, error.get("code"), error.get("innererror", {}).get("code")
    wanted = expected(case)
    if not any(got[:2] == one[:2] and one[2] in (got[2], ANY) for one in wanted):
        return [f"{case}: expected {' or '.join(map(shown, wanted))}, got {shown(got)}: {answer.text[:400]}"]
    if answer.status == 403 and not names_what_is_missing(case, answer):
        return [f"{case}: another permission is named: {answer.text[:400]}"]
    if not shows_its_assignment(case, answer):
        return [f"{case}: x-ms-keyvault-rbac-assignment-id: {answer!r}"]
    return []


def shown(answer):
    return "/".join("?" if part is ANY else str(part) for part in answer if part is not None)


# ---- the world ----

ALLOWED, NOT_ALLOWED = "127.0.0.5", "127.0.0.6"
FAR_FUTURE, FAR_PAST = 2208992461, 1500000000
AS_STATE = {
    "disabled": {"attributes": {"enabled": False}},
    "not yet valid": {"attributes": {"nbf": FAR_FUTURE}},
    "expired": {"attributes": {"exp": FAR_PAST}},
    "lacking the key_op": {"key_ops": []},
}
RELEASE_POLICY = {"attributes": {"exportable": True}, "release_policy": {"data": b64u(
    b'{"version":"1.0.0","anyOf":[{"authority":"https://a.example","anyOf":[{"claim":"c","equals":"1"}]}]}')}}


class Client:
    """One kept connection for each vault and source address."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.kept = {}

    def ask(self, vault, source, method, path, body, token):
        kept = self.kept.pop((vault.name, source), None)
        for connection in (kept, None) if kept else (None,):
            try:
                return self._send(connection or self._dial(vault, source), vault, source, method, path, body, token)
            except (http.client.RemoteDisconnected, ConnectionError):
                if connection is None:
                    raise
        raise AssertionError("unreachable")

    def _dial(self, vault, source):
        connection = self.sandbox.connection(vault.url)

        def dial():
            sock = socket.create_connection(("127.0.0.1", connection.port), TIMEOUT_S, (source, 0))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock

        connection._dial = dial
        return connection

    def _send(self, connection, vault, source, method, path, body, token):
        data = None if body is None else json.dumps(body)
        headers = {"Host": vault.host, "Authorization": f"Bearer {token}"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path + "?api-version=7.5", data, headers)
        answer = connection.getresponse()
        response = Response(answer.status, Headers(answer.getheaders()), answer.read())
        if answer.will_close:
            connection.close()
        else:
            self.kept[vault.name, source] = connection
        return response


class World:
    """Vaults of both models behind each kind of firewall, with a key in every state; callers as they are wanted."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.client = Client(sandbox)
        self.group = sandbox.create_group()
        self.rsa, private = keys.new_rsa()
        self.ec, _ = keys.new_ec()
        digest = keys.digest_for("RS256")
        plain = {"alg": "RSA-OAEP", "value": b64u(b"data key")}
        cipher = {"alg": "RSA-OAEP", "value": b64u(keys.encrypt(self.rsa, "RSA-OAEP", b"data key"))}
        sign = {"alg": "RS256", "value": b64u(digest)}
        verify = {"alg": "RS256", "digest": b64u(digest), "value": b64u(keys.sign(private, "RS256", digest))}
        self.bodies = {"CreateKey": {"kty": "EC"}, "ImportKey": {"key": self.ec}, "UpdateKey": {"tags": {"a": "b"}},
                       "UpdateKeyRotationPolicy": {"lifetimeActions": []}, "Release": {"target": "a.b.c"},
                       "Encrypt": plain, "WrapKey": plain, "Decrypt": cipher, "UnwrapKey": cipher, "Sign": sign,
                       "Verify": verify, NOT_IN_VAULTS: {"count": 1}}
        self.tokens, self.given = {}, set()
        self.make_policies()
        grant(sandbox, group_scope(self.group), "Key Vault Administrator", sandbox.admin_oid)
        self.other = self.make_vault("roles")
        self.versions, self.blobs = {}, {}
        self.vaults = {}

    # ---- callers ----

    def make_policies(self):
        """An identity for each permission; vaults of roles have the same policies, which count for nothing there."""
        self.policies = {self.sandbox.admin_oid: PERMISSIONS}
        for permission in PERMISSIONS:
            self.policies[self.make_identity(("policy", permission))] = [permission]

    def make_identity(self, of):
        made = self.sandbox.create_identity()
        self.tokens[of] = made["oid"], self.sandbox.imds_token(client_id=made["client_id"])
        return made["oid"]

    def token_of(self, case, vault):
        if case.grant not in self.tokens:
            self.make_identity(case.grant)
        oid, token = self.tokens[case.grant]
        if case.grant[0] == "roles":
            _, role, scope = case.grant
            key = f"{vault.path}/keys/{name_of(case.state)}"
            path = {"subscription": "{sub}", "group": group_scope(self.group), "vault": vault.path, "this key": key,
                    "another key": key[:-1], "another vault": self.other.path}[scope]
            if (oid, path) not in self.given:
                grant(self.sandbox, path, role, oid)
                self.given.add((oid, path))
        return token

    # ---- vaults and keys ----

    def make_vault(self, model, **properties):
        return self.sandbox.create_vault(group=self.group, policies=self.policies,
                                         enableRbacAuthorization=model == "roles", **properties)

    def vault_of(self, case):
        kind = "address" if case.firewall.startswith("address") else case.firewall
        if (case.model, kind) not in self.vaults:
            acls = {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [{"value": ALLOWED}]}
            vault = self.make_vault(case.model, **({"networkAcls": acls} if kind == "address" else {}))
            self.vaults[case.model, kind] = vault
            for state in STATES:
                self.furnish(vault, state)
            if kind == "public access disabled":
                change = {"properties": {"publicNetworkAccess": "Disabled"}}
                self.sandbox.arm("PATCH", vault.path, change).ok()
        return self.vaults[case.model, kind]

    def admin(self, vault, method, path, body=None):
        answer = self.client.ask(vault, ALLOWED, method, path, body, self.sandbox.vault_admin_token())
        assert answer.status in (200, 204), repr(answer)
        return answer.json() if answer.body else None

    def furnish(self, vault, state):
        """An RSA version for arithmetic, asked for by its version; over it an EC one, so that rotating is quick."""
        path = "/keys/" + name_of(state)
        first = self.admin(vault, "PUT", path, {"key": self.rsa, **RELEASE_POLICY})
        self.admin(vault, "POST", path + "/create", {"kty": "EC", **RELEASE_POLICY})
        self.versions[vault.name, state] = kid_path(first["key"]["kid"]).rpartition("/")[2]
        for version in ("", self.versions[vault.name, state]):
            self.admin(vault, "PATCH", f"{path}/{version}", AS_STATE.get(state, {}))
        self.blobs[vault.name, state] = self.admin(vault, "POST", path + "/backup")
        if state in ("deleted", "absent"):
            self.admin(vault, "DELETE", path)
        if state == "absent":
            self.admin(vault, "DELETE", "/deleted" + path[1:])

    def put_back(self, vault, operation, state):
        """After a success, the key as it was, but for a version more."""
        path, gone = f"/keys/{name_of(state)}", f"/deletedkeys/{name_of(state)}"
        if operation in ("CreateKey", "ImportKey", "RestoreKey") and state == "absent":
            self.admin(vault, "DELETE", path)
            self.admin(vault, "DELETE", gone)
        elif operation in ("CreateKey", "ImportKey", "RotateKey"):
            self.admin(vault, "PATCH", path + "/", AS_STATE.get(state, {}))
        elif operation == "DeleteKey":
            self.admin(vault, "POST", gone + "/recover")
        elif operation in ("RecoverDeletedKey", "PurgeDeletedKey"):
            if operation == "PurgeDeletedKey":
                self.admin(vault, "POST", "/keys/restore", self.blobs[vault.name, state])
            self.admin(vault, "DELETE", path)

    # ---- asking ----

    def ask(self, case):
        """The answer to one case; a key that it changed is put back."""
        vault, row = self.vault_of(case), TABLE[case.operation]
        path = row.pattern.replace("{key-name}", name_of(case.state))
        path = path.replace("{key-version?}", self.versions[vault.name, case.state])
        body = self.blobs[vault.name, case.state] if row.name == "RestoreKey" else self.bodies.get(row.name)
        source = NOT_ALLOWED if case.firewall == "address not allowed" else ALLOWED
        answer = self.client.ask(vault, source, row.methods[0], path, body, self.token_of(case, vault))
        if answer.status < 300:
            self.put_back(vault, case.operation, case.state)
        return answer

    def check(self, cases):
        wrong = [line for case in cases for line in differences(case, self.ask(case))]
        assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)


def name_of(state):
    return state.replace(" ", "-").replace("_", "-")


@pytest.fixture(scope="module")
def world(key_stock):
    with Sandbox(key_stock=key_stock) as sandbox:
        yield World(sandbox)


# ---- what is asked ----


def granting(operation, model):
    """A grant of the model that allows the operation, at the vault."""
    permission, _ = ASKS.get(operation, ("get", ""))
    return ("policy", permission) if model == "policy" else ("roles", "Key Vault Administrator", "vault")


def test_the_table_is_whole():
    assert set(TABLE) == {*ASKS, NOT_IN_VAULTS}


@pytest.mark.parametrize("role", [*ROLES, "none"])
def test_roles(world, role):
    grants = [("none",)] if role == "none" else [("roles", role, scope) for scope in SCOPES]
    world.check([Case(operation, given, "roles") for given in grants for operation in OPERATIONS])


@pytest.mark.parametrize("permission", [*PERMISSIONS, "none"])
def test_permissions(world, permission):
    given = ("none",) if permission == "none" else ("policy", permission)
    world.check([Case(operation, given, "policy") for operation in OPERATIONS])


@pytest.mark.parametrize("firewall", FIREWALLS)
@pytest.mark.parametrize("model", MODELS)
def test_firewalls(world, model, firewall):
    """With a grant and without: outside the firewall they get the same answer."""
    world.check([Case(operation, given, model, firewall) for operation in OPERATIONS
                 for given in (granting(operation, model), ("none",))])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("model", MODELS)
def test_key_states(world, model, state):
    """With a grant and without: the state shows to nobody who may not do what they ask."""
    world.check([Case(operation, given, model, state=state) for operation in OPERATIONS
                 for given in (granting(operation, model), ("none",))])


def test_a_refusal_by_the_keys_state_names_no_assignment(world):
    """The header is absent on 403."""
    cases = [Case(operation, granting(operation, "roles"), "roles", state=state)
             for state, answers in STATES.items() for operation, wanted in answers.items() if wanted[0][0] == 403]
    named = [case for case in cases if "x-ms-keyvault-rbac-assignment-id" in world.ask(case).headers]
    assert not named, f"{len(named)} of {len(cases)}:\n" + "\n".join(map(str, named))


def any_case(draw):
    """A case at random; every second one has a grant that allows it, so that what lies behind is reached."""
    operation, model = draw.choice(OPERATIONS), draw.choice(list(MODELS))
    firewall = draw.choice([*FIREWALLS, "open", "address allowed"])
    grants = [("none",), *(("policy", p) for p in PERMISSIONS), *(("roles", r, s) for r in ROLES for s in SCOPES)]
    cases = [Case(operation, given, model, firewall, draw.choice(list(STATES))) for given in grants]
    allowing = [case for case in cases if operation != NOT_IN_VAULTS and is_granted(case)]
    return draw.choice(allowing if allowing and draw.random() < 0.5 else cases)


@pytest.mark.parametrize("seed", range(SAMPLES))
def test_a_sample_of_everything(world, seed):
    draw = random.Random(seed)
    world.check([any_case(draw) for _ in range(SAMPLE)])
