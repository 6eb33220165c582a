#include "common/io/config.h"

#include <stdio.h>
#include <string.h>

static const struct setting config_row = {
	.name = "config",
	.type = SETTING_STRING,
	.value_name = "FILE",
	.help = "read settings from FILE, \"name = value\" lines",
};

static const char *value_name(const struct setting *row)
{
	return row->type == SETTING_BOOL ? "" : row->value_name == NULL ? "VALUE" : row->value_name;
}

/* Length of "--name VALUE". */
static size_t left_len(const struct setting *row)
{
	size_t value_len = strlen(value_name(row));

	return 2 + strlen(row->name) + (value_len > 0 ? 1 + value_len : 0);
}

static void print_row(const struct setting *row, size_t width)
{
	const char *value = value_name(row);

	printf("  --%s%s%s%*s%s", row->name, value[0] == '\0' ? "" : " ", value, (int)(width - left_len(row) + 2), "",
	       row->help == NULL ? "" : row->help);
	if (row->def != NULL && row->def[0] != '\0')
		printf(" (default: %s)", row->def);
	putchar('\n');
}

void config_print_help(const struct setting *rows, size_t n_rows)
{
	size_t width = left_len(&config_row);

	for (size_t i = 0; i < n_rows; i++) {
		if (left_len(&rows[i]) > width)
			width = left_len(&rows[i]);
	}
	for (size_t i = 0; i < n_rows; i++)
		print_row(&rows[i], width);
	print_row(&config_row, width);
}
