"""az keyvault: vaults and their life, policies, firewall, and what az prints when it is refused."""

import pytest
from sandbox import LOCATION

ADDRESS = "203.0.113.7/32"


@pytest.fixture
def own_vault(az, sandbox, group):
    """A vault of this test's own, with access policies and nobody in them."""
    name = sandbox.unique("az-")
    az("keyvault", "create", "--name", name, "--resource-group", group, "--location", LOCATION,
       "--enable-rbac-authorization", "false", "--no-self-perms")
    return name


class TestCreate:
    def test_roles_are_what_a_new_vault_goes_by(self, az, sandbox, group):
        made = az("keyvault", "create", "--name", sandbox.unique("az-"), "--resource-group", group)
        assert made["location"] == LOCATION  # the group's
        properties = made["properties"]
        assert properties["enableRbacAuthorization"] is True and properties["accessPolicies"] == []
        assert (properties["enableSoftDelete"], properties["softDeleteRetentionInDays"]) == (True, 90)
        assert properties["provisioningState"] == "Succeeded"

    def test_an_access_policy_for_oneself(self, az, sandbox, group):
        """az asks Graph who it is."""
        made = az("keyvault", "create", "--name", sandbox.unique("az-"), "--resource-group", group,
                  "--enable-rbac-authorization", "false", "--enable-purge-protection", "--retention-days", "7")
        policy, = made["properties"]["accessPolicies"]
        assert policy["objectId"] == sandbox.admin_oid and policy["permissions"]["keys"] == ["all"]
        assert made["properties"]["enablePurgeProtection"] is True
        assert made["properties"]["softDeleteRetentionInDays"] == 7

    def test_sku_network_and_tags(self, az, sandbox, group):
        made = az("keyvault", "create", "--name", sandbox.unique("az-"), "--resource-group", group, "--sku", "premium",
                  "--default-action", "Deny", "--bypass", "None", "--network-acls-ips", ADDRESS, "--tags", "a=b")
        assert made["properties"]["sku"]["name"] == "premium" and made["tags"] == {"a": "b"}
        acls = made["properties"]["networkAcls"]
        assert (acls["bypass"], acls["defaultAction"]) == ("None", "Deny")
        assert [r["value"] for r in acls["ipRules"]] == [ADDRESS]


class TestRead:
    def test_show_and_list(self, az, group, own_vault):
        shown = az("keyvault", "show", "--name", own_vault)
        assert shown == az("keyvault", "show", "--name", own_vault, "--resource-group", group)
        assert shown["properties"]["vaultUri"] == f"https://{own_vault}.{az.env['SANDVAULT_VAULT_SUFFIX']}/"
        assert own_vault in [v["name"] for v in az("keyvault", "list")]
        assert own_vault in [v["name"] for v in az("keyvault", "list", "--resource-group", group)]
        az("keyvault", "wait", "--name", own_vault, "--created", "--interval", "1")

    def test_is_a_name_free(self, az):
        """Whatever kind it is asked about, the az of today asks about managed HSMs, and there are none."""
        assert az("keyvault", "check-name", "--name", "never-seen")["nameAvailable"] is True
        wrong = az("keyvault", "check-name", "--name", "1-")
        assert (wrong["nameAvailable"], wrong["reason"]) == (False, "AccountNameInvalid")


class TestUpdate:
    def test_settings(self, az, own_vault):
        words = ("keyvault", "update", "--name", own_vault)
        got = az(*words, "--enabled-for-deployment", "true", "--enabled-for-template-deployment", "true")["properties"]
        assert (got["enabledForDeployment"], got["enabledForTemplateDeployment"]) == (True, True)
        assert az(*words, "--default-action", "Deny", "--bypass", "AzureServices")["properties"]["networkAcls"][
            "defaultAction"] == "Deny"
        assert az(*words, "--public-network-access", "Disabled")["properties"]["publicNetworkAccess"] == "Disabled"
        assert az(*words, "--enable-rbac-authorization", "true")["properties"]["enableRbacAuthorization"] is True
        assert az(*words, "--set", "tags.a=b")["tags"] == {"a": "b"}

    def test_policies(self, az, group, own_vault, identity):
        of = ("--name", own_vault, "--object-id", identity["principalId"])
        made = az("keyvault", "set-policy", *of, "--key-permissions", "get", "unwrapKey", "wrapKey")
        policy, = made["properties"]["accessPolicies"]
        assert sorted(policy["permissions"]["keys"]) == ["get", "unwrapKey", "wrapKey"]
        assert az("keyvault", "delete-policy", *of, "--resource-group", group)["properties"]["accessPolicies"] == []
        assert "No matching policies found" in az.refused("keyvault", "delete-policy", *of)

    def test_a_policy_by_application(self, az, own_vault, identity):
        """--spn: a name that Graph knows."""
        words = ("--name", own_vault, "--spn", identity["clientId"])
        made = az("keyvault", "set-policy", *words, "--key-permissions", "get")
        assert [p["objectId"] for p in made["properties"]["accessPolicies"]] == [identity["principalId"]]
        assert az("keyvault", "delete-policy", *words)["properties"]["accessPolicies"] == []

    def test_network_rules(self, az, own_vault):
        words = ("--name", own_vault, "--ip-address", ADDRESS)
        assert az("keyvault", "network-rule", "add", *words)["properties"]["networkAcls"]["ipRules"] == [
            {"value": ADDRESS}]
        assert az("keyvault", "network-rule", "list", "--name", own_vault)["ipRules"] == [{"value": ADDRESS}]
        az("keyvault", "network-rule", "remove", *words)
        assert not (az("keyvault", "network-rule", "list", "--name", own_vault) or {}).get("ipRules")


class TestSoftDelete:
    def test_a_life(self, az, own_vault):
        az("keyvault", "delete", "--name", own_vault)
        assert own_vault in [v["name"] for v in az("keyvault", "list-deleted")]
        assert own_vault in [v["name"] for v in az("keyvault", "list-deleted", "--resource-type", "vault")]
        gone = az("keyvault", "show-deleted", "--name", own_vault)
        assert gone["properties"]["vaultId"].endswith("/" + own_vault)
        back = az("keyvault", "recover", "--name", own_vault)
        assert (back["name"], back["properties"]["provisioningState"]) == (own_vault, "Succeeded")
        az("keyvault", "delete", "--name", own_vault)
        az("keyvault", "purge", "--name", own_vault)
        assert own_vault not in [v["name"] for v in az("keyvault", "list-deleted")]

    def test_what_purge_protection_refuses(self, az, group, own_vault):
        az("keyvault", "update", "--name", own_vault, "--enable-purge-protection", "true")
        said = az.refused("keyvault", "update", "--name", own_vault, "--enable-purge-protection", "false")
        assert '(BadRequest) The property "enablePurgeProtection" cannot be set to false.' in said
        az("keyvault", "delete", "--name", own_vault)
        said = az.refused("keyvault", "purge", "--name", own_vault)
        assert "(MethodNotAllowed) Operation 'DeletedVaultPurge' is not allowed." in said
        said = az.refused("keyvault", "create", "--name", own_vault, "--resource-group", group)
        assert "(ConflictError) A vault with the same name already exists in deleted state." in said


class TestRefused:
    def test_what_is_not_there(self, az, group):
        said = az.refused("keyvault", "show", "--name", "nobody", "--resource-group", group)
        assert "(ResourceNotFound) The Resource 'Microsoft.KeyVault/vaults/nobody' under resource group" in said
        assert "(ResourceGroupNotFound)" in az.refused("keyvault", "create", "--name", "nobody", "--resource-group", "no")
        assert "(VaultNotFound)" in az.refused("keyvault", "key", "list", "--vault-name", "nobody")

    def test_without_a_policy(self, az, sandbox, own_vault):
        said = az.refused("keyvault", "key", "list", "--vault-name", own_vault)
        assert "(Forbidden) The user, group or application 'appid=" in said
        assert f"oid={sandbox.admin_oid};" in said and "does not have keys list permission" in said
        assert '"code": "AccessDenied"' in said

    def test_without_a_role(self, az, sandbox, group):
        name = sandbox.unique("az-")
        az("keyvault", "create", "--name", name, "--resource-group", group)
        said = az.refused("keyvault", "key", "create", "--vault-name", name, "--name", "k")
        assert "(Forbidden) Caller is not authorized to perform action on resource." in said
        assert '"code": "ForbiddenByRbac"' in said
        assert "--enable-rbac-authorization" in az.refused(
            "keyvault", "set-policy", "--name", name, "--object-id", sandbox.admin_oid, "--key-permissions", "get")

    def test_by_the_firewall(self, az, sandbox, own_vault):
        az("keyvault", "set-policy", "--name", own_vault, "--object-id", sandbox.admin_oid, "--key-permissions", "all")
        az("keyvault", "update", "--name", own_vault, "--default-action", "Deny")
        said = az.refused("keyvault", "key", "list", "--vault-name", own_vault)
        assert "(Forbidden) Client address is not authorized and caller is not a trusted service." in said
        assert '"code": "ForbiddenByFirewall"' in said
