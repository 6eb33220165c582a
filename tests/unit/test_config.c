/* Settings: which source wins, types, and every sentence that stops a start. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/io/config.h"
#include "common/plain/span.h"
#include "tests/support/tmpdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct settings {
	char *data_dir;
	char *name;
	int64_t tls_port;
	int64_t offset;
	bool ephemeral;
	bool quiet;
	struct setting_list parameters;
	struct setting_list hosts;
};

static const struct setting rows[] = {
	{ "data-dir", SETTING_STRING, offsetof(struct settings, data_dir), "/var/lib/x", 0, 0, "DIR", "where" },
	{ "name", SETTING_STRING, offsetof(struct settings, name), NULL, 0, 0, NULL, "who" },
	{ "tls-port", SETTING_INT, offsetof(struct settings, tls_port), "8443", 0, 65535, "PORT", "the port" },
	{ "offset", SETTING_INT, offsetof(struct settings, offset), NULL, 0, 0, "N", "any number" },
	{ "ephemeral", SETTING_BOOL, offsetof(struct settings, ephemeral), "no", 0, 0, NULL, "forget" },
	{ "quiet", SETTING_BOOL, offsetof(struct settings, quiet), "yes", 0, 0, NULL, "say less" },
	{ "parameter", SETTING_LIST, offsetof(struct settings, parameters), NULL, 0, 0, "K=V", "more" },
	{ "host", SETTING_LIST, offsetof(struct settings, hosts), "localhost", 0, 0, "HOST", "names" },
};

enum { ITEMS_MAX = 8 };

/* One start: what is on the command line, in the environment and in the file ("FILE" in an item is its path). */
struct start {
	const char *name;
	const char *args[ITEMS_MAX];
	const char *env[ITEMS_MAX];
	const char *file; /* NULL: none */
};

static char dir[TMPDIR_SIZE], file[TMPDIR_SIZE + 16];

static int setup(void **state UNUSED)
{
	tmpdir_make(dir);
	snprintf(file, sizeof(file), "%s/x.conf", dir);
	return 0;
}

static int teardown(void **state UNUSED)
{
	tmpdir_remove(dir);
	return 0;
}

static void write_file(const char *text, size_t len)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static enum fault load(const struct start *start, struct settings *into, char ***ret_args, struct err *err)
{
	char program[] = "vaultd", flag[] = "--config";
	char *argv[ITEMS_MAX + 4] = { program }, *envp[ITEMS_MAX + 1] = { NULL };
	int argc = 1;

	if (start->file != NULL) {
		write_file(start->file, strlen(start->file));
		argv[argc++] = flag;
		argv[argc++] = file;
	}
	for (int i = 0; i < ITEMS_MAX && start->args[i] != NULL; i++)
		argv[argc++] = (char *)start->args[i];
	for (int i = 0; i < ITEMS_MAX && start->env[i] != NULL; i++)
		envp[i] = (char *)start->env[i];
	memset(into, 0, sizeof(*into));
	return config_load(rows, ARRAY_LEN(rows), argc, argv, envp, into, ret_args, err);
}

static struct settings loaded(const struct start *start)
{
	struct err err = ERR_INIT;
	struct settings s;

	if (load(start, &s, NULL, &err) != FAULT_NONE)
		fail_msg("%s: %s", start->name, err.message);
	return s;
}

static void test_defaults(void **state UNUSED)
{
	struct settings s = loaded(&(struct start){ "nothing said", { NULL }, { NULL }, NULL });

	assert_string_equal(s.data_dir, "/var/lib/x");
	assert_null(s.name);
	assert_int_equal(s.tls_port, 8443);
	assert_int_equal(s.offset, 0);
	assert_false(s.ephemeral);
	assert_true(s.quiet);
	assert_int_equal(s.parameters.n, 0);
	assert_int_equal(s.hosts.n, 1);
	assert_string_equal(s.hosts.items[0], "localhost");
	config_done(rows, ARRAY_LEN(rows), &s);
	assert_null(s.data_dir);
	assert_int_equal(s.hosts.n, 0);
	config_done(rows, ARRAY_LEN(rows), &s);
}

static const struct {
	struct start start;
	int64_t port;
} rows_port[] = {
	{ { "default", { NULL }, { NULL }, "" }, 8443 },
	{ { "file", { NULL }, { NULL }, "tls-port = 1\n" }, 1 },
	{ { "environment over file", { NULL }, { "SANDVAULT_TLS_PORT=2" }, "tls-port = 1\n" }, 2 },
	{ { "flag over all", { "--tls-port", "3" }, { "SANDVAULT_TLS_PORT=2" }, "tls-port = 1\n" }, 3 },
	{ { "flag with =", { "--tls-port=4" }, { NULL }, NULL }, 4 },
	{ { "last flag", { "--tls-port=4", "--tls-port", "5" }, { NULL }, NULL }, 5 },
	{ { "empty variable is unset", { NULL }, { "SANDVAULT_TLS_PORT=" }, NULL }, 8443 },
	{ { "other variables",
	    { NULL },
	    { "TLS_PORT=9", "SANDVAULT_TLS=9", "SANDVAULT_TLS_PORTS=9", "SANDVAULT_tls_port=9", "SANDVAULT_TLS-PORT=9",
	      "SANDVAULT_", "SANDVAULT" },
	    NULL },
	  8443 },
	{ { "lowest", { "--tls-port=0" }, { NULL }, NULL }, 0 },
	{ { "highest", { "--tls-port=65535" }, { NULL }, NULL }, 65535 },
	{ { "no blanks in the file", { NULL }, { NULL }, "tls-port=7" }, 7 },
	{ { "blanks and comments", { NULL }, { NULL }, "# x\n\n \t# tls-port = 1\r\n\ttls-port  =  8 \t# y\r\n" }, 8 },
};

static void test_precedence(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_port); i++) {
		struct settings s = loaded(&rows_port[i].start);

		if (s.tls_port != rows_port[i].port)
			fail_msg("%s: %d", rows_port[i].start.name, (int)s.tls_port);
		config_done(rows, ARRAY_LEN(rows), &s);
	}
}

static const struct {
	struct start start;
	bool is_ephemeral;
} rows_bool[] = {
	{ { "flag alone", { "--ephemeral" }, { NULL }, NULL }, true },
	{ { "flag takes no next item", { "--ephemeral", "--offset", "1" }, { NULL }, NULL }, true },
	{ { "yes", { "--ephemeral=yes" }, { NULL }, NULL }, true },
	{ { "true", { "--ephemeral=true" }, { NULL }, NULL }, true },
	{ { "on", { "--ephemeral=on" }, { NULL }, NULL }, true },
	{ { "1", { "--ephemeral=1" }, { NULL }, NULL }, true },
	{ { "no", { "--ephemeral", "--ephemeral=no" }, { NULL }, NULL }, false },
	{ { "false", { "--ephemeral=false" }, { "SANDVAULT_EPHEMERAL=yes" }, NULL }, false },
	{ { "off", { "--ephemeral=off" }, { NULL }, "ephemeral = on" }, false },
	{ { "0", { NULL }, { "SANDVAULT_EPHEMERAL=0" }, "ephemeral = on" }, false },
	{ { "file", { NULL }, { NULL }, "ephemeral = true" }, true },
};

static void test_booleans(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_bool); i++) {
		struct settings s = loaded(&rows_bool[i].start);

		if (s.ephemeral != rows_bool[i].is_ephemeral)
			fail_msg("%s", rows_bool[i].start.name);
		config_done(rows, ARRAY_LEN(rows), &s);
	}
}

static const struct {
	struct start start;
	const char *hosts; /* joined by blanks */
} rows_list[] = {
	{ { "default", { NULL }, { NULL }, NULL }, "localhost " },
	{ { "one flag drops the default", { "--host", "a" }, { NULL }, NULL }, "a " },
	{ { "flags in order", { "--host=a", "--host", "b", "--host=" }, { NULL }, NULL }, "a b  " },
	{ { "file", { NULL }, { NULL }, "host = a\nhost = b = c\n" }, "a b = c " },
	{ { "environment over file", { NULL }, { "SANDVAULT_HOST=e f" }, "host = a\nhost = b\n" }, "e f " },
	{ { "flags over file", { "--host=x", "--host=y" }, { NULL }, "host = a\nhost = b\n" }, "x y " },
};

static void test_lists(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_list); i++) {
		struct settings s = loaded(&rows_list[i].start);
		char joined[256] = "";

		for (size_t j = 0; j < s.hosts.n; j++) {
			strcat(joined, s.hosts.items[j]);
			strcat(joined, " ");
		}
		if (strcmp(joined, rows_list[i].hosts) != 0)
			fail_msg("%s: %s", rows_list[i].start.name, joined);
		config_done(rows, ARRAY_LEN(rows), &s);
	}
}

static void test_strings(void **state UNUSED)
{
	static const struct start start = {
		"strings",
		{ "--name=--x=y", "--offset", "-9223372036854775808" },
		{ NULL },
		"data-dir = /a b/c#d # e\n",
	};
	static const struct start empty = { "empty strings", { "--name=", "--data-dir", "" }, { NULL }, NULL };
	struct settings s = loaded(&start);

	assert_string_equal(s.name, "--x=y");
	assert_string_equal(s.data_dir, "/a b/c#d");
	assert_true(s.offset == INT64_MIN);
	config_done(rows, ARRAY_LEN(rows), &s);
	s = loaded(&empty);
	assert_string_equal(s.name, "");
	assert_string_equal(s.data_dir, "");
	config_done(rows, ARRAY_LEN(rows), &s);
}

static void test_arguments(void **state UNUSED)
{
	static const struct start start = {
		"arguments",
		{ "up", "--quiet", "-", "--name", "n", "x=y", "--", "--name" },
		{ NULL },
		NULL,
	};
	struct err err = ERR_INIT;
	struct settings s;
	char **args = NULL;

	assert_int_equal(load(&start, &s, &args, &err), FAULT_NONE);
	assert_string_equal(args[0], "up");
	assert_string_equal(args[1], "-");
	assert_string_equal(args[2], "x=y");
	assert_string_equal(args[3], "--name");
	assert_null(args[4]);
	assert_string_equal(s.name, "n");
	free(args);
	config_done(rows, ARRAY_LEN(rows), &s);
	assert_int_equal(load(&(struct start){ "none", { NULL }, { NULL }, NULL }, &s, &args, &err), FAULT_NONE);
	assert_null(args[0]);
	free(args);
	config_done(rows, ARRAY_LEN(rows), &s);
}

static const struct {
	struct start start;
	const char *message; /* "FILE" stands for the file's path */
} rows_refused[] = {
	{ { "unknown flag", { "--tls-prot", "1" }, { NULL }, NULL }, "unknown setting \"--tls-prot\"; see --help" },
	{ { "unknown flag with =", { "--x=1" }, { NULL }, NULL }, "unknown setting \"--x\"; see --help" },
	{ { "start of a name", { "--tls=1" }, { NULL }, NULL }, "unknown setting \"--tls\"; see --help" },
	{ { "short flag", { "-q" }, { NULL }, NULL }, "unknown setting \"-q\"; see --help" },
	{ { "no name", { "--=1" }, { NULL }, NULL }, "unknown setting \"--\"; see --help" },
	{ { "value missing", { "--tls-port" }, { NULL }, NULL }, "--tls-port needs a value; see --help" },
	{ { "flag for a value", { "--name", "--quiet" }, { NULL }, NULL }, "--name needs a value; see --help" },
	{ { "-- for a value", { "--name", "--" }, { NULL }, NULL }, "--name needs a value; see --help" },
	{ { "config without a file", { "--config" }, { NULL }, NULL }, "--config needs a value; see --help" },
	{ { "argument", { "x" }, { NULL }, NULL }, "unexpected argument \"x\"; see --help" },
	{ { "too high", { "--tls-port=65536" }, { NULL }, NULL }, "--tls-port: \"65536\" is not between 0 and 65535" },
	{ { "too low", { "--tls-port", "-1" }, { NULL }, NULL }, "--tls-port: \"-1\" is not between 0 and 65535" },
	{ { "far too high", { "--tls-port=99999999999999999999" }, { NULL }, NULL },
	  "--tls-port: \"99999999999999999999\" is not between 0 and 65535" },
	{ { "no bounds but the type's", { "--offset=9223372036854775808" }, { NULL }, NULL },
	  "--offset: \"9223372036854775808\" is not between -9223372036854775808 and 9223372036854775807" },
	{ { "no number", { "--tls-port=x" }, { NULL }, NULL }, "--tls-port: \"x\" is not a whole number" },
	{ { "no number at all", { "--tls-port=" }, { NULL }, NULL }, "--tls-port: \"\" is not a whole number" },
	{ { "a blank", { "--tls-port= 1" }, { NULL }, NULL }, "--tls-port: \" 1\" is not a whole number" },
	{ { "minus alone", { "--offset=-" }, { NULL }, NULL }, "--offset: \"-\" is not a whole number" },
	{ { "boolean", { "--quiet=maybe" }, { NULL }, NULL }, "--quiet: \"maybe\" is neither yes nor no" },
	{ { "boolean in capitals", { "--quiet=YES" }, { NULL }, NULL }, "--quiet: \"YES\" is neither yes nor no" },
	{ { "empty boolean", { "--quiet=" }, { NULL }, NULL }, "--quiet: \"\" is neither yes nor no" },
	{ { "environment, range", { NULL }, { "SANDVAULT_TLS_PORT=70000" }, NULL },
	  "tls-port: \"70000\" is not between 0 and 65535 (from the environment variable SANDVAULT_TLS_PORT)" },
	{ { "environment, number", { NULL }, { "SANDVAULT_TLS_PORT=https" }, NULL },
	  "tls-port: \"https\" is not a whole number (from the environment variable SANDVAULT_TLS_PORT)" },
	{ { "environment, boolean", { NULL }, { "SANDVAULT_QUIET=2" }, NULL },
	  "quiet: \"2\" is neither yes nor no (from the environment variable SANDVAULT_QUIET)" },
	{ { "wrong even where a flag wins", { "--quiet" }, { "SANDVAULT_QUIET=2" }, NULL },
	  "quiet: \"2\" is neither yes nor no (from the environment variable SANDVAULT_QUIET)" },
	{ { "file, range", { NULL }, { NULL }, "# x\n\ntls-port = 70000\n" },
	  "FILE:3: tls-port: \"70000\" is not between 0 and 65535" },
	{ { "file, boolean", { NULL }, { NULL }, "quiet = sure" }, "FILE:1: quiet: \"sure\" is neither yes nor no" },
	{ { "file, number", { NULL }, { NULL }, "tls-port = \n" }, "FILE:1: tls-port: \"\" is not a whole number" },
	{ { "file, unknown", { NULL }, { NULL }, "quiet = no\n tls-prot = 1 # x\n" },
	  "FILE:2: unknown setting \"tls-prot\"; see --help" },
	{ { "file, names are exact", { NULL }, { NULL }, "Quiet = no\n" },
	  "FILE:1: unknown setting \"Quiet\"; see --help" },
	{ { "file in a file", { NULL }, { NULL }, "config = y" }, "FILE:1: unknown setting \"config\"; see --help" },
	{ { "file, no =", { NULL }, { NULL }, "quiet" }, "FILE:1: \"quiet\" is not \"name = value\"" },
	{ { "file, no name", { NULL }, { NULL }, " = x" }, "FILE:1: \"= x\" is not \"name = value\"" },
	{ { "file, flag form", { NULL }, { NULL }, "--quiet=no" }, "FILE:1: unknown setting \"--quiet\"; see --help" },
	{ { "file, twice", { NULL }, { NULL }, "name = a\nname = b\n" }, "FILE:2: name is set a second time" },
	{ { "no such file", { "--config=/nonexistent/x.conf" }, { NULL }, NULL },
	  "cannot read the configuration file \"/nonexistent/x.conf\": No such file or directory" },
	{ { "a directory", { "--config", "/" }, { NULL }, NULL },
	  "cannot read the configuration file \"/\": Is a directory" },
};

static void assert_zeroed(const struct settings *s)
{
	static const struct settings zero;

	assert_null(s->data_dir);
	assert_null(s->name);
	assert_int_equal(s->tls_port, zero.tls_port);
	assert_false(s->quiet);
	assert_null(s->hosts.items);
	assert_int_equal(s->hosts.n, 0);
}

static void test_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_refused); i++) {
		const char *message = rows_refused[i].message;
		char expected[TMPDIR_SIZE + 256];
		struct err err = ERR_INIT;
		struct settings s;
		enum fault f = load(&rows_refused[i].start, &s, NULL, &err);

		if (strncmp(message, "FILE", 4) == 0)
			snprintf(expected, sizeof(expected), "%s%s", file, message + 4);
		else
			snprintf(expected, sizeof(expected), "%s", message);
		if (f != (strncmp(message, "cannot", 6) == 0 ? FAULT_IO : FAULT_INVALID) ||
		    strcmp(err.message, expected) != 0)
			fail_msg("%s: %s: %s", rows_refused[i].start.name, fault_name(f), err.message);
		assert_zeroed(&s);
	}
}

static void test_nul_in_file(void **state UNUSED)
{
	char program[] = "vaultd", flag[] = "--config";
	char *argv[] = { program, flag, file, NULL };
	struct settings s = { 0 };
	struct err err = ERR_INIT;

	write_file("name = a\0b\n", 11);
	assert_int_equal(config_load(rows, ARRAY_LEN(rows), 3, argv, NULL, &s, NULL, &err), FAULT_INVALID);
	assert_non_null(strstr(err.message, "x.conf:1: the line has a NUL byte"));
	assert_zeroed(&s);
}

static void test_help(void **state UNUSED)
{
	char out[2048] = "", path[TMPDIR_SIZE + 16];
	int saved = dup(STDOUT_FILENO);
	FILE *f;

	snprintf(path, sizeof(path), "%s/help", dir);
	fflush(stdout);
	assert_non_null(freopen(path, "w", stdout));
	config_print_help(rows, ARRAY_LEN(rows));
	fflush(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(out, 1, sizeof(out) - 1, f) > 0);
	fclose(f);
	assert_string_equal(out, "  --data-dir DIR   where (default: /var/lib/x)\n"
				 "  --name VALUE     who\n"
				 "  --tls-port PORT  the port (default: 8443)\n"
				 "  --offset N       any number\n"
				 "  --ephemeral      forget (default: no)\n"
				 "  --quiet          say less (default: yes)\n"
				 "  --parameter K=V  more\n"
				 "  --host HOST      names (default: localhost)\n"
				 "  --config FILE    read settings from FILE, \"name = value\" lines\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_precedence),  cmocka_unit_test(test_booleans),
		cmocka_unit_test(test_lists),	 cmocka_unit_test(test_strings),     cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_refused),	 cmocka_unit_test(test_nul_in_file), cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests_name("config", tests, setup, teardown);
}
