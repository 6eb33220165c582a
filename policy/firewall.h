#ifndef SANDVAULT_POLICY_FIREWALL_H
#define SANDVAULT_POLICY_FIREWALL_H

/*
 * Which peers may reach a vault's data plane. The rules are compiled once when they change; a decision then costs the
 * same for a few and for a thousand of them.
 * Source: fixtures/sources.md#network-rules
 */

#include "common/plain/addr.h"
#include "common/plain/pool.h"
#include "policy/verdict.h"

/* As the vault states them. All false is Azure's default: open to everybody. */
struct network_rules {
	bool public_access_disabled; /* publicNetworkAccess: address and subnet rules no longer count, the bypass does
				      */
	bool default_deny;	     /* defaultAction; without it nobody is refused, whatever the rules say */
	bool bypass_azure_services;
	const struct addr_prefix *prefixes;
	size_t n_prefixes;
	const struct span *subnets; /* lower-case ids */
	size_t n_subnets;
};

struct firewall_query {
	struct addr peer;	    /* mapped IPv4 is IPv4 */
	bool is_trusted;	    /* the caller is a trusted service (trusted_service_is) */
	const struct span *subnets; /* lower-case ids: where the caller's host resource sits */
	size_t n_subnets;
};

struct firewall_range {
	struct addr first, last;
	size_t rule;
};

struct firewall_subnet {
	struct span id;
	size_t rule;
};

/* Compiled rules; fields are firewall's own. */
struct firewall {
	struct pool pool;
	bool public_access_disabled, default_deny, bypass_azure_services;
	struct firewall_range *ranges; /* sorted, apart from each other */
	size_t n_ranges;
	struct firewall_subnet *subnets; /* sorted */
	size_t n_subnets;
};

/* Copies what it needs. FAULT_MEMORY; *ret is then untouched. */
enum fault firewall_compile(const struct network_rules *rules, struct firewall *ret) MUST_USE;
void firewall_done(struct firewall *fw);

/*
 * Decides whether a peer may reach the vault. verdict.rule is an index among the prefixes for NET_IP_RULE (the widest
 * that has the address) and among the rules' subnets for NET_VNET_RULE.
 *
 * Never fails, allocates nothing. Reasons: NET_OPEN, NET_IP_RULE, NET_VNET_RULE, NET_TRUSTED_SERVICE allow;
 * NET_DEFAULT, NET_DISABLED, NET_DISABLED_NO_BYPASS deny.
 */
struct verdict firewall_decide(const struct firewall *fw, const struct firewall_query *q);

#endif
