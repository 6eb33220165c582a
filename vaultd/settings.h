#ifndef SANDVAULT_VAULTD_SETTINGS_H
#define SANDVAULT_VAULTD_SETTINGS_H

/* What vaultd can be told, as rows of common/io/config.h. */

#include "common/io/config.h"
#include "common/plain/base.h"

struct settings {
	char *data_dir, *log_level, *key_stock, *tls_cert, *tls_key, *challenge_tenant;
	bool is_ephemeral, dies_with_parent, wants_help, wants_version, wants_operations;
	struct setting_list listen;
	int64_t tls_port, ready_fd, threads, stock_2048, stock_larger, request_timeout_s, idle_timeout_s;
};

extern const struct setting settings_rows[];
extern const size_t settings_n_rows;

#endif
