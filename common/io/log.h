#ifndef SANDVAULT_IO_LOG_H
#define SANDVAULT_IO_LOG_H

/*
 * One line per event on standard error: time, level, program, text. Never a token, a secret or key material.
 */

#include "common/plain/base.h"
#include "common/plain/clock.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* clock is borrowed for the life of the program. */
void log_init(const char *program, enum log_level level, const struct clock *clock);
bool log_level_parse(const char *name, enum log_level *ret);
bool log_wants(enum log_level level);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
