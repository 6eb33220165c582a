#include "policy/firewall.h"

#include <stdlib.h>

#include "common/plain/base.h"

/* Far above a thousand prefixes and two hundred subnets. */
enum { RULES_MAX = 4 << 20 };

static int addr_cmp(const struct addr *a, const struct addr *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static struct firewall_range range_of(const struct addr_prefix *p, size_t rule)
{
	struct firewall_range r = { p->addr, p->addr, rule };

	for (unsigned bit = p->len; bit < 8 * sizeof(r.last.bytes); bit++)
		r.last.bytes[bit / 8] = (uint8_t)(r.last.bytes[bit / 8] | 0x80 >> bit % 8);
	return r;
}

/* By first address, the widest first, the earliest rule first. */
static int range_cmp(const void *x, const void *y)
{
	const struct firewall_range *a = x, *b = y;
	int c = addr_cmp(&a->first, &b->first);

	if (c == 0)
		c = addr_cmp(&b->last, &a->last);
	return c != 0 ? c : (a->rule > b->rule) - (a->rule < b->rule);
}

static int subnet_cmp(const void *x, const void *y)
{
	const struct firewall_subnet *a = x, *b = y;
	size_t n = a->id.len < b->id.len ? a->id.len : b->id.len;
	int c = n == 0 ? 0 : memcmp(a->id.p, b->id.p, n);

	return c != 0 ? c : (a->id.len > b->id.len) - (a->id.len < b->id.len);
}

static bool compile_prefixes(const struct network_rules *rules, struct firewall *fw)
{
	struct firewall_range *r = pool_alloc(&fw->pool, rules->n_prefixes * sizeof(*r));
	size_t kept = 0;

	if (r == NULL)
		return false;
	for (size_t i = 0; i < rules->n_prefixes; i++)
		r[i] = range_of(&rules->prefixes[i], i);
	if (rules->n_prefixes > 0)
		qsort(r, rules->n_prefixes, sizeof(*r), range_cmp);
	/* Prefixes either lie within each other or apart: what begins within the one kept last is part of it. */
	for (size_t i = 0; i < rules->n_prefixes; i++)
		if (kept == 0 || addr_cmp(&r[i].first, &r[kept - 1].last) > 0)
			r[kept++] = r[i];
	fw->ranges = r;
	fw->n_ranges = kept;
	return true;
}

static bool compile_subnets(const struct network_rules *rules, struct firewall *fw)
{
	struct firewall_subnet *s = pool_alloc(&fw->pool, rules->n_subnets * sizeof(*s));

	if (s == NULL)
		return false;
	for (size_t i = 0; i < rules->n_subnets; i++) {
		s[i] = (struct firewall_subnet){ pool_dup(&fw->pool, rules->subnets[i]), i };
		if (s[i].id.p == NULL)
			return false;
	}
	if (rules->n_subnets > 0)
		qsort(s, rules->n_subnets, sizeof(*s), subnet_cmp);
	fw->subnets = s;
	fw->n_subnets = rules->n_subnets;
	return true;
}

enum fault firewall_compile(const struct network_rules *rules, struct firewall *ret)
{
	struct firewall fw = {
		.public_access_disabled = rules->public_access_disabled,
		.default_deny = rules->default_deny,
		.bypass_azure_services = rules->bypass_azure_services,
	};

	pool_init(&fw.pool, RULES_MAX);
	if (!compile_prefixes(rules, &fw) || !compile_subnets(rules, &fw)) {
		pool_done(&fw.pool);
		return FAULT_MEMORY;
	}
	*ret = fw;
	return FAULT_NONE;
}

void firewall_done(struct firewall *fw)
{
	pool_done(&fw->pool);
	/* What is left refuses everybody. */
	*fw = (struct firewall){ .public_access_disabled = true };
}

static int range_find_cmp(const void *key, const void *item)
{
	const struct addr *a = key;
	const struct firewall_range *r = item;

	if (addr_cmp(a, &r->first) < 0)
		return -1;
	return addr_cmp(a, &r->last) > 0;
}

static size_t find_prefix(const struct firewall *fw, const struct addr *peer)
{
	const struct firewall_range *r = fw->n_ranges == 0
						 ? NULL
						 : bsearch(peer, fw->ranges, fw->n_ranges, sizeof(*r), range_find_cmp);

	return r == NULL ? VERDICT_NO_RULE : r->rule;
}

static size_t find_subnet(const struct firewall *fw, const struct firewall_query *q)
{
	for (size_t i = 0; i < q->n_subnets; i++) {
		struct firewall_subnet key = { q->subnets[i], 0 };
		const struct firewall_subnet *s = NULL;

		if (fw->n_subnets > 0 && key.id.len > 0)
			s = bsearch(&key, fw->subnets, fw->n_subnets, sizeof(*s), subnet_cmp);
		if (s != NULL)
			return s->rule;
	}
	return VERDICT_NO_RULE;
}

static struct verdict say(enum verdict_kind kind, enum reason reason, size_t rule)
{
	return (struct verdict){ kind, reason, rule };
}

struct verdict firewall_decide(const struct firewall *fw, const struct firewall_query *q)
{
	bool is_bypassing = fw->bypass_azure_services && q->is_trusted;
	size_t rule;

	if (fw->public_access_disabled) {
		if (is_bypassing)
			return say(VERDICT_ALLOW, REASON_NET_TRUSTED_SERVICE, VERDICT_NO_RULE);
		return say(VERDICT_DENY,
			   fw->bypass_azure_services ? REASON_NET_DISABLED : REASON_NET_DISABLED_NO_BYPASS,
			   VERDICT_NO_RULE);
	}
	if (!fw->default_deny)
		return say(VERDICT_ALLOW, REASON_NET_OPEN, VERDICT_NO_RULE);
	rule = find_prefix(fw, &q->peer);
	if (rule != VERDICT_NO_RULE)
		return say(VERDICT_ALLOW, REASON_NET_IP_RULE, rule);
	rule = find_subnet(fw, q);
	if (rule != VERDICT_NO_RULE)
		return say(VERDICT_ALLOW, REASON_NET_VNET_RULE, rule);
	if (is_bypassing)
		return say(VERDICT_ALLOW, REASON_NET_TRUSTED_SERVICE, VERDICT_NO_RULE);
	return say(VERDICT_DENY, REASON_NET_DEFAULT, VERDICT_NO_RULE);
}
