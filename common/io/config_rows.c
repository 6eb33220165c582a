#include "common/io/config_rows.h"

#include "common/plain/text.h"

#include <inttypes.h>
#include <stdlib.h>

static const char env_prefix[] = "SANDVAULT_";

bool config_find(const struct config *c, struct span name, size_t *ret_row)
{
	for (size_t i = 0; i < c->n_rows; i++) {
		if (span_eq_cstr(name, c->rows[i].name)) {
			*ret_row = i;
			return true;
		}
	}
	return false;
}

bool config_find_env(const struct config *c, struct span variable, size_t *ret_row)
{
	size_t prefix_len = sizeof(env_prefix) - 1;
	struct span tail = span_from(variable, prefix_len);

	if (!span_eq(span_first(variable, prefix_len), span_cstr(env_prefix)))
		return false;
	for (size_t i = 0; i < c->n_rows; i++) {
		const char *name = c->rows[i].name;
		size_t at = 0;

		while (at < tail.len && name[at] != '\0' &&
		       tail.p[at] == (name[at] == '-' ? '_' : ascii_upper(name[at])))
			at++;
		if (at == tail.len && name[at] == '\0') {
			*ret_row = i;
			return true;
		}
	}
	return false;
}

static void *place(const struct setting *row, void *into)
{
	return (char *)into + row->offset;
}

static void clear_list(struct setting_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct setting_list){ NULL, 0 };
}

static char *copy_text(struct span text)
{
	char *copy = malloc(text.len + 1);

	if (copy == NULL)
		return NULL;
	if (text.len > 0)
		memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	return copy;
}

static enum fault set_string(char **at, struct span text)
{
	char *copy = copy_text(text);

	if (copy == NULL)
		return FAULT_MEMORY;
	free(*at);
	*at = copy;
	return FAULT_NONE;
}

static enum fault add_to_list(struct setting_list *list, struct span text)
{
	char **items = realloc(list->items, (list->n + 1) * sizeof(*items));

	if (items == NULL)
		return FAULT_MEMORY;
	list->items = items;
	items[list->n] = copy_text(text);
	if (items[list->n] == NULL)
		return FAULT_MEMORY;
	list->n++;
	return FAULT_NONE;
}

static bool looks_like_int(struct span text)
{
	size_t start = text.len > 0 && text.p[0] == '-' ? 1 : 0;

	for (size_t i = start; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	}
	return text.len > start;
}

static enum fault set_int(const struct setting *row, int64_t *at, struct span text, const struct config_source *from,
			  struct err *err)
{
	bool is_bounded = row->min != 0 || row->max != 0;
	int64_t min = is_bounded ? row->min : INT64_MIN, max = is_bounded ? row->max : INT64_MAX;
	int64_t v;

	if (!looks_like_int(text))
		return err_say(err, FAULT_INVALID, "", "%s%s: \"%.*s\" is not a whole number%s", from->before,
			       row->name, SPAN_ARG(text), from->note);
	/* int_parse also refuses what int64_t cannot hold. */
	if (int_parse(text, &v) != FAULT_NONE || v < min || v > max)
		return err_say(err, FAULT_INVALID, "", "%s%s: \"%.*s\" is not between %" PRId64 " and %" PRId64 "%s",
			       from->before, row->name, SPAN_ARG(text), min, max, from->note);
	*at = v;
	return FAULT_NONE;
}

static enum fault set_bool(const struct setting *row, bool *at, struct span text, const struct config_source *from,
			   struct err *err)
{
	static const struct {
		const char *word;
		bool v;
	} words[] = {
		{ "yes", true }, { "no", false },  { "true", true }, { "false", false },
		{ "on", true },	 { "off", false }, { "1", true },    { "0", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (span_eq_cstr(text, words[i].word)) {
			*at = words[i].v;
			return FAULT_NONE;
		}
	}
	return err_say(err, FAULT_INVALID, "", "%s%s: \"%.*s\" is neither yes nor no%s", from->before, row->name,
		       SPAN_ARG(text), from->note);
}

enum fault config_set(struct config *c, size_t row, struct span text, const struct config_source *from, struct err *err)
{
	const struct setting *r = &c->rows[row];
	void *at = place(r, c->into);
	bool is_first = c->origins[row] != from->origin;

	c->origins[row] = from->origin;
	switch (r->type) {
	case SETTING_STRING:
		return set_string(at, text);
	case SETTING_INT:
		return set_int(r, at, text, from, err);
	case SETTING_BOOL:
		return set_bool(r, at, text, from, err);
	case SETTING_LIST:
		if (is_first)
			clear_list(at);
		return add_to_list(at, text);
	}
	return FAULT_NONE;
}

void config_done(const struct setting *rows, size_t n_rows, void *into)
{
	for (size_t i = 0; i < n_rows; i++) {
		void *at = place(&rows[i], into);

		switch (rows[i].type) {
		case SETTING_STRING:
			free(*(char **)at);
			*(char **)at = NULL;
			break;
		case SETTING_INT:
			*(int64_t *)at = 0;
			break;
		case SETTING_BOOL:
			*(bool *)at = false;
			break;
		case SETTING_LIST:
			clear_list(at);
			break;
		}
	}
}
