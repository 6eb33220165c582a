"""Every operation against every built-in role, and against every permission of an access policy.

The rows come from `vaultd --print-operations`, what a role allows from fixtures/builtin-roles.json, and which action and
permission an operation asks for from tables written from the documentation (roles.py). Nothing is asked of the sandbox's own
rules. What an operation names is not there, or its body is empty: a caller who may then meets another refusal than 403.
"""

import uuid

import pytest
from roles import ASKS, ASKS_ARM, WHAT_MAY_BE_READ, allows, builtin, grant, group_scope, revoke
from sandbox import ARM, print_operations
from stories import rows

ABSENT = "99999999-9999-4999-8999-999999999999"

# No permission of its own is documented for vaults; the operation is managed HSM's.
NOT_IN_VAULTS = {"GetRandomBytes"}
NO_TOKEN = "Cloud_GetEndpoints"
PERMISSIONS = sorted({permission for permission, _ in ASKS.values()})
NAMES = {"{key-name}": "k-absent", "{key-version?}": "0" * 32, "{vault}": "kv-absent", "{identity}": "id-absent",
         "{vm}": "vm-absent", "{namespace}": "Microsoft.KeyVault", "{type}": "vaults", "{resource}": "kv-absent",
         "{location}": "westeurope", "{role}": ABSENT, "{assignment}": ABSENT, "{key}": "k-absent", "{version}": "0" * 32,
         "{credential}": "fc-absent", "{registry}": "absent", "{deployment}": "d-absent", "{part}": "x", "{rest*}": "x"}
# POST …/accessPolicies/add, purge and the like name an action in their path.
OPERATIONS = {"Vaults_UpdateAccessPolicy": "add"}


def path_of(row, sandbox, group):
    path = row.pattern.replace("{scope*}", "subscriptions/{subscription}/resourceGroups/{group}")
    path = path.replace("{subscription}", sandbox.endpoints["subscription"]).replace("{group}", group)
    path = path.replace("{operation}", OPERATIONS.get(row.name, "x"))
    if row.pattern.endswith("/providers/{namespace}/register"):
        path = path.replace("{namespace}", "Microsoft.KeyVault")
    for name, value in NAMES.items():
        path = path.replace(name, value)
    assert "{" not in path, path
    return path


def of_door(door):
    return [row for row in rows("vaultd") if row.door == door and not row.is_gap]


@pytest.fixture(scope="module")
def target(sandbox):
    """A group, a vault in it that asks for roles, and an identity."""
    group = sandbox.create_group()
    vault = sandbox.create_vault(group=group, policies={}, enableRbacAuthorization=True)
    identity = sandbox.create_identity()
    return {"group": group, "vault": vault, "oid": identity["oid"],
            "arm": sandbox.imds_token(ARM, client_id=identity["client_id"]),
            "kv": sandbox.imds_token(client_id=identity["client_id"])}


def test_the_table_is_whole():
    assert {row.name for row in of_door("keyvault")} <= set(ASKS) | NOT_IN_VAULTS
    assert {row.name for row in of_door("arm")} == {*ASKS_ARM, *WHAT_MAY_BE_READ, NO_TOKEN}


def test_the_program_says_what_it_asks_for():
    said = {words[1]: line for line in print_operations("vaultd") if (words := line.split())}
    for name, action in ASKS_ARM.items():
        shown = "{namespace}/register/action" if name == "Providers_Register" else action
        assert said[name].endswith("  " + shown), said[name]
    for name in WHAT_MAY_BE_READ:
        assert said[name].endswith("  (what may be read)"), said[name]


def ask_arm(sandbox, target, row, method):
    body = {} if method in ("PUT", "PATCH", "POST") else None
    return sandbox.arm(method, path_of(row, sandbox, target["group"]), body, token=target["arm"], api_version="2022-04-01")


@pytest.mark.parametrize("scope", ["subscription", "group"])
@pytest.mark.parametrize("role", sorted(builtin()))
def test_control_plane(sandbox, target, role, scope):
    """At the group nothing of the subscription's own is given. Deleting the group is left out: it is there."""
    given = grant(sandbox, "{sub}" if scope == "subscription" else group_scope(target["group"]), role, target["oid"])
    in_scope = {row.name for row in of_door("arm") if scope == "subscription" or "{group}" in row.pattern
                or "{scope*}" in row.pattern}
    asked = [(row, method) for row in of_door("arm") if row.name not in (NO_TOKEN, "ResourceGroups_Delete")
             for method in row.methods]
    wrong = []
    for row, method in asked:
        answer = ask_arm(sandbox, target, row, method)
        may = row.name in WHAT_MAY_BE_READ or (row.name in in_scope and allows(role, ASKS_ARM[row.name]))
        if (answer.status != 403) != may or answer.status >= 500:
            wrong.append(f"{row.name} ({method}): {'may' if may else 'may not'}, {answer!r}")
    revoke(sandbox, given)
    assert not wrong, "\n".join(wrong)


def ask_vault(vault, row, token):
    method = row.methods[0]
    path = row.pattern
    for name, value in NAMES.items():
        path = path.replace(name, value)
    return vault.kv(method, path, {} if method in ("PUT", "PATCH", "POST") else None, token=token)


def known_rows():
    return [row for row in of_door("keyvault") if row.name in ASKS]


def disagreements(vault, token, may):
    """Rows whose answer is 403 although may(row) says yes, or another although it says no."""
    answers = [(row, ask_vault(vault, row, token)) for row in known_rows()]
    return [f"{row.name}: {'may' if may(row) else 'may not'}, {answer!r}" for row, answer in answers
            if (answer.status != 403) != may(row) or answer.status >= 500]


@pytest.mark.parametrize("scope", ["subscription", "group", "vault", "key", "another key", "another group"])
@pytest.mark.parametrize("role", sorted(builtin()))
def test_data_plane_roles(sandbox, target, role, scope):
    """At a key, what acts on that key is given and nothing that acts on the vault."""
    vault = target["vault"]
    scopes = {"subscription": "{sub}", "group": group_scope(target["group"]), "vault": vault.path,
              "key": vault.path + "/keys/K-Absent", "another key": vault.path + "/keys/k-absent2",
              "another group": group_scope("sandbox")}
    given = grant(sandbox, scopes[scope], role, target["oid"])

    def may(row):
        is_here = scope in ("subscription", "group", "vault") or (scope == "key" and "{key-name}" in row.pattern)
        return is_here and allows(role, f"Microsoft.KeyVault/vaults/{ASKS[row.name][1]}", data=True)

    wrong = disagreements(vault, target["kv"], may)
    revoke(sandbox, given)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("permission", [*PERMISSIONS, "all", "none"])
def test_data_plane_permissions(sandbox, target, permission):
    """Each permission gives its own operations, `all` everything but purge; roles count for nothing here."""
    name = sandbox.unique("kv-")
    given = grant(sandbox, "{sub}", "Key Vault Administrator", target["oid"], name=str(uuid.uuid4()))
    policies = {} if permission == "none" else {target["oid"]: [permission]}
    vault = sandbox.create_vault(name, policies, enableRbacAuthorization=False)

    def may(row):
        word = ASKS[row.name][0]
        return word != "purge" if permission == "all" else word == permission

    wrong = disagreements(vault, target["kv"], may)
    revoke(sandbox, given)
    assert not wrong, "\n".join(wrong)
