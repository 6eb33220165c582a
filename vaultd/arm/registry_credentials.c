#include "common/io/json.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_reply.h"
#include "vaultd/arm/registry_settings.h"

/*
 * POST …/listCredentials, …/regenerateCredential: a registry of the sandbox is signed in to with tokens. The refusal
 * without an admin user is Azure's. Source: fixtures/sources.md#registry-errors
 */
enum fault registries_credentials(struct arm_op *op, struct err *err)
{
	struct registry *r = registry_alloc(op);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct registry_settings s;
	char id[RESOURCE_ID_SIZE];
	enum fault f = r == NULL ? FAULT_MEMORY : registry_of_path(op, "registry", r, err);

	registry_reply_headers(op);
	if (f != FAULT_NONE)
		return f;
	f = json_parse(span_cstr(r->properties), &doc, NULL);
	if (f == FAULT_NONE)
		f = registry_settings_load(json_root(doc), &s);
	if (f != FAULT_NONE)
		return f == FAULT_MEMORY ? f : FAULT_STORE;
	if (s.admin_user)
		return err_say(err, FAULT_NOT_IMPLEMENTED, "NotImplemented",
			       "Sandvault does not imitate the admin user of a registry yet. Azure has it; this "
			       "sandbox answers 501.");
	registry_resource_id(id, r);
	return err_say(err, FAULT_INVALID, "UnAuthorizedForCredentialOperations",
		       "Cannot perform credential operations for %s as admin user is disabled. Kindly enable admin "
		       "user as per docs: "
		       "https://docs.microsoft.com/en-us/azure/container-registry/"
		       "container-registry-authentication#admin-account",
		       id);
}
