#include <stdio.h>

#include "common/model/identity.h"
#include "common/plain/text.h"
#include "vaultd/cmk/registry_key.h"

#define AUDIENCE "https://vault.azure.net"

static bool has_identity(const struct registry *r, struct span resource_id)
{
	for (size_t i = 0; i < r->n_identities; i++)
		if (span_eq_nocase(span_cstr(r->identities[i]), resource_id))
			return true;
	return false;
}

static enum fault find_principal(struct txn *t, const struct registry *r, struct principal *ret)
{
	enum fault f;

	if (strcmp(r->key_identity, REGISTRY_SYSTEM_IDENTITY) == 0)
		return r->system_object_id[0] == '\0' ? FAULT_NOT_FOUND
						      : principal_by_object_id(t, span_cstr(r->system_object_id), ret);
	f = principal_by_app_id(t, span_cstr(r->key_identity), ret);
	if (f == FAULT_NONE && (ret->kind != PRINCIPAL_USER_ASSIGNED || !has_identity(r, span_cstr(ret->resource_id))))
		f = FAULT_NOT_FOUND;
	return f;
}

/* As a token of that identity would say it. */
enum fault registry_key_user(struct vaultd *d, struct txn *t, const struct registry *r, struct key_user *ret)
{
	struct principal p;
	struct caller *c = &ret->caller;
	enum fault f = find_principal(t, r, &p);

	if (f != FAULT_NONE)
		return f;
	memset(ret, 0, sizeof(*ret));
	ret->d = d;
	ret->user_agent = "Microsoft.ContainerRegistry";
	snprintf(c->tenant_id, sizeof(c->tenant_id), "%s", d->world.tenant_id);
	snprintf(c->object_id, sizeof(c->object_id), "%s", p.object_id);
	snprintf(c->app_id, sizeof(c->app_id), "%s", p.app_id);
	snprintf(c->audience, sizeof(c->audience), AUDIENCE);
	snprintf(c->xms_mirid, sizeof(c->xms_mirid), "%s", p.resource_id);
	if (p.kind == PRINCIPAL_USER_ASSIGNED)
		registry_resource_id(c->xms_az_rid, r);
	return FAULT_NONE;
}
