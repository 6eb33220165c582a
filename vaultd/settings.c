#include "vaultd/settings.h"

#include <stddef.h>

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
