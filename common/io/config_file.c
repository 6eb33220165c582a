#include "common/io/config_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trim(struct span s)
{
	while (s.len > 0 && is_blank(s.p[0]))
		s = span_from(s, 1);
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

static struct span without_comment(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] == '#' && (i == 0 || is_blank(line.p[i - 1])))
			return span_first(line, i);
	}
	return line;
}

static enum fault apply_line(struct config *c, struct span line, const char *before, struct err *err)
{
	struct config_source from = { ORIGIN_FILE, before, "" };
	struct span name, value;
	size_t row;

	if (memchr(line.p, '\0', line.len) != NULL)
		return err_say(err, FAULT_INVALID, "", "%sthe line has a NUL byte", before);
	line = trim(without_comment(line));
	if (line.len == 0)
		return FAULT_NONE;
	value = span_cut(line, '=', &name);
	name = trim(name);
	if (value.p == NULL || name.len == 0)
		return err_say(err, FAULT_INVALID, "", "%s\"%.*s\" is not \"name = value\"", before, SPAN_ARG(line));
	if (!config_find(c, name, &row))
		return err_say(err, FAULT_INVALID, "", "%sunknown setting \"%.*s\"; see --help", before,
			       SPAN_ARG(name));
	if (c->origins[row] == ORIGIN_FILE && c->rows[row].type != SETTING_LIST)
		return err_say(err, FAULT_INVALID, "", "%s%s is set a second time", before, c->rows[row].name);
	return config_set(c, row, trim(value), &from, err);
}

static enum fault apply_lines(struct config *c, const char *path, FILE *file, struct err *err)
{
	enum fault f = FAULT_NONE;
	char before[512];
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	errno = 0;
	for (unsigned number = 1; f == FAULT_NONE && (n = getline(&line, &cap, file)) >= 0; number++) {
		snprintf(before, sizeof(before), "%s:%u: ", path, number);
		f = apply_line(c, span_of(line, (size_t)n), before, err);
		errno = 0;
	}
	if (f == FAULT_NONE && !feof(file))
		f = err_say(err, FAULT_IO, "", "cannot read the configuration file \"%s\": %s", path, strerror(errno));
	free(line);
	return f;
}

enum fault config_read_file(struct config *c, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	enum fault f;

	if (file == NULL)
		return err_say(err, FAULT_IO, "", "cannot read the configuration file \"%s\": %s", path,
			       strerror(errno));
	f = apply_lines(c, path, file, err);
	fclose(file);
	return f;
}
