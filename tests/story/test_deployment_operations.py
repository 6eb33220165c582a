"""The operations of a deployment by the older of the two paths for them, the one that az and the SDKs take."""

from stories import story
from templates import Deployment, identity, template


@story("DeploymentOperations_ListByResourceGroup", "DeploymentOperations_GetByResourceGroup")
def test_the_older_path(sandbox):
    deployment = Deployment(sandbox)
    deployment.deploy(template([identity("deployed")]))
    path = "{sub}/resourcegroups/" + deployment.group + "/deployments/" + deployment.name + "/operations"
    operations = sandbox.arm("GET", path).ok().json()["value"]
    assert operations and operations == deployment.operations()
    one = operations[0]
    assert sandbox.arm("GET", f"{path}/{one['operationId']}").ok().json() == one
    sandbox.arm("GET", path + "/0123456789ABCDEF").ok(404)
