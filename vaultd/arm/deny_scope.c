#include "vaultd/arm/deny_scope.h"

#include "common/model/host.h"
#include "common/model/identity.h"
#include "common/model/key.h"
#include "common/model/registry.h"
#include "common/model/vault.h"
#include "vaultd/arm/role_path.h"

/* "…/providers/NAMESPACE/TYPE/NAME[/BELOW/BELOW_NAME]" */
struct place {
	struct span id; /* up to NAME */
	struct span group, space, type, name, below, below_name;
};

/* The next part of a path; empty at its end. */
static struct span part(struct span *rest)
{
	struct span head;

	*rest = span_cut(*rest, '/', &head);
	return head;
}

/* Whether the scope is a resource's: then its parts. */
static enum fault read_place(struct span scope, struct place *ret, bool *ret_is_resource, struct err *err)
{
	struct span rest = span_from(scope, 1), group_word, providers;
	struct place p = { .id = scope };

	part(&rest);
	part(&rest);
	group_word = part(&rest);
	p.group = part(&rest);
	providers = part(&rest);
	p.space = part(&rest);
	p.type = part(&rest);
	p.name = part(&rest);
	*ret_is_resource = providers.len > 0;
	if (rest.p != NULL) {
		p.id = span_first(scope, (size_t)(rest.p - 1 - scope.p));
		p.below = part(&rest);
		p.below_name = part(&rest);
	}
	if (group_word.len == 0)
		return FAULT_NONE;
	if (span_eq_nocase(group_word, SPAN_LIT("resourceGroups")) && p.group.len > 0 && providers.len == 0)
		return FAULT_NONE;
	if (!span_eq_nocase(group_word, SPAN_LIT("resourceGroups")) ||
	    !span_eq_nocase(providers, SPAN_LIT("providers")) || p.name.len == 0 || rest.p != NULL ||
	    (p.below.len > 0 && p.below_name.len == 0))
		return err_say(err, FAULT_INVALID, "InvalidDenyAssignment",
			       "The deny assignment is invalid: its scope '%.*s' is the id of no subscription, group, "
			       "resource or key.",
			       SPAN_ARG(scope));
	*ret = p;
	return FAULT_NONE;
}

/* That the vault is there in that group role_scope_exists has seen. */
static enum fault find_in_vault(struct txn *t, const struct place *p)
{
	SCOPED_DONE(vault) struct vault v;
	struct key_head h;
	enum fault f;

	vault_init(&v);
	if (p->below.len == 0)
		return FAULT_NONE;
	if (!span_eq_nocase(p->below, SPAN_LIT("keys")))
		return FAULT_NOT_FOUND;
	f = vault_get(t, p->name, &v);
	return f == FAULT_NONE ? key_get(t, v.uid, p->below_name, &h) : f;
}

static enum fault find_identity(struct txn *t, const struct place *p)
{
	struct identity i;

	return p->below.len > 0 ? FAULT_NOT_FOUND : identity_by_resource_id(t, p->id, &i);
}

static enum fault find_machine(struct txn *t, const struct place *p)
{
	struct host h;

	return p->below.len > 0 ? FAULT_NOT_FOUND : host_by_resource_id(t, p->id, &h);
}

static enum fault find_registry(struct txn *t, const struct place *p)
{
	struct registry r;
	enum fault f = p->below.len > 0 ? FAULT_NOT_FOUND : registry_get(t, p->name, &r);

	return f == FAULT_NONE && !span_eq_nocase(span_cstr(r.group), p->group) ? FAULT_NOT_FOUND : f;
}

static const struct {
	const char *space, *type;
	enum fault (*find)(struct txn *t, const struct place *p);
} rows[] = {
	{ "Microsoft.KeyVault", "vaults", find_in_vault },
	{ "Microsoft.ManagedIdentity", "userAssignedIdentities", find_identity },
	{ "Microsoft.Compute", "virtualMachines", find_machine },
	{ "Microsoft.ContainerRegistry", "registries", find_registry },
};

static enum fault find(struct txn *t, const struct place *p)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(p->space, span_cstr(rows[i].space)) &&
		    span_eq_nocase(p->type, span_cstr(rows[i].type)))
			return rows[i].find(t, p);
	return FAULT_NOT_FOUND;
}

enum fault deny_scope_check(const struct world *w, struct txn *t, const struct deny_assignment *d, struct err *err)
{
	const struct role_scope scope = { d->scope, d->scope_folded };
	bool is_resource = false;
	struct place p;
	enum fault f;

	if (d->scope.len == 1)
		return FAULT_NONE;
	f = role_scope_exists(w, t, &scope, err);
	if (f == FAULT_NONE)
		f = read_place(d->scope, &p, &is_resource, err);
	if (f != FAULT_NONE || !is_resource)
		return f;
	f = find(t, &p);
	return f != FAULT_NOT_FOUND
		       ? f
		       : err_say(err, f, "ResourceNotFound", "The resource '%.*s' was not found.", SPAN_ARG(d->scope));
}
