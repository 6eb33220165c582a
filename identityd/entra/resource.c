#include "identityd/entra/resource.h"

#include "common/plain/text.h"

/* Where a name's port comes from. */
enum port { PORT_NONE, PORT_VAULTD, PORT_LOGIN };

static const struct row {
	const char *name;
	enum port port;
	bool may_lack_port;
	bool may_end_in_slash;
} rows[] = {
	{ "https://vault.azure.net", PORT_NONE, true, true },
	{ "https://vault.localhost", PORT_VAULTD, true, true },
	{ "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", PORT_NONE, true, false }, /* Key Vault */
	{ "https://management.azure.com", PORT_NONE, true, true },
	{ "https://management.core.windows.net", PORT_NONE, true, true },
	{ "797f4846-ba00-4fd7-ba43-dac1f8f63013", PORT_NONE, true, false }, /* Azure Resource Manager */
	{ "https://localhost", PORT_VAULTD, false, true },
	{ "https://graph.microsoft.com", PORT_NONE, true, true },
	{ "https://graph.windows.net", PORT_NONE, true, true },
	{ "00000003-0000-0000-c000-000000000000", PORT_NONE, true, false }, /* Microsoft Graph */
	{ "https://localhost", PORT_LOGIN, false, true },
	{ "api://AzureADTokenExchange", PORT_NONE, true, false }, /* assertions for federated credentials */
	{ "https://containerregistry.azure.net", PORT_NONE, true, true },
	{ "https://storage.azure.com", PORT_NONE, true, true },
};

static int64_t port_number(enum port p, const struct endpoints *at)
{
	switch (p) {
	case PORT_NONE:
		return 0;
	case PORT_VAULTD:
		return at->tls_port;
	case PORT_LOGIN:
		return at->login_port;
	}
	return 0;
}

static bool port_fits(const struct row *row, struct span rest, const struct endpoints *at)
{
	int64_t wanted = port_number(row->port, at), port = 0;

	/* 443 is what a URL without a port means. */
	if (rest.len == 0)
		return row->may_lack_port || wanted == 443;
	return rest.p[0] == ':' && wanted != 0 && int_parse(span_from(rest, 1), &port) == FAULT_NONE && port == wanted;
}

static bool row_fits(const struct row *row, struct span resource, const struct endpoints *at)
{
	struct span name = span_cstr(row->name);

	if (row->may_end_in_slash && resource.len > 0 && resource.p[resource.len - 1] == '/')
		resource.len--;
	return span_starts_nocase(resource, name) && port_fits(row, span_from(resource, name.len), at);
}

bool resource_is_known(struct span resource, const struct endpoints *at)
{
	if (resource.len >= RESOURCE_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (row_fits(&rows[i], resource, at))
			return true;
	return false;
}

/* Some libraries add these to every request, an application's too, where they mean nothing. */
static bool is_openid_scope(struct span word)
{
	return span_eq_cstr(word, "openid") || span_eq_cstr(word, "profile") || span_eq_cstr(word, "offline_access") ||
	       span_eq_cstr(word, "email");
}

enum fault resource_of_scope(struct span scope, struct span *ret)
{
	struct span suffix = SPAN_LIT("/.default"), found = SPAN_EMPTY;

	while (scope.len > 0) {
		const char *space = memchr(scope.p, ' ', scope.len);
		struct span word = span_first(scope, space == NULL ? scope.len : (size_t)(space - scope.p));

		scope = span_from(scope, space == NULL ? scope.len : word.len + 1);
		if (word.len == 0 || is_openid_scope(word))
			continue;
		if (found.len > 0)
			return FAULT_INVALID;
		found = word;
	}
	if (found.len <= suffix.len || !span_eq(span_from(found, found.len - suffix.len), suffix))
		return FAULT_INVALID;
	*ret = span_first(found, found.len - suffix.len);
	return FAULT_NONE;
}
