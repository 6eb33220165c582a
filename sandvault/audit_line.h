#ifndef SANDVAULT_SANDVAULT_AUDIT_LINE_H
#define SANDVAULT_SANDVAULT_AUDIT_LINE_H

/* A line of the audit for a person: time, status, operation, what, who, and why. On standard output. */

#include "common/io/json.h"

void audit_line_print(const struct json *line);

#endif
