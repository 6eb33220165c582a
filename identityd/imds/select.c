#include "identityd/entra/issue.h"
#include "identityd/imds/imds.h"

/* On this host: its own, or one that is attached to it. */
static bool is_here(const struct host *host, const struct principal *p)
{
	switch (p->kind) {
	case PRINCIPAL_SYSTEM_ASSIGNED:
		return span_eq_nocase(span_cstr(p->object_id), span_cstr(host->system_object_id));
	case PRINCIPAL_USER_ASSIGNED:
		return host_has_attached(host, span_cstr(p->resource_id));
	case PRINCIPAL_APPLICATION:
		return false;
	}
	return false;
}

static enum fault by_resource_id(struct op *op, struct span id, struct principal *ret)
{
	struct identity i;
	enum fault f = identity_by_resource_id(op->txn, id, &i);

	return f != FAULT_NONE ? f : principal_by_object_id(op->txn, span_cstr(i.principal_id), ret);
}

struct only {
	const struct host *host;
	size_t n;
	char object_id[ID_SIZE];
};

static enum fault count_attached(const struct identity *i, void *arg)
{
	struct only *o = arg;
	char id[RESOURCE_ID_SIZE];

	identity_resource_id(id, i);
	if (!host_has_attached(o->host, span_cstr(id)))
		return FAULT_NONE;
	memcpy(o->object_id, i->principal_id, sizeof(o->object_id));
	o->n++;
	return FAULT_NONE;
}

/* Nobody said which: the host's own, else the only one attached. */
static enum fault by_default(struct op *op, const struct host *host, struct principal *ret)
{
	struct only only = { .host = host };
	enum fault f;

	if (host->system_object_id[0] != '\0')
		return principal_by_object_id(op->txn, span_cstr(host->system_object_id), ret);
	f = identity_each(op->txn, span_cstr(op->d->world.subscription_id), SPAN_EMPTY, count_attached, &only);
	if (f != FAULT_NONE)
		return f;
	if (only.n != 1)
		return only.n == 0 ? FAULT_NOT_FOUND : FAULT_CONFLICT;
	return principal_by_object_id(op->txn, span_cstr(only.object_id), ret);
}

enum fault identity_select(struct op *op, const struct host *host, const struct identity_hint *hint,
			   struct principal *ret)
{
	enum fault f;

	if (hint->client_id.p != NULL)
		f = principal_by_app_id(op->txn, hint->client_id, ret);
	else if (hint->object_id.p != NULL)
		f = principal_by_object_id(op->txn, hint->object_id, ret);
	else if (hint->resource_id.p != NULL)
		f = by_resource_id(op, hint->resource_id, ret);
	else
		return by_default(op, host, ret);
	return f == FAULT_NONE && !is_here(host, ret) ? FAULT_NOT_FOUND : f;
}

enum fault managed_order(struct op *op, const struct host *host, const struct principal *p, struct span resource,
			 struct err *err)
{
	struct endpoints at;
	struct claims claims;
	enum fault f = endpoints_get(op->txn, &at);

	if (f != FAULT_NONE)
		return f;
	if (!resource_is_known(resource, &at))
		return FAULT_INVALID;
	claims_init(&claims, span_cstr(op->d->world.tenant_id), p, span_cstr(host->resource_id), resource);
	return order_new(op, &claims, true, err);
}
