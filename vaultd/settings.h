#ifndef SANDVAULT_VAULTD_SETTINGS_H
#define SANDVAULT_VAULTD_SETTINGS_H

/* What vaultd can be told, as rows of common/io/config.h. */

#include "common/io/config.h"
#include "common/plain/addr.h"
#include "common/plain/base.h"

struct settings {
	char *data_dir, *log_level, *key_stock, *tls_cert, *tls_key, *challenge_tenant, *control, *template,
		*template_group;
	bool is_ephemeral, dies_with_parent, wants_help, wants_version, wants_operations;
	struct setting_list listen, trusted_proxies, parameters;
	int64_t tls_port, ready_fd, threads, stock_2048, stock_larger, request_timeout_s, idle_timeout_s, async_delay_s,
		deletion_delay_s, propagation_delay_s;
};

/* The list of prefixes as values, owned by the caller. FAULT_INVALID with a sentence that names the bad one. */
enum fault settings_prefixes(const struct setting_list *list, struct addr_prefix **ret, struct err *err) MUST_USE;

extern const struct setting settings_rows[];
extern const size_t settings_n_rows;

#endif
