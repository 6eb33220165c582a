#ifndef SANDVAULT_SANDVAULT_FRONT_H
#define SANDVAULT_SANDVAULT_FRONT_H

/*
 * What main.c hands to every subcommand, and the table's rows. A subcommand reads its own settings, says what it has to
 * say on standard output, complains on standard error in one sentence, and returns the status to exit with.
 */

#include "common/io/config.h"
#include "common/plain/clock.h"
#include "common/plain/rng.h"

enum { FRONT_PATH_SIZE = 4096 };

struct front {
	char **envp;
	struct clock clock;
	struct rng rng;
	/* Where things are when nothing else is said; "" when that cannot be known. */
	char data_dir[FRONT_PATH_SIZE];
	char key_stock[FRONT_PATH_SIZE];
	const char *tmp_dir;
};

struct subcommand {
	const char *name;
	const char *usage;					      /* what follows the name */
	const char *summary;					      /* one line */
	int (*run)(const struct front *front, int argc, char **argv); /* argv[0] is the name */
	const struct setting *rows;
	size_t n_rows;
};

extern const struct subcommand subcommand_up, subcommand_down, subcommand_status, subcommand_env, subcommand_hosts,
	subcommand_token, subcommand_clock, subcommand_audit, subcommand_explain;

enum { EXIT_OK = 0, EXIT_TROUBLE = 1, EXIT_USAGE = 2, EXIT_NOT_RUNNING = 3 };

/* "sandvault: …" on standard error. */
void complain(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The sentence in err, or the fault's name when there is none. Returns the status for it. */
int complain_fault(enum fault f, const struct err *err);

/* The --data-dir that every subcommand has. */
#define DATA_DIR_ROW(owner)                                                                                            \
	{                                                                                                              \
		"data-dir", SETTING_STRING, offsetof(owner, data_dir), NULL, 0, 0, "DIR", "where the sandbox lives"    \
	}
/* Its value, else the default; NULL, after a complaint, when there is neither. */
const char *front_data_dir(const struct front *front, const char *setting);

#endif
