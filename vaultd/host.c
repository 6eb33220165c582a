#include "vaultd/vaultd.h"

#include "common/plain/span.h"

/* The real names arrive through a proxy; the others are this sandbox's own. */
static const struct {
	const char *domain;
	enum door door;
} doors[] = {
	{ "vault.localhost", DOOR_VAULT },
	{ "vault.azure.net", DOOR_VAULT },
	{ "azurecr.localhost", DOOR_REGISTRY },
	{ "azurecr.io", DOOR_REGISTRY },
};
static const char *const arm_hosts[] = { "localhost", "127.0.0.1", "[::1]", "management.azure.com" };

static struct span without_port(struct span host)
{
	struct span head;

	if (host.len > 0 && host.p[0] == '[') {
		for (size_t i = 0; i < host.len; i++)
			if (host.p[i] == ']')
				return span_first(host, i + 1);
		return host;
	}
	span_cut(host, ':', &head);
	return head;
}

void host_split(struct span host, struct host_parts *ret)
{
	struct span name = without_port(host), label, domain;

	*ret = (struct host_parts){ DOOR_UNKNOWN, SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY };
	for (size_t i = 0; i < ARRAY_LEN(arm_hosts); i++)
		if (span_eq_cstr(name, arm_hosts[i]))
			ret->door = DOOR_ARM;
	domain = span_cut(name, '.', &label);
	if (label.len == 0 || domain.p == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
		if (!span_eq_nocase(domain, span_cstr(doors[i].domain)))
			continue;
		ret->door = doors[i].door;
		*(ret->door == DOOR_VAULT ? &ret->vault : &ret->registry) = label;
		ret->suffix = span_from(host, label.len + 1);
	}
}
