#include "common/model/host.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/compute_reply.h"
#include "vaultd/arm/identity_reply.h"
#include "vaultd/arm/resource_filter.h"
#include "vaultd/arm/vault_reply.h"

struct resource_list {
	struct arm_page page;
	struct span group; /* empty: all */
	struct resource_filter filter;
};

static bool wants(struct resource_list *l, const char *type, const char *name, const char *group)
{
	if (l->group.len > 0 && !span_eq_nocase(l->group, span_cstr(group)))
		return false;
	return resource_filter_fits(&l->filter, type, name) && arm_page_wants(&l->page);
}

static enum fault list_vault(const struct vault *v, void *arg)
{
	struct resource_list *l = arg;

	if (wants(l, "Microsoft.KeyVault/vaults", v->name, v->group))
		vault_write_generic(l->page.op, v);
	return FAULT_NONE;
}

static enum fault list_identity(const struct identity *i, void *arg)
{
	struct resource_list *l = arg;

	if (wants(l, "Microsoft.ManagedIdentity/userAssignedIdentities", i->name, i->group))
		identity_write_generic(l->page.op, i);
	return FAULT_NONE;
}

static enum fault list_host(struct arm_op *op, struct resource_list *l)
{
	struct host h;
	enum fault f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), &h);

	if (f == FAULT_NONE && wants(l, "Microsoft.Compute/virtualMachines", h.name, h.group))
		f = virtual_machine_write_generic(op, &h);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* GET …/resources, of a group or of the subscription. */
enum fault resources_list(struct arm_op *op, struct err *err)
{
	struct resource_list l;
	enum fault f = arm_list_group(op, &l.group, err);

	if (f == FAULT_NONE)
		f = resource_filter_read(http_query(op->request, "$filter"), &l.filter, err);
	if (f == FAULT_NONE)
		f = arm_page_begin(op, &l.page, err);
	if (f == FAULT_NONE)
		f = vault_each(op->txn, list_vault, &l);
	if (f == FAULT_NONE)
		f = identity_each(op->txn, span_cstr(op->d->world.subscription_id), l.group, list_identity, &l);
	if (f == FAULT_NONE)
		f = list_host(op, &l);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&l.page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
