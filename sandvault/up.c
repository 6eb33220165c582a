/* sandvault up: settings, the data directory, the daemons' arguments, and what is said when they are ready. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/io/log.h"
#include "common/io/server.h"
#include "sandvault/detach.h"
#include "sandvault/front.h"
#include "sandvault/running.h"
#include "sandvault/show.h"
#include "sandvault/supervise.h"
#include "sandvault/up_dir.h"

enum { PORT_UNSET = -1, PORT_TLS = 8443, PORT_LOGIN = 8444, PORT_IMDS = 8090, PORT_PROXY = 8091 };
enum { UP_ARGS_MAX = 256, UP_ARG_TEXT_MAX = 128 * 1024, ENDPOINTS_MAX = 1 << 18 };

struct up_settings {
	char *data_dir, *log_level, *key_stock, *template, *template_group;
	bool is_ephemeral, wants_detach, wants_json, dies_with_parent;
	int64_t tls_port, login_port, imds_port, proxy_port;
	struct setting_list listen, parameters;
};
/* A port that nothing names stays unset, which is neither 0 nor a default that the help could print. */
#define UP_SETTINGS_INIT                                                                                               \
	{                                                                                                              \
		.tls_port = PORT_UNSET, .login_port = PORT_UNSET, .imds_port = PORT_UNSET, .proxy_port = PORT_UNSET    \
	}

#define AT(member) offsetof(struct up_settings, member)
static const struct setting up_rows[] = {
	DATA_DIR_ROW(struct up_settings),
	{ "ephemeral", SETTING_BOOL, AT(is_ephemeral), NULL, 0, 0, NULL, "a directory of its own, removed at the end" },
	{ "detach", SETTING_BOOL, AT(wants_detach), NULL, 0, 0, NULL, "return when ready, leaving it running" },
	{ "json", SETTING_BOOL, AT(wants_json), NULL, 0, 0, NULL, "print endpoints.json as one line" },
	{ "die-with-parent", SETTING_BOOL, AT(dies_with_parent), NULL, 0, 0, NULL, "end when the caller ends" },
	{ "tls-port", SETTING_INT, AT(tls_port), NULL, 0, 65535, "PORT", "vaults, control plane (8443)" },
	{ "login-port", SETTING_INT, AT(login_port), NULL, 0, 65535, "PORT", "sign-in, Graph (8444)" },
	{ "imds-port", SETTING_INT, AT(imds_port), NULL, 0, 65535, "PORT", "managed-identity endpoints (8090)" },
	{ "proxy-port", SETTING_INT, AT(proxy_port), NULL, 0, 65535, "PORT", "proxy for Azure's names (8091)" },
	{ "listen", SETTING_LIST, AT(listen), NULL, 0, 0, "ADDR", "an address to listen at; default: loopback" },
	{ "log-level", SETTING_STRING, AT(log_level), "warn", 0, 0, "LEVEL", "error, warn, info or debug" },
	{ "key-stock", SETTING_STRING, AT(key_stock), NULL, 0, 0, "DIR", "where keys made ahead of need are kept" },
	{ "template", SETTING_STRING, AT(template), NULL, 0, 0, "FILE", "ARM template to deploy before it is ready" },
	{ "parameter", SETTING_LIST, AT(parameters), NULL, 0, 0, "NAME=VALUE", "a parameter of that template" },
	{ "template-group", SETTING_STRING, AT(template_group), NULL, 0, 0, "GROUP",
	  "resource group it is deployed to" },
};

/* A daemon's arguments, with the memory that holds them. */
struct arg_list {
	const char *items[UP_ARGS_MAX + 1];
	size_t n;
	char text[UP_ARG_TEXT_MAX];
	size_t used;
	bool is_full;
};

static void add_arg(struct arg_list *a, const char *name, const char *value)
{
	size_t left = sizeof(a->text) - a->used;
	int n = snprintf(a->text + a->used, left, "--%s%s%s", name, value == NULL ? "" : "=",
			 value == NULL ? "" : value);

	if (a->n == UP_ARGS_MAX || n < 0 || (size_t)n >= left) {
		a->is_full = true;
		return;
	}
	a->items[a->n++] = a->text + a->used;
	a->used += (size_t)n + 1;
}

/* Unset means the usual number, or any free one for a sandbox that may run beside others. */
static void add_port(struct arg_list *a, const struct up_settings *s, const char *name, int64_t port, int usual)
{
	char text[24];

	if (port == PORT_UNSET)
		port = s->is_ephemeral ? 0 : usual;
	snprintf(text, sizeof(text), "%lld", (long long)port);
	add_arg(a, name, text);
}

static void add_common(struct arg_list *a, const struct front *front, const struct up_settings *s,
		       const struct up_dir *dir)
{
	const char *stock = s->key_stock != NULL ? s->key_stock : front->key_stock;

	add_arg(a, "data-dir", dir->path);
	if (s->is_ephemeral)
		add_arg(a, "ephemeral", NULL);
	for (size_t i = 0; i < s->listen.n; i++)
		add_arg(a, "listen", s->listen.items[i]);
	add_arg(a, "log-level", s->log_level);
	if (stock[0] != '\0')
		add_arg(a, "key-stock", stock);
}

/* The file's whole path: a sandbox that goes on by itself leaves the directory. */
static enum fault add_template(struct arg_list *a, const struct up_settings *s, struct err *err)
{
	char *path;

	if (s->template == NULL && s->parameters.n > 0)
		return err_say(err, FAULT_INVALID, "",
			       "--parameter needs the template that it is for: --template FILE");
	if (s->template == NULL)
		return FAULT_NONE;
	path = realpath(s->template, NULL);
	if (path == NULL)
		return err_say(err, FAULT_IO, "", "template: %s cannot be read: %s", s->template, strerror(errno));
	add_arg(a, "template", path);
	free(path);
	for (size_t i = 0; i < s->parameters.n; i++)
		add_arg(a, "parameter", s->parameters.items[i]);
	if (s->template_group != NULL)
		add_arg(a, "template-group", s->template_group);
	return FAULT_NONE;
}

/* One run, from the taken directory on. */
struct run {
	const struct front *front;
	const struct up_settings *settings;
	struct up_dir dir;
	int report_fd; /* where a detached run says that it is ready; -1 in the foreground */
};

static enum fault say_foreground(const struct run *r, struct span json, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f = FAULT_NONE;

	if (r->settings->wants_json) {
		printf("%.*s\n", SPAN_ARG(json));
	} else {
		f = json_parse(json, &doc, err);
		if (f != FAULT_NONE)
			return f;
		puts("The sandbox is running. Ctrl-C stops it.\n");
		show_endpoints(doc);
		show_hints(doc);
	}
	if (fflush(stdout) != 0)
		return err_say(err, FAULT_IO, "", "cannot write to standard output");
	return FAULT_NONE;
}

/*
 * Each line was made in the transaction in which its daemon published its own ports, so the later one knows both.
 * vaultd's part of it tells which that is: when identityd's line has vaultd's port as vaultd has it,
 * identityd's line is whole; else identityd was first.
 */
static enum fault whole_line(const struct span *lines, struct span *ret, struct err *err)
{
	SCOPED(json_doc) struct json_doc *vaultd = NULL;
	SCOPED(json_doc) struct json_doc *identityd = NULL;
	enum fault f = json_parse(lines[0], &vaultd, err);

	if (f == FAULT_NONE)
		f = json_parse(lines[1], &identityd, err);
	if (f == FAULT_NONE && (endpoint(vaultd, "arm").len == 0 || endpoint(identityd, "login").len == 0))
		f = err_say(err, FAULT_IO, "", "the daemons did not say where they listen");
	if (f == FAULT_NONE)
		*ret = lines[span_eq(endpoint(vaultd, "arm"), endpoint(identityd, "arm")) ? 1 : 0];
	return f;
}

static enum fault on_ready(void *arg, const struct span *lines, const long *pids, struct err *err)
{
	struct run *r = arg;
	SCOPED_DONE(buf) struct buf json = BUF_SECRET_INIT(ENDPOINTS_MAX);
	char path[FRONT_PATH_SIZE + 32];
	struct span line;
	enum fault f = whole_line(lines, &line, err);

	if (f != FAULT_NONE)
		return f;
	/* It parsed as an object with members, so what it ends with is a brace. */
	while (line.len > 0 && line.p[line.len - 1] != '}')
		line.len--;
	buf_put(&json, line.p, line.len - 1);
	buf_printf(&json, ",\"pids\":{\"sandvault\":%ld,\"vaultd\":%ld,\"identityd\":%ld}}", (long)getpid(), pids[0],
		   pids[1]);
	f = buf_fault(&json);
	snprintf(path, sizeof(path), "%s/endpoints.json", r->dir.path);
	if (f == FAULT_NONE)
		f = file_replace(path, buf_span(&json), err);
	if (f != FAULT_NONE)
		return f;
	if (r->report_fd >= 0)
		return detach_report(&r->report_fd, buf_span(&json));
	return say_foreground(r, buf_span(&json), err);
}

static enum fault run_daemons(struct run *r, struct err *err)
{
	const struct up_settings *s = r->settings;
	struct arg_list *args = calloc(SUPERVISE_DAEMONS, sizeof(*args));
	enum fault f;

	if (args == NULL)
		return FAULT_MEMORY;
	for (size_t i = 0; i < SUPERVISE_DAEMONS; i++)
		add_common(&args[i], r->front, s, &r->dir);
	f = add_template(&args[0], s, err);
	if (f != FAULT_NONE) {
		free(args);
		return f;
	}
	add_port(&args[0], s, "tls-port", s->tls_port, PORT_TLS);
	add_port(&args[1], s, "login-port", s->login_port, PORT_LOGIN);
	add_port(&args[1], s, "imds-port", s->imds_port, PORT_IMDS);
	add_port(&args[1], s, "proxy-port", s->proxy_port, PORT_PROXY);
	struct supervise_plan plan = {
		.names = { "vaultd", "identityd" },
		.args = { args[0].items, args[1].items },
		.clock = &r->front->clock,
		.on_ready = on_ready,
		.arg = r,
	};
	if (args[0].is_full || args[1].is_full)
		f = err_say(err, FAULT_INVALID, "", "the settings are too long, or too many addresses to listen at");
	else
		f = supervise(&plan, err);
	free(args);
	return f;
}

/* The directory is left tidy whatever happened. */
static int run_to_end(struct run *r)
{
	struct err err = ERR_INIT, closing = ERR_INIT;
	enum fault f = run_daemons(r, &err);
	enum fault g = up_dir_close(&r->dir, &closing);
	int status = EXIT_OK;

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		status = EXIT_TROUBLE;
	}
	if (g != FAULT_NONE) {
		complain_fault(g, &closing);
		status = EXIT_TROUBLE;
	}
	return status;
}

/* An ephemeral sandbox takes no directory from the environment: that one is lasting. */
static enum fault open_dir(const struct front *front, const struct up_settings *s, int argc, char **argv,
			   struct up_dir *ret, struct err *err)
{
	struct up_settings flags = UP_SETTINGS_INIT;
	enum fault f;

	if (!s->is_ephemeral) {
		const char *path = front_data_dir(front, s->data_dir);

		return path == NULL ? FAULT_INVALID : up_dir_open(path, ret, err);
	}
	f = config_load(up_rows, ARRAY_LEN(up_rows), argc, argv, NULL, &flags, NULL, err);
	if (f == FAULT_NONE)
		f = up_dir_make(front, flags.data_dir, ret, err);
	config_done(up_rows, ARRAY_LEN(up_rows), &flags);
	return f;
}

static enum fault check(const struct up_settings *s, struct err *err)
{
	enum log_level ignored;

	if (s->wants_detach && s->dies_with_parent)
		return err_say(err, FAULT_INVALID, "", "--detach and --die-with-parent contradict each other");
	if (!log_level_parse(s->log_level, &ignored))
		return err_say(err, FAULT_INVALID, "", "--log-level: \"%s\" is none of error, warn, info, debug",
			       s->log_level);
	return FAULT_NONE;
}

static int up_with(const struct front *front, const struct up_settings *s, int argc, char **argv)
{
	struct run r = { .front = front, .settings = s, .report_fd = -1 };
	struct err err = ERR_INIT;
	enum fault f = check(s, &err);
	int status = EXIT_TROUBLE;

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	/* Whoever reads what we say may be gone by then; the sandbox stays. */
	signal(SIGPIPE, SIG_IGN);
	if (s->dies_with_parent)
		die_with_parent();
	f = open_dir(front, s, argc, argv, &r.dir, &err);
	if (f != FAULT_NONE) {
		if (err.message[0] != '\0')
			complain_fault(f, &err);
		return EXIT_TROUBLE;
	}
	if (!s->wants_detach)
		return run_to_end(&r);
	switch (detach(r.dir.path, r.dir.lock_fd, s->wants_json, &r.report_fd, &status)) {
	case DETACHED_CALLER:
		return status;
	case DETACHED_FAILED:
		(void)!up_dir_close(&r.dir, &err);
		return EXIT_TROUBLE;
	case DETACHED_CHILD:
		break;
	}
	return run_to_end(&r);
}

static int up_run(const struct front *front, int argc, char **argv)
{
	struct up_settings s = UP_SETTINGS_INIT;
	struct err err = ERR_INIT;
	enum fault f = config_load(up_rows, ARRAY_LEN(up_rows), argc, argv, front->envp, &s, NULL, &err);
	int status;

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	status = up_with(front, &s, argc, argv);
	config_done(up_rows, ARRAY_LEN(up_rows), &s);
	return status;
}

const struct subcommand subcommand_up = {
	.name = "up",
	.usage = "[--ephemeral] [--detach] [--json] [SETTINGS]",
	.summary = "start a sandbox, and stop it on Ctrl-C",
	.run = up_run,
	.rows = up_rows,
	.n_rows = ARRAY_LEN(up_rows),
};
