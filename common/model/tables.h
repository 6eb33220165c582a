#ifndef SANDVAULT_MODEL_TABLES_H
#define SANDVAULT_MODEL_TABLES_H

/*
 * The tables of the shared store and how their keys are made. common/model is the only code that knows these.
 * Names that compare without case are folded before they become part of a key.
 */

enum table {
	TABLE_META,	 /* "world", "endpoints/vaultd", "endpoints/identityd", "endpoints/control", "clock", "roles" */
	TABLE_PRINCIPAL, /* object id */
	TABLE_APP,	 /* application (client) id → object id */
	TABLE_GROUP,	 /* lower(subscription) / lower(group) */
	TABLE_IDENTITY,	 /* lower(subscription) / lower(group) / lower(name) */
	TABLE_HOST,	 /* host id */
	TABLE_SIGNING_KEY,	    /* kid */
	TABLE_VAULT,		    /* lower(name): names are global */
	TABLE_DELETED_VAULT,	    /* lower(name) */
	TABLE_KEY,		    /* vault uid (16 bytes) UPPER(name) */
	TABLE_DELETED_KEY,	    /* the same */
	TABLE_KEY_VERSION,	    /* vault uid, UPPER(name), NUL, version */
	TABLE_ROLE_DEFINITION,	    /* id: custom ones */
	TABLE_ROLE_ASSIGNMENT,	    /* id */
	TABLE_DENY_ASSIGNMENT,	    /* id */
	TABLE_FEDERATED_CREDENTIAL, /* principal id of the identity / lower(name) */
	TABLE_REGISTRY,		    /* lower(name): names are global */
	TABLE_REGISTRY_BLOB,	    /* registry uid (16 bytes), then what vaultd/registry's model says */
	TABLE_OPERATION,	    /* id of a long-running operation */
	TABLE_DEPLOYMENT,	    /* lower(subscription) / lower(group) / lower(name) */
	TABLE_COUNT,
};

extern const char *const table_names[TABLE_COUNT];

#endif
