#include "common/plain/text.h"
#include "vaultd/keyvault/kv.h"

/* A user-assigned identity says which host asked; a system-assigned one is its host's own. */
static struct span host_of(const struct caller *c)
{
	return span_cstr(c->xms_az_rid[0] != '\0' ? c->xms_az_rid : c->xms_mirid);
}

/* Once more, with the subnets of the caller's host, for those whom nothing else lets in. */
static enum fault decide_by_subnets(struct txn *t, const struct firewall *fw, const struct caller *c,
				    struct firewall_query *q, struct verdict *ret)
{
	struct span subnets[HOST_SUBNETS_MAX];
	struct host h;
	enum fault f = host_by_resource_id(t, host_of(c), &h);

	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
	for (size_t i = 0; i < h.n_subnets; i++) {
		ascii_lower_str(h.subnets[i]);
		subnets[i] = span_cstr(h.subnets[i]);
	}
	q->subnets = subnets;
	q->n_subnets = h.n_subnets;
	*ret = firewall_decide(fw, q);
	return FAULT_NONE;
}

enum fault kv_firewall_decide(const struct trusted_services *trusted, struct txn *t, const struct firewall *fw,
			      const struct caller *c, const struct addr *from, struct verdict *ret)
{
	struct firewall_query q = { .peer = *from, .is_trusted = trusted_service_is(trusted, span_cstr(c->xms_mirid)) };

	*ret = firewall_decide(fw, &q);
	return ret->reason == REASON_NET_DEFAULT ? decide_by_subnets(t, fw, c, &q, ret) : FAULT_NONE;
}

enum fault kv_firewall(struct kv_op *op, struct err *err)
{
	const struct cached_vault *cv;
	enum fault f;

	if (op->caller.is_control_plane)
		return FAULT_NONE;
	f = vault_cache_get(op->d->vaults, op->txn, op->host.vault, &cv);
	if (f == FAULT_NONE)
		f = kv_firewall_decide(&op->d->trusted.services, op->txn, &cv->firewall, &op->caller, &op->client,
				       &op->verdict);
	if (f != FAULT_NONE)
		return f;
	return op->verdict.kind == VERDICT_ALLOW ? FAULT_NONE : kv_refuse_network(op, err);
}
