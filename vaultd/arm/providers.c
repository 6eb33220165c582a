#include "vaultd/arm/providers.h"

#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/locations.h"

enum { TYPES_MAX = 8, VERSIONS_MAX = 8 };

struct resource_type {
	const char *name;
	const char *versions[VERSIONS_MAX]; /* newest first, NULL at the end */
};

struct provider {
	const char *namespace;
	struct resource_type types[TYPES_MAX]; /* a NULL name at the end */
};

#define KEYVAULT_VERSIONS                                                                                              \
	{                                                                                                              \
		"2023-07-01", "2023-02-01", "2022-07-01", "2021-10-01", "2021-06-01-preview", "2019-09-01",            \
			"2018-02-14"                                                                                   \
	}
#define IDENTITY_VERSIONS                                                                                              \
	{                                                                                                              \
		"2024-11-30", "2023-01-31", "2022-01-31-preview", "2021-09-30-preview", "2018-11-30",                  \
			"2015-08-31-preview"                                                                           \
	}
#define REGISTRY_VERSIONS                                                                                              \
	{                                                                                                              \
		"2025-04-01", "2024-11-01-preview", "2023-07-01", "2022-12-01", "2022-02-01-preview",                  \
			"2021-08-01-preview", "2020-11-01-preview", "2019-12-01-preview"                               \
	}
#define RESOURCES_VERSIONS                                                                                             \
	{                                                                                                              \
		"2024-11-01", "2022-12-01", "2021-04-01", "2019-11-01", "2016-06-01", "2015-11-01"                     \
	}

static const struct provider providers[] = {
	{ "Microsoft.KeyVault",
	  { { "vaults", KEYVAULT_VERSIONS },
	    { "vaults/accessPolicies", KEYVAULT_VERSIONS },
	    { "deletedVaults", KEYVAULT_VERSIONS },
	    { "locations/deletedVaults", KEYVAULT_VERSIONS },
	    { "locations/operationResults", KEYVAULT_VERSIONS },
	    { "checkNameAvailability", KEYVAULT_VERSIONS },
	    { "managedHSMs", KEYVAULT_VERSIONS } } },
	{ "Microsoft.ManagedIdentity",
	  { { "userAssignedIdentities", IDENTITY_VERSIONS },
	    { "userAssignedIdentities/federatedIdentityCredentials", IDENTITY_VERSIONS },
	    { "identities", IDENTITY_VERSIONS } } },
	{ "Microsoft.Resources",
	  { { "tenants", RESOURCES_VERSIONS },
	    { "subscriptions", RESOURCES_VERSIONS },
	    { "subscriptions/resourceGroups", RESOURCES_VERSIONS },
	    { "subscriptions/resources", RESOURCES_VERSIONS },
	    { "deployments", RESOURCES_VERSIONS } } },
	{ "Microsoft.Compute", { { "virtualMachines", { "2024-07-01", "2023-03-01", "2022-11-01" } } } },
	{ "Microsoft.Authorization",
	  { { "roleAssignments", { "2022-04-01", "2020-04-01-preview", "2018-01-01-preview" } },
	    { "roleDefinitions", { "2022-05-01-preview", "2022-04-01", "2018-01-01-preview" } },
	    { "denyAssignments", { "2022-04-01", "2018-07-01-preview" } } } },
	{ "Microsoft.ContainerRegistry",
	  { { "registries", REGISTRY_VERSIONS },
	    { "registries/operationStatuses", REGISTRY_VERSIONS },
	    { "checkNameAvailability", REGISTRY_VERSIONS } } },
};

static const struct provider *find_provider(struct span namespace)
{
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (span_eq_nocase(namespace, span_cstr(providers[i].namespace)))
			return &providers[i];
	return NULL;
}

bool provider_is_known(struct span namespace)
{
	return find_provider(namespace) != NULL;
}

static void write_type(struct json_out *o, const struct resource_type *t)
{
	json_out_object(o, NULL);
	json_out_cstr(o, "resourceType", t->name);
	json_out_array(o, "locations");
	for (size_t i = 0; i < n_locations; i++)
		json_out_cstr(o, NULL, locations[i].display_name);
	json_out_array_end(o);
	json_out_array(o, "apiVersions");
	for (size_t i = 0; i < VERSIONS_MAX && t->versions[i] != NULL; i++)
		json_out_cstr(o, NULL, t->versions[i]);
	json_out_array_end(o);
	json_out_cstr(o, "capabilities", "None");
	json_out_object_end(o);
}

static void write_provider(struct arm_op *op, const struct provider *p, const char *state)
{
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id", "/subscriptions/%s/providers/%s", op->d->world.subscription_id, p->namespace);
	json_out_cstr(o, "namespace", p->namespace);
	json_out_array(o, "resourceTypes");
	for (size_t i = 0; i < TYPES_MAX && p->types[i].name != NULL; i++)
		write_type(o, &p->types[i]);
	json_out_array_end(o);
	json_out_cstr(o, "registrationState", state);
	json_out_cstr(o, "registrationPolicy", "RegistrationRequired");
	json_out_object_end(o);
}

/* GET …/providers */
enum fault providers_list(struct arm_op *op, struct err *err)
{
	struct arm_page page;
	enum fault f = arm_page_begin(op, &page, err);

	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (arm_page_wants(&page))
			write_provider(op, &providers[i], "Registered");
	arm_page_end(&page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

static enum fault provider_reply(struct arm_op *op, const char *state, struct err *err)
{
	struct span namespace = arm_capture(op, "namespace");
	const struct provider *p = find_provider(namespace);

	if (p == NULL)
		return err_say(err, FAULT_NOT_FOUND, "InvalidResourceNamespace",
			       "The resource namespace '%.*s' is invalid.", SPAN_ARG(namespace));
	write_provider(op, p, state);
	return FAULT_NONE;
}

/* GET …/providers/{namespace} */
enum fault providers_get(struct arm_op *op, struct err *err)
{
	return provider_reply(op, "Registered", err);
}

/* POST …/register: says what Azure says at first; the next GET finds it registered. */
enum fault providers_register(struct arm_op *op, struct err *err)
{
	return provider_reply(op, "Registering", err);
}
