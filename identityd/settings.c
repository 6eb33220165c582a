#include "identityd/settings.h"

#include <stdio.h>
#include <string.h>

#define ROW(name, type, member, def, min, max, value, help)                                                            \
	{                                                                                                              \
		(name), (type), offsetof(struct settings, member), (def), (min), (max), (value), (help)                \
	}

static const struct setting rows[] = {
	ROW("data-dir", SETTING_STRING, data_dir, NULL, 0, 0, "DIR", "where the sandbox lives; both daemons share it"),
	ROW("ephemeral", SETTING_BOOL, is_ephemeral, "no", 0, 0, NULL, "do not wait for the disk"),
	ROW("listen", SETTING_LIST, listen, NULL, 0, 0, "ADDR", "address to listen on (127.0.0.1 and ::1)"),
	ROW("login-port", SETTING_INT, login_port, "8444", 0, 65535, "PORT", "sign-in, over TLS; 0 chooses one"),
	ROW("imds-port", SETTING_INT, imds_port, "8090", 0, 65535, "PORT", "IMDS and its kin, plain; 0 chooses one"),
	ROW("proxy-port", SETTING_INT, proxy_port, "8091", 0, 65535, "PORT", "proxy for Azure's names; 0 chooses one"),
	ROW("ready-fd", SETTING_INT, ready_fd, "-1", -1, 65535, "N", "descriptor that gets the endpoints when ready"),
	ROW("die-with-parent", SETTING_BOOL, dies_with_parent, "no", 0, 0, NULL, "end when the parent process ends"),
	ROW("log-level", SETTING_STRING, log_level, "info", 0, 0, "LEVEL", "error, warn, info or debug"),
	ROW("key-stock", SETTING_STRING, key_stock, NULL, 0, 0, "DIR", "RSA keys made ahead of need"),
	ROW("token-lifetime", SETTING_INT, token_lifetime_s, "86399", 1, 31536000, "SECONDS",
	    "life of an access token"),
	ROW("signing-key-age", SETTING_INT, signing_key_age_s, "2592000", 1, 315360000, "SECONDS",
	    "how long a key signs tokens before the next one does"),
	ROW("tls-cert", SETTING_STRING, tls_cert, NULL, 0, 0, "FILE",
	    "certificate chain in place of the sandbox's own"),
	ROW("tls-key", SETTING_STRING, tls_key, NULL, 0, 0, "FILE", "its private key"),
	ROW("print-operations", SETTING_BOOL, wants_operations, "no", 0, 0, NULL, "list what is imitated, then end"),
	ROW("help", SETTING_BOOL, wants_help, "no", 0, 0, NULL, "print this, then end"),
	ROW("version", SETTING_BOOL, wants_version, "no", 0, 0, NULL, "print the version, then end"),
};

static enum fault check(struct settings *s, struct err *err)
{
	if (!log_level_parse(s->log_level, &s->level))
		return err_say(err, FAULT_INVALID, "", "log-level: \"%s\" is none of error, warn, info, debug",
			       s->log_level);
	if (s->wants_help || s->wants_version || s->wants_operations)
		return FAULT_NONE;
	if (s->data_dir == NULL || s->data_dir[0] == '\0')
		return err_say(err, FAULT_INVALID, "", "--data-dir is missing: say where the sandbox lives");
	if ((s->tls_cert == NULL) != (s->tls_key == NULL))
		return err_say(err, FAULT_INVALID, "", "--tls-cert and --tls-key belong together");
	return FAULT_NONE;
}

enum fault settings_load(int argc, char **argv, char **envp, struct settings *ret, struct err *err)
{
	enum fault f;

	memset(ret, 0, sizeof(*ret));
	f = config_load(rows, ARRAY_LEN(rows), argc, argv, envp, ret, NULL, err);
	if (f == FAULT_NONE)
		f = check(ret, err);
	if (f != FAULT_NONE)
		settings_done(ret);
	return f;
}

void settings_done(struct settings *s)
{
	config_done(rows, ARRAY_LEN(rows), s);
}

void settings_print_help(void)
{
	printf("usage: identityd --data-dir DIR [setting ...]\n\n");
	config_print_help(rows, ARRAY_LEN(rows));
}
