"""Every operation on keys: whose grant, in which kind of vault, through which firewall, on a key in which state.

The operations come from `vaultd --print-operations`; what a role allows, from fixtures/builtin-roles.json; everything else
that is expected, from the tables below, written from the documentation (sections are those of its pages on keys). Each pair
of an operation and one other thing is asked, and a sample of everything at once. The grants are real and so are the keys:
whoever may, succeeds, and what the success changed is put back.
"""

import http.client
import itertools
import random
import socket
from dataclasses import dataclass

import keys
import pytest
from roles import allows, builtin, grant, group_scope
from sandbox import TIMEOUT_S, Headers, Response, Sandbox, b64u, kid_path, split_url
from stories import rows

# ---- what is documented ----

# Section 7. Permission in an access policy, data action below Microsoft.KeyVault/vaults/.
ASKS = {
    "CreateKey": ("create", "keys/create/action"),
    "ImportKey": ("import", "keys/import/action"),
    "GetKey": ("get", "keys/read"),
    "GetKeys": ("list", "keys/read"),
    "GetKeyVersions": ("list", "keys/read"),
    "GetDeletedKey": ("get", "keys/read"),
    "GetDeletedKeys": ("list", "keys/read"),
    "UpdateKey": ("update", "keys/update/action"),
    "DeleteKey": ("delete", "keys/delete"),
    "RecoverDeletedKey": ("recover", "keys/recover/action"),
    "PurgeDeletedKey": ("purge", "keys/purge/action"),
    "BackupKey": ("backup", "keys/backup/action"),
    "RestoreKey": ("restore", "keys/restore/action"),
    "Encrypt": ("encrypt", "keys/encrypt/action"),
    "Decrypt": ("decrypt", "keys/decrypt/action"),
    "WrapKey": ("wrapKey", "keys/wrap/action"),
    "UnwrapKey": ("unwrapKey", "keys/unwrap/action"),
    "Sign": ("sign", "keys/sign/action"),
    "Verify": ("verify", "keys/verify/action"),
    "RotateKey": ("rotate", "keys/rotate/action"),
    "GetKeyRotationPolicy": ("getrotationpolicy", "keyrotationpolicies/read"),
    "UpdateKeyRotationPolicy": ("setrotationpolicy", "keyrotationpolicies/write"),
    "Release": ("release", "keys/release/action"),
}
# Section 5: managed HSM's. Which permission it would want in a vault is not documented, nor whether it is asked first.
NOT_IN_VAULTS = "GetRandomBytes"

OK, GONE, NOT_FOUND, CONFLICT = (200, None, None), (204, None, None), (404, "KeyNotFound", None), (409, "Conflict", None)
NO_OPERATION = (400, "BadParameter", None)
NO_AUTHORITY = (501, "NotImplemented", None)  # the table of operations says so of Release
ANY = object()  # an inner code that nobody has seen


def forbidden(inner):
    return 403, "Forbidden", inner


# Section 8: what a key outside its times refuses (the inner code is not known), and what a disabled one.
OUTSIDE_ITS_TIME = dict.fromkeys(("Encrypt", "Sign", "WrapKey"), [forbidden(ANY)])
DISABLED = {**dict.fromkeys(("Decrypt", "Sign", "UnwrapKey"), [forbidden("KeyDisabled")]),
            "Release": [NO_AUTHORITY, forbidden("KeyDisabled")]}  # release: not documented
# Section 9.6.
LACKING = dict.fromkeys(("Encrypt", "Decrypt", "WrapKey", "UnwrapKey", "Sign", "Verify"),
                        [forbidden("KeyOperationForbidden")])
# Sections 5 (lists; versions of an unknown key: none), 9.1, 9.2 (the words of restoring over a deleted key: not known).
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
# Section 9.5. Firewall: how the client stands to it, the inner code of the refusal.
FIREWALLS = {"open": None, "address allowed": None, "address not allowed": "ForbiddenByFirewall",
             "public access disabled": "ForbiddenByConnection"}
# Sections 9.3, 9.4. Model of permission: inner code of the refusal.
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
    """Answers that agree with the documentation, as (status, code, inner code): section 9.8 has the order."""
    if FIREWALLS[case.firewall]:
        return [forbidden(FIREWALLS[case.firewall])]
    if case.operation == NOT_IN_VAULTS:
        return [NO_OPERATION, forbidden(MODELS[case.model])]
    if not is_granted(case):
        return [forbidden(MODELS[case.model])]
    return STATES[case.state].get(case.operation, [OK])


def names_what_is_missing(case, answer):
    """Sections 9.3, 9.4: a refusal says which action or permission was wanted."""
    error = answer.json()["error"]
    permission, action = ASKS.get(case.operation, ("", ""))
    words = {"AccessDenied": f"does not have keys {permission} permission on key vault",
             "ForbiddenByRbac": f"Action: 'Microsoft.KeyVault/vaults/{action}'\r\n"}
    word = words.get(error.get("innererror", {}).get("code"))
    return case.operation == NOT_IN_VAULTS or word is None or word in error["message"]


def shows_its_assignment(case, answer):
    """Section 1.1: only in vaults of roles, only when granted; the last of a 409 or 501 is not documented."""
    is_there = "x-ms-keyvault-rbac-assignment-id" in answer.headers
    if case.model != "roles" or answer.status == 403:
        return not is_there
    return is_there or case.operation == NOT_IN_VAULTS or answer.status in (409, 501)


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
        data = None if body is None else self.sandbox_json(body)
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

    @staticmethod
    def sandbox_json(body):
        return __import__("json").dumps(body).encode()
