#include "common/model/network.h"

#include <stdlib.h>

#include "common/io/json.h"

/* Rules as they are read, before compiling copies them. */
struct reading {
	struct network_rules rules;
	struct addr_prefix *prefixes;
	struct span *subnets; /* inside the document */
};

static void reading_done(struct reading *r)
{
	free(r->prefixes);
	free(r->subnets);
}

static enum fault read_prefix(const struct json *rule, struct addr_prefix *ret)
{
	return addr_prefix_parse(json_string(json_get(rule, "value")), ret);
}

static enum fault read_prefixes(const struct json *list, struct reading *r)
{
	size_t n = json_array_len(list);

	r->prefixes = calloc(n + 1, sizeof(*r->prefixes));
	if (r->prefixes == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < n; i++)
		if (read_prefix(json_array_at(list, i), &r->prefixes[i]) != FAULT_NONE)
			return FAULT_STORE;
	r->rules.prefixes = r->prefixes;
	r->rules.n_prefixes = n;
	return FAULT_NONE;
}

static enum fault read_subnets(const struct json *list, struct reading *r)
{
	size_t n = json_array_len(list);

	r->subnets = calloc(n + 1, sizeof(*r->subnets));
	if (r->subnets == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < n; i++) {
		r->subnets[i] = json_string(json_get(json_array_at(list, i), "id"));
		if (r->subnets[i].len == 0)
			return FAULT_STORE;
	}
	r->rules.subnets = r->subnets;
	r->rules.n_subnets = n;
	return FAULT_NONE;
}

/* One of two words; anything else is no vault of ours. */
static enum fault read_word(const struct json *acls, const char *name, const char *is_true, const char *is_false,
			    bool *ret)
{
	struct span word = json_string(json_get(acls, name));

	*ret = span_eq_cstr(word, is_true);
	return *ret || span_eq_cstr(word, is_false) ? FAULT_NONE : FAULT_STORE;
}

static enum fault read_acls(const struct json *acls, struct reading *r)
{
	enum fault f = read_word(acls, "bypass", "AzureServices", "None", &r->rules.bypass_azure_services);

	if (f == FAULT_NONE)
		f = read_word(acls, "defaultAction", "Deny", "Allow", &r->rules.default_deny);
	if (f == FAULT_NONE)
		f = read_prefixes(json_get(acls, "ipRules"), r);
	return f == FAULT_NONE ? read_subnets(json_get(acls, "virtualNetworkRules"), r) : f;
}

enum fault network_compile(const struct vault *v, struct firewall *ret)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	SCOPED_DONE(reading) struct reading r = { .prefixes = NULL };
	enum fault f = FAULT_NONE;

	/* What holds for a vault that says nothing. */
	r.rules.bypass_azure_services = true;
	r.rules.public_access_disabled = v->public_access_disabled;
	if (v->network_acls != NULL) {
		f = json_parse(span_cstr(v->network_acls), &doc, NULL);
		if (f == FAULT_INVALID)
			return FAULT_STORE;
		if (f == FAULT_NONE)
			f = read_acls(json_root(doc), &r);
	}
	return f == FAULT_NONE ? firewall_compile(&r.rules, ret) : f;
}

bool network_is_subnet_id(struct span id)
{
	static const char *const words[] = { "",
					     "subscriptions",
					     NULL,
					     "resourceGroups",
					     NULL,
					     "providers",
					     "Microsoft.Network",
					     "virtualNetworks",
					     NULL,
					     "subnets",
					     NULL };
	struct span at = id, head;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (at.p == NULL)
			return false;
		at = span_cut(at, '/', &head);
		if (words[i] == NULL ? head.len == 0 : !span_eq_nocase(head, span_cstr(words[i])))
			return false;
	}
	return at.p == NULL;
}
