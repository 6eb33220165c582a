"""The operations of a deployment, by both paths that clients know for them."""

from stories import story

TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [{
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "deployed",
        "location": "[resourceGroup().location]"}],
}


@story("DeploymentOperations_List", "DeploymentOperations_Get", "DeploymentOperations_ListByResourceGroup",
       "DeploymentOperations_GetByResourceGroup")
def test_operations_by_both_paths(sandbox):
    group = sandbox.create_group()
    at = "{sub}/resourcegroups/" + group
    name = "deployments/first"
    body = {"properties": {"mode": "Incremental", "template": TEMPLATE}}
    made = sandbox.arm("PUT", f"{at}/providers/Microsoft.Resources/{name}", body)
    assert made.status in (200, 201), repr(made)
    first, second = (
        sandbox.arm("GET", path).ok().json()["value"]
        for path in (f"{at}/providers/Microsoft.Resources/{name}/operations", f"{at}/{name}/operations"))
    assert first == second and first
    one = first[0]["operationId"]
    for path in (f"{at}/providers/Microsoft.Resources/{name}/operations/{one}", f"{at}/{name}/operations/{one}"):
        assert sandbox.arm("GET", path).ok().json() == first[0]
        sandbox.arm("GET", path + "0").ok(404)
