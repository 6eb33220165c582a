#include "common/io/config.h"

#include "common/io/config_rows.h"

#include <stdio.h>
#include <stdlib.h>

/* One step through argv: a flag with its value, or an argument. */
struct flag {
	const char *argument; /* NULL for a flag */
	bool is_config;
	size_t row; /* unless it is --config */
	struct span value;
};

struct flag_walk {
	int at, argc;
	char **argv;
	bool is_past_flags; /* after "--" */
};

static bool is_long_flag(const char *text)
{
	return text[0] == '-' && text[1] == '-';
}

/* The text after '=', else the next item of argv. */
static enum fault take_value(struct flag_walk *w, struct span name, struct span inline_value, struct flag *ret,
			     struct err *err)
{
	const char *next = w->at < w->argc ? w->argv[w->at] : NULL;

	if (inline_value.p != NULL) {
		ret->value = inline_value;
		return FAULT_NONE;
	}
	/* A forgotten value must not swallow the next flag. */
	if (next == NULL || is_long_flag(next))
		return err_say(err, FAULT_INVALID, "", "--%.*s needs a value; see --help", SPAN_ARG(name));
	ret->value = span_cstr(next);
	w->at++;
	return FAULT_NONE;
}

static enum fault next_flag(const struct config *c, struct flag_walk *w, struct flag *ret, struct err *err)
{
	struct span name, value;
	const char *text;

	if (!w->is_past_flags && w->at < w->argc && strcmp(w->argv[w->at], "--") == 0) {
		w->is_past_flags = true;
		w->at++;
	}
	if (w->at >= w->argc)
		return FAULT_NOT_FOUND;
	text = w->argv[w->at++];
	*ret = (struct flag){ .argument = text };
	if (w->is_past_flags || text[0] != '-' || text[1] == '\0')
		return FAULT_NONE;
	ret->argument = NULL;
	value = span_cut(span_cstr(is_long_flag(text) ? text + 2 : text), '=', &name);
	ret->is_config = is_long_flag(text) && span_eq_cstr(name, "config");
	if (ret->is_config)
		return take_value(w, name, value, ret, err);
	if (!is_long_flag(text) || !config_find(c, name, &ret->row))
		return err_say(err, FAULT_INVALID, "", "unknown setting \"%s%.*s\"; see --help",
			       is_long_flag(text) ? "--" : "", SPAN_ARG(name));
	if (c->rows[ret->row].type == SETTING_BOOL) {
		ret->value = value.p == NULL ? SPAN_LIT("yes") : value;
		return FAULT_NONE;
	}
	return take_value(w, name, value, ret, err);
}

/* The first way through argv: which file, which arguments. */
static enum fault find_file(const struct config *c, int argc, char **argv, const char **ret_path, char **args,
			    struct err *err)
{
	struct flag_walk w = { .at = 1, .argc = argc, .argv = argv };
	struct flag flag;
	enum fault f;
	size_t n = 0;

	while ((f = next_flag(c, &w, &flag, err)) == FAULT_NONE) {
		if (flag.is_config)
			*ret_path = flag.value.p; /* ends where an item of argv ends */
		if (flag.argument == NULL)
			continue;
		if (args == NULL)
			return err_say(err, FAULT_INVALID, "", "unexpected argument \"%s\"; see --help", flag.argument);
		args[n++] = (char *)flag.argument;
	}
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault apply_defaults(struct config *c, struct err *err)
{
	static const struct config_source from = { ORIGIN_DEFAULT, "", " (the default)" };
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < c->n_rows; i++) {
		if (c->rows[i].def != NULL)
			f = config_set(c, i, span_cstr(c->rows[i].def), &from, err);
	}
	return f;
}

static enum fault apply_env(struct config *c, char **envp, struct err *err)
{
	enum fault f = FAULT_NONE;

	for (; f == FAULT_NONE && envp != NULL && *envp != NULL; envp++) {
		struct span name, value = span_cut(span_cstr(*envp), '=', &name);
		char note[256];
		size_t row;

		if (value.len == 0 || !config_find_env(c, name, &row))
			continue;
		snprintf(note, sizeof(note), " (from the environment variable %.*s)", SPAN_ARG(name));
		f = config_set(c, row, value, &(struct config_source){ ORIGIN_ENV, "", note }, err);
	}
	return f;
}

static enum fault apply_flags(struct config *c, int argc, char **argv, struct err *err)
{
	static const struct config_source from = { ORIGIN_FLAG, "--", "" };
	struct flag_walk w = { .at = 1, .argc = argc, .argv = argv };
	struct flag flag;
	enum fault f;

	while ((f = next_flag(c, &w, &flag, err)) == FAULT_NONE) {
		if (flag.argument != NULL || flag.is_config)
			continue;
		f = config_set(c, flag.row, flag.value, &from, err);
		if (f != FAULT_NONE)
			return f;
	}
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault apply_all(struct config *c, int argc, char **argv, char **envp, char **args, struct err *err)
{
	const char *path = NULL;
	enum fault f = find_file(c, argc, argv, &path, args, err);

	if (f == FAULT_NONE)
		f = apply_defaults(c, err);
	if (f == FAULT_NONE && path != NULL)
		f = config_read_file(c, path, err);
	if (f == FAULT_NONE)
		f = apply_env(c, envp, err);
	if (f == FAULT_NONE)
		f = apply_flags(c, argc, argv, err);
	return f;
}

enum fault config_load(const struct setting *rows, size_t n_rows, int argc, char **argv, char **envp, void *into,
		       char ***ret_args, struct err *err)
{
	struct config c = { .rows = rows, .n_rows = n_rows, .into = into };
	enum fault f = FAULT_MEMORY;
	char **args = NULL;

	c.origins = calloc(n_rows + 1, sizeof(*c.origins));
	if (ret_args != NULL)
		args = calloc((size_t)argc + 1, sizeof(*args));
	if (c.origins != NULL && (ret_args == NULL || args != NULL))
		f = apply_all(&c, argc, argv, envp, args, err);
	free(c.origins);
	if (f != FAULT_NONE) {
		config_done(rows, n_rows, into);
		free(args);
		return f;
	}
	if (ret_args != NULL)
		*ret_args = args;
	return FAULT_NONE;
}
