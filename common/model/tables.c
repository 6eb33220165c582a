#include "common/model/tables.h"

/* These stand in every data directory: a name may be added, never changed. */
const char *const table_names[TABLE_COUNT] = {
	[TABLE_META] = "meta",
	[TABLE_PRINCIPAL] = "principal",
	[TABLE_APP] = "app",
	[TABLE_GROUP] = "group",
	[TABLE_IDENTITY] = "identity",
	[TABLE_HOST] = "host",
	[TABLE_SIGNING_KEY] = "signing-key",
	[TABLE_VAULT] = "vault",
	[TABLE_DELETED_VAULT] = "deleted-vault",
	[TABLE_KEY] = "key",
	[TABLE_DELETED_KEY] = "deleted-key",
	[TABLE_KEY_VERSION] = "key-version",
	[TABLE_ROLE_DEFINITION] = "role-definition",
	[TABLE_ROLE_ASSIGNMENT] = "role-assignment",
	[TABLE_DENY_ASSIGNMENT] = "deny-assignment",
	[TABLE_FEDERATED_CREDENTIAL] = "federated-credential",
	[TABLE_REGISTRY] = "registry",
	[TABLE_REGISTRY_BLOB] = "registry-blob",
	[TABLE_OPERATION] = "operation",
	[TABLE_DEPLOYMENT] = "deployment",
};
