"""az deployment group: templates as people write them, with comments and all."""

import json

import pytest

TEMPLATE = """{
  // What a parser of plain JSON would not take: az sends a template's text as it stands.
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"name": {"type": "string"}, "tag": {"type": "string", "defaultValue": "none"}},
  "resources": [{
    "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "apiVersion": "2023-01-31",
    "name": "[parameters('name')]",
    "location": "[resourceGroup().location]",
    "tags": {"t": "[parameters('tag')]"} /* and so on */
  }],
  "outputs": {"client": {"type": "string", "value": "[reference(parameters('name')).clientId]"}}
}
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "identity.json"
    path.write_text(TEMPLATE)
    return path


def words(command, group, template, *parameters):
    return ("deployment", "group", command, "--resource-group", group, "--template-file", template,
            *(["--parameters", *parameters] if parameters else []))


def test_a_life(az, sandbox, group, template):
    name = sandbox.unique("az-id-")
    valid = az(*words("validate", group, template, f"name={name}"))
    assert valid["properties"]["provisioningState"] == "Succeeded"
    made = az(*words("create", group, template, f"name={name}", "tag=x"), "--name", name)
    assert made["properties"]["provisioningState"] == "Succeeded"
    identity = az("identity", "show", "--name", name, "--resource-group", group)
    assert identity["tags"] == {"t": "x"}
    assert made["properties"]["outputs"]["client"]["value"] == identity["clientId"]
    assert az("deployment", "group", "show", "--resource-group", group, "--name", name)["id"] == made["id"]
    assert name in [d["name"] for d in az("deployment", "group", "list", "--resource-group", group)]
    operations = az("deployment", "operation", "group", "list", "--resource-group", group, "--name", name)
    assert identity["id"].lower() in [(o["properties"]["targetResource"] or {}).get("id", "").lower() for o in operations]
    az("deployment", "group", "delete", "--resource-group", group, "--name", name)
    assert name not in [d["name"] for d in az("deployment", "group", "list", "--resource-group", group)]


def test_parameters_of_a_file(az, sandbox, group, template, tmp_path):
    name = sandbox.unique("az-id-")
    path = tmp_path / "parameters.json"
    path.write_text(json.dumps({"parameters": {"name": {"value": name}}}))
    az(*words("create", group, template, f"@{path}"))
    assert az("identity", "show", "--name", name, "--resource-group", group)["tags"] == {"t": "none"}


def test_what_would_change(az, sandbox, group, template):
    said = az(*words("what-if", group, template, f"name={sandbox.unique('az-id-')}"), "--no-pretty-print")
    assert said["status"] == "Succeeded"


@pytest.mark.parametrize("broken, code", [
    (("concat(", "no_such_function("), "InvalidTemplate"),
    (("[parameters('name')]", "[parameters('nobody')]"), "InvalidTemplate"),
])
def test_refused(az, group, tmp_path, broken, code):
    path = tmp_path / "broken.json"
    path.write_text(TEMPLATE.replace("[parameters('name')]", "[concat(parameters('name'))]", 1).replace(*broken)
                    if broken[0] == "concat(" else TEMPLATE.replace(*broken))
    assert code in az.refused(*words("create", group, path, "name=x"))


def test_a_parameter_is_missing(az, group, template):
    assert "Missing input parameters: name" in az.refused(*words("create", group, template))
