"""Container registries for tests: bodies as az sends them, writes that are asked after, vaults."""

VERSION = "2021-08-01-preview"
VERBS = ("get", "wrapKey", "unwrapKey")
CMK = "For more information on bring your own key, please visit 'https://aka.ms/acr/cmk'."


def cannot_access(key, client):
    return (f"Failed to access KeyId '{key}'. Verify that identity '{client}' has 'Get, Wrap Key, Unwrap Key' "
            f"permission on key '{key}'. {CMK}")


def registry_path(group, name):
    return "{sub}/resourceGroups/" + group + "/providers/Microsoft.ContainerRegistry/registries/" + name


def unversioned(kid):
    return kid.rpartition("/")[0]


class Registry:
    """A registry that is there, or is to be."""

    def __init__(self, sandbox, name=None, group=None):
        self.sandbox = sandbox
        self.name = name or sandbox.unique("Reg")
        self.group = group or sandbox._default_group()
        self.path = registry_path(self.group, self.name)
        self.id = self.path.replace("{sub}", f"/subscriptions/{sandbox.endpoints['subscription']}")

    def ask(self, method, body=None, suffix="", version=VERSION, **more):
        return self.sandbox.arm(method, self.path + suffix, body, api_version=version, **more)

    def get(self, version=VERSION):
        return self.ask("GET", version=version).ok().json()

    def key(self):
        """properties.encryption.keyVaultProperties."""
        return self.get()["properties"]["encryption"]["keyVaultProperties"]

    def create(self, sku="Premium", version=VERSION, identity=None, **properties):
        """PUT of what is not there; its answer."""
        body = {"location": "westeurope", "sku": {"name": sku}, "properties": properties}
        if identity is not None:
            body["identity"] = identity
        return self.ask("PUT", body, version=version)

    def patch(self, **changes):
        """As az does: the whole resource with some of it changed. properties and identity are merged into it."""
        return self.ask("PATCH", self.changed(**changes))

    def changed(self, identity=None, **properties):
        body = self.get()
        body["properties"].update(properties)
        if identity is not None:
            body["identity"] = identity
        return body

    def rotate(self, key, identity):
        return self.patch(encryption={"status": "enabled", "keyVaultProperties": {
            "keyIdentifier": key, "identity": identity}})

    def settled(self, answer, status=201):
        """Waits as a client does: asks the address the answer names, then the registry."""
        state = self.sandbox.http("GET", answer.ok(status).headers["Azure-AsyncOperation"],
                                  token=self.sandbox.admin_token()).ok()
        assert state.body == b'{"status":"Succeeded"}', state
        return self.get()


def user_assigned(*identities):
    return {"type": "UserAssigned", "userAssignedIdentities": {i["id"]: {} for i in identities}}


def encryption(key, identity):
    return {"status": "enabled", "keyVaultProperties": {"keyIdentifier": key, "identity": identity}}


def vault_for(sandbox, *principals, **properties):
    """A vault where the administrator may everything, and those what a registry needs."""
    policies = {sandbox.admin_oid: ["all", "purge"], **{oid: VERBS for oid in principals}}
    return sandbox.create_vault(policies=policies, **properties)


def encrypted(sandbox, versioned=False):
    """(registry, vault, identity, kid): a registry whose key a user-assigned identity gets."""
    identity = sandbox.create_identity()
    vault = vault_for(sandbox, identity["oid"])
    kid = vault.create_key(kty="RSA")["key"]["kid"]
    registry = Registry(sandbox)
    registry.settled(registry.create(identity=user_assigned(identity), encryption=encryption(
        kid if versioned else unversioned(kid), identity["client_id"])))
    return registry, vault, identity, kid
