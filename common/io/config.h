#ifndef SANDVAULT_IO_CONFIG_H
#define SANDVAULT_IO_CONFIG_H

/*
 * Settings rows: one table per program says name, type, bounds, default and what it is for; flags, environment, file
 * and the printed help all come from it. Precedence: flag, then environment (SANDVAULT_ + upper case, '-' as '_'; an
 * empty variable counts as unset), then the file named by --config ("name = value" lines; '#' at the start of a line or
 * after a blank begins a comment), then the default. A list comes whole from the first of these that names it. An
 * unknown name, a bad boolean or a number out of range stops the start with one sentence that says where.
 */

#include "common/plain/fault.h"

enum setting_type {
	SETTING_STRING, /* char * */
	SETTING_INT,	/* int64_t */
	SETTING_BOOL,	/* bool; as a flag alone it means true; --name=no switches off */
	SETTING_LIST,	/* struct setting_list; may be given more than once (in the environment: once) */
};

struct setting_list {
	char **items;
	size_t n;
};

struct setting {
	const char *name; /* "tls-port" */
	enum setting_type type;
	size_t offset;
	const char *def;	/* text form, NULL for none */
	int64_t min, max;	/* SETTING_INT; both 0: any number */
	const char *value_name; /* for the help: "PORT" */
	const char *help;	/* one line */
};

/* Fills into (zeroed by the caller; zero again after a fault). envp is the environment. Arguments that are not flags
 * are handed to *ret_args (a NULL-terminated array, owned by the caller, items borrowed from argv); with ret_args NULL
 * they are refused. "--" ends the flags. --config is understood without a row of its own. A value that begins with
 * "--" can only be given as --name=value. Faults: FAULT_INVALID; FAULT_IO for a file that cannot be read. */
enum fault config_load(const struct setting *rows, size_t n_rows, int argc, char **argv, char **envp, void *into,
		       char ***ret_args, struct err *err) MUST_USE;
/* Frees strings and lists. */
void config_done(const struct setting *rows, size_t n_rows, void *into);
/* "  --tls-port PORT   the port …" one line a row, to standard output. */
void config_print_help(const struct setting *rows, size_t n_rows);

#endif
