#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_text.h"

/* GET /tenants → the sandbox's one tenant. */
enum fault tenants_list(struct arm_op *op, struct err *err)
{
	const char *tenant = op->d->world.tenant_id;
	struct json_out *o = &op->out;
	struct arm_page page;
	enum fault f = arm_page_begin(op, &page, err);

	if (f != FAULT_NONE)
		return f;
	if (arm_page_wants(&page)) {
		json_out_object(o, NULL);
		json_out_fmt(o, "id", "/tenants/%s", tenant);
		json_out_cstr(o, "tenantId", tenant);
		if (!arm_version_before(op->api_version, "2016-06-02")) {
			json_out_cstr(o, "tenantCategory", "Home");
			json_out_cstr(o, "displayName", "Sandvault");
			json_out_cstr(o, "defaultDomain", "sandvault.localhost");
			json_out_cstr(o, "tenantType", "AAD");
		}
		json_out_object_end(o);
	}
	arm_page_end(&page);
	json_out_object_end(o);
	return FAULT_NONE;
}
