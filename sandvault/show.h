#ifndef SANDVAULT_SANDVAULT_SHOW_H
#define SANDVAULT_SANDVAULT_SHOW_H

/* A running sandbox in words, on standard output. */

#include "common/io/json.h"

/* The endpoints, one a line. */
void show_endpoints(const struct json_doc *endpoints);
/* How to go on: the environment, and curl lines that work as they stand. */
void show_hints(const struct json_doc *endpoints);
/* The word as a POSIX shell reads it: in single quotes unless it needs none. */
void show_shell_word(struct span word);

#endif
