"""The vault's firewall: addresses, subnets, trusted services, no public access; rules as the resource shows them."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from control import Control
from roles import grant, revoke
from sandbox import ALL_KEY_PERMISSIONS, ARM, TIMEOUT_S, Headers, Response, jwt_parts, split_url
from stories import story

IN, OUT = "127.0.0.5", "127.0.0.6"
VM = "{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox"
SUBNET = ("/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/Net/providers/Microsoft.Network/"
          "virtualNetworks/Vnet/subnets/Front")


def acls(*addresses, action="Deny", bypass="AzureServices", subnets=()):
    return {"bypass": bypass, "defaultAction": action, "ipRules": [{"value": a} for a in addresses],
            "virtualNetworkRules": [{"id": s} for s in subnets]}


def ask(vault, source=IN, path="/keys", token=None, headers=()):
    """GET with a connection from that address of this machine."""
    sandbox, url = vault.sandbox, f"{vault.url}{path}?api-version=7.5"
    for watch in sandbox.watchers:
        watch(sandbox, "GET", url)
    connection = sandbox.connection(url)
    to = "::1" if ":" in source else "127.0.0.1"
    connection._dial = lambda: socket.create_connection((to, connection.port), TIMEOUT_S, (source, 0))
    connection.putrequest("GET", split_url(url)[3], skip_host=True, skip_accept_encoding=True)
    given = [("Host", vault.host), *headers]
    if token != "":
        given.append(("Authorization", f"Bearer {token or sandbox.vault_admin_token()}"))
    for name, value in given:
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    response = Response(answer.status, Headers(answer.getheaders()), answer.read())
    connection.close()
    return response


def caller_text(token):
    claims = jwt_parts(token)[1]
    text = f"appid={claims['appid']};oid={claims['oid']};iss=https://sts.windows.net/{claims['tid']}/"
    return text + "".join(f";{name}={claims[name]}" for name in ("xms_mirid", "xms_az_rid") if name in claims)


def refused(vault, source, token):
    """The body of a refusal by address, byte by byte."""
    return json.dumps({"error": {"code": "Forbidden", "message": (
        "Client address is not authorized and caller is not a trusted service.\r\n"
        f"Client address: {source}\r\nCaller: {caller_text(token)}\r\nVault: {vault.name};location={vault.location}"),
        "innererror": {"code": "ForbiddenByFirewall"}}}, separators=(",", ":")).encode()


def change(vault, **properties):
    """As az does it: read, change, write everything back."""
    body = vault.sandbox.arm("GET", vault.path).ok().json()
    body["properties"].update(properties)
    return vault.sandbox.arm("PUT", vault.path, body).ok().json()["properties"]


@story("GetKeys")
class TestAddresses:
    def test_only_those_named_come_in(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls(IN))
        ask(vault, IN).ok()
        assert ask(vault, OUT).ok(403).body == refused(vault, OUT, sandbox.vault_admin_token())
        # What the answer says of the network is the client's address.
        assert f"addr={OUT};" in ask(vault, OUT).headers["x-ms-keyvault-network-info"]

    def test_a_prefix(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls("127.0.2.0/23"))
        ask(vault, "127.0.3.255").ok()
        ask(vault, "127.0.4.0").ok(403)

    def test_IPv6(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls("::1"))
        ask(vault, "::1").ok()
        ask(vault, IN).ok(403)
        change(vault, networkAcls=acls("2001:db8::/32"))
        token = sandbox.vault_admin_token()
        assert ask(vault, "::1").ok(403).body == refused(vault, "::1", token)

    def test_allow_is_allow_whatever_the_rules(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls(IN, action="Allow", bypass="None"))
        ask(vault, OUT).ok()

    def test_changes_count_at_once(self, sandbox):
        vault = sandbox.create_vault()
        ask(vault, OUT).ok()
        change(vault, networkAcls=acls())
        ask(vault, OUT).ok(403)
        sandbox.arm("PATCH", vault.path, {"properties": {"networkAcls": acls(OUT)}}).ok()
        ask(vault, OUT).ok()
        sandbox.arm("PATCH", vault.path, {"properties": {"networkAcls": acls(action="Allow")}}).ok()
        assert "networkAcls" not in sandbox.arm("GET", vault.path).json()["properties"]
        ask(vault, IN).ok()

    def test_it_stands_behind_the_token_and_before_everything_else(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls(), policies={})
        assert ask(vault, IN, token="").ok(401).error()["code"] == "Unauthorized"
        ask(vault, IN, token="nonsense").ok(401)
        for path in ("/keys", "/keys/no$name", "/nowhere"):
            assert ask(vault, IN, path=path).ok(403).error()["innererror"]["code"] == "ForbiddenByFirewall"

    def test_the_control_plane_is_not_behind_it(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls(bypass="None"), publicNetworkAccess="Disabled")
        sandbox.arm("GET", vault.path).ok()
        sandbox.arm("PATCH", vault.path, {"tags": {"a": "b"}}).ok()
        ask(vault).ok(403)

    def test_a_thousand_rules(self, sandbox):
        rules = [f"{a}.{b}.0.0/17" for a in range(20, 24) for b in range(250)][:999]
        vault = sandbox.create_vault(networkAcls=acls(*rules, IN))
        assert len(sandbox.arm("GET", vault.path).json()["properties"]["networkAcls"]["ipRules"]) == 1000
        ask(vault, IN).ok()
        with ThreadPoolExecutor(4) as pool:
            assert {r.status for r in pool.map(lambda _: ask(vault, OUT), range(20))} == {403}


@story("GetKeys")
class TestReasons:
    """A test learns which rule let a caller in or kept it out."""

    @pytest.mark.parametrize("properties, source, reason", [
        ({"networkAcls": acls(IN)}, OUT, "net-default"),
        ({"publicNetworkAccess": "Disabled"}, IN, "net-disabled"),
        ({"publicNetworkAccess": "Disabled", "networkAcls": acls(bypass="None")}, IN, "net-disabled-no-bypass"),
    ])
    def test_in_the_audit(self, sandbox, properties, source, reason):
        vault = sandbox.create_vault(**properties)
        control = Control(sandbox)
        since = control.now()
        ask(vault, source).ok(403)
        [line] = control.audit(since, vault=vault.name)
        assert line["decision"] == {"verdict": "deny", "reason": reason}
        assert (line["callerIpAddress"], line["resultSignature"]) == (source, "Forbidden")

    def test_in_an_explanation(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls("203.0.113.0/24", IN))
        question = {"caller": "admin", "vault": vault.name, "operation": "GetKeys"}
        control = Control(sandbox)
        ask(vault, IN).ok()
        seen = {}
        for address in (IN, OUT, "203.0.113.9"):
            answer = control.explain(**question, address=address)
            [seen[address]] = [c for c in answer["considered"] if c["kind"] == "network"]
            assert answer["verdict"] == seen[address]["outcome"]
        assert (seen[IN]["because"], seen[IN]["rule"]) == ("net-ip-rule", "networkAcls/ipRules/1")
        assert (seen[OUT]["because"], seen[OUT]["outcome"]) == ("net-default", "deny")
        assert seen["203.0.113.9"]["rule"] == "networkAcls/ipRules/0"


@story("GetKeys")
class TestForwarded:
    def test_anybody_may_write_the_header(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls(IN))
        assert ask(vault, OUT, headers=[("X-Forwarded-For", IN)]).ok(403).body == refused(
            vault, OUT, sandbox.vault_admin_token())
        ask(vault, IN, headers=[("X-Forwarded-For", OUT)]).ok()

    def test_a_proxy_of_ours_is_believed(self, start_sandbox):
        sandbox = start_sandbox(vaultd_args=["--trusted-proxy", "127.0.0.7", "--trusted-proxy", "127.0.8.0/24"])
        vault = sandbox.create_vault(networkAcls=acls("198.51.100.7"))
        token = sandbox.vault_admin_token()

        def through(proxy, *values):
            return ask(vault, proxy, headers=[("X-Forwarded-For", v) for v in values])

        through("127.0.0.7", "198.51.100.7").ok()
        through("127.0.8.9", "198.51.100.7:4711").ok()
        through("127.0.0.7", "203.0.113.9, 198.51.100.7, 127.0.8.1").ok()
        # Two lines are one list: what the client sent stands first and counts for nothing.
        assert through("127.0.0.7", "198.51.100.7", "203.0.113.9").ok(403).body == refused(vault, "203.0.113.9", token)
        assert through("127.0.0.7", "198.51.100.7, 203.0.113.9").ok(403).body == refused(vault, "203.0.113.9", token)
        assert through("127.0.0.7", "198.51.100.7, unknown").ok(403).body == refused(vault, "127.0.0.7", token)
        assert through("127.0.0.7").ok(403).body == refused(vault, "127.0.0.7", token)
        assert through("127.0.9.1", "198.51.100.7").ok(403).body == refused(vault, "127.0.9.1", token)


@story("GetKeys")
class TestNoPublicAccess:
    def test_with_bypass(self, sandbox):
        vault = sandbox.create_vault(publicNetworkAccess="Disabled", networkAcls=acls(IN, action="Allow"))
        token = sandbox.vault_admin_token()
        error = ask(vault, IN).ok(403).error()
        assert error == {"code": "Forbidden", "message": (
            "Public network access is disabled and request is not from a trusted service nor via an approved private "
            f"link.\r\nCaller: {caller_text(token)}\r\nVault: {vault.name};location={vault.location}"),
            "innererror": {"code": "ForbiddenByConnection"}}
        assert change(vault, publicNetworkAccess="Enabled")["publicNetworkAccess"] == "Enabled"
        ask(vault, IN).ok()

    def test_without_bypass(self, sandbox):
        vault = sandbox.create_vault(publicNetworkAccess="Disabled", networkAcls=acls(bypass="None"))
        assert ask(vault, IN).ok(403).error() == {"code": "Forbidden", "message": (
            "Connection is not an approved private link and caller was ignored because bypass is not set to "
            "'AzureServices' and PublicNetworkAccess is set to 'Disabled'.\r\n"
            f"Vault: {vault.name};location={vault.location}"), "innererror": {"code": "ForbiddenByConnection"}}

    def test_a_patch_closes_it(self, sandbox):
        vault = sandbox.create_vault()
        sandbox.arm("PATCH", vault.path, {"properties": {"publicNetworkAccess": "disabled"}}).ok()
        assert sandbox.arm("GET", vault.path).json()["properties"]["publicNetworkAccess"] == "Disabled"
        ask(vault, IN).ok(403)
        for value in ("Perhaps", 7, True):
            sandbox.arm("PATCH", vault.path, {"properties": {"publicNetworkAccess": value}}).ok(400)


@story("GetKeys", "VirtualMachines_Update", "VirtualMachines_Get")
class TestManagedIdentities:
    """The machine "devbox" is nobody's trusted service; its identities come in by the subnet it sits in."""

    def place(self, sandbox, *subnets):
        profile = {"networkInterfaceConfigurations": [
            {"name": "nic", "properties": {"ipConfigurations": [
                {"name": "ip", "properties": {"subnet": {"id": s}}} for s in subnets]}}]}
        return sandbox.arm("PATCH", VM, {"properties": {"networkProfile": profile}}).ok().json()["properties"]

    def test_neither_kind_is_a_trusted_service(self, sandbox, identity):
        vault = sandbox.create_vault(networkAcls=acls())
        for token in (sandbox.imds_token(), sandbox.imds_token(client_id=identity["client_id"])):
            assert ask(vault, IN, token=token).ok(403).body == refused(vault, IN, token)
        # The refusal names whose identity it is and, for a user-assigned one, who asked.
        assert f";xms_mirid={identity['id']};xms_az_rid=" in ask(vault, IN, token=token).error()["message"]

    def test_the_subnet_of_the_host(self, start_sandbox):
        sandbox = start_sandbox()
        identity = sandbox.create_identity()
        system = sandbox.imds_token()
        user = sandbox.imds_token(client_id=identity["client_id"])
        oids = [jwt_parts(t)[1]["oid"] for t in (system, user)]
        vault = sandbox.create_vault(policies={oid: ["list"] for oid in oids},
                                     networkAcls=acls(bypass="None", subnets=[SUBNET]))
        for token in (system, user):
            assert ask(vault, IN, token=token).ok(403).body == refused(vault, IN, token)
        # Echoed as it was sent; compared without case.
        got = self.place(sandbox, SUBNET + "2", SUBNET.upper().replace("/SUBNETS/", "/Subnets/"))
        configurations = got["networkProfile"]["networkInterfaceConfigurations"]
        assert [c["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"] for c in configurations] == [
            SUBNET + "2", SUBNET.upper().replace("/SUBNETS/", "/Subnets/")]
        assert sandbox.arm("GET", VM).ok().json()["properties"] == got
        ask(vault, IN, token=system).ok()
        ask(vault, IN, token=user).ok()
        said = Control(sandbox).explain(caller="system", vault=vault.name, operation="GetKeys", address=IN)
        assert said["verdict"] == "allow" and said["considered"][0] == {
            "kind": "network", "rule": "networkAcls/virtualNetworkRules/0", "outcome": "allow", "because": "net-vnet-rule"}
        # Anybody else still stands outside, whatever machine the request came from.
        ask(vault, IN).ok(403)
        # What was read can be written back; other changes leave it alone.
        sandbox.arm("PATCH", VM, {"properties": {"networkProfile": got["networkProfile"]}}).ok()
        assert sandbox.arm("PATCH", VM, {"properties": {}}).ok().json()["properties"] == got
        self.place(sandbox)
        ask(vault, IN, token=system).ok(403)
        assert "networkProfile" not in sandbox.arm("GET", VM).ok().json()["properties"]

    def test_a_subnet_is_joined_by_whom_it_lets(self, sandbox):
        identity = sandbox.create_identity()
        token = sandbox.imds_token(ARM, client_id=identity["client_id"])
        here = sandbox.arm("GET", VM).ok().json()["id"]
        profile = {"networkInterfaceConfigurations": [{"properties": {"ipConfigurations": [
            {"properties": {"subnet": {"id": SUBNET}}}]}}]}
        change = {"properties": {"networkProfile": profile}}
        sandbox.arm("PATCH", VM, change, token=token).ok(403)
        grant(sandbox, VM, "Contributor", identity["oid"])
        error = sandbox.arm("PATCH", VM, change, token=token).ok(403).error()
        assert error == {"code": "LinkedAuthorizationFailed", "message": (
            f"The client '{identity['client_id']}' with object id '{identity['oid']}' has permission to perform action "
            f"'Microsoft.Compute/virtualMachines/write' on scope '{here}'; however, it does not have permission to perform "
            f"action 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '{SUBNET}' or the linked "
            "scope(s) are invalid.")}
        assert "networkProfile" not in sandbox.arm("GET", VM).ok().json()["properties"]
        # Nothing but the subnets asks for it.
        sandbox.arm("PATCH", VM, {"properties": {}}, token=token).ok()
        sandbox.arm("PATCH", VM, {"properties": {"networkProfile": {"networkInterfaceConfigurations": []}}}, token=token).ok()
        given = grant(sandbox, "{sub}", "Contributor", identity["oid"])
        sandbox.arm("PATCH", VM, change, token=token).ok()
        self.place(sandbox)
        revoke(sandbox, given)

    @pytest.mark.parametrize("profile", [
        7, [], {"networkInterfaceConfigurations": {}}, {"networkInterfaceConfigurations": [7]},
        {"networkInterfaces": [{"id": SUBNET}]},
        {"networkInterfaceConfigurations": [{"properties": {"ipConfigurations": [{}]}}]},
        {"networkInterfaceConfigurations": [{"properties": {"ipConfigurations": [
            {"properties": {"subnet": {"id": "/subscriptions/s"}}}]}}]},
        {"networkInterfaceConfigurations": [{"properties": {"ipConfigurations": [
            {"properties": {"subnet": {"id": SUBNET + str(i)}}} for i in range(9)]}}]},
        {"networkInterfaceConfigurations": [{"properties": {"ipConfigurations": [
            {"properties": {"subnet": {"id": SUBNET + "x" * 2000}}}]}}]},
    ], ids=repr)
    def test_bad_profiles(self, sandbox, vault, profile):
        before = sandbox.arm("GET", VM).ok().body
        assert sandbox.arm("PATCH", VM, {"properties": {"networkProfile": profile}}).ok(400).error()["code"]
        assert sandbox.arm("GET", VM).ok().body == before
        ask(vault).ok()


@story("Vaults_CreateOrUpdate", "Vaults_Update", "Vaults_Get")
class TestRules:
    def test_add_and_remove_as_az_does(self, sandbox):
        """network-rule add and remove are a GET and a PUT of everything."""
        vault = sandbox.create_vault()
        assert "networkAcls" not in sandbox.arm("GET", vault.path).json()["properties"]
        got = change(vault, networkAcls=acls("1.2.3.4", action="Allow"))["networkAcls"]
        # An address alone comes back as a prefix.
        assert got == acls("1.2.3.4/32", action="Allow")
        got["ipRules"].append({"value": "203.0.113.0/24"})
        got["virtualNetworkRules"].append({"id": SUBNET, "ignoreMissingVnetServiceEndpoint": True})
        got = change(vault, networkAcls=got)["networkAcls"]
        assert got["ipRules"] == [{"value": "1.2.3.4/32"}, {"value": "203.0.113.0/24"}]
        assert got["virtualNetworkRules"] == [{"id": SUBNET.lower(), "ignoreMissingVnetServiceEndpoint": True}]
        assert change(vault)["networkAcls"] == got
        got["virtualNetworkRules"] = []
        del got["ipRules"][1:]
        assert change(vault, networkAcls=got)["networkAcls"] == acls("1.2.3.4/32", action="Allow")
        assert "networkAcls" not in change(vault, networkAcls=acls(action="Allow"))

    def test_a_put_without_rules_has_none(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls(IN))
        body = sandbox.arm("GET", vault.path).json()
        del body["properties"]["networkAcls"]
        assert "networkAcls" not in sandbox.arm("PUT", vault.path, body).ok().json()["properties"]

    def test_a_patch_replaces_the_rules_or_leaves_them(self, sandbox):
        vault = sandbox.create_vault(networkAcls=acls(IN, subnets=[SUBNET]))
        before = sandbox.arm("GET", vault.path).json()["properties"]["networkAcls"]
        assert before == acls(IN + "/32", subnets=[SUBNET.lower()])
        got = sandbox.arm("PATCH", vault.path, {"properties": {"enabledForDeployment": True}}).ok().json()
        assert got["properties"]["networkAcls"] == before
        got = sandbox.arm("PATCH", vault.path, {"properties": {"networkAcls": {"defaultAction": "deny"}}}).ok().json()
        assert got["properties"]["networkAcls"] == acls()

    def test_words_and_names_compare_without_case(self, sandbox):
        sent = {"BYPASS": "none", "defaultaction": "DENY", "IpRules": [{"VALUE": IN}]}
        got = sandbox.create_vault(networkAcls=sent).resource["properties"]["networkAcls"]
        assert got == acls(IN + "/32", bypass="None")

    @pytest.mark.parametrize("rules, says", [
        ({"ipRules": [{"value": "1.2.3.4"}, {"value": "10.0.0.0/8"}]},
         "Invalid value found at properties.networkAcls.ipRules[1].value: 10.0.0.0/8 belongs to forbidden range "
         "10.0.0.0\u201310.255.255.255 (private IP addresses)"),
        ({"ipRules": [{"value": "172.20.10.5/32"}]},
         "Invalid value found at properties.networkAcls.ipRules[0].value: 172.20.10.5/32 belongs to forbidden range "
         "172.16.0.0\u2013172.31.255.255 (private IP addresses)"),
        ({"ipRules": [{"value": "192.168.0.1"}]}, "192.168.0.0\u2013192.168.255.255 (private IP addresses)"),
        ({"ipRules": [{"value": "1.2.3"}]}, "ipRules[0].value: 1.2.3 is not"),
        ({"ipRules": [{"value": "1.2.3.4/33"}]}, "1.2.3.4/33"),
        ({"ipRules": [{"value": "1.2.3.4/8"}]}, "1.2.3.4/8"),
        ({"ipRules": [{"value": "300.2.3.4"}]}, "300.2.3.4"),
        ({"ipRules": [{"value": "::1/129"}]}, "::1/129"),
        ({"ipRules": [{"value": "vault.example"}]}, "vault.example"),
        ({"ipRules": [{"value": None}]}, "ipRules[0].value"),
        ({"ipRules": [{}]}, "ipRules[0].value"),
        ({"ipRules": ["1.2.3.4"]}, "ipRules[0].value"),
        ({"ipRules": {"value": "1.2.3.4"}}, "ipRules"),
        ({"ipRules": [{"value": "1.2.3.4"}] * 1001}, "1001"),
        ({"virtualNetworkRules": [{"id": SUBNET}] * 201}, "201"),
        ({"virtualNetworkRules": [{"id": "/subscriptions/s"}]}, "virtualNetworkRules[0].id: /subscriptions/s"),
        ({"virtualNetworkRules": [{"id": SUBNET.rpartition("/subnets/")[0]}]}, "virtualNetworkRules[0].id"),
        ({"virtualNetworkRules": [{"id": SUBNET, "ignoreMissingVnetServiceEndpoint": "no"}]}, "ignoreMissing"),
        ({"virtualNetworkRules": [{}]}, "virtualNetworkRules[0].id"),
        ({"bypass": "Everybody"}, "networkAcls.bypass"), ({"defaultAction": 1}, "networkAcls.defaultAction"),
        ([], "networkAcls"), ("Deny", "networkAcls"),
    ], ids=lambda v: str(v)[:40])
    def test_refused(self, sandbox, vault, rules, says):
        body = sandbox.arm("GET", vault.path).json()
        body["properties"]["networkAcls"] = rules
        for answer in (sandbox.arm("PUT", vault.path, body),
                       sandbox.arm("PATCH", vault.path, {"properties": {"networkAcls": rules}})):
            error = answer.ok(400).error()
            assert error["code"] == "BadRequest" and says in error["message"]
        assert "networkAcls" not in sandbox.arm("GET", vault.path).json()["properties"]

    def test_the_most_there_may_be(self, sandbox):
        subnets = [SUBNET + str(i) for i in range(200)]
        vault = sandbox.create_vault(networkAcls=acls(*["1.2.3.4"] * 1000, subnets=subnets))
        got = sandbox.arm("GET", vault.path).json()["properties"]["networkAcls"]
        assert len(got["ipRules"]) == 1000 and len(got["virtualNetworkRules"]) == 200


@story("CreateKey", "GetKey")
def test_keys_behind_a_firewall(sandbox):
    """Every operation, not lists alone."""
    vault = sandbox.create_vault(policies={sandbox.admin_oid: ALL_KEY_PERMISSIONS})
    vault.create_key("k1")
    change(vault, networkAcls=acls())
    vault.kv("POST", "/keys/k2/create", {"kty": "EC"}).ok(403)
    vault.kv("GET", "/keys/k1").ok(403)
    change(vault, networkAcls=acls("127.0.0.1"))
    vault.kv("GET", "/keys/k1").ok()
    vault.kv("GET", "/keys/k2").ok(404)


@pytest.mark.parametrize("prefix", ["", "localhost", "127.0.0.1/8", "127.0.0.0/33"])
def test_bad_settings_stop_the_start(start_sandbox, prefix):
    with pytest.raises(AssertionError, match="trusted-proxy"):
        start_sandbox(vaultd_args=[f"--trusted-proxy={prefix}"])


@pytest.mark.parametrize("seconds", ["-1", "86401", "soon", ""])
def test_bad_delays_stop_the_start(start_sandbox, seconds):
    with pytest.raises(AssertionError, match="deletion-delay"):
        start_sandbox(vaultd_args=[f"--deletion-delay={seconds}"])
