"""az as a client of this cloud: signing in, clouds, accounts, tokens."""

import json

import pytest
from client import Az
from sandbox import jwt_parts

ARM_AUDIENCE = "https://management.core.windows.net/"


def cloud_of(az, **suffixes):
    """A cloud's description as --cloud-config wants it, from the variables alone."""
    arm, login = az.env["SANDVAULT_ARM"], az.env["SANDVAULT_LOGIN"]
    return json.dumps({
        "endpoints": {
            "resourceManager": arm, "management": arm, "activeDirectory": login + "/adfs",
            "activeDirectoryResourceId": ARM_AUDIENCE, "activeDirectoryGraphResourceId": login + "/",
            "microsoftGraphResourceId": login + "/",
        },
        "suffixes": suffixes,
    })


class TestCloud:
    def test_the_variables_name_the_cloud(self, az):
        cloud = az("cloud", "show")
        assert (cloud["name"], cloud["isActive"]) == ("Sandvault", True)
        assert cloud["endpoints"]["resourceManager"] == az.env["SANDVAULT_ARM"]
        assert cloud["endpoints"]["microsoftGraphResourceId"] == az.env["SANDVAULT_LOGIN"] + "/"
        assert cloud["suffixes"]["keyvaultDns"] == "." + az.env["SANDVAULT_VAULT_SUFFIX"]
        assert cloud["suffixes"]["acrLoginServerEndpoint"].startswith(".azurecr.localhost")
        assert [c["name"] for c in az("cloud", "list") if c["isActive"]] == ["Sandvault"]

    def test_register_by_the_address_of_the_control_plane(self, stranger):
        del stranger.env["ARM_CLOUD_METADATA_URL"]
        stranger("cloud", "register", "--name", "Mine", "--endpoint-resource-manager", stranger.env["SANDVAULT_ARM"])
        cloud = stranger("cloud", "show", "--name", "Mine")
        assert cloud["suffixes"]["keyvaultDns"] == "." + stranger.env["SANDVAULT_VAULT_SUFFIX"]
        stranger("cloud", "set", "--name", "Mine")
        stranger.login()
        assert stranger("account", "show")["environmentName"] == "Mine"
        assert stranger("group", "show", "--name", "sandbox")["name"] == "sandbox"
        stranger("logout")
        stranger("cloud", "set", "--name", "AzureCloud")
        stranger("cloud", "unregister", "--name", "Mine")
        assert "Mine" not in [c["name"] for c in stranger("cloud", "list")]

    def test_register_by_a_description(self, stranger):
        del stranger.env["ARM_CLOUD_METADATA_URL"]
        described = cloud_of(stranger, keyvaultDns="." + stranger.env["SANDVAULT_VAULT_SUFFIX"],
                             acrLoginServerEndpoint=".azurecr.localhost")
        stranger("cloud", "register", "--name", "Mine", "--cloud-config", described)
        stranger("cloud", "update", "--name", "Mine", "--endpoint-gallery", "https://localhost/gallery")
        stranger("cloud", "set", "--name", "Mine")
        stranger.login()
        assert stranger("group", "exists", "--name", "sandbox") is True


class TestServicePrincipal:
    def test_sign_in_and_out(self, stranger):
        account, = stranger.login()
        assert account["id"] == stranger.env["SANDVAULT_SUBSCRIPTION"]
        assert account["tenantId"] == stranger.env["SANDVAULT_TENANT"]
        assert account["user"] == {"name": stranger.env["AZURE_CLIENT_ID"], "type": "servicePrincipal"}
        stranger("logout")
        assert "az login" in stranger.refused("account", "show")

    def test_a_wrong_secret(self, stranger):
        said = stranger.refused("login", "--service-principal", "-u", stranger.env["AZURE_CLIENT_ID"], "-p", "wrong",
                                "--tenant", stranger.env["SANDVAULT_TENANT"])
        assert "AADSTS7000215: Invalid client secret provided." in said

    def test_an_unknown_application(self, stranger):
        said = stranger.refused("login", "--service-principal", "-u", "11111111-1111-1111-1111-111111111111", "-p", "x",
                                "--tenant", stranger.env["SANDVAULT_TENANT"])
        assert "AADSTS700016" in said


class TestManagedIdentity:
    def test_system_assigned(self, stranger):
        """A new identity may see no subscription."""
        assert "no subscriptions were found" in stranger.refused("login", "--identity")
        account, = stranger("login", "--identity", "--allow-no-subscriptions")
        assert account["user"]["assignedIdentityInfo"] == "MSI"
        token = stranger("account", "get-access-token")["accessToken"]
        assert jwt_parts(token)[1]["xms_mirid"].endswith("/virtualMachines/devbox")

    @pytest.mark.parametrize("flag, member, prefix", [
        ("--client-id", "clientId", "MSIClient"),
        ("--object-id", "principalId", "MSIObject"),
        ("--resource-id", "id", "MSIResource"),
    ])
    def test_user_assigned(self, stranger, identity, flag, member, prefix):
        account, = stranger("login", "--identity", flag, identity[member], "--allow-no-subscriptions")
        assert account["user"]["assignedIdentityInfo"] == f"{prefix}-{identity[member]}"
        token = stranger("account", "get-access-token")["accessToken"]
        assert jwt_parts(token)[1]["oid"] == identity["principalId"]

    def test_by_imds_alone(self, sandbox, identity, tmp_path):
        """Without the App Service pair az asks IMDS, where AZURE_POD_IDENTITY_AUTHORITY_HOST says it is."""
        az = Az(sandbox, config=tmp_path / "azure")
        del az.env["IDENTITY_ENDPOINT"], az.env["IDENTITY_HEADER"]
        account, = az("login", "--identity", "--client-id", identity["clientId"], "--allow-no-subscriptions")
        assert account["user"]["name"] == "userAssignedIdentity"

    def test_an_unknown_identity(self, stranger):
        said = stranger.refused("login", "--identity", "--client-id", "11111111-1111-1111-1111-111111111111")
        assert "No User Assigned or Delegated Managed Identity found" in said


class TestAccount:
    def test_show_and_list(self, az):
        account = az("account", "show")
        assert (account["name"], account["state"], account["isDefault"]) == ("Sandvault", "Enabled", True)
        assert [a["id"] for a in az("account", "list", "--refresh")] == [account["id"]]
        az("account", "set", "--subscription", account["id"])
        assert "westeurope" in [l["name"] for l in az("account", "list-locations")]

    @pytest.mark.parametrize("words, audience", [
        ((), ARM_AUDIENCE),
        (("--resource", "https://vault.azure.net"), "https://vault.azure.net"),
        (("--scope", "https://vault.azure.net/.default"), "https://vault.azure.net"),
    ])
    def test_tokens(self, az, words, audience):
        got = az("account", "get-access-token", *words)
        assert got["tokenType"] == "Bearer" and got["tenant"] == az.env["SANDVAULT_TENANT"]
        assert jwt_parts(got["accessToken"])[1]["aud"].rstrip("/") == audience.rstrip("/")

    def test_a_request_of_ones_own(self, az):
        got = az("rest", "--method", "get", "--url", "/subscriptions?api-version=2022-12-01")
        assert [s["subscriptionId"] for s in got["value"]] == [az.env["SANDVAULT_SUBSCRIPTION"]]
