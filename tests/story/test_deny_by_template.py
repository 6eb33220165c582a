"""Deny assignments are deployed by templates; a client cannot make one."""

import uuid

from roles import AUTHORIZATION, grant
from sandbox import ARM
from stories import story
from templates import Deployment, resource, template


def denial(scope, principal, name):
    return resource("Microsoft.Authorization/denyAssignments", name, scope=scope, properties={
        "denyAssignmentName": "nobody deletes", "permissions": [{"actions": ["Microsoft.KeyVault/vaults/delete"]}],
        "principals": [{"id": principal, "type": "ServicePrincipal"}]})


def test_a_template_makes_one_and_says_so_again(sandbox):
    vault = sandbox.create_vault()
    identity = sandbox.create_identity()
    grant(sandbox, vault.path, "Owner", identity["oid"])
    token = sandbox.imds_token(ARM, client_id=identity["client_id"])
    id_, name = vault.resource["id"], str(uuid.uuid4())
    what = template([denial(id_, identity["oid"], name)])
    deployment = Deployment(sandbox, group=vault.path.split("/")[2])
    deployment.deploy(what)
    error = sandbox.arm("DELETE", vault.path, token=token).ok(403).error()
    assert error["code"] == "DenyAssignmentAuthorizationFailed" and name in error["message"]
    deployment.deploy(what, status=200)
    made = sandbox.arm("GET", f"{id_}{AUTHORIZATION}/denyAssignments/{name}").ok().json()
    assert made["properties"]["denyAssignmentName"] == "nobody deletes"


@story("DenyAssignments_Create")
def test_a_client_cannot(sandbox):
    vault = sandbox.create_vault()
    path = f"{vault.path}{AUTHORIZATION}/denyAssignments/{uuid.uuid4()}"
    body = {"properties": denial(vault.resource["id"], sandbox.admin_oid, "x")["properties"]}
    assert sandbox.arm("PUT", path, body).ok(405).error()["code"] == "MethodNotAllowed"
