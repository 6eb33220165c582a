#ifndef SANDVAULT_IO_CONFIG_ROWS_H
#define SANDVAULT_IO_CONFIG_ROWS_H

/* What config's own files share: the rows being filled. Nobody else includes this. */

#include "common/io/config.h"
#include "common/plain/span.h"

/* In ascending precedence. */
enum config_origin { ORIGIN_NONE, ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENV, ORIGIN_FLAG };

struct config {
	const struct setting *rows;
	size_t n_rows;
	void *into;
	enum config_origin *origins; /* a row each: where its present value is from */
};

/* Where a text comes from, for precedence and for the sentence: before ("x.conf:3: ") the name, note after all. */
struct config_source {
	enum config_origin origin;
	const char *before;
	const char *note;
};

bool config_find(const struct config *c, struct span name, size_t *ret_row);
/* The row whose environment variable is so called. */
bool config_find_env(const struct config *c, struct span variable, size_t *ret_row);
/* Reads text as the row's type and puts it into its place, over a value of lower precedence. */
enum fault config_set(struct config *c, size_t row, struct span text, const struct config_source *from,
		      struct err *err) MUST_USE;

/* config_file.c: applies the lines of a file. */
enum fault config_read_file(struct config *c, const char *path, struct err *err) MUST_USE;

#endif
