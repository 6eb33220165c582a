#include "vaultd/arm/identity_reply.h"

#include "vaultd/arm/arm_text.h"

static void write_place(struct json_out *o, const struct identity *i)
{
	json_out_cstr(o, "location", i->location);
	json_out_raw(o, "tags", i->tags[0] == '\0' ? SPAN_LIT("{}") : span_cstr(i->tags));
}

static void write_name(struct json_out *o, const struct identity *i)
{
	char id[RESOURCE_ID_SIZE];

	identity_resource_id(id, i);
	json_out_cstr(o, "id", id);
	json_out_cstr(o, "name", i->name);
	json_out_cstr(o, "type", "Microsoft.ManagedIdentity/userAssignedIdentities");
}

/* Since 2024-11-30 location and tags come first, and there is an isolation scope. */
void identity_write(struct arm_op *op, const struct identity *i)
{
	bool is_old = arm_version_before(op->api_version, "2024-11-30");
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	if (!is_old)
		write_place(o, i);
	write_name(o, i);
	if (is_old)
		write_place(o, i);
	json_out_object(o, "properties");
	if (!is_old)
		json_out_cstr(o, "isolationScope", "None");
	json_out_cstr(o, "tenantId", op->d->world.tenant_id);
	json_out_cstr(o, "principalId", i->principal_id);
	json_out_cstr(o, "clientId", i->client_id);
	json_out_object_end(o);
	json_out_object_end(o);
}

void identity_write_generic(struct arm_op *op, const struct identity *i)
{
	json_out_object(&op->out, NULL);
	write_name(&op->out, i);
	write_place(&op->out, i);
	json_out_object_end(&op->out);
}
