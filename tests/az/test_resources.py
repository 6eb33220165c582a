"""Groups, identities, the generic list, providers, roles."""

import pytest
from sandbox import LOCATION

CRYPTO_USER = "Key Vault Crypto Service Encryption User"


class TestGroup:
    def test_a_life(self, az, sandbox):
        name = sandbox.unique("az-")
        assert az("group", "exists", "--name", name) is False
        made = az("group", "create", "--name", name, "--location", LOCATION, "--tags", "a=b")
        assert made["id"] == f"/subscriptions/{az.env['SANDVAULT_SUBSCRIPTION']}/resourceGroups/{name}"
        assert made["properties"]["provisioningState"] == "Succeeded"
        assert az("group", "exists", "--name", name) is True
        assert az("group", "show", "--name", name) == made
        assert made in az("group", "list")
        assert az("group", "update", "--name", name, "--set", "tags.c=d")["tags"] == {"a": "b", "c": "d"}
        az("group", "delete", "--name", name, "--yes")
        assert az("group", "exists", "--name", name) is False

    @pytest.mark.parametrize("words, code", [
        (("show", "--name", "nobody"), "ResourceGroupNotFound"),
        (("delete", "--yes", "--name", "nobody"), "ResourceGroupNotFound"),
        (("create", "--location", LOCATION, "--name", "x y"), "InvalidResourceGroup"),
    ])
    def test_refused(self, az, words, code):
        said = az.refused("group", *words)
        assert f"ERROR: ({code}) " in said and f"\nCode: {code}\n" in said


class TestIdentity:
    def test_a_life(self, az, sandbox, group):
        name = sandbox.unique("az-id-")
        made = az("identity", "create", "--name", name, "--resource-group", group, "--tags", "a=b")
        assert made["location"] == LOCATION and made["tags"] == {"a": "b"}
        assert len({made["clientId"], made["principalId"], made["tenantId"]}) == 3
        assert "/resourcegroups/" in made["id"]
        assert az("identity", "show", "--name", name, "--resource-group", group)["id"] == made["id"]
        assert az("identity", "show", "--ids", made["id"])["clientId"] == made["clientId"]
        assert made["id"] in [i["id"] for i in az("identity", "list", "--resource-group", group)]
        assert made["id"] in [i["id"] for i in az("identity", "list")]
        az("identity", "delete", "--name", name, "--resource-group", group)
        said = az.refused("identity", "show", "--name", name, "--resource-group", group)
        assert "(ResourceNotFound) The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/" in said

    def test_federated_credentials(self, az, group, identity):
        of = ("--identity-name", identity["name"], "--resource-group", group)
        issuer, subject = "https://issuer.example", "system:serviceaccount:ns:sa"
        words = (*of, "--issuer", issuer, "--subject", subject, "--audiences", "api://AzureADTokenExchange")
        made = az("identity", "federated-credential", "create", "--name", "fic", *words)
        assert (made["issuer"], made["subject"]) == (issuer, subject)
        assert made["audiences"] == ["api://AzureADTokenExchange"]
        assert az("identity", "federated-credential", "show", "--name", "fic", *of) == made
        assert az("identity", "federated-credential", "list", *of) == [made]
        changed = az("identity", "federated-credential", "update", "--name", "fic", *words[:-3], subject + "2", *words[-2:])
        assert changed["subject"] == subject + "2"
        az("identity", "federated-credential", "delete", "--name", "fic", *of, "--yes")
        assert az("identity", "federated-credential", "list", *of) == []


class TestResource:
    def test_list(self, az, group, vault, identity):
        def names(*words):
            return {r["name"] for r in az("resource", "list", *words)}

        assert {vault, identity["name"], "devbox"} <= names()
        assert {vault, identity["name"]} <= names("--resource-group", group)
        assert "devbox" not in names("--resource-group", group)
        found = names("--resource-type", "Microsoft.KeyVault/vaults", "--resource-group", group)
        assert vault in found and identity["name"] not in found
        assert names("--name", vault, "--location", LOCATION) == {vault}

    def test_show(self, az, group, vault, identity):
        got = az("resource", "show", "--resource-group", group, "--name", vault, "--resource-type",
                 "Microsoft.KeyVault/vaults")
        assert got["properties"]["vaultUri"] == f"https://{vault}.{az.env['SANDVAULT_VAULT_SUFFIX']}/"
        assert az("resource", "show", "--ids", got["id"])["id"] == got["id"]
        assert az("resource", "show", "--ids", identity["id"])["properties"]["clientId"] == identity["clientId"]
        devbox = az("resource", "show", "--resource-group", "sandbox", "--name", "devbox", "--resource-type",
                    "Microsoft.Compute/virtualMachines")
        assert "SystemAssigned" in devbox["identity"]["type"]

    def test_refused(self, az, group):
        said = az.refused("resource", "show", "--resource-group", group, "--name", "x", "--resource-type",
                          "Microsoft.Storage/storageAccounts")
        assert "(InvalidResourceNamespace)" in said
        assert "Sandvault does not imitate it" in az.refused("storage", "account", "list")


class TestProvider:
    @pytest.mark.parametrize("namespace", [
        "Microsoft.KeyVault", "Microsoft.ManagedIdentity", "Microsoft.ContainerRegistry", "Microsoft.Authorization",
        "Microsoft.Resources"])
    def test_show_and_register(self, az, namespace):
        az("provider", "register", "--namespace", namespace)
        got = az("provider", "show", "--namespace", namespace)
        assert (got["namespace"], got["registrationState"]) == (namespace, "Registered")
        assert all(t["apiVersions"] for t in got["resourceTypes"])

    def test_list(self, az):
        assert "Microsoft.KeyVault" in [p["namespace"] for p in az("provider", "list")]
        assert "(InvalidResourceNamespace)" in az.refused("provider", "show", "--namespace", "Microsoft.Nothing")


class TestRoles:
    def test_definitions(self, az, sandbox):
        role, = az("role", "definition", "list", "--name", CRYPTO_USER)
        assert "Microsoft.KeyVault/vaults/keys/wrap/action" in role["permissions"][0]["dataActions"]
        assert az("role", "definition", "list", "--name", "no such role") == []
        name = sandbox.unique("Key readers ")
        scope = "/subscriptions/" + az.env["SANDVAULT_SUBSCRIPTION"]
        made = az("role", "definition", "create", "--role-definition", (
            f'{{"Name": "{name}", "Description": "d", "Actions": [], "DataActions": '
            f'["Microsoft.KeyVault/vaults/keys/read"], "AssignableScopes": ["{scope}"]}}'))
        assert (made["roleName"], made["roleType"]) == (name, "CustomRole")
        assert [r["name"] for r in az("role", "definition", "list", "--custom-role-only", "true")].count(made["name"]) == 1
        az("role", "definition", "delete", "--name", name)
        assert az("role", "definition", "list", "--name", name) == []

    def test_assignments_at_each_scope(self, az, vault, group, identity):
        """At a key, its vault, its group: what is listed at a scope is what holds there."""
        at_vault = az("keyvault", "show", "--name", vault)["id"]
        scopes = [at_vault + "/keys/kek", at_vault, at_vault.partition("/providers/")[0]]
        for scope in scopes:
            made = az("role", "assignment", "create", "--assignee-object-id", identity["principalId"],
                      "--assignee-principal-type", "ServicePrincipal", "--role", CRYPTO_USER, "--scope", scope)
            assert (made["scope"], made["principalId"]) == (scope, identity["principalId"])
            listed, = az("role", "assignment", "list", "--scope", scope, "--assignee-object-id",
                         identity["principalId"], "--fill-principal-name", "false")
            assert listed["roleDefinitionName"] == CRYPTO_USER
            az("role", "assignment", "delete", "--ids", made["id"])
        assert az("role", "assignment", "list", "--all", "--assignee-object-id", identity["principalId"],
                  "--fill-principal-name", "false") == []

    def test_names_of_assignees(self, az, vault, identity):
        """By object id, as the tutorial has it, and by client id: both cost a question to Graph."""
        scope = az("keyvault", "show", "--name", vault)["id"]
        for assignee in (identity["principalId"], identity["clientId"]):
            made = az("role", "assignment", "create", "--assignee", assignee, "--role", CRYPTO_USER, "--scope", scope)
            assert (made["principalId"], made["principalType"]) == (identity["principalId"], "ServicePrincipal")
            listed, = az("role", "assignment", "list", "--scope", scope, "--assignee", assignee)
            assert listed["principalName"] in (identity["clientId"], identity["name"])
            az("role", "assignment", "delete", "--assignee", assignee, "--role", CRYPTO_USER, "--scope", scope)
            assert az("role", "assignment", "list", "--scope", scope, "--assignee", assignee) == []

    def test_refused(self, az, vault, identity):
        scope = az("keyvault", "show", "--name", vault)["id"]
        nobody = "11111111-1111-1111-1111-111111111111"
        said = az.refused("role", "assignment", "create", "--assignee-object-id", nobody, "--role", "Reader", "--scope",
                          scope)
        assert f"(PrincipalNotFound) Principal {nobody.replace('-', '')} does not exist in the directory" in said
        assert "Cannot find user or service principal in graph database" in az.refused(
            "role", "assignment", "create", "--assignee", "nobody", "--role", "Reader", "--scope", scope)
        assert "Role 'Nonsense' doesn't exist." in az.refused(
            "role", "assignment", "create", "--assignee-object-id", identity["principalId"],
            "--assignee-principal-type", "ServicePrincipal", "--role", "Nonsense", "--scope", scope)
