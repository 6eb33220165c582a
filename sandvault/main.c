/* The front command: one row per subcommand, and the only place that looks at the environment by name. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandvault/front.h"

static const struct subcommand *const subcommands[] = {
	&subcommand_up,	   &subcommand_down,  &subcommand_status, &subcommand_env,     &subcommand_hosts,
	&subcommand_token, &subcommand_clock, &subcommand_audit,  &subcommand_explain,
};

static void print_usage(FILE *to)
{
	fputs("usage: sandvault COMMAND [SETTINGS]\n\n", to);
	for (size_t i = 0; i < ARRAY_LEN(subcommands); i++)
		fprintf(to, "  %-8s %s\n", subcommands[i]->name, subcommands[i]->summary);
	fputs("\nsandvault COMMAND --help says more. The manual: sandvault(1).\n", to);
}

static void print_help(const struct subcommand *s)
{
	printf("usage: sandvault %s %s\n\n%s\n\n", s->name, s->usage, s->summary);
	fflush(stdout);
	config_print_help(s->rows, s->n_rows);
}

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(subcommands); i++) {
		if (strcmp(subcommands[i]->name, name) == 0)
			return subcommands[i];
	}
	return NULL;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

/* $XDG/sandvault/tail, else ~/home_part/sandvault/tail; "" when there is neither. */
static void default_path(char out[FRONT_PATH_SIZE], const char *xdg_name, const char *home_part, const char *tail)
{
	const char *xdg = getenv(xdg_name), *home = getenv("HOME");
	int n = 0;

	/* The XDG specification: a path that is not absolute is to be ignored. */
	if (xdg != NULL && xdg[0] == '/')
		n = snprintf(out, FRONT_PATH_SIZE, "%s/sandvault%s", xdg, tail);
	else if (home != NULL && home[0] == '/')
		n = snprintf(out, FRONT_PATH_SIZE, "%s/%s/sandvault%s", home, home_part, tail);
	if (n <= 0 || n >= FRONT_PATH_SIZE)
		out[0] = '\0';
}

static void front_init(struct front *front, char **envp)
{
	const char *tmp = getenv("TMPDIR");

	*front = (struct front){ .envp = envp, .clock = clock_system(), .rng = rng_system() };
	/* SANDVAULT_DATA_DIR and SANDVAULT_KEY_STOCK come before these: they are settings like any other. */
	default_path(front->data_dir, "XDG_STATE_HOME", ".local/state", "");
	default_path(front->key_stock, "XDG_CACHE_HOME", ".cache", "/keys");
	front->tmp_dir = tmp != NULL && tmp[0] == '/' ? tmp : "/tmp";
}

int main(int argc, char **argv, char **envp)
{
	const struct subcommand *s = argc < 2 ? NULL : find(argv[1]);
	struct front front;

	if (s == NULL && argc >= 2 && (strcmp(argv[1], "help") == 0 || wants_help(argc, argv))) {
		print_usage(stdout);
		return EXIT_OK;
	}
	if (s == NULL) {
		if (argc >= 2)
			complain("there is no command \"%s\"", argv[1]);
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (wants_help(argc - 1, argv + 1)) {
		print_help(s);
		return EXIT_OK;
	}
	front_init(&front, envp);
	int status = s->run(&front, argc - 1, argv + 1);
	if (fflush(stdout) != 0 && status == EXIT_OK)
		status = EXIT_TROUBLE;
	return status;
}
