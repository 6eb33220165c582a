#include "vaultd/cmk/registry_refuse.h"

enum fault registry_refuse_key(const struct registry *r, const char *client_id, struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "Failed to access KeyId '%s'. Verify that identity '%s' has 'Get, Wrap Key, Unwrap Key' "
		       "permission on key '%s'. For more information on bring your own key, please visit "
		       "'https://aka.ms/acr/cmk'.",
		       r->key_identifier, client_id, r->key_identifier);
}

enum fault registry_refuse_kind(const struct registry *r, const char *kty, struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "The key '%s' is of type '%s'. Only keys of type RSA and RSA-HSM can encrypt a registry. For "
		       "more information on bring your own key, please visit 'https://aka.ms/acr/cmk'.",
		       r->key_identifier, kty);
}

enum fault registry_refuse_identifier(const struct registry *r, struct err *err)
{
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "The key identifier '%s' is invalid. It must have the form "
		       "https://<vault>.<vault-suffix>/keys/<key>[/<version>]. For more information on bring your own "
		       "key, please visit 'https://aka.ms/acr/cmk'.",
		       r->key_identifier);
}

enum fault registry_refuse_identity(struct err *err)
{
	return err_say(
		err, FAULT_DENIED, "Forbidden",
		"The identity associated with the registry is inactive. This could be due to attempted removal of "
		"the identity. Reassign the identity manually");
}
