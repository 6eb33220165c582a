#include "vaultd/arm/group_empty.h"

#include "common/model/deployment.h"
#include "common/model/host.h"
#include "common/model/registry.h"
#include "common/model/vault.h"

/* A table must not be written while it is walked: names are gathered first. */
struct name {
	struct name *next;
	const char *text;
};

struct gathering {
	const struct group *group;
	struct pool *pool;
	struct name *names;
};

static enum fault gather(struct gathering *g, const char *text)
{
	struct name *n = pool_alloc(g->pool, sizeof(*n));

	if (n == NULL)
		return FAULT_MEMORY;
	n->text = pool_strndup(g->pool, text, strlen(text));
	n->next = g->names;
	g->names = n;
	return n->text == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault gather_vault(const struct vault *v, void *arg)
{
	struct gathering *g = arg;

	return span_eq_nocase(span_cstr(v->group), span_cstr(g->group->name)) ? gather(g, v->name) : FAULT_NONE;
}

static enum fault gather_identity(const struct identity *i, void *arg)
{
	return gather(arg, i->name);
}

static enum fault delete_vault(struct arm_op *op, const char *name)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_get(op->txn, span_cstr(name), &v);
	return f == FAULT_NONE ? vault_soft_delete(op->txn, &v, op->now_s) : f;
}

static enum fault delete_vaults(struct arm_op *op, const struct group *group)
{
	struct gathering g = { group, http_exchange_pool(op->x), NULL };
	enum fault f = vault_each(op->txn, gather_vault, &g);

	for (struct name *n = g.names; f == FAULT_NONE && n != NULL; n = n->next)
		f = delete_vault(op, n->text);
	return f;
}

static enum fault gather_registry(const struct registry *r, void *arg)
{
	struct gathering *g = arg;

	return span_eq_nocase(span_cstr(r->group), span_cstr(g->group->name)) ? gather(g, r->name) : FAULT_NONE;
}

static enum fault delete_registry(struct arm_op *op, const char *name)
{
	struct registry r;
	enum fault f = registry_get(op->txn, span_cstr(name), &r);

	return f == FAULT_NONE ? registry_del(op->txn, &r) : f;
}

static enum fault delete_registries(struct arm_op *op, const struct group *group)
{
	struct gathering g = { group, http_exchange_pool(op->x), NULL };
	enum fault f = registry_each(op->txn, SPAN_EMPTY, gather_registry, &g);

	for (struct name *n = g.names; f == FAULT_NONE && n != NULL; n = n->next)
		f = delete_registry(op, n->text);
	return f;
}

static enum fault delete_identity(struct arm_op *op, const struct group *g, const char *name)
{
	struct identity i;
	enum fault f = identity_get(op->txn, span_cstr(g->subscription_id), span_cstr(g->name), span_cstr(name), &i);

	return f == FAULT_NONE ? identity_del(op->txn, &i) : f;
}

static enum fault delete_identities(struct arm_op *op, const struct group *group)
{
	struct gathering g = { group, http_exchange_pool(op->x), NULL };
	enum fault f = identity_each(op->txn, span_cstr(group->subscription_id), span_cstr(group->name),
				     gather_identity, &g);

	for (struct name *n = g.names; f == FAULT_NONE && n != NULL; n = n->next)
		f = delete_identity(op, group, n->text);
	return f;
}

static enum fault check_host(struct arm_op *op, const struct group *g, struct err *err)
{
	struct host h;
	enum fault f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), &h);

	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	if (f != FAULT_NONE || !span_eq_nocase(span_cstr(h.group), span_cstr(g->name)))
		return f;
	return err_say(
		err, FAULT_CONFLICT, "ResourceGroupDeletionBlocked",
		"Deletion of resource group '%s' failed as resources with identifiers '%s' could not be deleted: the "
		"sandbox's own virtual machine stays.",
		g->name, h.resource_id);
}

enum fault group_empty(struct arm_op *op, const struct group *g, struct err *err)
{
	enum fault f = check_host(op, g, err);

	if (f == FAULT_NONE)
		f = delete_vaults(op, g);
	if (f == FAULT_NONE)
		f = delete_registries(op, g);
	if (f == FAULT_NONE)
		f = deployment_drop_group(op->txn, span_cstr(g->subscription_id), span_cstr(g->name));
	return f == FAULT_NONE ? delete_identities(op, g) : f;
}
