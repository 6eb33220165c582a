"""Rules by the thousand around a vault's key, and vaults with as few as let the administrator in, to measure beside.

    add_vaults(sandbox, full=True)
    sandbox.vaults["roles"]

Both worlds have the same vaults, by what decides there: "roles", "policies", "network", and two where everything comes
together, one of each permission model. Names and keys are the same, so that the same requests go to both.
"""

import uuid

from roles import grant
from sandbox import ALL_KEY_PERMISSIONS

ASSIGNMENTS = 2000
POLICIES = 1000
NETWORK_RULES = 1000
KEY = "read-me"
VAULTS = {  # name: properties of the vault, the rules that it has many of in a full world
    "roles": ({"enableRbacAuthorization": True}, ()),
    "policies": ({}, ("policies",)),
    "network": ({}, ("network",)),
    "all-by-roles": ({"enableRbacAuthorization": True}, ("policies", "network")),
    "all-by-policies": ({}, ("policies", "network")),
}


def many_policies(sandbox):
    """The administrator's entry comes last."""
    strangers = {str(uuid.uuid4()): ["get", "list", "wrapKey", "unwrapKey"] for _ in range(POLICIES - 1)}
    return {**strangers, sandbox.admin_oid: ALL_KEY_PERMISSIONS}


def many_network_rules():
    """Prefixes that do not touch each other, one of them this machine."""
    prefixes = [f"20.{i // 200}.{i % 200}.0/{24 + i % 9}" for i in range(NETWORK_RULES - 1)]
    return {"bypass": "AzureServices", "defaultAction": "Deny",
            "ipRules": [{"value": p} for p in [*prefixes, "127.0.0.1"]]}


def add_assignments(sandbox, vault):
    """Strangers at the vault and everywhere above it, and the administrator at other keys of it."""
    above = [vault.path, vault.path.partition("/providers/")[0], "{sub}"]
    for i in range(ASSIGNMENTS - 1):
        kind = i % (len(above) + 1)
        if kind < len(above):
            grant(sandbox, above[kind], "Key Vault Crypto User", str(uuid.uuid4()))
        else:
            grant(sandbox, f"{vault.path}/keys/other-{i}", "Key Vault Crypto User", sandbox.admin_oid)


def add_vaults(sandbox, full):
    """Makes the vaults with a key each, and with full everything else: sandbox.vaults."""
    sandbox.vaults = {}
    for name, (properties, many) in VAULTS.items():
        more = {"networkAcls": many_network_rules()} if full and "network" in many else {}
        policies = many_policies(sandbox) if full and "policies" in many else None
        vault = sandbox.create_vault(name, policies=policies, **properties, **more)
        if "enableRbacAuthorization" in properties:
            grant(sandbox, vault.path, "Key Vault Crypto Officer", sandbox.admin_oid)
        vault.create_key(KEY)
        sandbox.vaults[name] = vault
    if full:
        add_assignments(sandbox, sandbox.vaults["roles"])
