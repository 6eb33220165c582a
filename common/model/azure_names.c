#include "common/model/azure_names.h"

#include <stdio.h>

/* With a dot in front: whatever is below. */
static const char *const names[] = {
	"management.azure.com", ".vault.azure.net",    ".azurecr.io",	  AZURE_LOGIN,
	"login.windows.net",	"login.microsoft.com", "sts.windows.net", "graph.microsoft.com",
};

static bool fits(struct span host, struct span name)
{
	if (name.p[0] == '.' && host.len > name.len)
		host = span_from(host, host.len - name.len);
	return span_eq_nocase(host, name);
}

bool azure_name_is(struct span host)
{
	struct span name;

	(void)span_cut(host, ':', &name);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (fits(name, span_cstr(names[i])))
			return true;
	return false;
}

void azure_authority(struct span host, const struct endpoints *at, char out[AUTHORITY_SIZE])
{
	if (azure_name_is(host))
		snprintf(out, AUTHORITY_SIZE, "https://" AZURE_LOGIN);
	else if (at->login_port != 0)
		snprintf(out, AUTHORITY_SIZE, "https://localhost:%u", at->login_port);
	else /* identityd has not started yet, and nobody can get a token */
		snprintf(out, AUTHORITY_SIZE, "https://localhost");
}
