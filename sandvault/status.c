/* sandvault status: whether a sandbox runs in a data directory, and where. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "common/io/json_out.h"
#include "sandvault/front.h"
#include "sandvault/running.h"
#include "sandvault/show.h"

struct status_settings {
	char *data_dir;
	bool wants_json;
};

static const struct setting status_rows[] = {
	DATA_DIR_ROW(struct status_settings),
	{ "json", SETTING_BOOL, offsetof(struct status_settings, wants_json), NULL, 0, 0, NULL,
	  "print one JSON object" },
};

static const char *const programs[] = { "sandvault", "vaultd", "identityd" };

static bool lives(pid_t pid)
{
	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

static void print_json(const char *data_dir, const struct json_doc *doc)
{
	static const char *const fields[] = { "arm", "login", "graph", "imds", "proxy", "vault_suffix", "ca" };
	SCOPED_DONE(buf) struct buf text = BUF_INIT(1 << 16);
	struct json_out o;

	json_out_init(&o, &text);
	json_out_object(&o, NULL);
	json_out_bool(&o, "running", doc != NULL);
	json_out_cstr(&o, "data_dir", data_dir);
	for (size_t i = 0; doc != NULL && i < ARRAY_LEN(fields); i++)
		json_out_str(&o, fields[i], endpoint(doc, fields[i]));
	if (doc != NULL) {
		json_out_object(&o, "pids");
		for (size_t i = 0; i < ARRAY_LEN(programs); i++)
			json_out_int(&o, programs[i], endpoint_pid(doc, programs[i]));
		json_out_object_end(&o);
	}
	json_out_object_end(&o);
	puts(buf_cstr(&text));
}

static void print_words(const struct json_doc *doc)
{
	puts("The sandbox is running.\n");
	show_endpoints(doc);
	fputs("  processes     ", stdout);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		printf(" %s %ld%s", programs[i], (long)endpoint_pid(doc, programs[i]),
		       lives(endpoint_pid(doc, programs[i])) ? "" : " (ended)");
	putchar('\n');
}

static int status_with(const struct front *front, const struct status_settings *s)
{
	const char *data_dir = front_data_dir(front, s->data_dir);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct err err = ERR_INIT;
	pid_t pid;
	enum fault f;

	if (data_dir == NULL)
		return EXIT_USAGE;
	f = running_holder(data_dir, &pid, &err);
	if (f == FAULT_NONE)
		f = running_endpoints(data_dir, &doc, &err);
	if (s->wants_json && (f == FAULT_NONE || f == FAULT_NOT_FOUND)) {
		print_json(data_dir, doc);
		return f == FAULT_NONE ? EXIT_OK : EXIT_NOT_RUNNING;
	}
	if (f != FAULT_NONE)
		return complain_fault(f, &err);
	print_words(doc);
	return EXIT_OK;
}

static int status_run(const struct front *front, int argc, char **argv)
{
	struct status_settings s = { 0 };
	struct err err = ERR_INIT;
	enum fault f = config_load(status_rows, ARRAY_LEN(status_rows), argc, argv, front->envp, &s, NULL, &err);

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	int status = status_with(front, &s);
	config_done(status_rows, ARRAY_LEN(status_rows), &s);
	return status;
}

const struct subcommand subcommand_status = {
	.name = "status",
	.usage = "[--json] [--data-dir DIR]",
	.summary = "say whether a sandbox is running, and where (status 3: none is)",
	.run = status_run,
	.rows = status_rows,
	.n_rows = ARRAY_LEN(status_rows),
};
