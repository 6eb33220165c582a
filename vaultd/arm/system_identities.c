#include "common/model/principal.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/compute_lookup.h"

static void write_system_identity(struct arm_op *op, const struct host *h, const struct principal *p)
{
	const char *tenant = op->d->world.tenant_id;
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id", "%s/providers/Microsoft.ManagedIdentity/identities/default", h->resource_id);
	json_out_cstr(o, "name", "default");
	json_out_cstr(o, "type", "Microsoft.ManagedIdentity/identities");
	json_out_cstr(o, "location", h->location);
	json_out_raw(o, "tags", SPAN_LIT("{}"));
	json_out_object(o, "properties");
	json_out_cstr(o, "tenantId", tenant);
	json_out_cstr(o, "principalId", p->object_id);
	json_out_cstr(o, "clientId", p->app_id);
	json_out_fmt(o, "clientSecretUrl",
		     "https://control-%s.identity.azure.net%s/providers/Microsoft.ManagedIdentity/identities/default/"
		     "credentials?tid=%s&oid=%s&aid=%s",
		     h->location, h->resource_id, tenant, p->object_id, p->app_id);
	json_out_object_end(o);
	json_out_object_end(o);
}

/* GET {resource}/providers/Microsoft.ManagedIdentity/identities/default */
enum fault system_identities_get(struct arm_op *op, struct err *err)
{
	bool is_machine = span_eq_nocase(arm_capture(op, "namespace"), SPAN_LIT("Microsoft.Compute")) &&
			  span_eq_nocase(arm_capture(op, "type"), SPAN_LIT("virtualMachines"));
	struct principal p;
	struct host h;
	enum fault f;

	if (!is_machine)
		return arm_resource_not_found(op, "Microsoft.ManagedIdentity/identities", SPAN_LIT("default"), err);
	f = host_of_path(op, "resource", &h, err);
	if (f != FAULT_NONE)
		return f;
	f = principal_by_object_id(op->txn, span_cstr(h.system_object_id), &p);
	if (f == FAULT_NOT_FOUND)
		return arm_resource_not_found(op, "Microsoft.ManagedIdentity/identities", SPAN_LIT("default"), err);
	if (f == FAULT_NONE)
		write_system_identity(op, &h, &p);
	return f;
}
