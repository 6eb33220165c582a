#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/locations.h"

static void write_subscription(struct arm_op *op)
{
	const struct world *w = &op->d->world;
	bool is_oldest = arm_version_before(op->api_version, "2016-06-02");
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id", "/subscriptions/%s", w->subscription_id);
	json_out_cstr(o, "authorizationSource", "RoleBased");
	if (!is_oldest) {
		json_out_array(o, "managedByTenants");
		json_out_array_end(o);
	}
	json_out_cstr(o, "subscriptionId", w->subscription_id);
	if (!is_oldest)
		json_out_cstr(o, "tenantId", w->tenant_id);
	json_out_cstr(o, "displayName", ARM_SUBSCRIPTION_NAME);
	json_out_cstr(o, "state", "Enabled");
	json_out_object(o, "subscriptionPolicies");
	json_out_cstr(o, "locationPlacementId", "Public_2014-09-01");
	json_out_cstr(o, "quotaId", "PayAsYouGo_2014-09-01");
	json_out_cstr(o, "spendingLimit", "Off");
	json_out_object_end(o);
	json_out_object_end(o);
}

/* GET /subscriptions → {"value":[…],"count":{"type":"Total","value":1}}; empty for whom nothing was given there. */
enum fault subscriptions_list(struct arm_op *op, struct err *err)
{
	struct arm_page page;
	enum fault f = arm_page_begin(op, &page, err);

	bool sees = false;

	if (f == FAULT_NONE)
		f = arm_sees_subscription(op, &sees);
	if (f != FAULT_NONE)
		return f;
	if (sees && arm_page_wants(&page))
		write_subscription(op);
	arm_page_end(&page);
	json_out_object(&op->out, "count");
	json_out_cstr(&op->out, "type", "Total");
	json_out_int(&op->out, "value", sees ? 1 : 0);
	json_out_object_end(&op->out);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* GET /subscriptions/{subscription} */
enum fault subscriptions_get(struct arm_op *op, struct err *err UNUSED)
{
	write_subscription(op);
	return FAULT_NONE;
}

static void write_location(struct arm_op *op, const struct location *l)
{
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id", "/subscriptions/%s/locations/%s", op->d->world.subscription_id, l->name);
	json_out_cstr(o, "name", l->name);
	json_out_cstr(o, "displayName", l->display_name);
	json_out_fmt(o, "regionalDisplayName", "(%s) %s", l->group, l->display_name);
	json_out_object(o, "metadata");
	json_out_cstr(o, "regionType", "Physical");
	json_out_cstr(o, "regionCategory", "Recommended");
	json_out_cstr(o, "geographyGroup", l->group);
	json_out_object_end(o);
	json_out_object_end(o);
}

/* GET /subscriptions/{subscription}/locations */
enum fault subscriptions_list_locations(struct arm_op *op, struct err *err UNUSED)
{
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "value");
	for (size_t i = 0; i < n_locations; i++)
		write_location(op, &locations[i]);
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
