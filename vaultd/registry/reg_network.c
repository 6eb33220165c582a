#include "vaultd/registry/reg.h"

/* Index of the first rule that has the address. */
static bool find_rule(const struct reg_op *op, size_t *ret)
{
	const struct json *rules = op->settings.ip_rules;

	for (size_t i = 0; i < json_array_len(rules); i++) {
		struct span text = json_string(json_get_nocase(json_array_at(rules, i), "value"));
		struct addr_prefix p;

		*ret = i;
		if (addr_prefix_parse(text, &p) == FAULT_NONE && addr_in_prefix(&op->client, &p))
			return true;
	}
	return false;
}

enum fault reg_network(struct reg_op *op, struct err *err)
{
	char address[ADDR_TEXT_MAX];
	enum reason why = !op->settings.public_access ? REASON_NET_DISABLED : REASON_NET_DEFAULT;
	size_t rule;

	if (op->settings.public_access && (!op->settings.denies_by_default || find_rule(op, &rule)))
		return FAULT_NONE;
	op->verdict = (struct verdict){ VERDICT_DENY, why, VERDICT_NO_RULE };
	addr_format(address, &op->client);
	return err_say(err, FAULT_DENIED, "DENIED",
		       "client with IP '%s' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
		       address);
}
