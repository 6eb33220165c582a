"""Templates that are deployed to be measured: hundreds of one kind, and registries that share a key."""

import time

from registries import VERBS
from sandbox import ADMIN
from templates import IDENTITY, VAULT, Deployment, identity, resource, template, vault

IN_ONE = 500  # registries of a deployment


def loop(n):
    return {"name": "loop", "count": n}


def identities(sandbox, n):
    return template([identity("[format('id-{0}', copyIndex())]", copy=loop(n))])


def referring(sandbox, n):
    """Half of them look the other half up."""
    return template([identity("[format('one-{0}', copyIndex())]", copy={"name": "ones", "count": n // 2}),
                     identity("[format('two-{0}', copyIndex())]", copy={"name": "twos", "count": n - n // 2},
                              tags={"of": "[reference(format('one-{0}', copyIndex())).clientId]"})])


def assignments(sandbox, n):
    """Each to a principal of its own."""
    role = "4633458b-17de-408a-b874-0445c86b69e6"  # Key Vault Secrets User
    return template([resource("Microsoft.Authorization/roleAssignments", "[guid(resourceGroup().id, string(copyIndex()))]",
                              copy=loop(n), properties={
                                  "roleDefinitionId": f"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role}')]",
                                  "principalId": "[guid('principal', string(copyIndex()))]",
                                  "principalType": "ServicePrincipal"})])


def keys(sandbox, n):
    name = sandbox.unique("kv-")
    return template([vault(name), resource(f"{VAULT}/keys", f"[format('{name}/key-{{0}}', copyIndex())]", copy=loop(n - 1),
                                           dependsOn=[name], properties={"kty": "EC"})])


KINDS = {"identities": identities, "identities, half of them with a reference()": referring,
         "role assignments": assignments, "EC keys": keys}


def timed_deployment(sandbox, make, n):
    """Seconds from the PUT to the end as its asker sees it, in a group of its own."""
    deployment, what = Deployment(sandbox), make(sandbox, n)
    start = time.monotonic()
    deployment.deploy(what)
    return time.monotonic() - start


def add_registries(sandbox, n):
    """Registries with one key and one identity; the key's vault."""
    who = sandbox.create_identity()
    there = sandbox.create_vault(policies={sandbox.admin_oid: ["all"], who["oid"]: VERBS})
    kid = there.create_key("kek", kty="RSA")["key"]["kid"]
    one = resource("Microsoft.ContainerRegistry/registries", "", location="westeurope", sku={"name": "Premium"},
                   identity={"type": "UserAssigned", "userAssignedIdentities": {who["id"]: {}}}, properties={
                       "encryption": {"status": "enabled", "keyVaultProperties": {
                           "identity": who["client_id"], "keyIdentifier": kid.rpartition("/")[0]}}})
    for first in range(0, n, IN_ONE):
        many = {**one, "name": f"[format('registry{{0}}', copyIndex({first}))]", "copy": loop(min(IN_ONE, n - first))}
        Deployment(sandbox).deploy(template([many]))
    return there


def rotated(there):
    """A new version of the key that all of them follow."""
    there.kv("POST", "/keys/kek/rotate", {}, token=ADMIN).ok()
