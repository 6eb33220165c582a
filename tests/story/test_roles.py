"""Role-based access: definitions, assignments and deny assignments as clients see them, and what they change at once.

Shapes and sentences: the recordings and quotations named in fixtures/sources.md#roles.
"""

import re
import uuid

import pytest
from control import Control, Refused
from roles import AUTHORIZATION, assignment_path, builtin, grant, group_scope, put_assignment, revoke, role_id
from sandbox import ARM
from stories import story

SUB = "{sub}"
ABSENT = "99999999-9999-4999-8999-999999999999"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")
CUSTOM = {"roleName": "Unwrapper", "type": "CustomRole", "description": "Unwraps.", "assignableScopes": [SUB],
          "permissions": [{"actions": ["Microsoft.KeyVault/vaults/read"], "notActions": [],
                           "dataActions": ["Microsoft.KeyVault/vaults/keys/unwrap/action"], "notDataActions": []}]}


@pytest.fixture
def group(sandbox):
    return sandbox.create_group()


@pytest.fixture
def rbac_vault(sandbox, group):
    """A vault that asks for roles; nobody has one in it."""
    return sandbox.create_vault(group=group, policies={}, enableRbacAuthorization=True)


@pytest.fixture
def key(sandbox, rbac_vault):
    """Name of a key in that vault; who made it lost the right to."""
    maker = grant(sandbox, rbac_vault.path, "Key Vault Crypto Officer", sandbox.admin_oid)
    rbac_vault.create_key("k1", kty="RSA")
    revoke(sandbox, maker)
    return "k1"


@pytest.fixture
def token(sandbox, identity):
    """The identity's token for the control plane."""
    return sandbox.imds_token(ARM, client_id=identity["client_id"])


@pytest.fixture
def kv_token(sandbox, identity):
    return sandbox.imds_token(client_id=identity["client_id"])


def values(answer):
    return answer.ok().json()["value"]


def bare(guid):
    return guid.replace("-", "")


def of_sub(sandbox, value):
    """The value with "{sub}" filled in, as Sandbox.arm does for paths."""
    text = f"/subscriptions/{sandbox.endpoints['subscription']}"
    if isinstance(value, dict):
        return {k: of_sub(sandbox, v) for k, v in value.items()}
    if isinstance(value, list):
        return [of_sub(sandbox, v) for v in value]
    return value.replace(SUB, text) if isinstance(value, str) else value


def definitions(sandbox, query, scope=SUB, **more):
    return values(sandbox.arm("GET", f"{scope}{AUTHORIZATION}/roleDefinitions?{query}", **more))


def assignments(sandbox, scope, query="", **more):
    return values(sandbox.arm("GET", f"{scope}{AUTHORIZATION}/roleAssignments?{query}", **more))


def names(items):
    return {item["name"] for item in items}


@story("RoleDefinitions_List", "RoleDefinitions_Get")
class TestBuiltIn:
    def test_shape(self, sandbox, group):
        for scope in (SUB, group_scope(group)):
            [reader] = definitions(sandbox, "$filter=roleName%20eq%20'reader'", scope)
            guid = builtin()["Reader"]["name"]
            times = {k: reader["properties"][k] for k in ("createdOn", "updatedOn")}
            assert all(TIME.fullmatch(t) for t in times.values())
            assert reader == {
                "properties": {
                    "roleName": "Reader", "type": "BuiltInRole", "description": builtin()["Reader"]["description"],
                    "assignableScopes": ["/"],
                    "permissions": [{"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}],
                    **times, "createdBy": None, "updatedBy": None},
                "id": role_id(sandbox, "Reader"), "type": "Microsoft.Authorization/roleDefinitions", "name": guid}
            assert list(reader) == ["properties", "id", "type", "name"]
            assert list(reader["properties"]) == ["roleName", "type", "description", "assignableScopes", "permissions",
                                                  "createdOn", "updatedOn", "createdBy", "updatedBy"]

    def test_all_of_the_file_are_there(self, sandbox):
        listed = {d["properties"]["roleName"] for d in definitions(sandbox, "$filter=type%20eq%20'BuiltInRole'")}
        assert listed == set(builtin())

    @pytest.mark.parametrize("query, found", [
        ("$filter=roleName eq 'Key Vault Crypto User'", ["Key Vault Crypto User"]),
        ("$filter=ROLENAME EQ 'key vault crypto user'", ["Key Vault Crypto User"]),
        ("$filter=roleName eq 'No Such Role'", []),
        ("$filter=roleName eq 'Bob''s role'", []),
        ("$filter=roleName eq 'Reader' and type eq 'BuiltInRole'", ["Reader"]),
        ("$filter=roleName eq 'Reader' and type eq 'CustomRole'", []),
        ("$filter=atScopeAndBelow() and roleName eq 'Reader'", ["Reader"]),
        ("$filter=atScopeAndBelow%28%29 and roleName eq 'Reader'", ["Reader"]),
    ])
    def test_filters(self, sandbox, query, found):
        assert [d["properties"]["roleName"] for d in definitions(sandbox, query.replace(" ", "%20"))] == found

    @pytest.mark.parametrize("filter", ["roleName", "roleName eq Reader", "roleName eq 'Reader", "principalId eq 'x'",
                                        "atScopeAndBelow", "roleName eq 'a' or type eq 'b'", "roleName eq 'a' and"])
    def test_filters_that_are_none(self, sandbox, filter):
        answer = sandbox.arm("GET", f"{SUB}{AUTHORIZATION}/roleDefinitions?$filter=" + filter.replace(" ", "%20"))
        assert answer.ok(400).error()["code"] == "InvalidFilterInQueryString"

    def test_one_by_id(self, sandbox, group):
        guid = builtin()["Owner"]["name"]
        one = sandbox.arm("GET", role_id(sandbox, "Owner")).ok().json()
        assert one["properties"]["roleName"] == "Owner" and one["id"] == role_id(sandbox, "Owner")
        assert sandbox.arm("GET", f"{group_scope(group)}{AUTHORIZATION}/roleDefinitions/{guid.upper()}").ok().json() == one
        error = sandbox.arm("GET", role_id(sandbox, ABSENT)).ok(404).error()
        assert error == {"code": "RoleDefinitionDoesNotExist",
                         "message": f"The specified role definition with ID '{bare(ABSENT)}' does not exist."}

    @story("RoleDefinitions_CreateOrUpdate", "RoleDefinitions_Delete")
    def test_stay_as_they_are(self, sandbox):
        for method, body in (("PUT", {"properties": of_sub(sandbox, CUSTOM)}), ("DELETE", None)):
            answer = sandbox.arm(method, role_id(sandbox, "Reader"), body)
            assert answer.ok(400).error()["code"] == "RoleDefinitionUpdateNotPermitted"
        assert sandbox.arm("GET", role_id(sandbox, "Reader")).ok().json()["properties"]["roleName"] == "Reader"


@story("RoleDefinitions_CreateOrUpdate", "RoleDefinitions_Get", "RoleDefinitions_List", "RoleDefinitions_Delete")
class TestCustom:
    @pytest.fixture
    def custom(self, sandbox):
        """properties of a role of the test's own."""
        return {**of_sub(sandbox, CUSTOM), "roleName": sandbox.unique("role ")}

    def put(self, sandbox, properties, name=None, **more):
        name = name or str(uuid.uuid4())
        return name, sandbox.arm("PUT", f"{SUB}{AUTHORIZATION}/roleDefinitions/{name}", {"properties": properties}, **more)

    def test_life(self, sandbox, custom):
        name, made = self.put(sandbox, custom)
        role = made.ok(201).json()
        assert role["name"] == name and role["id"] == role_id(sandbox, name)
        assert {k: role["properties"][k] for k in custom} == custom
        assert role["properties"]["updatedBy"] == sandbox.admin_oid
        assert sandbox.arm("GET", role["id"]).ok().json() == role
        assert names(definitions(sandbox, "$filter=type%20eq%20'CustomRole'")) >= {name}
        changed = {**custom, "description": "Unwraps what was wrapped."}
        again = self.put(sandbox, changed, name)[1].ok(201).json()
        assert again["properties"]["description"] == changed["description"]
        assert again["properties"]["createdOn"] == role["properties"]["createdOn"]
        assert sandbox.arm("DELETE", role["id"]).ok().json() == again
        sandbox.arm("DELETE", role["id"]).ok(204)
        sandbox.arm("GET", role["id"]).ok(404)

    def test_names_are_unique(self, sandbox, custom):
        self.put(sandbox, custom)[1].ok(201)
        for taken in (custom["roleName"].upper(), "reader"):
            error = self.put(sandbox, {**custom, "roleName": taken})[1].ok(409).error()
            assert error == {"code": "RoleDefinitionWithSameNameExists",
                             "message": "A role definition cannot be updated with a name that already exists."}

    @pytest.mark.parametrize("change", [
        {"roleName": ""}, {"roleName": None}, {"type": "BuiltInRole"}, {"assignableScopes": []}, {"assignableScopes": ["/"]},
        {"assignableScopes": ["subscriptions"]}, {"permissions": []}, {"permissions": [{"notActions": ["*"]}]},
        {"permissions": [{"actions": "*"}]}, {"permissions": "*"}, {"permissions": [{"dataActions": [1]}]},
    ], ids=str)
    def test_what_is_no_role(self, sandbox, custom, change):
        assert self.put(sandbox, {**custom, **change})[1].ok(400).error()["code"] == "InvalidRoleDefinition"

    def test_scopes_must_be_there(self, sandbox, custom):
        other = {**custom, "assignableScopes": [f"/subscriptions/{ABSENT}"]}
        assert self.put(sandbox, other)[1].ok(404).error()["code"] == "SubscriptionNotFound"
        other = {**custom, "assignableScopes": [of_sub(sandbox, group_scope("rg-not-there"))]}
        assert self.put(sandbox, other)[1].ok(404).error()["code"] == "ResourceGroupNotFound"

    def test_of_one_group(self, sandbox, custom, group, identity):
        """It is offered, and can be assigned, where its scopes say."""
        name, made = self.put(sandbox, {**custom, "assignableScopes": [of_sub(sandbox, group_scope(group))]})
        made.ok(201)
        query = "$filter=type%20eq%20'CustomRole'"
        assert name in names(definitions(sandbox, query, group_scope(group)))
        assert name not in names(definitions(sandbox, query))
        assert name in names(definitions(sandbox, query + "%20and%20atScopeAndBelow()"))
        grant(sandbox, group_scope(group), name, identity["oid"])
        answer = put_assignment(sandbox, SUB, name, identity["oid"])[1]
        assert answer.ok(400).error()["code"] == "RoleDefinitionDoesNotExist"

    def test_stays_while_it_is_assigned(self, sandbox, custom, group, identity):
        name, made = self.put(sandbox, custom)
        given = grant(sandbox, group_scope(group), name, identity["oid"])
        answer = sandbox.arm("DELETE", made.json()["id"]).ok(400)
        assert answer.error()["code"] == "RoleDefinitionHasAssignments"
        revoke(sandbox, given)
        sandbox.arm("DELETE", made.json()["id"]).ok()

    def test_works(self, sandbox, custom, rbac_vault, key, identity, kv_token):
        """What it has and nothing else; a change is felt at once."""
        name, _ = self.put(sandbox, custom)
        grant(sandbox, rbac_vault.path, name, identity["oid"])
        wrong = rbac_vault.kv("POST", f"/keys/{key}/unwrapkey", {"alg": "RSA-OAEP", "value": "AAAA"}, token=kv_token)
        assert wrong.status == 400
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok(403)
        more = {**custom, "permissions": [{"dataActions": ["Microsoft.KeyVault/vaults/keys/*"],
                                           "notDataActions": ["Microsoft.KeyVault/vaults/keys/unwrap/action"]}]}
        self.put(sandbox, more, name)[1].ok(201)
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok()
        rbac_vault.kv("POST", f"/keys/{key}/unwrapkey", {}, token=kv_token).ok(403)

    def test_made_by_who_may_at_all_its_scopes(self, sandbox, custom, group, identity, token):
        grant(sandbox, group_scope(group), "User Access Administrator", identity["oid"])
        path = f"{group_scope(group)}{AUTHORIZATION}/roleDefinitions/{uuid.uuid4()}"
        error = sandbox.arm("PUT", path, {"properties": custom}, token=token).ok(403).error()
        assert error["code"] == "AuthorizationFailed" and "roleDefinitions/write' over scope '/subscriptions/" in error["message"]
        own = {**custom, "assignableScopes": [of_sub(sandbox, group_scope(group))]}
        sandbox.arm("PUT", path, {"properties": own}, token=token).ok(201)


@story("RoleAssignments_Create", "RoleAssignments_Get", "RoleAssignments_ListForScope", "RoleAssignments_Delete")
class TestAssignments:
    @pytest.mark.parametrize("version", ["2020-04-01-preview", "2022-04-01"])
    def test_shape(self, sandbox, group, identity, version):
        scope = of_sub(sandbox, group_scope(group))
        name, answer = put_assignment(sandbox, scope, "Reader", identity["oid"], api_version=version,
                                      principalType="ServicePrincipal")
        made = answer.ok(201).json()
        times = {k: made["properties"][k] for k in ("createdOn", "updatedOn")}
        assert all(TIME.fullmatch(t) for t in times.values())
        assert made == {
            "properties": {
                "roleDefinitionId": role_id(sandbox, "Reader"), "principalId": identity["oid"],
                "principalType": "ServicePrincipal", "scope": scope, "condition": None, "conditionVersion": None, **times,
                "createdBy": None, "updatedBy": sandbox.admin_oid, "delegatedManagedIdentityResourceId": None,
                "description": None},
            "id": f"{scope}{AUTHORIZATION}/roleAssignments/{name}", "type": "Microsoft.Authorization/roleAssignments",
            "name": name}
        assert list(made["properties"]) == [
            "roleDefinitionId", "principalId", "principalType", "scope", "condition", "conditionVersion", "createdOn",
            "updatedOn", "createdBy", "updatedBy", "delegatedManagedIdentityResourceId", "description"]
        got = sandbox.arm("GET", made["id"]).ok().json()
        assert got["properties"]["createdBy"] == sandbox.admin_oid
        assert {**got, "properties": {**got["properties"], "createdBy": None}} == made
        assert got in assignments(sandbox, group_scope(group))
        assert revoke(sandbox, made).json() == got
        sandbox.arm("DELETE", made["id"]).ok(204)
        assert sandbox.arm("GET", made["id"]).ok(404).error()["code"] == "RoleAssignmentNotFound"

    def test_scopes(self, sandbox, rbac_vault, group, identity):
        """Subscription, group, vault, single key, any resource, in any casing of the words that are Azure's."""
        machine = group_scope("sandbox") + "/providers/Microsoft.Compute/virtualMachines/devbox"
        for scope in (SUB, group_scope(group), rbac_vault.path, rbac_vault.path + "/keys/k1", machine):
            made = grant(sandbox, scope.replace("resourceGroups", "resourcegroups"), "Reader", identity["oid"])
            assert made["properties"]["scope"] == of_sub(sandbox, scope)
            assert sandbox.arm("GET", made["id"].upper()).ok().json()["name"] == made["name"]
            revoke(sandbox, made)

    def test_filters(self, sandbox, rbac_vault, group):
        """No filter and principalId: at, above and below; atScope(): at and above."""
        mine, other = sandbox.create_identity()["oid"], sandbox.create_identity()["oid"]
        scopes = {"sub": SUB, "group": group_scope(group), "vault": rbac_vault.path, "key": rbac_vault.path + "/keys/k1",
                  "elsewhere": group_scope(sandbox.create_group())}
        made = {(where, who): grant(sandbox, scope, "Reader", who)["name"]
                for where, scope in scopes.items() for who in (mine, other)}
        known = {name: pair for pair, name in made.items()}

        def found(query):
            listed = names(assignments(sandbox, scopes["vault"], query.replace(" ", "%20")))
            return {known[name] for name in listed if name in known}

        def expected(*where, who=(mine, other)):
            return {(w, p) for w in where for p in who}

        assert found("") == expected("sub", "group", "vault", "key")
        assert found("$filter=atScope()") == expected("sub", "group", "vault")
        assert found("$filter=atScope%28%29") == expected("sub", "group", "vault")
        assert found(f"$filter=principalId eq '{mine}'") == expected("sub", "group", "vault", "key", who=[mine])
        assert found(f"$filter=principalId eq '{mine.upper()}'") == expected("sub", "group", "vault", "key", who=[mine])
        assert found(f"$filter=assignedTo('{other}')") == expected("sub", "group", "vault", "key", who=[other])
        assert found(f"$filter=atScope() and assignedTo('{mine}')") == expected("sub", "group", "vault", who=[mine])
        assert found(f"$filter=principalId eq '{ABSENT}'") == set()
        for bad in (f"atScope() and principalId eq '{mine}'", "roleName eq 'x'", "atScope", "assignedTo()", "assignedTo('x"):
            answer = sandbox.arm("GET", f"{SUB}{AUTHORIZATION}/roleAssignments?$filter=" + bad.replace(" ", "%20"))
            assert answer.ok(400).error()["code"] == "InvalidFilterInQueryString", bad
        for name, (where, _) in known.items():
            sandbox.arm("DELETE", assignment_path(scopes[where], name)).ok()

    def test_the_administrator_is_an_owner(self, sandbox):
        mine = assignments(sandbox, SUB, f"$filter=atScope()%20and%20assignedTo('{sandbox.admin_oid}')")
        assert [(a["properties"]["scope"], a["properties"]["roleDefinitionId"]) for a in mine] == [
            (of_sub(sandbox, SUB), role_id(sandbox, "Owner"))]

    def test_twice(self, sandbox, group, identity):
        """The same grant under another name conflicts; under the same name it may be said again and described anew."""
        scope = group_scope(group)
        made = grant(sandbox, scope, "Reader", identity["oid"])
        error = put_assignment(sandbox, scope, "Reader", identity["oid"])[1].ok(409).error()
        assert error == {"code": "RoleAssignmentExists", "message": (
            "The role assignment already exists. The ID of the existing role assignment is " f"{bare(made['name'])}.")}
        for version, status in (("2020-04-01-preview", 201), ("2022-04-01", 200)):
            _, again = put_assignment(sandbox, scope, "Reader", identity["oid"], name=made["name"], description=version,
                                      api_version=version)
            assert again.ok(status).json()["properties"]["description"] == version
            assert again.json()["properties"]["createdOn"] == made["properties"]["createdOn"]

    def test_what_may_not_change(self, sandbox, rbac_vault, group, identity):
        made = grant(sandbox, group_scope(group), "Reader", identity["oid"])
        for scope, role, oid in ((rbac_vault.path, "Reader", identity["oid"]),
                                 (group_scope(group), "Owner", identity["oid"]),
                                 (group_scope(group), "Reader", sandbox.admin_oid)):
            error = put_assignment(sandbox, scope, role, oid, name=made["name"])[1].ok(400).error()
            assert error == {"code": "RoleAssignmentUpdateNotPermitted", "message": (
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")}

    def test_of_nobody(self, sandbox, group):
        """Without a type the principal is looked up; with one it is believed."""
        error = put_assignment(sandbox, group_scope(group), "Reader", ABSENT)[1].ok(400).error()
        assert error == {"code": "PrincipalNotFound", "message": (
            f"Principal {bare(ABSENT)} does not exist in the directory {sandbox.endpoints['tenant']}. Check that you have the "
            "correct principal ID. If you are creating this principal and then immediately assigning a role, this error might "
            "be related to a replication delay. In this case, set the role assignment principalType property to a value, such "
            "as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype")}
        _, answer = put_assignment(sandbox, group_scope(group), "Reader", ABSENT, principalType="user")
        assert answer.ok(201).json()["properties"]["principalType"] == "User"

    def test_of_somebody_else(self, sandbox, group, identity):
        _, answer = put_assignment(sandbox, group_scope(group), "Reader", identity["oid"], principalType="User")
        assert answer.ok(400).error() == {"code": "UnmatchedPrincipalType", "message": (
            f"The PrincipalId '{bare(identity['oid'])}' has type 'ServicePrincipal' , which is different from specified "
            "PrinciaplType 'User'.")}
        _, answer = put_assignment(sandbox, group_scope(group), "Reader", identity["oid"])
        assert answer.ok(201).json()["properties"]["principalType"] == "ServicePrincipal"

    def test_of_no_role(self, sandbox, group, identity):
        error = put_assignment(sandbox, group_scope(group), ABSENT, identity["oid"])[1].ok(400).error()
        assert error == {"code": "RoleDefinitionDoesNotExist",
                         "message": f"The specified role definition with ID '{bare(ABSENT)}' does not exist."}

    def test_role_ids_of_other_scopes(self, sandbox, group, identity):
        guid = builtin()["Reader"]["name"]
        body = {"properties": {"roleDefinitionId": f"{AUTHORIZATION}/roleDefinitions/{guid.upper()}",
                               "principalId": identity["oid"].upper()}}
        made = sandbox.arm("PUT", assignment_path(group_scope(group), str(uuid.uuid4())), body).ok(201).json()
        assert made["properties"]["roleDefinitionId"] == role_id(sandbox, "Reader")
        assert made["properties"]["principalId"] == identity["oid"]

    @pytest.mark.parametrize("code, body", [
        ("BadRequestFormat", {}), ("BadRequestFormat", {"properties": []}),
        ("InvalidRoleDefinitionId", {"properties": {"principalId": ABSENT}}),
        ("InvalidRoleDefinitionId", {"properties": {"roleDefinitionId": "Reader", "principalId": ABSENT}}),
        ("InvalidPrincipalId", {"properties": {"roleDefinitionId": "READER"}}),
        ("InvalidPrincipalId", {"properties": {"roleDefinitionId": "READER", "principalId": "me"}}),
        ("BadRequestFormat", {"properties": {"roleDefinitionId": "READER", "principalId": 1}}),
        ("BadRequestFormat", {"properties": {"roleDefinitionId": "READER", "principalId": ABSENT, "principalType": "Cat"}}),
        ("BadRequestFormat", {"properties": {"roleDefinitionId": "READER", "principalId": ABSENT, "condition": {}}}),
    ])
    def test_what_is_no_assignment(self, sandbox, group, code, body):
        if isinstance(body.get("properties"), dict) and body["properties"].get("roleDefinitionId") == "READER":
            body["properties"]["roleDefinitionId"] = role_id(sandbox, "Reader")
        answer = sandbox.arm("PUT", assignment_path(group_scope(group), str(uuid.uuid4())), body)
        assert answer.ok(400).error()["code"] == code

    def test_names_are_guids(self, sandbox, group, identity):
        _, answer = put_assignment(sandbox, group_scope(group), "Reader", identity["oid"], name="mine")
        assert answer.ok(400).error() == {"code": "InvalidRoleAssignmentId", "message": (
            "The role assignment ID 'mine' is not valid. The role assignment ID must be a GUID.")}

    def test_where_nothing_is(self, sandbox, group, identity):
        for scope, code in ((group_scope("rg-not-there"), "ResourceGroupNotFound"),
                            (sandbox.vault_path(group, "kv-not-there"), "ResourceNotFound")):
            assert put_assignment(sandbox, scope, "Reader", identity["oid"])[1].ok(404).error()["code"] == code
        answer = sandbox.arm("GET", f"/subscriptions/{ABSENT}{AUTHORIZATION}/roleAssignments")
        assert answer.ok(404).error()["code"] == "SubscriptionNotFound"

    def test_one_of_another_scope_is_not_there(self, sandbox, group, identity):
        """Who may delete here deletes nothing that stands elsewhere."""
        made = grant(sandbox, group_scope(group), "Reader", identity["oid"])
        elsewhere = assignment_path(group_scope(sandbox.create_group()), made["name"])
        sandbox.arm("GET", elsewhere).ok(404)
        sandbox.arm("DELETE", elsewhere).ok(204)
        sandbox.arm("GET", made["id"]).ok()

    def test_conditions_are_kept_and_grant_nothing(self, sandbox, rbac_vault, key, identity, kv_token):
        condition = {"condition": "((!(ActionMatches{'x'})))", "conditionVersion": "2.0", "description": "if"}
        made = grant(sandbox, rbac_vault.path, "Key Vault Crypto User", identity["oid"], **condition)
        assert {k: made["properties"][k] for k in condition} == condition
        assert {k: sandbox.arm("GET", made["id"]).json()["properties"][k] for k in condition} == condition
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok(403)
        put_assignment(sandbox, rbac_vault.path, "Key Vault Crypto User", identity["oid"], name=made["name"])[1].ok()
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok()

    def test_pages(self, sandbox, group):
        scope = group_scope(group)
        made = {grant(sandbox, scope, "Reader", sandbox.create_identity()["oid"])["name"] for _ in range(3)}
        seen, page = set(), sandbox.arm("GET", f"{scope}{AUTHORIZATION}/roleAssignments?$top=2").ok().json()
        while True:
            assert len(page["value"]) <= 2
            seen |= names(page["value"])
            if "nextLink" not in page:
                break
            page = sandbox.http("GET", page["nextLink"], token=sandbox.admin_token()).ok().json()
        assert seen >= made


class TestControlPlane:
    """Whose word counts where."""

    def refused(self, answer, identity, action, scope):
        error = answer.ok(403).error()
        assert answer.headers["x-ms-failure-cause"] == "gateway"
        assert error == {"code": "AuthorizationFailed", "message": (
            f"The client '{identity['client_id']}' with object id '{identity['oid']}' does not have authorization to perform "
            f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
            "your credentials.")}

    @story("Subscriptions_List", "Tenants_List", "ResourceGroups_List", "Vaults_ListBySubscription", "Resources_List",
           "UserAssignedIdentities_ListBySubscription")
    def test_without_a_role_there_is_nothing(self, sandbox, rbac_vault, identity, token):
        empty = sandbox.arm("GET", "/subscriptions", token=token).ok()
        assert empty.body == b'{"value":[],"count":{"type":"Total","value":0}}'
        assert len(values(sandbox.arm("GET", "/tenants", token=token))) == 1
        for path in ("resourcegroups", "resources", "providers/Microsoft.KeyVault/vaults",
                     "providers/Microsoft.ManagedIdentity/userAssignedIdentities"):
            assert values(sandbox.arm("GET", f"{SUB}/{path}", token=token)) == []
        self.refused(sandbox.arm("GET", SUB, token=token), identity, "Microsoft.Resources/subscriptions/read",
                     of_sub(sandbox, SUB))
        self.refused(sandbox.arm("GET", rbac_vault.path, token=token), identity, "Microsoft.KeyVault/vaults/read",
                     of_sub(sandbox, rbac_vault.path))

    @story("ResourceGroups_List", "Resources_List", "Vaults_ListBySubscription", "Subscriptions_List")
    def test_lists_show_what_may_be_read(self, sandbox, rbac_vault, group, identity, token):
        sandbox.create_vault()
        given = grant(sandbox, rbac_vault.path, "Reader", identity["oid"])
        vaults = f"{SUB}/providers/Microsoft.KeyVault/vaults"
        assert names(values(sandbox.arm("GET", vaults, token=token))) == {rbac_vault.name}
        assert names(values(sandbox.arm("GET", f"{SUB}/resources", token=token))) == {rbac_vault.name}
        assert names(values(sandbox.arm("GET", f"{SUB}/resourcegroups", token=token))) == set()
        assert len(values(sandbox.arm("GET", "/subscriptions", token=token))) == 1
        revoke(sandbox, given)
        second = sandbox.create_vault(group=group)
        grant(sandbox, group_scope(group), "Reader", identity["oid"])
        assert names(values(sandbox.arm("GET", vaults, token=token))) == {rbac_vault.name, second.name}
        assert names(values(sandbox.arm("GET", f"{SUB}/resourcegroups", token=token))) == {group}

    @story("Vaults_Get", "Vaults_Update", "ResourceGroups_Get", "ResourceGroups_Update")
    def test_a_reader_reads(self, sandbox, rbac_vault, group, identity, token):
        grant(sandbox, group_scope(group), "Reader", identity["oid"])
        sandbox.arm("GET", rbac_vault.path, token=token).ok()
        sandbox.arm("GET", group_scope(group), token=token).ok()
        self.refused(sandbox.arm("PATCH", rbac_vault.path, {"tags": {}}, token=token), identity,
                     "Microsoft.KeyVault/vaults/write", of_sub(sandbox, rbac_vault.path))
        self.refused(sandbox.arm("PATCH", group_scope(group), {"tags": {}}, token=token), identity,
                     "Microsoft.Resources/subscriptions/resourceGroups/write", of_sub(sandbox, group_scope(group)))

    @story("Vaults_CreateOrUpdate", "Vaults_Delete", "RoleAssignments_Create")
    def test_a_key_vault_contributor_makes_vaults_and_grants_nothing(self, sandbox, group, identity, token):
        grant(sandbox, group_scope(group), "Key Vault Contributor", identity["oid"])
        path = sandbox.vault_path(group, sandbox.unique("kv-"))
        body = {"location": "westeurope", "properties": {"tenantId": sandbox.endpoints["tenant"], "accessPolicies": [],
                                                         "sku": {"family": "A", "name": "standard"}}}
        sandbox.arm("PUT", path, body, token=token).ok()
        name, answer = put_assignment(sandbox, path, "Reader", identity["oid"], token=token)
        self.refused(answer, identity, "Microsoft.Authorization/roleAssignments/write",
                     of_sub(sandbox, assignment_path(path, name)))
        sandbox.arm("DELETE", path, token=token).ok()
        elsewhere = sandbox.vault_path(sandbox.create_group(), sandbox.unique("kv-"))
        sandbox.arm("PUT", elsewhere, body, token=token).ok(403)

    @story("Vaults_PurgeDeleted")
    def test_purging_wants_its_own_right_at_the_subscription(self, sandbox, group, identity, token):
        vault = sandbox.create_vault(group=group)
        sandbox.arm("DELETE", vault.path).ok()
        purge = f"{SUB}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/{vault.name}/purge"
        given = [grant(sandbox, group_scope(group), "Owner", identity["oid"])]
        given.append(grant(sandbox, SUB, "Key Vault Contributor", identity["oid"]))
        self.refused(sandbox.arm("POST", purge, token=token), identity,
                     "Microsoft.KeyVault/locations/deletedVaults/purge/action", of_sub(sandbox, purge[:-len("/purge")]))
        given.append(grant(sandbox, SUB, "Key Vault Purge Operator", identity["oid"]))
        sandbox.arm("POST", purge, token=token).ok(202)
        for one in given:
            revoke(sandbox, one)

    @pytest.mark.parametrize("role, may", [
        ("Owner", True), ("User Access Administrator", True), ("Role Based Access Control Administrator", True),
        ("Contributor", False), ("Reader", False), ("Key Vault Contributor", False), ("Key Vault Administrator", False),
        ("Key Vault Data Access Administrator", False)])
    @story("RoleAssignments_Create", "RoleAssignments_Delete")
    def test_who_assigns(self, sandbox, group, identity, token, role, may):
        """The Data Access Administrator grants under a condition only, which the sandbox cannot evaluate."""
        grant(sandbox, group_scope(group), role, identity["oid"])
        other = sandbox.create_identity()["oid"]
        name, answer = put_assignment(sandbox, group_scope(group), "Reader", other, token=token)
        assert answer.status == (201 if may else 403)
        if not may:
            name = grant(sandbox, group_scope(group), "Reader", other)["name"]
        gone = sandbox.arm("DELETE", assignment_path(group_scope(group), name), token=token)
        assert gone.status == (200 if may else 403)

    def test_a_name_cannot_reach_into_another_scope(self, sandbox, rbac_vault, group, identity, token):
        """Escapes are decoded before the scope is compared, and a slash inside a name is none of the path's."""
        grant(sandbox, group_scope(group), "Reader", identity["oid"])
        sandbox.arm("GET", rbac_vault.path.replace(group, group.replace("-", "%2D")), token=token).ok()
        inside = group_scope(group + "%2Fproviders%2FMicrosoft.KeyVault")
        assert sandbox.arm("GET", inside, token=token).ok(400).error()["code"] == "InvalidRequestUri"

    def test_revoked_at_once(self, sandbox, rbac_vault, group, identity, token):
        given = grant(sandbox, group_scope(group), "Reader", identity["oid"])
        sandbox.arm("GET", rbac_vault.path, token=token).ok()
        revoke(sandbox, given)
        sandbox.arm("GET", rbac_vault.path, token=token).ok(403)


class TestDataPlane:
    @story("GetKey", "Sign", "RoleAssignments_Create", "RoleAssignments_Delete")
    def test_granted_and_revoked_at_once(self, sandbox, rbac_vault, key, identity, kv_token):
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok(403)
        given = grant(sandbox, rbac_vault.path, "Key Vault Crypto Service Encryption User", identity["oid"])
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok()
        rbac_vault.kv("POST", f"/keys/{key}/sign", {"alg": "ES256", "value": "A" * 43}, token=kv_token).ok(403)
        revoke(sandbox, given)
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok(403)

    @pytest.mark.parametrize("scope", ["sub", "group", "vault", "key"])
    @story("GetKey")
    def test_inherited_downwards(self, sandbox, rbac_vault, group, key, identity, kv_token, scope):
        scopes = {"sub": SUB, "group": group_scope(group), "vault": rbac_vault.path, "key": f"{rbac_vault.path}/keys/{key}"}
        given = grant(sandbox, scopes[scope], "Key Vault Crypto User", identity["oid"])
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok()
        revoke(sandbox, given)

    @story("GetKey", "GetKeys", "GetKeyVersions")
    def test_of_a_single_key(self, sandbox, rbac_vault, key, identity, kv_token):
        """Its neighbours, longer names and the list stay closed; its versions are open."""
        maker = grant(sandbox, rbac_vault.path, "Key Vault Crypto Officer", sandbox.admin_oid)
        rbac_vault.create_key("k11")
        version = rbac_vault.create_key(key, kty="RSA")["key"]["kid"].rpartition("/")[2]
        revoke(sandbox, maker)
        grant(sandbox, f"{rbac_vault.path}/keys/{key.upper()}", "Key Vault Crypto User", identity["oid"])
        for path in (f"/keys/{key}", f"/keys/{key.upper()}", f"/keys/{key}/{version}", f"/keys/{key}/versions"):
            rbac_vault.kv("GET", path, token=kv_token).ok()
        for path in ("/keys/k11", "/keys", "/keys/k"):
            rbac_vault.kv("GET", path, token=kv_token).ok(403)

    @story("GetKey")
    def test_which_assignment_it_was(self, sandbox, rbac_vault, key, identity, kv_token):
        """Said in a header whatever comes of the request, once the check was passed."""
        given = grant(sandbox, rbac_vault.path, "Key Vault Crypto User", identity["oid"])
        for path, status in ((f"/keys/{key}", 200), ("/keys/not-there", 404)):
            answer = rbac_vault.kv("GET", path, token=kv_token).ok(status)
            assert answer.headers["x-ms-keyvault-rbac-assignment-id"] == bare(given["name"])
        bad = rbac_vault.kv("POST", f"/keys/{key}/sign", {"alg": "none", "value": "AA"}, token=kv_token).ok(400)
        assert bad.headers["x-ms-keyvault-rbac-assignment-id"] == bare(given["name"])
        for refused in (rbac_vault.kv("DELETE", f"/keys/{key}", token=kv_token).ok(403),
                        sandbox.create_vault().kv("GET", "/keys")):
            assert "x-ms-keyvault-rbac-assignment-id" not in refused.headers

    def denial(self, sandbox, vault, identity, action, resource, deny="null", reason="null"):
        caller = (f"appid={identity['client_id']};oid={identity['oid']};"
                  f"iss=https://sts.windows.net/{sandbox.endpoints['tenant']}/")
        scope = of_sub(sandbox, vault.path).lower()
        return (
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
            f"definitions were changed recently, please observe propagation time.\r\nCaller: {caller}%s\r\n"
            f"Action: 'Microsoft.KeyVault/vaults/{action}'\r\nResource: '{scope}{resource}'\r\nAssignment: (not found)\r\n"
            f"DenyAssignmentId: {deny}\r\nDecisionReason: {reason} \r\nVault: {vault.name};location={vault.location}\r\n")

    @pytest.mark.parametrize("method, path, action, resource", [
        ("POST", "/deletedkeys/K-1/recover", "keys/recover/action", "/keys/k-1"),
        ("DELETE", "/deletedkeys/k-1", "keys/purge/action", "/keys/k-1"),
        ("GET", "/deletedkeys/k-1", "keys/read", "/keys/k-1"),
        ("GET", "/deletedkeys", "keys/read", ""),
        ("GET", "/keys", "keys/read", ""),
        ("GET", "/keys/k-1/0123456789abcdef0123456789abcdef", "keys/read", "/keys/k-1"),
        ("POST", "/keys/k-1/unwrapkey", "keys/unwrap/action", "/keys/k-1"),
        ("POST", "/keys/k-1/create", "keys/create/action", "/keys/k-1"),
    ])
    def test_the_refusal(self, sandbox, rbac_vault, identity, kv_token, method, path, action, resource):
        answer = rbac_vault.kv(method, path, {} if method == "POST" else None, token=kv_token).ok(403)
        error = answer.error()
        assert list(error) == ["code", "message", "innererror"]
        assert error["code"] == "Forbidden" and error["innererror"] == {"code": "ForbiddenByRbac"}
        template = self.denial(sandbox, rbac_vault, identity, action, resource)
        before, _, after = template.partition("%s")
        assert error["message"].startswith(before) and error["message"].endswith(after)
        between = error["message"][len(before):-len(after)]
        assert re.fullmatch(r"(;xms_mirid=[^;]*)?(;xms_az_rid=[^;]*)?", between)

    @story("GetKey")
    def test_access_policies_and_roles_do_not_mix(self, sandbox, group, identity, kv_token):
        oid = identity["oid"]
        by_roles = sandbox.create_vault(group=group, policies={oid: ["all"]}, enableRbacAuthorization=True)
        by_policies = sandbox.create_vault(group=group, policies={}, enableRbacAuthorization=False)
        grant(sandbox, by_policies.path, "Key Vault Administrator", oid)
        inner = [v.kv("GET", "/keys/k1", token=kv_token).ok(403).error()["innererror"]["code"] for v in (by_roles, by_policies)]
        assert inner == ["ForbiddenByRbac", "AccessDenied"]

    @story("GetKey", "Vaults_Update")
    def test_the_switch(self, sandbox, group, identity, kv_token):
        vault = sandbox.create_vault(group=group, policies={identity["oid"]: ["get"]})
        vault.kv("GET", "/keys/k1", token=kv_token).ok(404)
        sandbox.arm("PATCH", vault.path, {"properties": {"enableRbacAuthorization": True}}).ok()
        vault.kv("GET", "/keys/k1", token=kv_token).ok(403)
        grant(sandbox, vault.path, "Key Vault Reader", identity["oid"])
        vault.kv("GET", "/keys/k1", token=kv_token).ok(404)
        sandbox.arm("PATCH", vault.path, {"properties": {"enableRbacAuthorization": False, "accessPolicies": []}}).ok()
        vault.kv("GET", "/keys/k1", token=kv_token).ok(403)

    @story("Vaults_Delete", "Vaults_CreateOrUpdate", "ResourceGroups_Delete")
    def test_lost_with_the_vault(self, sandbox, rbac_vault, group, key, identity, kv_token):
        """Recovering the vault does not bring its assignments back; those above it were never gone."""
        at_vault = grant(sandbox, rbac_vault.path, "Key Vault Crypto User", identity["oid"])
        at_key = grant(sandbox, f"{rbac_vault.path}/keys/{key}", "Key Vault Crypto User", identity["oid"])
        at_group = grant(sandbox, group_scope(group), "Reader", identity["oid"])
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok()
        sandbox.arm("DELETE", rbac_vault.path).ok()
        sandbox.arm("PUT", rbac_vault.path, {"location": rbac_vault.location, "properties": {"createMode": "recover"}}).ok()
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok(403)
        left = names(assignments(sandbox, rbac_vault.path, f"$filter=principalId%20eq%20'{identity['oid']}'"))
        assert left == {at_group["name"]}
        assert not left & {at_vault["name"], at_key["name"]}
        sandbox.arm("DELETE", group_scope(group)).ok(202)
        sandbox.create_group(group)
        assert not names(assignments(sandbox, group_scope(group))) & {at_group["name"]}


@pytest.mark.parametrize("path, permission", [("/deletedkeys/k-1", "get"), ("/keys/k-1/versions", "list")])
def test_access_policies_still_say_their_word(sandbox, identity, kv_token, path, permission):
    vault = sandbox.create_vault(policies={})
    message = vault.kv("GET", path, token=kv_token).ok(403).error()["message"]
    assert f"' does not have keys {permission} permission on key vault '{vault.name};location={vault.location}'." in message


class TestDeny:
    EVERYBODY = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined", "displayName": "All Principals"}

    @pytest.fixture
    def deny(self, sandbox):
        """deny(scope, principals, **permission) → what was made; it is gone after the test."""
        control, made = Control(sandbox), []

        def make(scope, principals, permission, **more):
            body = {"denyAssignmentName": "keep out", "scope": of_sub(sandbox, scope), "permissions": [permission],
                    "principals": principals, **more}
            made.append(control.call("POST", "/denyAssignments", body))
            return made[-1]

        def drop(one):
            made.remove(one)
            control.call("DELETE", f"/denyAssignments?id={one['name']}")

        make.drop = drop
        yield make
        for one in list(made):
            drop(one)

    @story("DenyAssignments_ListForScope", "DenyAssignments_Get")
    def test_shape(self, sandbox, group, deny, identity):
        scope = of_sub(sandbox, group_scope(group))
        made = deny(group_scope(group), [self.EVERYBODY], {"actions": ["*/delete"]}, description="for now",
                    excludePrincipals=[{"id": sandbox.admin_oid}], doNotApplyToChildScopes=True)
        times = {k: made["properties"][k] for k in ("createdOn", "updatedOn")}
        assert made == {
            "properties": {
                "denyAssignmentName": "keep out", "description": "for now",
                "permissions": [{"actions": ["*/delete"], "notActions": [], "dataActions": [], "notDataActions": []}],
                "scope": scope, "doNotApplyToChildScopes": True, "principals": [self.EVERYBODY],
                "excludePrincipals": [{"id": sandbox.admin_oid, "type": "ServicePrincipal"}], "isSystemProtected": False,
                **times, "createdBy": None, "updatedBy": None},
            "id": f"{scope}{AUTHORIZATION}/denyAssignments/{made['name']}",
            "type": "Microsoft.Authorization/denyAssignments", "name": made["name"]}
        assert sandbox.arm("GET", made["id"]).ok().json() == made
        path = f"{AUTHORIZATION}/denyAssignments"
        for query, found in (("", True), ("?$filter=atScope()", True), ("?$filter=denyAssignmentName%20eq%20'keep%20out'", True),
                             ("?$filter=denyAssignmentName%20eq%20'other'", False),
                             (f"?$filter=assignedTo('{identity['oid']}')", True),
                             (f"?$filter=principalId%20eq%20'{identity['oid']}'", False)):
            assert (made in values(sandbox.arm("GET", group_scope(group) + path + query))) is found, query
        assert made in values(sandbox.arm("GET", SUB + path))
        assert made not in values(sandbox.arm("GET", SUB + path + "?$filter=atScope()"))
        elsewhere = f"{SUB}{path}/{made['name']}"
        assert sandbox.arm("GET", elsewhere).ok(404).error()["code"] == "DenyAssignmentNotFound"

    def test_wins_on_the_control_plane(self, sandbox, rbac_vault, group, deny, identity, token):
        grant(sandbox, group_scope(group), "Owner", identity["oid"])
        made = deny(rbac_vault.path, [{"id": identity["oid"]}], {"actions": ["Microsoft.KeyVault/vaults/write"]})
        error = sandbox.arm("PATCH", rbac_vault.path, {"tags": {}}, token=token).ok(403).error()
        scope = of_sub(sandbox, rbac_vault.path)
        assert error == {"code": "DenyAssignmentAuthorizationFailed", "message": (
            f"The client '{identity['client_id']}' with object id '{identity['oid']}' has permission to perform action "
            f"'Microsoft.KeyVault/vaults/write' on scope '{scope}'; however, the access is denied because of the deny assignment "
            f"with name 'keep out' and Id '{made['name']}' at scope '{scope}'.")}
        sandbox.arm("GET", rbac_vault.path, token=token).ok()
        sandbox.arm("PATCH", rbac_vault.path, {"tags": {}}).ok()

    def test_wins_on_the_data_plane(self, sandbox, rbac_vault, key, deny, identity, kv_token):
        grant(sandbox, rbac_vault.path, "Key Vault Administrator", identity["oid"])
        made = deny(SUB, [self.EVERYBODY], {"dataActions": ["*/unwrap/action"]},
                    excludePrincipals=[{"id": sandbox.admin_oid}])
        message = rbac_vault.kv("POST", f"/keys/{key}/unwrapkey", {}, token=kv_token).ok(403).error()["message"]
        assert (f"\r\nAssignment: (not found)\r\nDenyAssignmentId: '{made['name']}'\r\n"
                "DecisionReason: 'DeniedByDenyAssignment' \r\nVault: ") in message
        rbac_vault.kv("GET", f"/keys/{key}", token=kv_token).ok()
        deny.drop(made)
        assert rbac_vault.kv("POST", f"/keys/{key}/unwrapkey", {}, token=kv_token).status == 400

    @pytest.mark.parametrize("change", [
        {"denyAssignmentName": ""}, {"scope": "nowhere"}, {"scope": None}, {"principals": []}, {"principals": [{"id": "x"}]},
        {"permissions": {}}, {"permissions": [{"actions": [1]}]}, {"permissions": []}, {"permissions": [{}]},
        {"permissions": [{"notActions": ["*"], "notDataActions": ["*"]}]}], ids=str)
    def test_what_is_none(self, sandbox, change):
        body = {"denyAssignmentName": "n", "scope": of_sub(sandbox, SUB), "permissions": [{"actions": ["*"]}],
                "principals": [{"id": ABSENT}], **change}
        with pytest.raises(Refused) as refused:
            Control(sandbox).call("POST", "/denyAssignments", body)
        assert refused.value.status == 400


    @pytest.mark.parametrize("scope, status", [
        ("{sub}/resourceGroups/nowhere", 404), ("/subscriptions/" + ABSENT, 404), ("{vault}x", 404),
        ("{vault}/keys/nothing", 404), ("{vault}/secrets/k1", 404), ("{vault}/keys", 400), ("{vault}/keys/k1/more", 400),
        ("{group}/providers/Microsoft.KeyVault", 400), ("{group}/elsewhere/x", 400), ("{sub}/elsewhere/x", 400),
        ("{sub}/providers/Microsoft.KeyVault/vaults/v", 400),
        ("{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nobody", 404),
        ("{group}/providers/Microsoft.Compute/virtualMachines/nothing", 404),
        ("{group}/providers/Microsoft.ContainerRegistry/registries/nothing", 404),
        ("{group}/providers/Microsoft.Nothing/things/x", 404),
        ("/", 200), ("{sub}", 200), ("{group}", 200), ("{vault}", 200), ("{vault}/keys/K1", 200), ("{identity}", 200),
        ("{identity}/federatedIdentityCredentials/x", 404),
        ("{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox", 200)])
    def test_where_it_may_stand(self, sandbox, rbac_vault, group, key, identity, scope, status):
        at = scope.format(sub=of_sub(sandbox, SUB), group=of_sub(sandbox, group_scope(group)), identity=identity["id"],
                          vault=of_sub(sandbox, rbac_vault.path))
        control = Control(sandbox)
        body = {"denyAssignmentName": "n", "scope": at, "permissions": [{"actions": ["x/read"]}], "principals": [{"id": ABSENT}]}
        if status == 200:
            control.call("DELETE", f"/denyAssignments?id={control.call('POST', '/denyAssignments', body)['name']}")
            return
        with pytest.raises(Refused) as refused:
            control.call("POST", "/denyAssignments", body)
        assert refused.value.status == status and refused.value.message


class TestPermissionModel:
    """Who decides which rules count decides who gets in: it takes more than the right to change the vault."""

    def refusal(self, sandbox, vault, identity):
        path = of_sub(sandbox, vault.path).replace("/resourceGroups/", "/resourcegroups/")
        return {"code": "InsufficientPermissions", "message": (
            "Caller is not allowed to change permission model. For more information on how to change the permissions model "
            "follow this link: https://go.microsoft.com/fwlink/?linkid=2155160. Details: "
            f"oid={identity['oid']}; action=Microsoft.Authorization/roleAssignments/write; resource={path}; "
            "decision=NotAllowed; ")}

    @pytest.mark.parametrize("by_roles", [False, True])
    @pytest.mark.parametrize("roles, may", [
        (["Owner"], True), (["Contributor"], False), (["Key Vault Contributor"], False),
        (["Key Vault Contributor", "User Access Administrator"], True),
        (["Key Vault Contributor", "Role Based Access Control Administrator"], True),
        (["Key Vault Contributor", "Key Vault Data Access Administrator"], False)], ids=str)
    @story("Vaults_CreateOrUpdate", "Vaults_Update")
    def test_who_changes_it(self, sandbox, group, identity, token, roles, may, by_roles):
        vault = sandbox.create_vault(group=group, policies={}, enableRbacAuthorization=by_roles)
        for role in roles:
            grant(sandbox, vault.path, role, identity["oid"])
        whole = sandbox.arm("GET", vault.path).ok().json()
        whole["properties"]["enableRbacAuthorization"] = not by_roles
        for method, body in (("PATCH", {"properties": {"enableRbacAuthorization": not by_roles}}), ("PUT", whole)):
            answer = sandbox.arm(method, vault.path, body, token=token)
            if may:
                answer.ok()
                assert sandbox.arm("GET", vault.path).json()["properties"]["enableRbacAuthorization"] is not by_roles
                sandbox.arm("PATCH", vault.path, {"properties": {"enableRbacAuthorization": by_roles}}).ok()
            else:
                assert answer.ok(400).error() == self.refusal(sandbox, vault, identity)
                assert sandbox.arm("GET", vault.path).json()["properties"]["enableRbacAuthorization"] is by_roles
        # Saying what is so already, and changing something else, asks for nothing more.
        sandbox.arm("PATCH", vault.path, {"tags": {"a": "b"}, "properties": {"enableRbacAuthorization": by_roles}},
                    token=token).ok()

    @story("Vaults_CreateOrUpdate")
    def test_a_new_vault_has_none_to_change(self, sandbox, group, identity, token):
        grant(sandbox, group_scope(group), "Contributor", identity["oid"])
        path = f"{group_scope(group)}/providers/Microsoft.KeyVault/vaults/kv-{uuid.uuid4().hex[:12]}"
        sandbox.arm("PUT", path, {"location": "westeurope", "properties": {
            "tenantId": sandbox.endpoints["tenant"], "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True}}, token=token).ok()


@story("VirtualMachines_Update")
def test_an_identity_is_lent_by_whom_it_lets(sandbox, identity, token):
    machine = "{sub}/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox"
    other = sandbox.create_identity()
    change = {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {other["id"]: {}}}}
    given = grant(sandbox, machine, "Contributor", identity["oid"])
    before = sandbox.arm("GET", machine).ok().body
    error = sandbox.arm("PATCH", machine, change, token=token).ok(403).error()
    assert error["code"] == "LinkedAuthorizationFailed"
    assert "'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '" in error["message"]
    assert sandbox.arm("GET", machine).ok().body == before
    revoke(sandbox, given)


class TestLastOwner:
    @story("RoleAssignments_Delete")
    def test_it_stays(self, sandbox, identity):
        """Owners of the subscription itself count, not those of something in it."""
        owner, = [a for a in assignments(sandbox, SUB, "$filter=atScope()")
                  if a["properties"]["roleDefinitionId"] == role_id(sandbox, "Owner")]
        others = [grant(sandbox, SUB, "User Access Administrator", identity["oid"]),
                  grant(sandbox, group_scope(sandbox.create_group()), "Owner", identity["oid"])]
        error = sandbox.arm("DELETE", owner["id"]).ok(412).error()
        assert error == {"code": "CannotDeleteLastRbacAdminAssignment",
                         "message": "Cannot delete the last RBAC admin assignment"}
        assert owner["name"] in names(assignments(sandbox, SUB, "$filter=atScope()"))
        second = grant(sandbox, SUB, "Owner", identity["oid"])
        for one in (second, *others):
            revoke(sandbox, one)

    @story("RoleAssignments_Delete")
    def test_one_of_two_goes(self, start_sandbox):
        sandbox = start_sandbox()
        identity = sandbox.create_identity()
        token = sandbox.imds_token(ARM, client_id=identity["client_id"])
        first, = [a for a in assignments(sandbox, SUB, "$filter=atScope()")
                  if a["properties"]["roleDefinitionId"] == role_id(sandbox, "Owner")]
        second = grant(sandbox, SUB, "Owner", identity["oid"])
        revoke(sandbox, first)
        sandbox.arm("DELETE", second["id"], token=token).ok(412)


class TestPropagation:
    """--propagation-delay: grants and revocations are felt when the sandbox's clock says so."""

    @pytest.fixture
    def slow(self, start_sandbox):
        sandbox = start_sandbox(mode="direct", vaultd_args=["--propagation-delay=300"])
        sandbox.control = Control(sandbox)
        sandbox.control.move(freeze=True)
        return sandbox

    @pytest.fixture
    def somebody(self, slow):
        return slow.create_identity()

    @pytest.fixture
    def vault(self, slow):
        return slow.create_vault(policies={}, enableRbacAuthorization=True)

    @pytest.fixture
    def status(self, slow, vault, somebody):
        """Of a look at a key that is not there: 404 to whom a role lets in, 403 to others."""
        return lambda: vault.kv("GET", "/keys/k1", token=slow.imds_token(client_id=somebody["client_id"])).status

    def felt(self, slow, status, before, after):
        """What was done just now is felt 300 seconds later, and not before."""
        assert status() == before
        slow.control.advance("PT4M59S")
        assert status() == before
        slow.control.advance("PT1S")
        assert status() == after

    @story("RoleAssignments_Create")
    def test_a_condition_comes_and_goes(self, slow, vault, somebody, status):
        def say(code=201, **more):
            put_assignment(slow, vault.path, "Key Vault Reader", somebody["oid"], name, **more)[1].ok(code)

        name = grant(slow, vault.path, "Key Vault Reader", somebody["oid"])["name"]
        self.felt(slow, status, 403, 404)
        say(200, description="still the same")
        assert status() == 404
        say(200, condition="@Resource[a] StringEquals 'b'", conditionVersion="2.0")
        self.felt(slow, status, 404, 403)
        say(200, condition="@Resource[a] StringEquals 'c'", conditionVersion="2.0")
        self.felt(slow, status, 403, 403)
        say(200)
        self.felt(slow, status, 403, 404)

    @pytest.mark.parametrize("name", ["the same", "another"])
    @story("RoleAssignments_Create", "RoleAssignments_Delete")
    def test_given_again_meanwhile(self, slow, vault, somebody, status, name):
        given = grant(slow, vault.path, "Key Vault Reader", somebody["oid"])
        self.felt(slow, status, 403, 404)
        revoke(slow, given)
        slow.control.advance("PT1M")
        again = {"name": given["name"]} if name == "the same" else {}
        given = grant(slow, vault.path, "Key Vault Reader", somebody["oid"], **again)
        assert names(assignments(slow, vault.path, f"$filter=principalId%20eq%20'{somebody['oid']}'")) == {given["name"]}
        self.felt(slow, status, 404, 404)
        revoke(slow, given)
        self.felt(slow, status, 404, 403)

    @story("RoleAssignments_Create", "RoleAssignments_Delete")
    def test_a_name_that_gives_something_else_meanwhile(self, slow, vault, somebody, status):
        given = grant(slow, vault.path, "Key Vault Reader", somebody["oid"])
        self.felt(slow, status, 403, 404)
        revoke(slow, given)
        grant(slow, vault.path, "Reader", somebody["oid"], name=given["name"])
        self.felt(slow, status, 404, 403)

    @story("RoleDefinitions_CreateOrUpdate", "RoleDefinitions_Delete")
    def test_a_role_changes(self, slow, vault, somebody, status):
        guid = str(uuid.uuid4())

        def say(action):
            slow.arm("PUT", role_id(slow, guid), {"properties": {
                **CUSTOM, "assignableScopes": [of_sub(slow, SUB)], "permissions": [{"dataActions": [action]}]}}).ok(201)

        say("Microsoft.KeyVault/vaults/keys/read")
        given = grant(slow, vault.path, guid, somebody["oid"])
        self.felt(slow, status, 403, 404)
        say("Microsoft.KeyVault/vaults/keys/*/action")
        self.felt(slow, status, 404, 403)
        say("Microsoft.KeyVault/vaults/keys/*")
        self.felt(slow, status, 403, 404)
        revoke(slow, given)
        slow.arm("DELETE", role_id(slow, guid)).ok()
        slow.arm("GET", role_id(slow, guid)).ok(404)
        self.felt(slow, status, 404, 403)

    @story("DenyAssignments_Get")
    def test_a_denial_comes_and_goes(self, slow, vault, somebody, status):
        grant(slow, vault.path, "Key Vault Reader", somebody["oid"])
        self.felt(slow, status, 403, 404)
        made = slow.control.call("POST", "/denyAssignments", {
            "denyAssignmentName": "n", "scope": of_sub(slow, vault.path), "permissions": [{"dataActions": ["*"]}],
            "principals": [{"id": somebody["oid"]}]})
        slow.arm("GET", made["id"]).ok()
        self.felt(slow, status, 404, 403)
        slow.control.call("DELETE", f"/denyAssignments?id={made['name']}")
        slow.arm("GET", made["id"]).ok(404)
        self.felt(slow, status, 403, 404)

    @story("GetKey", "RoleAssignments_Create", "RoleAssignments_Delete", "RoleAssignments_ListForScope")
    def test_grants_and_revocations_take_their_time(self, start_sandbox):
        sandbox = start_sandbox(mode="direct", vaultd_args=["--propagation-delay=300"])
        control = Control(sandbox)
        identity = sandbox.create_identity()
        vault = sandbox.create_vault(policies={}, enableRbacAuthorization=True)
        given = grant(sandbox, vault.path, "Key Vault Reader", identity["oid"])

        def status():
            return vault.kv("GET", "/keys/k1", token=sandbox.imds_token(client_id=identity["client_id"])).status

        control.move(freeze=True)
        assert status() == 403
        control.advance("PT4M")
        assert status() == 403
        control.advance("PT1M")
        assert status() == 404
        revoke(sandbox, given)
        assert names(assignments(sandbox, vault.path, "$filter=atScope()")) & {given["name"]} == set()
        assert status() == 404
        control.advance("PT4M59S")
        assert status() == 404
        control.advance("PT1S")
        assert status() == 403
