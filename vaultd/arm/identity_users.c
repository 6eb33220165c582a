#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/identity_lookup.h"
#include "vaultd/arm/registry_lookup.h"

/* One walk counts, the next one writes: the count stands first. */
struct users {
	struct arm_op *op;
	char id[RESOURCE_ID_SIZE];
	bool is_writing;
	int64_t n;
};

static void write_user(struct json_out *o, const struct registry *r)
{
	char id[RESOURCE_ID_SIZE];

	registry_resource_id(id, r);
	json_out_object(o, NULL);
	json_out_cstr(o, "id", id);
	json_out_cstr(o, "name", r->name);
	json_out_cstr(o, "type", "microsoft.containerregistry/registries");
	json_out_cstr(o, "resourceGroup", r->group);
	json_out_cstr(o, "subscriptionId", r->subscription_id);
	json_out_cstr(o, "subscriptionDisplayName", ARM_SUBSCRIPTION_NAME);
	json_out_object_end(o);
}

static enum fault look(const struct registry *r, void *arg)
{
	struct users *u = arg;

	for (size_t i = 0; i < r->n_identities; i++) {
		if (!span_eq_nocase(span_cstr(r->identities[i]), span_cstr(u->id)))
			continue;
		u->n++;
		if (u->is_writing)
			write_user(&u->op->out, r);
	}
	return FAULT_NONE;
}

/* POST …/listAssociatedResources: registries; attachments to hosts of the sandbox are not told. */
enum fault identities_list_associated(struct arm_op *op, struct err *err)
{
	struct users u = { .op = op };
	struct identity i;
	enum fault f = identity_of_path(op, &i, err);

	if (f != FAULT_NONE)
		return f;
	identity_resource_id(u.id, &i);
	f = registry_each(op->txn, SPAN_EMPTY, look, &u);
	json_out_object(&op->out, NULL);
	json_out_int(&op->out, "totalCount", u.n);
	json_out_array(&op->out, "value");
	u.is_writing = true;
	if (f == FAULT_NONE)
		f = registry_each(op->txn, SPAN_EMPTY, look, &u);
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	return f;
}
