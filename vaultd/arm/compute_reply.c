#include "vaultd/arm/compute_reply.h"

#include "vaultd/arm/compute_network.h"

static void write_attached(struct json_out *o, const struct identity *i)
{
	char id[RESOURCE_ID_SIZE];

	identity_resource_id(id, i);
	json_out_object_at(o, span_cstr(id));
	json_out_cstr(o, "principalId", i->principal_id);
	json_out_cstr(o, "clientId", i->client_id);
	json_out_object_end(o);
}

static enum fault write_each(const struct identity *i, void *arg)
{
	write_attached(arg, i);
	return FAULT_NONE;
}

/* An identity that was deleted since is passed over. */
static enum fault write_own(struct arm_op *op, const struct host *h)
{
	for (size_t n = 0; n < h->n_attached; n++) {
		struct identity i;
		enum fault f = identity_by_resource_id(op->txn, span_cstr(h->attached[n]), &i);

		if (f == FAULT_NONE)
			write_attached(&op->out, &i);
		else if (f != FAULT_NOT_FOUND)
			return f;
	}
	return FAULT_NONE;
}

static enum fault note_one(const struct identity *i UNUSED, void *arg)
{
	bool *has_one = arg;

	*has_one = true;
	return FAULT_NONE;
}

static enum fault has_user_assigned(struct arm_op *op, const struct host *h, bool *ret)
{
	*ret = h->n_attached > 0;
	if (!h->attaches_all)
		return FAULT_NONE;
	*ret = false;
	return identity_each(op->txn, span_cstr(op->d->world.subscription_id), SPAN_EMPTY, note_one, ret);
}

static const char *identity_type(const struct host *h, bool has_user)
{
	if (h->system_object_id[0] != '\0')
		return has_user ? "SystemAssigned, UserAssigned" : "SystemAssigned";
	return has_user ? "UserAssigned" : "None";
}

static enum fault write_identity(struct arm_op *op, const struct host *h, bool has_user)
{
	struct json_out *o = &op->out;
	enum fault f = FAULT_NONE;

	json_out_object(o, "identity");
	json_out_cstr(o, "type", identity_type(h, has_user));
	if (h->system_object_id[0] != '\0') {
		json_out_cstr(o, "principalId", h->system_object_id);
		json_out_cstr(o, "tenantId", op->d->world.tenant_id);
	}
	if (has_user) {
		json_out_object(o, "userAssignedIdentities");
		f = h->attaches_all
			    ? identity_each(op->txn, span_cstr(op->d->world.subscription_id), SPAN_EMPTY, write_each, o)
			    : write_own(op, h);
		json_out_object_end(o);
	}
	json_out_object_end(o);
	return f;
}

static enum fault write_head(struct arm_op *op, const struct host *h)
{
	struct json_out *o = &op->out;
	bool has_user = false;
	enum fault f = has_user_assigned(op, h, &has_user);

	json_out_cstr(o, "name", h->name);
	json_out_cstr(o, "id", h->resource_id);
	json_out_cstr(o, "type", "Microsoft.Compute/virtualMachines");
	json_out_cstr(o, "location", h->location);
	if (f != FAULT_NONE || (h->system_object_id[0] == '\0' && !has_user))
		return f;
	return write_identity(op, h, has_user);
}

enum fault virtual_machine_write(struct arm_op *op, const struct host *h)
{
	enum fault f;

	json_out_object(&op->out, NULL);
	f = write_head(op, h);
	json_out_object(&op->out, "properties");
	json_out_cstr(&op->out, "provisioningState", "Succeeded");
	json_out_cstr(&op->out, "vmId", h->vm_id);
	compute_network_write(&op->out, h);
	json_out_object_end(&op->out);
	json_out_object_end(&op->out);
	return f;
}

enum fault virtual_machine_write_generic(struct arm_op *op, const struct host *h)
{
	enum fault f;

	json_out_object(&op->out, NULL);
	f = write_head(op, h);
	json_out_object_end(&op->out);
	return f;
}
