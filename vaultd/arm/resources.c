#include <stdio.h>

#include "common/model/host.h"
#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/compute_reply.h"
#include "vaultd/arm/identity_reply.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_reply.h"
#include "vaultd/arm/resource_filter.h"
#include "vaultd/arm/vault_reply.h"

enum { ACTION_SIZE = 128 };

struct resource_list {
	struct arm_page page;
	struct span group; /* empty: all */
	struct resource_filter filter;
};

/* Whether it belongs to this page: asked for, and the caller may read it. */
static enum fault wants(struct resource_list *l, const struct resource *r, bool *ret)
{
	char action[ACTION_SIZE];
	bool may = false;
	enum fault f;

	*ret = false;
	if (l->group.len > 0 && !span_eq_nocase(l->group, span_cstr(r->group)))
		return FAULT_NONE;
	if (!resource_filter_fits(&l->filter, r))
		return FAULT_NONE;
	snprintf(action, sizeof(action), "%s/read", r->type);
	f = arm_may(l->page.op, action, r->id, &may);
	*ret = f == FAULT_NONE && may && arm_page_wants(&l->page);
	return f;
}

static enum fault list_vault(const struct vault *v, void *arg)
{
	struct resource_list *l = arg;
	char id[VAULT_ID_SIZE];
	bool is_wanted;
	enum fault f;

	vault_print_id(id, v);
	f = wants(l, &(struct resource){ id, "Microsoft.KeyVault/vaults", v->name, v->group, v->location }, &is_wanted);
	if (is_wanted)
		vault_write_generic(l->page.op, v);
	return f;
}

static enum fault list_identity(const struct identity *i, void *arg)
{
	struct resource_list *l = arg;
	char id[RESOURCE_ID_SIZE];
	bool is_wanted;
	enum fault f;

	identity_resource_id(id, i);
	f = wants(l,
		  &(struct resource){ id, "Microsoft.ManagedIdentity/userAssignedIdentities", i->name, i->group,
				      i->location },
		  &is_wanted);
	if (is_wanted)
		identity_write_generic(l->page.op, i);
	return f;
}

static enum fault list_registry(const struct registry *r, void *arg)
{
	struct resource_list *l = arg;
	char id[RESOURCE_ID_SIZE];
	bool is_wanted;
	enum fault f;

	registry_resource_id(id, r);
	f = wants(l, &(struct resource){ id, REGISTRY_TYPE, r->name, r->group, r->location }, &is_wanted);
	return is_wanted ? registry_write_generic(l->page.op, r) : f;
}

static enum fault list_host(struct arm_op *op, struct resource_list *l)
{
	struct host h;
	bool is_wanted = false;
	enum fault f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), &h);

	if (f == FAULT_NONE)
		f = wants(l,
			  &(struct resource){ h.resource_id, "Microsoft.Compute/virtualMachines", h.name, h.group,
					      h.location },
			  &is_wanted);
	if (is_wanted)
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
		f = registry_each(op->txn, SPAN_EMPTY, list_registry, &l);
	if (f == FAULT_NONE)
		f = list_host(op, &l);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&l.page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
