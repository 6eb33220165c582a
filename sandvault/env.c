/* sandvault env: the variables that make az, SDKs and curl clients of the sandbox. */

#include <stdio.h>

#include "sandvault/env_proxy.h"
#include "sandvault/front.h"
#include "sandvault/running.h"
#include "sandvault/show.h"

struct env_settings {
	char *data_dir;
	bool wants_shell, wants_dotenv, wants_json, wants_proxy;
};

#define AT(member) offsetof(struct env_settings, member)
static const struct setting env_rows[] = {
	DATA_DIR_ROW(struct env_settings),
	{ "shell", SETTING_BOOL, AT(wants_shell), NULL, 0, 0, NULL, "lines for a POSIX shell to eval (the default)" },
	{ "dotenv", SETTING_BOOL, AT(wants_dotenv), NULL, 0, 0, NULL, "NAME=value lines" },
	{ "json", SETTING_BOOL, AT(wants_json), NULL, 0, 0, NULL, "one JSON object" },
	{ "proxy", SETTING_BOOL, AT(wants_proxy), NULL, 0, 0, NULL, "for Azure's own names, by the proxy" },
};

static bool print_shell(struct span name, const struct json *value, void *arg UNUSED)
{
	printf("export %.*s=", SPAN_ARG(name));
	show_shell_word(json_string(value));
	putchar('\n');
	return true;
}

/* Plain when every reader of such files takes it as it stands; else in double quotes with escapes. */
static bool print_dotenv(struct span name, const struct json *value, void *arg UNUSED)
{
	struct span v = json_string(value);
	bool is_plain = true;

	for (size_t i = 0; i < v.len; i++)
		is_plain &= v.p[i] > ' ' && v.p[i] <= '~' && strchr("\"'\\$`#", v.p[i]) == NULL;
	printf("%.*s=%s", SPAN_ARG(name), is_plain ? "" : "\"");
	for (size_t i = 0; i < v.len; i++) {
		if (strchr("\"\\$`", v.p[i]) != NULL && v.p[i] != '\0')
			putchar('\\');
		putchar(v.p[i]);
	}
	puts(is_plain ? "" : "\"");
	return true;
}

static void print_json(const struct json *env)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(1 << 18);

	json_write(&text, env);
	puts(buf_cstr(&text));
}

static void print_env(const struct env_settings *s, const struct json *env)
{
	if (s->wants_json)
		print_json(env);
	else
		json_object_each(env, s->wants_dotenv ? print_dotenv : print_shell, NULL);
}

static enum fault print_proxy_env(const struct env_settings *s, const struct json_doc *endpoints, struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(1 << 16);
	SCOPED(json_doc) struct json_doc *env = NULL;
	enum fault f = env_proxy_write(endpoints, &text, err);

	if (f == FAULT_NONE)
		f = json_parse(buf_span(&text), &env, err);
	if (f != FAULT_NONE)
		return f;
	for (size_t i = 0; env_proxy_unset[i] != NULL && !s->wants_json && !s->wants_dotenv; i++)
		printf("unset %s\n", env_proxy_unset[i]);
	print_env(s, json_root(env));
	return FAULT_NONE;
}

static int env_with(const struct front *front, const struct env_settings *s)
{
	const char *data_dir = front_data_dir(front, s->data_dir);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct err err = ERR_INIT;
	enum fault f;

	if (s->wants_shell + s->wants_dotenv + s->wants_json > 1) {
		complain("--shell, --dotenv and --json exclude each other");
		return EXIT_USAGE;
	}
	if (data_dir == NULL)
		return EXIT_USAGE;
	f = running_endpoints(data_dir, &doc, &err);
	if (f != FAULT_NONE)
		return complain_fault(f, &err);
	if (!s->wants_proxy) {
		print_env(s, json_get(json_root(doc), "env"));
		return EXIT_OK;
	}
	f = print_proxy_env(s, doc, &err);
	return f == FAULT_NONE ? EXIT_OK : complain_fault(f, &err);
}

static int env_run(const struct front *front, int argc, char **argv)
{
	struct env_settings s = { 0 };
	struct err err = ERR_INIT;
	enum fault f = config_load(env_rows, ARRAY_LEN(env_rows), argc, argv, front->envp, &s, NULL, &err);

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	int status = env_with(front, &s);
	config_done(env_rows, ARRAY_LEN(env_rows), &s);
	return status;
}

const struct subcommand subcommand_env = {
	.name = "env",
	.usage = "[--shell | --dotenv | --json] [--proxy] [--data-dir DIR]",
	.summary = "print the environment for az, SDKs and curl",
	.run = env_run,
	.rows = env_rows,
	.n_rows = ARRAY_LEN(env_rows),
};
