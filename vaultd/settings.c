#include "vaultd/settings.h"

#include <stddef.h>
#include <stdlib.h>

#define AT(member) offsetof(struct settings, member)

const struct setting settings_rows[] = {
	{ "data-dir", SETTING_STRING, AT(data_dir), NULL, 0, 0, "DIR", "where the sandbox's world is kept (required)" },
	{ "ephemeral", SETTING_BOOL, AT(is_ephemeral), "no", 0, 0, NULL, "do not sync writes to the disk" },
	{ "listen", SETTING_LIST, AT(listen), NULL, 0, 0, "ADDR",
	  "address to listen on; may be repeated (127.0.0.1 and ::1)" },
	{ "tls-port", SETTING_INT, AT(tls_port), "8443", 0, 65535, "PORT",
	  "port of vaults and control plane; 0 chooses one" },
	{ "tls-cert", SETTING_STRING, AT(tls_cert), NULL, 0, 0, "FILE", "a certificate chain of your own (PEM)" },
	{ "tls-key", SETTING_STRING, AT(tls_key), NULL, 0, 0, "FILE", "its private key (PEM)" },
	{ "challenge-tenant", SETTING_STRING, AT(challenge_tenant), NULL, 0, 0, "TENANT",
	  "tenant that 401 challenges name; \"adfs\" suits the Go SDK" },
	{ "key-stock", SETTING_STRING, AT(key_stock), NULL, 0, 0, "DIR", "directory of RSA keys made ahead of need" },
	{ "key-stock-2048", SETTING_INT, AT(stock_2048), "8", 0, 1000, "N", "RSA-2048 keys to hold ready" },
	{ "key-stock-larger", SETTING_INT, AT(stock_larger), "1", 0, 1000, "N",
	  "RSA-3072 and RSA-4096 keys to hold ready, each" },
	{ "threads", SETTING_INT, AT(threads), "0", 0, 64, "N",
	  "threads for private-key operations; 0: one for each core" },
	{ "request-timeout", SETTING_INT, AT(request_timeout_s), "30", 1, 3600, "SECONDS",
	  "a request must arrive within this time of its first byte" },
	{ "idle-timeout", SETTING_INT, AT(idle_timeout_s), "120", 1, 86400, "SECONDS",
	  "an idle connection is closed after it" },
	{ "trusted-proxy", SETTING_LIST, AT(trusted_proxies), NULL, 0, 0, "PREFIX",
	  "address or prefix of a proxy whose X-Forwarded-For is believed; may be repeated" },
	{ "propagation-delay", SETTING_INT, AT(propagation_delay_s), "0", 0, 86400, "SECONDS",
	  "how long role assignments and their removal take to be felt, as they do in Azure" },
	{ "deletion-delay", SETTING_INT, AT(deletion_delay_s), "0", 0, 86400, "SECONDS",
	  "how long deleting and recovering a key take, as they do in Azure" },
	{ "async-delay", SETTING_INT, AT(async_delay_s), "0", 0, 86400, "SECONDS",
	  "how long registries take to be created and changed, as they do in Azure" },
	{ "control", SETTING_STRING, AT(control), NULL, 0, 0, "ADDR:PORT",
	  "serve the control API there too, to those who show control.token" },
	{ "template", SETTING_STRING, AT(template), NULL, 0, 0, "FILE",
	  "ARM template to deploy before the sandbox is ready" },
	{ "parameter", SETTING_LIST, AT(parameters), NULL, 0, 0, "NAME=VALUE",
	  "a parameter of that template; may be repeated" },
	{ "template-group", SETTING_STRING, AT(template_group), "sandbox", 0, 0, "GROUP",
	  "resource group it is deployed to; made when it is missing" },
	{ "ready-fd", SETTING_INT, AT(ready_fd), "-1", -1, 65535, "FD",
	  "descriptor that gets the endpoints once all listen" },
	{ "die-with-parent", SETTING_BOOL, AT(dies_with_parent), "no", 0, 0, NULL, "end when the parent process ends" },
	{ "log-level", SETTING_STRING, AT(log_level), "info", 0, 0, "LEVEL", "error, warn, info or debug" },
	{ "print-operations", SETTING_BOOL, AT(wants_operations), "no", 0, 0, NULL,
	  "print every operation and every known gap" },
	{ "help", SETTING_BOOL, AT(wants_help), "no", 0, 0, NULL, "print this" },
	{ "version", SETTING_BOOL, AT(wants_version), "no", 0, 0, NULL, "print the version" },
};
const size_t settings_n_rows = ARRAY_LEN(settings_rows);

enum fault settings_prefixes(const struct setting_list *list, struct addr_prefix **ret, struct err *err)
{
	struct addr_prefix *p = calloc(list->n + 1, sizeof(*p));

	if (p == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < list->n; i++) {
		if (addr_prefix_parse(span_cstr(list->items[i]), &p[i]) == FAULT_NONE)
			continue;
		free(p);
		return err_say(err, FAULT_INVALID, "",
			       "trusted-proxy: \"%s\" is neither an address nor a prefix such as 10.0.0.0/8",
			       list->items[i]);
	}
	*ret = p;
	return FAULT_NONE;
}
