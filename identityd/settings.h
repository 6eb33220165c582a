#ifndef SANDVAULT_IDENTITYD_SETTINGS_H
#define SANDVAULT_IDENTITYD_SETTINGS_H

/* What identityd can be told: one row each in settings.c. */

#include "common/io/config.h"
#include "common/io/log.h"

struct settings {
	char *data_dir;
	bool is_ephemeral;
	struct setting_list listen; /* empty: both loopback addresses */
	int64_t login_port, imds_port, proxy_port;
	int64_t ready_fd;
	bool dies_with_parent;
	char *log_level;
	enum log_level level; /* what log_level means */
	char *key_stock;      /* NULL: none */
	int64_t token_lifetime_s, signing_key_age_s;
	char *tls_cert, *tls_key;
	bool wants_help, wants_version, wants_operations;
};

/* Checked also against each other. */
enum fault settings_load(int argc, char **argv, char **envp, struct settings *ret, struct err *err) MUST_USE;
void settings_done(struct settings *s);
void settings_print_help(void);

#endif
