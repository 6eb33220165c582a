#include "sandvault/show.h"

#include <stdio.h>

#include "sandvault/running.h"

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-_./:,@%+=", c) != NULL);
}

void show_shell_word(struct span word)
{
	bool needs_quotes = word.len == 0;

	for (size_t i = 0; i < word.len; i++)
		needs_quotes |= !is_plain(word.p[i]);
	if (!needs_quotes) {
		printf("%.*s", SPAN_ARG(word));
		return;
	}
	putchar('\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] == '\'')
			fputs("'\\''", stdout);
		else
			putchar(word.p[i]);
	}
	putchar('\'');
}

static void show_row(const struct json_doc *d, const char *label, const char *before, const char *field,
		     const char *after)
{
	struct span v = endpoint(d, field);

	if (v.len > 0)
		printf("  %-14s %s%.*s%s\n", label, before, SPAN_ARG(v), after);
}

void show_endpoints(const struct json_doc *d)
{
	show_row(d, "control plane", "", "arm", "");
	show_row(d, "vaults", "https://NAME.", "vault_suffix", "");
	show_row(d, "sign-in", "", "login", "/adfs");
	show_row(d, "IMDS", "", "imds", "");
	show_row(d, "proxy", "", "proxy", "");
	show_row(d, "authority", "", "ca", "");
	show_row(d, "tenant", "", "tenant", "");
	show_row(d, "subscription", "", "subscription", "");
	show_row(d, "administrator", "", "client_id", "");
	show_row(d, "data", "", "data_dir", "");
}

void show_hints(const struct json_doc *d)
{
	struct span dir = endpoint(d, "data_dir"), ca = endpoint(d, "ca"), arm = endpoint(d, "arm");
	struct span imds = endpoint(d, "imds"), suffix = endpoint(d, "vault_suffix"), sub = endpoint(d, "subscription");

	fputs("\nThe environment for az, SDKs and curl:\n  eval \"$(sandvault env --data-dir ", stdout);
	show_shell_word(dir);
	fputs(")\"\n\nA token as the virtual machine's own identity:\n", stdout);
	printf("  curl -H Metadata:true '%.*s/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://"
	       "%.*s'\n",
	       SPAN_ARG(imds), SPAN_ARG(suffix));
	fputs("The vaults there are:\n  curl --cacert ", stdout);
	show_shell_word(ca);
	fputs(" -H \"Authorization: Bearer $(sandvault token --as admin --data-dir ", stdout);
	show_shell_word(dir);
	printf(" --resource %.*s)\" "
	       "'%.*s/subscriptions/%.*s/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01'\n",
	       SPAN_ARG(arm), SPAN_ARG(arm), SPAN_ARG(sub));
}
