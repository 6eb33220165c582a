#include "common/model/principal.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/compute_lookup.h"
#include "vaultd/arm/registry_lookup.h"

#define IDENTITIES "Microsoft.ManagedIdentity/identities"

/* What has one of its own: a machine or a registry. */
struct owner {
	char id[RESOURCE_ID_SIZE];
	char location[LOCATION_SIZE];
	char object_id[ID_SIZE]; /* "": none */
};

static void write_system_identity(struct arm_op *op, const struct owner *w, const struct principal *p)
{
	const char *tenant = op->d->world.tenant_id;
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id", "%s/providers/" IDENTITIES "/default", w->id);
	json_out_cstr(o, "name", "default");
	json_out_cstr(o, "type", IDENTITIES);
	json_out_cstr(o, "location", w->location);
	json_out_raw(o, "tags", SPAN_LIT("{}"));
	json_out_object(o, "properties");
	json_out_cstr(o, "tenantId", tenant);
	json_out_cstr(o, "principalId", p->object_id);
	json_out_cstr(o, "clientId", p->app_id);
	json_out_fmt(o, "clientSecretUrl",
		     "https://control-%s.identity.azure.net%s/providers/" IDENTITIES
		     "/default/credentials?tid=%s&oid=%s&aid=%s",
		     w->location, w->id, tenant, p->object_id, p->app_id);
	json_out_object_end(o);
	json_out_object_end(o);
}

static enum fault find_host(struct arm_op *op, struct owner *ret, struct err *err)
{
	struct host h;
	enum fault f = host_of_path(op, "resource", &h, err);

	if (f != FAULT_NONE)
		return f;
	memcpy(ret->id, h.resource_id, sizeof(ret->id));
	memcpy(ret->location, h.location, sizeof(ret->location));
	memcpy(ret->object_id, h.system_object_id, sizeof(ret->object_id));
	return FAULT_NONE;
}

static enum fault find_registry(struct arm_op *op, struct owner *ret, struct err *err)
{
	struct registry *r = registry_alloc(op);
	enum fault f = r == NULL ? FAULT_MEMORY : registry_of_path(op, "resource", r, err);

	if (f != FAULT_NONE)
		return f;
	registry_resource_id(ret->id, r);
	memcpy(ret->location, r->location, sizeof(ret->location));
	memcpy(ret->object_id, r->system_object_id, sizeof(ret->object_id));
	return FAULT_NONE;
}

static const struct {
	const char *namespace, *type;
	enum fault (*find)(struct arm_op *op, struct owner *ret, struct err *err);
} kinds[] = {
	{ "Microsoft.Compute", "virtualMachines", find_host },
	{ "Microsoft.ContainerRegistry", "registries", find_registry },
};

/* GET {resource}/providers/Microsoft.ManagedIdentity/identities/default */
enum fault system_identities_get(struct arm_op *op, struct err *err)
{
	struct span namespace = arm_capture(op, "namespace"), type = arm_capture(op, "type");
	struct owner w = { .object_id = "" };
	struct principal p;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_eq_nocase(namespace, span_cstr(kinds[i].namespace)) &&
		    span_eq_nocase(type, span_cstr(kinds[i].type)))
			f = kinds[i].find(op, &w, err);
	if (f != FAULT_NONE)
		return f;
	f = w.object_id[0] == '\0' ? FAULT_NOT_FOUND : principal_by_object_id(op->txn, span_cstr(w.object_id), &p);
	if (f == FAULT_NOT_FOUND)
		return arm_resource_not_found(op, IDENTITIES, SPAN_LIT("default"), err);
	if (f == FAULT_NONE)
		write_system_identity(op, &w, &p);
	return f;
}
